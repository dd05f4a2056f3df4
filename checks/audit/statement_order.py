"""Every list of the statement has one order, and nothing in it that nothing else says.

What a statement says of a theme it says of all its years; what follows from other members (how
many twins, which resolutions) is made of these again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checks.audit.findings import Tally
from checks.audit.folder import Folder
from checks.audit.manifest_lists import is_day
from checks.audit.manifest_texts import texts
from checks.audit.replay_promises import PRIORS
from checks.audit.wording import numbers, spelt, strange

type Said = Mapping[str, Any]
"""The statement of a theme and year, or a part of it."""

PLACES: Final = 35_000
FEWEST: Final = 8
MOST: Final = 200
"""Twins that are made: as many as give so many areas or units, between these two."""
ROUNDED_PLACES: Final = 2_000
"""The same of rounded ones."""
SEED: Final = 20_231_231
"""Of all twins."""
DECIMALS: Final = 3
"""Of a budget."""


def check(tally: Tally, disclosure: Said) -> None:
    """Check the lists of a statement, and what is made of its own members."""
    said = disclosure["statements"]
    keys = [(-one["year"], one["theme"]) for one in said]
    _require(tally, "disclosure", {"statements": keys == sorted(set(keys))})
    for total in disclosure.get("totals", []):
        _total(tally, total, [one for one in said if one["year"] == total["year"]])
    years = [total["year"] for total in disclosure.get("totals", [])]
    _require(tally, "disclosure", {"totals": years == sorted(set(years), reverse=True)})
    for one in said:
        where = f"disclosure of {one['theme']} {one['year']}"
        _require(tally, where, dict(_ordered(one)) | dict(_made(one)))
        for path, text in texts(one):
            odd = strange(text)
            tally.require(not odd, where, "a text with letters or blanks that no text needs",
                          path=".".join(path), letters=odd)  # fmt: skip
        words = [w for _, text in texts(one.get("title") or {}) for w in spelt(text)]
        tally.require(not words, where, "title has a number", numbers=words)


def of_release(tally: Tally, folder: Folder, disclosure: Said) -> None:
    """Check that what a statement names are the collections of its release, in their order."""
    day, shown = folder.manifest["reference_date"], list(folder.layers)
    for one in disclosure["statements"]:
        own = [ident for ident in shown if ident in one["collections"]]
        made = [
            {"collection": ident, "resolution": folder.layers[ident]["resolution"]}
            for ident in own
            if folder.layers[ident]["resolution"] is not None
        ]
        columns = {f["name"] for ident in own for f in folder.layers[ident]["fields"]}
        right = {
            "public": set(one["derived"]["public"]) <= columns,
            "collections": one["collections"] == own,
            "resolutions": one["resolutions"] == made,
            "signed_on": is_day(one["signed_on"], day),
            "year": one["year"] <= int(day[:4]),
        }
        _require(tally, f"disclosure of {one['theme']} {one['year']}", right)
    priced = [one["year"] for one in disclosure["statements"] if one["epsilon"] is not None]
    years = [total["year"] for total in disclosure["totals"]]
    _require(tally, "disclosure", {"totals": set(years) == set(priced)})


def _require(tally: Tally, where: str, right: Mapping[str, bool]) -> None:
    wrong = sorted(name for name, holds in right.items() if not holds)
    tally.require(
        not wrong,
        where,
        "members that others do not make, or in an order of their own",
        members=wrong,
    )


def _total(tally: Tally, total: Said, of_year: Sequence[Said]) -> None:
    """Check which themes a sum is of, in the order of the statements."""
    right = {
        "themes": total["themes"] == [s["theme"] for s in of_year if _epsilon(s) is not None],
        "without_epsilon": total.get("without_epsilon", [])
        == [s["theme"] for s in of_year if _epsilon(s) is None],
        "posterior_caps": _priors(total) == list(PRIORS),
    }
    _require(tally, f"disclosure of all themes {total['year']}", right)


def _epsilon(said: Said) -> float | None:
    found: float | None = said.get("epsilon")
    return found


def _priors(said: Said) -> list[float]:
    return [cap["prior"] for cap in said.get("posterior_caps") or ()]


def _ordered(said: Said) -> Iterator[tuple[str, bool]]:
    """Yield whether each list stands in its order."""
    categories = list(said["categories"])
    derived = said.get("derived") or {}
    if said.get("columns"):
        yield "columns", list(said["columns"]) == categories
    for name in ("totals", "shares", "medians", "rates"):
        yield name, _sorted(list(derived.get(name) or ()))
    yield "public", _sorted(list(derived.get("public") or ()))
    yield (
        "totals of categories",
        all(map(_within(categories), (derived.get("totals") or {}).values())),
    )
    firsts = [one["categories"] for one in said.get("geographies") or ()]
    yield (
        "geographies",
        all(map(_within(categories), firsts))
        and (
            [of[0] for of in firsts] == [c for c in categories if c in {of[0] for of in firsts}]
            and sorted(c for of in firsts for c in of) == sorted(categories if firsts else [])
        ),
    )
    yield "noise_by_level", _sorted([one["level"] for one in said.get("noise_by_level") or ()])
    yield "intervals", _sorted([_place(one) for one in said.get("intervals") or ()])
    yield "utility", _sorted([one["resolution"] or 0 for one in said.get("utility") or ()])
    estimates = said.get("estimates") or ()
    yield (
        "estimates",
        _sorted([one["collection"] for one in estimates])
        and all(
            _sorted([_place(i) for i in one["intervals"]])
            and _sorted(list(one.get("totals") or ()))
            and _sorted(list(one.get("rates") or ()))
            and list(one["columns"]) == categories
            and all(map(_within(categories), (one.get("totals") or {}).values()))
            for one in estimates
        ),
    )


def _within(categories: Sequence[str]) -> Any:
    """Return whether a list has some of these, each once and in their order."""
    return lambda parts: len(parts) > 0 and list(parts) == [c for c in categories if c in parts]


def _sorted(keys: list[Any]) -> bool:
    return keys == sorted(set(keys))


def _place(interval: Said) -> tuple[int, str, int]:
    return (
        interval["resolution"] or 0,
        interval["column"] or "",
        interval.get("residents_from", 0),
    )


def _made(said: Said) -> Iterator[tuple[str, bool]]:
    """Yield whether each member is what the others make of it."""
    on_areas, rounds = said.get("units") is None, _epsilon(said) is None
    for name in ("band", "suffixes"):
        yield name, name not in said or (said[name] is not None) == on_areas
    yield "geographies of units", on_areas or not said.get("geographies")
    yield "posterior_caps", not said.get("posterior_caps") or _priors(said) == list(PRIORS)
    for name in ("epsilon", "epsilon_year", "epsilon_cumulative"):
        number = said.get(name) or 0.0
        yield name, round(number, DECIMALS) == number
    fewest = [(said.get(of) or {}).get("fewest") for of in ("units", "derived")]
    yield "fewest", all(one is None or _round(one) for one in fewest)
    yield "p_min", all(_round(one["p_min"]) for one in said.get("geographies") or ())
    yield "band limits", said.get("band") is None or said["band"]["low"] == 0
    twin = said.get("twin")
    if twin is not None:
        yield "twin", twin["seed"] == SEED and twin["releases"] in set(_twins(said, rounds=rounds))
    yield "signed_by", not numbers(said.get("signed_by") or "")


def _twins(said: Said, *, rounds: bool) -> Iterator[int]:
    """Yield how many twins may have been made: by the areas or units there are."""
    units = said.get("units")
    places = [one.get("areas") or 1 for one in said.get("geographies") or ()]
    for number in places if units is None else [units["number"]]:
        if rounds:
            yield max(math.ceil(ROUNDED_PLACES / number), 1)
        else:
            yield min(max(math.ceil(PLACES / max(number, 1)), FEWEST), MOST)


def _round(number: int) -> bool:
    """Tell whether a number has one digit beside zeros, or a second that is 5."""
    digits = str(number).rstrip("0")
    return len(digits) <= 1 or (len(digits) == 2 and digits[1] == "5")
