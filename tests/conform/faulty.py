"""Faults planted in a server that meets all it declares: each breaks one requirement."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from api_client import BASE

from checks.conform.http import Answer, Asked

type Change = Callable[[Answer], Answer]
type Ask = Callable[[Asked], Asked]

HTML = r"text/html"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
NEW_ZEALAND = f"{EPSG}2193"
WEB = f"{EPSG}3857"


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where.

    Attributes
    ----------
    requirement : str
        What is broken by it.
    where : str
        Pattern of the addresses (unquoted, below the landing page) that are concerned.
    change : callable
        Makes the wrong answer of the right one.
    ask : callable
        Makes the question that is answered of the one that was asked.
    accept : str
        Pattern of the media types that are concerned.
    """

    requirement: str
    where: str
    change: Change = lambda answer: answer
    ask: Ask = lambda asked: asked
    accept: str = ""
    method: str = "GET"

    def concerns(self, asked: Asked) -> bool:
        """Tell whether a request gets a wrong answer."""
        below = unquote(asked.url.removeprefix(BASE))
        wanted = asked.headers.get("Accept", "")
        here = re.search(self.where, below) and re.search(self.accept, wanted)
        return bool(here) and asked.method == self.method


def faulty(send: Callable[[Asked], Answer], fault: Fault) -> Callable[[Asked], Answer]:
    """Return a transport that answers wrongly where a fault says so."""

    def answered(asked: Asked) -> Answer:
        if not fault.concerns(asked):
            return send(asked)
        return replace(fault.change(send(fault.ask(asked))), asked=asked)

    return answered


def status(code: int) -> Change:
    return lambda answer: replace(answer, status=code, body=b"{}")


def header(name: str, value: str | None) -> Change:
    def change(answer: Answer) -> Answer:
        kept = {k: v for k, v in answer.headers.items() if k != name}
        return replace(answer, headers=kept | ({name: value} if value is not None else {}))

    return change


def body(old: str, new: str) -> Change:
    """Replace what a pattern matches in the text of an answer."""
    return lambda answer: replace(
        answer, body=re.sub(old, new, answer.body.decode(), flags=re.IGNORECASE).encode()
    )


def edit(change: Callable[[dict], object]) -> Change:
    """Change the JSON document of an answer."""

    def edited(answer: Answer) -> Answer:
        document = json.loads(answer.body)
        change(document)
        return replace(answer, body=json.dumps(document).encode())

    return edited


def each(change: Callable[[dict], object]) -> Change:
    """Change every object within the JSON document of an answer."""
    return edit(lambda document: [change(thing) for thing in list(objects(document))])


def objects(thing: object) -> Iterator[dict]:
    if isinstance(thing, dict):
        yield thing
    for part in thing.values() if isinstance(thing, dict) else thing:
        if isinstance(part, dict | list):
            yield from objects(part)


def without(*names: str) -> Ask:
    """Ask without some parameters."""
    return asking(lambda query: {k: v for k, v in query.items() if k not in names})


def given(**values: str) -> Ask:
    """Ask with other values of parameters; `_` in a name stands for `-`."""
    return asking(lambda query: query | {k.replace("_", "-"): v for k, v in values.items()})


def rewritten(old: str, new: str) -> Ask:
    """Ask with another filter."""
    return asking(lambda query: query | {"filter": re.sub(old, new, query["filter"])})


def asking(change: Callable[[dict[str, str]], dict[str, str]]) -> Ask:
    def ask(asked: Asked) -> Asked:
        parts = urlsplit(asked.url)
        query = change(dict(parse_qsl(parts.query, keep_blank_values=True)))
        url = parts._replace(query=urlencode(query, quote_via=quote)).geturl()
        return replace(asked, url=url)

    return ask


UNFILTERED = without("filter", "filter-lang", "filter-crs")
"""Ask as if filters were not known."""


def unlinked(*rels: str) -> Change:
    """Leave out links of some relations."""

    def change(thing: dict) -> None:
        if isinstance(links := thing.get("links"), list):
            thing["links"] = [link for link in links if link.get("rel") not in rels]

    return each(change)


def untyped(*rels: str) -> Change:
    """Leave out the type of links of some relations."""
    return each(lambda thing: thing.get("rel") in rels and thing.pop("type", None))


def properties(change: Callable[[dict[str, dict]], object]) -> Change:
    """Change the properties of a schema."""
    return edit(lambda document: change(document["properties"]))


def first_property(**members: object) -> Change:
    """Give the first property of a schema other members."""
    return properties(lambda named: next(iter(named.values())).update(members))


def every_property(**members: object) -> Change:
    """Give every property of a schema other members."""
    return properties(lambda named: [schema.update(members) for schema in named.values()])


def parameters(change: Callable[[dict], object], *names: str) -> Change:
    """Change parameters of an API definition."""
    return each(lambda thing: thing.get("name") in names and "in" in thing and change(thing))


def unlisted(*names: str) -> Change:
    """Take parameters out of an API definition."""
    return parameters(lambda parameter: parameter.update({"name": "gone"}), *names)


def swapped(document: dict) -> None:
    """Swap the axes of all positions."""

    def turn(positions: list) -> list:
        if isinstance(positions[0], list):
            return [turn(part) for part in positions]
        return [positions[1], positions[0]]

    for thing in objects(document):
        if "coordinates" in thing:
            thing["coordinates"] = turn(thing["coordinates"])
