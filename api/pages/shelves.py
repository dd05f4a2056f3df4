"""Collections as people look for them: by theme, and those of one family together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from geo_core.model.layer import Layer, hexagon_note
from geo_core.model.text import Lang, Text

THEMES: Final = {
    "servizi": Text(it="Servizi e sedi", en="Services and offices"),
    "opportunita": Text(it="Opportunità", en="Opportunities"),
    "offerta": Text(it="Offerta e distanze", en="Supply and distances"),
    "bisogni": Text(it="Bisogni e domanda, in cifre protette", en="Needs, as protected figures"),
    "rischio": Text(it="Fragilità e indicatori", en="Fragility and indicators"),
    "popolazione": Text(it="Popolazione", en="Population"),
    "partecipazione": Text(it="Partecipazione e beni comuni", en="Participation and commons"),
    "confini": Text(it="Territorio e confini", en="Territory and boundaries"),
}
"""What a reader calls each group of layers, in the order of pages."""

_EVERY_YEAR: Final = Text(it=", tutti gli anni", en=", every year")


class Member(NamedTuple):
    """One collection of a family; `label` tells it from the others."""

    id: str
    title: str
    label: str


class Family(NamedTuple):
    """Collections of one subject, which differ in the size of areas, years or shapes."""

    id: str
    title: str
    about: str
    members: tuple[Member, ...]


class Shelf(NamedTuple):
    """The families of one theme."""

    id: str
    title: str
    families: tuple[Family, ...]


def shelves(layers: Iterable[Layer], lang: Lang) -> tuple[Shelf, ...]:
    """Return the collections by theme and family; a theme without any is left out."""
    families: dict[str, list[Layer]] = {}
    for layer in layers:
        families.setdefault(layer.family, []).append(layer)
    found = (
        Shelf(
            group,
            title.in_(lang),
            tuple(_family(f, lang) for f in families.values() if f[0].group == group),
        )
        for group, title in THEMES.items()
    )
    return tuple(shelf for shelf in found if shelf.families)


def _family(layers: Sequence[Layer], lang: Lang) -> Family:
    first = layers[0]
    return Family(
        first.family,
        first.title.in_(lang).removesuffix(_size(first, lang)),
        first.description.in_(lang),
        tuple(Member(one.id, one.title.in_(lang), _label(one, lang)) for one in layers),
    )


def _size(layer: Layer, lang: Lang) -> str:
    return "" if layer.resolution is None else hexagon_note(layer.resolution).in_(lang)


def _label(layer: Layer, lang: Lang) -> str:
    size = _size(layer, lang).removeprefix(", ")
    return (
        f"{size}{_EVERY_YEAR.in_(lang) if layer.series else ''}" if size else layer.title.in_(lang)
    )
