"""Rows of `indicatori`: the catalogue of indicators as data."""

from __future__ import annotations

from geo_core.model.indicator import Indicator, Indicators, Measure
from geo_core.model.units import unit_in

type Row = dict[str, str | int | float]


def rows(catalogue: Indicators) -> list[Row]:
    """Return one row per indicator, in the columns of `layers/indicatori.yml`.

    A measure is in no index: it has no polarity and no references.
    """
    of_indices = [
        {
            **_said(indicator),
            **_in_index(indicator),
            "id": ident,
            "metodo_id": catalogue.method,
            "riferimenti_id": catalogue.goalposts_id,
        }
        for ident, indicator in catalogue.indicators.items()
    ]
    alone = [{**_said(measure), "id": ident} for ident, measure in catalogue.measures.items()]
    return sorted([*of_indices, *alone], key=lambda row: str(row["id"]))


def _said(of: Indicator | Measure) -> Row:
    return {
        "nome": of.title.it,
        "nome_en": of.title.en,
        "definizione": of.definition.it,
        "definizione_en": of.definition.en,
        "unita": of.unit,
        "unita_en": unit_in(of.unit, "en"),
        "livelli": ", ".join(of.levels),
    }


def _in_index(indicator: Indicator) -> Row:
    return {
        "numeratore": indicator.numerator.it,
        "numeratore_en": indicator.numerator.en,
        "denominatore": indicator.denominator.it,
        "denominatore_en": indicator.denominator.en,
        "campo": indicator.field,
        "anno": indicator.period,
        "polarita": indicator.polarity,
        "riferimento_min": indicator.goalposts.min,
        "riferimento_max": indicator.goalposts.max,
    }
