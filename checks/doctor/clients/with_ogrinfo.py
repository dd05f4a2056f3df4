"""GDAL's `ogrinfo`, of the distribution."""

from __future__ import annotations

import re
import sys

from checks.doctor.clients.talk import Answer, Question, answer_all, said, source

_FIELD = re.compile(r"^(\w+): \w+(?:\([\w,]+\))? \(\d+\.\d+\)", re.MULTILINE)
_FEATURE = re.compile(r"^OGRFeature\(", re.MULTILINE)


def ask(question: Question) -> Answer:
    """Read every feature of a collection, and those that a condition holds for."""
    command = (
        sys.argv[1], "-ro", "-geom=NO", "-oo", "PAGE_SIZE=1000", source(question), question["id"],
    )  # fmt: skip
    printed = said(*command)
    head = _FEATURE.split(printed, 1)[0]
    answer: Answer = {"fields": _FIELD.findall(head), "count": len(_FEATURE.findall(printed))}
    if question["where"]:
        name, value = question["where"]
        literal = f"'{value}'" if isinstance(value, str) else value
        found = said(*command, "-where", f'"{name}" = {literal}')
        answer["filtered"] = len(_FEATURE.findall(found))
    return answer


if __name__ == "__main__":
    answer_all(ask)
