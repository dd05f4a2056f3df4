"""Recomputes what every small hexagon has in reach, where costs are straight lines.

Then minutes follow from the published offices, and places from these and from persons beside
them. Times of a table are not published: of them only what `replay_access` says is known. So it
is with offices that count only when they are open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import h3
import numpy as np
import numpy.typing as npt

from checks.audit.bounds import SLACK
from checks.audit.findings import Tally
from checks.audit.published import Collection, Published

ACCESS: Final = "accessibilita_h3_r8"
OFFICES: Final = "sedi"
SERVICES: Final = "servizi"
METHOD: Final = re.compile(r"linea d'aria × ([\d,.]+), ([\d,.]+) km/h((?:; .*)?)")  # noqa: RUF001
EARTH_KM: Final = 6371.0088
ZONES: Final = ((10, 1.0), (20, 0.68), (30, 0.22))
"""Minutes up to which, and weights by which, an office counts; a district may choose others."""
FEW_WRONG: Final = 0.8
"""Part of the places that is right at least where the zones are these ones."""
AT_ONCE: Final = 4_096
PER_USER: Final = ("a2sfca", "ae2sfca", "ab2sfca")
NEAR_KM: Final = 3e-4
"""What the last decimals of published positions, and of a small angle, may move a way by."""
AT_LIMIT: Final = 5e-5
"""Minutes by which the last decimals of positions may put an office into another zone."""
HALF: Final = {"min": 0.05, "km": 0.005, "places": 0.005}

type Floats = npt.NDArray[np.float64]
type Offices = Mapping[str, tuple[float, float, float]]
"""Longitude, latitude and places (NaN where not told) of offices, by id."""


def check(tally: Tally, published: Published) -> None:
    """Check every kind of service that counts at any time, where costs are straight lines."""
    cells, offices, services = (published.collections.get(n) for n in (ACCESS, OFFICES, SERVICES))
    if cells is None or offices is None or services is None or not cells.features:
        return
    said = METHOD.fullmatch(str(cells.rows["metodo_costo"].iloc[0]))
    if said is None:
        tally.note(f"{ACCESS}: minutes come from a table that is not published")
        return
    detour, speed = (float(said[k].replace(",", ".")) for k in (1, 2))
    kinds = services.fields["tipo_servizio"].codes or {}
    reached: list[Reached] = []
    for name in cells.fields:
        figure, _, kind = name.partition("_")
        if figure == "min" and kind in kinds and f"; {kind}: " not in said[3]:
            given = _giving(kind, offices, services)
            of = Reached(cells, kind, given, detour, 60 / speed)
            of.each(tally, "stato", (cells.rows[f"stato_{kind}"] == of.status).to_numpy())
            if given:
                _nearest(tally, of)
                reached.append(of)
    _shared_out(tally, reached)


def _giving(kind: str, offices: Collection, services: Collection) -> Offices:
    """Return the offices that give a kind of service and have a place, by id."""
    of = dict(zip(services.ids, services.rows["tipo_servizio"], strict=True))
    found = {}
    for feature in offices.features:
        row, place = feature["properties"], feature["geometry"]
        given = {of.get(one) for one in str(row["servizi"] or "").split(";")}
        if place is not None and place["type"] == "Point" and kind in given:
            seats = np.nan if row["posti"] is None else float(row["posti"])
            found[str(feature["id"])] = (*place["coordinates"][:2], seats)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Reached:
    """What is held against the offices of one kind: `pace` is minutes per km."""

    cells: Collection
    kind: str
    offices: Offices
    detour: float
    pace: float

    @property
    def status(self) -> str:
        """What every cell says: as the crow flies nothing is out of reach."""
        if not self.offices:
            return "no-office"
        told = any(not np.isnan(seats) for *_, seats in self.offices.values())
        return "published" if told else "no-places"

    def kilometres(self) -> Iterator[tuple[slice, Floats]]:
        """Yield some cells at a time, with their way to every office: all would be too many."""
        there = _on_the_sphere(np.array([at[:2] for at in self.offices.values()]))
        names = self.cells.rows["h3"].tolist()
        for start in range(0, len(names), AT_ONCE):
            at = slice(start, start + AT_ONCE)
            here = _on_the_sphere(np.array([h3.cell_to_latlng(cell)[::-1] for cell in names[at]]))
            # Half the chord of two points is the sine of half the angle between them.
            half = np.sqrt(np.clip((1 - here @ there.T) / 2, 0, 1))
            yield at, self.detour * 2 * EARTH_KM * np.arcsin(half)

    def each(self, tally: Tally, name: str, right: npt.NDArray[np.bool_]) -> None:
        """Count a column, and find whatever is not right."""
        what = f"{name}_{self.kind} does not follow from the published offices"
        tally.each(right, ACCESS, what, lambda i: {"id": self.cells.ids[i]})


def _on_the_sphere(degrees: Floats) -> Floats:
    """Return points of the unit sphere, shape (n, 3), of longitudes and latitudes."""
    lon, lat = np.radians(degrees).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _nearest(tally: Tally, of: Reached) -> None:
    """Check minutes, kilometres and name of the nearest office."""
    column = {ident: i for i, ident in enumerate(of.offices)}
    named = np.array([column.get(str(ident), -1) for ident in of.cells.rows[f"sede_{of.kind}"]])
    parts = [(km.min(axis=1), km[np.arange(len(km)), named[at]]) for at, km in of.kilometres()]
    least, own = (np.concatenate(part) for part in zip(*parts, strict=True))
    room = NEAR_KM * max(of.pace, 1)
    for name, made in (("km", least), ("min", least * of.pace)):
        shown = of.cells.numbers(f"{name}_{of.kind}")
        of.each(tally, name, np.abs(shown - made) <= HALF[name] + room)
    of.each(tally, "sede", (named >= 0) & (own <= least + NEAR_KM))


def _shared_out(tally: Tally, reached: Sequence[Reached]) -> None:
    """Check places per 1,000 users, unless the district has other zones than the usual ones."""
    found = [(of, name, right) for of in reached for name, right in _places(of)]
    some = [right[of.cells.numbers(f"{name}_{of.kind}") > 0] for of, name, right in found]
    if some and np.concatenate(some).mean() < FEW_WRONG:
        tally.note(f"{ACCESS}: places by zones that are not the usual ones, not recomputed")
        return
    for of, name, right in found:
        of.each(tally, name, right)


def _places(of: Reached) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Yield of each figure which cells are right, or near an office that may lie in two zones."""
    seats = np.array([at[2] for at in of.offices.values()])
    known, shown = ~np.isnan(seats), [f"{figure}_{of.kind}" for figure in PER_USER]
    if not known.any() or not set(shown) <= set(of.cells.fields):
        return
    users = f"utenti_{of.kind}" if f"utenti_{of.kind}" in of.cells.fields else "residenti"
    people, come = of.cells.numbers(users), np.zeros((len(shown), known.sum()))
    unsure, last = np.zeros(known.sum(), dtype=bool), ZONES[-1][0] + AT_LIMIT
    for at, km in of.kilometres():
        minutes = km[:, known] * of.pace
        between = [(np.abs(minutes - most) <= AT_LIMIT).any(axis=1) for most, _ in ZONES]
        unsure |= (minutes[np.any(between, axis=0)] <= last).any(axis=0)
        come += [weights.T @ people[at] for weights in _weights(minutes)]
    ratios = np.divide(seats[known], come, out=np.zeros_like(come), where=come > 0)
    near = np.concatenate([
        (km[:, known][:, unsure] * of.pace <= last).any(axis=1) for _, km in of.kilometres()
    ])  # fmt: skip
    made = np.hstack([
        [1000 * w @ r for w, r in zip(_weights(km[:, known] * of.pace), ratios, strict=True)]
        for _, km in of.kilometres()
    ])  # fmt: skip
    for figure, name, right in zip(PER_USER, shown, made, strict=True):
        yield figure, near | (np.abs(of.cells.numbers(name) - right) <= HALF["places"] + SLACK)


def _weights(minutes: Floats) -> tuple[Floats, Floats, Floats]:
    """Return how offices count by 2SFCA, E2SFCA, and E2SFCA with everybody counted once."""
    plain = (minutes <= ZONES[-1][0]).astype(np.float64)
    zones = np.select([minutes <= most for most, _ in ZONES], [w for _, w in ZONES], 0.0)
    whole = zones.sum(axis=1, keepdims=True)
    return plain, zones, np.divide(zones, whole, out=np.zeros_like(zones), where=whole > 0)
