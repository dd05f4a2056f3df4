"""Deliberate leaks in answers, files, tiles and texts; those in figures are in `leaks`."""

from __future__ import annotations

import json
from dataclasses import replace

from leaks import LEAKS, edit, leak
from tiny_site import ok, parquet, tiles

from checks.audit.site import Answer


def _truth(scene):
    """Keep a column beside the published ones: counts before protection."""
    rows = range(len(scene.given["bisogni_r8"]))
    scene.hidden["bisogni_r8"] = {"n_vero": [(i * 7) % 5 for i in rows]}


@leak("oracle", "a hidden column that can be filtered on, sorted by and asked for")
def _column(scene):
    _truth(scene)


def _answering(change):
    """Return a plant that changes answers to questions; `change(path, answer)`."""

    def plant(scene):
        def later(service):
            usual = service.spoil
            service.spoil = lambda path, time, answer: change(path, usual(path, time, answer))

        scene.later.append(later)

    return plant


def _page(change, when="/items?"):
    """Return a plant that changes pages of features; `change(document)` says what it returns."""

    def changing(path, answer):
        if when not in path or "bisogni_r8" not in path or answer.status != 200:
            return answer
        return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())

    return _answering(changing)


LEAKS["a number of persons beside the features"] = (
    "oracle",
    _page(lambda page: page | {"persons": 117}),
)
LEAKS["a number matched that counts persons"] = (
    "oracle",
    _page(lambda page: page | {"numberMatched": page["numberMatched"] * 3}, when="limit="),
)


@leak("oracle", "a filter that looks behind the band")
def _behind(scene):
    def change(path, answer):
        if "n_a=3" not in path or "bisogni_r8" not in path:
            return answer
        one = scene.given["bisogni_r8"][2]
        return ok(json.dumps({"numberMatched": 1, "features": [one]}).encode())

    _answering(change)(scene)


@leak("oracle", "equal features in a hidden order")
def _order(scene):
    def later(service):
        usual = service.answered

        def answered(ident, asked):
            answer = usual(ident, asked)
            if asked.get("sortby") != "tipo_area" or ident != "bisogni_r8":
                return answer
            page = json.loads(answer.body)
            page["features"].sort(key=lambda f: (f["properties"]["tipo_area"], hash_of(f)))
            return ok(json.dumps(page).encode())

        service.answered = answered

    scene.later.append(later)


def hash_of(feature):
    """Return a number that follows from no published column in an orderly way."""
    return int(feature["id"][:11].replace("f", "7"), 16) * 2654435761 % 1009


@leak("oracle", "features in a hidden order")
def _unsorted(scene):
    scene.later.append(lambda s: reorder(s, scene.given["bisogni_r8"]))


def reorder(service, features):
    shuffled = sorted(features, key=hash_of)
    half = len(features) // 2
    for path, part in (("", shuffled[:half]), (f"?offset={half}", shuffled[half:])):
        edit(service, f"collections/bisogni_r8/items{path}", {"features": part})


@leak("oracle", "another refusal for a column that exists")
def _refusal(scene):
    def change(path, answer):
        if "n_vero" in path and answer.status == 400:
            return Answer(400, {}, b'{"detail": "n_vero may not be read"}')
        return answer

    _answering(change)(scene)


@leak("oracle", "a refusal that shows the inside")
def _inside(scene):
    def change(path, answer):
        shown = b'{"detail": "SELECT n_vero FROM areas"}'
        return Answer(400, {}, shown) if "1%20OR" in path else answer

    _answering(change)(scene)


@leak("oracle", "a server error for a hidden name")
def _error(scene):
    _answering(lambda path, a: Answer(500, {}, b"") if "n_vero" in path else a)(scene)


@leak("oracle", "a header that only some features have")
def _header(scene):
    some = scene.given["bisogni_r8"][2]["id"]

    def change(path, answer):
        own = path.endswith(f"bisogni_r8/items/{some}")
        return replace(answer, headers={**answer.headers, "x-small": "1"}) if own else answer

    _answering(change)(scene)


@leak("oracle", "a size that is not that of the answer")
def _size(scene):
    def change(path, answer):
        if "bisogni_r8/items/" not in path:
            return answer
        size = str(len(answer.body) + 3)
        return replace(answer, headers={**answer.headers, "content-length": size})

    _answering(change)(scene)


@leak("repetition", "fresh noise on reload")
def _fresh(scene):
    def later(service):
        def spoil(path, time, answer):
            if time == 1 or path != "collections/bisogni_r8/items":
                return answer
            return replace(answer, body=answer.body.replace(b'"n_a": 1', b'"n_a": 2'))

        service.spoil = spoil

    scene.later.append(later)


@leak("formats", "a feature alone that differs from the page")
def _single(scene):
    def later(service):
        ident = scene.given["bisogni_r8"][5]["id"]
        feature = json.loads(json.dumps(scene.given["bisogni_r8"][5]))
        feature["properties"]["n_b"] = 2
        service.answers[f"collections/bisogni_r8/items/{ident}"] = ok(json.dumps(feature).encode())

    scene.later.append(later)


@leak("formats", "another value in a rare language")
def _language(scene):
    def later(service):
        path = "collections/bisogni_r8/items"
        page = json.loads(service.answers[path].body)
        page["features"][2]["properties"]["n_b"] = 2
        service.answers[f"{path}#en"] = ok(json.dumps(page).encode())

    scene.later.append(later)


def _file(change):
    """Return a plant that changes the properties of the rows of one file."""

    def plant(scene):
        rows = json.loads(json.dumps(scene.given["bisogni_r8"]))
        for at, feature in enumerate(rows):
            change(at, feature["properties"])
        name = "download/bisogni_r8.parquet"
        scene.later.append(lambda s: s.answers.update({name: ok(parquet(rows))}))

    return plant


LEAKS["a hidden column in a file"] = "formats", _file(lambda at, row: row.update(n_vero=at))
LEAKS["an unbanded value in a file"] = (
    "formats",
    _file(lambda at, row: row.update(n_a=3) if at == 2 else None),
)


def _tiled(change):
    """Return a plant that changes the properties of the rows in tiles."""

    def plant(scene):
        rows = json.loads(json.dumps(scene.given["bisogni_r8"]))
        rows.sort(key=lambda feature: feature["id"])
        for at, feature in enumerate(rows):
            change(at, feature["properties"])
        said = tiles("bisogni_r8", rows)
        said.pop("xyz/bisogni_r8.json")
        scene.later.append(lambda s: s.answers.update(said))

    return plant


LEAKS["a hidden attribute in tiles"] = "formats", _tiled(lambda at, row: row.update(n_vero=at))
LEAKS["a whole number in tiles as a decimal"] = (
    "formats",
    _tiled(lambda at, row: row.update(celle=float(row["celle"])) if at == 2 else None),
)
LEAKS["an unbanded attribute in tiles"] = (
    "formats",
    _tiled(lambda at, row: row.update(n_a=3) if at == 2 else None),
)


@leak("allowlist", "free text")
def _text(scene):
    for at, feature in enumerate(scene.given["bisogni_r8"]):
        feature["properties"]["nota"] = f"seguita dal {2000 + at}"


@leak("allowlist", "ids in a sequence")
def _sequence(scene):
    for at, feature in enumerate(scene.given["bisogni_r8"]):
        feature["id"] = feature["properties"]["id"] = f"A-{at:02}"


@leak("allowlist", "counts in an open collection")
def _open(scene):
    for feature in scene.given["sedi"]:
        feature["properties"]["n_a"] = 3


@leak("allowlist", "a name that is not open")
def _name(scene):
    for feature in scene.given["voti_sedi"]:
        feature["properties"]["nome"] = f"Mario {feature['id']}"


@leak("allowlist", "a header that tells when it was built")
def _time(scene):
    stamp = {"last-modified": "Sun, 22 Nov 2026 04:36:56 GMT"}
    _answering(lambda _path, a: replace(a, headers={**a.headers, **stamp}))(scene)
