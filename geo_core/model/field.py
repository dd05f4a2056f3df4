"""What a field of a layer is, and the fields that layers share."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field as Bound
from pydantic import model_validator

from geo_core.model.text import Name, Strict, Text
from geo_core.model.units import Unit

type FieldType = Literal["text", "integer", "number", "boolean", "date", "codes"]
"""`codes` is a list of codes: an array in JSON and Parquet, JSON text in vector tiles."""

type Aggregate = Literal["sum", "weighted_mean", "none"]
"""`sum` and `weighted_mean` are of the values that are known; of `none` nothing is known above."""

type Withheld = Literal["C", "D"]
"""C: for the offices only. D: never leaves the intake. Neither reaches a release."""


class _Typed(Strict):
    """What a field holds, as declared and as resolved."""

    type: FieldType
    unit: str | None = None
    codelist: str | None = None
    aggregate: Aggregate = "none"
    weight: Name | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type in {"integer", "number"} and not self.unit:
            raise ValueError("a number has a `unit` (`1` if it is a pure number)")
        if self.type == "codes" and not self.codelist:
            raise ValueError("a field of type `codes` names a `codelist`")
        if self.aggregate != "none" and self.type not in {"integer", "number"}:
            raise ValueError("only a number has an `aggregate`")
        if (self.aggregate == "weighted_mean") != (self.weight is not None):
            raise ValueError("a field names a `weight` exactly when it is a `weighted_mean`")
        return self


class Field(_Typed):
    """One column of a collection.

    Attributes
    ----------
    type : FieldType
        Scalar type; objects do not exist, they are flattened with `_`.
    unit : str | None
        Required for numbers, in Italian; `geo_core.model.units` gives the English.
    codelist : str | None
        Name of a list in `layers/codelists/`; the values are its codes.
    aggregate : Aggregate
        How the value of a coarser H3 zone is made of those of finer ones.
    weight : str | None
        Field whose values weigh those of a `weighted_mean`; it is a `sum` of the same layer.
    title, description : Text
        For people, in both languages.
    """

    name: Name
    title: Text
    description: Text


class FieldDocument(_Typed):
    """A field as written in a layer file, where its key is the name.

    Attributes
    ----------
    sensitivity : Sensitivity or Withheld, optional
        Only where it differs from the layer's: a field of class C or D may be handed in and is
        never published.
    """

    sensitivity: Withheld | None = None
    it: str = Bound(min_length=1)
    en: str = Bound(min_length=1)
    description: Text
    unit: Unit | None = None

    def field(self, name: str) -> Field:
        """Return the field of this name."""
        return Field(
            name=name,
            type=self.type,
            title=Text(it=self.it, en=self.en),
            description=self.description,
            unit=self.unit,
            codelist=self.codelist,
            aggregate=self.aggregate,
            weight=self.weight,
        )


COMMON: Final[dict[str, Field]] = {
    field.name: field
    for field in (
        Field(
            name="id",
            type="text",
            title=Text(it="Identificativo", en="Identifier"),
            description=Text(it="Identificativo stabile dell'oggetto.", en="Stable identifier."),
        ),
        Field(
            name="periodo_inizio",
            type="date",
            title=Text(it="Inizio del periodo", en="Period start"),
            description=Text(
                it="Primo giorno del periodo a cui si riferiscono i valori.",
                en="First day of the period the values refer to.",
            ),
        ),
        Field(
            name="periodo_fine",
            type="date",
            title=Text(it="Fine del periodo", en="Period end"),
            description=Text(
                it="Ultimo giorno del periodo a cui si riferiscono i valori.",
                en="Last day of the period the values refer to.",
            ),
        ),
        Field(
            name="tipo_geometria",
            type="text",
            codelist="tipo_geometria",
            title=Text(it="Forma del luogo", en="Shape of the place"),
            description=Text(
                it="Se il luogo è un punto o un'area; vuoto senza luogo.",
                en="Whether the place is a point or an area; null without a place.",
            ),
        ),
        Field(
            name="valido_dal",
            type="date",
            title=Text(it="Valido dal", en="Valid from"),
            description=Text(
                it="Giorno da cui l'oggetto è valido; vuoto se non noto.",
                en="Day from which the feature is valid; null if unknown.",
            ),
        ),
        Field(
            name="valido_al",
            type="date",
            title=Text(it="Valido al", en="Valid to"),
            description=Text(
                it="Ultimo giorno di validità; vuoto se ancora valido.",
                en="Last day of validity; null while valid.",
            ),
        ),
        Field(
            name="aggiornato_il",
            type="date",
            title=Text(it="Aggiornato il", en="Updated on"),
            description=Text(
                it="Giorno a cui risale il dato di origine.",
                en="Day the source data date from.",
            ),
        ),
        Field(
            name="fonte",
            type="text",
            title=Text(it="Fonte", en="Source"),
            description=Text(
                it="Da dove viene il dato.",
                en="Where the data come from.",
            ),
        ),
        Field(
            name="licenza",
            type="text",
            title=Text(it="Licenza", en="Licence"),
            description=Text(
                it="Licenza con cui il dato è pubblicato.",
                en="Licence the data are published under.",
            ),
        ),
        Field(
            name="dato_sintetico",
            type="boolean",
            title=Text(it="Dato sintetico", en="Synthetic data"),
            description=Text(
                it="Vero se il dato è inventato a scopo dimostrativo.",
                en="True if the value is invented for demonstration.",
            ),
        ),
    )
}
"""Fields that layers share; they are not declared in `layers/`."""
