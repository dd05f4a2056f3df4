"""What `disclosure.json` says: how figures were protected, what they can reveal, what error."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Bound
from pydantic import StringConstraints

from geo_core.model.manifest import Sha256
from geo_core.model.policy import Category, LevelName, Share
from geo_core.model.policy import Method as MethodName
from geo_core.model.text import Name, Strict, Text

DrawId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Random name of a draw: it follows from no count, so it may be published."""


class Method(Strict):
    """What protects the numbers, and in which version; `noise` and its `library` under `dp`."""

    name: MethodName
    version: str
    noise: Literal["discrete-laplace"] | None
    library: str | None


class Rounding(Strict):
    """How numbers are rounded.

    Attributes
    ----------
    base : int
        Every number is a multiple of it.
    bound : int
        No number of a category is off by more, on any feature of any resolution; nor is the sum
        of all categories that share their areas.
    """

    base: int
    bound: int


class Suffixes(Strict):
    """Endings of the columns that stand beside one with a figure.

    Attributes
    ----------
    status : str
        Whether the figure is shown, in the band, or merged with others.
    band : str
        The band that is shown instead of a count.
    """

    status: str
    band: str


class Bounded(Strict):
    """A rate: a count that is shown, per so many residents, and its interval.

    It is null where the count is. The bounds are the same rate of the count less `below`, no less
    than 0, and of the count and `above`, both of the interval that is stated for the count.

    Attributes
    ----------
    count, residents : str
        The columns it is made of.
    per : int
        Residents.
    low, high : str
        Columns of the bounds.
    decimals : int
        Rate and bounds are rounded to.
    """

    count: Name
    residents: Name
    per: int
    low: Name
    high: Name
    decimals: int


class Derived(Strict):
    """How every other column of numbers is made of the protected counts.

    Attributes
    ----------
    fewest : int
        Smallest protected number that a share, a median or a mean is made of.
    totals : dict
        Columns that are sums, with their categories.
    shares : dict
        Columns that are percentages of one column in another.
    medians : dict
        Columns that name the class of the median, with the categories in ascending order.
    mean : str | None
        Column of the mean, where the categories are marks.
    rates : dict
        Columns that are counts per so many residents.
    public : tuple of str
        Columns of numbers made of open data alone.
    """

    fewest: int
    totals: dict[Name, tuple[Category, ...]]
    shares: dict[Name, Share]
    medians: dict[Name, tuple[Category, ...]]
    mean: Name | None
    rates: dict[Name, Bounded] = Bound({})
    public: tuple[Name, ...]


class Geography(Strict):
    """The areas on which some categories are published.

    Attributes
    ----------
    smallest_residents : int
        Residents of the smallest area (public figure).
    sha256 : str
        Hash of the outlines: equal hashes, comparable areas.
    """

    categories: tuple[Category, ...]
    h3_leaf: int
    p_min: int
    areas: int
    smallest_residents: int
    sha256: Sha256


class Units(Strict):
    """The public list whose units are counted, where they are no areas of residents.

    Attributes
    ----------
    number : int
        Units on the list.
    fewest : int
        Smallest protected total of a unit whose figures are shown.
    """

    kind: Literal["sedi", "ambiti"]
    number: int
    fewest: int


class PosteriorCap(Strict):
    """Most that one can believe after reading, having believed `prior` before.

    The reader may know everybody else's record. `release` holds for one release, `year` for
    all releases of the theme in one year.
    """

    prior: float
    release: float
    year: float


class Band(Strict):
    """Protected numbers that are shown as a range."""

    low: int
    high: int


class LevelNoise(Strict):
    """Noise of one measured level, before the levels are reconciled.

    Attributes
    ----------
    half_width_95 : int
        The noise lies in `[-half_width_95, half_width_95]` with probability `coverage`, the
        smallest such interval that reaches 95 %.
    """

    level: LevelName
    epsilon: float
    scale: float
    half_width_95: int
    coverage: float


class Twin(Strict):
    """The invented counts on which errors were measured: same areas, same policy, no records.

    Attributes
    ----------
    expected : float
        Persons per 1,000 residents, or per unit, as the policy expects them.
    seed : int
        Decides counts and noise of all of them.
    releases : int
        How many were made and protected.
    """

    expected: float
    seed: int
    releases: int


class Interval(Strict):
    """How far from a published number the true one is, in at least 95 of 100 numbers shown.

    The true number lies between the published one minus `below` and plus `above`: the shortest
    such interval of whole numbers, measured on the twin after all steps of protection. Numbers
    that are not shown do not count.

    Attributes
    ----------
    resolution : int | None
        H3 resolution of the collections; None for units.
    column : str | None
        The sum this holds for; None for the count of any one category.
    residents_from : int
        Of areas or places with so many residents and more, up to where the next interval of the
        same resolution and column begins; 0 for the first, and for one that holds for all.
    coverage : float
        Share of the twin's numbers in the interval.
    """

    resolution: Annotated[int, Bound(ge=0, le=15)] | None
    column: Name | None
    residents_from: Annotated[int, Bound(ge=0)] = 0
    below: Annotated[int, Bound(ge=0)]
    above: Annotated[int, Bound(ge=0)]
    coverage: float


class Utility(Strict):
    """What protection costs in accuracy, measured on the twin, on the areas as shown.

    Attributes
    ----------
    resolution : int | None
        As in `Interval`.
    error : float | None
        Mean relative error of the counts of a category that are 20 or more; None where the twin
        has none.
    misplaced : float
        Persons who are counted in another area than their own, as a share of all: half the sum
        of absolute errors.
    """

    resolution: Annotated[int, Bound(ge=0, le=15)] | None
    error: float | None
    misplaced: float


class Ends(Strict):
    """Endings of the columns with the bounds of a figure."""

    low: str
    high: str


class Estimates(Strict):
    """Figures for places whose borders areas cross: protected numbers of areas, by residents.

    The estimate of a place sums over all areas the protected number of the area, before bands,
    times the residents that area and place share, by the residents of the area. It is rounded
    once, at the end, halves to even; then it is banded like a count. Numbers of categories are
    those of the areas on which each is published.

    Attributes
    ----------
    collection : str
        Where the estimates are.
    key : str
        Column that names the place, in that collection and in the weights.
    weights, cells, residents : str
        Public collection of residents by cell and place, and its columns of both.
    columns : dict
        Column of each category.
    totals : dict
        Columns that are estimates of sums, with their categories: added before they are rounded.
    ends : Ends
        The bounds of an estimate: less `below`, no less than 0, and more `above`.
    rates : dict
        Estimates per so many residents.
    intervals, utility
        As for the theme, of true numbers of places and their estimates: `resolution` is null.
        An interval for each class of residents, in ascending order.
    """

    collection: Name
    key: Name
    weights: Name
    cells: Name
    residents: Name
    columns: dict[Category, Name]
    totals: dict[Name, tuple[Category, ...]]
    ends: Ends
    rates: dict[Name, Bounded]
    intervals: tuple[Interval, ...]
    utility: Utility


class Shown(Strict):
    """A collection on hexagons, and the H3 resolution it shows."""

    collection: Name
    resolution: Annotated[int, Bound(ge=0, le=15)]


class Statement(Strict):
    """What `disclosure.json` says of one theme and year.

    Attributes
    ----------
    collections : tuple of str
        Where the theme is shown in this year; `resolutions`: of which, those on hexagons.
    without_pseudonym : str
        Somebody in several records without pseudonym loses as many times as much.
    neighbouring : str
        What epsilon hides: whether one person's record is there at all. Hiding which of two
        places or categories a record known to exist belongs to costs twice as much.
    epsilon, epsilon_year : float | None
        None for a rounded table, which does not limit what can be learnt by somebody who knows
        all other records.
    epsilon_cumulative : float | None
        Spent by all draws of the theme and year. None for a rounded table.
    draw : str | None
        Name of the draw: two releases of one theme and year with the same name show the same
        protected numbers. None for a draw older than these names.
    rounding : Rounding | None
        None where noise protects the numbers.
    contribution_cap : int
        Most that one person more or less changes the counts, in all; together it costs `epsilon`.
    categories : dict
        Titles of what is counted.
    columns : dict
        Column of each category.
    suffixes : Suffixes | None
        None for a theme on units, where the column `stato` holds for the whole row.
    geographies : tuple of Geography
        The areas; empty for a theme that is published for `units`.
    band : Band | None
        None where the units decide what is shown.
    estimates : tuple of Estimates
        What is estimated of the protected numbers; not among `collections`.
    """

    theme: str
    title: Text
    year: int
    collections: tuple[Name, ...]
    resolutions: tuple[Shown, ...] = ()
    synthetic: bool
    method: Method
    epsilon: float | None
    epsilon_year: float | None
    epsilon_cumulative: float | None = None
    draw: DrawId | None = None
    neighbouring: Literal["add-or-remove-one-person"] | None
    rounding: Rounding | None
    contribution_cap: int
    without_pseudonym: Literal["each-record-another-person"] = "each-record-another-person"
    categories: dict[Category, Text]
    columns: dict[Category, Name]
    suffixes: Suffixes | None
    derived: Derived
    geographies: tuple[Geography, ...]
    units: Units | None
    posterior_caps: tuple[PosteriorCap, ...]
    band: Band | None
    noise_by_level: tuple[LevelNoise, ...]
    twin: Twin | None
    intervals: tuple[Interval, ...]
    utility: tuple[Utility, ...]
    estimates: tuple[Estimates, ...] = ()
    signed_by: str
    signed_on: str


class Total(Strict):
    """What all themes of one year may reveal together about a person who is in all of them.

    Attributes
    ----------
    without_epsilon : tuple of str
        Rounded themes of the year, which the sum does not cover.
    """

    year: int
    themes: tuple[str, ...]
    without_epsilon: tuple[str, ...]
    epsilon: float
    epsilon_year: float
    posterior_caps: tuple[PosteriorCap, ...]


class Disclosure(Strict):
    """The file `disclosure.json`: one statement per theme and year, and the sum by year."""

    statements: tuple[Statement, ...]
    totals: tuple[Total, ...]
