"""The page of a feature may lead to what is beside it, and to nothing else."""

from __future__ import annotations

import pytest

from checks.audit import markup
from checks.audit.findings import Tally
from checks.audit.published import Collection

_LINK = '<a class="button quiet" rel="{}" href="http://a/items/{}?f=html&amp;lang=it">x: {}</a>'


def _square(west: float) -> dict[str, object]:
    ring = [[west, 45.0], [west + 0.1, 45.0], [west + 0.1, 45.1], [west, 45.1], [west, 45.0]]
    return {"type": "Polygon", "coordinates": [ring]}


FEATURES = [
    {"id": f"zona{n}", "properties": {"id": f"zona{n}", "nome": f"Rione & {n}"},
     "geometry": _square(8 + n / 10)}
    for n in range(3)
]  # fmt: skip
COLLECTION = Collection("zone", {}, {}, FEATURES, {}, {})


def _page(at: int) -> str:
    beside = {"prev": at - 1, "next": at + 1}
    links = "".join(
        _LINK.format(rel, f"zona{n}", f"Rione &amp; {n}")
        for rel, n in beside.items()
        if 0 <= n < len(FEATURES)
    )
    middle = 8.05 + at / 10
    return f'<a href="/embed/#tema=a&amp;map=11/45.05000/{middle:.5f}">mappa</a><nav>{links}</nav>'


def _found(pages: list[str]) -> list[str]:
    tally = Tally("formats")
    markup._singles(tally, COLLECTION, [(f"zona{n}", page) for n, page in enumerate(pages)])
    return [finding.what for finding in tally.findings]


def test_pages_lead_to_their_neighbours_and_their_place():
    assert _found([_page(n) for n in range(3)]) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("items/zona2", "items/zona0"),
        ("Rione &amp; 2", "Rione &amp; 117"),
        ("45.05000", "45.05117"),
        ("map=11", "map=10"),
        (_LINK.format("next", "zona2", "Rione &amp; 2"), ""),
        ('rel="next"', 'rel="next" data-n="117"'),
    ],
)
def test_another_number_among_them_is_found(before, after):
    pages = [_page(n) for n in range(3)]
    assert before in pages[1]
    pages[1] = pages[1].replace(before, after)
    assert len(_found(pages)) == 1
