"""Shows every collection to every client, and holds what it read against what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from checks.doctor.asks import Door
from checks.doctor.programs import WITHIN_S, Conversation, Program
from checks.doctor.recording import Asked, Recorder, recording
from checks.doctor.wanted import Wanted, every

HTTP: Final = "http"
"""The reading without any client, by which clients are judged."""
QGIS: Final = "qgis"
ONLY_SERVICES: Final = frozenset({"owslib"})
"""Clients that read no files: to them a copy of a service is nothing."""
_ERROR_MAX: Final = 300


@dataclass(frozen=True)
class Seen:
    """What a client saw of a collection.

    Attributes
    ----------
    worked : tuple of str
        Of opens, features, fields, filter, style, tiles and layers: what is as it should be.
    wrong : tuple of str
        What is not, in words.
    requests : int
        How many it took.
    refused : int
        How many were answered with 400 or above.
    pushed : bool
        The service was asked to filter.
    """

    client: str
    collection: str
    worked: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    requests: int = 0
    refused: int = 0
    pushed: bool = False


@dataclass
class Trial:
    """What every client saw, and the requests that it was seen by."""

    programs: Sequence[Program]
    collections: list[str] = field(default_factory=list)
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)

    @property
    def wrong(self) -> list[Seen]:
        """What does not work."""
        return [one for one in self.seen.values() if one.wrong]


def tried(
    door: Door,
    programs: Sequence[Program],
    progress: Callable[[str], None] = lambda _text: None,
    *,
    only: frozenset[str] = frozenset(),
    within_s: float = WITHIN_S,
) -> Trial:
    """Show the collections of a service to clients.

    Parameters
    ----------
    door : Door
        The service; its address is that which its links carry.
    programs : sequence of Program
        Clients; one that is not installed is not asked.
    progress : callable
        Told what is being looked at.
    only : set of str
        Collections to look at; all if it is empty.
    within_s : float
        Seconds for one client and collection.

    Raises
    ------
    CannotAudit
        The service does not answer, or not as one of this kind.
    """
    trial, readable = Trial(programs), []
    for wanted in every(door, only):
        progress(f"{wanted.id} ({HTTP})")
        trial.collections.append(wanted.id)
        worked = () if wanted.wrong or wanted.project else ("opens", "features", "fields")
        trial.seen[wanted.id, HTTP] = Seen(HTTP, wanted.id, worked, wanted.wrong)
        if wanted.page:
            readable.append(wanted)
    with recording(door.site.root) as recorder:
        for program in programs:
            if program.version:
                for seen in _shown(program, readable, recorder, progress, within_s):
                    trial.seen[seen.collection, program.name] = seen
        trial.log = list(recorder.log)
    return trial


def _shown(
    program: Program,
    collections: Sequence[Wanted],
    recorder: Recorder,
    progress: Callable[[str], None],
    within_s: float,
) -> Iterator[Seen]:
    with closing(Conversation(program, within_s)) as conversation:
        for wanted in collections:
            if wanted.project and program.name != QGIS:
                continue
            if wanted.catalogue and program.name in ONLY_SERVICES:
                continue
            progress(f"{wanted.id} ({program.name})")
            recorder.turn(program.name, wanted.id)
            answer = conversation.ask(_question(wanted, recorder))
            yield judged(program.name, wanted, answer, recorder.of(program.name, wanted.id))


def _question(wanted: Wanted, recorder: Recorder) -> dict[str, Any]:
    tiles = orjson.dumps(wanted.tiles).decode()
    return {
        "root": recorder.url,
        "id": wanted.id,
        "where": wanted.where,
        "tiles": orjson.loads(recorder.here(tiles)),
        "qml": recorder.here(wanted.qml),
        "page": recorder.here(wanted.page),
        "project": recorder.here(wanted.project),
        "catalogue": recorder.here(wanted.catalogue),
    }


def judged(client: str, wanted: Wanted, answer: dict[str, Any], asked: Sequence[Asked]) -> Seen:
    """Hold an answer of a client against what is there."""
    worked: list[str] = []
    wrong: list[str] = []
    for name, problem in _aspects(wanted, answer):
        (wrong if problem else worked).append(problem or name)
    field_name = wanted.where[0] if wanted.where else ""
    return Seen(
        client,
        wanted.id,
        tuple(worked),
        tuple(wrong),
        requests=len(asked),
        refused=sum(one.status >= 400 for one in asked),
        pushed=any(one.query.keys() & {"filter", field_name} for one in asked),
    )


def _aspects(wanted: Wanted, answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each thing that a client told of, and what is wrong with it, if anything."""
    if "error" in answer:
        yield "opens", str(answer["error"])[:_ERROR_MAX]
        return
    yield "opens", ""
    if "count" in answer:
        yield "features", _differs("oggetti / features", answer["count"], wanted.count)
    if "fields" in answer:
        odd = sorted({*answer["fields"], "id"} ^ {*wanted.fields, "id"})
        yield "fields", f"campi / fields ≠ schema: {' '.join(odd)}" if odd else ""
    if "filtered" in answer and wanted.where:
        name, value = wanted.where
        what = f"filtro / filter {name} = {value}:"
        yield "filter", _differs(what, answer["filtered"], wanted.filtered)
    if "styled" in answer:
        yield "style", f"stile / style: {answer['styled']}" if answer["styled"] else ""
    if "broken" in answer:
        broken = ", ".join(answer["broken"])
        yield "layers", f"layer non validi / invalid layers: {broken}" if broken else ""
    if "drawn" in answer:
        yield "tiles", "" if answer["drawn"] else "tessere vuote / empty tiles"


def _differs(what: str, found: int, there: int) -> str:
    return "" if found == there else f"{what} {found:,}, non / not {there:,}"
