"""Strict reading of CSV: whatever is wrong is named by file and row, and never repeated."""

from __future__ import annotations

import csv as stdlib_csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_core.errors import SourceError
from geo_core.sources import csv
from geo_core.sources.base import Job, Limits, Origin, provenance

CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=20
).map(str.strip)


def write(folder: Path, raw: bytes) -> Path:
    path = folder / "sedi.csv"
    path.write_bytes(raw)
    return path


def test_cells_are_text_and_rows_are_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    frame = csv.read(write(tmp_path, b"\xef\xbb\xbfcod_istat , n\n002158, 1\n,\n"))
    assert list(frame.columns) == ["cod_istat", "n"]
    assert frame.loc[2].tolist() == ["002158", "1"]
    assert frame.loc[3].tolist() == ["", ""]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    frame = csv.read(write(tmp_path, b"a,b\r\n\r\n"))
    assert frame.shape == (0, 2)


@pytest.mark.parametrize(
    ("raw", "where", "message"),
    [
        (b"", "sedi.csv", "empty"),
        (b"a,a\n1,2\n", "row 1", "repeats"),
        (b"a,\n1,2\n", "row 1", "no usable name"),
        (b"a,b\n1,2\nMario\n", "row 3", "has 1 cells"),
        (b"a,b\n1,2\n\n3,4\n", "row 3", "has 0 cells"),
        (b"a,b\n1,Mario,3\n", "row 2", "has 3 cells"),
        (b"a,b\n1,\0\n", "row 2", "NUL"),
        (b"a,b\n1,2\nMari\x81,4\n", "row 3", "neither UTF-8"),
        (b"a,b\n1,2\nMari\xf2,Mari\xc3\xb2\n", "row 3", "partly UTF-8"),
        (b"\xef\xbb\xbfa,b\n1,2\nMari\xf2,4\n", "row 3", "partly UTF-8"),
        (b"a;b\n1;2\nMario\n", "row 3", "has 1 cells"),
        (b'a,b\n1,2\n"Mario"x,4\n', "row 3", "quotes"),
        (b'a,b\n1,2\n3,"Mario\n', "row 3", "quotes"),
        (b"a,b\n1," + b"M" * 2001, "row 2", "longer than 2000"),
        (",".join(f"c{i}" for i in range(201)).encode(), "row 1", "200 columns"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(
    tmp_path: Path, raw: bytes, where: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        csv.read(write(tmp_path, raw))
    assert where in caught.value.where
    assert "Mari" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a;b\n3,5;Vercell\xec\n", ("encoding Windows-1252", "separator semicolon")),
        ("a\tb\n3,5\tVercellì\n".encode(), ("encoding UTF-8", "separator tab")),
        ('a,b\n"3,5",Vercellì\n'.encode("utf-8-sig"), ("encoding UTF-8", "separator comma")),
        ('"a"; "b"\r\n3,5;Vercellì\r\n'.encode(), ("encoding UTF-8", "separator semicolon")),
    ],
)
def test_what_italian_offices_write_is_read_and_reported(
    tmp_path: Path, raw: bytes, found: tuple[str, ...]
) -> None:
    path = write(tmp_path, raw.replace(b'; "', b';"'))
    assert csv.read(path).loc[2].tolist() == ["3,5", "Vercellì"]
    assert csv.parse(Job(places=(str(path),))).found == found


def test_a_separator_inside_a_quoted_name_separates_nothing(tmp_path: Path) -> None:
    assert list(csv.read(write(tmp_path, b'"a;b",c\n1,2\n')).columns) == ["a;b", "c"]


def test_size_and_rows_are_limited(tmp_path: Path) -> None:
    place = str(write(tmp_path, b"a\n1\n2\n3\n"))
    with pytest.raises(SourceError, match="more than 2 rows"):
        csv.parse(Job(places=(place,), limits=Limits(rows=2)))
    with pytest.raises(SourceError, match="larger than 7 bytes"):
        csv.parse(Job(places=(place,), limits=Limits(bytes=7)))


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        csv.read(tmp_path / "manca.csv")


@settings(deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=8))
def test_what_was_written_is_read(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = io.StringIO(newline="")
    stdlib_csv.writer(text, quoting=stdlib_csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    path = write(tmp_path_factory.mktemp("csv"), text.getvalue().encode())
    assert csv.read(path).to_numpy().tolist() == rows


def test_provenance_is_the_hash_of_the_bytes(tmp_path: Path) -> None:
    origin = Origin(version="1", licence="CC0-1.0", attribution="Ufficio", synthetic=True)
    entry = provenance(write(tmp_path, b"a\n"), origin)
    assert (entry.name, entry.synthetic) == ("sedi.csv", True)
    assert entry.sha256 == "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
