"""What the small server of OGC API DGGS leaves out: other times and other fields."""

from __future__ import annotations

import re

from fake_documents import DAY, FIELDS, Refused

TIME = re.compile(r'time\("([^"]+)"(?::(\*|"[^"]+"))?\)')


def is_then(text):
    """Tell whether the one day is in the time that is asked for."""
    ends = [end if end not in {"", ".."} else None for end in text.split("/")]
    if any(end and not end[:4].isdigit() for end in ends):
        raise Refused(400)
    low, high = (ends[0], ends[-1])
    return (low is None or low[:10] <= DAY) and (high is None or high[:10] >= DAY)


def time_of(query):
    """Return the time of `subset` as `datetime` has it."""
    if "subset" not in query:
        return ".."
    found = TIME.fullmatch(query["subset"])
    if found is None:
        raise Refused(400)
    high = (found[2] or found[1]).strip('"')
    return f"{found[1]}/{'..' if high == '*' else high}"


def fields_of(query):
    """Return the fields that are asked for, in their order."""
    named = query.get("properties") or query.get("exclude-properties")
    if named is None:
        return list(FIELDS)
    names = named.split(",")
    if not set(names) <= FIELDS.keys() or {"properties", "exclude-properties"} <= query.keys():
        raise Refused(400)
    return names if "properties" in query else [name for name in FIELDS if name not in names]
