"""The page of the disclosure statement: an answer on one screen, and all of it below."""

from __future__ import annotations

import re

import pytest

from api.pages import render

BASE = "https://example.org/atlante"
JARGON = ("epsilon", "rumore", "noise", "H3", "Laplace", "DP", "posterior", "JSON")
STATEMENT = {
    "theme": "bisogni", "title": {"it": "Bisogni", "en": "Needs"}, "year": 2023, "synthetic": True,
    "categories": {"FAM": {"it": "Famiglia e minori", "en": "Family and children"}}, "units": None,
    "epsilon": 2.0, "epsilon_year": 2.0, "contribution_cap": 1, "band": {"low": 0, "high": 4},
    "geographies": [
        {"categories": ["FAM"], "p_min": 100, "areas": 347, "smallest_residents": 104},
    ],
    "posterior_caps": [{"prior": 0.004, "release": 0.0289, "year": 0.0289}],
    "intervals": [
        {"resolution": 7, "column": None, "below": 3, "above": 2},
        {"resolution": 7, "column": "n_tutti", "below": 7, "above": 6},
    ],
    "utility": [{"resolution": 7, "error": 0.0313, "misplaced": 0.029}], "twin": {"releases": 44},
    "signed_by": "Chi firma", "signed_on": "2026-11-21",
}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "said"),
    [("it", ["Famiglia e minori", "da 0 a 4", "104 residenti", '<th scope="row">0,4 %</th>',
             "<td>2,89 %</td>", "7,39 volte", "da <strong>97</strong> a <strong>102</strong>",
             "Persone in tutto", '>3,1 %</td><td data-label="Su 100 casi',
             "metà di una cifra da 6 in su, un decimo da 30 in su",
             "44 pubblicazioni di prova", "Chi firma"]),
     ("en", ["Family and children", "from 0 to 4", "104 residents", '<th scope="row">0.4 %</th>',
             "<td>2.89 %</td>", "factor of 7.39.",
             "from <strong>97</strong> to <strong>102</strong>",
             '>3.1 %</td><td data-label="Of 100 cases',
             "half of a figure of 6 or more, a tenth of one of 30 or more",
             "44 trial releases", "Chi firma"])],
)  # fmt: skip
def test_the_statement_is_told_in_words(lang, said):
    context = {
        "base": BASE, "release": None, "doc": {"statements": [STATEMENT]},
        "columns": {"n_tutti": "Persone in tutto"},
    }  # fmt: skip
    text = render("disclosure", context, lang)
    plain = " ".join(text.split())
    assert [part for part in said if part not in plain] == []
    assert "h3_leaf" not in plain


RATINGS = {
    **STATEMENT, "theme": "valutazioni", "title": {"it": "Voti", "en": "Marks"}, "epsilon": 1.0,
    "categories": {"1": {"it": "1 (male)", "en": "1 (bad)"}}, "geographies": [], "band": None,
    "units": {"kind": "sedi", "number": 147, "fewest": 10}, "contribution_cap": 3,
    "intervals": [{"resolution": None, "column": None, "below": 4, "above": 4}],
    "utility": [{"resolution": None, "error": None, "misplaced": 0.1}],
}  # fmt: skip
EARLIER = {**STATEMENT, "year": 2022}
SUMS = [
    {
        "year": 2023,
        "epsilon": 3.0,
        "posterior_caps": [{"prior": 0.5, "release": 0.9526, "year": 1}],
    },
    {
        "year": 2022,
        "epsilon": 2.0,
        "posterior_caps": [{"prior": 0.5, "release": 0.8808, "year": 1}],
    },
]


@pytest.mark.parametrize(
    ("lang", "said"),
    [("it", ["Tutti i temi insieme, 2023", "<strong>3</strong>", "20,09 volte", "95,26 %",
             "(2022, 2023) e in ogni tema avrebbe un epsilon di <strong>5</strong>",
             "elenco pubblico (147)", "<td>3</td>", "Bisogni, 2022"]),
     ("en", ["All themes together, 2023", "<strong>3</strong>", "95.26 %",
             "(2022, 2023) and every theme epsilon is <strong>5</strong>",
             "office of the public list (147)", "<td>3</td>", "Needs, 2022"])],
)  # fmt: skip
def test_all_themes_and_years_and_their_sum_are_told(lang, said):
    doc = {"statements": [STATEMENT, RATINGS, EARLIER], "totals": SUMS}
    context = {"base": BASE, "release": None, "doc": doc, "columns": {}}
    plain = " ".join(render("disclosure", context, lang).split())
    assert [part for part in said if part not in plain] == []
    assert plain.count('id="theme-') == 3
    assert "None" not in plain


ROUNDED = {
    **STATEMENT, "theme": "una_volta", "title": {"it": "Una volta", "en": "Once"}, "epsilon": None,
    "epsilon_year": None, "rounding": {"base": 5, "bound": 4}, "posterior_caps": [],
    "intervals": [{"resolution": 8, "column": None, "below": 4, "above": 4}], "utility": [],
}  # fmt: skip
SURE = {"prior": 0.075, "release": 0.375, "year": 0.375}
EVERY = {
    "statements": [
        STATEMENT | {"posterior_caps": [SURE]}, RATINGS | {"posterior_caps": [SURE]}, ROUNDED,
        EARLIER,
    ],
    "totals": [SUMS[0] | {"posterior_caps": [SURE | {"release": 0.977}]}, SUMS[1]],
}  # fmt: skip


def told(lang, doc=EVERY, **context):
    page = {"base": BASE, "release": None, "doc": doc, "columns": {}, **context}
    return " ".join(render("disclosure", page, lang).split())


def rows_of(table):
    """Return the texts of the cells of every row."""
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


@pytest.mark.parametrize("lang", ["it", "en"])
def test_the_answer_comes_first_and_in_plain_words(lang):
    first, _, rest = told(lang).partition("</main>")[0].partition('id="utility"')
    main = first.partition("<main")[2]
    shown = re.sub(r"<[^>]+>", " ", main)
    assert [word for word in JARGON if word in shown] == []
    assert len(shown.split()) < 250
    assert {"it": "le somme, di più", "en": "sums, further"}[lang] in shown
    assert "<details" not in main
    assert "<details open" not in rest


@pytest.mark.parametrize(
    ("lang", "lines"),
    [("it", [["Bisogni", "da 97 a 102", "37,5 su 100", "zone da 100 residenti", "si legge 0-4"],
             ["Voti", "da 96 a 104", "37,5 su 100", "147 sedi", "sotto 10, nulla"],
             ["Una volta", "da 96 a 104", "senza limite", "zone da 100 residenti", "si legge 0-4"],
             ["Chi fosse contato in tutti i temi: il caso peggiore", "97,7 su 100", "—", "—"]]),
     ("en", [["Needs", "from 97 to 102", "37.5 in 100", "areas from 100 residents", "it reads 0-4"],
             ["Marks", "from 96 to 104", "37.5 in 100", "147 offices", "under 10, nothing"],
             ["Once", "from 96 to 104", "no limit", "areas from 100 residents", "it reads 0-4"],
             ["Somebody counted in every theme: the worst case", "97.7 in 100", "—", "—"]])],
)  # fmt: skip
def test_each_theme_of_the_latest_year_is_one_line(lang, lines):
    table = told(lang).partition("<table")[2].partition("</table>")[0]
    heads, *rows = rows_of(table)
    assert len(heads) == 5
    assert rows == lines


def test_the_error_of_one_line_is_the_largest_of_its_maps():
    coarse = {"resolution": 6, "column": None, "below": 2, "above": 9}
    wide = STATEMENT | {"intervals": [*STATEMENT["intervals"], coarse]}
    table = told("it", {"statements": [wide], "totals": []}).partition("</table>")[0]
    assert rows_of(table)[1][1] == "da 97 a 109"


def test_every_line_leads_to_particulars_that_open():
    page = told("it")
    for target in re.findall(r'href="#([^"]+)"', page):
        if target != "main":
            inside = page.partition(f'id="{target}"')[0]
            assert inside.count("<details>") == inside.count("</details>") + 1, target


def test_the_report_of_the_audit_is_linked_where_there_is_one():
    assert f'href="{BASE}/disclosure/audit?f=html&amp;lang=it"' in told("it", audited=True)
    assert "/disclosure/audit" not in told("it")
    assert f'href="{BASE}/disclosure/schema"' in told("it")


def test_a_release_without_figures_about_persons_says_so():
    assert "non contiene cifre sulle persone" in told("it", {"statements": [], "totals": []})


def test_the_weight_of_the_error_follows_the_theme():
    wide = STATEMENT | {"intervals": [{"resolution": 8, "column": None, "below": 8, "above": 4}]}
    page = told("it", {"statements": [wide], "totals": []})
    assert "metà di una cifra da 16 in su, un decimo da 80 in su" in page
    assert "I due lati possono non essere uguali" in page
    exact = STATEMENT | {"intervals": [{"resolution": 8, "column": None, "below": 0, "above": 0}]}
    assert "in su, un decimo" not in told("it", {"statements": [exact], "totals": []})


def test_only_maps_of_several_sizes_say_that_large_hexagons_are_further_off():
    coarse = {"resolution": 6, "column": None, "below": 4, "above": 4}
    several = STATEMENT | {"intervals": [*STATEMENT["intervals"], coarse]}
    said = "Gli esagoni grandi sbagliano di più"
    assert said in told("it", {"statements": [several], "totals": []})
    assert said not in told("it", {"statements": [STATEMENT], "totals": []})


@pytest.mark.parametrize(
    ("lang", "said"),
    [("it", ["sotto 1000 residenti", "da 1000 a 4999 residenti", "da 5000 residenti in su"]),
     ("en", ["under 1000 residents", "with 1000 to 4999 residents", "with 5000 residents and"])],
)  # fmt: skip
def test_an_interval_says_for_how_many_residents_it_is(lang, said):
    own = {"resolution": 6, "column": None, "above": 3}
    classes = [{**own, "residents_from": r, "below": r // 1000} for r in (0, 1_000, 5_000)]
    page = told(lang, {"statements": [STATEMENT | {"intervals": classes}], "totals": []})
    assert [text for text in said if text not in page] == []
    alone = told(lang, {"statements": [STATEMENT], "totals": []})
    assert [text for text in said if text in alone] == []


def test_a_sum_of_one_heading_is_not_told_again():
    def rows(*categories):
        sums = {"derived": {"totals": {"n_tutti": categories}}}
        page = told("it", {"statements": [STATEMENT | sums], "totals": []})
        return page.count("(somma di voci)")

    assert (rows("FAM"), rows("FAM", "DIS")) == (0, 1)


@pytest.mark.parametrize(("year", "columns"), [(0.0289, 2), (0.04, 3)])
def test_a_year_that_reveals_no_more_than_one_release_has_no_column(year, columns):
    caps = [{"prior": 0.004, "release": 0.0289, "year": year}]
    page = told("it", {"statements": [STATEMENT | {"posterior_caps": caps}], "totals": []})
    table = page.partition("Quanto si può credere, al massimo")[2].partition("</table>")[0]
    assert [len(row) for row in rows_of(table)] == [columns, columns]


def test_every_cell_of_a_table_that_stacks_says_what_it_is():
    for table in re.findall(r'<table class="tight stack">.*?</table>', told("it")):
        heads = re.findall(r"<th [^>]*>(.*?)</th>", table.partition("</thead>")[0])[1:]
        for row in re.findall(r"<tr>(.*?)</tr>", table.partition("</thead>")[2]):
            labels = re.findall(r'data-label="([^"]*)"', row)
            assert labels == (heads if "colspan" not in row else heads[1:2])


def test_the_worst_case_and_never_for_certain_are_reconciled():
    assert "mai arrivarci" in told("it")
    assert "mai arrivarci" not in told("it", {"statements": [STATEMENT], "totals": []})
