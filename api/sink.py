"""Where libraries that write to a file write to, when what they write is sent at once."""

from __future__ import annotations

import io
from typing import Any


class Sink(io.RawIOBase):
    """A file whose bytes are taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, part: Any) -> int:
        """Take bytes."""
        self._parts.append(bytes(part))
        self._length += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were ever written."""
        return self._length

    def taken(self) -> bytes:
        """Return what was written since this was last asked."""
        taken, self._parts = b"".join(self._parts), []
        return taken
