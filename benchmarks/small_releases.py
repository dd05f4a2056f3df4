"""Clean releases of small invented districts: what the auditor must find nothing in.

Residents and needs are drawn anew for every seed; protection and rows are those of the build.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import h3
import numpy as np
import pandas as pd

from checks.audit.published import Collection, Field, Published
from checks.audit.zones import LEVEL
from geo_core.catalog import Catalog
from geo_core.disclose.counts import checked, district, per_area
from geo_core.disclose.features import Basis, rows
from geo_core.disclose.noise import draw
from geo_core.disclose.protect import measured
from geo_core.disclose.rounding_audit import with_rounding
from geo_core.disclose.sealed import with_noise
from geo_core.disclose.shape import Shape, Shapes, publishable
from geo_core.disclose.tree import Ints
from geo_core.model.cells import LEAF
from geo_core.model.layer import Layer
from geo_core.model.policy import Policy, RoundedPolicy

RESIDENTS: Final = 5_000
CASES: Final = 500
RINGS: Final = 6
YEAR: Final = 2023
THEME: Final = "bisogni"
_TYPES: Final = {"text": "string", "date": "string", "integer": "integer", "boolean": "boolean"}


def small_release(
    catalog: Catalog, seed: int, policy: Policy | RoundedPolicy | None = None
) -> Published:
    """Return everything public of one release of needs.

    Parameters
    ----------
    catalog : Catalog
        Layers and signed policies.
    seed : int
        Decides residents and needs; the noise is OpenDP's.
    policy : Policy or RoundedPolicy, optional
        Instead of the signed one.
    """
    policy = policy or catalog.policies.areas(THEME)
    residents = _residents(seed)
    layers = tuple(x for x in catalog.layers if x.policy == THEME and x.resolution and not x.series)
    shapes = publishable(district(residents), policy)
    needs = _needs(residents, policy.categories, seed)
    numbers = _protected(needs, shapes, policy)
    collections = {
        layer.id: collection(catalog, layer, _rows(layer, shapes, numbers, policy))
        for layer in layers
    }
    above = _levels(catalog, layers[0], Basis(shapes, {YEAR: numbers}, policy, synthetic=True))
    people = population("popolazione", residents)
    return Published(
        release=f"small-{seed}",
        collections={**collections, people.id: people},
        tilesets={},
        files={},
        styles={},
        disclosure={"statements": [_statement(policy, shapes, layers)]},
        releases=[],
        seen=[],
        zones=above,
    )


def _levels(catalog: Catalog, coarsest: Layer, basis: Basis) -> dict[str, Collection]:
    """Return the levels that are coarser than every collection, as an auditor reads them."""
    found = {}
    for level in range(coarsest.resolution or 0):
        read = collection(catalog, coarsest, rows(coarsest, level, basis, None))
        ident = f"zones/{level}"
        found[ident] = replace(read, id=ident, document={LEVEL: level}, like=coarsest.id)
    return found


def _residents(seed: int) -> pd.Series:
    random = np.random.default_rng(seed)
    cells = sorted(h3.grid_disk(h3.latlng_to_cell(45.4, 8.4, 8), RINGS))
    weight = random.lognormal(0, 2, len(cells)) * (random.random(len(cells)) < 0.8)
    return pd.Series(random.multinomial(RESIDENTS, weight / weight.sum()), index=cells)


def _needs(residents: pd.Series, categories: Sequence[str], seed: int) -> pd.DataFrame:
    random = np.random.default_rng([seed, 1])
    found = []
    for category in categories:
        local = random.lognormal(0, 1, len(residents)) * residents.to_numpy()
        persons = random.multinomial(CASES // len(categories), local / local.sum())
        found += [
            (YEAR, cell, category, int(n))
            for cell, n in zip(residents.index, persons, strict=True)
            if n
        ]
    return pd.DataFrame(found, columns=["anno", "luogo", "categoria", "n"])


def _protected(
    needs: pd.DataFrame, shapes: Shapes, policy: Policy | RoundedPolicy
) -> dict[str, Ints]:
    """Return the protected number of each area and category, as the build draws it."""
    (own,) = checked(needs, places=shapes.base.area_of, categories=policy.categories).values()
    true = per_area(own, shapes)
    if isinstance(policy, RoundedPolicy):
        return with_rounding(true, shapes)
    trees = measured(shapes, policy)
    return with_noise(true, trees, draw(trees, policy), policy)


def _rows(
    layer: Layer,
    shapes: Shapes,
    numbers: Mapping[str, Ints],
    policy: Policy | RoundedPolicy,
) -> gpd.GeoDataFrame:
    basis = Basis(shapes, {YEAR: numbers}, policy, synthetic=True)
    return rows(layer, layer.resolution or 8, basis, {})


def collection(catalog: Catalog, layer: Layer, frame: gpd.GeoDataFrame) -> Collection:
    """Return the rows of a layer as an auditor downloads them."""
    features = json.loads(frame.to_json(na="null", drop_id=True))["features"]
    features = [{**f, "id": f["properties"]["id"]} for f in features]
    lists = {f.name: catalog.codelists[f.codelist] for f in layer.fields if f.codelist}
    codes = {name: {c.code: c.title.it for c in of} for name, of in lists.items()}
    fields = {
        f.name: Field(_TYPES.get(f.type, f.type), f.type == "date", codes.get(f.name))
        for f in layer.fields
        if f.name in frame
    }
    return Collection(layer.id, {"numberMatched": len(features)}, fields, features, {}, {})


def population(ident: str, residents: pd.Series) -> Collection:
    """Return the open collection of residents by cell."""
    fields = {"id": Field("string"), "h3": Field("string"), "residenti": Field("integer")}
    features = [
        {"id": c, "geometry": None, "properties": {"id": c, "h3": c, "residenti": int(n)}}
        for c, n in residents.items()
    ]
    return Collection(ident, {"numberMatched": len(features)}, fields, features, {}, {})


def _statement(
    policy: Policy | RoundedPolicy, shapes: Shapes, collections: Sequence[Layer]
) -> Mapping[str, Any]:
    by_minimum: dict[int, list[str]] = {}
    for category in shapes.categories:
        by_minimum.setdefault(shapes.of(category).p_min, []).append(category)
    return {
        "theme": THEME,
        "year": YEAR,
        "synthetic": True,
        "method": {"name": policy.method},
        "categories": {category: {} for category in policy.categories},
        "units": None,
        "band": {"low": 0, "high": policy.band_max},
        "collections": [layer.id for layer in collections],
        "geographies": [_geography(found, shapes.of(found[0])) for found in by_minimum.values()],
        "resolutions": [
            {"collection": layer.id, "resolution": layer.resolution} for layer in collections
        ],
    }


def _geography(categories: Sequence[str], shape: Shape) -> Mapping[str, Any]:
    return {
        "categories": categories,
        "h3_leaf": LEAF,
        "p_min": shape.p_min,
        "areas": len(shape.areas),
        "smallest_residents": shape.smallest,
        "sha256": shape.sha256,
    }


def rounded(catalog: Catalog) -> RoundedPolicy:
    """Return the signed policy of needs with rounding instead of noise."""
    signed = catalog.policies.areas(THEME)
    kept = {
        n: getattr(signed, n) for n in RoundedPolicy.model_fields if n in signed.model_fields_set
    }
    return RoundedPolicy.model_validate({**kept, "method": "round5", "band_max": 4})
