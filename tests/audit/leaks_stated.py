"""Deliberate leaks in numbers that nobody measures again, in outlines and in open hexagons."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from leaks import LEAKS, Scene, changed, leak
from tiny_site import ok

LEVEL = {"level": "area", "epsilon": 2.0, "scale": 0.5, "half_width_95": 1, "coverage": 0.9679}
SPENT = {"epsilon": 2.0, "epsilon_year": 2.0, "noise_by_level": [LEVEL]}
TWIN = {"expected": 75.0, "seed": 20231231, "releases": 44}
FILE = "download/bisogni_r8.parquet"


def stated(what: str, check: str = "replay", at: int = 0, **values: Any) -> None:
    """Register a leak in members of the statement of a theme."""
    LEAKS[what] = check, lambda scene: scene.said["statements"][at].update(values)


stated("an epsilon of nothing", epsilon=0.0, epsilon_year=2.0)
stated("an epsilon above the budget of the year", epsilon=2.117, epsilon_year=2.0)
stated("less spent so far than by this release", epsilon=2.0, epsilon_cumulative=1.17)
stated("more spent than the year allows", epsilon=2.0, epsilon_year=2.0, epsilon_cumulative=11.7,
       synthetic=False)  # fmt: skip
stated("a budget of a theme without noise", epsilon=None, epsilon_cumulative=11.7)
stated("a level with an odd share of the budget", **SPENT | {
    "noise_by_level": [
        LEVEL | {"epsilon": 1.0000117, "scale": 1 / 1.0000117, "half_width_95": 3,
                 "coverage": 0.9732},
        LEVEL | {"epsilon": 0.9999883, "scale": 1 / 0.9999883, "half_width_95": 3,
                 "coverage": 0.9732},
    ]
})  # fmt: skip
stated("a scale with digits of its own", **SPENT | {
    "noise_by_level": [LEVEL | {"scale": 0.500000117}]
})  # fmt: skip
stated("a chance that is rounded up by more than a digit", epsilon=2.0, epsilon_year=2.0,
       posterior_caps=[{"prior": 0.5, "release": 0.8809, "year": 0.8808}])  # fmt: skip
stated("a chance before reading that counts", epsilon=2.0, epsilon_year=2.0,
       posterior_caps=[{"prior": 0.117, "release": 0.4948, "year": 0.4948}])  # fmt: skip
stated("persons who are expected with many digits", twin=TWIN | {"expected": 117.0})
stated("a seed that counts", twin=TWIN | {"seed": 117})
stated("as many twins as persons", twin=TWIN | {"releases": 160_117})
stated("an error with many decimals",
       utility=[{"resolution": 8, "error": 0.0100117, "misplaced": 0.02}])  # fmt: skip
stated("a misplaced share below nothing",
       utility=[{"resolution": 8, "error": 0.01, "misplaced": -0.117}])  # fmt: skip
stated("an error that is none", utility=[{"resolution": 8, "error": 117.0, "misplaced": 0.1}])
stated("units that are shown from another number on", at=1,
       units={"kind": "sedi", "number": 2, "fewest": 11},
       derived={"totals": {"n_voti": ["1", "2"]}, "mean": "voto_medio", "fewest": 10})  # fmt: skip
stated("a member that the schema of the statement has not", "allowlist", nota="tanti")


@leak("allowlist", "twins of another seed by theme")
def _seeds(scene: Scene) -> None:
    for said, seed in zip(scene.said["statements"], (20231231, 20230117), strict=True):
        said["twin"] = TWIN | {"seed": seed}


@leak("allowlist", "twins of one theme that differ by year")
def _years(scene: Scene) -> None:
    first = scene.said["statements"][0] | {"twin": TWIN}
    earlier = first | {"year": 2022, "collections": [], "twin": TWIN | {"releases": 117}}
    scene.said["statements"] = [first, scene.said["statements"][1], earlier]


@leak("replay", "estimates that are said to be exact although there is noise")
def _exact(scene: Scene) -> None:
    said = scene.said["statements"][0]
    said |= SPENT
    said["estimates"][0]["intervals"][0] |= {"below": 0, "above": 0}


@leak("replay", "an estimate at the end of the band")
def _at_the_end(scene: Scene) -> None:
    shown = {"stima_b": 4, "stima_b_fascia": None, "stima_b_stato": "published",
             "stima_b_min": 1, "stima_b_max": 7}  # fmt: skip
    scene.row("bisogni_comuni", 2).update(shown)


@leak("allowlist", "a source with a number of cases")
def _source(scene: Scene) -> None:
    for feature in scene.given["bisogni_r8"]:
        feature["properties"]["fonte"] = "Rilevazioni: 117 casi"


@leak("allowlist", "a licence with a number of cases")
def _licence(scene: Scene) -> None:
    for feature in scene.given["voti_sedi"]:
        feature["properties"]["licenza"] = "CC-BY-4.0 (117)"


def ring(
    what: str,
    change: Callable[[list[Any]], Any],
    collection: str = "bisogni_r8",
    check: str = "replay",
) -> None:
    """Register a leak in the points of an outline."""

    def plant(scene: Scene) -> None:
        rings = scene.given[collection][0]["geometry"]["coordinates"][0]
        points = [[float(c) for c in point] for point in rings[0]]
        scene.given[collection][0]["geometry"] = {
            "type": "MultiPolygon",
            "coordinates": [[change(points)]],
        }

    leak(check, what)(plant)


def _moved(points: list[Any]) -> list[Any]:
    return [points[0], [round(points[1][0] + 1e-7, 7), points[1][1]], *points[2:]]


def _started(points: list[Any]) -> list[Any]:
    return [*points[2:], *points[1:3]]


ring("a point of an outline that is moved by a centimetre", _moved)
ring("an outline that begins at another point", _started)
ring("an outline that runs the other way", lambda points: points[::-1])
ring("an outline with a point more", lambda points: [points[0], *points])
ring("a third coordinate of an outline", lambda points: [[*p, 117.0] for p in points], "offerta_r8",
     "formats")  # fmt: skip
ring("a point of an open hexagon that is moved by a centimetre", _moved, "offerta_r8")
ring("an open hexagon that begins at another point", _started, "offerta_r8")

changed("replay", "places that no office has", "offerta_r8", 0, posti=117)
changed("replay", "services of a kind that no office offers", "offerta_r8", 0, s_nido=117)
changed("replay", "opportunities that are past", "offerta_r8", 0, opportunita=2)
changed("replay", "a rate of offices that are not there", "offerta_r8", 0, sedi_10000=117.0)
changed("replay", "residents of a hexagon who live nowhere", "offerta_r8", 0, residenti=117)


@leak("replay", "a hexagon without supply")
def _hexagon(scene: Scene) -> None:
    other = scene.given["popolazione"][0]["properties"]["h3"]
    row = scene.given["offerta_r8"][0]
    properties = {**row["properties"], "id": other, "h3": other}
    scene.given["offerta_r8"].append({**row, "id": other, "properties": properties})


@leak("formats", "a writer of a table that tells")
def _writer(scene: Scene) -> None:
    def later(service: Any) -> None:
        target = io.BytesIO()
        pq.write_table(pq.read_table(io.BytesIO(service.answers[FILE].body)), target)
        own = f"version {pa.__version__}".encode()
        told = b"117 persone".ljust(len(own))
        service.answers[FILE] = ok(target.getvalue().replace(own, told))

    scene.later.append(later)
