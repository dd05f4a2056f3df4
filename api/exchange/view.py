"""The directory in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from api.exchange.directory import Directory, Record
from geo_core.model.text import Lang, Text

type Thing = dict[str, Any]
"""One object of HSDS."""

_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class View:
    """A directory in one language."""

    directory: Directory
    lang: Lang

    def said(self, text: Text) -> str:
        """Return a text in the language of the view."""
        return text.in_(self.lang)

    def own(self, record: Record, name: str) -> str | None:
        """Return a text of a record in the language of the view, else in Italian."""
        text: str | None = record.get(f"{name}_en") if self.lang == "en" else None
        return text or record.get(name)

    def other(self, record: Record, name: str) -> str | None:
        """Return a text of a record in the other language, if it has one."""
        text: str | None = record.get(name if self.lang == "en" else f"{name}_en")
        return text if text != self.own(record, name) else None


def kept(**members: Any) -> Thing:
    """Return an object without the members that would be empty."""
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def mailbox(text: str | None) -> str | None:
    """Return an e-mail address; None if the text is something else."""
    return text if text and _MAILBOX.fullmatch(text) else None


def web_address(text: str | None) -> str | None:
    """Return an address of the web; None if the text is something else."""
    if (
        not text
        or not text.isascii()
        or not text.isprintable()
        or re.search(r'[\s<>"{}|\\^`]', text)
    ):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.netloc else None
