"""The client of the conformance tests: one host, and bounds on requests, sizes and waiting."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

BODY_MAX: Final = 64 << 20
"""Bytes of one answer."""
REQUESTS_MAX: Final = 5_000
"""Requests of one run, unless told otherwise."""
WAIT_S: Final = 30
"""Seconds without a byte."""
ANSWER_WITHIN_S: Final = 120
"""Seconds for one whole answer."""
REDIRECTS_MAX: Final = 5
KEPT_MAX: Final = 2_000
"""Answers that are kept, so that two tests need not ask the same."""
KEPT_BYTES: Final = 1 << 20
"""Longest answer that is kept."""
_AGENT: Final = "atlante-conform"
_CHUNK: Final = 1 << 20


class CannotTest(Exception):
    """There is nothing here to test; the message says why, in Italian and English."""


class NoAnswer(Exception):
    """A request was not answered within the bounds; the message says how it failed."""


class Spent(Exception):
    """All requests of the run are spent."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        accept = f"  (Accept: {self.headers['Accept']})" if "Accept" in self.headers else ""
        return f"{self.method} {self.url}{accept}"


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are lower case."""

    asked: Asked
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        """Media type, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The document; `ValueError` if the body is no JSON."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


type Transport = Callable[[Asked], Answer]


@dataclass
class Client:
    """Asks one server, and remembers what it was told.

    Attributes
    ----------
    root : str
        Address of the landing page, without a slash at its end.
    send : callable
        How a request gets its answer.
    requests_max : int
        Requests after which `Spent` is raised.
    """

    root: str
    send: Transport
    requests_max: int = REQUESTS_MAX
    log: list[Answer] = field(default_factory=list, repr=False)
    _kept: dict[str, Answer] = field(default_factory=dict, repr=False)

    def ask(
        self,
        address: str,
        parameters: Mapping[str, str] | None = None,
        *,
        accept: str | None = None,
        method: str = "GET",
        body: bytes = b"",
    ) -> Answer:
        """Return the answer to a request; redirects are followed on the same host.

        Parameters
        ----------
        address : str
            Path below the root, beginning with a slash, or a whole address.
        parameters : mapping, optional
            Added to the query.
        accept : str, optional
            Media types wanted.
        method : str
            Of HTTP.
        body : bytes
            JSON that is sent.

        Raises
        ------
        NoAnswer
            No answer within the bounds, or an address of another host.
        Spent
            No requests are left.
        """
        url = self.address(address, parameters)
        key = f"{method} {accept} {url} {body!r}"
        if key in self._kept:
            return self._kept[key]
        headers = {"Accept": accept} if accept else {}
        headers |= {"Content-Type": "application/json"} if body else {}
        answer = self._follow(Asked(method, url, headers, body))
        if len(self._kept) < KEPT_MAX and len(answer.body) <= KEPT_BYTES:
            self._kept[key] = answer
        return answer

    def address(self, address: str, parameters: Mapping[str, str] | None = None) -> str:
        """Return a whole address on the tested host; `NoAnswer` for another one."""
        prefix = urlsplit(self.root).path
        below = address.startswith("/") and not address.startswith(("//", f"{prefix}/"))
        url = f"{self.root}{address}" if below else urljoin(self.root, address)
        if urlsplit(url)[:2] != urlsplit(self.root)[:2]:
            raise NoAnswer(f"{url} is not on the host {urlsplit(self.root).netloc}")
        if not parameters:
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, quote_via=quote)}"

    def _follow(self, asked: Asked) -> Answer:
        for _ in range(REDIRECTS_MAX):
            if len(self.log) >= self.requests_max:
                raise Spent
            answer = self.send(asked)
            self.log.append(Answer(asked, answer.status, answer.headers, b""))
            target = answer.headers.get("location")
            if answer.status not in {301, 302, 303, 307, 308} or target is None:
                return answer
            url = self.address(urljoin(asked.url, target))
            asked = Asked(asked.method, url, asked.headers, asked.body)
        raise NoAnswer(f"{asked}: more than {REDIRECTS_MAX} redirects")


@dataclass
class Connection:
    """A transport over one connection that is kept open between requests."""

    _open: http.client.HTTPConnection | None = field(default=None, repr=False)

    def send(self, asked: Asked) -> Answer:
        """Send a request, once more where an idle connection was closed meanwhile."""
        try:
            return self._exchange(asked)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
        try:
            return self._exchange(asked)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise NoAnswer(f"{asked}: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _exchange(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **asked.headers}
        try:
            if self._open is None:
                self._open = _connect(asked.url)
            self._open.request(asked.method, target, asked.body or None, headers)
            response = self._open.getresponse()
            body = _read(response, asked)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise NoAnswer(f"{asked}: {error or type(error).__name__}") from error
        found = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        return Answer(asked, response.status, found, body)


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.netloc, timeout=WAIT_S, context=context)
    return http.client.HTTPConnection(parts.netloc, timeout=WAIT_S)


def _read(response: http.client.HTTPResponse, asked: Asked) -> bytes:
    """Read a body within the bounds of size and time."""
    end, parts, size = time.monotonic() + ANSWER_WITHIN_S, [], 0
    while chunk := response.read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > BODY_MAX:
            response.close()
            raise http.client.HTTPException(f"longer than {BODY_MAX >> 20} MiB")
        if time.monotonic() > end:
            response.close()
            raise TimeoutError(f"{asked.url} takes longer than {ANSWER_WITHIN_S} s")
    return b"".join(parts)
