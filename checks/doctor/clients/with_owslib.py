"""OWSLib's `Features`, what a script of a researcher calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from owslib.ogcapi.features import Features

from checks.doctor.clients.talk import Answer, Question, answer_all

PAGE = 1_000


def ask(question: Question) -> Answer:
    """Read every feature of a collection page by page, and those that a condition holds for."""
    service, ident = Features(question["root"]), question["id"]
    service.collection(ident)
    features = list(_features(service, ident))
    answer: Answer = {
        "count": len(features),
        "fields": list({name: None for one in features for name in one["properties"]}),
    }
    if question["where"]:
        name, value = question["where"]
        literal = f"'{value}'" if isinstance(value, str) else value
        found = service.collection_items(ident, limit=1, filter=f"{name} = {literal}")
        answer["filtered"] = found["numberMatched"]
    return answer


def _features(service: Any, ident: str) -> Iterator[dict[str, Any]]:
    seen = 0
    while True:
        page = service.collection_items(ident, limit=PAGE, offset=seen)
        yield from page["features"]
        seen += len(page["features"])
        if not page["features"] or not any(one["rel"] == "next" for one in page["links"]):
            return


if __name__ == "__main__":
    answer_all(ask)
