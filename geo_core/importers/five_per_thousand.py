"""The bodies that share in the five per thousand of the income tax, as csv or xlsx.

The Revenue Agency's list, as onData publishes it as a table: codice_fiscale, denominazione,
nome_comune, codice_comune (ISTAT), ets_e_onlus and asd (``X`` or empty), numero_scelte,
importo_totale_erogabile. Choices and money are not kept: they say nothing of what a body does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from geo_core.importers.base import Context, Imported, Importer, of_elsewhere
from geo_core.importers.door import admit
from geo_core.importers.organisations import FIVE_PER_THOUSAND, TABLE, bodies, merged
from geo_core.importers.runts import one_file
from geo_core.ingest.problems import Problems
from geo_core.model.text import Text
from geo_core.sources import registry

COLUMNS: Final = {
    "codice_fiscale": "cf",
    "denominazione": "denominazione",
    "codice_comune": "cod_istat",
    "ets_e_onlus": "ets",
}
MARK: Final = "X"


def read(files: Sequence[Path], context: Context) -> Imported:
    """Read one list into the table `organizzazioni`.

    Raises
    ------
    SourceError, IngestError
        The file cannot be read, or is no such list.
    """
    path = one_file(files)
    table = registry.read(path).frame
    admitted = admit(path, table, COLUMNS, needed=tuple(COLUMNS.values()))
    every = admitted.frame
    every["cod_istat"] = every["cod_istat"].map(lambda code: code.zfill(6) if code else "")
    here = every[every["cod_istat"].isin(context.wanted)]
    problems = Problems(path)
    found = bodies(here, "codice_fiscale", problems, required=True)
    rows = problems.remaining(found.frame)
    third = rows["ets"].str.upper().eq(MARK)
    brought = rows.assign(tipo=third.map({True: "ets", False: "altro"}))
    ets = int(third.sum())
    return Imported(
        {TABLE: merged(context.input, brought, FIVE_PER_THOUSAND)},
        rows=len(every),
        accepted=len(brought),
        left_out=(*of_elsewhere(len(every) - len(here)), *found.left_out),
        dropped=admitted.dropped,
        headings=admitted.headings,
        notes=(Text(it=f"enti del terzo settore: {ets}", en=f"third-sector bodies: {ets}"),),
        problems=problems.listed(),
    )


IMPORTER: Final = Importer(
    name="cinque-per-mille",
    title=Text(it="Enti del cinque per mille", en="Bodies of the five per thousand"),
    makes=(TABLE,),
    files=Text(
        it="un elenco dei beneficiari di un anno, .csv o .xlsx",
        en="one list of a year's beneficiaries, .csv or .xlsx",
    ),
    read=read,
)
