"""Pseudonyms under a key of the installation: equal stay equal, nothing else stays."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_core.errors import DisclosureError
from geo_core.ingest.pseudonyms import FILE, key, rekey

PSEUDONYMS = st.text("0123456789abcdef", min_size=32, max_size=32)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    private = tmp_path / "private"
    made = key(private)
    assert key(private) == made == (private / FILE).read_bytes()
    assert len(made) == 32
    assert stat.S_IMODE((private / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert key(tmp_path / "other") != made


@pytest.mark.parametrize("content", [b"", b"short"])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    key(tmp_path / "p")
    (tmp_path / "p" / FILE).write_bytes(content)
    with pytest.raises(DisclosureError, match="damaged"):
        key(tmp_path / "p")
    assert (tmp_path / "p" / FILE).read_bytes() == content


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key(tmp_path / "p")
    (tmp_path / "p" / FILE).chmod(0o640)
    with pytest.raises(DisclosureError, match="other users"):
        key(tmp_path / "p")


@given(st.lists(PSEUDONYMS | st.none() | st.just(""), max_size=20), st.binary(min_size=32))
def test_equal_stay_equal_and_the_given_one_is_gone(
    given_: list[str | None], secret: bytes
) -> None:
    series = pd.Series(given_, dtype=object, name="pseudonimo")
    out = rekey(series, secret)
    assert out.name == series.name
    for text, new in zip(given_, out, strict=True):
        if text:
            assert new == hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32]
        else:
            assert new == text
    known = {t for t in given_ if t}
    assert not known & set(out)
    assert len({t for t in out if t}) == len(known)


def test_another_key_gives_other_pseudonyms() -> None:
    series = pd.Series(["a" * 32])
    assert rekey(series, b"1" * 32).tolist() != rekey(series, b"2" * 32).tolist()
