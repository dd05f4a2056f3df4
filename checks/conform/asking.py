"""Sending filters to a server and holding its answers against the evaluation over the sample."""

from __future__ import annotations

import json
from typing import Final

from checks.conform.answers import chosen_by, compare
from checks.conform.cases import Cases
from checks.conform.evaluate import fits
from checks.conform.expressions import JSON, TEXT, Expression, as_text
from checks.conform.http import Answer
from checks.conform.outcome import skip_unless
from checks.conform.service import Service
from checks.conform.table import Table

_ENOUGH: Final = 12
"""Filters of one kind after which no further collection is asked."""
NO_COLUMN: Final = "nessuna colonna adatta / no column to try it on"


def language(service: Service) -> str:
    """Return a language of filters that the server declares; text where it declares none."""
    json_only = "cql2/1.0/conf/cql2-text" not in service.declared
    return JSON if json_only and "cql2/1.0/conf/cql2-json" in service.declared else TEXT


def encoded(expression: Expression, lang: str) -> str:
    """Return a filter as the parameter has it."""
    if lang == TEXT:
        return as_text(expression)
    return json.dumps(expression, ensure_ascii=False, separators=(",", ":"))


def ask(table: Table, expression: Expression, lang: str, **parameters: str) -> Answer:
    """Return the answer to the items that a filter chooses."""
    asked = {"filter": encoded(expression, lang), "filter-lang": lang, "limit": "10"}
    return table.ask(**asked, **parameters)


def check(service: Service, cases: Cases, lang: str | None = None) -> None:
    """Ask the filters of one kind of the tested collections.

    Parameters
    ----------
    service : Service
        The server.
    cases : callable
        Makes the filters from what a collection holds.
    lang : str, optional
        Their language; one that is declared if none is named.

    Raises
    ------
    Failed
        An answer has other features than the evaluation chooses.
    Skipped
        No collection has a column for such filters.
    """
    chosen, asked = lang or language(service), 0
    for table in service.tables:
        for expression in cases(table):
            check_one(table, expression, chosen)
            asked += 1
        if asked >= _ENOUGH:
            return
    skip_unless(asked, NO_COLUMN)


def check_one(table: Table, expression: Expression, lang: str) -> None:
    """Ask one filter and hold the answer against its evaluation."""
    question = {"filter": encoded(expression, lang), "filter-lang": lang}
    compare(table, chosen_by(table, fits(table, expression)), **question)
