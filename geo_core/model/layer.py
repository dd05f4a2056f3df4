"""What a layer is: one declaration, from which every published form follows.

`LayerDocument` is what a file in `layers/` holds. A document with `resolutions` stands for
a family of collections (`offerta_h3` gives `offerta_h3_r6`, `_r7`, `_r8`); `resolve` turns it
into the `Layer` objects that a release embeds and the server reads.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field as Bound
from pydantic import StringConstraints, model_validator

from geo_core.model.text import Strict, Text

type FieldType = Literal["text", "integer", "number", "boolean", "date", "codes"]
"""`codes` is a list of codes: an array in JSON and Parquet, JSON text in vector tiles."""

type GeometryKind = Literal["Point", "MultiPolygon", "none"]
type Sensitivity = Literal["A", "B"]
"""A: public. B: public only after disclosure control. (C and D never reach a release.)"""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class Field(Strict):
    """One column of a collection.

    Attributes
    ----------
    type : FieldType
        Scalar type; objects do not exist, they are flattened with `_`.
    title, description : Text
        For people, in both languages.
    unit : str | None
        Required for numbers: `persone`, `%`, `EUR`, `anni`, `1` (pure number).
    codelist : str | None
        Name of a list in `layers/codelists/`; the values are its codes.
    """

    name: Name
    type: FieldType
    title: Text
    description: Text
    unit: str | None = None
    codelist: str | None = None

    @model_validator(mode="after")
    def _numbers_have_units(self) -> Self:
        if self.type in {"integer", "number"} and not self.unit:
            raise ValueError(f"field {self.name!r} is a number and has no `unit`")
        if self.type == "codes" and not self.codelist:
            raise ValueError(f"field {self.name!r} lists codes and names no `codelist`")
        return self


class FieldDocument(Strict):
    """A field as written in a layer file, where its key is the name."""

    type: FieldType
    it: str = Bound(min_length=1)
    en: str = Bound(min_length=1)
    description: Text
    unit: str | None = None
    codelist: str | None = None


class Zooms(Strict):
    """Zoom levels of a vector tileset, both included."""

    min: int = Bound(6, ge=0, le=14)
    max: int = Bound(12, ge=0, le=14)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError("zooms.min is larger than zooms.max")
        return self


class Raster(Strict):
    """A raster made of one field of a hexagon layer."""

    field: Name
    metres: int = Bound(100, ge=20, le=1000, description="Pixel side in EPSG:3857 metres.")


class _Common(Strict):
    """What a document and a resolved layer share."""

    title: Text
    description: Text
    keywords: tuple[str, ...] = ()
    group: Literal[
        "confini", "servizi", "opportunita", "offerta", "popolazione", "bisogni", "rischio"
    ]
    geometry: GeometryKind
    sensitivity: Sensitivity
    policy: str | None = Bound(
        None, description="Policy of config/disclosure.yml; required for class B."
    )
    synthetic: bool = Bound(description="True when the demonstration data are invented.")
    source: Text
    licence: str = "CC-BY-4.0"
    attribution: str
    frequency: Literal["ANNUAL", "IRREG", "MONTHLY"] = "ANNUAL"
    period: bool = Bound(
        False, description="True when features carry periodo_inizio and periodo_fine."
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
    """One published collection, complete: the release embeds this document."""

    id: Name
    family: Name = Bound(
        description="The document it comes from; also its style and theme tileset."
    )
    resolution: int | None = Bound(None, ge=0, le=15)
    fields: tuple[Field, ...]

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the columns, in order; geometry not included."""
        return tuple(f.name for f in self.fields)

    def field(self, name: str) -> Field:
        """Return one field; KeyError if the layer has none of that name."""
        return {f.name: f for f in self.fields}[name]


class LayerDocument(_Common):
    """A file of `layers/`; its name without the ending is the family."""

    resolutions: tuple[int, ...] = ()
    fields: dict[Name, FieldDocument]

    def resolve(self, family: str) -> tuple[Layer, ...]:
        """Return the collections the document stands for, common fields included."""
        shared = {k: v for k, v in self if k not in {"resolutions", "fields"}}
        fields = (*_head(self), *_declared(self.fields), *_tail(self))
        return tuple(
            Layer(
                **{**shared, "title": _titled(self.title, res)},
                id=family if res is None else f"{family}_r{res}",
                family=family,
                resolution=res,
                fields=fields,
            )
            for res in (self.resolutions or (None,))
        )


def _titled(title: Text, res: int | None) -> Text:
    if res is None:
        return title
    return Text(it=f"{title.it} (H3 ris. {res})", en=f"{title.en} (H3 res. {res})")


def _declared(fields: dict[str, FieldDocument]) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=name,
            type=f.type,
            title=Text(it=f.it, en=f.en),
            description=f.description,
            unit=f.unit,
            codelist=f.codelist,
        )
        for name, f in fields.items()
    )


def _common(  # noqa: PLR0913, PLR0917 - one row of a table of texts
    name: str, kind: FieldType, it: str, en: str, why_it: str, why_en: str
) -> Field:
    return Field(
        name=name, type=kind, title=Text(it=it, en=en), description=Text(it=why_it, en=why_en)
    )


def _head(doc: LayerDocument) -> tuple[Field, ...]:
    ident = _common(
        "id",
        "text",
        "Identificativo",
        "Identifier",
        "Identificativo stabile dell'oggetto.",
        "Stable identifier of the feature.",
    )
    period = (
        _common(
            "periodo_inizio",
            "date",
            "Inizio del periodo",
            "Period start",
            "Primo giorno del periodo a cui si riferiscono i valori.",
            "First day of the period the values refer to.",
        ),
        _common(
            "periodo_fine",
            "date",
            "Fine del periodo",
            "Period end",
            "Ultimo giorno del periodo a cui si riferiscono i valori.",
            "Last day of the period the values refer to.",
        ),
    )
    return (ident, *(period if doc.period else ()))


def _tail(doc: LayerDocument) -> tuple[Field, ...]:
    valid = (
        _common(
            "valido_dal",
            "date",
            "Valido dal",
            "Valid from",
            "Giorno da cui l'oggetto è valido; vuoto se non noto.",
            "Day from which the feature is valid; null if unknown.",
        ),
        _common(
            "valido_al",
            "date",
            "Valido al",
            "Valid to",
            "Ultimo giorno di validità; vuoto se ancora valido.",
            "Last day of validity; null while valid.",
        ),
    )
    updated = _common(
        "aggiornato_il",
        "date",
        "Aggiornato il",
        "Updated on",
        "Giorno a cui risale il dato di origine.",
        "Day the source data date from.",
    )
    origin = (
        _common(
            "fonte",
            "text",
            "Fonte",
            "Source",
            "Da dove viene il dato.",
            "Where the data come from.",
        ),
        _common(
            "licenza",
            "text",
            "Licenza",
            "Licence",
            "Licenza con cui il dato è pubblicato.",
            "Licence the data are published under.",
        ),
        _common(
            "dato_sintetico",
            "boolean",
            "Dato sintetico",
            "Synthetic data",
            "Vero se il dato è inventato a scopo dimostrativo.",
            "True if the value is invented for demonstration.",
        ),
    )
    # A date of update on class B features would tell when a person's record changed.
    dated = (updated,) if doc.sensitivity == "A" else ()
    return (*(() if doc.period else valid), *dated, *origin)
