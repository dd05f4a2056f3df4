"""A delivery without rows: an organisation says that it has nothing to report of some months."""

from __future__ import annotations

from geo_core.input_folder import held
from geo_core.model.text import Text
from geo_core.uploads import deliveries, storing
from geo_core.uploads.receipt import Receipt
from geo_core.uploads.tables import target
from geo_core.uploads.upload import Desk


def report_nothing(desk: Desk, name: str, said: str, *, invented: bool) -> Receipt:
    """Record a delivery without rows.

    Parameters
    ----------
    desk : Desk
        Where.
    name : str
        Table of which there is nothing to report.
    said : str
        Organisation and month, or first and last month.
    invented : bool
        An exercise.

    Raises
    ------
    IngestError
        A table that is not handed in by month, an organisation or month that is not known, or
        there are rows of them.
    """
    with held(desk.settings.input):
        around = desk.around()
        table = target(name, desk.catalog, around.known)
        covered = deliveries.covered(name, [said], around.known)
        earlier = storing.read_table(around.folder / f"{name}.csv")
        deliveries.check_covered(name, covered, rows=covered.head(0), earlier=earlier)
        made = deliveries.made(around.folder, name, covered, invented=invented)
        storing.store(around.folder, made, invented=list(made) if invented else ())
    return Receipt(
        name=name,
        title=table.title,
        files=(),
        written=True,
        invented=invented,
        of=(said,),
        rows=0,
        accepted=0,
        notes=(Text(it="nulla da segnalare", en="nothing to report"),),
    )
