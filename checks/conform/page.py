"""The report as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from checks.conform.report import MARKS, by_class, closing, counts
from checks.conform.run import Report, Result

_STYLE: Final = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;
color:#17324d;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;font-weight:600}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #c5c7c9;vertical-align:top}
td.n,th.n{text-align:right}
.failed td:first-child{color:#b1003b;font-weight:700}
code{overflow-wrap:anywhere}
"""


def as_html(report: Report) -> str:
    """Return the report as a page: a table of the classes, and one of each class."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="it"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Conformità / Conformance: {escape(report.root)}</title>",
        f"<style>{_STYLE}</style></head><body><main>",
        "<h1>Conformità / Conformance</h1>",
        f"<p><code>{escape(report.root)}</code></p><p>{escape(closing(report))}</p>",
        *_summary(report),
        *(line for group, results in by_class(report).items() for line in _table(group, results)),
        *_named("Non dichiarate / Not declared", report.undeclared),
        *_named("Dichiarate, senza test / Declared, without tests", report.untested),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield "<table><caption>Classi / Classes</caption><thead><tr><th>Classe / Class</th>"
    heads = ("Passate / Passed", "Fallite / Failed", "Saltate / Skipped")
    yield "".join(f'<th class="n">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for group, results in by_class(report).items():
        cells = "".join(f'<td class="n">{number}</td>' for number in counts(results))
        yield f'<tr><td><a href="#{_anchor(group)}">{escape(group)}</a></td>{cells}</tr>'
    cells = "".join(f'<td class="n">{number}</td>' for number in counts(report.results))
    yield f"<tr><td>In tutto / In all</td>{cells}</tr></tbody></table>"


def _table(group: str, results: list[Result]) -> Iterator[str]:
    yield f'<h2 id="{_anchor(group)}">{escape(group)}</h2><table><thead><tr><th>Esito</th>'
    yield "<th>Requisito / Requirement</th><th>Prove / Evidence</th></tr></thead><tbody>"
    for result in results:
        test = result.test
        what = f"<code>{escape(test.requirement)}</code><br>{escape(test.italian)}"
        yield f'<tr class="{result.outcome}"><td>{MARKS[result.outcome]}</td><td>{what}<br>'
        yield f'<span lang="en">{escape(test.english)}</span></td><td>{_evidence(result)}</td></tr>'
    yield "</tbody></table>"


def _evidence(result: Result) -> str:
    if result.outcome != "failed":
        return escape(result.why or result.seen)
    named = (
        ("richiesta / request", result.request),
        ("atteso / expected", result.expected),
        ("trovato / found", result.found),
    )
    return "<br>".join(f"{name}: <code>{escape(value)}</code>" for name, value in named)


def _named(title: str, groups: tuple[str, ...]) -> Iterator[str]:
    if groups:
        items = "".join(f"<li><code>{escape(group)}</code></li>" for group in groups)
        yield f"<h2>{title}</h2><ul>{items}</ul>"


def _anchor(group: str) -> str:
    return group.replace("/", "-")
