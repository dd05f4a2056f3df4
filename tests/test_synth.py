"""The invented district: real totals, places inside their municipality, the same bytes again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from completed_rows import completed

from geo_core.catalog import CodeList, read_catalog
from geo_core.errors import IngestError
from geo_core.ingest.bodies import bodies, check_membership, members_on
from geo_core.ingest.complete import complete
from geo_core.ingest.intake import Intake, check_records
from geo_core.ingest.kinds import References, kind
from geo_core.ingest.personal import sign_of_a_person
from geo_core.ingest.population import check_population, reconcile
from geo_core.ingest.problems import Checked
from geo_core.ingest.register import check_register
from geo_core.ingest.rules import TABLES
from geo_core.input_folder import MARKER
from geo_core.model import cells
from geo_core.model.layer import Layer, LayerDocument
from geo_core.model.manifest import Code
from geo_core.model.tables import OpenTable
from geo_core.sources import csv, geopop
from geo_core.strict_yaml import read_document
from geo_core.synth.district import CASES, FILES, SEED, write_district

LAYERS = Path(__file__).parents[1] / "layers"
DAY = "2023-12-31"


def layer(name: str) -> Layer:
    return read_document(LAYERS / f"{name}.yml", LayerDocument).resolve(name)[0]


@pytest.fixture(scope="module")
def codelists() -> dict[str, tuple[Code, ...]]:
    return {
        path.stem: tuple(
            Code(code=code, title=title)
            for code, title in read_document(path, CodeList).codes.items()
        )
        for path in (LAYERS / "codelists").glob("*.yml")
    }


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("district")
    write_district(folder, seed=SEED)
    return folder


@pytest.fixture(scope="module")
def municipalities() -> gpd.GeoDataFrame:
    return geopop.municipalities("002")


@pytest.fixture(scope="module")
def official() -> pd.DataFrame:
    return geopop.population(2023, "002")


@pytest.fixture(scope="module")
def people(district: Path, municipalities: gpd.GeoDataFrame) -> Checked[pd.DataFrame]:
    path = district / "popolazione.csv"
    return check_population(path, csv.read(path), municipalities=set(municipalities["cod_istat"]))


@pytest.fixture(scope="module")
def register(
    district: Path, municipalities: gpd.GeoDataFrame, codelists: dict[str, tuple[Code, ...]]
) -> dict[str, Checked[gpd.GeoDataFrame]]:
    path = district / "ambiti.csv"
    members = check_membership(
        path, csv.read(path), municipalities=set(municipalities["cod_istat"])
    )
    return check_register(
        district,
        {name: read_document(LAYERS / f"{name}.yml", LayerDocument) for name in TABLES},
        codelists=codelists,
        municipalities=municipalities,
        bodies=members_on(members.frame, DAY),
    )


@pytest.fixture(scope="module")
def intake(
    district: Path,
    people: Checked[pd.DataFrame],
    register: dict[str, Checked[gpd.GeoDataFrame]],
) -> Intake:
    path = district / "rilevazioni.csv"
    known = References(
        organisations=frozenset(register["organizzazioni"].frame["id"]),
        cells=frozenset(people.frame["h3"]),
        municipalities=frozenset(people.frame["cod_istat"]),
        years=frozenset({2022, 2023}),
    )
    columns = kind(read_catalog(LAYERS.parent), "rilevazioni", known).columns
    return check_records(path, csv.read(path), table="rilevazioni", columns=columns)


def test_the_same_seed_gives_the_same_bytes(district: Path, tmp_path: Path) -> None:
    write_district(tmp_path, seed=SEED)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted((*FILES, MARKER))
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (district / name).read_bytes(), name


def test_another_seed_gives_another_settlement(district: Path, tmp_path: Path) -> None:
    write_district(tmp_path, seed=1)
    # Bodies and who must report follow from the list of organisations alone.
    for name in set(FILES) - {"ambiti.csv", "fonti.csv"}:
        assert (tmp_path / name).read_bytes() != (district / name).read_bytes(), name


def test_every_real_total_is_kept(people: Checked[pd.DataFrame], official: pd.DataFrame) -> None:
    assert not people.problems
    assert people.frame["n"].sum() == 165_505
    reconcile(people.frame, official)


def test_a_single_moved_person_is_noticed(
    people: Checked[pd.DataFrame], official: pd.DataFrame
) -> None:
    moved = people.frame.copy()
    moved.iloc[0, moved.columns.get_loc("eta")] += 1
    with pytest.raises(IngestError, match="002002"):
        reconcile(moved, official)


def test_people_live_in_or_at_the_edge_of_their_municipality(
    people: Checked[pd.DataFrame], municipalities: gpd.GeoDataFrame
) -> None:
    area = municipalities.set_index("cod_istat").geometry
    for code, cell in people.frame[["cod_istat", "h3"]].drop_duplicates().itertuples(index=False):
        assert shapely.intersects(area[code], cells.polygon(cells.cell(cell)))


def test_the_settlement_is_concentrated(people: Checked[pd.DataFrame]) -> None:
    by_cell = people.frame.groupby("h3")["n"].sum().sort_values(ascending=False)
    assert 900 < len(by_cell) < 2200
    assert by_cell.head(len(by_cell) // 5).sum() / by_cell.sum() > 0.8
    assert by_cell.max() < 8000


def test_needs_are_counted_once_a_year_and_none_is_lost(intake: Intake) -> None:
    assert intake.rows_in == CASES
    assert not intake.problems
    assert intake.accepted + intake.merged == intake.rows_in
    assert intake.merged > 2000
    assert intake.counts["n"].sum() == intake.accepted
    persons = intake.counts.groupby("anno")["n"].sum()
    assert persons[2022] < persons[2023] == pytest.approx(10_600, rel=0.05)
    shares = intake.counts.query("anno == 2023").groupby("categoria")["n"].sum() / persons[2023]
    assert shares["FAM"] == pytest.approx(0.345, abs=0.02)
    assert shares["VIO"] == pytest.approx(0.015, abs=0.005)
    assert set(shares.index) == {"FAM", "DIS", "DIP", "ANZ", "IMM", "POV", "MUL", "VIO"}


def test_some_persons_share_a_household(district: Path) -> None:
    rows = csv.read(district / "rilevazioni.csv")
    named = rows[(rows["pseudonimo"] != "") & (rows["pseudonimo_nucleo"] != "")]
    assert len(named) > len(rows) / 2
    # A person is in one household, which has one kind and lies in one cell.
    assert named.groupby("pseudonimo")["pseudonimo_nucleo"].nunique().max() == 1
    by_household = named.groupby("pseudonimo_nucleo")
    assert by_household["nucleo"].nunique().max() == 1
    cells = named[named["unita_luogo"].str.len() == 15].groupby("pseudonimo_nucleo")["unita_luogo"]
    assert cells.nunique().max() == 1
    persons = by_household["pseudonimo"].nunique()
    assert 0.05 < (persons > 1).mean() < 0.2
    alone = named.loc[named["nucleo"] == "singolo", "pseudonimo_nucleo"]
    assert (persons[alone] == 1).all()


def test_needs_gather_in_neighbourhoods(intake: Intake, people: Checked[pd.DataFrame]) -> None:
    """The variance of rates between large cells exceeds what chance alone would give."""
    residents = people.frame.groupby("h3")["n"].sum()
    families = intake.counts.query("categoria == 'FAM'").groupby("luogo")["n"].sum()
    large = residents[residents > 500]
    observed = families.reindex(large.index, fill_value=0)
    expected = large * observed.sum() / large.sum()
    assert ((observed - expected) ** 2 / expected).sum() > 3 * len(large)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("organizzazioni", 60), ("servizi", 120), ("sedi", 150), ("opportunita", 80),
        ("strumenti", 25), ("aree_servizio", 45),
    ],
)  # fmt: skip
def test_every_row_passes_and_completes_to_its_layer(
    name: str, rows: int, register: dict[str, Checked[gpd.GeoDataFrame]]
) -> None:
    checked = register[name]
    assert not checked.problems
    assert checked.rows_in == len(checked.frame) == rows
    declared = layer(name)
    table = OpenTable(declared, completed(checked.frame, declared, day=DAY))
    assert table.frame["dato_sintetico"].all()


@pytest.mark.parametrize("name", ["patti", "buone_prassi", "reti"])
def test_no_row_of_the_other_registers_is_refused(
    name: str, register: dict[str, Checked[gpd.GeoDataFrame]]
) -> None:
    checked = register[name]
    assert not checked.problems
    assert len(checked.frame) + len(checked.restricted) == checked.rows_in > 20
    assert (len(checked.restricted) > 0) == (name == "patti")
    assert checked.frame["dato_sintetico"].all()


def test_reserved_offices_have_no_place(register: dict[str, Checked[gpd.GeoDataFrame]]) -> None:
    offices = register["sedi"].frame
    reserved = offices[offices["riservata"] == True]  # noqa: E712 - a column, not a flag
    assert register["sedi"].withheld == len(reserved) == 3
    assert reserved.geometry.isna().all()
    assert reserved[["h3_r9", "indirizzo", "cap", "posti", "posti_liberi"]].isna().all(axis=None)
    assert offices.loc[offices.index.difference(reserved.index), "h3_r9"].notna().all()


def test_bodies_share_out_the_district(
    district: Path, municipalities: gpd.GeoDataFrame, official: pd.DataFrame
) -> None:
    path = district / "ambiti.csv"
    known = set(municipalities["cod_istat"])
    checked = check_membership(path, csv.read(path), municipalities=known)
    assert not checked.problems
    residents = official.groupby("cod_istat")["n"].sum()
    frame = bodies(checked.frame, municipalities, residents, on=DAY, province="002")
    table = OpenTable(layer("ambiti"), complete(frame, layer("ambiti"), reference_date=DAY))
    assert table.frame["pop"].sum() == 165_505
    assert table.frame["n_comuni"].sum() == 82
    assert len(table.frame) == 4
    assert table.frame["sup_km2"].sum() == pytest.approx(2082.1, abs=0.1)
    assert table.frame.is_valid.all()


def test_no_cell_looks_like_a_real_person_or_contact(district: Path) -> None:
    for name in (
        "organizzazioni.csv", "servizi.csv", "sedi.csv", "opportunita.csv", "strumenti.csv",
        "reti.csv", "patti.csv", "buone_prassi.csv", "aree_servizio.csv",
    ):  # fmt: skip
        rows = csv.read(district / name)
        texts = [c for c in rows if c not in {"lon", "lat", "area_wkt", *dates(rows)}]
        assert not rows[texts].map(sign_of_a_person).notna().any(axis=None)
        assert not {"email", "telefono", "indirizzo"} & set(rows.columns)
        names = rows[[c for c in rows if c in {"denominazione", "nome", "titolo"}]]
        assert names.map(lambda text: "dimostrativ" in text.lower()).all(axis=None)


def dates(rows: pd.DataFrame) -> Iterator[str]:
    for column in rows:
        if rows[column].map(lambda text: re.fullmatch(r"(\d{4}-\d\d-\d\d)?", text)).all():
            yield column


def test_people_table_never_holds_zero(people: Checked[pd.DataFrame]) -> None:
    assert np.all(people.frame["n"] > 0)
