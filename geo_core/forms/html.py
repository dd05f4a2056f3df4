"""One form as one HTML file that needs no server, no network and no other file."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PAGE: Final = Path(__file__).parent / "page"
SCRIPTS: Final = (
    "rules.js", "csv.js", "places.js", "start.js", "map.js", "place.js", "table.js", "form.js",
)  # fmt: skip
"""In the order in which the page runs them, as one script."""

_PLACED: Final = ("cod_istat", "lon", "lat")


def render(form: dict[str, Any]) -> str:
    """Return the page of a form.

    The policy in its head lets the browser run this one script and use this one style sheet,
    and nothing else: whatever would load, send or embed anything is refused.

    Parameters
    ----------
    form : dict
        From `geo_core.forms.describe.describe`.
    """
    style, script = (PAGE / "form.css").read_text(encoding="utf-8"), script_text()
    asked = form["questions"]
    placed = [q for q in asked if form["position"] == "point" and q["name"] in _PLACED]
    free = [q for q in asked if q not in placed]
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("form.html").render(
        form=form,
        required=[q for q in free if q["required"]],
        optional=[q for q in free if not q["required"]],
        placed=placed,
        policy=_policy(style, script),
        style=style,
        script=script,
        data=_json(form),
    )


def script_text() -> str:
    """Return everything that the page runs."""
    parts = ((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return "\n".join(('"use strict";', *parts))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _json(form: dict[str, Any]) -> str:
    """Return the data as text that cannot close the element it stands in."""
    text = json.dumps(form, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
