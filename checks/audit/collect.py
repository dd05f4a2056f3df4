"""Downloads everything public, once."""

from __future__ import annotations

from checks.audit.from_folder import collect_folder
from checks.audit.from_http import collect_http
from checks.audit.published import Progress, Published
from checks.audit.site import FolderSite, Site


def collect(site: Site, progress: Progress = lambda _text: None) -> Published:
    """Return everything a site publishes.

    Raises
    ------
    CannotAudit
        Nothing answers, it is no OGC service with a disclosure statement, or no release folder.
    """
    if isinstance(site, FolderSite):
        return collect_folder(site, progress)
    return collect_http(site, progress)
