"""Every reason for which a check refuses a row is said in Italian too."""

from __future__ import annotations

import ast
from pathlib import Path

from geo_core.ingest.italian import SENTENCES, in_italian

ROOT = Path(__file__).parents[1]


def sentences() -> set[str]:
    """Return every sentence that a check may give as a reason or a hint."""
    found: set[str] = set()
    for path in (ROOT / "geo_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "Refusal":
                for argument in (*node.args, *(k.value for k in node.keywords)):
                    found |= _texts(argument)
    return found


def _texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        parts = (part for _, value in ast.iter_fields(node) for part in value)
        return {"".join(p.value if isinstance(p, ast.Constant) else "{}" for p in parts)}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return set()


def test_every_reason_is_said_in_italian():
    assert sorted(sentences() - set(SENTENCES)) == []
    assert len(sentences()) > 40
    for english, italian in SENTENCES.items():
        assert english.count("{}") == italian.count("{}"), english
    assert in_italian("is not between 0 and 50") == "non è fra 0 e 50"
    assert in_italian("is not a postal code of five digits") == "non è un CAP di cinque cifre"
