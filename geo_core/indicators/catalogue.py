"""Rows of `indicatori`: the catalogue of indicators as data."""

from __future__ import annotations

from collections.abc import Collection

from geo_core.indicators.values import GIVEN
from geo_core.model.indicator import Indicator, Indicators, Measure
from geo_core.model.units import unit_in

type Row = dict[str, str | int | float | None]


def rows(catalogue: Indicators, *, year: int, given: Collection[str]) -> list[Row]:
    """Return one row per indicator, in the columns of `layers/indicatori.yml`.

    Parameters
    ----------
    catalogue : Indicators
        An indicator that no index is made of has no goalposts.
    year : int
        Reference year of the release.
    given : collection of str
        Indicators whose counts were handed in; of `values.GIVEN` the others have no values.
    """
    return [
        {
            "id": ident,
            **_said(measure),
            **_computed(measure, year),
            **({} if ident in given or ident not in GIVEN else {"raccolte": None}),
            **(_in_index(measure, catalogue) if isinstance(measure, Indicator) else {}),
        }
        for ident, measure in sorted(catalogue.all.items())
    ]


def _said(of: Measure) -> Row:
    return {
        "nome": of.title.it,
        "nome_en": of.title.en,
        "definizione": of.definition.it,
        "definizione_en": of.definition.en,
        "tema": of.theme,
        "tipo": of.kind,
        "numeratore": of.numerator.it,
        "numeratore_en": of.numerator.en,
        "denominatore": of.denominator.it if of.denominator else None,
        "denominatore_en": of.denominator.en if of.denominator else None,
        "unita": of.unit,
        "unita_en": unit_in(of.unit, "en"),
    }


def _computed(of: Measure, year: int) -> Row:
    return {
        "formula": of.formula,
        "polarita": of.polarity,
        "livello_minimo": of.minimum_level,
        "livello_stima": of.estimated_to,
        "origine": of.origin,
        "fonte_dati": of.source.it,
        "fonte_dati_en": of.source.en,
        "licenza_dati": of.licence,
        "anno": of.period.format(year=year, before=year - 1),
        "versione": of.version,
        "intervallo": of.interval,
        "raccolte": ";".join(of.collections) or None,
    }


def _in_index(indicator: Indicator, catalogue: Indicators) -> Row:
    return {
        "campo": indicator.field,
        "riferimento_min": indicator.goalposts.min,
        "riferimento_max": indicator.goalposts.max,
        "metodo_id": catalogue.method,
        "riferimenti_id": catalogue.goalposts_id,
    }
