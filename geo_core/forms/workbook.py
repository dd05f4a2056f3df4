"""One kind of row as an Excel workbook with drop-down lists and checks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from geo_core.catalog import Catalog
from geo_core.forms.choices import Choice, options
from geo_core.forms.describe import EXPECTED
from geo_core.forms.known import Known
from geo_core.ingest.kinds import Kind, Question, kind
from geo_core.ingest.rules import SEVERAL

LAST_ROW: Final = 5_001
"""Rows under the header that carry the checks, the header included."""

LISTS: Final = "elenchi"
_LONGEST: Final = 255
"""Characters that Excel allows in a message."""

_HEAD: Final = PatternFill("solid", fgColor="DCE9F5")
_STORED: Final = {"integer": "0", "number": "General", "date": "yyyy-mm-dd"}
_TEXT: Final = "@"
_INSTRUCTIONS: Final = (
    "Si scrive nel primo foglio, una riga per ogni dato, senza cambiare la prima riga.",
    "Ogni intestazione ha una nota che dice che cosa si chiede; il colore segna le necessarie.",
    "Dove c'è un elenco si sceglie un codice: il foglio «Codici» dice che cosa significa.",
    "Dove le voci possono essere più d'una, i codici si separano con punto e virgola: FAM;ANZ.",
    "Le colonne di testo conservano gli zeri iniziali: 002158 resta 002158. I mesi sono 2023-04.",
    "Le colonne che non servono si possono lasciare vuote, se non sono necessarie.",
    "Mai nomi, date di nascita, telefoni, e-mail o codici fiscali di persone.",
    "Il file finito si consegna così com'è (.xlsx): chi lo riceve ottiene riga per riga l'esito.",
)


def workbook(catalog: Catalog, name: str, known: Known) -> Workbook:
    """Return the workbook of a kind; `NotFound` if there is none of that name.

    The first sheet has the columns of the kind and nothing else, so that it is read as it is;
    the others explain. A drop-down list offers codes, because a cell must hold exactly what an
    upload may hold.

    Parameters
    ----------
    catalog : Catalog
        What is declared.
    name : str
        A kind of row.
    known : Known
        Bodies, offices and places that may be chosen.
    """
    asked = kind(catalog, name, known.references)
    book = Workbook()
    sheet, words, codes = book.worksheets[0], book.create_sheet(), book.create_sheet()
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    sheet.title, words.title, codes.title = name, "Istruzioni", "Codici"
    choices = {q.column.name: _choices(q, name, catalog, known) for q in asked.questions}
    for position, question in enumerate(asked.questions, start=1):
        choice = choices[question.column.name]
        _write_head(sheet, position, question)
        _write_list(lists, position, choice)
        for check in _checks(question, position, choice):
            sheet.add_data_validation(check)
            letter = get_column_letter(position)
            check.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.freeze_panes = "A2"
    _explain(words, asked)
    _list_codes(codes, asked.questions, choices)
    for helper in (words, codes, lists):
        _only_text(helper)
    return book


def _choices(question: Question, name: str, catalog: Catalog, known: Known) -> list[Choice]:
    if question.type == "place":
        towns = known.municipalities
        named = {x.municipality: x.name for x in known.localities}
        listed = list(zip(towns["cod_istat"], towns["denominazione"], strict=True))
        return [*listed, *((c, named.get(c, "zona")) for c in sorted(known.references.cells))]
    return options(question, name, catalog, known, None) or []


def _write_head(sheet: Worksheet, position: int, question: Question) -> None:
    column = question.column
    cell = sheet.cell(row=1, column=position, value=column.name)
    cell.font = Font(bold=True)
    needed = "Necessario." if column.required else "Si può lasciare vuoto."
    note = Comment(f"{question.title.it}. {question.description.it} {needed}", "Atlante")
    note.width, note.height = 320, 120
    cell.comment = note
    if column.required:
        cell.fill = _HEAD
    shape = _STORED.get(question.type, _TEXT)
    letter = get_column_letter(position)
    sheet.column_dimensions[letter].width = max(14, len(column.name) + 4)
    sheet.column_dimensions[letter].number_format = shape
    for row in range(2, 202):
        # A column's own format is not taken over by every program that pastes.
        sheet.cell(row=row, column=position).number_format = shape


def _write_list(lists: Worksheet, position: int, choice: list[Choice]) -> None:
    for row, (code, _) in enumerate(choice, start=1):
        lists.cell(row=row, column=position, value=code).number_format = _TEXT


def _checks(question: Question, position: int, choice: list[Choice]) -> Iterator[DataValidation]:
    """Yield the check that a spreadsheet makes while typing; the upload makes all of them."""
    column = question.column
    if question.type == "codes" or column.name in SEVERAL:
        letter = f"{get_column_letter(position)}2"
        most = f'LEN({letter})-LEN(SUBSTITUTE({letter},";",""))<{column.max_items}'
        yield _told(DataValidation(type="custom", formula1=most), question, choice)
    elif choice:
        letter = get_column_letter(position)
        area = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(choice)}"
        yield _told(DataValidation(type="list", formula1=area), question, choice)
    elif question.type in {"integer", "number"}:
        low, high = (str(_finite(bound)) for bound in (column.low, column.high))
        between = DataValidation(
            type="whole" if question.type == "integer" else "decimal",
            operator="between",
            formula1=low,
            formula2=high,
        )
        yield _told(between, question, choice)
    elif question.type == "date":
        days = DataValidation(
            type="date", operator="between", formula1="DATE(1900,1,1)", formula2="DATE(2099,12,31)"
        )
        yield _told(days, question, choice)


def _finite(bound: float) -> int | float:
    limited = max(-1e11, min(1e11, bound))
    return int(limited) if limited == math.floor(limited) else limited


def _told(check: DataValidation, question: Question, choice: list[Choice]) -> DataValidation:
    check.allow_blank = True
    check.showErrorMessage = check.showInputMessage = True
    check.errorStyle = "stop"
    check.errorTitle = "Valore non ammesso"
    check.error = _shortened(_wrong(question, choice))
    check.promptTitle = _shortened(question.title.it, 32)
    check.prompt = _shortened(_prompt(question, choice))
    return check


def _wrong(question: Question, choice: list[Choice]) -> str:
    column = question.column
    if question.type == "codes":
        return f"Al massimo {column.max_items} codici, separati da punto e virgola."
    if choice:
        return "Scegliere un codice dell'elenco; il foglio «Codici» dice che cosa significano."
    if question.type == "date":
        return "Scrivere un giorno del calendario, per esempio 31/12/2023."
    whole = "un numero intero" if question.type == "integer" else "un numero"
    if math.isinf(column.low) or math.isinf(column.high):
        return f"Scrivere {whole}."
    return f"Scrivere {whole} fra {column.low:g} e {column.high:g}."


def _prompt(question: Question, choice: list[Choice]) -> str:
    listed = "; ".join(f"{code} = {title}" for code, title in choice)
    text = f"{question.description.it} {listed}"
    if choice and len(text) > _LONGEST:
        return f"{question.description.it} I significati dei codici sono nel foglio «Codici»."
    return text


def _shortened(text: str, most: int = _LONGEST) -> str:
    clean = text.strip()
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _explain(words: Worksheet, asked: Kind) -> None:
    words.append([asked.title.it])
    words.append([asked.description.it])
    for line in _INSTRUCTIONS:
        words.append([line])
    words.append([])
    words.append(["Colonna", "Che cosa si chiede", "Spiegazione", "Necessaria", "Come si scrive"])
    for cell in (words.cell(row=1, column=1), *words[words.max_row]):
        cell.font = Font(bold=True)
    for question in asked.questions:
        column = question.column
        form = EXPECTED[column.expected] if column.pattern else ""
        needed = "sì" if column.required else "no"
        row = (column.name, question.title.it, question.description.it, needed, form)
        words.append(row)
    for letter, width in (("A", 26), ("B", 28), ("C", 80), ("D", 12), ("E", 50)):
        words.column_dimensions[letter].width = width
    for (cell,) in words.iter_rows(min_row=len(_INSTRUCTIONS) + 4, min_col=3, max_col=3):
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _list_codes(
    codes: Worksheet, questions: Iterable[Question], choices: dict[str, list[Choice]]
) -> None:
    codes.append(["Colonna", "Codice", "Significato"])
    for cell in codes[1]:
        cell.font = Font(bold=True)
    for question in questions:
        for code, title in choices[question.column.name]:
            codes.append([question.column.name, code, title])
    for letter, width in (("A", 26), ("B", 26), ("C", 70)):
        codes.column_dimensions[letter].width = width
    codes.freeze_panes = "A2"
    codes.auto_filter.ref = f"A1:C{codes.max_row}"


def _only_text(sheet: Worksheet) -> None:
    """Keep a title that another file brought from becoming a formula."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"
