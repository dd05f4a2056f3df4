"""Deliberate leaks in what the manifest, the statement and the report of a release say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny_folder
from leaks_folder import document, leak

NUMBER = 117
NOTE = {"it": f"Contate {NUMBER} persone", "en": f"Counted {NUMBER} persons"}


def manifest(what: str, change: Callable[[dict[str, Any]], object], check="allowlist") -> None:
    """Register a leak in the manifest."""

    def plant(folder: Path) -> None:
        said = tiny_folder.manifest_of(folder)
        change(said)
        tiny_folder.seal(folder, said)

    leak(check, what)(plant)


def layer(what: str, change: Callable[[dict[str, Any]], object], check: str = "allowlist") -> None:
    """Register a leak in the declaration of a protected collection."""

    def changed(said: dict[str, Any]) -> None:
        change(next(i["layer"] for i in said["collections"] if i["layer"]["id"] == "bisogni_r8"))

    manifest(what, changed, check)


def added(text: dict[str, str], more: str = f" ({NUMBER})") -> None:
    """Add to a text in both languages."""
    text.update({lang: said + more for lang, said in text.items()})


layer("a count in a description", lambda x: added(x["description"]))
layer("a count in a description in one language", lambda x: x["description"].update(en="Of 117"))
layer("a count in the title of a collection", lambda x: added(x["title"]))
layer("a count in the title of a column", lambda x: added(x["fields"][7]["title"]))
layer("a count in the description of a column", lambda x: added(x["fields"][7]["description"]))
layer("a count among keywords", lambda x: x["keywords"].append(f"n{NUMBER}"))
layer("minors that are counted like metres", lambda x: added(x["description"], " 117 minori"))
layer("a count in a unit", lambda x: x["fields"][7].update(unit=f"persone ({NUMBER})"))
layer("a count in the source of a collection", lambda x: added(x["source"]))
layer("a count in an attribution", lambda x: x.update(attribution=f"Prova, {NUMBER}"))
layer("a member in a declaration", lambda x: x.update(nota="tanti"))
layer(
    "a code list named after a count",
    lambda x: x["fields"][7].update(codelist="tanti_casi"),
    "collect",
)

manifest("a count in the title of a release", lambda m: added(m["title"]))
manifest("a count in the address of an office",
         lambda m: m["publication"]["contact"].update(email="117@prova.invalid"))  # fmt: skip
manifest("a count in the name of a publisher",
         lambda m: added(m["publication"]["publisher"]["name"]))  # fmt: skip
manifest("a member of the manifest", lambda m: m.update(persons=NUMBER))
manifest("a member of a file", lambda m: m["files"][0].update(rows=NUMBER))
manifest("a library that does not exist", lambda m: m["versions"].update(dati="1.117"), "formats")
manifest("a version that counts", lambda m: m["versions"].update(h3="4.5.117"), "formats")
manifest("a count in the title of a code", lambda m: added(m["codelists"]["stati"][0]["title"]))
manifest(
    "a count in the title of a category", lambda m: added(m["codelists"]["classi"][0]["title"])
)
manifest("a class of a legend that begins at a count",
         lambda m: [c.update({k: 37.0 for k in ("min", "max") if c[k] == 20.0})
                    for c in m["styles"]["bisogni_r8"]["classes"]])  # fmt: skip
manifest("a legend that names a count",
         lambda m: added(m["styles"]["bisogni_r8"]["classes"][0]["title"]))  # fmt: skip
manifest("a legend with a count in its title", lambda m: added(m["styles"]["bisogni_r8"]["title"]))
manifest("an opacity that tells", lambda m: m["styles"]["bisogni_r8"].update(opacity=0.7117))
manifest("a style of a hidden column",
         lambda m: m["styles"]["bisogni_r8"].update(fields=["n_vero"]))  # fmt: skip
manifest("a box that is moved by a little",
         lambda m: m["collections"][0].update(
             bbox=[c + 1e-8 for c in m["collections"][0]["bbox"]]))  # fmt: skip
manifest("days that no feature has",
         lambda m: m["collections"][0].update(interval=["2023-05-07", "2023-12-31"]))  # fmt: skip
manifest("a number of features that is none", lambda m: m["collections"][0].update(count=NUMBER))
manifest("bounds of tiles around the cases",
         lambda m: m["tilesets"][0].update(bounds=[8.1, 45.2, 8.2, 45.3]), "formats")  # fmt: skip
manifest("a count in the title of tiles", lambda m: added(m["tilesets"][0]["title"]), "formats")
manifest("the hash of the records", lambda m: m["inputs"][1].update(sha256="0" * 64))
manifest("a number of records as the version of an input",
         lambda m: m["inputs"][1].update(version=f"{NUMBER} righe"))  # fmt: skip
manifest("a later day as the version of an input",
         lambda m: m["inputs"][1].update(version="2023-04-27"))  # fmt: skip
manifest("a count in the source of an input",
         lambda m: m["inputs"][1].update(attribution="Prova, 117 casi"))  # fmt: skip
manifest("a count in the name of an input",
         lambda m: m["inputs"][1].update(name="rilevazioni_117.csv"))  # fmt: skip


def statement(
    what: str, change: Callable[[dict[str, Any]], object], check: str = "allowlist", at: int = 0
) -> None:
    """Register a leak in the statement of a theme."""
    document(what, "disclosure.json", lambda said: change(said["statements"][at]), check)


statement("a note in the statement", lambda s: s.update(nota=NOTE))
statement("a member of the areas in the statement", lambda s: s["geographies"][0].update(n=NUMBER))
statement("a member of an interval", lambda s: s["intervals"][0].update(nota="tanti"))
statement("a signature with a count", lambda s: s.update(signed_by=f"Ufficio, {NUMBER} casi"))
statement("a theme with a count in its title", lambda s: added(s["title"]))
statement("a category with a count in its title", lambda s: added(s["categories"]["A"]))
statement("a draw that is a text", lambda s: s.update(draw="tanti casi"))
statement("a version of the method that is a text", lambda s: s["method"].update(version="tanti"))
statement("a library of the noise that did not make it",
          lambda s: s["method"].update(library="opendp 0.117.0"))  # fmt: skip
document("a sum of budgets with a note", "disclosure.json",
         lambda said: said["totals"].append({"year": 2023, "themes": [], "note": "tanti",
                                             "epsilon": 0.0, "epsilon_year": 0.0}))  # fmt: skip

REPORT = {"figures": 1, "findings": 0, "checks": [
    {"check": "replay", "figures": 1, "findings": 0, "notes": [], "shown": []}
]}  # fmt: skip


def put(folder: Path, report: str) -> None:
    """Put a report of the audit into a release."""
    (folder / "audit.json").write_text(report, encoding="utf-8")
    listed = tiny_folder.manifest_of(folder)
    if listed["files"][0]["path"] != "audit.json":
        entry = {"path": "audit.json", "sha256": "", "bytes": 0, "media_type": "application/json"}
        listed["files"].insert(0, entry)
    tiny_folder.seal(folder, listed)


def report(what: str, change: Callable[[dict[str, Any]], object], check: str = "allowlist") -> None:
    """Register a leak in the report of the audit."""

    def plant(folder: Path) -> None:
        said = json.loads(json.dumps(REPORT))
        change(said)
        put(folder, json.dumps(said))

    leak(check, what)(plant)


report("a member of the report", lambda said: said.update(persons=NUMBER))
report("a finding that a report shows", lambda said: said["checks"][0]["shown"].append(NOTE))
report("a note of the report with a count",
       lambda said: said["checks"][0]["notes"].append("117 persone"), "repetition")  # fmt: skip
