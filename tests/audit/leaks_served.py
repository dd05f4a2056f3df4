"""Deliberate leaks of a server: what it says beside the figures, and what it answers unasked."""

from __future__ import annotations

import json
from dataclasses import replace

from leaks import LEAKS, edit, leak
from leaks_answers import _answering, _page
from tiny_site import ok

from checks.audit.site import Answer

ITEMS = "collections/bisogni_r8/items"
ONE = "collections/bisogni_r8/items/"


def served(check, what, path, body, headers=None):
    """Register a leak: an answer at an address that nothing links to."""

    def plant(scene):
        answer = replace(ok(json.dumps(body).encode()), headers=headers or {})
        scene.later.append(lambda s: s.answers.update({path: answer}))

    LEAKS[what] = check, plant


served("oracle", "a collection that no list has", "collections/casi", {"id": "casi"})
served("oracle", "items of a collection that no list has", f"{ITEMS[:-6]}_raw/items", {})
served("oracle", "a finer collection that no list has", "collections/bisogni_h3_r9/items", {})
served("oracle", "a table beside those that are linked", "download/bisogni_r8.csv", {"n_a": 3})
served("oracle", "a tileset that no list has", "xyz/bisogni_r8_true.json", {"tilejson": "3.0.0"})
served("oracle", "the manifest of the build", "manifest.json", {"records": 117})
served("oracle", "counters of the process", "metrics", {"persons_total": 117})
served("oracle", "a map of the site with addresses that nothing links to", "sitemap.xml", {})
served("oracle", "an area that has an address and is not listed", f"{ONE}SED-1", {"n_a": 3})
served("oracle", "a total at an address of its own", f"{ONE}totale", {"n_a": 117})


def _parameter(name, change):
    """Return a plant that answers an undocumented parameter with something else."""

    def changing(path, answer):
        return change(answer) if name in path and ITEMS in path else answer

    return _answering(changing)


def _told(answer):
    return ok(b'{"features": [], "n_a": 3}') if answer.status != 200 else answer


LEAKS["an undocumented parameter that lifts the band"] = "oracle", _parameter("debug=1", _told)
LEAKS["a profile that nothing documents"] = "oracle", _parameter("profile=raw", _told)
LEAKS["a format that no link names"] = "oracle", _parameter("f=csv", _told)
LEAKS["counts instead of features on demand"] = "oracle", _parameter("resultType=hits", _told)


def _asking(name, change):
    """Return a plant that answers a question with certain headers or method otherwise."""

    def plant(scene):
        def later(service):
            usual = service.get

            def get(path, accept=None, lang=None, headers=None, method="GET"):
                answer = usual(path, accept, lang, headers, method)
                asked = {**(headers or {}), "Accept": accept or "", "Method": method}
                own = name in asked.items() and "bisogni_r8/items" in path
                return change(answer) if own and answer.status == 200 else answer

            service.get = get

        scene.later.append(later)

    return plant


def _other(answer):
    return replace(answer, body=answer.body.replace(b'"band"', b'"published"'))


LEAKS["a header of a client that lifts the band"] = "oracle", _asking(("X-Debug", "1"), _other)
LEAKS["a cookie that lifts the band"] = (
    "oracle",
    _asking(("Cookie", "debug=1; admin=1"), _other),
)
LEAKS["a type of media that has the hidden columns"] = (
    "oracle",
    _asking(("Accept", "text/csv"), lambda a: replace(a, body=b"id,n_vero\n1,3\n")),
)
LEAKS["a HEAD that tells what a GET does not"] = (
    "oracle",
    _asking(("Method", "HEAD"), lambda a: replace(a, headers={**a.headers, "x-total": "117"})),
)
LEAKS["a length of a HEAD that is not that of the GET"] = (
    "oracle",
    _asking(("Method", "HEAD"), lambda a: replace(a, headers={**a.headers, "etag": '"117"'})),
)
LEAKS["a packed answer that differs from the plain one"] = (
    "oracle",
    _asking(("Accept-Encoding", "gzip, br, zstd"), _other),
)


@leak("repetition", "fresh noise in one of two workers")
def _workers(scene):
    def later(service):
        def spoil(path, _time, answer):
            if service.asked % 2 or path != ITEMS:
                return answer
            return replace(answer, body=answer.body.replace(b'"n_a": 1', b'"n_a": 2'))

        service.spoil = spoil

    scene.later.append(later)


@leak("repetition", "an ETag that changes with what is hidden")
def _etag(scene):
    def later(service):
        usual = service.spoil

        def spoil(path, time, answer):
            answer = usual(path, time, answer)
            if answer.status != 200 or ITEMS not in path:
                return answer
            return replace(answer, headers={**answer.headers, "etag": f'"{service.asked:016x}"'})

        service.spoil = spoil

    scene.later.append(later)


def _headed(name, value):
    def change(path, answer):
        if ITEMS not in path:
            return answer
        return replace(answer, headers={**answer.headers, name: value})

    return _answering(change)


LEAKS["a true count in a header of every answer"] = "allowlist", _headed("x-count", "117")
LEAKS["an ETag that is a count"] = "allowlist", _headed("etag", '"117"')
LEAKS["how long the counting took"] = "allowlist", _headed("server-timing", "count;dur=3")
LEAKS["a member of a page that counts persons"] = (
    "oracle",
    _page(lambda page: page | {"persone": 117}, when="limit="),
)


def _bytes(change):
    """Return a plant that changes the bytes of a page of features, not its content."""

    def changing(path, answer):
        own = path.partition("?")[0] == ITEMS and answer.status == 200
        return replace(answer, body=change(answer.body)) if own else answer

    return _answering(changing)


LEAKS["blanks behind an answer, as many as persons"] = "formats", _bytes(lambda b: b + b" " * 17)
LEAKS["a key twice, the first time with the true count"] = (
    "formats",
    _bytes(lambda b: b.replace(b'"n_a": null', b'"n_a": 3, "n_a": null', 1)),
)
LEAKS["a number written in another way for some"] = (
    "allowlist",
    _bytes(lambda b: b.replace(b'"celle": 1,', b'"celle": 1.0,', 1)),
)


@leak("formats", "values that depend on the coordinate system")
def _crs(scene):
    def plant(service):
        listed = json.loads(service.answers["collections"].body)
        for collection in listed["collections"]:
            if collection["id"] == "bisogni_r8":
                collection["crs"] = ["CRS84", "EPSG:4326", "EPSG:3857", "EPSG:3003"]
        service.answers["collections"] = ok(json.dumps(listed).encode())
        usual = service.get

        def get(path, *others, **more):
            if "crs=" not in path:
                return usual(path, *others, **more)
            page = json.loads(usual(f"{ITEMS}?limit=1000").body)
            if "3003" in path:
                page["features"][2]["properties"]["n_b"] = 3
            return ok(json.dumps(page).encode())

        service.get = get

    scene.later.append(plant)


def _document(path, more):
    return lambda scene: scene.later.append(lambda s: edit(s, path, more))


def _of_collection(change):
    """Return a plant that changes how the service describes one collection."""

    def plant(scene):
        def later(service):
            listed = json.loads(service.answers["collections"].body)
            for collection in listed["collections"]:
                if collection["id"] == "bisogni_r8":
                    collection.update(change(collection))
            service.answers["collections"] = ok(json.dumps(listed).encode())

        scene.later.append(later)

    return plant


LEAKS["persons in the description of a collection"] = (
    "allowlist",
    _of_collection(lambda _: {"description": "Bisogni di 117 persone"}),
)
LEAKS["a number of records beside the extent"] = (
    "allowlist",
    _of_collection(lambda _: {"records": 117}),
)
LEAKS["an extent of the cases"] = (
    "replay",
    _of_collection(lambda _: {"extent": {"spatial": {"bbox": [[8.41, 45.31, 8.43, 45.33]]}}}),
)
LEAKS["a range of the tiles in TileJSON"] = (
    "allowlist",
    _document("xyz/bisogni_r8.json", {"n_a": {"min": 0, "max": 19}}),
)


def _schema(change):
    def plant(scene):
        def later(service):
            path = "collections/bisogni_r8/schema"
            document = json.loads(service.answers[path].body)
            change(document["properties"])
            service.answers[path] = ok(json.dumps(document).encode())

        scene.later.append(later)

    return plant


LEAKS["a least and greatest true count in the schema"] = (
    "allowlist",
    _schema(lambda fields: fields["n_a"].update(minimum=1, maximum=37)),
)
LEAKS["an example with a true value"] = (
    "allowlist",
    _schema(lambda fields: fields["n_a"].update(examples=[3])),
)
LEAKS["counts in the titles of a code list"] = (
    "allowlist",
    _schema(lambda fields: fields["tipo_area"]["oneOf"][0].update(title="Cella (37)")),
)
LEAKS["a narrower band in the title of its code"] = (
    "allowlist",
    _schema(lambda fields: fields["n_a_fascia"]["oneOf"][0].update(title="Da 0 a 2")),
)


@leak("allowlist", "a parameter of the API with true values as examples")
def _api(scene):
    def later(service):
        api = json.loads(service.answers["api"].body)
        for said in api["paths"].values():
            for parameter in said["get"]["parameters"]:
                if parameter["name"] == "n_a":
                    parameter["example"] = 37
        service.answers["api"] = ok(json.dumps(api).encode())

    scene.later.append(later)


@leak("allowlist", "a catalogue that counts the persons of a collection")
def _catalogue(scene):
    def later(service):
        landing = json.loads(service.answers[""].body)
        href = "http://tiny.example/dcat.jsonld"
        landing["links"].append(
            {"rel": "service-meta", "href": href, "type": "application/ld+json"}
        )
        service.answers[""] = ok(json.dumps(landing).encode())
        graph = [{"dct:identifier": "bisogni_r8", "void:entities": 117}]
        service.answers["dcat.jsonld"] = ok(json.dumps({"@graph": graph}).encode())

    scene.later.append(later)


@leak("oracle", "a refusal that tells how many persons an area has")
def _detail(scene):
    def change(path, answer):
        if not path.startswith(f"{ONE}SED-2"):
            return answer
        return Answer(404, {}, b'{"detail": "3 persone"}')

    _answering(change)(scene)


@leak("oracle", "a month of the year that has other features")
def _month(scene):
    def change(path, answer):
        if "datetime" not in path or "bisogni_r8" not in path or "-04-" not in path:
            return answer
        page = json.loads(answer.body)
        page["features"] = page["features"][:-1]
        page["numberMatched"] = page["numberReturned"] = len(page["features"])
        return ok(json.dumps(page).encode())

    _answering(change)(scene)
