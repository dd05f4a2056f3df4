"""Check (d): no question tells more than the features do.

Names that are not published must be refused wherever a name can be given, and in the same words
as any other unknown name. Questions that are allowed must be answered as the downloaded features
answer them, in number and in order: a server that filters or sorts by what it hides tells it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from checks.audit import hidden
from checks.audit.findings import Checked, Tally
from checks.audit.oracle_answers import conditions, order_explained, questions, sorted_by
from checks.audit.published import Collection, Published
from checks.audit.site import Answer, FolderSite, Site
from checks.audit.themes import Theme, themes_of

HIDDEN: Final = (
    "true", "true_count", "vero", "n_vero", "raw", "raw_count", "grezzo", "n", "n_true", "n_raw",
    "count", "conteggio", "totale", "exact", "esatto", "orig", "original", "value", "valore",
    "noise", "rumore", "seed", "seme", "epsilon", "rowid", "fid", "ogc_fid", "pk", "uuid",
    "address", "indirizzo", "nome", "cognome", "name", "pseudonimo", "pseudonym", "cod_fiscale",
    "codice_fiscale", "eta", "sesso", "utente", "persona", "caso", "geom", "wkb_geometry",
)  # fmt: skip
"""Names under which counts before protection, or persons, are usually kept."""
OTHERS_MAX: Final = 5
"""Names of other collections that are tried on one."""
CANARY: Final = "zzqxy"
"""A name that no table has: what it is told is the measure for all others."""
MEMBERS: Final = frozenset(
    {"type", "features", "links", "timeStamp", "title", "bbox", "coordRefSys"}
)
COUNTED: Final = frozenset({"numberMatched", "numberReturned"})
"""Members of a page of features."""
SINGLES_MAX: Final = 40
"""Features of one collection that are asked for by themselves."""
BAD_VALUES: Final = ("1 OR 1=1", "1'--", "0..9", ">0")
"""Values that are no number."""


_WAYS: Final = {
    "{}": "1",
    "sortby": "-{}",
    "properties": "{}",
    "filter": '"{}" > 0',
}
"""Where a name can be given: parameter and value, `{}` for the name."""
_QUOTED: Final = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Door:
    """The items of one protected collection."""

    site: Site
    collection: Collection
    theme: Theme
    address: str
    offered: frozenset[str]

    def ask(self, **parameters: str) -> Answer:
        """Return the answer to the items with parameters."""
        return self.site.get(f"{self.address}?{urlencode(parameters, quote_via=quote)}")


def check(
    published: Published, site: Site, progress: Callable[[str], None] = lambda _text: None
) -> Checked:
    """Question every protected collection of a server."""
    tally = Tally("oracle")
    if isinstance(site, FolderSite):
        tally.note(
            "una cartella non risponde a domande: le fa `atlante audit URL` a un servizio in "
            "funzione / a folder answers no questions: `atlante audit URL` asks a running service"
        )
        return tally.result()
    offered = _offered(tally, site)
    for door in _doors(published, site, offered):
        progress(door.collection.id)
        _unknown(tally, door, published)
        _values(tally, door)
        _questions(tally, door)
        _orders(tally, door)
        _singles(tally, door)
    progress("what nobody documents")
    hidden.check(tally, published, site)
    return tally.result()


def _doors(
    published: Published, site: Site, offered: Mapping[str, frozenset[str]]
) -> Iterator[Door]:
    themes = themes_of(published.disclosure)
    for collection in published.collections.values():
        covering = [t for t in themes if t.covers(collection.id, collection.fields)]
        links = collection.document.get("links", [])
        items = [str(k["href"]) for k in links if k["rel"] == "items"]
        if covering and items:
            address = items[0].partition("?")[0]
            path = "/" + address.removeprefix(site.root)
            yield Door(
                site,
                collection,
                covering[0].seen_in(collection.id),
                address,
                offered.get(path, frozenset()),
            )


def _offered(tally: Tally, site: Site) -> dict[str, frozenset[str]]:
    """Return the parameters of each path, as the service describes itself (OpenAPI)."""
    landing = _json(site.get(""))
    links = [k["href"] for k in landing.get("links", []) if k["rel"] == "service-desc"]
    if not links:
        tally.note("the service does not describe its parameters (no link service-desc)")
        return {}
    api = _json(site.get(links[0]))
    shared = api.get("components", {}).get("parameters", {})
    found = {
        path: frozenset(_name(p, shared) for p in said.get("get", {}).get("parameters", []))
        for path, said in api.get("paths", {}).items()
    }
    if not any("filter" in names for names in found.values()):
        tally.note("filters in a language (CQL) are not offered: only that they are refused")
    return found


def _name(parameter: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    reference = str(parameter.get("$ref", "")).rpartition("/")[2]
    return str(shared.get(reference, parameter).get("name", ""))


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _unknown(tally: Tally, door: Door, published: Published) -> None:
    """Check that names that are not published are refused, all in the same words."""
    elsewhere = {n for c in published.collections.values() for n in c.fields}
    others = sorted(elsewhere, key=lambda n: hashlib.sha256(n.encode()).digest())
    declared = set(door.collection.fields) | door.offered
    names = [n for n in HIDDEN if n not in declared]
    names += [n for n in others if n not in declared and n not in names][:OTHERS_MAX]
    names += [n + "_true" for n in door.theme.counts.values()]
    for way, value in _WAYS.items():
        measure = _told(door, way, value, CANARY)
        for name in [CANARY, *names]:
            status, told = _told(door, way, value, name)
            tally.require(
                status == 400,
                door.collection.id,
                "a name that is not published is not refused",
                question=f"{way}={value}".replace("{}", name),
                status=status,
            )
            tally.require(
                told == measure[1],
                door.collection.id,
                "an unknown name is refused in other words than a name that no table has",
                question=f"{way}={value}".replace("{}", name),
                told=told[:200],
            )


def _told(door: Door, way: str, value: str, name: str) -> tuple[int, str]:
    """Return status and words of a refusal; a hint may name what is published, and is left out."""
    answer = door.ask(**{way.replace("{}", name): value.replace("{}", name), "limit": "1"})
    said = _json(answer)
    public = {*door.collection.fields, *door.offered, "geometry"}
    if set(_QUOTED.findall(str(said.get("hint", "")))) <= public:
        said.pop("hint", None)
    text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "{}", orjson.dumps(said).decode())
    return answer.status, text if answer.status != 200 else ""


def _values(tally: Tally, door: Door) -> None:
    """Check that values that are no number are refused without telling anything."""
    for column in door.theme.sums:
        for value in BAD_VALUES:
            answer = door.ask(**{column: value})
            text = answer.body.decode(errors="replace").replace(value, "")
            tally.require(
                answer.status == 400 and not _leaks(text),
                door.collection.id,
                "a value that is no number is not refused, or the refusal tells of the inside",
                question=f"{column}={value}",
                status=answer.status,
            )


def _leaks(text: str) -> bool:
    inside = ("Traceback", "SELECT ", "sqlite", "psycopg", 'File "', ".py")
    return any(sign in text for sign in inside)


def _questions(tally: Tally, door: Door) -> None:
    """Check that filters are answered as the features answer them, with the same features."""
    asked = list(questions(door.collection, door.theme))
    if "filter" in door.offered:
        asked += [({"filter": c}, ids) for c, ids in conditions(door.collection, door.theme)]
    for parameters, expected in asked:
        page = _page(tally, door, {**parameters, "properties": "id", "limit": "10000"})
        ids = [str(f.get("id")) for f in page.get("features", [])]
        tally.require(
            page.get("numberMatched") == len(expected) and set(ids) == expected,
            door.collection.id,
            "a filter is answered otherwise than by the features",
            question=parameters,
            stated=page.get("numberMatched"),
            features=len(ids),
            expected=len(expected),
        )


def _page(tally: Tally, door: Door, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Ask for a page, and check that it has no member that counts anything else."""
    page = _json(door.ask(**parameters))
    more = sorted(page.keys() - MEMBERS - COUNTED)
    tally.require(
        not more,
        door.collection.id,
        "a page of features has further members",
        question=dict(parameters),
        members=more,
    )
    returned = page.get("numberReturned", len(page.get("features", [])))
    tally.require(
        returned == len(page.get("features", [])),
        door.collection.id,
        "numberReturned is not the number of features",
        question=dict(parameters),
        stated=returned,
    )
    return page


def _orders(tally: Tally, door: Door) -> None:
    """Check that published columns explain the order, also of features that are equal."""
    tally.require(
        order_explained(door.collection),
        door.collection.id,
        "the order of the features follows from no published column",
    )
    for name, field in door.collection.fields.items():
        if field.type in {"array", "geometry"}:
            continue
        for sign in ("", "-") if name in door.theme.sums else ("",):
            page = _page(tally, door, {"sortby": sign + name, "properties": "id", "limit": "10000"})
            ids = [str(f.get("id")) for f in page.get("features", [])]
            tally.require(
                sorted_by(door.collection, name, ids, descending=sign == "-"),
                door.collection.id,
                f"sorted by {name}, features come in an order that {name} does not explain",
                question=f"sortby={sign}{name}",
                first=ids[:9],
            )


def _singles(tally: Tally, door: Door) -> None:
    """Check that a feature alone has the members and headers of any other, banded or not."""
    ids = door.collection.ids
    shapes: set[tuple[object, ...]] = set()
    for ident in ids[:: max(1, -(-len(ids) // SINGLES_MAX))]:
        answer = door.site.get(f"{door.address}/{quote(ident, safe='')}")
        feature = _json(answer)
        shapes.add(
            (
                tuple(sorted(feature)),
                tuple(feature.get("properties") or ()),
                tuple(sorted(answer.headers)),
            )
        )
        length = answer.headers.get("content-length")
        tally.require(
            length is None or int(length) == len(answer.body),
            door.collection.id,
            "the stated length is not that of the answer",
            id=ident,
        )
    members = {tuple(sorted(f)) for f in door.collection.features}
    tally.require(
        len(shapes) <= 1 and len(members) <= 1,
        door.collection.id,
        "some features have other members or headers than others",
        members=sorted({m for shape in members for m in shape}),
    )
