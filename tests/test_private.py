"""The private folder is held by one build at a time."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace

import pytest
from test_disclose_store import a_draw, obtain

from geo_core import private


def take(folder):
    """Hold the folder at once or not at all."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def test_nobody_else_holds_the_folder_while_figures_are_drawn(tmp_path):
    drawn = []

    def draw(parts):
        drawn.append(parts)
        with pytest.raises(BlockingIOError):
            take(tmp_path / "private")
        return {name: {"FAM": (1,)} for name in parts}

    obtain(tmp_path / "private", replace(a_draw(), draw=draw))
    assert drawn
    take(tmp_path / "private")


def test_the_folder_is_let_go_after_a_failure(tmp_path):
    with pytest.raises(ZeroDivisionError), private.opened(tmp_path / "private"):
        raise ZeroDivisionError
    take(tmp_path / "private")
