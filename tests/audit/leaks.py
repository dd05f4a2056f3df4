"""Deliberate leaks: each changes one thing of a clean service, and one check must find it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from tiny_service import TinyService, tiny_service
from tiny_site import CELLS, area_feature, collections, disclosure, ok, parquet

from checks.audit.collect import collect
from checks.audit.published import Published


@dataclass
class Scene:
    """A clean service before it is spoiled.

    Attributes
    ----------
    given, said, hidden : dict
        As for `tiny_service`.
    later : list of callable
        Change the service once it stands.
    earlier : list of Published
        Releases before this one.
    """

    given: dict[str, list[dict[str, Any]]] = field(default_factory=collections)
    said: dict[str, Any] = field(default_factory=disclosure)
    hidden: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    later: list[Callable[[TinyService], None]] = field(default_factory=list)
    earlier: list[Published] = field(default_factory=list)

    def row(self, collection: str, at: int) -> dict[str, Any]:
        return self.given[collection][at]["properties"]

    def service(self) -> TinyService:
        service = tiny_service(self.given, self.said, self.hidden)
        for change in self.later:
            change(service)
        return service


LEAKS: dict[str, tuple[str, Callable[[Scene], None]]] = {}
"""Check that has to find it, and how it is planted, by what it is."""


def leak(check: str, what: str):
    """Register a leak."""

    def registered(plant):
        LEAKS[what] = check, plant
        return plant

    return registered


def changed(check: str, what: str, collection: str, at: int, **values: Any) -> None:
    """Register a leak that changes one row."""
    LEAKS[what] = check, lambda scene: scene.row(collection, at).update(values)


changed("replay", "a true cell", "bisogni_r8", 1, n_a=17)
changed("replay", "a sum off by one at an ancestor", "bisogni_r7", 0, n_a=75)
changed("replay", "a total counted by itself", "bisogni_r7", 0, n_tutti=89)
changed("replay", "a number that should be a band", "bisogni_r8", 2, n_a=3, n_a_fascia=None,
        n_a_stato="published")  # fmt: skip
changed("replay", "a number beside its band", "bisogni_r8", 2, n_a=3)
changed("replay", "a narrower band", "bisogni_r8", 2, n_a_fascia="0-2")
changed(
    "replay", "a merged category on a small area", "bisogni_r8", 0, n_c=9, n_c_stato="published"
)
changed("replay", "a share of true counts", "bisogni_r7", 0, quota_a=84.2)
changed("replay", "a share of few", "bisogni_r8", 0, quota_a=81.8, quota_a_stato="published")
changed("replay", "a median of true counts", "bisogni_r7", 0, mediana="B")
changed("replay", "residents of the register, not of the census", "bisogni_r7", 0, residenti=841)
changed("replay", "a mean of raw marks", "voti_sedi", 0, voto_medio=1.7)
changed("replay", "marks of a few", "voti_sedi", 0, n_1=2, n_2=3, n_voti=5, voto_medio=1.6)
changed("replay", "a row of a year without statement", "bisogni_r8", 3, periodo_inizio="2022-01-01")
changed("allowlist", "a date finer than the period", "bisogni_r8", 3, periodo_fine="2023-05-07")
changed("allowlist", "an address among codes", "bisogni_r8", 3, tipo_area="via Roma 3")


@leak("replay", "a count without a rule")
def _extra(scene):
    for feature in scene.given["bisogni_r8"]:
        feature["properties"]["n_extra"] = 1


@leak("replay", "an area of fewer residents than stated")
def _small(scene):
    scene.said["statements"][0]["geographies"][0]["p_min"] = 200


@leak("replay", "a smaller epsilon than the noise has")
def _epsilon(scene):
    level = {"level": "area", "epsilon": 2.0, "scale": 0.5, "half_width_95": 1, "coverage": 0.9679}
    scene.said["statements"][0] |= {"epsilon": 1.0, "noise_by_level": [level]}


@leak("replay", "a smaller sum of budgets than was spent")
def _budget(scene):
    for said in scene.said["statements"]:
        said |= {"epsilon": 1.0, "epsilon_year": 1.0}
    scene.said["totals"] = [{"year": 2023, "epsilon": 1.0, "epsilon_year": 2.0}]


@leak("replay", "a smaller chance of being known than epsilon gives")
def _chance(scene):
    caps = [{"prior": 0.5, "release": 0.5, "year": 0.8808}]
    scene.said["statements"][0] |= {"epsilon": 2.0, "epsilon_year": 2.0, "posterior_caps": caps}


def _style(scene, expression):
    scene.later.append(
        lambda s: s.answers.update(
            {"styles/bisogni_r8": ok(json.dumps({"layers": [{"filter": expression}]}).encode())}
        )
    )


@leak("replay", "a class of the legend that begins at a true value")
def _break(scene):
    _style(scene, [">=", ["get", "n_a"], 37])


@leak("replay", "a style that reads a hidden column")
def _hidden_style(scene):
    _style(scene, [">=", ["get", "n_vero"], 5])


@leak("replay", "a range of the tiles taken before protection")
def _range(scene):
    attribute = {"attribute": "n_a", "min": 1, "max": 19}
    stats = {"layers": [{"layer": "bisogni_r8", "attributes": [attribute]}]}
    scene.later.append(lambda s: edit(s, "xyz/bisogni_r8.json", {"tilestats": stats}))


def edit(service, path, more):
    document = json.loads(service.answers[path].body)
    service.answers[path] = ok(json.dumps(document | more).encode())


@leak("replay", "statistics of a file taken from other rows")
def _statistics(scene):
    def plant(service):
        truth = [{**f, "properties": dict(f["properties"])} for f in scene.given["bisogni_r7"]]
        shown = parquet(truth)
        most = max(f["properties"]["n_a"] for f in truth)
        old, new = (n.to_bytes(8, "little") for n in (most, most + 1))
        foot = shown.rfind(b"PAR1")
        start = foot - 4 - int.from_bytes(shown[foot - 4 : foot], "little")
        spoiled = shown[:start] + shown[start:].replace(old, new)
        service.answers["download/bisogni_r7.parquet"] = ok(spoiled)

    scene.later.append(plant)


@leak("differencing", "a second geography, counted from the records")
def _zones(scene):
    across = [*CELLS[0][4:], *CELLS[1][:4]]
    zone = area_feature(across)
    for name in ("n_b", "n_c", "n_tutti"):
        zone["properties"] |= {name: None, f"{name}_stato": "merged", f"{name}_fascia": None}
    zone["properties"]["n_a"] += 3
    scene.given["bisogni_zone"] = [zone]


@leak("differencing", "a municipality of one person less than its areas")
def _town(scene):
    whole = shapely.geometry.shape(scene.given["bisogni_r7"][0]["geometry"])
    town = area_feature(CELLS[0])
    town["geometry"] = shapely.geometry.mapping(whole.buffer(-0.001))
    for name in ("h3", "tipo_area", "celle"):
        del town["properties"][name]
    town["properties"]["n_a"] -= 1
    scene.given["bisogni_paesi"] = [town]


@leak("differencing", "two tables of one year with other noise")
def _tables(scene):
    scene.given["voti_anno"] = json.loads(json.dumps(scene.given["voti_sedi"]))
    scene.row("voti_anno", 0).update(n_1=8, n_voti=20, voto_medio=1.6)


@leak("differencing", "an older release with other noise")
def _older(scene):
    before = Scene()
    before.row("bisogni_r8", 4)["n_a"] += 1
    scene.earlier.append(replace(collect(before.service()), release="r0"))


@leak("differencing", "figures rounded a second time")
def _twice(scene):
    _older(scene)
    for said in scene.said["statements"]:
        said |= {"method": {"name": "round5"}, "epsilon": 1.0, "epsilon_cumulative": 9.0}


@leak("intervals", "suppressed counts that two tables tell together")
def _linked(scene):
    scene.said["statements"][0]["method"] = {"name": "suppression"}


@leak("intervals", "bands narrowed by sums that were not rounded")
def _unrounded(scene):
    scene.said["statements"][0]["method"] = {"name": "round5"}
    for at in range(len(scene.given["bisogni_r8"])):
        scene.row("bisogni_r8", at).update(n_b=None, n_b_stato="band", n_b_fascia="0-4")
    scene.row("bisogni_r7", 0).update(n_b=32)
