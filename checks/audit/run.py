"""Runs all checks on one site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from checks.audit import (
    allowlist,
    differencing,
    folder_report,
    formats,
    intervals,
    oracle,
    repetition,
    replay,
)
from checks.audit.collect import collect
from checks.audit.findings import Checked, Report
from checks.audit.published import Progress, Published
from checks.audit.site import Site, open_site


class Check(Protocol):
    """One check; a long one says how far it is."""

    def __call__(self, published: Published, site: Site, progress: Progress = ..., /) -> Checked:
        """Return what was found."""
        ...


@dataclass(frozen=True)
class Named:
    """A check with its letter and its title for people."""

    title: str
    run: Check


CHECKS: Final[Mapping[str, Named]] = {
    "replay": Named("ricalcolo / replay", lambda published, *_: replay.check(published)),
    "differencing": Named("differenze / differencing", lambda p, *_: differencing.check(p)),
    "intervals": Named("intervalli / intervals", lambda published, *_: intervals.check(published)),
    "oracle": Named("domande / oracle", oracle.check),
    "formats": Named("formati / formats", lambda p, _, *progress: formats.check(p, *progress)),
    "allowlist": Named("campi ammessi / fields", lambda published, *_: allowlist.check(published)),
    "repetition": Named("ripetizione / repetition", lambda p, site, *_: repetition.check(p, site)),
}
"""In the order they run; of site and progress each is given what it uses."""

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
        checked[name] = named.run(published, site, partial(_within, progress, name))
    return Report(published.release, folder_report.compared(published.folder, checked))


def _within(progress: Progress, name: str, text: str) -> None:
    progress(f"{name}: {text}")
