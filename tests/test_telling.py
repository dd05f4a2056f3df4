"""An address is known however it is written."""

from __future__ import annotations

import pytest

from geo_core.ingest.telling import coordinates, read_address, tells

ADDRESS = "Via Giuseppe Garibaldi 12"


@pytest.mark.parametrize(
    "text",
    [ADDRESS, "via Garibaldi 12", "Via G. Garibaldi 12", "via Giuseppe Garibaldi n. 12",
     "al 12 di via Giuseppe Garibaldi", "Via Giuseppe Garibaldi 10-14",
     "Via Giuseppe Garibaldi, n.c. 12", "Via Giuseppe Garibaldi, numero civico: 12",
     "via Giuseppe Garibaldi 12bis", "via Giuseppe Garibaldi (Vercelli) 12", "Garibaldi 12/A",
     "via Garibaldi Giuseppe 012", "Via-Giuseppe-Garibaldi-12", "Via_Giuseppe_Garibaldi_12",
     "ViaGiuseppeGaribaldi12", "https://maps.example/?q=Via+Giuseppe+Garibaldi%2012",
     "Via Giuseppe Gari\u00adbaldi 12", "Via Giuseppe G\u0430rib\u0430ldi 12",
     "V\u00eca \uff27iuseppe Garib\u00e1ldi \uff11\uff12", "in V.le Garibaldi 12, secondo piano"],
)  # fmt: skip
@pytest.mark.parametrize("address", [ADDRESS, "C.so Garibaldi Giuseppe, 12/b"])
def test_the_same_address_in_other_words(address: str, text: str):
    written = read_address(address)
    assert written is not None
    assert tells(text, [written])


@pytest.mark.parametrize(
    "text",
    ["Via Giuseppe Garibaldi", "via Garibaldi 120", "Via Garibaldi 13-15", "Via Giuseppe Verdi 12",
     "Festa del 12 aprile", "Biblioteca Garibaldi: 3 sale, 40 posti, aperta dal lunedi, 12 ore"],
)  # fmt: skip
def test_other_texts(text: str):
    written = read_address(ADDRESS)
    assert written is not None
    assert not tells(text, [written])


@pytest.mark.parametrize(
    ("address", "told", "other"),
    [
        ("Corso XX Settembre 4", "corso 20 settembre, 4", "il 4 settembre"),
        ("Cascina Rosa snc", "presso la cascina Rosa", "Scuola Rosa"),
        ("Fraz. Bianca, C.so Roma n. 3/b - 13100 Vercelli", "via Roma 3", "Bianca 3"),
        ("Via San Giuseppe 3", "via S. Giuseppe, 3", "via San Carlo 5"),
    ],
)
def test_other_addresses(address: str, told: str, other: str):
    written = read_address(address)
    assert written is not None
    assert tells(told, [written])
    assert not tells(other, [written])


def test_coordinates_in_a_text():
    for text in ("?q=45.3,8.4", "map=19/45.30000/8.40000", "45,3 8,4"):
        assert (8.4, 45.3) in coordinates(text)
    assert coordinates("n. 12, 13100 Vercelli") == []
