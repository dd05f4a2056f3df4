"""All deliberate leaks in one table: by what they are, the check that has to find each."""

from __future__ import annotations

import leaks_answers
import leaks_files
import leaks_indicators
import leaks_made
import leaks_pixels
import leaks_served
import leaks_stated
import leaks_tiles
from leaks import LEAKS

__all__ = ["LEAKS"]
MODULES = (
    leaks_answers, leaks_files, leaks_indicators, leaks_made, leaks_pixels, leaks_served,
    leaks_stated, leaks_tiles,
)  # fmt: skip
"""Each puts its leaks into the table."""
