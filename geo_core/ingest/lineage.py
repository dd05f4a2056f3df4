"""Where each input table comes from, and what follows for everything that is made of it.

One rule for every layer: it names the sources of all the tables it is made of, it is under the
share-alike licence if a row of one of them is, and a row is invented if anything in it is. Only
the marker beside the input decides what is invented in a table whose rows do not say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo_core.ingest.conteggi import COUNTS
from geo_core.ingest.intake import THEMES
from geo_core.ingest.rules import TABLES
from geo_core.ingest.times import TIMES
from geo_core.input_folder import is_invented
from geo_core.model.content import LICENCES, SHARE_ALIKE, Content, licence_of, state_of
from geo_core.model.layer import Invented, Layer
from geo_core.model.text import Text
from geo_core.sources import geopop

INVENTED: Final = Text(
    it="Dati inventati da Atlante (CC BY 4.0)", en="Data invented by Atlante (CC BY 4.0)"
)
GOALPOSTS: Final = "riferimenti"
"""Not a table: the goalposts in `config/indicatori.yml`."""

WHOLE: Final = (
    "popolazione", "ambiti", "comuni_storia", "indirizzi", "localita", TIMES, COUNTS, *THEMES,
)  # fmt: skip
"""Tables that are invented as a whole or not at all."""

OFFICIAL: Final = frozenset({"confini", "residenti", GOALPOSTS})
"""What a district has though nobody handed anything in."""

NAMES: Final = OFFICIAL | {*WHOLE, *TABLES}
"""What a layer may be made of."""

MOST: Final = 12
"""Sources of one table that are named one by one."""

_HISTORY: Final = Text(
    it="Storia dei codici: OntoPiA, AgID (CC BY 4.0) e ISTAT (CC BY 3.0)",
    en="History of codes: OntoPiA, AgID (CC BY 4.0) and ISTAT (CC BY 3.0)",
)
_ADDRESSES: Final = Text(
    it="Indirizzi: ANNCSU, Agenzia delle Entrate e ISTAT (CC BY 4.0)",
    en="Addresses: ANNCSU, Agenzia delle Entrate and ISTAT (CC BY 4.0)",
)
_REAL: Final = {"comuni_storia": _HISTORY, "indirizzi": _ADDRESSES}
"""Whose a table is that no office of the district makes."""

_GOALPOSTS: Final = Text(
    it=f"Valori di riferimento da popolazione ISTAT (CC BY 3.0), tramite {geopop.PACKAGE}",
    en=f"Goalposts from population of ISTAT (CC BY 3.0), through {geopop.PACKAGE}",
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one input brings to everything that is made of it.

    Attributes
    ----------
    sources : tuple of Text
        Whose data they are, as they must be named.
    synthetic : Invented
        How many of its rows are invented.
    share_alike : bool
        Some rows are under a licence that passes to what is made of them.
    """

    sources: tuple[Text, ...]
    synthetic: Invented = "none"
    share_alike: bool = False


def owned(owner: Text, licence: str) -> Text:
    """Return how the rows of an owner are named."""
    words = LICENCES.get(licence, licence)
    return Text(it=f"{owner.it} ({words})", en=f"{owner.en} ({words})")


def lineages(
    folder: Path,
    register: Mapping[str, pd.DataFrame],
    official: Mapping[str, Lineage],
    *,
    owner: Text,
) -> dict[str, Lineage]:
    """Return the lineage of every input that is there.

    Parameters
    ----------
    folder : Path
        The input folder.
    register : mapping of DataFrame
        Accepted rows with `dato_sintetico`, `fonte` and `licenza`, by table.
    official : mapping of Lineage
        Of `confini` and `residenti`.
    owner : Text
        Whose the rows are that name nobody, with the licence.
    """
    found = dict(official) | {GOALPOSTS: Lineage((_GOALPOSTS,))}
    for name in WHOLE:
        path = folder / f"{name}.csv"
        if path.exists():
            real = _REAL.get(name, owner)
            found[name] = whole(invented=is_invented(path), owner=real)
    return found | {name: _of_rows(rows, owner) for name, rows in register.items()}


def whole(*, invented: bool, owner: Text) -> Lineage:
    """Return the lineage of a table whose rows are all invented, or all of one owner."""
    return Lineage((INVENTED,), "all") if invented else Lineage((owner,))


def sourced(rows: gpd.GeoDataFrame, *, owner: Text) -> gpd.GeoDataFrame:
    """Say whose the rows are that do not say it themselves."""
    default = rows["dato_sintetico"].astype(bool).map({True: INVENTED.it, False: owner.it})
    return rows.assign(fonte=rows["fonte"].where(rows["fonte"].notna(), default))


def content(layer: Layer, found: Mapping[str, Lineage], *, invented: bool | None = None) -> Content:
    """Return what is true of rows that are made of whole tables.

    Parameters
    ----------
    layer : Layer
        As declared.
    found : mapping of Lineage
        By input; one that is not there brings nothing.
    invented : bool | None
        Whether the rows are; left out, they are if anything in a table they are made of is.
    """
    parts = [found[name] for name in layer.made_of if name in found]
    if invented is None:
        invented = any(part.synthetic != "none" for part in parts)
    shared = {SHARE_ALIKE for part in parts if part.share_alike}
    return Content(
        synthetic="all" if invented else "none",
        licence=licence_of(shared, otherwise=layer.licence),
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
    )


def overall(found: Mapping[str, Lineage]) -> Invented:
    """Return how much of what was handed in is invented; official figures say nothing of that."""
    states = {
        lineage.synthetic
        for name, lineage in found.items()
        if lineage.sources and (name not in OFFICIAL or lineage.synthetic != "none")
    }
    if states == {"all"}:
        return "all"
    return "none" if states <= {"none"} else "some"


def _of_rows(rows: pd.DataFrame, owner: Text) -> Lineage:
    invented = rows["dato_sintetico"].astype(bool)
    real = rows.loc[~invented, "fonte"]
    return Lineage(
        sources=(
            *((INVENTED,) if invented.any() else ()),
            *((owner,) if len(real) else ()),
            *_named(real.unique(), owner),
        ),
        synthetic=state_of(invented.tolist()),
        share_alike=bool(rows["licenza"].eq(SHARE_ALIKE).any()),
    )


def _named(sources: Iterable[str], owner: Text) -> tuple[Text, ...]:
    """Return every source that rows name; a row may name several."""
    names = sorted({name for cell in sources for name in cell.split("; ")} - {owner.it})
    more = len(names) - MOST
    shown = tuple(Text(it=name, en=name) for name in names[:MOST])
    rest = Text(it=f"e altre {more} fonti (campo fonte)", en=f"and {more} others (field fonte)")
    return (*shown, rest) if more > 0 else shown


def unknown(made_of: Collection[str]) -> list[str]:
    """Return the names that are of no input."""
    return sorted(set(made_of) - NAMES)
