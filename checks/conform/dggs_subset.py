"""Tests of OGC API DGGS, class Data Subsetting: data of a zone by time and field."""

from __future__ import annotations

from typing import Any, Final

from checks.conform.dggs_data import media
from checks.conform.dggs_sets import BASE, Dggrs, grids, packet_of, values_at
from checks.conform.dggs_where import has_time
from checks.conform.http import Answer
from checks.conform.outcome import object_of, require, require_status, skip_unless
from checks.conform.registry import conformance_class
from checks.conform.service import Service
from checks.conform.table import JSON

subsetting = conformance_class(f"{BASE}data-subsetting")

_NEVER: Final = "1000-01-01T00:00:00Z"
_ALWAYS: Final = ("../..", f"{_NEVER}/..", f"{_NEVER}/", "../2999-01-01T00:00:00Z")
NO_FIELDS: Final = "una sola colonna / one field only"

type Values = dict[str, list[Any]]


def _values(answer: Answer) -> Values:
    """Return the values of the first depth of a document, or of the features of GeoJSON."""
    if answer.media == JSON:
        document = packet_of(answer)
        return values_at(document, document["depths"][0])
    rows = [f.get("properties") or {} for f in object_of(answer).get("features", ())]
    return {name: [row.get(name) for row in rows] for name in (rows[0] if rows else ())}


def _ask(one: Dggrs, **query: str) -> Answer:
    """Return the answer to a question for the data of a zone; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in query.items()}
    return one.data(one.some(1)[0], named or None, accept=media(one.service))


def _plain(one: Dggrs) -> Values:
    return _values(require_status(_ask(one), 200))


def _require_same(one: Dggrs, answer: Answer) -> None:
    wanted, found = _plain(one), _values(require_status(answer, 200))
    require(found == wanted, answer, f"the values of {_ask(one).asked.url}", found)


def _require_nothing(answer: Answer) -> None:
    """Raise `Failed` unless an answer has no value at all."""
    if answer.status in {204, 404}:
        return
    held = {n: v for n, v in _values(require_status(answer, 200)).items() if any(_given(v))}
    require(not held, answer, "no values", held)


def _given(values: list[Any]) -> list[bool]:
    return [isinstance(value, int | float) for value in values]


@subsetting("/req/data-subsetting/datetime", "`datetime` dà i dati di allora")
def datetime(service: Service) -> str:
    """`datetime` gives the data of that time."""
    seen = timed = 0
    for one in grids(service):
        for always in _ALWAYS:
            answer = _ask(one, datetime=always)
            if has_time(one) or answer.status < 400:
                _require_same(one, answer)
                seen += 1
            else:
                require(answer.status < 500, answer, "status 4xx", f"status {answer.status}")
        if has_time(one):
            _require_nothing(_ask(one, datetime=_NEVER))
            _require_nothing(_ask(one, datetime=f"../{_NEVER}"))
            timed += 1
        require_status(_ask(one, datetime="yesterday"), 400)
    skip_unless(seen, "nessuna dimensione di tempo / no temporal dimension")
    return f"{seen} intervalli / intervals, {timed} con tempo / with time"


@subsetting("/req/data-subsetting/subset", "`subset` prende il tempo, e nessun asse della griglia")
def subset(service: Service) -> str:
    """`subset` takes the time, and no axis of the grid."""
    seen = 0
    for one in grids(service):
        for wrong in ("Nobody(1:2)", "Lat(45:46)", "Lon(8:9),Lat(45:46)", "time(", "time"):
            require_status(_ask(one, subset=wrong), 400)
            seen += 1
        if has_time(one):
            _require_same(one, _ask(one, subset=f'time("{_NEVER}":*)'))
            _require_nothing(_ask(one, subset=f'time("{_NEVER}")'))
            seen += 2
    return f"{seen} assi / axes"


@subsetting("/req/data-subsetting/properties", "`properties` dà i campi scelti, nel loro ordine")
def properties(service: Service) -> str:
    """`properties` gives the chosen fields, in their order, and refuses unknown ones."""
    seen = 0
    for one in grids(service):
        whole = _plain(one)
        names = list(whole)[:3][::-1]
        require_status(_ask(one, properties="nobodysfield"), 400)
        if len(names) < 2:
            continue
        answer = require_status(_ask(one, properties=",".join(names)), 200)
        found = _values(answer)
        chosen = [name for name in found if name in whole]
        wanted = {name: whole[name] for name in names}
        require(chosen == names, answer, f"fields {names}", list(found))
        require({n: found[n] for n in names} == wanted, answer, f"{wanted}", found)
        if answer.media == JSON and "schema" in answer.json:
            told = list(answer.json["schema"].get("properties", {}))
            require(told == names, answer, f"a schema of {names}", told)
        seen += 1
    skip_unless(seen, NO_FIELDS)
    return f"{seen} scelte / choices"


@subsetting("/req/data-subsetting/exclude-properties", "`exclude-properties` toglie i campi scelti")
def exclude_properties(service: Service) -> str:
    """`exclude-properties` leaves out the chosen fields, and refuses unknown ones."""
    seen = 0
    for one in grids(service):
        whole = _plain(one)
        require_status(_ask(one, exclude_properties="nobodysfield"), 400)
        if len(whole) < 2:
            continue
        name = next(iter(whole))
        answer = require_status(_ask(one, exclude_properties=name), 200)
        wanted = {other: values for other, values in whole.items() if other != name}
        require(_values(answer) == wanted, answer, f"all fields but {name}", list(_values(answer)))
        both = _ask(one, properties=name, exclude_properties=name)
        require(400 <= both.status < 500, both, "status 4xx", f"status {both.status}")
        seen += 1
    skip_unless(seen, NO_FIELDS)
    return f"{seen} scelte / choices"
