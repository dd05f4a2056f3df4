"""The figures of one place, each beside those of its managing body and of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, Final, NamedTuple

from api.features.engine import Collection
from api.features.records import Values, records
from api.pages.words import titles_of
from api.served import Served
from geo_core.model.field import Field
from geo_core.model.text import Lang, Text
from geo_core.model.units import unit_in

RISK: Final = "rischio_comuni"
VALUES: Final = "valori_indicatori"
_NEEDS: Final = {
    "comune": ("bisogni_comuni", "cod_istat"),
    "ente": ("bisogni_ambiti", "cod_ambito"),
}
_KINDS: Final = {"comune": "comune", "ente": "ambito"}
_TOWNS: Final = "comuni"

RISK_GROUP: Final = Text(it="Fragilità", en="Fragility")
_CLASS: Final = Text(it="Classe", en="Class")
_BY_CHANCE: Final = Text(it="Posizione possibile per il caso", en="Rank possible by chance")
NEEDS_GROUP: Final = Text(it="Bisogni (stime)", en="Needs (estimates)")


class Fact(NamedTuple):
    """One figure.

    Attributes
    ----------
    group, id, name : str
        What it is about, the field or code of indicator it comes from, and its title.
    value : float | None
        The figure; None where only `said` speaks, or nothing is known.
    said : str
        What is said in place of a number: a class, a band, why there is none.
    low, high : float | None
        Between which ends it lies.
    unit : str
        As it is written after a number; empty for a pure number.
    body : float | None
        The same figure of the managing body the place belongs to.
    middle : float | None
        The median of the municipalities.
    year : str
        To which it refers.
    """

    group: str
    id: str
    name: str
    value: float | None = None
    said: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    body: float | None = None
    middle: float | None = None
    year: str = ""


class _Source(NamedTuple):
    """Where figures are read from, and how they are said."""

    served: Served
    found: Collection
    group: Text
    year: str
    lang: Lang


def facts(served: Served, kind: str, code: str, body: str | None, lang: Lang) -> list[Fact]:
    """Return every published figure of a place.

    Parameters
    ----------
    kind : str
        `comune` or `ente`.
    code : str
        ISTAT code, or code of the managing body.
    body : str | None
        Code of the body a municipality belongs to.
    """
    own = [*_risk(served, code, lang)] if kind == "comune" else []
    return [*own, *_indicators(served, kind, code, body, lang), *_needs(served, kind, code, lang)]


_RISK_FIELDS: Final = ("punteggio", "classe_nome", "rango", "stabilita", "affidabilita")


def _risk(served: Served, code: str, lang: Lang) -> Iterator[Fact]:
    found = served.collections.get(RISK)
    if found is None:
        return
    every = records(found, found.layer.field_names)
    own = next((one for one in every if one["cod_istat"] == code), None)
    source = _Source(served, found, RISK_GROUP, served.release.manifest.reference_date[:4], lang)
    for name in _RISK_FIELDS if own else ():
        shown = f"{name}_en" if lang == "en" and f"{name}_en" in found.layer.field_names else name
        fact = _of_field(source, own or {}, shown)
        scores = [one[name] for one in every if one[name] is not None]
        yield fact._replace(
            id=name,
            name=_CLASS.in_(lang) if name == "classe_nome" else fact.name,
            middle=round(median(scores), 4) if name == "punteggio" and scores else None,
        )
    if own:
        yield _chance_ranks(source, own)


def _chance_ranks(source: _Source, own: Values) -> Fact:
    """Return between which ranks the place may be by chance, as a figure of its own."""
    field = source.found.layer.field("rango_caso_inf")
    return Fact(
        group=source.group.in_(source.lang),
        id="rango_caso",
        name=_BY_CHANCE.in_(source.lang),
        low=own["rango_caso_inf"],
        high=own["rango_caso_sup"],
        unit=_unit(field, source.lang, source.found.info.count),
        year=source.year,
    )


def _of_field(source: _Source, one: Values, name: str) -> Fact:
    """Return a figure from a field of a row, with the ends beside it."""
    field, value, lang = source.found.layer.field(name), one[name], source.lang
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    low, high = _ends(one, name)
    return Fact(
        group=source.group.in_(lang),
        id=name,
        name=field.title.in_(lang),
        value=number,
        said="" if number is not None else _said(source.served, source.found, one, name, lang),
        low=low,
        high=high,
        unit=_unit(field, lang, source.found.info.count),
        year=source.year,
    )


def _ends(one: Mapping[str, Any], name: str) -> tuple[float | None, float | None]:
    for low, high in (("_inf", "_sup"), ("_min", "_max")):
        if f"{name}{low}" in one:
            return one[f"{name}{low}"], one[f"{name}{high}"]
    return None, None


def _said(served: Served, found: Collection, one: Values, name: str, lang: Lang) -> str:
    """Return what stands for a number: the title of a code, of a band or of a status."""
    for field in (name, f"{name}_fascia", f"{name}_stato"):
        code = one.get(field)
        if isinstance(code, str):
            return _title(served, found.layer.field(field), code, lang)
    return ""


def _title(served: Served, field: Field, code: str, lang: Lang) -> str:
    return titles_of(served.release.manifest, field.codelist, lang).get(code, code)


def _unit(field: Field, lang: Lang, count: int) -> str:
    if field.unit == "posizione":
        return Text(it=f"su {count}", en=f"of {count}").in_(lang)
    return "" if field.unit in {None, "1"} else unit_in(field.unit or "", lang)


def _indicators(
    served: Served, kind: str, code: str, body: str | None, lang: Lang
) -> Iterator[Fact]:
    """Yield the indicators of the latest year in which each has a value."""
    found = served.collections.get(VALUES)
    if found is None:
        return
    every = records(found, found.layer.field_names)
    themes = _themes(served, lang)
    own = [one for one in every if one["tipo_unita"] == _KINDS[kind] and one["unita"] == code]
    for one in _latest(own):
        like = [two for two in every if _same(one, two)]
        bodies = [two for two in like if two["tipo_unita"] == _KINDS["ente"]]
        of_body = [two["valore"] for two in bodies if two["unita"] == body]
        towns = [
            t["valore"] for t in like if t["tipo_unita"] == "comune" and t["valore"] is not None
        ]
        yield _indicator(served, found, one, themes, lang)._replace(
            body=next(iter(of_body), None), middle=round(median(towns), 4) if towns else None
        )


def _latest(rows: list[Values]) -> list[Values]:
    latest: dict[tuple[str, str], Values] = {}
    for one in rows:
        key = (one["indicatore"], one["variante"] or "")
        if key not in latest or one["periodo_inizio"] > latest[key]["periodo_inizio"]:
            latest[key] = one
    return [latest[key] for key in sorted(latest)]


def _same(one: Values, other: Values) -> bool:
    return all(one[name] == other[name] for name in ("indicatore", "variante", "periodo_inizio"))


def _indicator(
    served: Served, found: Collection, one: Values, themes: Mapping[str, str], lang: Lang
) -> Fact:
    name = (one["nome_en"] if lang == "en" else None) or one["nome"]
    variant = one["variante"]
    if variant:
        name = f"{name}: {_title(served, found.layer.field('variante'), variant, lang)}"
    stated = _title(served, found.layer.field("stato"), one["stato"], lang)
    return Fact(
        group=themes.get(one["indicatore"], ""),
        id=one["indicatore"],
        name=name,
        value=one["valore"],
        said="" if one["valore"] is not None else stated,
        low=one["ic_inf"],
        high=one["ic_sup"],
        unit="" if one["misura"] in {None, "1"} else unit_in(one["misura"], lang),
        year=one["periodo_inizio"][:4],
    )


def _themes(served: Served, lang: Lang) -> dict[str, str]:
    """Return what each indicator is about, as the catalogue of indicators has it."""
    found = served.collections.get("indicatori")
    if found is None:
        return {}
    field = found.layer.field("tema")
    rows = records(found, ("id", "tema"))
    return {one["id"]: _title(served, field, one["tema"], lang) for one in rows}


def _needs(served: Served, kind: str, code: str, lang: Lang) -> Iterator[Fact]:
    name, key = _NEEDS[kind]
    found = served.collections.get(name)
    if found is None:
        return
    own = next((r for r in records(found, found.layer.field_names) if r[key] == code), None)
    for field in found.layer.field_names if own else ():
        if field.startswith("stima_") and field.count("_") == 1:
            year = str((own or {})["periodo_inizio"])[:4]
            source = _Source(served, found, NEEDS_GROUP, year, lang)
            fact = _of_field(source, own or {}, field)
            # The group says already that these are estimates.
            yield fact._replace(name=fact.name.rpartition(": ")[2])
