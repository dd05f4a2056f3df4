"""Jinja2, set up once: everything is escaped where it enters a page, and nothing may be absent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from api.pages.assets import version
from api.pages.hours import in_words
from api.pages.numbers import day_in_words, written
from api.pages.words import grouped
from geo_core.model.text import Lang, Text
from geo_core.model.units import one_in

_COUNTED: Final = frozenset({"persone", "persons", "people"})
_OF_FILES: Final = re.compile(r"[?&]f=(json|csv|fgb)(&|$)")
"""Addresses of what a copy made of files holds, too."""
TEMPLATES: Final = Path(__file__).parent / "templates"


def render(template: str, context: Mapping[str, object], lang: Lang) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    template : str
        Name of a file of `api/pages/templates/`, without its ending. The head of the file says
        what the context holds; `base` (address of the service, no slash at the end) and
        `release` (`id` and `reference_date`, or None) are always in it; `mirrored`, if what only
        a server answers is to be left out.
    context : Mapping
        Values as the API serves them: raw text, escaped here and nowhere else.
    lang : Lang
        Language of the page.

    Raises
    ------
    jinja2.UndefinedError
        The context lacks a name that the template uses.
    """
    page = environment().get_template(f"{template}.html")
    common = {"lang": lang, "static": f"{context['base']}/static/{version()}"}
    return page.render({"mirrored": False, **context, **common})


@cache
def environment(templates: Path = TEMPLATES) -> Environment:
    """Return the templates of a folder, all read: files that change later change no page."""
    env = Environment(
        loader=FileSystemLoader(templates),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(t=_say, counted=_counted)
    env.filters.update(pick=_pick, href=safe_href, show=_show, number=_number, percent=_percent)
    env.filters.update(size=_size, degrees=_degrees, script_json=script_json)
    env.filters.update(grouped=grouped, capital=_capital, kept=_kept, day=_day)
    env.filters.update(outward=_outward, to_day=_to_day, opening=_opening, after=_after)
    env.tests["address"] = _is_address
    for name in env.list_templates():
        env.get_template(name)
    return env


@pass_context
def _say(context: Context, it: str, en: str) -> str:
    return it if context["lang"] == "it" else en


@pass_context
def _counted(context: Context, number: int, it: tuple[str, str], en: tuple[str, str]) -> str:
    """Return a number with what is counted, of one and of more."""
    return f"{_number(context, number)} {(it if context['lang'] == 'it' else en)[number != 1]}"


@pass_context
def _after(context: Context, unit: str, value: float) -> str:
    """Return a unit as it is written after a number: of one person, of more persons."""
    return one_in(unit, context["lang"]) if _show(context, value) == "1" else unit


@pass_context
def _kept(context: Context, formats: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return names and addresses of formats; in a copy made of files, those that it has."""
    return [
        (name, address)
        for name, address in formats
        if not context["mirrored"] or _OF_FILES.search(address)
    ]


@pass_context
def _pick(context: Context, text: Text) -> str:
    return text.in_(context["lang"])


def _capital(text: str) -> str:
    """Return a text that begins a line; unlike Jinja's own filter it leaves the rest alone."""
    return text[:1].upper() + text[1:]


def safe_href(address: object) -> str:
    """Return an address that may stand in `href`: http, https, or within the service; else `#`."""
    text = str(address).strip()
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        return "#"
    # Browsers drop tabs and line ends inside a scheme, so a control character disqualifies.
    return text if scheme in {"", "http", "https"} and text.isprintable() else "#"


def script_json(value: object) -> Markup:
    """Return a value as JSON that may stand in a `script` element: nothing in it can close one."""
    text = orjson.dumps(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that HTML reads is escaped above


def _is_address(value: object) -> bool:
    return (
        isinstance(value, str)
        and value.startswith(("http://", "https://"))
        and safe_href(value) == value
    )


@pass_context
def _show(context: Context, value: object) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _say(context, "sì" if value else "no", "yes" if value else "no")
    if isinstance(value, int | float):
        return _number(context, value)
    if isinstance(value, list | tuple):
        return ", ".join(_show(context, v) for v in value)
    return str(value)


def _outward(value: float, unit: str, *, down: bool = False) -> float:
    """Return an end of a range; of persons it is a whole number, and no range gets narrower."""
    if unit not in _COUNTED:
        return value
    return math.floor(value) if down else math.ceil(value)


@pass_context
def _day(context: Context, iso: str) -> str:
    """Return a day (YYYY-MM-DD) in words."""
    return day_in_words(iso, context["lang"])


def _to_day(iso: str) -> str:
    """Return a day in Italian after the preposition `a`: al 31 dicembre 2023."""
    said = day_in_words(iso, "it")
    return f"all’{said}" if said.startswith(("8 ", "11 ")) else f"al {said}"  # noqa: RUF001


@pass_context
def _opening(context: Context, hours: str) -> str | None:
    """Return opening hours in words."""
    return in_words(hours, context["lang"])


@pass_context
def _percent(context: Context, share: float) -> str:
    """Return a share of 1 as a percentage."""
    return f"{_number(context, 100 * share)} %"


@pass_context
def _degrees(context: Context, value: float) -> str:
    """Return an angle as a map's margin has it, to a tenth: about 10 km."""
    text = f"{value:.1f}°"
    return text if context["lang"] == "en" else text.replace(".", ",")


@pass_context
def _size(context: Context, length: float) -> str:
    """Return a number of bytes in the largest unit that leaves at least 1."""
    for unit in ("byte" if context["lang"] == "it" else "bytes", "kB", "MB"):
        if length < 1_000:
            return f"{_number(context, round(length, 1))} {unit}"
        length /= 1_000
    return f"{_number(context, round(length, 1))} GB"


@pass_context
def _number(context: Context, value: float) -> str:
    return written(value, context["lang"])
