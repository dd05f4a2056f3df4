"""A release with one office of every awkward kind, for the tests of the exchange formats."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from publication import PUBLICATION

from geo_core.catalog import read_catalog
from geo_core.model.layer import Layer
from geo_core.model.manifest import Manifest
from geo_core.model.tables import OpenTable
from geo_core.model.text import Text
from geo_core.release.compose import Contents, compose
from geo_core.release.write import publish, staging

ROOT = Path(__file__).parents[1]
BASE = "https://esempio.it/atlante"
HOSTILE = '</script><script>alert(1)</script><!-- & "quoted" \u2028 \\'
SECRET = ("Via Segreta 7", "13999", 45.4321987, 8.7654321, "SED-SECRET", "SED-UNSAID")
"""What no answer may hold: the place and the key of the offices that are not public."""

_DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}
_POINT = shapely.Point(8.4, 45.3)
_AREA = shapely.MultiPolygon([shapely.box(8.3, 45.2, 8.5, 45.4)])
_HIDDEN = shapely.Point(SECRET[3], SECRET[2])

ROWS = {
    "organizzazioni": [
        {"id": "ORG-1", "denominazione": "Consorzio di prova", "tipo": "consorzio",
         "cf": "00000000000", "codice_ipa": "prova", "cod_istat": "002158", "telefono": "0161 1",
         "forma_giuridica": "2.4.30", "rep_runts": "12345", "sezione_runts": "aps",
         "indirizzo": "Via Dante 3", "cap": "13100", "qualita_geocodifica": "civico",
         "sito": "https://prova.invalid/", "email": "ufficio@prova.invalid", "geometry": _POINT},
        # Its seat is where its secret office is.
        {"id": "ORG-2", "denominazione": "Rete di prova", "tipo": "ets", "cod_istat": "002158",
         "sito": "www senza schema", "email": "nessuna", "geometry": _HIDDEN},
        {"id": "ORG-3", "denominazione": "Casa di prova", "tipo": "ets", "cod_istat": "002158",
         "geometry": _HIDDEN},
    ],
    "servizi": [
        {"id": "SER-1", "nome": "Nido", "nome_en": "Nursery", "descrizione": "Nido di prova.",
         "tipo_servizio": "nido", "cod_siuss": "A3.03", "area_utenza": ["FAM"],
         "target": ["minori"], "id_org": "ORG-1", "stato": "active", "eta_min": 0, "eta_max": 2,
         "isee_richiesto": True, "costo_min": 0.0, "costo_max": 480.5, "attesa_giorni": 11,
         "descrizione_en": "A nursery.", "evento_vita": ["2"], "materia": "2",
         "accesso_canale": ["01.1.1"]},
        {"id": "SER-2", "nome": "Antiviolenza", "tipo_servizio": "antiviolenza",
         "area_utenza": ["MUL"], "target": ["tutti"], "id_org": "ORG-2", "stato": "active",
         "accesso_canale": []},
        {"id": "SER-3", "nome": HOSTILE, "descrizione": HOSTILE, "stato": "inactive",
         "area_utenza": [], "target": [], "accesso_canale": [], "id_org": "ORG-UNKNOWN"},
        {"id": "SER-4", "nome": "Senza stato", "area_utenza": [], "target": [],
         "accesso_canale": []},
        {"id": "SER-5", "nome": "Finito", "area_utenza": [], "target": [], "stato": "active",
         "accesso_canale": [], "valido_al": "2023-12-30"},
    ],
    "sedi": [
        {"id": "SED-1", "nome": "Nido di via Roma", "tipo_sede": "nido", "id_org": "ORG-1",
         "servizi": "SER-1;SER-3;SER-9", "indirizzo": "Via Roma 1", "cap": "13100",
         "cod_istat": "002158", "orari": "Mo-Fr 09:00-12:30", "accessibilita_gradini": True,
         "accessibilita_ascensore": False, "posti": 20, "telefono": "0161 2",
         "accessibilita_bagno": True, "accessibilita_parcheggio": True, "nome_en": "Nursery place",
         "posti_liberi": 3, "data_posti": "2023-12-01", "verificata_il": "2023-10-02",
         "email": "nido@prova.invalid", "qualita_geocodifica": "civico",
         "trasporto": "Linea 1", "riservata": False, "geometry": _POINT},
        {"id": "SED-2", "nome": "Senza CAP", "id_org": "ORG-1", "servizi": "SER-1",
         "indirizzo": "Via Roma 2", "cod_istat": "002158",
         "orari": 'Mo[1] 09:00-10:00 "solo su appuntamento"', "riservata": False, "geometry": None},
        {"id": "SED-3", "nome": "Non ancora aperta", "id_org": "ORG-1", "servizi": "SER-1;SER-5",
         "riservata": False, "valido_dal": "2024-01-01", "geometry": _POINT},
        # The layer promises that a reserved office has no place; here that promise is broken.
        {"id": SECRET[4], "nome": SECRET[4], "id_org": "ORG-2", "servizi": "SER-2",
         "indirizzo": SECRET[0], "cap": SECRET[1], "cod_istat": "002158",
         "riservata": True, "geometry": _HIDDEN},
        # What was secret is secret still.
        {"id": f"{SECRET[4]}-OLD", "nome": SECRET[4], "id_org": "ORG-3", "servizi": "SER-2",
         "riservata": True, "valido_al": "2020-01-01", "geometry": _HIDDEN},
        # Nobody said whether this one is public.
        {"id": SECRET[5], "nome": SECRET[5], "id_org": "ORG-2", "servizi": "SER-1;SER-2",
         "indirizzo": SECRET[0], "cod_istat": "002158", "riservata": None, "geometry": _HIDDEN},
    ],
    "aree_servizio": [
        {"id": "ARE-1", "id_area": "ARE-1", "nome": "Area di prova", "id_servizio": "SER-3",
         "base": "comuni", "comuni": "002158;002999", "geometry": _AREA},
        {"id": "ARE-2", "id_area": "ARE-2", "nome": "Area di prova", "id_servizio": "SER-3",
         "base": "isocrona", "minuti": 15, "geometry": _AREA},
        {"id": "ARE-3", "id_area": "ARE-3", "nome": "Di una sede", "id_sede": "SED-1",
         "base": "poligono", "geometry": _AREA},
        # Its service is given at a place that is not public.
        {"id": f"{SECRET[4]}-AREA", "nome": SECRET[4], "id_servizio": "SER-2",
         "base": "poligono", "geometry": _AREA},
    ],
    "comuni": [
        {"id": "002158", "cod_istat": "002158", "denominazione": "Vercelli",
         "geometry": _AREA},
    ],
    "opportunita": [
        {"id": "OPP-1", "titolo": "Corso", "tipo": "formazione", "area_utenza": [], "target": [],
         "scadenza": "2030-01-01", "link": "javascript:alert(1)", "geometry": _POINT},
    ],
}  # fmt: skip


def publish_directory(root: Path) -> Manifest:
    """Publish the release under `root` and make it current."""
    catalog = read_catalog(ROOT)
    layers = {layer.id: layer for layer in catalog.layers}
    contents = Contents(
        tables=[OpenTable(layers[name], _frame(layers[name])) for name in ROWS],
        inputs=(),
        statements=[],
        title=Text(it="Atlante di prova", en="Test atlas"),
        reference_date="2023-12-31",
        publication=PUBLICATION,
    )
    used = replace(catalog, layers=tuple(layers[name] for name in ROWS))
    with staging(root) as folder:
        return publish(root, folder, compose(folder, contents, used))


def _frame(layer: Layer) -> gpd.GeoDataFrame:
    rows = [{"aggiornato_il": "2023-11-30", "dato_sintetico": True} | row for row in ROWS[layer.id]]
    columns = {
        field.name: pd.Series(
            [row.get(field.name) for row in rows], dtype=_DTYPES.get(field.type, "object")
        )
        for field in layer.fields
    }
    shapes = gpd.GeoSeries([row.get("geometry") for row in rows], crs="OGC:CRS84")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="OGC:CRS84")


def read(client, path, **params):
    answer = client.get(f"/hsds{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(client, name, **params):
    text = client.get(f"/hsds/{name}", params={"format": "ndjson", **params}).text
    # A line ends at a line feed and nowhere else: names may hold other separators.
    return [json.loads(line) for line in text.split("\n") if line]


def unpacked(client):
    packed = zipfile.ZipFile(io.BytesIO(client.get("/hsds/datapackage.zip").content))
    out = {"datapackage.json": json.loads(packed.read("datapackage.json"))}
    for name in set(packed.namelist()) - set(out):
        out[name] = list(csv.DictReader(io.StringIO(packed.read(name).decode())))
    return out
