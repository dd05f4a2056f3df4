"""What a layer is: one declaration, from which every published form follows.

`LayerDocument` is what a file in `layers/` holds. A document with `resolutions` stands for
a family of collections (`offerta_h3` gives `offerta_h3_r6`, `_r7`, `_r8`); `resolve` turns it
into the `Layer` objects that a release embeds and the server reads.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.cells import mean_area_km2
from geo_core.model.field import COMMON, Field, FieldDocument
from geo_core.model.mapping import ColumnMapping
from geo_core.model.raster import Raster, RasterDocument
from geo_core.model.text import Name, Strict, Text
from geo_core.model.zooms import Zooms

type GeometryKind = Literal["Point", "MultiPolygon", "Geometry", "none"]
"""`Geometry` is a point or a multipolygon, feature by feature: `tipo_geometria` says which."""

AREAS: Final = "_aree"
"""Ending of the collection that holds only the areas of a layer of kind `Geometry`."""

type Sensitivity = Literal["A", "B"]
"""A: public. B: public only after disclosure control."""

type Invented = Literal["none", "some", "all"]
"""How many of the rows are invented for demonstration."""


Resolution = Annotated[int, Bound(ge=0, le=15)]
"""H3 resolution."""


class _Common(Strict):
    """What a document and a resolved layer share."""

    title: Text
    description: Text
    keywords: tuple[str, ...] = ()
    group: Literal[
        "confini",
        "servizi",
        "opportunita",
        "partecipazione",
        "offerta",
        "popolazione",
        "bisogni",
        "rischio",
    ]
    geometry: GeometryKind
    sensitivity: Sensitivity
    policy: str | None = Bound(
        None, description="Policy of config/disclosure.yml; required for class B."
    )
    estimated_on: Literal["comuni", "ambiti"] | None = Bound(
        None, description="Of estimates: the public collection whose areas they are for."
    )
    made_of: tuple[Name, ...] = Bound(
        (), description="Input tables that its rows are made of; they say whose it is."
    )
    licence: str = "CC-BY-4.0"
    frequency: Literal["ANNUAL", "IRREG", "MONTHLY"] = "ANNUAL"
    period: bool = Bound(
        False, description="True when features carry periodo_inizio and periodo_fine."
    )
    current_only: bool = Bound(
        False,
        description="True when features not valid on the reference date show with `datetime` only.",
    )
    title_field: Name = "id"
    sort: tuple[str, ...] = Bound(
        (), description="Default order; `-name` is descending; nulls last; ties by id."
    )
    zooms: Zooms | None = Zooms()
    raster: Raster | None = None

    @model_validator(mode="after")
    def _sensitive_needs_policy(self) -> Self:
        if (self.sensitivity == "B") != (self.policy is not None):
            raise ValueError("a layer names a `policy` exactly when its sensitivity is B")
        return self


class Layer(_Common):
    """One published collection, complete: the release embeds this document.

    `synthetic`, `source` and `attribution` are said of its rows by `geo_core.model.content`.
    """

    id: Name
    family: Name = Bound(
        description="The document it comes from; also its style and theme tileset."
    )
    resolution: Resolution | None = None
    series: bool = Bound(False, description="True when it holds every period, not the latest only.")
    synthetic: Invented = "none"
    source: Text = Text(it="Non dichiarata", en="Not declared")
    attribution: str = "Non dichiarata"
    fields: tuple[Field, ...]

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the columns, in order; geometry not included."""
        return tuple(f.name for f in self.fields)

    def field(self, name: str) -> Field:
        """Return one field; KeyError if the layer has none of that name."""
        return {f.name: f for f in self.fields}[name]

    @property
    def rasters(self) -> dict[str, str]:
        """Field of each raster by its id: the collection's, with the field if there are several."""
        fields = self.raster.names if self.raster else ()
        return {f"{self.id}_{f}" if len(fields) > 1 else self.id: f for f in fields}


class LayerDocument(_Common):
    """A file of `layers/`; its name without the ending is the family."""

    resolutions: tuple[Resolution, ...] = ()
    raster: RasterDocument | None = None
    series: Resolution | None = Bound(
        None, description="H3 resolution of a further collection, `_serie`, with every period."
    )
    mappings: dict[Name, ColumnMapping] = Bound(
        {}, description="Files of offices that have columns of their own, by profile."
    )
    fields: dict[Name, FieldDocument]

    @model_validator(mode="after")
    def _weighed_by_sums(self) -> Self:
        sums = {name for name, field in self.fields.items() if field.aggregate == "sum"}
        if {field.weight for field in self.fields.values()} - sums - {None}:
            raise ValueError("the `weight` of a field is a field of the layer that is a `sum`")
        return self

    @property
    def handed_in(self) -> tuple[Field, ...]:
        """Every declared field, those that are never published included."""
        return tuple(f.field(name) for name, f in self.fields.items())

    def resolve(self, family: str) -> tuple[Layer, ...]:
        """Return the collections the document stands for, common fields included."""
        own = {"resolutions", "raster", "series", "mappings", "fields"}
        shared = {k: v for k, v in self if k not in own}
        public = (f.field(name) for name, f in self.fields.items() if f.sensitivity is None)
        fields = (*_head(self), *public, *_tail(self))
        latest = tuple(
            Layer(
                **{**shared, "title": _titled(self.title, res)},
                id=family if res is None else f"{family}_r{res}",
                family=family,
                resolution=res,
                raster=self.raster and self.raster.at(res),
                fields=fields,
            )
            for res in (sorted(self.resolutions) or (None,))
        )
        if self.geometry == "Geometry":
            return _points_first(latest[0]), _areas(latest[0])
        if self.series is None:
            return latest
        return (*latest, _series(family, latest[0], self.title, self.series))


def hexagon_note(resolution: int) -> Text:
    """Return what a title says of an H3 resolution: the mean area of a hexagon."""
    area = mean_area_km2(resolution)
    text = f"{area:.0f}" if area >= 1 else f"{area:.1g}"
    return Text(
        it=f", esagoni di circa {text.replace('.', ',')} km²",
        en=f", hexagons of about {text} km²",
    )


def family_title(layer: Layer) -> Text:
    """Return the title of a layer without the note on the size of its hexagons."""
    if layer.resolution is None:
        return layer.title
    note = hexagon_note(layer.resolution)
    return Text(it=layer.title.it.removesuffix(note.it), en=layer.title.en.removesuffix(note.en))


def _series(family: str, latest: Layer, title: Text, res: Resolution) -> Layer:
    """Return the collection of every period. It has no tiles: periods would lie on each other."""
    years = Text(it=f"{title.it}, serie annuale", en=f"{title.en}, by year")
    told = Text(
        it=f"{latest.description.it} Una riga per area e per anno, anche degli anni passati.",
        en=f"{latest.description.en} One row for each area and year, past years included.",
    )
    return Layer(
        **dict(latest)
        | {
            "id": f"{family}_serie",
            "title": _titled(years, res),
            "description": told,
            "resolution": res,
            "series": True,
            "zooms": None,
            "raster": None,
        }
    )


def _points_first(layer: Layer) -> Layer:
    """Return the collection of every feature. QGIS takes the geometry type of the first."""
    return layer.model_copy(update={"sort": ("-tipo_geometria", *layer.sort)})


def _areas(layer: Layer) -> Layer:
    """Return the collection of the features that are areas, which QGIS can draw as such."""
    return layer.model_copy(
        update={
            "id": f"{layer.family}{AREAS}",
            "title": Text(it=f"{layer.title.it}: aree", en=f"{layer.title.en}: areas"),
            "geometry": "MultiPolygon",
        }
    )


def _titled(title: Text, res: int | None) -> Text:
    if res is None:
        return title
    note = hexagon_note(res)
    return Text(it=title.it + note.it, en=title.en + note.en)


def _head(doc: LayerDocument) -> tuple[Field, ...]:
    return COMMON["id"], *(_named("periodo_inizio", "periodo_fine") if doc.period else ())


def _tail(doc: LayerDocument) -> tuple[Field, ...]:
    return (
        *(_named("tipo_geometria") if doc.geometry == "Geometry" else ()),
        *(() if doc.period else _named("valido_dal", "valido_al")),
        # A date of update on class B features would tell when a person's record changed.
        *(_named("aggiornato_il") if doc.sensitivity == "A" else ()),
        *_named("fonte", "licenza", "dato_sintetico"),
    )


def _named(*names: str) -> tuple[Field, ...]:
    return tuple(COMMON[name] for name in names)
