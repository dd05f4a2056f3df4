"""Fields as people read them: titles, units and codes in words, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from api.features.cql2.patterns import without_accents
from geo_core.model.field import Field
from geo_core.model.layer import Layer
from geo_core.model.manifest import CollectionInfo, Manifest
from geo_core.model.text import Lang, Text
from geo_core.model.units import of_one, unit_in

_UNSAID: Final = frozenset({"1", "anno", "classe", "persone per persona"})
"""Units that say nothing after a value: what it is stands in the title and the description."""


_OWN: Final = "unità dell'indicatore"
_SAYING: Final = ("misura", "unita")
"""Fields in which a row says the unit of its indicator: the first of them that it has."""


class Measure(NamedTuple):
    """What to write after a number: after most, and after 1."""

    many: Text
    one: Text


def unit_of(field: Field, *, count: int) -> Measure | None:
    """Return what to write after a value of a field; None if it needs nothing.

    Parameters
    ----------
    field : Field
        Any field; those without a unit need nothing.
    count : int
        Features of the collection: a rank is read out of that many.
    """
    if field.unit is None:
        return None
    if field.unit == "posizione":
        ranked = Text(it=f"su {count}", en=f"of {count}")
        return Measure(ranked, ranked)
    return _measure(field.unit)


def _measure(unit: str) -> Measure | None:
    if unit in _UNSAID:
        return None
    return Measure(Text(it=unit, en=unit_in(unit, "en")), of_one(unit))


class FieldWords(NamedTuple):
    """One field in one language.

    Attributes
    ----------
    unit, one : str
        What follows a number, and the number 1; empty if nothing does.
    codes : mapping
        Titles of the codes it may hold.
    names : bool
        Whether a feature is called by its value.
    """

    name: str
    title: str
    description: str
    unit: str
    one: str
    codes: Mapping[str, str]
    names: bool = False


class Group(NamedTuple):
    """Neighbouring fields of one figure; a field that stands alone is a group of its own.

    Attributes
    ----------
    title : str
        Title of the first field.
    parts : tuple
        Each field with what its title adds to that of the group: nothing, for the first.
    """

    title: str
    parts: tuple[tuple[FieldWords, str], ...]


def grouped(fields: Sequence[FieldWords]) -> tuple[Group, ...]:
    """Put each field to the one before it whose title its own begins with.

    `Older people`, `Older people: band` and `Older people, at least` are one figure.
    """
    groups: list[Group] = []
    for field in fields:
        own = next((s for s in (": ", ", ") if groups and _extends(field, groups[-1], s)), None)
        if own is None:
            groups.append(Group(field.title, ((field, ""),)))
        else:
            added = field.title.removeprefix(groups[-1].title + own)
            groups[-1] = groups[-1]._replace(parts=(*groups[-1].parts, (field, added)))
    return tuple(groups)


def _extends(field: FieldWords, group: Group, separator: str) -> bool:
    return field.title.startswith(group.title + separator)


def words_of(info: CollectionInfo, manifest: Manifest, lang: Lang) -> tuple[FieldWords, ...]:
    """Return the fields of a collection, each text field in the language of the page only."""
    return tuple(
        _words(field, info, manifest, lang)
        for field in info.layer.fields
        if field.name not in _in_other_language(info.layer, lang)
    )


def titles_of(manifest: Manifest, codelist: str | None, lang: Lang) -> dict[str, str]:
    """Return the titles of the codes of a list; none of no list."""
    codes = manifest.codelists.get(codelist or "", ())
    return {code.code: code.title.in_(lang) for code in codes}


def in_alphabet(name: str) -> str:
    """Return by what names are ordered in a list: their letters, small and without accents."""
    return without_accents(name.casefold())


def in_own_units(
    fields: Sequence[FieldWords], layer: Layer, row: Mapping[str, object], lang: Lang
) -> tuple[FieldWords, ...]:
    """Return the fields of one feature: values of its indicator in the unit that it says."""
    said = next((row[name] for name in _SAYING if name in row), None)
    if not isinstance(said, str):
        return tuple(fields)
    unit = _measure(said)
    many, one = (unit.many.in_(lang), unit.one.in_(lang)) if unit else ("", "")
    own = {field.name for field in layer.fields if field.unit == _OWN}
    return tuple(f._replace(unit=many, one=one) if f.name in own else f for f in fields)


def _words(field: Field, info: CollectionInfo, manifest: Manifest, lang: Lang) -> FieldWords:
    unit = unit_of(field, count=info.count)
    return FieldWords(
        name=field.name,
        title=field.title.in_(lang),
        description=field.description.in_(lang),
        unit=unit.many.in_(lang) if unit else "",
        one=unit.one.in_(lang) if unit else "",
        codes=titles_of(manifest, field.codelist, lang),
        names=field.name == info.layer.title_field,
    )


def _in_other_language(layer: Layer, lang: Lang) -> set[str]:
    """Return the fields whose text stands in the page's language in another field."""
    english = {name for name in layer.field_names if name.endswith("_en")}
    return english if lang == "it" else {name.removesuffix("_en") for name in english}
