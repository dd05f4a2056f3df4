"""What people enter: for every kind of row its questions, and the rule of each answer.

Forms, spreadsheet templates and the check of an upload are made from the same `Kind`, so that
what a form lets through is what the check accepts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from geo_core.catalog import Catalog
from geo_core.errors import NotFound
from geo_core.ingest.answers import PSEUDONYM, month, place
from geo_core.ingest.columns import Column
from geo_core.ingest.rules import TABLES, input_columns
from geo_core.model.intake import AnswerDocument, AnswerType, IntakeDocument
from geo_core.model.layer import Layer
from geo_core.model.text import Text

ENTERED: Final = (
    "rilevazioni", "domanda", "segnalazioni", "valutazioni",
    "patti", "opportunita", "buone_prassi", "sedi",
)  # fmt: skip
"""Kinds for which there are forms and templates."""


@dataclass(frozen=True, slots=True)
class References:
    """What rows may refer to.

    Attributes
    ----------
    organisations, offices : frozenset of str
        Codes of the registers.
    municipalities : frozenset of str
        ISTAT codes of the district.
    cells : frozenset of str
        Leaf cells of the district.
    years : frozenset of int
        Calendar years that records may fall in.
    """

    organisations: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """One column of a kind.

    Attributes
    ----------
    column : Column
        The rule of the answer; its `name` is the column's.
    type : AnswerType
        How the answer is given: `month`, `place` and `pseudonym` are texts with a rule.
    codelist : str | None
        Where the codes have their titles.
    """

    column: Column
    type: AnswerType
    title: Text
    description: Text
    codelist: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row that people enter.

    Attributes
    ----------
    questions : tuple of Question
        In the order of the columns.
    replaces : tuple of str
        An upload replaces the earlier rows that agree with one of its rows in these columns.
    """

    name: str
    title: Text
    description: Text
    questions: tuple[Question, ...]
    replaces: tuple[str, ...]
    columns: tuple[Column, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the rules together, as `read_columns` takes them."""
        object.__setattr__(self, "columns", tuple(q.column for q in self.questions))


def kind(catalog: Catalog, name: str, known: References) -> Kind:
    """Return one kind; `NotFound` with the closest name otherwise."""
    if name in catalog.intake:
        return _of_persons(name, catalog.intake[name], codes_of(catalog), known)
    if name in TABLES:
        return _register(catalog.layer(name), catalog, known)
    raise NotFound.among("kind", name, (*catalog.intake, *TABLES))


def codes_of(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Return the codes by code list."""
    return {name: frozenset(c.code for c in codes) for name, codes in catalog.codelists.items()}


def _of_persons(
    name: str, document: IntakeDocument, codes: Mapping[str, Collection[str]], known: References
) -> Kind:
    return Kind(
        name=name,
        title=document.title,
        description=document.description,
        questions=tuple(
            Question(
                column=answer_column(column, answer, codes, known),
                type=answer.type,
                title=Text(it=answer.it, en=answer.en),
                description=answer.description,
                codelist=answer.codelist,
            )
            for column, answer in document.fields.items()
        ),
        replaces=document.replaces,
    )


def answer_column(
    name: str, answer: AnswerDocument, codes: Mapping[str, Collection[str]], known: References
) -> Column:
    """Return the rule of one answer about persons."""
    match answer.type:
        case "month":
            return Column(
                name,
                "text",
                required=answer.required,
                expected="a month, as 2023-04",
                check=lambda text: month(text, known.years),
            )
        case "place":
            return Column(
                name,
                "text",
                required=answer.required,
                expected="an H3 cell of resolution 8 or the ISTAT code of a municipality",
                check=lambda text: place(text, known.cells, known.municipalities),
            )
        case "pseudonym":
            pattern, expected = PSEUDONYM
            return Column(
                name, "text", required=answer.required, pattern=pattern, expected=expected
            )
        case _:
            return Column(
                name,
                answer.type,
                required=answer.required,
                codes=_allowed(answer, codes, known),
                codes_from=_listed_in(answer),
                low=answer.low,
                high=answer.high,
                max_items=answer.max_items,
            )


def _allowed(
    answer: AnswerDocument, codes: Mapping[str, Collection[str]], known: References
) -> frozenset[str] | None:
    if answer.codelist is not None:
        return frozenset(codes[answer.codelist])
    if answer.refers is not None:
        return {"organizzazioni": known.organisations, "sedi": known.offices}[answer.refers]
    return None


def _listed_in(answer: AnswerDocument) -> str:
    if answer.codelist is not None:
        return f"the code list {answer.codelist}"
    return f"the table {answer.refers}" if answer.refers else ""


_POSITION: Final = {
    "lon": (
        Text(it="Longitudine", en="Longitude"),
        Text(it="Gradi, WGS 84, per esempio 8.4213.", en="Degrees, WGS 84, such as 8.4213."),
    ),
    "lat": (
        Text(it="Latitudine", en="Latitude"),
        Text(it="Gradi, WGS 84, per esempio 45.3226.", en="Degrees, WGS 84, such as 45.3226."),
    ),
    "area_wkt": (
        Text(it="Area (WKT)", en="Area (WKT)"),
        Text(
            it="Al posto del punto: un poligono in WKT, in gradi, prima la longitudine.",
            en="Instead of the point: a polygon in WKT, degrees, longitude first.",
        ),
    ),
}


def _register(layer: Layer, catalog: Catalog, known: References) -> Kind:
    document = catalog.documents[layer.id]
    declared = {f.name: f for f in document.handed_in}
    columns = input_columns(
        layer.id,
        document,
        codes_of(catalog),
        known={"organizzazioni": known.organisations, "sedi": known.offices},
        municipalities=known.municipalities,
    )
    questions = []
    for column in columns:
        if column.name in _POSITION:
            title, description = _POSITION[column.name]
            questions.append(Question(column, column.type, title, description))
        else:
            own = declared[column.name]
            questions.append(
                Question(column, column.type, own.title, own.description, own.codelist)
            )
    owner = "id_org" if "id_org" in declared else TABLES[layer.id].key
    return Kind(
        name=layer.id,
        title=layer.title,
        description=layer.description,
        questions=tuple(questions),
        replaces=(owner,),
    )
