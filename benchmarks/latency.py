"""Times one address of a server over one open connection."""

from __future__ import annotations

import http.client
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST = 500
SECONDS = 3.0
WARM_UP = 5


class Refused(Exception):
    """An address that is measured did not answer 200."""


@dataclass(frozen=True)
class Timing:
    """Times of one address.

    Attributes
    ----------
    count : int
        Requests that were timed.
    median_ms, p95_ms : float
        Milliseconds from sending a request to having read its answer.
    per_second : float
        Requests a second over this one connection.
    kilobytes : float
        Size of one answer as sent.
    """

    count: int
    median_ms: float
    p95_ms: float
    per_second: float
    kilobytes: float


def timed(url: str) -> Timing:
    """Ask for `url` until `MOST` requests or `SECONDS` seconds are over.

    Raises
    ------
    Refused
        The server answered something else than 200.
    """
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=30)
    try:
        size = max(_once(connection, target) for _ in range(WARM_UP))
        return _timing(connection, target, size)
    finally:
        connection.close()


def _timing(connection: http.client.HTTPConnection, target: str, size: int) -> Timing:
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < MOST and time.perf_counter() - began < SECONDS:
        start = time.perf_counter()
        _once(connection, target)
        times.append(time.perf_counter() - start)
    return Timing(
        count=len(times),
        median_ms=1000 * statistics.median(times),
        p95_ms=1000 * statistics.quantiles(times, n=20)[-1],
        per_second=len(times) / sum(times),
        kilobytes=size / 1000,
    )


def _once(connection: http.client.HTTPConnection, target: str) -> int:
    # A client that decodes nothing: what is timed is the server.
    connection.request("GET", target, headers={"Accept-Encoding": "identity"})
    response = connection.getresponse()
    size = len(response.read())
    if response.status != 200:
        raise Refused(f"{target} answered {response.status}")
    return size
