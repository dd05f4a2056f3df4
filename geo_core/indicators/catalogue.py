"""Rows of `indicatori`: the catalogue of indicators as data."""

from __future__ import annotations

from geo_core.model.indicator import Indicator, Indicators
from geo_core.model.units import unit_in

type Row = dict[str, str | int | float]


def rows(catalogue: Indicators) -> list[Row]:
    """Return one row per indicator, in the columns of `layers/indicatori.yml`."""
    return [
        {
            **_texts(indicator),
            "id": ident,
            "metodo_id": catalogue.method,
            "riferimenti_id": catalogue.goalposts_id,
        }
        for ident, indicator in sorted(catalogue.indicators.items())
    ]


def _texts(indicator: Indicator) -> Row:
    return {
        "nome": indicator.title.it,
        "nome_en": indicator.title.en,
        "definizione": indicator.definition.it,
        "definizione_en": indicator.definition.en,
        "numeratore": indicator.numerator.it,
        "numeratore_en": indicator.numerator.en,
        "denominatore": indicator.denominator.it,
        "denominatore_en": indicator.denominator.en,
        "campo": indicator.field,
        "unita": indicator.unit,
        "unita_en": unit_in(indicator.unit, "en"),
        "livelli": ", ".join(indicator.levels),
        "anno": indicator.period,
        "polarita": indicator.polarity,
        "riferimento_min": indicator.goalposts.min,
        "riferimento_max": indicator.goalposts.max,
    }
