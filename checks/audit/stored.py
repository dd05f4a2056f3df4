"""What the folder of a release holds, read when it is asked for: a region is larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import orjson


class Lines(Sequence[Mapping[str, Any]]):
    """Documents of a file with one on each line; parsed they would take ten times the room."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Parse one after the other."""
        return map(orjson.loads, self._lines)

    @overload
    def __getitem__(self, at: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        """Parse one, or return some."""
        if isinstance(at, slice):
            return Lines(self._lines[at])
        content: Mapping[str, Any] = orjson.loads(self._lines[at])
        return content


class Stored[Part](Mapping[str, Part]):
    """Parts by name, each read when it is asked for; the last one is kept.

    Parameters
    ----------
    names : iterable of str
    read : callable
        Returns the part of a name.
    """

    def __init__(self, names: Iterable[str], read: Callable[[str], Part]) -> None:
        self._names, self._read = dict.fromkeys(names), read
        self._last: dict[str, Part] = {}

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, and read nothing."""
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a part of a name, and read nothing."""
        return name in self._names

    def __getitem__(self, name: str) -> Part:
        """Return a part; `KeyError` if there is none of the name."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._last:
            self._last.clear()
            self._last[name] = self._read(name)
        return self._last[name]
