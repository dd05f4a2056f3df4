"""Check (g): an answer that changes between two readings is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny_site import audited, tiny_site

from checks.audit import repetition
from checks.audit.site import Answer, FolderSite


def found(spoil=None):
    site = tiny_site()
    published = audited(site)
    if spoil:
        site.spoil = spoil
    return repetition.check(published, site)


def test_a_clean_site_has_no_finding():
    checked = found()
    assert checked.findings == ()
    assert checked.figures > 100


def fresh_noise(path, time, answer):
    return replace(answer, body=answer.body + b" ") if time > 1 and "items" in path else answer


def new_etag(path, time, answer):
    return replace(answer, headers={"etag": f'"{time}"'}) if "download" in path else answer


def fails_later(path, time, answer):
    return Answer(500, {}, b"") if time > 1 and path == "disclosure" else answer


def never_valid(_path, _time, answer):
    return Answer(200, answer.headers, b"again") if answer.status == 304 else answer


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (fresh_noise, "asked again, it gave other bytes"),
        (new_etag, "asked again, it gave another ETag"),
        (fails_later, "asked again, it gave other bytes"),
        (never_valid, "its own ETag is no longer valid"),
    ],
)
def test_a_planted_change_is_found(spoil, expected):
    assert expected in {f.what for f in found(spoil).findings}


def test_two_answers_while_downloading_are_found():
    site = tiny_site()
    published = audited(site)
    changed = [*published.seen, replace(published.seen[0], sha256="0")]
    checked = repetition.check(replace(published, seen=changed), site)
    assert "asked twice, it gave two answers" in {f.what for f in checked.findings}


def test_a_folder_is_not_asked_twice(tmp_path):
    checked = repetition.check(audited(tiny_site()), FolderSite(tmp_path))
    assert checked.figures == 0
    assert checked.notes
