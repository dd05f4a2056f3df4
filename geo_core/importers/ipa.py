"""The index of public administrations (IPA): the open-data file ``enti`` of AgID, csv or xlsx.

One row for each body: Codice_IPA, Denominazione_ente, Codice_fiscale_ente, Tipologia,
Codice_Categoria, Codice_natura, Codice_ateco, Ente_in_liquidazione, Codice_MIUR, Codice_ISTAT,
Acronimo, Nome_responsabile, Cognome_responsabile, Titolo_responsabile, Codice_comune_ISTAT,
Codice_catastale_comune, CAP, Indirizzo, Mail1, Tipo_Mail1 ... Mail5, Tipo_Mail5,
Sito_istituzionale, Url_facebook ... Data_aggiornamento. An empty cell may hold the word null.

The responsible person stays outside. Of the addresses the first certified one (PEC) is taken,
unless it holds the surname of the responsible person: offices also enter those of people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.importers.base import Context, Imported, Importer, of_elsewhere
from geo_core.importers.door import admit
from geo_core.importers.organisations import IPA, TABLE, bodies, merged
from geo_core.importers.runts import one_file
from geo_core.ingest.addresses import words
from geo_core.ingest.left_out import left_out
from geo_core.ingest.problems import Problems
from geo_core.ingest.rules import PATTERNS
from geo_core.model.text import Text
from geo_core.sources import registry

COLUMNS: Final = {
    "codice_ipa": "codice_ipa",
    "denominazione_ente": "denominazione",
    "codice_fiscale_ente": "cf",
    "tipologia": "tipologia",
    "codice_categoria": "categoria",
    "codice_comune_istat": "cod_istat",
    "indirizzo": "indirizzo",
    "cap": "cap",
    "sito_istituzionale": "sito",
    **{f"mail{n}": f"mail{n}" for n in range(1, 6)},
    **{f"tipo_mail{n}": f"tipo_mail{n}" for n in range(1, 6)},
}
NEEDED: Final = ("codice_ipa", "denominazione", "cf", "tipologia", "cod_istat")

ADMINISTRATION: Final = "pubbliche amministrazioni"
"""The kind of body that is taken; the others run waterworks, trains, companies."""

# Category of IPA to our kind and OntoPiA's legal form.
_CATEGORIES: Final = {
    "L6": ("comune", "2.4.30"),
    "L18": ("comune", "2.4.50"),
    "L12": ("comune", "2.4.50"),
    "L7": ("asl", "2.5.00"),
}
_CERTIFIED: Final = "pec"
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,100}\.[A-Za-z]{2,10}")


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one edition of the index into the table `organizzazioni`.

    Raises
    ------
    SourceError, IngestError
        The file cannot be read, or is not the index.
    """
    path = one_file(files)
    table = registry.read(path).frame
    admitted = admit(path, table, COLUMNS, needed=NEEDED)
    every = admitted.frame.replace("null", "")
    every["cod_istat"] = every["cod_istat"].map(lambda code: code.zfill(6) if code else "")
    here = every[every["cod_istat"].isin(context.wanted)]
    public = here[here["tipologia"].str.casefold() == ADMINISTRATION]
    problems = Problems(path)
    found = bodies(public, "Codice_fiscale_ente", problems, required=False)
    rows = problems.remaining(found.frame)
    surnames = _surnames(table).reindex(rows.index, fill_value="")
    mails = [_mail(row, surname) for row, surname in zip(_records(rows), surnames, strict=True)]
    brought = rows.assign(
        id_org=("IPA-" + rows["codice_ipa"]).where(rows["cf"].eq(""), ""),
        email=pd.Series(mails, index=rows.index, dtype=object),
        sito=rows["sito"].map(_site),
        cap=rows["cap"].where(rows["cap"].str.fullmatch(PATTERNS["cap"][0]), ""),
        **_kinds(rows),
    )
    other = left_out(
        len(here) - len(public),
        it="di enti che non sono pubbliche amministrazioni",
        en="of bodies that are no public administrations",
    )
    return Imported(
        {TABLE: merged(context.input, brought, IPA)},
        rows=len(every),
        accepted=len(brought),
        left_out=(*of_elsewhere(len(every) - len(here)), *other, *found.left_out),
        dropped=admitted.dropped,
        headings=admitted.headings,
        notes=(_without_mail(int(brought["email"].eq("").sum())),),
        problems=problems.listed(),
    )


def _without_mail(bodies: int) -> Text:
    return Text(
        it=f"enti senza un indirizzo certificato (PEC) dell'ufficio: {bodies}",
        en=f"bodies without a certified address of the office: {bodies}",
    )


def _records(rows: pd.DataFrame) -> list[dict[str, str]]:
    names = [str(name) for name in rows]
    return [dict(zip(names, cells, strict=True)) for cells in rows.itertuples(index=False)]


def _surnames(table: pd.DataFrame) -> pd.Series:
    """Return the surnames of those responsible: to know their addresses, and for nothing else."""
    column = next((c for c in table if str(c).casefold() == "cognome_responsabile"), None)
    empty = pd.Series("", index=table.index, dtype=object)
    return empty if column is None else table[column].fillna("")


def _mail(row: dict[str, str], surname: str) -> str:
    name = "".join(words(surname)).replace(".", "")
    for n in range(1, 6):
        mail = row[f"mail{n}"].strip().lower()
        personal = len(name) > 2 and name in re.sub("[^a-z]", "", mail.partition("@")[0])
        certified = row[f"tipo_mail{n}"].casefold() == _CERTIFIED
        if certified and _MAIL.fullmatch(mail) and not personal:
            return mail
    return ""


def _site(text: str) -> str:
    if not text:
        return ""
    site = text if text.lower().startswith(("http://", "https://")) else f"https://{text}"
    return site if re.fullmatch(PATTERNS["sito"][0], site) else ""


def _kinds(rows: pd.DataFrame) -> dict[str, list[str]]:
    kinds = [_kind(row["categoria"], row["denominazione"]) for row in _records(rows)]
    return {"tipo": [kind for kind, _ in kinds], "forma_giuridica": [form for _, form in kinds]}


def _kind(category: str, name: str) -> tuple[str, str]:
    if "consorzio" in words(name):
        return "consorzio", ""
    return _CATEGORIES.get(category.upper(), ("altro", ""))


IMPORTER: Final = Importer(
    name="ipa",
    title=Text(it="Pubbliche amministrazioni (IPA)", en="Public administrations (IPA)"),
    makes=(TABLE,),
    files=Text(
        it="il file «enti» dei dati aperti di IPA, .csv o .xlsx",
        en="the file «enti» of IPA's open data, .csv or .xlsx",
    ),
    read=read,
)
