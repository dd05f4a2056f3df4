"""Every planted leak is caught by the check that is meant to; nothing is found where none is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from leaks import Scene
from leaks_files import CLEAN_PAGE
from leaks_indicators import CLEAN_INDICATORS
from leaks_pixels import CLEAN_RASTER
from planted import LEAKS

from benchmarks.audit import audited
from benchmarks.small_releases import rounded, small_release
from checks.audit.collect import collect
from checks.audit.run import CHECKS, run

LEAST = 165
CLEAN = range(6)


def report(scene):
    """Audit a scene: the findings of each check, in order."""
    service = scene.service()
    return {n: c.findings for n, c in run(collected(scene, service), service).checked.items()}


def collected(scene, service):
    return replace(collect(service), earlier=scene.earlier)


def test_the_scene_without_a_leak_has_no_finding():
    assert not any(report(Scene()).values())


def test_pages_indicators_and_a_raster_without_a_leak_have_no_finding():
    scene = Scene()
    CLEAN_PAGE(scene)
    CLEAN_RASTER(scene)
    CLEAN_INDICATORS(scene)
    assert not any(report(scene).values())


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_is_caught(what):
    check, plant = LEAKS[what]
    scene = Scene()
    plant(scene)
    service = scene.service()
    found = CHECKS[check].run(collected(scene, service), service).findings
    assert found, {name: len(findings) for name, findings in report(scene).items()}
    first = found[0]
    print(f"{what:<60} {check:<13} {first.where}: {first.what}")  # noqa: T201 - shown with -s


def test_every_check_catches_a_leak_of_its_own():
    assert {check for check, _ in LEAKS.values()} == set(CHECKS)
    assert len(LEAKS) >= LEAST


@pytest.mark.parametrize("seed", CLEAN)
def test_clean_releases_of_a_small_district_have_no_finding(catalog, seed):
    policy = rounded(catalog) if seed % 2 else None
    checked = audited(small_release(catalog, seed, policy))
    assert [found for of in checked for found in of.findings] == []
    assert all(of.figures for of in checked)
