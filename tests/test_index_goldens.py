"""`atlante index` against published results, to every digit that was published."""

from __future__ import annotations

from pathlib import Path

import pytest
from indexing import computed, table

GOLDENS = Path(__file__).parent / "goldens"


def golden(name: str) -> tuple[str, list[dict[str, str]]]:
    """Return a golden file as text and as rows."""
    text = (GOLDENS / name).read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    return text, rows


def variables(names: list[str], more: str = "polarity: 1") -> str:
    return "".join(f"  - {{name: {name}, {more}}}\n" for name in names)


EDUCATION, REGIONS = golden("education_2020.csv")
SCHOOL = variables(list(REGIONS[0])[1:])
AMPI = f"method: ampi\nid: regione\nvariables:\n{SCHOOL}options: {{penalty: "


@pytest.mark.parametrize(
    ("region", "mean", "deviation", "scores"),
    [
        ("Piemonte", "105.613", "5.114", ("105.365", "105.861")),
        ("Calabria", "85.001", "18.505", ("80.973", "89.030")),
    ],
)
def test_ampi_of_twenty_regions(tmp_path: Path, region, mean, deviation, scores):
    for penalty, score in zip(("negative", "positive"), scores, strict=True):
        rows = table(tmp_path, f"{AMPI}{penalty}}}", EDUCATION)
        row = next(r for r in rows if r["regione"] == region)
        found = [f"{float(row[name]):.3f}" for name in ("media", "deviazione", "punteggio")]
        assert found == [mean, deviation, score]


def test_ampi_centred_on_the_regional_mean(tmp_path: Path):
    rows = table(tmp_path, f"{AMPI}negative, reference: mean}}", EDUCATION)
    score = next(r["punteggio"] for r in rows if r["regione"] == "Piemonte")
    assert f"{float(score):.3f}" == "102.364"
    for name in [name for name in rows[0] if name.startswith("r_")]:
        assert sum(float(r[name]) for r in rows) / len(rows) == pytest.approx(100, abs=1e-11)


def test_ampi_of_two_years_around_given_references(tmp_path: Path):
    spec = (
        f"method: ampi\nid: geo\nvariables:\n{variables(['employ', 'finalenergy'])}"
        "options: {penalty: negative, period: year, "
        "reference: {values: {employ: 50, finalenergy: 100}}}"
    )
    rows = table(tmp_path, spec, golden("eu_2010_2011.csv")[0])
    found = {(r["geo"], r["year"]): f"{float(r['punteggio']):.3f}" for r in rows}
    assert found["Belgium", "2010"] == "116.727"
    assert found["Belgium", "2011"] == "116.548"
    assert found["EU (28 countries)", "2010"] == "152.151"
    assert found["EU (28 countries)", "2011"] == "150.906"
    assert [r["rango"] for r in rows].count("1") == 2


THEMES = {
    "THEME1": ["POV150", "UNEMP", "HBURD", "NOHSDP", "UNINSUR"],
    "THEME2": ["AGE65", "AGE17", "DISABL", "SNGPNT", "LIMENG"],
    "THEME3": ["MINRTY"],
    "THEME4": ["MUNIT", "MOBILE", "CROWD", "NOVEH", "GROUPQ"],
}
SVI = (
    "method: svi\nid: FIPS\nvariables:\n"
    + "".join(
        variables([f"EP_{name}" for name in names], f"polarity: 1, theme: {theme}")
        for theme, names in THEMES.items()
    )
    + "options: {population: E_TOTPOP}\n"
)


@pytest.mark.parametrize("name", ["svi_2022_counties.csv", "svi_2020_tracts.csv"])
def test_svi_is_equal_to_the_official_one_and_not_only_close(tmp_path: Path, name: str):
    text, official = golden(name)
    found = table(tmp_path, SVI, text)
    assert len(found) == len(official) in {67, 259}
    for ours, theirs in zip(found, official, strict=True):
        for column in {*theirs} - {"FIPS", "E_TOTPOP"}:
            if not column.startswith("EP_"):
                expected = float(theirs[column])
                said = float(ours[column]) if ours[column] else -999.0
                assert said == expected, (theirs["FIPS"], column)


def test_svi_says_why_a_tract_has_no_rank(tmp_path: Path):
    rows = {r["FIPS"]: r for r in table(tmp_path, SVI, golden("svi_2020_tracts.csv")[0])}
    assert rows["10003980100"]["stato"] == "excluded: population 0"
    lacks = [r["stato"] for r in rows.values() if r["stato"].startswith("no-data")]
    assert lacks == ["no-data: EP_UNEMP; EP_UNINSUR; EP_DISABL; EP_MOBILE; EP_NOVEH"]
    assert all(r["RPL_THEMES"] for r in rows.values() if r["stato"] == "computed")


def test_svi_of_negative_polarity_shares_the_rank_of_the_official_one(tmp_path: Path):
    # Income per head, 2018: two of 67 counties with 31st rank from below; both have 0.5455.
    spec = "method: svi\nid: u\nvariables:\n" + variables(["x"], "polarity: -1, theme: T")
    values = [*range(30), 30, 30, *range(31, 66)]
    rows = table(tmp_path, spec, "u,x\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)))
    assert [rows[30]["EPL_x"], rows[31]["EPL_x"]] == ["0.5455", "0.5455"]


DOMAINS = {
    "Income": 0.225,
    "Employment": 0.225,
    "Education": 0.135,
    "Health": 0.135,
} | dict.fromkeys(("Crime", "Housing_and_Services", "Environment"), 0.093)
IMD = "method: imd\nid: lsoa21_code\nvariables:\n" + "".join(
    f"  - {{name: {name}_rank, weight: {weight}}}\n" for name, weight in DOMAINS.items()
)


def test_imd_from_published_ranks(tmp_path: Path):
    text, official = golden("imd_2025_areas.csv")
    rows = table(tmp_path, IMD + "options: {input: ranks, units: 33755}", text)
    assert [f"{float(r['punteggio']):.3f}" for r in rows[:2]] == ["94.223", "17.450"]
    for ours, theirs in zip(rows, official, strict=True):
        assert float(ours["punteggio"]) == pytest.approx(float(theirs["IMD_score"]), abs=7e-4)
    order = sorted(range(len(rows)), key=lambda i: int(official[i]["IMD_rank"]))
    assert [int(rows[i]["rango"]) for i in order] == list(range(1, len(rows) + 1))


ASEM, COUNTRIES = golden("asem_2018.csv")
MEANS = "method: means\nid: uCode\nvariables:\n"


def test_scales_are_those_of_coinr(tmp_path: Path):
    borda = table(
        tmp_path,
        f"{MEANS}{variables(['LPI'])}options: {{aggregation: arithmetic, normalisation: borda}}",
        ASEM,
    )
    found = {r["uCode"]: float(r["n_LPI"]) for r in borda}
    assert [found[c] for c in ("AUS", "AUT", "BEL", "BGD", "CHE")] == [36, 44, 45, 4, 42]
    z = "{aggregation: arithmetic, normalisation: z, divisor: n-1}"
    rows = table(tmp_path, f"{MEANS}{variables(['Flights'])}options: {z}", ASEM)
    found = {r["uCode"]: f"{10 + 2 * float(r['n_Flights']):.6f}" for r in rows}
    assert [found[c] for c in ("AUS", "CHN", "CZE")] == ["9.889993", "13.235114", "9.001961"]
    rows = table(
        tmp_path,
        f"{MEANS}{variables(['Ship'])}options: {{aggregation: arithmetic, normalisation: minmax}}",
        ASEM,
    )
    found = {r["uCode"]: f"{float(r['n_Ship']):.5f}" for r in rows}
    assert [found[c] for c in ("AUS", "BEL", "BGR")] == ["66.14497", "97.14314", "37.40495"]


def test_the_harmonic_mean_is_that_of_coinr(tmp_path: Path):
    spec = MEANS + "".join(
        f"  - {{name: {name}, polarity: 1, weight: {weight}}}\n"
        for name, weight in {"LPI": 1, "Flights": 1, "Ship": 2, "Bord": 1}.items()
    )
    options = "{aggregation: harmonic, normalisation: minmax, range: [1, 100]}"
    rows = table(tmp_path, f"{spec}options: {options}", ASEM)
    published = ["2.36", "41.5", "14.3", "17.4", "3.93"]
    assert [f"{float(r['punteggio']):.3g}" for r in rows[:5]] == published


def test_outliers_are_treated_as_coinr_does(tmp_path: Path):
    names = ["Flights", "Goods", "Services"]
    options = "{aggregation: arithmetic, normalisation: minmax, outliers: treat}"
    table(tmp_path, f"{MEANS}{variables(names)}options: {options}", ASEM)
    done = computed(tmp_path)["outliers"]
    assert [done[name]["action"] for name in names] == ["winsorised", "winsorised", "none"]
    # Rows of a spreadsheet: the 30th, and the 11th and 35th country.
    assert [done[name]["rows"] for name in names] == [[31], [12, 36], []]
    for name, skewness, kurtosis in [
        ("Flights", ("2.103287", "1.900658"), ("4.508879", "3.336065")),
        ("Goods", ("2.649973", "1.140608"), ("8.266610", "0.157205")),
    ]:
        assert tuple(f"{v:.6f}" for v in done[name]["skewness"].values()) == skewness
        assert tuple(f"{v:.6f}" for v in done[name]["kurtosis"].values()) == kurtosis


PILLARS = {
    "Conn": ["Physical", "ConEcFin", "Political", "Instit", "P2P"],
    "Sust": ["Environ", "Social", "SusEcFin"],
}
PUBLISHED = """
CHE 68.38 62.79 73.98 63.41 32.87 74.78 85.94 56.93 77.21 87.85 56.88
NLD 64.82 61.94 67.70 64.87 46.62 84.55 71.74 41.92 58.73 86.58 57.78
DNK 64.80 57.10 72.51 50.52 30.43 78.13 75.35 51.04 69.83 86.40 61.29
NOR 64.47 57.44 71.50 58.18 25.70 80.03 89.46 33.80 70.90 87.00 56.59
BEL 63.54 63.99 63.09 71.97 48.22 80.84 75.60 43.32 53.01 86.17 50.09
SWE 63.00 53.87 72.12 51.51 23.87 80.98 74.51 38.50 66.37 87.74 62.27
"""


def test_a_whole_index_of_49_indicators_is_that_of_coinr(tmp_path: Path):
    """Treated, normalised and aggregated in three levels; vignette "results"."""
    text, rows = golden("asem_2018_prepared.csv")
    _, indicators = golden("asem_indicators.csv")
    options = "{aggregation: arithmetic, normalisation: minmax, outliers: treat}"
    found: dict[str, dict[str, float]] = {row["uCode"]: {} for row in rows}
    for index, pillars in PILLARS.items():
        spec = MEANS + "".join(
            variables([i["indicator"]], f"polarity: {i['polarity']}, theme: {i['pillar']}")
            for i in indicators
            if i["pillar"] in pillars
        )
        for row in table(tmp_path, f"{spec}options: {options}", text):
            scores = {name: float(row[f"m_{name}"]) for name in pillars}
            found[row["uCode"]] |= {index: float(row["punteggio"]), **scores}
    for line in PUBLISHED.split("\n")[1:-1]:
        country, *published = line.split()
        ours = found[country]
        whole = (ours["Conn"] + ours["Sust"]) / 2
        parts = [ours[name] for name in (*PILLARS, *PILLARS["Conn"], *PILLARS["Sust"])]
        assert [f"{score:.2f}" for score in (whole, *parts)] == published


def test_a_share_of_the_indicators_does_as_in_coinr(tmp_path: Path):
    # Vignette "aggregate": two thirds of the indicators must be there.
    options = f"{{aggregation: arithmetic, normalisation: none, minimum_share: {2 / 3}}}"
    spec = f"method: means\nid: u\nvariables:\n{variables(['a', 'b', 'c'])}options: {options}"
    rows = table(tmp_path, spec, "u,a,b,c\n1,1,3,1\n2,2,,\n3,3,,1\n")
    assert [r["punteggio"] for r in rows] == ["1.6666666666666667", "", "2.0"]
    assert [r["stato"] for r in rows] == ["computed", "no-data: b; c", "partial: b"]
