"""The server that tests start: nothing of it is left when they end."""

from __future__ import annotations

import os
import subprocess

import pytest

from checks import served


def test_a_worker_does_not_outlive_a_server_that_does_not_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(served, "STOPPED_WITHIN_S", 0.5)
    deaf = "trap '' TERM; sleep 1000 & echo $!; wait"
    process = subprocess.Popen(["sh", "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    os.kill(worker, 0)
    served._stop(process)
    # The pipe ends when the last process that holds it is gone.
    assert process.communicate(timeout=20) == (b"", None)
