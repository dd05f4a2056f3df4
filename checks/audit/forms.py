"""Closed forms of documents: which members there may be, and what each may hold.

A member that nobody knows can carry anything, whatever the rest says; so can a text where a
code, a day or a hash is meant. A form is

- a mapping: an object with these members and no others (each may be absent);
- a `Keyed`: an object whose names follow a pattern, each with the same form;
- a list of one form: a list of such;
- a pattern: a text that it matches whole; a type: a value of it (no truth value is a number,
  a whole number is no fraction, and 0 has no sign);
- a set: one of these values; a tuple: any of these forms; None: null.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checks.audit.findings import Tally

type Form = Any
"""As the module describes."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
TEXT: Final = {"it": str, "en": str}


@dataclass(frozen=True)
class Keyed:
    """The form of an object with names of one kind, each with a value of one form."""

    names: re.Pattern[str]
    of: Form


def check(tally: Tally, where: str, document: Any, form: Form) -> None:
    """Count a document, and add a finding for every part that is not of the form."""
    tally.count(1)
    find(tally, where, document, form)


def find(tally: Tally, where: str, document: Any, form: Form) -> None:
    """Add a finding for every part of a document that is not of the form."""
    for path, value in unfit(document, form):
        tally.find(
            where,
            "a part of a document that its form does not have",
            path=".".join(path),
            value=str(value)[:80],
        )


def unfit(value: Any, form: Form, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield every part of a value that is not of a form, with the names that lead to it."""
    match form:
        case Mapping():
            yield from _members(value, form, path)
        case Keyed():
            yield from _keyed(value, form, path)
        case [inner] if isinstance(form, list):
            if not isinstance(value, list):
                yield path, value
                return
            for at, one in enumerate(value):
                yield from unfit(one, inner, (*path, str(at)))
        case tuple():
            tried = [list(unfit(value, one, path)) for one in form]
            # Of several, the one that comes closest says best what is wrong.
            yield from min(tried, key=lambda t: (bool(t), -max((len(p) for p, _ in t), default=0)))
        case _:
            if not _simple(value, form):
                yield path, value


def disordered(value: Any, form: Form, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where an object has not all members of its form, one after the other as it has them.

    Which members are there, and in which order, are numbers too.

    Parameters
    ----------
    value : object
        Of the form, as `unfit` finds.
    form : Form
    path : tuple of str
        The names that lead to it.
    """
    if isinstance(form, tuple):
        fitting = [one for one in form if not any(unfit(value, one))]
        form = fitting[0] if fitting else None
    if isinstance(form, Mapping):
        if list(value) != list(form):
            yield path
        inside = [(name, child, form.get(name)) for name, child in value.items()]
    elif isinstance(form, Keyed):
        inside = [(name, child, form.of) for name, child in value.items()]
    elif isinstance(form, list):
        inside = [(str(at), child, form[0]) for at, child in enumerate(value)]
    else:
        return
    for name, child, of in inside:
        yield from disordered(child, of, (*path, name))


def _members(
    value: Any, form: Mapping[str, Form], path: tuple[str, ...]
) -> Iterator[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, one in value.items():
        if name in form:
            yield from unfit(one, form[name], (*path, name))
        else:
            yield (*path, name), one


def _keyed(value: Any, form: Keyed, path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, one in value.items():
        if form.names.fullmatch(name) is None:
            yield (*path, name), one
        else:
            yield from unfit(one, form.of, (*path, name))


def _simple(value: Any, form: Form) -> bool:
    if isinstance(form, re.Pattern):
        return isinstance(value, str) and form.fullmatch(value) is not None
    if isinstance(form, frozenset | set):
        plain = isinstance(value, str | int) and not isinstance(value, bool)  # True == 1
        return plain and value in form
    if form is None or isinstance(value, bool) or form is bool:
        return value is None if form is None else form is bool and isinstance(value, bool)
    if form is float:
        # 2 beside 2.0, or a zero below zero, would be one more thing to say.
        return isinstance(value, float) and math.isfinite(value) and str(value) != "-0.0"
    return isinstance(value, form)
