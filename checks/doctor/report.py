"""What is written of a run: tables and findings for people, JSON for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from checks.doctor.recording import Asked
from checks.doctor.told import Told
from checks.doctor.trial import HTTP, Seen, Trial

SHOWN: Final = 50
"""Findings that are written."""
_NOT_TRIED: Final = "-"
_MARKS: Final = """\
ok = si apre; oggetti, campi, filtro, stile e tessere, quanto il client ne legge, sono giusti
NO = qualcosa non va (sotto, con !)    - = non provato    numero = richieste fatte al servizio
f = il filtro lo decide il server      http = letto senza client: la misura degli altri
ok = it opens; features, fields, filter, style and tiles, as far as the client reads them, are right
NO = something is wrong (below, with !)    - = not tried    number = requests of the service
f = the server decides the filter          http = read without a client: what others are held to"""


@dataclass(frozen=True)
class Report:
    """A run on one service; of forms and clients, what was not asked for is None."""

    url: str
    forms: Told | None
    clients: Trial | None

    @property
    def exit_code(self) -> int:
        """1 if something differs or does not work, else 0."""
        return int(bool(self._findings))

    @property
    def _findings(self) -> list[Any]:
        forms = self.forms.findings if self.forms else []
        return [*forms, *(self.clients.wrong if self.clients else [])]


def as_text(report: Report) -> str:
    """Return the report for people: of forms, then of clients."""
    parts = [
        "\n".join(lines(report.forms)) if report.forms else "",
        "\n".join(clients(report.clients)) if report.clients else "",
    ]
    return "\n\n".join(filter(None, parts))


def as_json(report: Report) -> bytes:
    """Return the report for machines."""
    document: dict[str, Any] = {"url": report.url, "passed": report.exit_code == 0}
    if report.forms:
        document["forms"] = _forms(report.forms)
    if trial := report.clients:
        document["clients"] = {
            one.name: {"installed": bool(one.version), "version": one.version}
            for one in trial.programs
        }
        document["collections"] = {
            ident: {
                seen.client: {"works": not seen.wrong, **_of(seen)}
                for (of, _), seen in trial.seen.items()
                if of == ident
            }
            for ident in trial.collections
        }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def as_log(asked: Iterable[Asked]) -> bytes:
    """Return every request, one a line."""
    return b"".join(orjson.dumps(asdict(one)) + b"\n" for one in asked)


def _of(seen: Seen) -> dict[str, Any]:
    return {
        "worked": seen.worked,
        "wrong": seen.wrong,
        "requests": seen.requests,
        "refused": seen.refused,
        "filtered_by_server": seen.pushed,
    }


def _forms(told: Told) -> dict[str, Any]:
    return {
        "counts": [
            {"collection": where, "form": form, "features": some, "attributes": more}
            for (where, form), (some, more) in told.counts.items()
        ],
        "findings": [asdict(found) for found in told.findings],
    }


def lines(told: Told) -> Iterator[str]:
    """Yield the report of forms: counts by form, findings, and one sentence."""
    yield from _table(told.counts, "oggetti / features", "attributi / attributes")
    yield from _table(told.packed, "risposte / answers", "byte / bytes")
    for found in told.findings[:SHOWN]:
        yield f"! {found.where} · {found.form}: {found.what} {' '.join(found.ids)}".rstrip()
    yield from _hidden(len(told.findings))
    if not (number := len(told.findings)):
        yield "Le stesse cifre in ogni forma. / The same figures in every form."
    else:
        it, en = ("differenza", "difference") if number == 1 else ("differenze", "differences")
        yield f"{number:,} {it} / {en}."


def clients(trial: Trial) -> Iterator[str]:
    """Yield the report of clients: a row for each collection, findings, and one sentence."""
    names = [HTTP, *(one.name for one in trial.programs if one.version)]
    for one in trial.programs:
        yield f"{one.name:<12}{one.version or 'non installato / not installed'}"
    yield from ("", _MARKS, "")
    wide = max(map(len, ("raccolta / collection", *trial.collections))) + 2
    yield "raccolta / collection".ljust(wide) + "".join(f"{name:<11}" for name in names).rstrip()
    for ident in trial.collections:
        cells = (_cell(trial.seen.get((ident, name))) for name in names)
        yield (ident.ljust(wide) + "".join(f"{cell:<11}" for cell in cells)).rstrip()
    for seen in trial.wrong[:SHOWN]:
        yield f"! {seen.collection} · {seen.client}: {'; '.join(seen.wrong)}"
    yield from _hidden(len(trial.wrong))
    yield from _sentence(trial)


def _cell(seen: Seen | None) -> str:
    if seen is None:
        return _NOT_TRIED
    requests = f" {seen.requests}" if seen.requests else ""
    return f"{'NO' if seen.wrong else 'ok'}{requests}{' f' if seen.pushed else ''}"


def _sentence(trial: Trial) -> Iterator[str]:
    asked, wrong = len(trial.log), len(trial.wrong)
    refused = sum(one.status >= 400 for one in trial.log)
    yield f"richieste dei client / requests of clients: {asked:,}; 4xx, 5xx: {refused:,}"
    if not wrong:
        yield "Ogni client legge ogni raccolta. / Every client reads every collection."
    else:
        it, en = ("guasto", "failure") if wrong == 1 else ("guasti", "failures")
        yield f"{wrong:,} {it} / {en}."


def _hidden(findings: int) -> Iterator[str]:
    if (hidden := findings - SHOWN) > 0:
        yield f"! … altre {hidden} / {hidden} more"


def _table(
    counts: Mapping[tuple[str, str], tuple[int, int]], first: str, second: str
) -> Iterator[str]:
    """Yield a line for each form: how many collections have it, and what of them was compared."""
    if not counts:
        return
    yield f"{'forma / form':<16}{'raccolte / collections':>24}{first:>20}{second:>24}"
    for form in dict.fromkeys(form for _, form in counts):
        some, more = zip(*(of for (_, name), of in counts.items() if name == form), strict=True)
        yield f"{form:<16}{len(some):>24,}{sum(some):>20,}{sum(more):>24,}"
