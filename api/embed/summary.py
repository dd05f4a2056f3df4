"""A map in plain sentences: how many areas of each class, the ends, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from api.embed.figures import Figures, Line
from api.pages.numbers import written
from geo_core.model.text import Lang, Text

_ONE: Final = {
    "hexagon": Text(it="esagono", en="hexagon"),
    "town": Text(it="comune", en="municipality"),
    "area": Text(it="area", en="area"),
}
_MANY: Final = {
    "hexagon": Text(it="esagoni", en="hexagons"),
    "town": Text(it="comuni", en="municipalities"),
    "area": Text(it="aree", en="areas"),
}
_OF_MANY: Final = {
    "hexagon": Text(it="gli esagoni", en="the hexagons"),
    "town": Text(it="i comuni", en="the municipalities"),
    "area": Text(it="le aree", en="the areas"),
}
_IN: Final = Text(it="{n} in «{title}»", en="{n} in “{title}”")
_SHOWN: Final = Text(it="{n} {what}: {rows}.", en="{n} {what}: {rows}.")
_NONE: Final = Text(it="Qui questa mappa non ha nessuna area.", en="This map has no area here.")
_BEYOND: Final = Text(
    it="{n} di queste aree vanno oltre {town}: la loro cifra è di tutta l'area.",
    en="{n} of these areas reach beyond {town}: their figure is of the whole area.",
)
_ALL_BEYOND: Final = Text(
    it="Tutte vanno oltre {town}: la loro cifra è di tutta l'area.",
    en="All of them reach beyond {town}: their figure is of the whole area.",
)
_ONE_BEYOND: Final = Text(
    it="Una di queste aree va oltre {town}: la sua cifra è di tutta l'area.",
    en="One of these areas reaches beyond {town}: its figure is of the whole area.",
)
_LARGER: Final = Text(
    it="L'area va oltre {town}: la cifra è di tutta l'area.",
    en="The area reaches beyond {town}: the figure is of the whole area.",
)
_ENDS: Final = Text(
    it="{title}: il valore più alto è di {high} ({most}), il più basso di {low} ({least}).",
    en="{title}: the highest value is that of {high} ({most}), the lowest that of {low} ({least}).",
)
_SOME: Final = Text(
    it="{title}, fra {what} di cui si dice la cifra: il valore più alto è di {high} ({most}), "
    "il più basso di {low} ({least}).",
    en="{title}, among {what} of which the figure is told: the highest value is that of {high} "
    "({most}), the lowest that of {low} ({least}).",
)
_TOWN: Final = Text(
    it="Il comune con più {what} in «{title}» è {town}: {n} su {all}.",
    en="The municipality with most {what} in “{title}” is {town}: {n} of {all}.",
)
_TOWNS: Final = Text(
    it="I comuni con più {what} in «{title}» sono {towns}: {n} ciascuno.",
    en="The municipalities with most {what} in “{title}” are {towns}: {n} each.",
)
_SHAKY: Final = Text(
    it="Per {n} {what} l'affidabilità è bassa: poche persone spostano molto il valore.",
    en="For {n} {what} reliability is low: a few persons move the value a lot.",
)
_BAND: Final = Text(
    it="Per {n} {what} i casi sono pochi e si dice solo la fascia, per non esporre nessuno.",
    en="For {n} {what} there are few cases, and only a band is told, so that nobody is recognised.",
)
_MOST_NAMED: Final = 4


def summary(figures: Figures, lang: Lang) -> list[str]:
    """Return the sentences; each stands by itself."""
    if not figures.lines:
        return [_NONE.in_(lang)]
    if len(figures.lines) == 1:
        first = _single(figures, figures.lines[0], lang)
        return [_larger(figures, first, lang), *_doubts(figures, lang)]
    return [
        _larger(figures, _by_class(figures, lang), lang),
        *_ends(figures, lang),
        *_by_town(figures, lang),
        *_doubts(figures, lang),
    ]


def _single(figures: Figures, line: Line, lang: Lang) -> str:
    said = f"{line.name}: {line.row.title.in_(lang)}" if line.row else line.name
    if figures.measure is None or not line.value:
        return f"{said}."
    return f"{said}; {figures.measure.title.in_(lang).lower()} {_valued([line])}."


def _larger(figures: Figures, said: str, lang: Lang) -> str:
    """Return a sentence, and beside it what is true of more than the municipality."""
    if not figures.beyond:
        return said
    every = figures.beyond == len(figures.lines)
    if figures.beyond == 1:
        text = _LARGER if every else _ONE_BEYOND
    else:
        text = _ALL_BEYOND if every else _BEYOND
    more = text.in_(lang).format(n=written(figures.beyond, lang), town=figures.town)
    return f"{said} {more}"


def _what(figures: Figures, count: int, lang: Lang) -> str:
    return (_ONE if count == 1 else _MANY)[_sort(figures)].in_(lang)


def _sort(figures: Figures) -> str:
    if figures.hexagons:
        return "hexagon"
    return "town" if "_comuni" in figures.layer.family else "area"


def _by_class(figures: Figures, lang: Lang) -> str:
    counted = zip(figures.legend, figures.counts, strict=True)
    said = [
        _IN.in_(lang).format(n=written(n, lang), title=row.title.in_(lang))
        for row, n in counted
        if n
    ]
    n = len(figures.lines)
    return _SHOWN.in_(lang).format(
        n=written(n, lang), what=_what(figures, n, lang), rows=", ".join(said)
    )


def _ends(figures: Figures, lang: Lang) -> Iterator[str]:
    found = [(line.figure, line) for line in figures.lines if line.figure is not None]
    if figures.measure is None or len(found) < 2:
        return
    most, least = max(figure for figure, _ in found), min(figure for figure, _ in found)
    if most == least:
        return
    high = [line for figure, line in found if figure == most]
    low = [line for figure, line in found if figure == least]
    said = {
        "high": _called(figures, high, lang), "most": _valued(high),
        "low": _called(figures, low, lang), "least": _valued(low),
    }  # fmt: skip
    # Of the others a band is told, which may be lower, or nothing.
    text = _ENDS if len(found) == len(figures.lines) else _SOME
    what = _OF_MANY[_sort(figures)].in_(lang)
    yield text.in_(lang).format(title=figures.measure.title.in_(lang), what=what, **said)


def _called(figures: Figures, lines: Sequence[Line], lang: Lang) -> str:
    """Return who has a value: one by its name, more by how many they are."""
    if len(lines) > 1:
        return f"{written(len(lines), lang)} {_what(figures, len(lines), lang)}"
    line = lines[0]
    return f"{line.town} ({line.name})" if line.town else line.name


def _valued(lines: Sequence[Line]) -> str:
    line = lines[0]
    return f"{line.value}; {line.between}" if line.between and len(lines) == 1 else line.value


def _by_town(figures: Figures, lang: Lang) -> Iterator[str]:
    classes = [row for row in figures.legend if row.kind == "class"]
    if not figures.by_town or len(figures.by_town) < 2 or len(classes) < 2:
        return
    last = len(classes) - 1
    most = figures.by_town[0].counts[last]
    if not most:
        return
    first = [town for town in figures.by_town if town.counts[last] == most]
    said = {"what": _MANY["hexagon"].in_(lang), "title": classes[last].title.in_(lang), "n": most}
    if len(first) == 1:
        yield _TOWN.in_(lang).format(**said, town=first[0].name, all=sum(first[0].counts))
    elif len(first) <= _MOST_NAMED:
        yield _TOWNS.in_(lang).format(**said, towns=", ".join(town.name for town in first))


def _doubts(figures: Figures, lang: Lang) -> Iterator[str]:
    shaky = sum(line.unreliable for line in figures.lines)
    if shaky:
        yield _SHAKY.in_(lang).format(n=written(shaky, lang), what=_what(figures, shaky, lang))
    banded = sum(line.row is not None and line.row.kind == "band" for line in figures.lines)
    if banded:
        yield _BAND.in_(lang).format(n=written(banded, lang), what=_what(figures, banded, lang))
