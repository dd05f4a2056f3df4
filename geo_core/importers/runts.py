"""The register of the third sector (RUNTS): the list of enrolled bodies, xlsx or csv.

The Ministry of Labour publishes ``AAAAMMGG_iscritti_v1.x.xlsx``: one sheet, headings in Italian
and German, one row for each body: Codice fiscale, Repertorio, Denominazione, Sezione, the
surname and name of the legal representative, Rete, Comune Sede legale, Provincia Sede legale,
5x1000, Data Iscrizione (and an empty column). An extract with more columns, as the public search
shows a body, is read too: Forma giuridica, Indirizzo and CAP of the seat. The workbook of all Italy
(150,000 rows) is more than a spreadsheet reader may take time for: it is saved as csv first.

Whoever represents a body is never read: that column, and every column that is not named here,
stays outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from geo_core.errors import IngestError
from geo_core.importers.base import Context, Imported, Importer, of_elsewhere
from geo_core.importers.door import Municipalities, admit
from geo_core.importers.organisations import RUNTS, TABLE, bodies, merged
from geo_core.ingest.addresses import words
from geo_core.ingest.problems import Problems, Refusal
from geo_core.model.text import Text
from geo_core.sources import registry

COLUMNS: Final = {
    "codice_fiscale": "cf",
    "repertorio": "rep_runts",
    "numero_di_repertorio": "rep_runts",
    "numero_repertorio": "rep_runts",
    "denominazione": "denominazione",
    "sezione": "sezione",
    "forma_giuridica": "forma",
    "comune_sede_legale": "comune",
    "comune": "comune",
    "provincia_sede_legale": "provincia",
    "provincia": "provincia",
    "indirizzo_sede_legale": "indirizzo",
    "indirizzo": "indirizzo",
    "cap_sede_legale": "cap",
    "cap": "cap",
}
NEEDED: Final = ("cf", "rep_runts", "denominazione", "sezione", "comune", "provincia")

SECTIONS: Final = {
    "organizzazioni di volontariato": "odv",
    "associazioni di promozione sociale": "aps",
    "enti filantropici": "filantropici",
    "imprese sociali": "imprese_sociali",
    "reti associative": "reti",
    "societa di mutuo soccorso": "mutuo_soccorso",
    "altri enti del terzo settore": "altri",
}
LEGAL_FORMS: Final = {
    "associazione riconosciuta": "1.7.10",
    "associazione non riconosciuta": "1.8.10",
    "fondazione": "1.7.20",
    "ente religioso civilmente riconosciuto": "1.7.40",
    "societa cooperativa sociale": "1.4.30",
    "cooperativa sociale": "1.4.30",
}
"""The register's words to OntoPiA's codes; other forms stay empty."""


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one extract into the table `organizzazioni`.

    Raises
    ------
    SourceError, IngestError
        The file cannot be read, or is no extract of the register.
    """
    path = one_file(files)
    admitted = admit(path, registry.read(path).frame, COLUMNS, needed=NEEDED)
    problems = Problems(path)
    here, elsewhere = _here(admitted.frame, context, problems)
    found = bodies(here, "Codice fiscale", problems, required=True)
    rows = problems.remaining(found.frame)
    sections = rows["sezione"].map(lambda text: SECTIONS.get(" ".join(words(text)), ""))
    brought = rows.assign(
        tipo="ets",
        sezione_runts=sections,
        forma_giuridica=rows["forma"].map(lambda t: LEGAL_FORMS.get(" ".join(words(t)), "")),
    )
    unknown = int(sections.eq("").sum())
    return Imported(
        {TABLE: merged(context.input, brought, RUNTS)},
        rows=len(admitted.frame),
        accepted=len(rows),
        left_out=(*of_elsewhere(elsewhere), *found.left_out),
        dropped=admitted.dropped,
        headings=admitted.headings,
        notes=(
            Text(
                it=f"enti senza una sezione conosciuta: {unknown}",
                en=f"bodies without a known section: {unknown}",
            ),
        ),
        problems=problems.listed(),
    )


def _here(frame: pd.DataFrame, context: Context, problems: Problems) -> tuple[pd.DataFrame, int]:
    """Return the rows of the wanted municipalities, with `cod_istat`, and the number of others.

    A name that is none is refused in the district's own province; elsewhere it is not ours.
    """
    known = Municipalities(context.municipalities)
    seats = list(zip(frame["comune"], frame["provincia"], strict=True))
    codes = pd.Series([known.find(*seat) for seat in seats], index=frame.index, dtype=object)
    own = frame["provincia"].map(known.province) == context.district.province
    nowhere = codes.isna() & own
    hint = "write the name as ISTAT does"
    problems.add_where(nowhere, "Comune Sede legale", Refusal("is not in that province", hint))
    here = frame.assign(cod_istat=codes)[codes.isin(context.wanted)]
    return here, len(frame) - len(here) - int(nowhere.sum())


def one_file(files: Sequence[Path]) -> Path:
    """Return the only file; `IngestError` if there are none or several."""
    if len(files) != 1:
        raise IngestError(f"{len(files)} files are given", hint="give exactly one")
    return files[0]


IMPORTER: Final = Importer(
    name="runts",
    title=Text(it="Enti del terzo settore (RUNTS)", en="Third-sector bodies (RUNTS)"),
    makes=(TABLE,),
    files=Text(
        it="un elenco degli enti iscritti (AAAAMMGG_iscritti); quello nazionale salvato in .csv",
        en="one list of enrolled bodies (YYYYMMDD_iscritti); that of all Italy saved as .csv",
    ),
    read=read,
)
