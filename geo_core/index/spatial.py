"""The methods `gi_star`, `gi`, `global_g`, `local_moran` and `global_moran`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_core.index import near
from geo_core.index.result import COMPUTED, Column, Result, no_data
from geo_core.index.spec import ColumnName, Draws, Seed, Spec
from geo_core.index.table import Inputs
from geo_core.indicators import hotspots, moran
from geo_core.indicators.composite import Floats
from geo_core.indicators.neighbours import Neighbours
from geo_core.indicators.significance import false_discovery, two_sided
from geo_core.model.text import Strict, Text

type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]

ALONE: Final = "undefined: no neighbours with a value"
ALIKE: Final = "undefined: too few values, or all the same"
ALL: Final = "undefined: nothing to compare with"
"""Status of a unit that has every other as a neighbour, or whose others are all the same."""

NOWHERE: Final = "undefined: too few values, all the same, or no neighbours to tell apart"
"""Status of a statistic of all units together."""


class HotSpec(Spec):
    """The specification of Gi* and Gi: binary weights."""

    method: Literal["gi_star", "gi"]
    variable: ColumnName
    neighbours: near.Near


class GlobalSpec(Spec):
    """The specification of global G."""

    method: Literal["global_g"]
    variable: ColumnName
    neighbours: near.Near


class Permutations(Strict):
    """How chances are found: by dealing the values out anew, `permutations` times."""

    permutations: Draws = 9_999
    seed: Seed = 0


class MoranSpec(Spec):
    """The specification of Moran's I, of each unit or of all: weights 1 / neighbours."""

    method: Literal["local_moran", "global_moran"]
    variable: ColumnName
    neighbours: near.Near
    options: Permutations = Permutations()


class Mapped(NamedTuple):
    """What a specification of this module finds in its table, in the order of the ids.

    In that order sums round alike and chances are drawn alike, however the rows are ordered.

    Attributes
    ----------
    values, near : array of shape (units,) and Neighbours
        The variable, and which units are neighbours.
    back : array of shape (units,)
        Where each row of the table is in the order of the ids.
    """

    values: Floats
    near: Neighbours
    back: NDArray[np.int64]


def compute_hot(spec: HotSpec, inputs: Inputs) -> Result:
    """Compute Gi* or Gi.

    Returns
    -------
    Result
        `z`; `p`, its chance under the normal distribution (two sides); `p_fdr`, adjusted for the
        number of units; `vicini`, neighbours that have a value.
    """
    of = _read(spec, inputs)
    statistic = hotspots.gi_star if spec.method == "gi_star" else hotspots.gi
    z = statistic(of.values, of.near)
    p = two_sided(z)
    columns: dict[str, Column] = {"z": z, "p": p, "p_fdr": false_discovery(p)}
    return _written(spec, inputs, of, columns, {"weights": "binary"})


def compute_local(spec: MoranSpec, inputs: Inputs) -> Result:
    """Compute local Moran's I.

    Returns
    -------
    Result
        `i`; `quadrante`, HH LH LL HL: itself and its neighbours high or low; `p` by permutation
        (two sides); `p_fdr`, adjusted for the number of units; `vicini`.
    """
    of, options = _read(spec, inputs), spec.options
    found = moran.local_moran(
        of.values, of.near, permutations=options.permutations, seed=options.seed
    )
    columns: dict[str, Column] = {
        "i": found.i,
        "quadrante": np.array(moran.QUADRANTS)[found.quadrant],
        "p": found.p,
        "p_fdr": false_discovery(found.p),
    }
    record = {"weights": "1 / neighbours", **_drawn(options)}
    result = _written(spec, inputs, of, columns, record)
    return replace(result, notes=_too_few(found.p, options.permutations))


def compute_global_g(spec: GlobalSpec, inputs: Inputs) -> Result:
    """Compute global G: one row with `g`, `attesa`, `varianza`, `z`, `p` and `unita`."""
    of = _read(spec, inputs)
    found = hotspots.global_g(of.values, of.near)
    columns = {
        "g": found.g,
        "attesa": found.expected,
        "varianza": found.variance,
        "z": found.z,
        "p": found.p,
    }
    return _one_row(of, columns, {"weights": "binary"})


def compute_global_moran(spec: MoranSpec, inputs: Inputs) -> Result:
    """Compute global Moran's I: one row with `i`, `attesa`, `p` and `unita`."""
    of, options = _read(spec, inputs), spec.options
    found = moran.global_moran(
        of.values, of.near, permutations=options.permutations, seed=options.seed
    )
    columns = {"i": found.i, "attesa": found.expected, "p": found.p}
    return _one_row(of, columns, {"weights": "1 / neighbours", **_drawn(options)})


def _too_few(p: Floats, permutations: int) -> tuple[Text, ...]:
    """Say when no unit could have an adjusted p up to 0.05 unless others are as extreme."""
    tests = int(np.count_nonzero(~np.isnan(p)))
    if 2 * tests <= 0.05 * (permutations + 1):
        return ()
    least = 40 * tests - 1
    return (
        Text(
            it=f"con {permutations} permutazioni un'unità da sola fra {tests} non può avere p_fdr "
            f"fino a 0,05: ne servono {least}",
            en=f"with {permutations} permutations one unit alone among {tests} cannot have a p_fdr "
            f"up to 0.05: it takes {least}",
        ),
    )


def _read(spec: HotSpec | GlobalSpec | MoranSpec, inputs: Inputs) -> Mapped:
    table = inputs.table
    order = np.argsort(np.array([key for (key,) in table.keys(spec.id)]), kind="stable")
    places = order.tolist()
    cells = {name: [column[i] for i in places] for name, column in table.cells.items()}
    sorted_ = replace(table, cells=cells, rows=[table.rows[i] for i in places])
    of = near.found(spec.neighbours, replace(inputs, table=sorted_), cells[spec.id])
    return Mapped(sorted_.numbers(spec.variable), of, np.argsort(order))


def _written(
    spec: HotSpec | MoranSpec,
    inputs: Inputs,
    of: Mapped,
    columns: dict[str, Column],
    record: dict[str, Any],
) -> Result:
    known = ~np.isnan(of.values)
    neighbours = np.zeros(known.shape, dtype=np.int64)
    neighbours[known] = of.near.only(known).counts
    rows = {name: np.asarray(column)[of.back] for name, column in columns.items()}
    first = next(iter(columns.values()))
    status = _statuses(spec, of.values, np.isnan(first), neighbours)
    return Result(
        {spec.id: [key for (key,) in inputs.table.keys(spec.id)]},
        {**rows, "vicini": neighbours[of.back]},
        [status[place] for place in of.back.tolist()],
        record,
    )


def _statuses(
    spec: HotSpec | MoranSpec, values: Floats, undefined: Mask, neighbours: Ints
) -> list[str]:
    known = values[~np.isnan(values)]
    alike = known.size < 3 or np.ptp(known) == 0
    out = np.full(values.shape, COMPUTED, dtype=object)
    out[undefined] = ALIKE if alike else ALL
    if not alike and spec.method != "gi_star":
        out[neighbours == 0] = ALONE
    out[np.isnan(values)] = no_data([spec.variable])
    return [str(status) for status in out]


def _one_row(of: Mapped, columns: dict[str, float], record: dict[str, Any]) -> Result:
    units = int(np.count_nonzero(~np.isnan(of.values)))
    undefined = any(np.isnan(value) for value in columns.values())
    rows: dict[str, Column] = {name: np.array([value]) for name, value in columns.items()}
    return Result({}, {**rows, "unita": [units]}, [NOWHERE if undefined else COMPUTED], record)


def _drawn(options: Permutations) -> dict[str, Any]:
    return {"permutations": options.permutations, "seed": options.seed, "generator": "PCG64"}
