"""What must hold between the cells of one row of a register, and between its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import pandas as pd

from geo_core.ingest.placing import split
from geo_core.ingest.problems import Checked, Problems, Refusal
from geo_core.ingest.rules import STATES, Table
from geo_core.ingest.secret import ALWAYS_RESERVED, named
from geo_core.model.content import LICENCES

type Accepted = Mapping[str, Checked[pd.DataFrame]]
"""The tables that are checked already, by name."""


def known_ids(checked: Checked[pd.DataFrame]) -> frozenset[str]:
    """Return the codes that other rows may name, those of rows that are not public included."""
    return frozenset(checked.frame["id"]) | checked.restricted


def check_codes(rows: pd.DataFrame, table: Table, problems: Problems) -> None:
    """Refuse repeated codes."""
    again = rows.duplicated([table.key, *table.within])
    hint = "give this row a code of its own, or remove one of them"
    problems.add_where(again, table.key, Refusal("repeats the code of an earlier row", hint))


def check_cells(rows: pd.DataFrame, table: Table, problems: Problems) -> None:
    """Refuse values that descend and days that are not yet; empty cells are neither."""
    for low, high in table.ordered:
        wrong = rows.index[_descends(rows[low], rows[high])]
        for row, value in rows.loc[wrong, high].items():
            reason = f"is earlier than {low}" if isinstance(value, str) else f"is less than {low}"
            problems.add(int(row), high, Refusal(reason, "check both, or swap them"))
    not_yet = Refusal("is a day that is not yet", "write the day on which it was found to be so")
    for day in table.past:
        problems.add_where(rows[day].fillna("") > _today(), day, not_yet)


def _today() -> str:
    """Return the day it is in Italy, or by summer time could be."""
    return (datetime.now(UTC) + timedelta(hours=2)).date().isoformat()


def check_references(
    rows: pd.DataFrame, table: Table, accepted: Accepted, problems: Problems
) -> None:
    """Refuse rows that name a row of another table that is not there."""
    for column, target in table.refers.items():
        known = known_ids(accepted[target])
        unknown = rows[column].map(lambda text, known=known: not known.issuperset(split(text)))
        hint = f"correct the code, or import the row into {target} first"
        refusal = Refusal(f"names a row that is not in {target}", hint)
        problems.add_where(unknown, column, refusal)


def check_kind(name: str, rows: pd.DataFrame, accepted: Accepted, problems: Problems) -> None:
    """Refuse rows that break a rule of their table alone."""
    if name in _OWN:
        _OWN[name](rows, accepted, problems)


def check_licence(rows: pd.DataFrame, problems: Problems) -> None:
    """Refuse a row under a licence of which nobody has looked at what may be made of it."""
    other = rows["licenza"].notna() & ~rows["licenza"].isin(list(LICENCES))
    refusal = Refusal(f"is none of {', '.join(LICENCES)}", "leave these rows out")
    problems.add_where(other, "licenza", refusal)


def reserved(rows: pd.DataFrame) -> pd.Series:
    """Return which rows have a secret place."""
    if "riservata" not in rows:
        return pd.Series(data=False, index=rows.index)
    return rows["riservata"].eq(other=True)


def _descends(low: pd.Series, high: pd.Series) -> pd.Series:
    both = low.notna() & high.notna()
    return both & pd.Series(
        [known and a > b for known, a, b in zip(both, low, high, strict=True)], index=low.index
    )


def _offices(rows: pd.DataFrame, _accepted: Accepted, problems: Problems) -> None:
    """Refuse a place that must be secret and is not said to be: a slip must not publish it."""
    shown = rows["tipo_sede"].isin(ALWAYS_RESERVED) & ~reserved(rows)
    problems.add_where(
        shown, "riservata", Refusal("must be true for this kind of place", "write true")
    )
    problems.add_where(
        named(rows) & ~reserved(rows),
        "riservata",
        Refusal(
            "is not true although the name is that of a secret place",
            "write true, or name the office otherwise if anybody may know its place",
        ),
    )


def _pacts(rows: pd.DataFrame, _accepted: Accepted, problems: Problems) -> None:
    """Refuse a state without its day, and steps that run backwards."""
    for state in STATES:
        missing = (rows["stato"] == state) & rows[f"data_{state}"].isna()
        refusal = Refusal("is empty though the pact is there", "write the day, or correct stato")
        problems.add_where(missing, f"data_{state}", refusal)
    unsigned = rows["stato"].isin(STATES[STATES.index("sottoscritto") : -1])
    problems.add_where(
        unsigned & rows["data_sottoscritto"].isna(),
        "data_sottoscritto",
        Refusal("is empty though the pact is past its signing", "write the day, or correct stato"),
    )
    for number, row in rows.iterrows():
        # Renewal, revocation and rejection may come at any step, the others in order only.
        days = [f"data_{s}" for s in STATES[:9] if row[f"data_{s}"] is not None]
        late = next((b for a, b in pairwise(days) if row[a] > row[b]), None)
        if late is not None:
            refusal = Refusal("is earlier than a step before it", "check the days of the steps")
            problems.add(int(number), late, refusal)


def _practices(rows: pd.DataFrame, _accepted: Accepted, problems: Problems) -> None:
    """Refuse a version that does not begin after the one before it."""
    for _, versions in rows.groupby("id_prassi"):
        ordered = versions.sort_values("versione", kind="stable")
        late = ordered["dal"] <= ordered["dal"].shift().fillna("")
        hint = "a new version begins after the one before it: check dal and versione"
        refusal = Refusal("is not later than that of the version before", hint)
        problems.add_where(late, "dal", refusal)


def _service_areas(rows: pd.DataFrame, accepted: Accepted, problems: Problems) -> None:
    """Refuse an area that is not what its base says, or that would lead to a secret place."""
    one = rows["id_sede"].notna() ^ rows["id_servizio"].notna()
    neither = Refusal("is not alone", "give either id_sede or id_servizio")
    problems.add_where(~one, "id_sede", neither)
    listed = rows["base"] == "comuni"
    for column, wanted in (
        ("comuni", listed),
        ("area_wkt", ~listed),
        ("minuti", rows["base"] == "isocrona"),
    ):
        wrong = rows[column].notna() != wanted
        hint = "comuni needs comuni; all others need area_wkt, and isocrona minuti too"
        problems.add_where(wrong, column, Refusal("does not fit the base of the area", hint))
    offices = accepted["sedi"].frame
    secret = offices[reserved(offices)]
    there = {service for text in secret["servizi"] for service in split(text)}
    problems.add_where(
        rows["id_sede"].isin(list(secret["id"])),
        "id_sede",
        Refusal("is a reserved office: an area would lead to it", "leave this row out"),
    )
    problems.add_where(
        rows["id_servizio"].isin(list(there)) & ~listed,
        "base",
        Refusal("leads to a reserved office", "use whole municipalities"),
    )


_OWN: Final[Mapping[str, Callable[[pd.DataFrame, Accepted, Problems], None]]] = {
    "sedi": _offices,
    "patti": _pacts,
    "buone_prassi": _practices,
    "aree_servizio": _service_areas,
}
