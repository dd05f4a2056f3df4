"""What the open tables must be beyond the types that their layers declare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from geo_core.ingest.beside import NAMED_BY
from geo_core.ingest.columns import Column
from geo_core.model.field import Field
from geo_core.model.layer import GeometryKind, LayerDocument

IDENTIFIER: Final = ("[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "a code of letters, digits, . _ or -")
IDENTIFIERS: Final = (
    "[A-Za-z0-9][A-Za-z0-9._-]{0,39}(; ?[A-Za-z0-9][A-Za-z0-9._-]{0,39}){0,49}",
    "a list of codes separated by semicolons",
)

_DAYS: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: [0-3]?[0-9])?"
_TIME: Final = "(?:[01][0-9]|2[0-4]):[0-5][0-9]"
_SPAN: Final = rf"{_TIME}(?:-{_TIME}|\+)"


def _several(one: str, most: int, between: str) -> str:
    return f"{one}(?:{between}{one}){{0,{most - 1}}}"


_RULE: Final = (
    rf"(?:{_several(f'{_MONTH}(?:-{_MONTH})?', 6, ',')}:? ?)?"
    rf"(?:{_several(rf'{_DAYS}(?:-{_DAYS}|\[-?[1-5]\])?', 9, ', ?')} ?)?"
    rf"(?:{_several(_SPAN, 6, ', ?')}|off|closed|open|(?<=[a-zH\]]) ?)"
)
OPENING_HOURS: Final = (
    rf"24/7|{_several(_RULE, 12, '(?:; ?|, | [|][|] )')}",
    "opening hours as OpenStreetMap writes them",
)
"""Months, days and times: words beside them would be free text."""

PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    "cf": ("[0-9]{11}", "the tax code of a body, eleven digits"),
    "orari": OPENING_HOURS,
    "cap": ("[0-9]{5}", "a postal code of five digits"),
    "servizi": IDENTIFIERS,
    "soggetti": IDENTIFIERS,
    "attori": IDENTIFIERS,
    "comuni": IDENTIFIERS,
    "ambito_territoriale": IDENTIFIERS,
    "id_rete": IDENTIFIER,
    "sito": (r"https?://[!-~]{1,200}", "a web address that starts with https://"),
    "link": (r"https?://[!-~]{1,200}", "a web address that starts with https://"),
    "testo_uri": (r"(https?://|urn:)[!-~]{1,200}", "a URI that starts with https:// or urn:"),
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
    "costi_eur": (0, 100_000_000),
    "durata_mesi": (1, 600),
    "minuti": (1, 240),
    "versione": (1, 1_000),
    "cittadini": (0, 100_000),
    "utenti": (0, 1_000_000),
}
CONTACTS: Final = frozenset({"email", "telefono"})
SEVERAL: Final = frozenset({"servizi", "soggetti", "attori", "comuni", "ambito_territoriale"})
"""Columns of codes separated by ``;``."""
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
AREA: Final = Column(
    "area_wkt",
    "text",
    pattern=r"(MULTI)?POLYGON *\([-0-9., ()]+\)",
    expected="a polygon in WKT, degrees, WGS 84",
)
POSITION: Final[Mapping[GeometryKind, tuple[Column, ...]]] = {
    "none": (),
    "Point": LON_LAT,
    "MultiPolygon": (AREA,),
    "Geometry": (*LON_LAT, AREA),
}
"""Columns that say where a row is, by the geometry of its layer."""

FEWEST_PERSONS: Final = 5
"""A number of persons under this is not published: it would point at them."""


STATES: Final = (
    "contatto", "proposta", "istruttoria", "co_progettazione", "approvazione", "sottoscritto",
    "attuazione", "valutazione", "concluso", "rinnovato", "revocato", "respinto",
)  # fmt: skip
"""States of a pact in the order in which it can pass through them."""


@dataclass(frozen=True, slots=True)
class Table:
    """One open table.

    Attributes
    ----------
    key : str
        Column of the stable code; it becomes `id`.
    within : tuple of str
        Further columns that tell rows of the same code apart; `id` joins all with ``@``.
    required : frozenset of str
        Columns without empty cells.
    derived : frozenset of str
        Fields of the layer that are computed and must not be handed in.
    refers : mapping
        Columns that name rows of another table, one or several (separated by ``;``).
    placed : bool
        A row must say where it is.
    ordered : tuple of pairs
        Columns whose values must not descend.
    validity : tuple of 2 str | None
        Columns that say from when to when the row is valid.
    public : frozenset of str
        Values of `stato` with which a row is public; the others stay with the offices (class C).
        Empty if every row is public.
    persons : tuple of str
        Numbers of persons: published from `FEWEST_PERSONS` on.
    past : tuple of str
        Days on which something was found to be so: none can be later than today.
    """

    key: str
    required: frozenset[str]
    within: tuple[str, ...] = ()
    derived: frozenset[str] = frozenset()
    refers: Mapping[str, str] = field(default_factory=dict)
    placed: bool = True
    ordered: tuple[tuple[str, str], ...] = ()
    validity: tuple[str, str] | None = None
    public: frozenset[str] = frozenset()
    persons: tuple[str, ...] = ()
    past: tuple[str, ...] = ()


_OWNER: Final = {"id_org": "organizzazioni"}

TABLES: Final[Mapping[str, Table]] = {
    "organizzazioni": Table(
        key="id_org",
        required=frozenset({"id_org", "denominazione", "tipo", "cod_istat"}),
        placed=False,
    ),
    "servizi": Table(
        key="id_servizio",
        required=frozenset(
            {"id_servizio", "nome", "tipo_servizio", "area_utenza", "id_org", "stato"}
        ),
        refers=_OWNER,
        ordered=(("eta_min", "eta_max"), ("costo_min", "costo_max")),
    ),
    "sedi": Table(
        key="id_sede",
        required=frozenset({"id_sede", "nome", "tipo_sede", "id_org", "cod_istat", "riservata"}),
        derived=frozenset({"h3_r9", "n_servizi", "tipi_servizio"}),
        refers={**_OWNER, "servizi": "servizi"},
        ordered=(("posti_liberi", "posti"),),
        past=("verificata_il", "data_posti"),
    ),
    "aree_servizio": Table(
        key="id_area",
        required=frozenset({"id_area", "nome", "base"}),
        refers={"id_sede": "sedi", "id_servizio": "servizi"},
    ),
    "reti": Table(
        key="id_rete",
        within=("id_org", "dal"),
        required=frozenset({"id_rete", "denominazione", "id_org", "ruolo", "dal"}),
        refers=_OWNER,
        ordered=(("dal", "al"),),
        validity=("dal", "al"),
    ),
    "strumenti": Table(
        key="id_strumento",
        required=frozenset({"id_strumento", "tipo_strumento", "titolo"}),
        refers={**_OWNER, "soggetti": "organizzazioni"},
        placed=False,
        ordered=(("dal", "al"),),
        validity=("dal", "al"),
    ),
    "opportunita": Table(
        key="id_opp",
        required=frozenset({"id_opp", "titolo", "tipo", "id_org", "apertura"}),
        derived=frozenset({"h3_r9"}),
        refers=_OWNER,
        ordered=(("apertura", "scadenza"),),
        validity=("apertura", "scadenza"),
    ),
    "patti": Table(
        key="id_patto",
        required=frozenset({"id_patto", "titolo", "tipo_patto", "stato", "id_org", "cod_istat"}),
        derived=frozenset({"cittadini_stato"}),
        refers={**_OWNER, "soggetti": "organizzazioni", "id_strumento": "strumenti"},
        public=frozenset(
            {"sottoscritto", "attuazione", "valutazione", "concluso", "rinnovato", "revocato"}
        ),
        persons=("cittadini",),
    ),
    "buone_prassi": Table(
        key="id_prassi",
        within=("versione",),
        required=frozenset({"id_prassi", "versione", "titolo", "problema", "azione", "dal"}),
        derived=frozenset({"utenti_stato"}),
        refers={
            **_OWNER,
            "attori": "organizzazioni",
            "id_servizio": "servizi",
            "id_patto": "patti",
        },
        placed=False,
        persons=("utenti",),
    ),
}
"""By layer, in the order in which they refer to each other."""


class Listed(NamedTuple):
    """Codes, and where they are listed, in words."""

    codes: Collection[str]
    where: str


MUNICIPALITIES: Final = "the municipalities of the district"

_GIVEN_BY_THE_BUILD: Final = NAMED_BY.keys() | {
    "id", "valido_dal", "valido_al", "aggiornato_il", "fonte", "licenza", "dato_sintetico",
}  # fmt: skip


def input_columns(
    name: str,
    document: LayerDocument,
    codes: Mapping[str, Collection[str]],
    *,
    known: Mapping[str, frozenset[str]],
    municipalities: frozenset[str],
) -> tuple[Column, ...]:
    """Return the columns that the file of a layer may have.

    Parameters
    ----------
    name : str
        One of `TABLES`.
    document : LayerDocument
        Its declaration: a field that is never published may be handed in.
    codes : Mapping
        Codes by code list.
    known : Mapping
        Codes of the rows that a reference may name, by table. A reference to another table is
        any code.
    municipalities : frozenset of str
        ISTAT codes that `cod_istat` may name.
    """
    table = TABLES[name]
    hidden = _GIVEN_BY_THE_BUILD | table.derived
    allowed = {"cod_istat": Listed(municipalities, MUNICIPALITIES)}
    for column, target in table.refers.items():
        if target in known and column not in SEVERAL:
            allowed[column] = Listed(known[target], f"the table {target}")
    fields = [field for field in document.handed_in if field.name not in hidden]
    columns = (_column(field, table, codes, allowed=allowed.get(field.name)) for field in fields)
    return (*columns, *POSITION[document.geometry])


def _column(
    field: Field,
    table: Table,
    codes: Mapping[str, Collection[str]],
    *,
    allowed: Listed | None,
) -> Column:
    if field.codelist is not None:
        allowed = Listed(codes[field.codelist], f"the code list {field.codelist}")
    reference = field.name == table.key or field.name in table.refers
    pattern, expected = PATTERNS.get(field.name, IDENTIFIER if reference else ("", ""))
    low, high = BOUNDS.get(field.name, (-float("inf"), float("inf")))
    return Column(
        field.name,
        field.type,
        required=field.name in table.required,
        codes=None if allowed is None else frozenset(allowed.codes),
        codes_from="" if allowed is None else allowed.where,
        low=low,
        high=high,
        pattern=pattern,
        expected=expected,
        contact=field.name in CONTACTS,
    )
