"""Deliberate leaks in what is made of protected figures: rates, estimates and their weights."""

from __future__ import annotations

from leaks import changed, leak

changed("replay", "a rate of the true count", "bisogni_r7", 0, tasso_a=90.5)
changed("replay", "a rate with more decimals than stated", "bisogni_r7", 0, tasso_a=88.095)
changed("replay", "a rate of a banded count", "bisogni_r8", 2, tasso_a=25.0)
changed("replay", "a rate with a narrower interval than stated", "bisogni_r7", 0, tasso_a_max=89.3)
changed("replay", "an estimate that is the true count of a town", "bisogni_comuni", 1, stima_a=57,
        stima_a_min=53, stima_a_max=62, tasso_a=99.0, tasso_a_min=92.0,
        tasso_a_max=107.6)  # fmt: skip
changed("replay", "an estimate off by one where all areas are known", "bisogni_ambiti", 1,
        stima_c=37, stima_c_min=34, stima_c_max=40)  # fmt: skip
changed("replay", "an estimate with a narrower interval than stated", "bisogni_comuni", 0,
        stima_c_min=28)  # fmt: skip
changed("replay", "an estimate with the interval of smaller places", "bisogni_ambiti", 0,
        stima_a_min=111, stima_a_max=117, tasso_a_min=105.7, tasso_a_max=111.4)  # fmt: skip
changed("replay", "an estimate with the interval of larger places", "bisogni_comuni", 2,
        stima_a_min=39, stima_a_max=48, tasso_a_min=76.5, tasso_a_max=94.1)  # fmt: skip
changed("replay", "an estimate that is no sum of its parts", "bisogni_ambiti", 0, stima_tutti=None,
        stima_tutti_min=None, stima_tutti_max=None, stima_tutti_stato="merged")  # fmt: skip

changed("replay", "a name that is not that of the code beside it", "celle_comuni", 3,
        nome_comune="Comune 003")  # fmt: skip
changed("replay", "a name where the code is withheld", "celle_comuni", 0,
        cod_ambito=None)  # fmt: skip


@leak("replay", "a name without its code")
def _uncoded(scene):
    for feature in scene.given["sedi"]:
        feature["properties"]["nome_comune"] = "Comune 001"


@leak("replay", "estimates without the open weights they are made with")
def _no_weights(scene):
    del scene.given["celle_comuni"]


@leak("replay", "weights made of the records, not of the census")
def _weights(scene):
    scene.row("celle_comuni", 0)["residenti"] += 3


@leak("replay", "weights of a town that are moved within it")
def _moved(scene):
    scene.row("celle_comuni", 0)["residenti"] += 3
    scene.row("celle_comuni", 1)["residenti"] -= 3


@leak("replay", "intervals of estimates that leave out small places")
def _classes(scene):
    del scene.said["statements"][0]["estimates"][0]["intervals"][0]


@leak("replay", "a municipal table that no statement explains")
def _table(scene):
    said = scene.said["statements"][0]
    said["collections"] = ["bisogni_r8", "bisogni_r7", "bisogni_comuni"]
    said["estimates"] = []


@leak("allowlist", "estimates outside the statement")
def _unstated(scene):
    scene.said["statements"][0]["estimates"].pop()


@leak("replay", "a figure beside the estimates")
def _beside(scene):
    for at, feature in enumerate(scene.given["bisogni_comuni"]):
        feature["properties"]["utenti"] = 31 + at
