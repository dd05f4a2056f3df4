"""Lists of HSDS objects: which parameters they take, what matches, which page of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.exchange import hsds, parts
from api.exchange.directory import OFFICES, ORGANIZATIONS, SERVICES, Directory, Record
from api.exchange.view import Thing, View
from api.params import choice, whole
from geo_core.errors import InvalidParameter, NotFound

PER_PAGE, MOST_PER_PAGE = 50, 500
"""Objects of a page: where nobody said how many, and at most."""

_LONGEST_SEARCH: Final = 200
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.]{5,20}(Z|[+-]\d{2}:?\d{2})?)?")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

type Params = Mapping[str, str]
type Test = Callable[[str], bool]
"""Tells whether the thing of a UUID matches."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing of the export.

    Attributes
    ----------
    things : callable
        Everything of the kind, by UUID, in published order.
    brief, full : callable
        One object of a list, and with all that belongs to it.
    filters : dict
        Parameters that choose, each with the test it makes of its value.
    full_in_lists : bool
        Whether a list gives the full objects on request (`full=true`).
    """

    name: str
    things: Callable[[Directory], Mapping[str, object]]
    brief: Callable[[View, str], Thing]
    full: Callable[[View, str], Thing]
    filters: Mapping[str, Callable[[Directory, str], Test]]
    full_in_lists: bool = True

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of all parameters of a list of this kind."""
        shape = ("full",) if self.full_in_lists else ()
        extra = {"services": ("minimal",), "organizations": ("full_service",)}
        return (*self.filters, "page", "per_page", "format", *shape, *extra.get(self.name, ()))

    def ident(self, found: Directory, asked: str) -> str:
        """Return the UUID of one thing; `NotFound` if there is none."""
        if (ident := asked.lower()) not in self.things(found):
            raise NotFound(f"there is no such object among {self.name}")
        return ident


def matching(kind: Kind, found: Directory, params: Params) -> list[str]:
    """Return the UUIDs of what a request asks for, in published order.

    Raises
    ------
    InvalidParameter
        A value cannot be understood.
    """
    asked = {name: make for name, make in kind.filters.items() if name in params}
    for name in asked:
        if name.endswith("_id") and not _UUID.fullmatch(params[name]):
            raise InvalidParameter(name, f"`{name}` is not a UUID")
    tests = [make(found, params[name]) for name, make in asked.items()]
    return [ident for ident in kind.things(found) if all(test(ident) for test in tests)]


def shape(kind: Kind, params: Params) -> Callable[[View, str], Thing]:
    """Return what makes the objects of a list: brief, full or minimal ones."""
    full, full_service = flag(params, "full"), flag(params, "full_service")
    if flag(params, "minimal"):
        return _minimal
    if kind.name == "organizations" and full_service:
        return lambda view, ident: hsds.organization_full(view, ident, full_service=True)
    return kind.full if full else kind.brief


def paged(idents: list[str], params: Params) -> tuple[list[str], Thing]:
    """Return the UUIDs of one page, and what the standard says of it."""
    number = whole("page", params.get("page", "1"), least=1)
    asked = whole("per_page", params.get("per_page", str(PER_PAGE)), least=1)
    size = min(asked, MOST_PER_PAGE)
    shown = idents[(number - 1) * size : number * size]
    pages = -(-len(idents) // size)
    return shown, {
        "total_items": len(idents),
        "total_pages": pages,
        "page_number": number,
        "size": len(shown),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not shown,
    }


def flag(params: Params, name: str) -> bool:
    """Return a parameter that is `true` or `false`; false where it is not given."""
    return choice(name, params.get(name, "false"), ("true", "false")) == "true"


def _minimal(view: View, ident: str) -> Thing:
    changed = parts.midnight(view.directory.services[ident])
    return {"id": ident, **({"last_modified": changed} if changed else {})}


def _records(found: Directory, ident: str) -> Iterator[tuple[str, Record]]:
    """Yield what a thing is made of: (collection, record), the service before the office."""
    if ident in found.places:
        service, office = found.places[ident]
        yield from ((SERVICES, found.services[service]), (OFFICES, found.offices[office]))
    elif ident in found.services:
        yield SERVICES, found.services[ident]
    elif ident in found.organizations:
        yield ORGANIZATIONS, found.organizations[ident]


def _texts(found: Directory, ident: str) -> Iterator[str]:
    for _collection, record in _records(found, ident):
        for name in ("denominazione", "nome", "nome_en", "descrizione", "descrizione_en"):
            yield record.get(name) or ""
    if ident in found.taxonomies:
        held = found.taxonomies[ident]
        yield from (held.name.it, held.name.en, held.description.it, held.description.en)
    if ident in found.terms:
        one = found.terms[ident]
        yield from (one.code, one.title.it, one.title.en)


def _search(found: Directory, value: str) -> Test:
    if not 0 < len(value) <= _LONGEST_SEARCH:
        raise InvalidParameter("search", f"`search` has 1 to {_LONGEST_SEARCH} characters")
    words = value.casefold().split()
    return lambda ident: _holds(" ".join(_texts(found, ident)).casefold(), words)


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def _of_organization(found: Directory, value: str) -> Test:
    record = found.organizations.get(value.lower())
    key = None if record is None else record.key
    return lambda ident: key is not None and next(_records(found, ident))[1].get("id_org") == key


def _of_term(found: Directory, value: str) -> Test:
    return lambda ident: value.lower() in _held(found, ident)


def _of_taxonomy(found: Directory, value: str) -> Test:
    return lambda ident: any(
        found.terms[term].taxonomy == value.lower() for term in _held(found, ident)
    )


def _held(found: Directory, ident: str) -> set[str]:
    return {
        term
        for collection, record in _records(found, ident)
        for _field, term in found.terms_of(record, collection)
    }


def _since(found: Directory, value: str) -> Test:
    day = _day(value)
    return lambda ident: any(
        (record.get("aggiornato_il") or "") >= day for _c, record in _records(found, ident)
    )


def _day(value: str) -> str:
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        pass
    raise InvalidParameter(
        "modified_after", "`modified_after` is a day or an instant", hint="2023-12-31"
    )


def _terms_of_taxonomy(found: Directory, value: str) -> Test:
    return lambda ident: found.terms[ident].taxonomy == value.lower()


def _terms_below(found: Directory, value: str) -> Test:
    return lambda ident: found.terms[ident].parent == value.lower()


def _top_terms(found: Directory, value: str) -> Test:
    only = choice("top_only", value, ("true", "false")) == "true"
    return lambda ident: not only or found.terms[ident].parent is None


_ON_SERVICES: Final = {
    "search": _search,
    "taxonomy_term_id": _of_term,
    "taxonomy_id": _of_taxonomy,
    "organization_id": _of_organization,
    "modified_after": _since,
}

KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "services",
            lambda found: found.services,
            hsds.service,
            hsds.service_full,
            _ON_SERVICES,
        ),
        Kind(
            "service_at_locations",
            lambda found: found.places,
            hsds.service_at_location,
            hsds.service_at_location_full,
            _ON_SERVICES,
        ),
        Kind(
            "organizations",
            lambda found: found.organizations,
            hsds.organization,
            hsds.organization_full,
            {"search": _search},
        ),
        Kind(
            "taxonomies",
            lambda found: found.taxonomies,
            parts.taxonomy,
            parts.taxonomy,
            {"search": _search},
            full_in_lists=False,
        ),
        Kind(
            "taxonomy_terms",
            lambda found: found.terms,
            parts.term,
            parts.term,
            {
                "search": _search,
                "taxonomy_id": _terms_of_taxonomy,
                "parent_id": _terms_below,
                "top_only": _top_terms,
            },
            full_in_lists=False,
        ),
    )
}
"""Every kind of thing, by the name it has in addresses."""
