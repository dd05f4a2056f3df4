"""The statements of `tiny_site` with every member that a release has."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from tiny_figures import CELLS, lived

from checks.audit.shapes import Block, fingerprint, merged, single

TITLES = {"A": "Prima", "B": "Seconda", "C": "Terza", "1": "1 (male)", "2": "2 (bene)"}


SPENT = {
    "epsilon": 2.0,
    "epsilon_year": 2.0,
    "epsilon_cumulative": 2.0,
    "draw": "0123456789abcdef" * 2,
    "neighbouring": "add-or-remove-one-person",
}
LEVEL = {"level": "area", "epsilon": 2.0, "scale": 0.5, "half_width_95": 1, "coverage": 0.9677}
CAPS = [
    {"prior": 0.004, "release": 0.0289, "year": 0.0289},
    {"prior": 0.075, "release": 0.3747, "year": 0.3747},
    {"prior": 0.5, "release": 0.8808, "year": 0.8808},
]
TWIN = {"expected": 75.0, "seed": 20231231, "releases": 200}
ERROR = {"resolution": None, "error": 0.1, "misplaced": 0.1}
TOTAL = {
    "year": 2023,
    "themes": ["bisogni"],
    "without_epsilon": ["voti"],
    "epsilon": 2.0,
    "epsilon_year": 2.0,
    "posterior_caps": CAPS,
}


def whole(said: dict[str, Any]) -> dict[str, Any]:
    """Return a statement with all members, in their order."""
    areas = said["units"] is None
    derived = {"fewest": 10, "totals": {}, "shares": {}, "medians": {}, "mean": None, "rates": {},
               "public": []}  # fmt: skip
    shown = [("bisogni_r7", 7), ("bisogni_r8", 8)] if areas else []
    return {
        "theme": said["theme"],
        "title": {lang: said["theme"].capitalize() for lang in ("it", "en")},
        "year": said["year"],
        "collections": [ident for ident, _ in shown] or ["voti_sedi"],
        "resolutions": [{"collection": ident, "resolution": at} for ident, at in shown],
        "synthetic": False,
        "method": {"name": "dp", "version": "3", "noise": "discrete-laplace",
                   "library": f"opendp {version('opendp')}"},
        **(SPENT if areas else dict.fromkeys(SPENT)),
        "rounding": None,
        "contribution_cap": 1,
        "without_pseudonym": "each-record-another-person",
        "categories": {c: dict.fromkeys(("it", "en"), TITLES[c]) for c in said["categories"]},
        "columns": {c: f"n_{c.lower()}" for c in said["categories"]},
        "suffixes": {"status": "_stato", "band": "_fascia"} if areas else None,
        "derived": derived | said["derived"] | {"rates": _rates(said["derived"].get("rates", {}))},
        "geographies": [_geography(one) for one in said["geographies"]],
        "units": said["units"],
        "posterior_caps": CAPS if areas else [],
        "band": said["band"],
        "noise_by_level": [LEVEL] if areas else [],
        "twin": TWIN if areas else None,
        "intervals": [_interval(one) for one in said.get("intervals", ())],
        "utility": [ERROR | {"resolution": at} for _, at in shown],
        "estimates": [_estimates(one) for one in said.get("estimates", ())],
        "signed_by": "Prova",
        "signed_on": "2026-11-01",
    }  # fmt: skip


def _rates(said: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    names = ("count", "residents", "per", "low", "high", "decimals")
    return {column: {name: of[name] for name in names} for column, of in said.items()}


def _interval(said: dict[str, Any]) -> dict[str, Any]:
    names = ("resolution", "column", "residents_from", "below", "above", "coverage")
    return {name: said.get(name, 0) if name == "residents_from" else said[name] for name in names}


def _estimates(said: dict[str, Any]) -> dict[str, Any]:
    intervals = sorted(
        said["intervals"], key=lambda i: (i["column"] or "", i.get("residents_from", 0))
    )
    return said | {
        "rates": _rates(said["rates"]),
        "intervals": [_interval(one) for one in intervals],
    }


def _geography(said: dict[str, Any]) -> dict[str, Any]:
    areas = _areas(said["p_min"])
    smallest = min(area.residents for area in areas)
    return said | {
        "areas": len(areas),
        "smallest_residents": smallest,
        "sha256": fingerprint(areas),
    }


def _areas(least: int) -> list[Block]:
    cells = {cell: lived([cell]) for of in CELLS for cell in of}
    base = merged(single(cells), 100)
    return merged(base, least)
