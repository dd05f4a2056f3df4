"""The report of a run: lines for people, and the same for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from textwrap import wrap
from typing import Any, Final

from checks.conform.run import Report, Result

WIDTH: Final = 85
"""Characters of a line, as wide as the table."""
MARKS: Final = {"passed": "ok", "failed": "NO", "skipped": "-"}


def by_class(report: Report) -> dict[str, list[Result]]:
    """Return the results of each class, in the order of the tests."""
    groups: dict[str, list[Result]] = {}
    for result in report.results:
        groups.setdefault(result.test.group, []).append(result)
    return groups


def counts(results: list[Result] | tuple[Result, ...]) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped."""
    found = Counter(result.outcome for result in results)
    return found["passed"], found["failed"], found["skipped"]


def as_json(report: Report) -> str:
    """Return the machine-readable report: no timings, so that it repeats."""
    passed, failed, skipped = counts(report.results)
    document = {
        "url": report.root,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "classes": [_class(group, results) for group, results in by_class(report).items()],
        "notDeclared": list(report.undeclared),
        "notTested": list(report.untested),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _class(group: str, results: list[Result]) -> dict[str, Any]:
    passed, failed, skipped = counts(results)
    return {
        "class": group,
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "requirements": [_requirement(result) for result in results],
    }


def _requirement(result: Result) -> dict[str, str]:
    evidence = {
        "request": result.request,
        "expected": result.expected,
        "found": result.found,
        "why": result.why,
        "seen": result.seen,
    }
    return {
        "requirement": result.test.requirement,
        "outcome": result.outcome,
        **{name: value for name, value in evidence.items() if value},
    }


def as_text(report: Report) -> str:
    """Return the report as lines for people, in Italian and English."""
    head = f"{'classe / class':<58}{'passate':>9}{'fallite':>9}{'saltate':>9}"
    under = f"{report.root:<58}{'passed':>9}{'failed':>9}{'skipped':>9}"
    lines = [head, under]
    for group, results in by_class(report).items():
        lines.append(f"{group:<58}{''.join(f'{n:>9}' for n in counts(results))}")
    lines.append(f"{'in tutto / in all':<58}{''.join(f'{n:>9}' for n in counts(report.results))}")
    return "\n".join(map(_printable, [*lines, *_details(report)]))


def _printable(line: str) -> str:
    """Write out what would steer a terminal: much of a line is a server's own text."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def _details(report: Report) -> Iterator[str]:
    for result in report.results:
        if result.outcome == "skipped":
            yield f"  {MARKS['skipped']} {result.test.requirement}: {result.why}"
    yield from _listed("non dichiarate / not declared", report.undeclared)
    yield from _listed("dichiarate ma senza test / declared, without tests", report.untested)
    for result in report.failed:
        test = result.test
        yield f"! {test.requirement} ({test.group})"
        yield f"    {test.italian} / {test.english}"
        yield f"    richiesta / request: {result.request}"
        yield f"    atteso / expected:   {result.expected}"
        yield f"    trovato / found:     {result.found}"


def _listed(title: str, classes: tuple[str, ...]) -> Iterator[str]:
    """Yield a title and names below it, as many on a line as there is room for."""
    if classes:
        yield f"{title}:"
        yield from wrap(
            ", ".join(classes),
            WIDTH,
            initial_indent="    ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def closing(report: Report) -> str:
    """Return the last line for people: how it ended, in one sentence."""
    passed, failed, _skipped = counts(report.results)
    if failed:
        return f"{failed} requisiti non rispettati / requirements not met."
    return f"Tutti i {passed} requisiti provati sono rispettati / all {passed} tested are met."
