"""Sealed noise: drawn once per input, kept outside every release, reused byte for byte.

A second draw for the same counts would let a reader average the noise away. So a draw is
keyed by everything it depends on, kept in a file that only its owner can read, and recorded in
the ledger with the hash of that file. The file holds the drawn values, never a count.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np

from geo_core import private
from geo_core.disclose import ledger
from geo_core.disclose.noise import Noise
from geo_core.errors import DisclosureError


def obtain(
    folder: Path, draw: ledger.Draw, *, epsilon_year: float, make: Callable[[], Noise]
) -> Noise:
    """Return the noise of a draw: the sealed one if it exists, otherwise a new one.

    A new draw is sealed first and charged second. A crash in between leaves a file that no
    table was published from; the next build uses and charges it.

    Parameters
    ----------
    folder : Path
        The private folder; made if it is not there.
    draw : Draw
        What the noise is for.
    epsilon_year : float
        Budget of the theme and year.
    make : function
        Draws the noise.

    Raises
    ------
    DisclosureError
        The budget is spent, the noise of a recorded draw is missing or changed, the ledger is
        damaged, or others can read the folder or a file in it.
    """
    with private.opened(folder):
        entries = ledger.read(folder)
        path = folder / f"noise-{draw.key}.json"
        sealed = private.read(path)
        if recorded := ledger.find(entries, draw.key):
            return _unseal(sealed, recorded.noise, path)
        ledger.check_budget(entries, draw, epsilon_year=epsilon_year)
        if sealed is None:
            sealed = _encode(make())
            private.write(path, sealed)
        ledger.append(folder, draw, noise=sha256(sealed).hexdigest())
        return _decode(sealed, path)


def _unseal(sealed: bytes | None, expected: str, path: Path) -> Noise:
    if sealed is None or sha256(sealed).hexdigest() != expected:
        raise _lost(path, "missing" if sealed is None else "not what the ledger recorded")
    return _decode(sealed, path)


def _encode(noise: Noise) -> bytes:
    plain = {c: {name: x.tolist() for name, x in levels.items()} for c, levels in noise.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def _decode(sealed: bytes, path: Path) -> Noise:
    try:
        return {
            category: {name: np.array(x, dtype=np.int64) for name, x in levels.items()}
            for category, levels in json.loads(sealed).items()
        }
    except (ValueError, TypeError, AttributeError):
        raise _lost(path, "damaged") from None


def _lost(path: Path, how: str) -> DisclosureError:
    return DisclosureError(
        f"the noise of an earlier release is {how}",
        where=path.name,
        hint="restore the private folder from its backup; drawing again would weaken "
        "what is already published",
    )
