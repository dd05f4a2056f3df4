"""The lineage of the risk maps: from residents by age to every published number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo_core.ground import Ground
from geo_core.indicators.composition import Composition, fitted
from geo_core.indicators.demography import GROUPS, RATIOS, by_group
from geo_core.indicators.steps import run
from geo_core.model.indicator import Indicator, Indicators
from geo_core.model.tables import Table
from geo_core.model.trace import SCALED, Counted, Operation, Parameter, Step, Trace, Traced
from geo_core.risk_layers import DECIMALS, INDEX, counted

type Floats = NDArray[np.float64]

_PEOPLE: Final = "residenti"
_SCORE: Final = "indice"
_PACKAGED: Final = "{}_italy_pop.feather"


def traced(tables: Iterable[Table], ground: Ground, inputs: Collection[str]) -> tuple[Traced, ...]:
    """Return how the values of every risk collection come from residents by age.

    Parameters
    ----------
    tables : iterable of Table
        Those of other families are passed over.
    inputs : collection of str
        Names of the inputs of the release.

    Raises
    ------
    ValueError
        The steps do not give what is published: they are not those of the indicators any more.
    """
    families = {"rischio_comuni": False, "rischio_h3": True}
    return tuple(
        _traced(table, ground, _sources(ground, inputs, on_cells=families[table.layer.family]))
        for table in tables
        if table.layer.family in families
    )


def _sources(ground: Ground, inputs: Collection[str], *, on_cells: bool) -> tuple[str, ...]:
    own = "popolazione.csv" if on_cells else "residenti.csv"
    return (own if own in inputs else _PACKAGED.format(ground.district.year),)


def _traced(table: Table, ground: Ground, sources: tuple[str, ...]) -> Traced:
    ages, fewest = counted(table.layer, ground)
    groups = by_group(ages.to_numpy())
    trace = Trace(
        collection=table.layer.id,
        method=ground.indicators.method,
        goalposts=ground.indicators.goalposts_id,
        inputs=tuple(
            Counted(name=_group(name), unit="persone", ages=ages, sources=sources)
            for name, ages in GROUPS.items()
        ),
        steps=tuple(
            steps(ground.indicators, fitted(groups), fewest=fewest, rank="rango" in table.frame)
        ),
    )
    ids = [str(ident) for ident in ages.index]
    found = Traced(trace, ids, groups.astype(np.int64))
    _require_published(found, table)
    return found


def _require_published(found: Traced, table: Table) -> None:
    """Raise `ValueError` if the steps make another value than a published one."""
    columns = {one.name: found.values[:, i] for i, one in enumerate(found.trace.inputs)}
    made = run(found.trace.steps, {name: of.astype(float) for name, of in columns.items()})
    published = table.frame.set_index("id").loc[list(found.ids)]
    for name in published.columns.intersection(list(made)):
        shown = published[name].to_numpy(dtype=float, na_value=float("nan"))
        if not np.array_equal(shown, made[name], equal_nan=True):
            raise ValueError(f"the lineage of {table.layer.id} does not give its {name!r}")


def steps(catalogue: Indicators, lent: Composition, *, fewest: int, rank: bool) -> Iterator[Step]:
    """Yield the steps of the index, from residents by groups of ages.

    Parameters
    ----------
    lent : Composition
        What each unit is lent.
    fewest : int
        Units with fewer residents have no value.
    rank : bool
        Whether the collection has ranks.
    """
    composite = catalogue.composites[INDEX]
    members = [catalogue.indicators[name] for name in composite.indicators]
    groups = tuple(_group(name) for name in GROUPS)
    yield _step("sum", groups, _PEOPLE)
    yield _step("shrink", (_PEOPLE, _PEOPLE), "peso", lent=lent.lent, share=0)
    yield _step("withhold", ("peso", _PEOPLE), "peso_noto", least=fewest)
    for name, share in zip(GROUPS, lent.shares.tolist(), strict=True):
        shrunk = f"smussata_{name}"
        yield _step("shrink", (_group(name), _PEOPLE), shrunk, lent=lent.lent, share=share)
        yield _step("withhold", (shrunk, _PEOPLE), f"parte_{name}", least=fewest)
    for ident, member in zip(composite.indicators, members, strict=True):
        yield from _measured(ident, member, fewest)
    yield _step("ampi", tuple(f"{SCALED}{m.field}" for m in members), _SCORE, penalty=1)
    yield _step("classify", (_SCORE,), "classe", breaks=composite.breaks)
    if rank:
        yield _step("rank", (_SCORE,), "rango")
    yield _rounded("peso_noto", "peso_proprio")
    yield _rounded(_SCORE, "punteggio")


def _measured(ident: str, member: Indicator, fewest: int) -> Iterator[Step]:
    """Yield the steps of one indicator: of the residents, of smoothed shares, on the scale."""
    field, ratio = member.field, RATIOS[ident]
    for kind, of in (("eb", "parte"), ("n", "gruppo")):
        sides = (f"{kind}_sopra_{ident.lower()}", f"{kind}_sotto_{ident.lower()}")
        for side, names in zip(sides, (ratio.above, ratio.below), strict=True):
            yield _step("sum", tuple(f"{of}_{name}" for name in names), side)
        made = f"{kind}_{ident.lower()}"
        yield _step("ratio", sides, made, per=ratio.per)
    smooth, raw = f"eb_{ident.lower()}", f"n_{ident.lower()}"
    yield _step("withhold", (raw, _PEOPLE), f"noto_{ident.lower()}", least=fewest)
    low, high = member.goalposts.min, member.goalposts.max
    yield _step("clip", (smooth,), f"entro_{ident.lower()}", low=low, high=high)
    polarity = member.polarity
    scaled = f"{SCALED}{field}"
    within = (f"entro_{ident.lower()}",)
    yield _step("normalise", within, scaled, low=low, high=high, polarity=polarity)
    yield _rounded(f"noto_{ident.lower()}", field)
    yield _rounded(smooth, f"eb_{field}")
    yield _rounded(scaled, f"r_{field}")


def _group(name: str) -> str:
    return f"gruppo_{name}"


def _rounded(column: str, output: str) -> Step:
    return _step("round", (column,), output, decimals=DECIMALS)


def _step(
    operation: Operation, inputs: tuple[str, ...], output: str, **parameters: Parameter
) -> Step:
    return Step(operation=operation, inputs=inputs, parameters=parameters, output=output)
