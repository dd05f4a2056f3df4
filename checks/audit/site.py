"""What the auditor asks: a server over HTTP, or the files of a release folder."""

from __future__ import annotations

import gzip
import http.client
import io
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

BODY_MAX: Final = 512 << 20
"""Bytes of one answer, packed or unpacked."""
ANSWERS_MAX: Final = 200_000
"""Answers of one audit."""
REDIRECTS_MAX: Final = 5
WAIT_S: Final = 30
"""Seconds without a byte."""
ANSWER_WITHIN_S: Final = 300
"""Seconds for one whole answer."""
_HOST: Final = re.compile(r"(localhost|[\w-]+(\.[\w-]+)+|[\w-]+(?=:\d))(:\d+)?(/|$)")
"""What begins like an address without its scheme."""
_CHUNK: Final = 1 << 20
_AGENT: Final = "atlante-audit"


class CannotAudit(Exception):
    """There is nothing here to audit.

    Attributes
    ----------
    message : str
        What is wrong, for people.
    hint : str
        What to do about it; empty if nothing can be said.
    italian : tuple of str
        Message and hint in Italian; empty where they are not translated.
    """

    def __init__(self, message: str, hint: str = "", italian: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.hint, self.italian = message, hint, italian


def lacking(error: Exception) -> tuple[str, str]:
    """Say in Italian and English what a document lacked when it was read."""
    if isinstance(error, KeyError):
        return f"manca «{error.args[0]}»", f"“{error.args[0]}” is missing"
    return "la forma è un'altra", "the form is another one"


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Site(Protocol):
    """Something published. `root` is the address all paths start from."""

    root: str
    asked: int

    def close(self) -> None:
        """Let go of what is open."""
        ...

    def get(
        self,
        path: str,
        accept: str | None = None,
        lang: str | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> Answer:
        """Ask for a path below the root (or an address that starts with it).

        Raises
        ------
        CannotAudit
            No answer, too large an answer, or an address of another host.
        """
        ...


def open_site(what: str) -> Site:
    """Return the site that a person names: an http(s) address, or a folder.

    Raises
    ------
    CannotAudit
        Neither of the two.
    """
    if what.startswith(("http://", "https://")):
        return HttpSite(what)
    folder = Path(what)
    if not folder.is_dir():
        meant = f"http://{what}" if _HOST.match(what) else "http://127.0.0.1:8791/"
        raise CannotAudit(
            f"{what} is neither an http address nor a folder",
            f"addresses begin with http:// or https://, such as {meant}",
            (
                f"{what} non è né un indirizzo http né una cartella",
                f"un indirizzo comincia con http:// o https://, per esempio {meant}",
            ),
        )
    return FolderSite(folder)


@dataclass
class FolderSite:
    """Files of a folder; what is not there is a 404."""

    folder: Path
    root: str = ""
    asked: int = 0

    def close(self) -> None:
        """Nothing is open."""

    def get(
        self,
        path: str,
        accept: str | None = None,  # noqa: ARG002 - a folder has one format
        lang: str | None = None,  # noqa: ARG002 - and one language
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - and asks for no headers
        method: str = "GET",  # noqa: ARG002 - a file can only be read
    ) -> Answer:
        """Return the bytes of a file."""
        self.asked += 1
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()):
            raise CannotAudit(f"{path} leads out of the folder")
        if not file.is_file():
            return Answer(404, {}, b"")
        if file.stat().st_size > BODY_MAX:
            raise CannotAudit(f"{path} is larger than {BODY_MAX >> 20} MiB")
        return Answer(200, {}, file.read_bytes())


@dataclass
class HttpSite:
    """A server; one connection is kept open, and nothing is asked of any other host."""

    root: str
    asked: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.root = self.root.split("?")[0].split("#")[0].rstrip("/") + "/"

    def get(
        self,
        path: str,
        accept: str | None = None,
        lang: str | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> Answer:
        """Return the answer to a question; a redirect is followed on the same host only."""
        wanted = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
        wanted |= {"Accept": accept} if accept else {}
        wanted |= {"Accept-Language": lang} if lang else {}
        wanted |= headers or {}
        address = self.address(path)
        for _ in range(REDIRECTS_MAX):
            answer = self._ask(address, wanted, method)
            target = answer.headers.get("location")
            if answer.status not in {301, 302, 303, 307, 308} or target is None:
                return answer
            address = self.address(urljoin(address, target))
        raise CannotAudit(f"{path}: more than {REDIRECTS_MAX} redirects")

    def close(self) -> None:
        """Close the connection that is kept open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def address(self, path: str) -> str:
        """Return the full address; `CannotAudit` if it is not below the root."""
        address = urljoin(self.root, path)
        if not f"{address}/".startswith(self.root) and not address.startswith(self.root):
            raise CannotAudit(
                f"{address} is not below {self.root}",
                "audit the server at the address its own links carry",
            )
        return address

    def _ask(self, address: str, headers: Mapping[str, str], method: str) -> Answer:
        self.asked += 1
        if self.asked > ANSWERS_MAX:
            raise CannotAudit(f"more than {ANSWERS_MAX} addresses")
        parts = urlsplit(address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            return self._exchange(parts, (method, target), headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()  # an idle connection was closed: once more on a new one
        try:
            return self._exchange(parts, (method, target), headers)
        except (OSError, http.client.HTTPException) as error:
            raise _silent(address, error) from error

    def _exchange(
        self, parts: SplitResult, asked: tuple[str, str], headers: Mapping[str, str]
    ) -> Answer:
        try:
            connection = self._connection or _connect(parts)
            self._connection = connection
            connection.request(*asked, headers=dict(headers))
            response = connection.getresponse()
            body = _read(response, asked[1])
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            raise
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _silent(parts.netloc, error) from error
        found = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        if found.get("content-encoding") == "gzip" and body:
            body = gunzip(body)
        return Answer(response.status, found, body)


def _silent(address: str, error: Exception) -> CannotAudit:
    """Return the refusal of an address where nobody answers."""
    return CannotAudit(
        f"{address} does not answer: {error}",
        "is the service running there? `atlante serve` says its address",
        (
            f"{address} non risponde: {error}",
            "il servizio è in funzione lì? `atlante serve` dice il suo indirizzo",
        ),
    )


def gunzip(packed: bytes) -> bytes:
    """Unpack gzip, at most `BODY_MAX` bytes; `CannotAudit` if it is longer or broken."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            plain = stream.read(BODY_MAX + 1)
    except (OSError, EOFError) as error:
        raise CannotAudit(f"a packed file cannot be read: {error}") from error
    if len(plain) > BODY_MAX:
        raise CannotAudit(f"a packed file is larger than {BODY_MAX >> 20} MiB")
    return plain


def _connect(parts: SplitResult) -> http.client.HTTPConnection:
    if not parts.hostname:
        raise CannotAudit("the address names no host")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=WAIT_S, context=context
        )
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=WAIT_S)


def _read(response: http.client.HTTPResponse, target: str) -> bytes:
    """Read a body within the bounds of size and time."""
    end, parts, size = time.monotonic() + ANSWER_WITHIN_S, [], 0
    while chunk := response.read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > BODY_MAX:
            raise CannotAudit(f"{target} is larger than {BODY_MAX >> 20} MiB")
        if time.monotonic() > end:
            raise CannotAudit(f"{target} takes longer than {ANSWER_WITHIN_S} s")
    return b"".join(parts)
