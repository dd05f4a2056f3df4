"""Completes checked rows to the exact columns of a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_core.model.field import Field, FieldType
from geo_core.model.layer import Layer
from geo_core.model.tables import GEOMETRY, TableMismatch, check_columns

CRS: Final = "EPSG:4326"
DECIMALS: Final = 7
"""Decimals of published coordinates: about one centimetre."""


_KINDS: Final = {"Point": "punto", "Polygon": "area", "MultiPolygon": "area"}
"""What `tipo_geometria` says of a geometry."""


def complete(frame: pd.DataFrame, layer: Layer, *, reference_date: str) -> gpd.GeoDataFrame:
    """Return the rows with exactly the columns, types and order that a layer declares.

    The common columns that are not in `frame` are filled: validity stays open, a period is the
    calendar year of the reference date; source, licence and invention are the layer's.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        `id`, the layer's own fields, `geometry` if it has one (EPSG:4326; a Polygon becomes a
        MultiPolygon where the layer says so), in any order.
    layer : Layer
        What the result must look like.
    reference_date : str
        Day the source data date from, ``YYYY-MM-DD``.

    Returns
    -------
    GeoDataFrame
        Columns `layer.field_names` and `geometry`, EPSG:4326, a fresh index. Text and dates are
        str or None, integers `Int64`, numbers `Float64`, booleans `boolean`, codes lists of
        str (empty, never None). Coordinates have 7 decimals.

    Raises
    ------
    TableMismatch
        A column is missing or unknown, a value is not of its field's type, or an id repeats.
    """
    filled = _filled(frame, layer, reference_date).reset_index(drop=True)
    missing = [name for name in (*layer.field_names, GEOMETRY) if name not in filled]
    unknown = [str(name) for name in filled if name not in {*layer.field_names, GEOMETRY}]
    if missing or unknown:
        raise TableMismatch(
            f"layer {layer.id!r}: missing columns {missing}, unexpected columns {unknown}"
        )
    columns = {field.name: _typed(field, filled[field.name]) for field in layer.fields}
    geometry = _geometry(layer, filled[GEOMETRY])
    result = gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)
    check_columns(layer, result)
    return result


def _filled(frame: pd.DataFrame, layer: Layer, reference_date: str) -> pd.DataFrame:
    year = reference_date[:4]
    common = {
        "periodo_inizio": f"{year}-01-01",
        "periodo_fine": f"{year}-12-31",
        "valido_dal": None,
        "valido_al": None,
        "aggiornato_il": reference_date,
        "fonte": layer.source.it,
        "licenza": layer.licence,
        "dato_sintetico": layer.synthetic != "none",
    }
    values = {
        name: [value] * len(frame)
        for name, value in common.items()
        if name in layer.field_names and name not in frame
    }
    if "tipo_geometria" in layer.field_names:
        values["tipo_geometria"] = [
            _KINDS.get(getattr(s, "geom_type", "")) for s in frame[GEOMETRY]
        ]
    if layer.geometry == "none" and GEOMETRY not in frame:
        values[GEOMETRY] = [None] * len(frame)
    added = pd.DataFrame(values, index=frame.index, dtype=object)
    return pd.concat([pd.DataFrame(frame), added], axis=1)


def _typed(field: Field, values: pd.Series) -> pd.Series:
    try:
        return _AS[field.type](values)
    except (TypeError, ValueError):
        raise TableMismatch(
            f"field {field.name!r} holds a value that is not {field.type}"
        ) from None


def _text(values: pd.Series) -> pd.Series:
    return _objects(None if _is_missing(v) else _string(v) for v in values)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _date(values: pd.Series) -> pd.Series:
    return _objects(None if _is_missing(v) else date.fromisoformat(v).isoformat() for v in values)


def _codes(values: pd.Series) -> pd.Series:
    return _objects([] if _is_missing(v) else [_string(code) for code in v] for v in values)


def _integer(values: pd.Series) -> pd.Series:
    return pd.Series(_nullable(values, "Int64"))


def _boolean(values: pd.Series) -> pd.Series:
    return pd.Series(_nullable(values, "boolean"))


def _number(values: pd.Series) -> pd.Series:
    numbers = pd.Series(_nullable(values, "Float64"))
    if np.isinf(numbers.to_numpy(dtype=float, na_value=0.0)).any():
        raise ValueError
    return numbers


def _nullable(values: pd.Series, dtype: str) -> Any:
    return pd.array([pd.NA if _is_missing(v) else v for v in values], dtype=dtype)


def _objects(values: Iterable[object]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


_AS: Final[dict[FieldType, Callable[[pd.Series], pd.Series]]] = {
    "text": _text,
    "date": _date,
    "codes": _codes,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def _geometry(layer: Layer, shapes: pd.Series) -> Any:
    crs = getattr(shapes.array, "crs", None)
    if crs is not None and crs != CRS:
        raise TableMismatch(f"layer {layer.id!r}: the geometry is not in {CRS}")
    array = np.array([_shaped(layer, shape) for shape in shapes], dtype=object)
    return shapely.transform(array, lambda xy: np.round(xy, DECIMALS))


def _shaped(layer: Layer, shape: Any) -> Any:
    if shape is None:
        return None
    if layer.geometry != "Point" and shape.geom_type == "Polygon":
        return shapely.MultiPolygon([shape])
    allowed = ("Point", "MultiPolygon") if layer.geometry == "Geometry" else (layer.geometry,)
    if shape.geom_type not in allowed:
        raise TableMismatch(f"layer {layer.id!r} holds a {shape.geom_type}")
    return shape
