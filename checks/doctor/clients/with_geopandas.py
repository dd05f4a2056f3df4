"""geopandas, by the GDAL in the wheel of pyogrio."""

from __future__ import annotations

import geopandas as gpd

from checks.doctor.clients.talk import Answer, Question, answer_all, source


def ask(question: Question) -> Answer:
    """Read every feature of a collection, and those that a condition holds for."""
    opened, layer = source(question), question["id"]
    rows = gpd.read_file(opened, layer=layer)
    answer: Answer = {
        "count": len(rows),
        "fields": [name for name in rows.columns if name != "geometry"],
    }
    if question["where"]:
        name, value = question["where"]
        literal = f"'{value}'" if isinstance(value, str) else value
        found = gpd.read_file(opened, layer=layer, where=f'"{name}" = {literal}')
        answer["filtered"] = len(found)
    return answer


if __name__ == "__main__":
    answer_all(ask)
