"""The service of `tiny_site`, with answers to questions: filters, sorts, single properties."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote

import shapely
from tiny_site import COUNTS, ESTIMATED, ROOT, TinySite, collections, ok, tiny_site

from checks.audit.site import Answer

PARAMETERS = ("limit", "offset", "sortby", "properties", "bbox", "datetime")

NUMBERS = (*COUNTS, *ESTIMATED, "n_1", "n_2", "n_voti")


class TinyService(TinySite):
    """Answers questions from `given`; `hidden` are columns it has and does not show.

    Attributes
    ----------
    given : dict
        Features of each collection.
    hidden : dict
        By collection: values of columns that filters and sorts see, one per feature.
    """

    given: dict[str, list[dict[str, Any]]]
    hidden: dict[str, dict[str, list[Any]]]

    def get(self, path, accept=None, lang=None, headers=None, method="GET") -> Answer:
        known = path.removeprefix(ROOT)
        parts = known.partition("?")
        if known in self.answers or not parts[2] or not parts[0].endswith("/items"):
            return super().get(path, accept, lang, headers, method)
        self.asked += 1
        self.times[known] = self.times.get(known, 0) + 1
        answer = self.answered(parts[0].split("/")[1], dict(parse_qsl(parts[2], True)))
        answer = self.spoil(known, self.times[known], answer)
        return replace(answer, body=b"") if method == "HEAD" else answer

    def answered(self, ident: str, asked: dict[str, str]) -> Answer:
        rows = [dict(f["properties"]) for f in self.given[ident]]
        for name, values in self.hidden.get(ident, {}).items():
            for row, value in zip(rows, values, strict=True):
                row[name] = value
        shown = asked.get("properties", "id").split(",")
        names = [n for n in asked if n not in PARAMETERS]
        sort = asked.get("sortby", "id")
        for name in [*names, *shown, sort.removeprefix("-")]:
            if name not in rows[0]:
                return refused(f"{name} is unknown")
        order = list(range(len(rows)))
        for name in names:
            if name in NUMBERS and not asked[name].isdecimal():
                return refused(f"{name} is a number")
            order = [i for i in order if str(rows[i][name]) == asked[name]]
        if box := asked.get("bbox"):
            place = shapely.box(*map(float, box.split(",")))
            shapes = [shapely.geometry.shape(f["geometry"]) for f in self.given[ident]]
            order = [i for i in order if place.intersects(shapes[i])]
        if day := asked.get("datetime"):
            order = [i for i in order if str(rows[i]["periodo_inizio"])[:4] == day[:4]]
        order = in_order(rows, order, sort)
        found = [self.given[ident][i] for i in order[: int(asked.get("limit", 1000))]]
        page = {"numberMatched": len(order), "numberReturned": len(found), "features": found}
        return ok(json.dumps(page).encode())


def in_order(rows: list[dict[str, Any]], order: list[int], sort: str) -> list[int]:
    """Sort positions by a column, nulls last, equal ones as they are."""
    name = sort.removeprefix("-")
    full = [i for i in order if rows[i][name] is not None]
    full.sort(key=lambda i: rows[i][name], reverse=sort.startswith("-"))
    return full + [i for i in order if rows[i][name] is None]


def refused(why: str) -> Answer:
    return Answer(400, {}, json.dumps({"detail": why}).encode())


def tiny_service(given=None, said=None, hidden=None) -> TinyService:
    """Serve collections as `tiny_site` does, and answer questions about them."""
    given = {
        ident: sorted(features, key=lambda f: f["id"])
        for ident, features in (given or collections()).items()
    }
    site = tiny_site(given, said)
    service = TinyService(site.answers)
    service.given, service.hidden = given, hidden or {}
    landing = json.loads(site.answers[""].body)
    landing["links"].append({"rel": "service-desc", "href": f"{ROOT}api", "type": "json"})
    shown = [{"name": name} for name in (*PARAMETERS, *given["bisogni_r8"][0]["properties"])]
    paths = {f"/collections/{ident}/items": {"get": {"parameters": shown}} for ident in given}
    service.answers[""] = ok(json.dumps(landing).encode())
    service.answers["api"] = ok(json.dumps({"paths": paths}).encode())
    return service


def spoiled(site: TinySite, path: str, change) -> TinySite:
    """Change the document at a path, once for all readings."""
    path = quote(path, safe="/?=&~")
    answer = site.answers[path]
    document = json.loads(answer.body)
    change(document)
    site.answers[path] = replace(ok(json.dumps(document).encode()), status=answer.status)
    return site
