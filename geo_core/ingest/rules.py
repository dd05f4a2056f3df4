"""What the open tables must be beyond the types that their layers declare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from geo_core.ingest.columns import Column
from geo_core.model.layer import Field, Layer

IDENTIFIER: Final = ("[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "a code of letters, digits, . _ or -")
IDENTIFIERS: Final = (
    "[A-Za-z0-9][A-Za-z0-9._-]{0,39}(; ?[A-Za-z0-9][A-Za-z0-9._-]{0,39}){0,49}",
    "a list of codes separated by semicolons",
)

PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    "cf": ("[0-9]{11}", "the tax code of a body, eleven digits"),
    "cap": ("[0-9]{5}", "a postal code of five digits"),
    "servizi": IDENTIFIERS,
    "sito": (r"https?://[!-~]{1,200}", "a web address that starts with https://"),
    "link": (r"https?://[!-~]{1,200}", "a web address that starts with https://"),
    "norma_uri": (r"(https?://|urn:)[!-~]{1,200}", "a URI that starts with https:// or urn:"),
}
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "eta_min": (0, 120),
    "eta_max": (0, 120),
    "costo_min": (0, 100_000),
    "costo_max": (0, 100_000),
    "attesa_giorni": (0, 3_650),
    "posti": (0, 10_000),
    "posti_liberi": (0, 10_000),
    "importo_eur": (0, 100_000_000),
}
CONTACTS: Final = frozenset({"email", "telefono"})
SAID_OF_THE_ROW: Final = (
    Column("dato_sintetico", "boolean"),
    Column("fonte", "text"),
    Column("licenza", "text"),
)
"""What an import adds to a row: whether it is invented, who brought it, under which licence."""

LON_LAT: Final = (
    Column("lon", "number", low=-180, high=180),
    Column("lat", "number", low=-90, high=90),
)


@dataclass(frozen=True, slots=True)
class Table:
    """One open table.

    Attributes
    ----------
    key : str
        Column of the stable code; it becomes `id`.
    required : frozenset of str
        Columns without empty cells.
    derived : frozenset of str
        Fields of the layer that are computed and must not be handed in.
    owner : bool
        `id_org` refers to the organisations.
    ordered : tuple of pairs
        Columns whose values must not descend.
    validity : tuple of 2 str | None
        Columns that say from when to when the row is valid.
    """

    key: str
    required: frozenset[str]
    derived: frozenset[str] = frozenset()
    owner: bool = True
    ordered: tuple[tuple[str, str], ...] = ()
    validity: tuple[str, str] | None = None


TABLES: Final[Mapping[str, Table]] = {
    "organizzazioni": Table(
        key="id_org",
        required=frozenset({"id_org", "denominazione", "tipo", "cod_istat"}),
        owner=False,
    ),
    "servizi": Table(
        key="id_servizio",
        required=frozenset(
            {"id_servizio", "nome", "tipo_servizio", "area_utenza", "id_org", "stato"}
        ),
        ordered=(("eta_min", "eta_max"), ("costo_min", "costo_max")),
    ),
    "sedi": Table(
        key="id_sede",
        required=frozenset({"id_sede", "nome", "tipo_sede", "id_org", "cod_istat", "riservata"}),
        derived=frozenset({"h3_r9", "n_servizi", "tipi_servizio"}),
        ordered=(("posti_liberi", "posti"),),
    ),
    "opportunita": Table(
        key="id_opp",
        required=frozenset({"id_opp", "titolo", "tipo", "id_org", "cod_istat", "apertura"}),
        derived=frozenset({"h3_r9"}),
        ordered=(("apertura", "scadenza"),),
        validity=("apertura", "scadenza"),
    ),
}
"""By layer, in the order in which they refer to each other."""

_GIVEN_BY_THE_BUILD: Final = frozenset(
    {"id", "valido_dal", "valido_al", "aggiornato_il", "fonte", "licenza", "dato_sintetico"}
)


def input_columns(
    layer: Layer,
    codes: Mapping[str, Collection[str]],
    *,
    organisations: frozenset[str],
    municipalities: frozenset[str],
) -> tuple[Column, ...]:
    """Return the columns that the file of a layer may have.

    Parameters
    ----------
    layer : Layer
        One of `TABLES`.
    codes : Mapping
        Codes by code list.
    organisations : frozenset of str
        Codes that `id_org` may name.
    municipalities : frozenset of str
        ISTAT codes that `cod_istat` may name.
    """
    table = TABLES[layer.id]
    hidden = _GIVEN_BY_THE_BUILD | table.derived
    allowed = {"cod_istat": municipalities, **({"id_org": organisations} if table.owner else {})}
    fields = [field for field in layer.fields if field.name not in hidden]
    columns = (_column(field, table, codes, allowed=allowed.get(field.name)) for field in fields)
    return (*columns, *(LON_LAT if layer.geometry == "Point" else ()))


def _column(
    field: Field,
    table: Table,
    codes: Mapping[str, Collection[str]],
    *,
    allowed: frozenset[str] | None,
) -> Column:
    if field.codelist is not None:
        allowed = frozenset(codes[field.codelist])
    identifier = IDENTIFIER if field.name == table.key else ("", "")
    pattern, expected = PATTERNS.get(field.name, identifier)
    low, high = BOUNDS.get(field.name, (-float("inf"), float("inf")))
    return Column(
        field.name,
        field.type,
        required=field.name in table.required,
        codes=allowed,
        low=low,
        high=high,
        pattern=pattern,
        expected=expected,
        contact=field.name in CONTACTS,
    )
