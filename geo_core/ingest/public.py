"""What of a checked row may be published, and the fields that are computed from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.ingest.across import Accepted
from geo_core.ingest.placing import split
from geo_core.ingest.rules import FEWEST_PERSONS, POSITION, TABLES, Table
from geo_core.model import cells
from geo_core.model.layer import LayerDocument
from geo_core.model.tables import GEOMETRY

WITHHELD: Final = (
    "indirizzo", "cap", "email", "trasporto", "orari", "accessibilita_gradini",
    "accessibilita_ascensore", "accessibilita_bagno", "accessibilita_parcheggio", "posti",
    "posti_liberi", "data_posti", "qualita_geocodifica",
)  # fmt: skip
"""Everything of an office that could lead to a secret place, or count what is in it."""

SEAT: Final[tuple[str, ...]] = ("indirizzo", "cap", "qualita_geocodifica")
"""What tells the seat of an organisation."""

CONTACTS: Final[tuple[str, ...]] = ("sito", "email", "telefono")
"""What leads to an organisation, and to its seat."""

NAMELESS: Final = {"nome": "Sede riservata", "nome_en": "Reserved office"}
"""Names of a reserved office that says in its own where it is."""


def public_rows(  # noqa: PLR0913 - each says something else of the rows
    rows: gpd.GeoDataFrame,
    name: str,
    document: LayerDocument,
    accepted: Accepted,
    *,
    invented: bool,
    leading: pd.Series,
) -> tuple[gpd.GeoDataFrame, frozenset[str]]:
    """Return the rows that may be published, complete, and the ids of the others.

    Parameters
    ----------
    rows : GeoDataFrame
        Checked rows with the columns that were handed in, and `geometry`.
    name : str
        One of `TABLES`.
    document : LayerDocument
        Its declaration.
    accepted : Accepted
        The tables it refers to.
    invented : bool
        Whether rows are that do not say it.
    leading : Series of bool
        Rows that would lead to a secret place.
    """
    table = TABLES[name]
    frame = rows.assign(id=_ids(rows, table))
    for column, otherwise in (("dato_sintetico", invented), ("licenza", document.licence)):
        frame[column] = frame[column].where(frame[column].notna(), otherwise)
    frame = _without_restricted(frame, table, accepted)
    if name in _COMPUTED:
        frame = _COMPUTED[name](frame, accepted)
    if table.validity is not None:
        first, last = table.validity
        frame = frame.assign(valido_dal=frame[first], valido_al=frame[last])
    kept = ~leading
    if table.public:
        kept &= frame["stato"].isin(table.public)
    never = [f for f, declared in document.fields.items() if declared.sensitivity is not None]
    position = [column.name for column in POSITION[document.geometry]]
    public = _without_few(frame[kept].drop(columns=[*never, *position]), table)
    return public, frozenset(frame.loc[~kept, "id"])


def _ids(rows: pd.DataFrame, table: Table) -> pd.Series:
    parts = [rows[column].astype(str) for column in (table.key, *table.within)]
    return pd.Series(["@".join(row) for row in zip(*parts, strict=True)], rows.index, dtype=object)


def _without_few(frame: gpd.GeoDataFrame, table: Table) -> gpd.GeoDataFrame:
    """Hide small numbers of persons, and say of each number whether it is shown."""
    for column in table.persons:
        known = frame[column].notna()
        few = known & (frame[column].fillna(FEWEST_PERSONS) < FEWEST_PERSONS)
        state = pd.Series("published", index=frame.index, dtype=object)
        frame[f"{column}_stato"] = state.mask(few, "band").mask(~known, "no-data")
        frame[column] = frame[column].mask(few, None)
    return frame


def _without_restricted(
    frame: gpd.GeoDataFrame, table: Table, accepted: Accepted
) -> gpd.GeoDataFrame:
    """Empty the references to rows that are not public: their very code is not."""
    for column, target in table.refers.items():
        if hidden := accepted[target].restricted:
            shown = frame[column].map(
                lambda text, hidden=hidden: ";".join(i for i in split(text) if i not in hidden)
            )
            frame[column] = shown.where(shown.ne(""), None)
    return frame


def _offices(frame: gpd.GeoDataFrame, accepted: Accepted) -> gpd.GeoDataFrame:
    """Add cell and kinds of service."""
    services = accepted["servizi"].frame
    kind = dict(zip(services["id"], services["tipo_servizio"], strict=True))
    lists = frame["servizi"].map(split)
    return _with_cell(
        frame.assign(
            servizi=lists.map(lambda items: ";".join(items) or None),
            n_servizi=lists.map(len),
            tipi_servizio=lists.map(lambda items: tuple(sorted({kind[i] for i in items}))),
        ),
        accepted,
    )


def _with_cell(frame: gpd.GeoDataFrame, _accepted: Accepted) -> gpd.GeoDataFrame:
    """Add the cell of the rows that are points."""
    return frame.assign(
        h3_r9=[
            None if getattr(p, "geom_type", "") != "Point" else cells.at(p.y, p.x, cells.SUPPLY)
            for p in frame[GEOMETRY]
        ]
    )


def _pacts(frame: gpd.GeoDataFrame, _accepted: Accepted) -> gpd.GeoDataFrame:
    """Date a pact from its signing to its completion or revocation, if it was not renewed."""
    ends = frame["data_revocato"].where(frame["data_revocato"].notna(), frame["data_concluso"])
    over = frame["stato"].isin(["concluso", "revocato"])
    return frame.assign(valido_dal=frame["data_sottoscritto"], valido_al=ends.where(over, None))


def _practices(frame: gpd.GeoDataFrame, _accepted: Accepted) -> gpd.GeoDataFrame:
    """Date a version to the day before the next one."""
    following = frame.sort_values("versione").groupby("id_prassi")["dal"].shift(-1)
    last = following.reindex(frame.index).map(_day_before, na_action="ignore")
    return frame.assign(valido_dal=frame["dal"], valido_al=last.astype(object))


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


_COMPUTED: Final[Mapping[str, Callable[[gpd.GeoDataFrame, Accepted], gpd.GeoDataFrame]]] = {
    "sedi": _offices,
    "opportunita": _with_cell,
    "patti": _pacts,
    "buone_prassi": _practices,
}
