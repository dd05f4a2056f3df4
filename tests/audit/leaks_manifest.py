"""Deliberate leaks in what the manifest, the statement and the report of a release say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny_folder
from leaks_folder import document, leak

from checks.audit.findings import program
from checks.audit.findings import written as as_written

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
                    for c in m["styles"]["bisogni"]["classes"]])  # fmt: skip
manifest("a legend that names a count",
         lambda m: added(m["styles"]["bisogni"]["classes"][0]["title"]))  # fmt: skip
manifest("a legend with a count in its title", lambda m: added(m["styles"]["bisogni"]["title"]))
manifest("an opacity that tells", lambda m: m["styles"]["bisogni"].update(opacity=0.7117))
manifest("a style of a hidden column",
         lambda m: m["styles"]["bisogni"].update(fields=["n_vero"]))  # fmt: skip
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


def style(what: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Register a leak in the legend of protected figures."""
    manifest(what, lambda said: change(said["styles"]["bisogni"]))


def turned(members: dict[str, Any]) -> None:
    """Turn the order of the members of an object round."""
    kept = dict(reversed(members.items()))
    members.clear()
    members.update(kept)


def swapped(listed: list[Any]) -> None:
    """Swap the first two of a list."""
    listed[0], listed[1] = listed[1], listed[0]


def of_family(said: dict[str, Any], **values: Any) -> None:
    """Change the declarations of all collections of needs on hexagons alike."""
    for info in said["collections"]:
        if info["layer"]["family"] == "bisogni":
            info["layer"].update(values)


CODE = {"code": f"n{NUMBER}", "title": {"it": "Altro", "en": "Other"}}
CLASS = {"colour": "#000117", "title": {"it": "Altro", "en": "Other"}, "hatch": "none",
         "value": None, "min": None, "max": None}  # fmt: skip

manifest("a code list that no column has", lambda m: m["codelists"].update(altri=[CODE]))
manifest("a code that no figure has", lambda m: m["codelists"]["stati"].append(CODE))
manifest("a category that is not counted", lambda m: m["codelists"]["classi"].append(CODE))
manifest("a code that stands twice",
         lambda m: m["codelists"]["forme"].append(m["codelists"]["forme"][0]))  # fmt: skip
manifest("a style that no collection has",
         lambda m: m["styles"].update(altri=m["styles"]["bisogni"] | {"fields": []}))  # fmt: skip
style("a class of a value that counts", lambda s: s["classes"].append(CLASS | {"value": NUMBER}))
style("a scale that counts", lambda s: s.update(visible={"farthest": NUMBER, "nearest": None}))
style("a label of a column that is not shown", lambda s: s.update(label="n_vero"))
style("a grid with a count in its titles",
      lambda s: s.update(grid={"rows": NOTE, "columns": CODE["title"]}))  # fmt: skip
style("a class that begins where none ends",
      lambda s: s["classes"].append(CLASS | {"min": 30.0}))  # fmt: skip
style("a class that begins at a whole number",
      lambda s: s["classes"][0].update(min=5))  # fmt: skip
style("a colour that counts", lambda s: s["classes"][0].update(colour="#000117"))
style("colours from dark to light",
      lambda s: s["classes"][0].update(colour="#6c4296")
      or s["classes"][1].update(colour="#e4d3f0"))  # fmt: skip
style("a colour of a band that counts", lambda s: s["band"].update(colour="#000117"))
style("an outline that counts", lambda s: s.update(outline="#000117"))
style("an opacity of few decimals", lambda s: s.update(opacity=0.17))
style("a column of a legend twice", lambda s: s.update(fields=["n_a"] * 17))
style("a legend of a column that has one", lambda s: s["also"].append(s["also"][0]))
style("a further legend of a column that is not shown",
      lambda s: s["also"][0].update(fields=["n_117"]))  # fmt: skip
layer("a raster that is not there", lambda x: x.update(raster={"fields": ["n_a"], "metres": 117}))
layer("a resolution that counts", lambda x: x.update(resolution=17))
layer("a resolution that is not that of its rows", lambda x: x.update(resolution=5))
layer("a source of rows that is no table", lambda x: x["made_of"].append("n_117"))
layer("a policy that counts", lambda x: x.update(policy="n_117"))
layer("a group that counts", lambda x: x.update(group="n_117"))
layer("a column of titles that is not there", lambda x: x.update(title_field="n_117"))
layer("an order by a column that is not there", lambda x: x.update(sort=["n_117"]))
layer("an order by one column many times", lambda x: x.update(sort=["n_a"] * 17))
manifest("a falling order of texts", lambda m: of_family(m, sort=["-id"]))
manifest("a rising order of figures", lambda m: of_family(m, sort=["n_a"]))
layer("figures of a month", lambda x: x.update(frequency="MONTHLY"))
layer("protected figures under another licence", lambda x: x.update(licence="ODbL-1.0"))
layer("zooms beyond all maps", lambda x: x["zooms"].update(max=117))
layer("estimates of places that are none", lambda x: x.update(estimated_on="comuni"))
layer("a family that counts", lambda x: x.update(family="n_117"))
manifest("a declaration that differs in its family",
         lambda m: m["collections"][1]["layer"]["keywords"].append("altro"))  # fmt: skip
manifest("a keyword of a family twice",
         lambda m: of_family(m, keywords=["a", "a"]))  # fmt: skip
manifest("keywords of a family in an order of their own",
         lambda m: of_family(m, keywords=["b", "a"]))  # fmt: skip
manifest("inputs of a family in an order of their own",
         lambda m: of_family(m, made_of=["residenti", "confini"]))  # fmt: skip
layer("a title without the size of its hexagons",
      lambda x: x.update(title={"it": "Bisogni", "en": "Bisogni"}))  # fmt: skip
layer("members of a text in another order", lambda x: turned(x["title"]))
layer("members of a declaration in another order", turned)
layer("a member that is left out", lambda x: x.pop("keywords"))
manifest("collections in an order of their own", lambda m: swapped(m["collections"]))
manifest("inputs in an order of their own", lambda m: swapped(m["inputs"]))
manifest("files in an order of their own", lambda m: swapped(m["files"]))
manifest("tiles in an order of their own", lambda m: swapped(m["tilesets"]))
manifest("code lists in an order of their own", lambda m: turned(m["codelists"]))
manifest("libraries in an order of their own", lambda m: turned(m["versions"]))
manifest("a library that is left out", lambda m: m["versions"].pop("h3"))
manifest("an input that stands twice", lambda m: m["inputs"].append(m["inputs"][-1]))
manifest("a licence of an input that it has not",
         lambda m: m["inputs"][1].update(licence="IODL-2.0"))  # fmt: skip
manifest("an author whom no collection names",
         lambda m: m["inputs"][1].update(attribution="Altri (CC BY 4.0)"))  # fmt: skip
manifest("a day that no calendar has", lambda m: m["inputs"][0].update(version="2017-99-17"))
manifest("a day that is long past", lambda m: m["inputs"][0].update(version="0117-01-17"))
manifest("a code of an office that counts",
         lambda m: m["publication"]["publisher"].update(ipa="prova_117"))  # fmt: skip
manifest("an address of an office that counts",
         lambda m: m["publication"]["contact"].update(email="u_117@prova.invalid"))  # fmt: skip


def written(what: str, more: str) -> None:
    """Register a leak in all descriptions of a family: a number that is written otherwise."""

    def change(said: dict[str, Any]) -> None:
        first = next(i["layer"] for i in said["collections"] if i["layer"]["family"] == "bisogni")
        of_family(said, description={k: text + more for k, text in first["description"].items()})

    manifest(what, change)


written("a count within a word", " casi_117")
written("a count behind zeros", " 000000000117")
written("a count in raised digits", " \u00b9\u00b9\u2077")
written("a count in an address", " https://prova.invalid/117")
written("a count as a day", " 0117-11-17")
written("a count as a hash", " 117117117117")
written("a count in blanks", " " * 17)
written("a count in marks without width", "\u200b" * 17)
written("a count in marks of their own", "\ue117")
written("a count in accents by themselves", "e\u0301")
written("a count in words", " Centodiciassette persone")
written("a count in words of another language", " one hundred seventeen persons")
written("a count in Roman numerals", " CXVII")
written("persons that are counted like metres", " 117 m")
manifest("marks without width in the name of an open collection",
         lambda m: added(m["collections"][-1]["layer"]["title"], "\u200b" * 17))  # fmt: skip


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


def signed(what: str, **values: Any) -> None:
    """Register a leak in the signature of all statements."""
    document(what, "disclosure.json",
             lambda said: [one.update(values) for one in said["statements"]])  # fmt: skip


statement("members of a statement in another order", turned)
statement("categories in another order", lambda s: turned(s["categories"]))
statement("columns in another order", lambda s: turned(s["columns"]))
statement("collections in an order of their own", lambda s: swapped(s["collections"]))
statement("resolutions in an order of their own", lambda s: swapped(s["resolutions"]))
statement("areas in an order of their own", lambda s: swapped(s["geographies"]))
statement("intervals in an order of their own", lambda s: swapped(s["intervals"]))
statement("errors in an order of their own", lambda s: swapped(s["utility"]))
statement("estimates in an order of their own", lambda s: swapped(s["estimates"]))
statement("chances in an order of their own", lambda s: swapped(s["posterior_caps"]))
statement("parts of a sum in an order of their own",
          lambda s: swapped(s["derived"]["totals"]["n_tutti"]))  # fmt: skip
statement("a column that is said to be public and is not there",
          lambda s: s["derived"]["public"].append("zona"))  # fmt: skip
statement("an interval of residents that count", lambda s: s["intervals"].append(
    s["intervals"][-1] | {"residents_from": 117_171}))  # fmt: skip
statement("an error of nothing below zero", lambda s: s["utility"][0].update(error=-0.0))
statement("an error that is a whole number", lambda s: s["utility"][0].update(misplaced=0))
statement("as many twins as nobody makes", lambda s: s["twin"].update(releases=117))
statement("a least number that nothing is made of", lambda s: s["derived"].update(fewest=117), at=1)
statement("a cap that counts", lambda s: s.update(contribution_cap=117), at=1)
signed("a day of the signature that is none", signed_on="2017-99-17")
signed("a day of the signature that is long past", signed_on="0117-11-17")
signed("a signature in marks without width", signed_by="Prova" + "\u200b" * 17)
statement("a title in raised digits", lambda s: added(s["title"], "\u00b9\u00b9\u2077"))
statement("a title in words", lambda s: added(s["title"], " centodiciassette"))
statement("a statement that stands later than its theme",
          lambda s: s.update(year=2022))  # fmt: skip
document("statements in an order of their own", "disclosure.json",
         lambda said: swapped(said["statements"]))  # fmt: skip
document("links of the statement", "disclosure.json",
         lambda said: said.update(links=[{"rel": "n117", "href": "/n_117"}]))  # fmt: skip
document("a sum of budgets with a note", "disclosure.json",
         lambda said: said["totals"].append({"year": 2023, "themes": [], "note": "tanti",
                                             "epsilon": 0.0, "epsilon_year": 0.0}))  # fmt: skip

REPORT = {"program": "0" * 12, "figures": 1, "findings": 0, "checks": [
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
        put(folder, as_written(said))

    leak(check, what)(plant)


report("a member of the report", lambda said: said.update(persons=NUMBER))
report("a finding that a report shows", lambda said: said["checks"][0]["shown"].append(NOTE))
report("a note of the report with a count",
       lambda said: said["checks"][0]["notes"].append("117 persone"), "repetition")  # fmt: skip
report("a report whose sums are not those of its checks",
       lambda said: said.update(figures=NUMBER), "repetition")  # fmt: skip
report("other counts than these checks come to",
       lambda said: said.update(program=program()), "repetition")  # fmt: skip
report("a count that a report shows of nothing", lambda said: said["checks"][0]["shown"].append({}))


@leak("repetition", "blanks in the report")
def _blanks(folder: Path) -> None:
    put(folder, as_written(REPORT) + " " * NUMBER)
