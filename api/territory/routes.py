"""The routes of the sheets: `/comuni`, `/comuni/{cod}`, `/enti`, `/enti/{cod}`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.asked import Asked, answer, ask, document, page
from api.describe.links import link_to, self_links
from api.embed.figures import Figures
from api.embed.inline import inline
from api.embed.summary import summary
from api.embed.view import areas, view
from api.features.formats.csv_table import harmless
from api.features.formats.media import CSV
from api.language import HTML, JSON
from api.territory.facts import Fact
from api.territory.sheet import Named, Sheet, listed, sheet

PLACES: Final = {"comuni": "comune", "enti": "ente"}
"""Kind of the places below each path."""
OFFERED: Final = (JSON, HTML, CSV)
_PLAIN: Final = re.compile(r"[^A-Za-z0-9_-]+")
_CODES: Final = {"comune": "cod_istat", "ente": "cod_ambito"}


def routes() -> list[Route]:
    """Return the routes of lists and sheets."""
    return [
        route
        for path in PLACES
        for route in (
            Route(f"/{path}", _list, methods=["GET"], name=path),
            Route(f"/{path}/{{code}}", _sheet, methods=["GET"], name=path),
        )
    ]


def _kind(request: Request) -> tuple[str, str]:
    path = request.scope["path"].split("/")[1]
    return path, PLACES[path]


def _list(request: Request) -> Response:
    path, kind = _kind(request)
    asked = ask(request)

    def build() -> dict[str, object]:
        rows = listed(asked.served, kind)
        return {
            "links": self_links(asked, (JSON, HTML)),
            "places": [_entry(asked, path, r) for r in rows],
        }

    return document(asked, "territory", build, lambda: {"path": path, "kind": kind})


def _entry(asked: Asked, path: str, row: dict[str, object]) -> dict[str, object]:
    code = str(row[_CODES[PLACES[path]]])
    return {
        "code": code,
        "name": row["denominazione"],
        "residents": row["pop"],
        "href": f"{asked.base}/{path}/{quote(code, safe='')}",
    }


def _sheet(request: Request) -> Response:
    path, kind = _kind(request)
    asked = ask(request, media=OFFERED)
    found = sheet(asked.served, kind, request.path_params["code"], asked.lang)
    if asked.media is CSV:
        name = f"{path}-{_PLAIN.sub('-', found.code)}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        place = (found.code, found.name, asked.served.release.manifest.id)
        return answer(asked, lambda: _table(found.facts, place), headers)
    if asked.media is HTML:
        return answer(asked, lambda: _page(asked, found))
    return answer(asked, lambda: orjson.dumps(_document(asked, found, path)))


def _document(asked: Asked, found: Sheet, path: str) -> dict[str, object]:
    manifest = asked.served.release.manifest
    body = found.body
    return {
        "kind": found.kind,
        "code": found.code,
        "name": found.name,
        "release": manifest.id,
        "reference_date": manifest.reference_date,
        "place": {k: v for k, v in found.place.items() if k != "id"},
        "body": {"code": body.id, "name": body.name} if body else None,
        "municipalities": [{"code": one.id, "name": one.name} for one in found.towns],
        "figures": [fact._asdict() for fact in found.facts],
        "offices": [office._asdict() for office in found.offices],
        "opportunities_in_all": found.chances_in_all,
        "opportunities": [chance._asdict() for chance in found.chances],
        "pacts": [_linked(asked, one) for one in found.pacts],
        "practices": [_linked(asked, one) for one in found.practices],
        "links": [
            *self_links(asked, OFFERED),
            link_to(JSON, "collection", f"{asked.base}/{path}", found.kind),
        ],
    }


def _linked(asked: Asked, one: Named) -> dict[str, str]:
    href = f"{asked.base}/collections/{one.collection}/items/{quote(one.id)}"
    return {"id": one.id, "name": one.name, "href": href}


def _table(found: Iterable[Fact], place: tuple[str, str, str]) -> bytes:
    """Return the figures; each line also says of which place and release it is."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*Fact._fields, "code", "place", "release"))
    writer.writerows([_cell(v) for v in (*fact, *place)] for fact in found)
    return out.getvalue().encode()


def _cell(value: str | float | None) -> str | float:
    return harmless(value) if isinstance(value, str) else "" if value is None else value


def _page(asked: Asked, found: Sheet) -> bytes:
    groups: dict[str, list[Fact]] = {}
    for fact in found.facts:
        groups.setdefault(fact.group, []).append(fact)
    return page(asked, "sheet", found, groups=groups, path=_path(found), **_drawn(asked, found))


def _path(found: Sheet) -> str:
    return next(path for path, kind in PLACES.items() if kind == found.kind)


def _drawn(asked: Asked, found: Sheet) -> dict[str, object]:
    """Return the map of a municipality and what it says; of a body there is none."""
    styles = asked.served.release.manifest.styles
    if found.kind != "comune" or not areas(asked.served):
        return {"drawing": None, "caption": "", "legend": ()}
    shown = view(asked.served, {"comune": found.code})
    offices = [styles[name].classes[0].colour for name in shown.over if name in styles]
    whole = Figures(replace(shown, town=None), asked.lang)
    own = Figures(shown, asked.lang)
    return {
        "drawing": inline(shown, own, whole, asked.lang),
        "caption": f"{own.title}. {summary(own, asked.lang)[0]}",
        "legend": own.legend,
        "offices_colour": next(iter(offices), ""),
        "stippled": any(line.unreliable for line in whole.lines),
    }
