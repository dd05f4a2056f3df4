"""Reads a filter written as CQL2 text: one token ahead, no way back, bounded depth.

Grammar of CQL2, annex B, with one freedom: what an operator may be applied to is checked when
it is evaluated, so that the message can name the types.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from api.features.cql2.nodes import (
    Box,
    Call,
    Constant,
    Day,
    Instant,
    Interval,
    Items,
    Node,
    Property,
    refused,
)
from api.features.cql2.reader import Reader, number, signed
from api.features.cql2.tokens import SIGNS, Token
from api.features.cql2.wkt import TYPES, geometry

_RESERVED: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "LIKE", "IS", "NULL", "DIV"})
OPEN: Final = ".."


def parse(text: str, *, older: bool = False) -> Node:
    """Read a filter.

    Parameters
    ----------
    text : str
        What was sent.
    older : bool
        Whether the older language is meant, which has ILIKE.

    Raises
    ------
    InvalidParameter
        It is not of the language, or larger than a filter may be.
    """
    reader = Reader(text, older=older)
    node = _either(reader, 0)
    if reader.ahead.kind != "end":
        raise reader.unexpected("`AND`, `OR` or the end")
    return node


def _either(reader: Reader, depth: int) -> Node:
    return _joined(reader, "OR", partial(_all, depth=depth), depth)


def _all(reader: Reader, depth: int) -> Node:
    return _joined(reader, "AND", partial(_not, depth=depth), depth)


def _joined(reader: Reader, word: str, term: Callable[[Reader], Node], depth: int) -> Node:
    terms = [term(reader)]
    while reader.word(word):
        terms.append(term(reader))
    if len(terms) == 1:
        return terms[0]
    reader.budget.node(depth)
    return Call(word.lower(), tuple(terms))


def _not(reader: Reader, depth: int) -> Node:
    if reader.word("NOT"):
        reader.budget.node(depth)
        return Call("not", (_not(reader, depth + 1),))
    return _predicate(reader, depth)


def _predicate(reader: Reader, depth: int) -> Node:
    left = _sum(reader, depth)
    reader.budget.node(depth)
    if reader.ahead.kind == "sign" and reader.ahead.value in SIGNS:
        return Call(reader.take().value, (left, _sum(reader, depth)))
    if reader.word("IS"):
        negated = bool(reader.word("NOT"))
        if not reader.word("NULL"):
            raise reader.unexpected("`NULL`")
        return _negated(Call("isnull", (left,)), negated=negated)
    negated = bool(reader.word("NOT"))
    kind = reader.word("BETWEEN", "IN", "LIKE", *(("ILIKE",) if reader.older else ()))
    if kind:
        return _negated(_OF_LEFT[kind](reader, left, depth), negated=negated)
    if negated:
        raise reader.unexpected("`BETWEEN`, `IN` or `LIKE`")
    return left


def _negated(node: Node, *, negated: bool) -> Node:
    return Call("not", (node,)) if negated else node


def _between(reader: Reader, left: Node, depth: int) -> Node:
    low = _sum(reader, depth)
    if not reader.word("AND"):
        raise reader.unexpected("`AND`")
    return Call("between", (left, low, _sum(reader, depth)))


def _in(reader: Reader, left: Node, depth: int) -> Node:
    reader.expect("(")
    return Call("in", (left, Items(_list(reader, depth + 1))))


def _like(reader: Reader, left: Node, depth: int) -> Node:
    return Call("like", (left, _sum(reader, depth)))


def _ilike(reader: Reader, left: Node, depth: int) -> Node:
    reader.budget.node(depth)
    return Call("like", (Call("casei", (left,)), Call("casei", (_sum(reader, depth),))))


_OF_LEFT: Final = {"BETWEEN": _between, "IN": _in, "LIKE": _like, "ILIKE": _ilike}


def _sum(reader: Reader, depth: int) -> Node:
    left = _product(reader, depth)
    while sign := reader.sign("+", "-"):
        depth += 1  # what is read so far lies within what follows
        reader.budget.node(depth)
        left = Call(sign, (left, _product(reader, depth)))
    return left


def _product(reader: Reader, depth: int) -> Node:
    left = _power(reader, depth)
    while sign := reader.sign("*", "/", "%") or reader.word("DIV").lower():
        depth += 1
        reader.budget.node(depth)
        left = Call(sign, (left, _power(reader, depth)))
    return left


def _power(reader: Reader, depth: int) -> Node:
    left = _signed(reader, depth)
    if reader.sign("^"):
        reader.budget.node(depth)
        return Call("^", (left, _signed(reader, depth)))
    return left


def _signed(reader: Reader, depth: int) -> Node:
    if not reader.sign("-"):
        reader.sign("+")
        return _operand(reader, depth)
    operand = _operand(reader, depth)
    if isinstance(operand, Constant) and isinstance(operand.value, float):
        return Constant(-operand.value)
    return Call("*", (Constant(-1.0), operand))


def _operand(reader: Reader, depth: int) -> Node:
    reader.budget.node(depth)
    ahead = reader.ahead
    if ahead.kind == "number":
        return Constant(number(reader))
    if ahead.kind == "text":
        return Constant(reader.take().value)
    if ahead.kind == "quoted":
        return Property(reader.take().value)
    if ahead.kind == "word" and ahead.word not in _RESERVED:
        return _named(reader, depth)
    if reader.sign("("):
        inside = _list(reader, depth + 1)
        return inside[0] if len(inside) == 1 else Items(inside)
    raise reader.unexpected("a property, a value or a function")


def _named(reader: Reader, depth: int) -> Node:  # noqa: PLR0911 - a kind each
    token = reader.take()
    if token.word in {"TRUE", "FALSE"}:
        return Constant(token.word == "TRUE")
    if token.word in TYPES:
        found = geometry(reader, token.word, depth)
        if found is not None:
            return found
    if not reader.sign("("):
        return Property(token.value)
    if token.word == "BBOX":
        return Box(tuple(reader.several(signed)))
    args = _list(reader, depth + 1)
    if token.word in {"DATE", "TIMESTAMP"}:
        (text,) = _texts(args, token, 1)
        return Day(text) if token.word == "DATE" else Instant(text)
    if token.word == "INTERVAL":
        if len(args) != 2:
            raise refused(f"the interval at character {token.at} needs a start and an end")
        return Interval(bound(args[0]), bound(args[1]))
    return Call(token.value.lower(), args)


def _list(reader: Reader, depth: int) -> tuple[Node, ...]:
    """Read expressions up to the closing bracket; the opening one is taken."""
    if reader.sign(")"):
        return ()
    found = reader.several(partial(_either, depth=depth))
    reader.budget.listed(len(found))
    return tuple(found)


def _texts(args: tuple[Node, ...], token: Token, count: int) -> list[str]:
    texts = [a.value for a in args if isinstance(a, Constant) and isinstance(a.value, str)]
    if len(args) != count or len(texts) != count:
        raise refused(f"`{token.word}` at character {token.at} needs a text in single quotes")
    return texts


def bound(node: Node) -> Node | None:
    """Return one end of an interval: a text is a day, an instant or `..`, which is open."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        return node
    if node.value == OPEN:
        return None
    return Instant(node.value) if "T" in node.value.upper() else Day(node.value)
