"""Which sentences a part of the code may say: read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

type Locals = dict[str, list[ast.expr]]


def assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield every name that is given a value in the statements of a tree, with the value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for to in node.targets:
                if isinstance(to, ast.Name):
                    yield to.id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


class Said:
    """What the modules of some folders say.

    Attributes
    ----------
    modules : dict
        Their syntax trees, by path.
    """

    def __init__(self, paths: Iterator[Path]) -> None:
        self.modules = {p: ast.parse(p.read_text(encoding="utf-8")) for p in paths}
        self._constants: Mapping[str, ast.expr] = {
            name: value
            for tree in self.modules.values()
            for name, value in assigned(tree)
            if name.isupper()
        }

    def texts(self, node: ast.AST, local: Locals) -> set[str]:
        """Return every text that an expression may be; nothing for a parameter."""
        match node:
            case ast.Constant(value=str(text)):
                return {text} if text else set()
            case ast.JoinedStr(values=parts):
                return {"".join(p.value if isinstance(p, ast.Constant) else "{}" for p in parts)}
            case ast.IfExp(body=body, orelse=other):
                return self.texts(body, local) | self.texts(other, local)
            case ast.BinOp(left=left, right=right):
                ends = self.texts(right, local) or {"{}"}
                return {a + b for a in self.texts(left, local) for b in ends}
            case ast.Name(id=name):
                known = [self._constants[name]] if name in self._constants else []
                given = local.get(name, known)
                constants = {n: v for n, v in local.items() if n.isupper() and n != name}
                return {text for value in given for text in self.texts(value, constants)}
        return set()

    def calls(self, names: set[str]) -> Iterator[tuple[Path, ast.Call, Locals]]:
        """Yield the calls of functions of some names, with what is assigned around each."""
        for path, tree in self.modules.items():
            # A module's own constant comes before another's of the same name.
            own = {name: [value] for name, value in assigned(tree) if name.isupper()}
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
                    continue
                local: Locals = {name: [*values] for name, values in own.items()}
                for name, value in assigned(function):
                    local.setdefault(name, []).append(value)
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and called(node) in names:
                        yield path, node, local


def called(call: ast.Call) -> str:
    """Return the name of a function that is called, that of a method with its object."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=of), attr=name):
            return f"{of}.{name}"
    return ""
