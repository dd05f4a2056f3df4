"""Whatever a check or a command says about a file is said in Italian too, with a remedy."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from sentences import Said, called

from geo_core.errors import AtlanteError, IngestError, NotFound
from geo_core.ingest.italian import SENTENCES, error_in_italian, in_italian
from geo_core.ingest.italian_access import ACCESS
from geo_core.ingest.italian_build import BUILD
from geo_core.ingest.italian_errors import ERRORS
from geo_core.ingest.italian_files import FILES
from geo_core.ingest.italian_index import INDEX
from geo_core.ingest.italian_styles import STYLES

ROOT = Path(__file__).parents[1]
HANDING_IN = ("sources", "ingest", "importers", "uploads", "forms", "index", "indicators")
BUILD_ONLY = {
    ROOT / "geo_core" / name
    for name in (
        "sources/csv_chunks.py",
        "sources/geopop.py",
        "ingest/boundaries.py",
        "ingest/deliveries.py",
        "ingest/bodies.py",
        "ingest/handed_in.py",
        "ingest/official.py",
        "ingest/population.py",
        "ingest/residents.py",
    )
}
"""Modules whose errors concern files that only the build reads."""
PACKAGED = {ROOT / "geo_core" / "sources" / "geopop.py"}
"""Modules that only a broken installation makes speak."""
RAISED = {
    "CatalogError",
    "DisclosureError",
    "IndexInputError",
    "IngestError",
    "SettingsError",
    "SourceError",
    "refuse",
}
AT = {"at", "where"}
VARYING = re.compile(r"(\{\})+|(\{\}|[a-z]+)\.csv")
HANDED_ON = {
    *("self.refuse", "refuse_first", "BadGeometryError"),
    *("_refuse", "_refuse_first", "_unknown"),
}
"""What else takes a sentence and hands it on."""


SAID = Said(p for name in HANDING_IN for p in (ROOT / "geo_core" / name).rglob("*.py"))
SPECIFIED = Said((ROOT / "geo_core" / "index").rglob("*.py"))
"""Where a ValueError is about a file: the specifications of `atlante index`."""


DRAWN = Said(
    path
    for pattern in (
        "catalog.py",
        "strict_yaml.py",
        "model/style.py",
        "model/text.py",
        "styling/*.py",
    )
    for path in (ROOT / "geo_core").glob(pattern)
)
"""What refuses the layers and styles that an office writes."""


def sentences() -> set[str]:
    """Return every sentence that a check or an error may say."""
    found: set[str] = set()
    for path, call, local in SAID.calls({"Refusal", *RAISED, *HANDED_ON}):
        if path not in PACKAGED or called(call) == "Refusal":
            for argument in call.args:
                found |= SAID.texts(argument, local)
            for keyword in call.keywords:
                said = SAID.texts(keyword.value, local)
                found |= {p for s in said for p in s.split(", ")} if keyword.arg in AT else said
    for _, call, local in SPECIFIED.calls({"ValueError"}):
        found |= {text for argument in call.args for text in SPECIFIED.texts(argument, local)}
    for _, call, local in DRAWN.calls({"CatalogError", "Fault", "ValueError", "_of_class"}):
        for argument in (*call.args, *(k.value for k in call.keywords if k.arg == "hint")):
            found |= DRAWN.texts(argument, local)
    lines = {line for sentence in found for line in sentence.split("\n  ")}
    return {line for line in lines if not VARYING.fullmatch(line)}


def test_every_sentence_is_said_in_italian():
    tables = (SENTENCES, ERRORS, FILES, BUILD, INDEX, ACCESS, STYLES)
    said = {english: italian for table in tables for english, italian in table.items()}
    # A name in quotes is `'{}'` in a table, and `{}` where `repr` quotes it.
    known = said.keys() | {english.replace("'{}'", "{}") for english in said}
    assert sorted(sentences() - known) == []
    assert len(sentences()) > 250
    for english, italian in said.items():
        assert english.count("{}") == italian.count("{}"), english
        assert italian.strip(), english
    assert len(said) == sum(map(len, tables))
    assert in_italian("is not between 0 and 50") == "non è fra 0 e 50"
    assert in_italian("is not a postal code of five digits") == "non è un CAP di cinque cifre"


def test_every_refusal_has_a_remedy():
    refusals = list(SAID.calls({"Refusal"}))
    assert len(refusals) > 80
    for path, call, _ in refusals:
        assert len(call.args) + len(call.keywords) == 2 or _is_spread(call), ast.unparse(call)
        assert not any(isinstance(a, ast.Constant) and not a.value for a in call.args), path
    for path, call, _ in SAID.calls(RAISED):
        if path not in BUILD_ONLY:
            assert any(k.arg == "hint" for k in call.keywords), f"{path.name}:{call.lineno}"


def _is_spread(call: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in call.args)


@pytest.mark.parametrize(
    ("error", "italian"),
    [
        (
            IngestError("the column nome is missing", where="a.csv", hint="the columns are: nome"),
            "a.csv: manca la colonna nome\n  le colonne sono: nome",
        ),
        (
            NotFound.among("kind", "sed", ["sedi"]),
            "non esiste un tipo di dati di nome «sed»\n  forse «sedi»?",
        ),
        (IngestError("is empty", where="a.csv, row 3"), "a.csv, riga 3: è vuoto"),
        (
            IngestError(
                "12 rows are refused, so nothing is published\n"
                "  a.csv, row 3, column x: is empty (fill it in); column y: is empty (fill it in)\n"
                "  and 11 more"
            ),
            (
                "12 righe sono rifiutate: non si pubblica nulla\n"
                "  a.csv, riga 3, colonna x: è vuoto (riempire la cella); colonna y: è vuoto "
                "(riempire la cella)\n  e altre 11"
            ),
        ),
    ],
)
def test_an_error_is_said_in_italian_with_its_place_and_remedy(error: AtlanteError, italian: str):
    assert error_in_italian(error) == italian
