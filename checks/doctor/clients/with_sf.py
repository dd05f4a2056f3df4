"""R's `sf`, of the distribution."""

from __future__ import annotations

import json
import sys

from checks.doctor.clients.talk import Answer, Question, answer_all, said, source

_SCRIPT = """
suppressMessages(library(sf))
a <- commandArgs(TRUE)
paged <- "PAGE_SIZE=1000"
read <- function(...) suppressWarnings(st_read(a[1], a[2], quiet = TRUE, options = paged, ...))
rows <- read()
found <- if (length(a) > 2) nrow(read(query = a[3])) else -1
names <- setdiff(names(rows), attr(rows, "sf_column"))
cat(nrow(rows), found, names, sep = "\\n")
"""
"""Prints the number of features, that of a query, and the fields."""


def ask(question: Question) -> Answer:
    """Read every feature of a collection, and those that a condition holds for."""
    command = [sys.argv[1], "-e", _SCRIPT, source(question), question["id"]]
    if question["where"]:
        name, value = question["where"]
        literal = f"'{value}'" if isinstance(value, str) else json.dumps(value)
        table = question["id"]
        command.append(f'SELECT * FROM "{table}" WHERE "{name}" = {literal}')  # noqa: S608 - GDAL's
    count, filtered, *names = said(*command).splitlines()
    answer: Answer = {"count": int(count), "fields": names}
    return answer | ({"filtered": int(filtered)} if question["where"] else {})


if __name__ == "__main__":
    answer_all(ask)
