"""FlatBuffers, as far as FlatGeobuf needs them: tables and vectors.

All references in a buffer are distances, so what a table refers to can be made before it and laid
behind it: a `Block` is such a piece, that stays right wherever it is put at a multiple of 8.
Source: "FlatBuffer Binary Format", google.github.io/flatbuffers (Internals).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from struct import Struct, calcsize
from typing import Final, NamedTuple

_UNIT: Final = 8
"""The strictest alignment there is, that of a double."""

_LENGTH: Final = Struct("<I")
_PREFIX: Final = Struct("<II")


class Block(NamedTuple):
    """A table or vector and what it refers to: `entry` is where it begins in the bytes."""

    content: bytes
    entry: int


class Scalar(NamedTuple):
    """A number: its format as in `struct`, and its value."""

    format: str
    value: int


class _Layout(NamedTuple):
    """How a table with members of some formats is written.

    Attributes
    ----------
    struct : Struct
        The list of members (`vtable`), then the table.
    begin : tuple of int
        What it begins with: all that does not depend on the values.
    start : int
        Where the table begins.
    places : tuple of int
        Distance of each member from there; 0 for one left out.
    order : tuple of int
        The members that are there, as they stand.
    """

    struct: Struct
    begin: tuple[int, ...]
    start: int
    places: tuple[int, ...]
    order: tuple[int, ...]


def sized(root: Block) -> bytes:
    """Return a buffer with its length before it, as FlatGeobuf stores header and features."""
    size, half = _PREFIX.size, _LENGTH.size
    return _PREFIX.pack(size - half + len(root.content), size - half + root.entry) + root.content


def table(*members: Scalar | Block | None) -> Block:
    """Return a table; its members stand in the order of the schema, None for one left out."""
    layout = _layout(tuple([_format(one) for one in members]))
    end = layout.struct.size
    values, behind = [], []
    for index in layout.order:
        one = members[index]
        if isinstance(one, Block):
            values.append(end + one.entry - layout.start - layout.places[index])
            behind.append(one.content)
            end += len(one.content)
        elif one is not None:
            values.append(one.value)
    return Block(layout.struct.pack(*layout.begin, *values) + b"".join(behind), layout.start)


def _format(member: Scalar | Block | None) -> str:
    if member is None:
        return ""
    return "I" if isinstance(member, Block) else member.format


@cache
def _layout(formats: tuple[str, ...]) -> _Layout:
    """Return a layout in which the larger members stand first, so that each is aligned."""
    sizes = [calcsize(f"<{one}") for one in formats]
    order = tuple(sorted((i for i, n in enumerate(sizes) if n), key=lambda i: -sizes[i]))
    head = 4 + 2 * len(formats)
    before = -(head + 4) % _UNIT
    places, length = [0] * len(formats), 4
    for index in order:
        places[index], length = length, length + sizes[index]
    after = -(before + head + length) % _UNIT
    inner = "".join(formats[i] for i in order)
    struct = Struct(f"<{before}x{2 + len(formats)}Hi{inner}{after}x")
    return _Layout(struct, (head, length, *places, head), before + head, tuple(places), order)


def vector(content: bytes, *, number: int, unit: int = 1) -> Block:
    """Return a vector of `number` scalars of `unit` bytes each."""
    before = 4 if unit == _UNIT else 0
    raw = bytes(before) + _LENGTH.pack(number) + content
    return Block(raw + bytes(-len(raw) % _UNIT), before)


def text(content: str) -> Block:
    """Return a text."""
    raw = content.encode()
    return vector(raw + b"\0", number=len(raw))


def vector_of(children: Sequence[Block]) -> Block:
    """Return a vector of tables."""
    number = len(children)
    before = 4 + 4 * number
    end = before + -before % _UNIT
    references = []
    for place, child in enumerate(children, start=1):
        references.append(end + child.entry - 4 * place)
        end += len(child.content)
    own = vector(Struct(f"<{number}I").pack(*references), number=number)
    return Block(own.content + b"".join(child.content for child in children), 0)
