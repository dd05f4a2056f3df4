"""Forms of documents as JSON Schemas, and holding a document against one."""

from __future__ import annotations

from typing import Any, Final

from jsonschema import Draft202012Validator

from checks.conform.http import Answer
from checks.conform.outcome import require

type Form = dict[str, Any]

TEXT: Final[Form] = {"type": "string"}
NUMBER: Final[Form] = {"type": "number"}
COUNT: Final[Form] = {"type": "integer", "minimum": 0}
POSITIVE: Final[Form] = {"type": "integer", "minimum": 1}
TEXTS: Final[Form] = {"type": "array", "items": TEXT}


def form(required: str, **properties: Form) -> Form:
    """Return the form of an object with some required members, named in one text."""
    return {"type": "object", "required": required.split(), "properties": properties}


def array(items: Form, **bounds: int) -> Form:
    """Return the form of an array."""
    return {"type": "array", "items": items, **bounds}


LINKS: Final[Form] = array(form("href rel", href=TEXT, rel=TEXT, type=TEXT, title=TEXT))


def problem(document: object, wanted: Form) -> str | None:
    """Say where a document differs from a form; nothing if it does not."""
    errors = sorted(Draft202012Validator(wanted).iter_errors(document), key=lambda e: len(e.path))
    if not errors:
        return None
    return f"{'/'.join(map(str, errors[0].absolute_path)) or 'document'}: {errors[0].message[:200]}"


def require_form(answer: Answer, document: object, wanted: Form, what: str) -> None:
    """Raise `Failed` unless a document of an answer has a form."""
    found = problem(document, wanted)
    require(found is None, answer, f"{what} of the required form", found)
