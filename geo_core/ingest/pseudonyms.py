"""Pseudonyms under a key of this installation: what a body computed is never kept.

A body's own key makes its pseudonyms. Whoever has that key could find a person among kept
records, so a pseudonym is replaced by a keyed hash of itself before it is stored. Equal
pseudonyms stay equal, also across bodies that share a key: that is all they serve for.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core import private as private_folder
from geo_core.errors import DisclosureError

FILE: Final = "pseudonyms.key"
KEY_BYTES: Final = 32
DIGITS: Final = 32
"""Hexadecimal digits of a pseudonym, before and after."""


def key(private: Path) -> bytes:
    """Return the key of this installation; it is made on first use and kept for good.

    Parameters
    ----------
    private : Path
        The private folder (mode 0700); the file in it has mode 0600.

    Raises
    ------
    DisclosureError
        Others can read the folder or the file, or the file is not a key.
    """
    path = private / FILE
    with private_folder.opened(private):
        known = private_folder.read(path)
        if known is None:
            known = os.urandom(KEY_BYTES)
            private_folder.write(path, known)
    if len(known) != KEY_BYTES:
        raise DisclosureError(
            "the key of the pseudonyms is damaged",
            where=path.name,
            hint="restore the private folder from its backup; a new key would count persons twice",
        )
    return known


def rekey(series: pd.Series, key: bytes) -> pd.Series:
    """Replace each pseudonym by the HMAC-SHA256 of it under a key, cut to 32 digits.

    Parameters
    ----------
    series : Series of str or None
        Pseudonyms; an empty or missing one stays as it is.
    key : bytes
        From `key`.

    Returns
    -------
    Series
        Index and name of `series`; 32 hexadecimal digits in lower case (128 bits: among a
        million persons two meet by chance once in 10^26).
    """
    keyed = [_keyed(text, key) if isinstance(text, str) and text else text for text in series]
    return pd.Series(keyed, index=series.index, name=series.name, dtype=object)


def _keyed(text: str, key: bytes) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()[:DIGITS]
