"""Runs all checks on one site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from checks.audit import (
    allowlist,
    differencing,
    formats,
    intervals,
    oracle,
    repetition,
    replay,
)
from checks.audit.collect import Progress, collect
from checks.audit.findings import Checked, Report
from checks.audit.published import Published
from checks.audit.site import Site, open_site

type Check = Callable[[Published, Site], Checked]


@dataclass(frozen=True)
class Named:
    """A check with its letter and its title for people."""

    title: str
    run: Check


CHECKS: Final[Mapping[str, Named]] = {
    "replay": Named("ricalcolo / replay", lambda published, _: replay.check(published)),
    "differencing": Named("differenze / differencing", lambda p, _: differencing.check(p)),
    "intervals": Named("intervalli / intervals", lambda published, _: intervals.check(published)),
    "oracle": Named("domande / oracle", oracle.check),
    "formats": Named("formati / formats", lambda published, _: formats.check(published)),
    "allowlist": Named("campi ammessi / fields", lambda published, _: allowlist.check(published)),
    "repetition": Named("ripetizione / repetition", repetition.check),
}
"""In the order they run; `check(published)`, or `check(published, site)` to ask for more."""

TITLES: Final = {name: named.title for name, named in CHECKS.items()}


def audit(what: str, progress: Progress = lambda _text: None, before: Sequence[str] = ()) -> Report:
    """Download everything public of an address or folder and run every check on it.

    Parameters
    ----------
    what : str
        http(s) address of a landing page, or folder of one release.
    progress : callable
        Told what is being done.
    before : sequence of str
        Addresses or folders of earlier releases, which are compared with it.

    Raises
    ------
    CannotAudit
        There is nothing to audit.
    """
    earlier = [_collected(known, progress) for known in before]
    site = open_site(what)
    with closing(site):
        published = replace(collect(site, progress), earlier=earlier)
        return run(published, site, progress)


def _collected(what: str, progress: Progress) -> Published:
    site = open_site(what)
    with closing(site):
        return collect(site, progress)


def run(published: Published, site: Site, progress: Progress = lambda _text: None) -> Report:
    """Run every check on what was downloaded."""
    checked = {}
    for name, named in CHECKS.items():
        progress(name)
        checked[name] = named.run(published, site)
    return Report(published.release, checked)
