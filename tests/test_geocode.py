"""Positions of addresses: as fine as the tables allow, never guessed, never outside."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.errors import IngestError
from geo_core.ingest.addresses import KINDS, house_number, parse, street, words
from geo_core.ingest.geocode import (
    ADDRESSES,
    LOCALITIES,
    Gazetteer,
    Position,
    geocode,
    locate,
    read_gazetteer,
)
from geo_core.sources import geopop

TOWN = "002158"
SQUARE = gpd.GeoDataFrame(
    {"cod_istat": [TOWN], "denominazione": ["Vercelli"]},
    geometry=[shapely.box(8.0, 45.0, 9.0, 46.0)],
    crs="EPSG:4326",
)
STREETS = [
    # odonimo, localita, civico, lon, lat: invented
    ("VIA ROMA", "", "1", 8.10, 45.10),
    ("VIA ROMA", "", "3", 8.11, 45.11),
    ("VIA ROMA", "", "12/A", 8.12, 45.12),
    ("VIA ROMA", "", "40", 8.13, 45.13),
    ("CORSO ROMA", "", "1", 8.20, 45.20),
    ("VIA GIUSEPPE GARIBALDI", "", "5", 8.30, 45.30),
    ("VIA ANITA GARIBALDI", "", "5", 8.31, 45.31),
    ("CORSO CAMILLO CAVOUR", "", "2", 8.32, 45.32),
    ("VIA SANT'EUSEBIO", "", "7", 8.33, 45.33),
    ("PIAZZA DELLA LIBERTA'", "", "4", 8.34, 45.34),
    ("VIA XX SETTEMBRE", "", "9", 8.35, 45.35),
    ("VIA 25 APRILE", "", "9", 8.36, 45.36),
    ("PIAZZA MARTIRI 11 SETTEMBRE 2001", "", "1", 8.37, 45.37),
    ("VIA CHIESA", "BIANCA", "3", 8.40, 45.40),
    ("VIA CHIESA", "NERA", "3", 8.41, 45.41),
    ("VIA LARGA", "", "8", 8.50, 45.50),
    ("VIA LARGA", "", "8", 8.5001, 45.5001),
    ("VIA LUNGA", "", "8", 8.60, 45.60),
    ("VIA LUNGA", "", "8", 8.65, 45.60),
    ("STRADA PROVINCIALE 11", "", "24", 8.70, 45.70),
    ("LOCALITA' MOLINO", "", "", 8.80, 45.80),
    ("VIA FUORI", "", "1", 12.0, 41.9),
]
ROWS = pd.DataFrame([(TOWN, *row) for row in STREETS], columns=list(ADDRESSES))
PLACES = pd.DataFrame(
    [(TOWN, "Vercelli", 8.15, 45.15), (TOWN, "Bianca", 8.45, 45.45), (TOWN, "Nera", 8.46, 45.46)],
    columns=list(LOCALITIES),
)
NOTHING = PLACES.iloc[:0]
KNOWN = Gazetteer(ROWS, PLACES, SQUARE)


@pytest.mark.parametrize(
    ("address", "lon", "quality"),
    [
        ("Via Roma 1", 8.10, "civico"),
        ("v. roma, n. 1", 8.10, "civico"),
        ("V.Roma 001", 8.10, "civico"),
        ("VIA ROMA N°3, 13100 VERCELLI (VC)", 8.11, "civico"),
        ("Via Roma 3 Vercelli", 8.11, "civico"),
        ("Via Roma, 3 - Vercelli", 8.11, "civico"),
        ("Via Roma 3 int. 4", 8.11, "civico"),
        ("Via Roma 3, scala B", 8.11, "civico"),
        ("Via Roma 12a", 8.12, "civico"),
        ("Via Roma 12/A", 8.12, "civico"),
        ("c.so Roma 1", 8.20, "civico"),
        ("Via G. Garibaldi 5", 8.30, "civico"),
        ("Via Garibaldi Giuseppe 5", 8.30, "civico"),
        ("C.so Cavour 2", 8.32, "civico"),
        ("Corso C. Cavour 2", 8.32, "civico"),
        ("Via S. Eusebio 7", 8.33, "civico"),
        ("Via Sant’Eusebio 7", 8.33, "civico"),  # noqa: RUF001 - a typographic apostrophe
        ("P.zza della Libertà 4", 8.34, "civico"),
        ("p.za della LIBERTA' 4", 8.34, "civico"),
        ("Via Venti Settembre 9", None, "comune"),
        ("Via 20 Settembre 9", 8.35, "civico"),
        ("Via XXV Aprile 9", 8.36, "civico"),
        ("Piazza Martiri 11 settembre 2001", 8.37, "via"),
        ("Piazza Martiri 11 settembre 2001, 1", 8.37, "civico"),
        ("Fraz. Bianca, Via Chiesa 3", 8.40, "civico"),
        ("Via Chiesa 3, loc. Nera", 8.41, "civico"),
        ("S.P. 11, 24", 8.70, "civico"),
        # No such number, or none: the middle of the street.
        ("Via Roma 2", 8.12, "via"),
        ("Via Roma snc", 8.12, "via"),
        ("Via Roma s.n.", 8.12, "via"),
        ("Via Roma 1-3", 8.12, "via"),
        ("Via Roma 12", 8.12, "via"),
        ("Strada Provinciale 11 km 3", 8.70, "via"),
        ("Via Larga 8", 8.50, "civico"),
        ("Via Lunga 8", 8.60, "via"),
        # Places.
        ("Frazione Bianca", 8.45, "localita"),
        ("Via Inesistente 4, fraz. Nera", 8.46, "localita"),
        ("Via Chiesa 3, fraz. Bianca, fraz. Nera", None, "comune"),
        ("Località Molino", 8.80, "localita"),
        # Ambiguous, unknown or nothing: never the first that fits.
        ("Via Garibaldi 5", None, "comune"),
        ("Roma 1", None, "comune"),
        ("Viale Roma 1", None, "comune"),
        ("Via Chiesa 3", None, "comune"),
        ("Via Fuori 1", None, "comune"),
        ("Via", None, "comune"),
        ("12", None, "comune"),
        ("", None, "comune"),
        (None, None, "comune"),
    ],
)
def test_addresses_are_found_as_finely_as_they_are_known(
    address: str | None, lon: float | None, quality: str
) -> None:
    found = locate(KNOWN, TOWN, address)
    assert found.quality == quality
    assert found.lon == pytest.approx(8.15 if lon is None else lon)


def test_the_place_of_a_municipality_is_its_locality_then_its_middle_then_inside() -> None:
    assert locate(KNOWN, TOWN, "") == Position(8.15, 45.15, "comune")
    middle = locate(Gazetteer(ROWS, NOTHING, SQUARE), TOWN, "")
    inside = ROWS[ROWS["lon"] < 9]
    assert (middle.lon, middle.lat) in set(zip(inside["lon"], inside["lat"], strict=True))
    assert abs(middle.lon - inside["lon"].median()) < 0.05
    ring = shapely.box(8, 45, 9, 46).difference(shapely.box(8.1, 45.1, 8.9, 45.9))
    hollow = SQUARE.set_geometry([ring])
    alone = locate(Gazetteer(ROWS.iloc[:0], NOTHING, hollow), TOWN, "")
    assert shapely.intersects_xy(ring, alone.lon, alone.lat)


def rows(**columns: list[object]) -> pd.DataFrame:
    empty: list[object] = [None]
    given_ = {"lon": empty, "lat": empty, "qualita_geocodifica": empty, **columns}
    size = max(len(values) for values in given_.values())
    wide = {name: values * size if len(values) == 1 else values for name, values in given_.items()}
    return pd.DataFrame({"cod_istat": [TOWN] * size, **wide}, dtype=object)


def test_a_given_position_stays_and_a_secret_one_is_never_looked_up() -> None:
    table = rows(
        indirizzo=["Via Roma 1", "Via Roma 1", "Via Roma 3", None, "Via Roma 1"],
        lon=[8.9, None, None, None, 8.9],
        lat=[45.9, None, None, None, None],
        qualita_geocodifica=["via", None, "civico", None, None],
    )
    done = geocode(table, KNOWN, skip=pd.Series([False, True, False, False, False]))
    assert done.frame.loc[0, ["lon", "lat", "qualita_geocodifica"]].tolist() == [8.9, 45.9, "via"]
    assert done.frame.loc[1, ["lon", "lat", "qualita_geocodifica"]].isna().all()
    assert done.frame.loc[2, "lon"] == pytest.approx(8.11)
    assert done.frame.loc[3, "qualita_geocodifica"] == "comune"
    assert done.frame.loc[4, "lat"] is None
    assert done.counts == {"civico": 1, "comune": 1}
    assert table.loc[2, "lon"] is None


def test_a_table_without_addresses_gets_the_place_of_the_municipality() -> None:
    done = geocode(rows(), KNOWN, skip=pd.Series([False]))
    assert done.frame.loc[0, "qualita_geocodifica"] == "comune"


def test_tables_are_read_and_a_broken_one_names_its_row(tmp_path: Path) -> None:
    empty = read_gazetteer(tmp_path, SQUARE)
    assert locate(empty, TOWN, "Via Roma 1").quality == "comune"
    ROWS.to_csv(tmp_path / "indirizzi.csv", index=False)
    PLACES.to_csv(tmp_path / "localita.csv", index=False)
    assert locate(read_gazetteer(tmp_path, SQUARE), TOWN, "Via Roma 1").quality == "civico"
    ROWS.assign(lon="8,1").to_csv(tmp_path / "indirizzi.csv", index=False)
    with pytest.raises(IngestError, match="lon is no number") as error:
        read_gazetteer(tmp_path, SQUARE)
    assert error.value.where == "indirizzi.csv, row 2"
    ROWS.drop(columns="civico").to_csv(tmp_path / "indirizzi.csv", index=False)
    with pytest.raises(IngestError, match="column civico is missing"):
        read_gazetteer(tmp_path, SQUARE)


NAMES = ["Roma", "Giuseppe Verdi", "Sant'Anna", "XX Settembre", "4 Novembre", "dell'Artigianato",
         "Libertà", "Papa Giovanni XXIII", "Niccolò Paganini", "Vittorio Emanuele II",
         "San Francesco d'Assisi", "Camillo Benso di Cavour"]  # fmt: skip
official = st.tuples(st.sampled_from(["VIA", "VIALE", "CORSO", "PIAZZA", "VICOLO"]),
                     st.sampled_from(NAMES))  # fmt: skip
numbers = st.tuples(st.integers(1, 300), st.sampled_from(["", "A", "BIS"]))


@given(st.sets(official, min_size=1, max_size=12), st.data())
@settings(deadline=None, max_examples=60)
def test_an_official_address_is_found_however_it_is_written(
    known: set[tuple[str, str]], data: st.DataObject
) -> None:
    table = [
        (TOWN, f"{kind} {name.upper()}", "", f"{n}/A" if n % 2 else str(n), 8 + i / 50, 45 + n / 50)
        for i, (kind, name) in enumerate(sorted(known))
        for n in range(1, 6)
    ]
    gazetteer = Gazetteer(pd.DataFrame(table, columns=list(ADDRESSES)), NOTHING, SQUARE)
    row = data.draw(st.sampled_from(table))
    spellings = [alias for alias, kind in KINDS.items() if kind == row[1].split()[0].lower()]
    kind = data.draw(st.sampled_from(spellings))
    name = row[1].partition(" ")[2]
    written = data.draw(st.sampled_from([name, name.lower(), name.title()]))
    number = row[3] if data.draw(st.booleans()) else row[3].replace("/", "").lower()
    between = data.draw(st.sampled_from([" ", ", ", " n. ", ", n. ", " N° "]))
    found = locate(gazetteer, TOWN, f"{kind} {written}{between}{number}")
    assert found == Position(row[4], row[5], "civico")


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_no_text_breaks_the_parser_or_leaves_the_municipality(text: str) -> None:
    for name, number in parse(text, municipality="Vercelli").readings:
        assert name.words
        assert number is None or house_number(number) == number
    found = locate(KNOWN, TOWN, text)
    assert shapely.intersects_xy(SQUARE.geometry[0], found.lon, found.lat)


ASKED = ["Via Roma 1", "Via Roma 2", "Via Roma", "Via Larga 8", "Via Lunga 8", "Via Chiesa 3",
         "C.so Cavour 7", "Fraz. Bianca", "Località Molino", "Via Sconosciuta 1", ""]  # fmt: skip


@given(st.permutations(range(len(ROWS))), st.permutations(range(len(PLACES))))
@settings(deadline=None, max_examples=25)
def test_the_order_of_the_tables_changes_nothing(rows_: list[int], places: list[int]) -> None:
    shuffled = Gazetteer(ROWS.iloc[rows_], PLACES.iloc[places], SQUARE)
    bare, other = (
        Gazetteer(table, NOTHING, SQUARE) for table in (ROWS, ROWS.iloc[list(reversed(rows_))])
    )
    for address in ASKED:
        assert locate(shuffled, TOWN, address) == locate(KNOWN, TOWN, address)
        assert locate(bare, TOWN, address) == locate(other, TOWN, address)


@given(st.sampled_from(["Giovanni", "Luigi", "Pietro", "Teresa"]), st.integers(1, 20))
@settings(deadline=None, max_examples=30)
def test_a_second_street_that_could_be_meant_takes_the_position_away(
    first_name: str, number: int
) -> None:
    def among(*streets: str) -> Position:
        table = pd.DataFrame(
            [(TOWN, name, "", str(number), 8.1 + i / 10, 45.5) for i, name in enumerate(streets)],
            columns=list(ADDRESSES),
        )
        return locate(
            Gazetteer(table, PLACES, SQUARE), TOWN, f"Via {first_name[0]}. Prova {number}"
        )

    wanted = f"VIA {first_name.upper()} PROVA"
    assert among(wanted).quality == "civico"
    assert among(wanted, f"CORSO {first_name.upper()} PROVA").quality == "civico"
    assert among(wanted, f"VIA {first_name[0]}ALTRO PROVA".upper()).quality == "comune"


def naive(address: str) -> Position | None:
    """Look an address up by comparing plain texts: right whenever it finds something."""
    for code, name, _, civic, lon, lat in ROWS.itertuples(index=False):
        if code == TOWN and address.upper() == f"{name} {civic}":
            return Position(lon, lat, "civico")
    return None


@pytest.mark.parametrize("row", range(14))
def test_plain_texts_are_found_as_a_plain_search_finds_them(row: int) -> None:
    _, name, place, civic, _, _ = ROWS.iloc[row]
    address = f"{name} {civic}".title()
    found = locate(KNOWN, TOWN, f"{address}, fraz. {place}" if place else address)
    assert found == naive(address) if not place else found.quality == "civico"


@given(official, numbers)
def test_a_house_number_comes_off_and_leaves_the_name(
    name: tuple[str, str], number: tuple[int, str]
) -> None:
    whole = " ".join(name)
    count, suffix = number
    read = parse(f"{whole}, {count}{suffix}").readings[-1]
    assert read == (street(whole), house_number(f"{count} {suffix}"))


def test_words_are_the_same_for_every_spelling() -> None:
    assert words("XXV Aprile") == words("25 aprile")
    assert words("Primo Maggio") == words("1° Maggio") == words("I Maggio") == ("1", "maggio")
    assert words("Vittorio Emanuele II") == words("VITTORIO EMANUELE 2")


def test_real_municipalities_with_invented_streets_share_found() -> None:
    """Fifty invented addresses in each municipality, written carelessly, some unknown."""
    towns = geopop.municipalities("002")
    rng = random.Random(2)
    asked, table = [], []
    for code, area in zip(towns["cod_istat"], towns.geometry, strict=True):
        west, south, east, north = area.bounds
        points = np.random.default_rng(int(code)).uniform([west, south], [east, north], (900, 2))
        inside = points[shapely.intersects_xy(area, points[:, 0], points[:, 1])][:60]
        for i, (lon, lat) in enumerate(inside):
            kind, name = ["Via", "Corso", "Piazza"][i % 3], NAMES[i % len(NAMES)]
            table.append((code, f"{kind} {name}".upper(), "", str(i + 1), lon, lat))
            short = {"Via": "v.", "Corso": "c.so", "Piazza": "p.zza"}[kind]
            written = rng.choice([f"{short} {name}, {i + 1}", f"{kind} {name} n. {i + 1}",
                                  f"{kind} {name} {i + 901}", f"{kind} {name} snc",
                                  f"Via Mai Vista {i + 1}"])  # fmt: skip
            asked.append((code, written, lon, lat))
    gazetteer = Gazetteer(pd.DataFrame(table, columns=list(ADDRESSES)), NOTHING, towns)
    areas = dict(zip(towns["cod_istat"], towns.geometry, strict=True))
    shares: Counter[str] = Counter()
    for code, written, lon, lat in asked:
        found = locate(gazetteer, code, written)
        shares[found.quality] += 1
        assert shapely.intersects_xy(areas[code], found.lon, found.lat)
        assert (found.quality == "comune") == ("Mai Vista" in written)
        if found.quality == "civico":
            assert (found.lon, found.lat) == (lon, lat)
    assert sum(shares.values()) > 3_500
    assert shares["civico"] / sum(shares.values()) == pytest.approx(0.4, abs=0.03)
