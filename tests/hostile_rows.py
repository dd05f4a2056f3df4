"""Hostile requests, as data: what is sent, and which statuses are an answer to it.

Grouped as what they attack. An address that is longer than 64 kB, or a head that is no HTTP, is
refused by the HTTP server before the application sees it: these answers have no body.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from urllib.parse import quote

ITEMS = "/collections/luoghi/items"
SEARCH = "/collections/luoghi/search"
EXECUTION = "/processes/sensibilita/execution"
FILE = "/download/luoghi.parquet"
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
FORM = "application/x-www-form-urlencoded"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
TAG = '"' + "0" * 32 + '"'


@dataclass(frozen=True)
class Row:
    """One request.

    Attributes
    ----------
    target : str
        As it stands in the request line; each character is one byte.
    headers : list of (name, value)
        Beside `Host`; of the same name they are all sent.
    bare : bool
        Whether the HTTP server may answer by itself, without a problem document.
    """

    name: str
    target: str
    expected: set[int]
    method: str = "GET"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    bare: bool = False


def asked(group: str, expected: set[int], *queries: str) -> list[Row]:
    """Return a row for each query string of `items`."""
    return [Row(f"{group} {q[:50]}", f"{ITEMS}?{sent(q)}", expected) for q in queries]


def sent(text: str) -> str:
    """Return a target with what no request line may hold percent-encoded, and nothing else."""
    return quote(text, safe="%/?#[]:;@!$&'()*+,=~\\^{}|`")


def filtered(expected: set[int], *filters: str) -> list[Row]:
    """Return rows of filters: in the address if they fit, else in a body."""
    return [_filtered("", expected, text) for text in filters]


def filtered_json(expected: set[int], *filters: str) -> list[Row]:
    """Return rows of filters in JSON."""
    return [_filtered("cql2-json", expected, text) for text in filters]


def _filtered(language: str, expected: set[int], text: str) -> Row:
    query = f"filter={quote(text)}" + (f"&filter-lang={language}" if language else "")
    name = f"filter {text[:50]}"
    return (
        Row(name, f"{ITEMS}?{query}", expected)
        if len(query) < 16_000
        else posted(name, query, expected)
    )


def posted(name: str, query: str, expected: set[int]) -> Row:
    """Return a row whose query is a form in the body."""
    return Row(name, SEARCH, expected, "POST", [("Content-Type", FORM)], query.encode())


def headed(expected: set[int], *headers: tuple[str, str], target: str = ITEMS) -> Row:
    """Return a row of headers."""
    shown = ", ".join(f"{name}: {value[:30]}" for name, value in headers[:2])
    return Row(f"headers {shown}", target, expected, headers=list(headers))


def bodied(media: str, body: bytes, *more: tuple[str, str], target: str = SEARCH) -> Row:
    """Return a row with a body that is not read."""
    expected = {415} if target == SEARCH else {404, 405}
    return Row(f"body {media} to {target}", target, expected, "POST",
               [("Content-Type", media), *more], body)  # fmt: skip


def _nested(depth: int) -> str:
    return '{"op":"and","args":[' * depth + "true" + "]}" * depth


_RING = ",".join(f"{i % 100} {i % 50}" for i in range(8_000))

FILTERS = [
    *filtered(
        {400},
        "(" * 1563 + "nome='a'" + ")" * 1563,
        "NOT " * 3515 + "nome='a'",
        "nome='a'" + " AND nome='a'" * 4_000,
        f"nome IN ({','.join(f"'{i}'" for i in range(10_000))})",
        "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 3_000 + ")" * 3_000 + ")",
        f"S_INTERSECTS(geometry,POLYGON(({_RING})))",
        "S_INTERSECTS(geometry,POINT(NaN NaN))",
        "S_INTERSECTS(geometry,POINT(1e400 0))",
        "S_INTERSECTS(geometry,POINT(Infinity 0))",
        "S_INTERSECTS(geometry,POLYGON((0 0,1 1,1 0,0 1,0 0)))",
        "__class__='x'",
        "exec(java.lang.Runtime.getRuntime(),'id')=1",
        "true_count > 0",
        "posti > 1e999",
        "posti / 0 = 1",
        "posti % 0 = 1",
        "nome LIKE '" + "%a" * 17 + "'",
        "nome='" + "x" * 70_000 + "'",
        "nome='a'; DROP TABLE luoghi",
        "nome=",
        "",
        SCRIPT,
    ),
    *filtered(
        {200},
        "nome='x'' OR 1=1--'",
        "CASEI(nome) = CASEI('İ')",
        "ACCENTI(nome) = 'I\u0307'",
        "nome = '\u202e'",
        "CASEI('" + "İ" * 15_000 + "') = nome",
        "nome LIKE '%%%%%%%%%%%%%%%%'",
    ),
    *filtered_json(
        {400},
        "[" * 15_000,
        "[" * 40_000,
        _nested(1_600),
        json.dumps({"op": "in", "args": [{"property": "nome"}, ["a"] * 501]}),
        '{"op":"=","args":[NaN,1]}',
        '{"op":"s_overlaps","args":[{"property":"geometry"},{"type":"Polygon",'
        '"coordinates":[[[7,44],[10,44],[10,47],[7,47],[7,44]],[]]}]}',
        '{"op":"s_contains","args":[{"type":"Polygon","coordinates":'
        '[[[7,44],[1e308,44],[10,3e7],[7,44]]]},{"property":"geometry"}]}',
        '{"op":">","args":[{"property":"posti"},1e400]}',
        '{"$ref":"file:///etc/passwd"}',
    ),
    *asked("filter", {400}, "filter=nome%3D'%00'", "filter=nome%3D'%ED%A0%80'",
           "filter=nome%3D'%FF'", "filter=nome%3D'a'&filter=nome%3D'b'",
           "filter=nome%3D'a'&filter-lang=xpath",
           "filter=nome%3D'a'&filter-crs=file:///etc/passwd", "filter-lang=cql2-text"),
    Row("filter of a megabyte", f"{ITEMS}?filter=" + "a" * 1_000_000, {414, 431}, bare=True),
    posted("polygon of a million", "filter=" + "1" * 1_000_000, {413}),
]  # fmt: skip

PARAMETERS = [
    *asked("limit", {400}, *(f"limit={v}" for v in (
        "-1", "0", "abc", "1e3", "%2010", "%D9%A1%D9%A0", "", "1.0", "0x10", "1_000", "+5",
        "9223372036854775808", "%F0%9D%9F%8F", SCRIPT))),
    *asked("limit", {200}, "limit=1000000000000000000", "limit=1"),
    *asked("offset", {400}, "offset=" + "9" * 30, "offset=-1", "offset=1e3", "offset=٣"),
    *asked("token", {400}, "token=", "token=x", "token=" + "a" * 5_000, "token=../.."),
    *asked("token", {410}, "token=2023-12-31-000000000000.0.0000000000000000",
           "token=2023-12-31-000000000000.0.0000000000000000&offset=1"),
    *asked("unknown", {400}, "foo=bar", "limitt=1", "LIMIT=1", "_trace=1", "%00=1", f"{SCRIPT}=1",
           "__class__=1", "callback=alert", "f=json&f=html", "limit=1&limit=1", "a" * 5_000 + "=1",
           "&".join(f"a{i}=1" for i in range(300))),
    *asked("bbox", {400}, *(f"bbox={v}" for v in (
        "nan,nan,nan,nan", "-inf,0,1,1", "1e309,0,1,1", "1,2,3", "8,46,9,45", "1,2,3,4,5,6,7",
        "8,45,9,46,", "8;45;9;46", "", "1,2,3," + "4" * 400, "8,45,9,x",
        "9,46,8,45", ",".join(["1"] * 5_000), "0x1,0,1,1", "٨,45,9,46"))),
    *asked("crs", {400}, "bbox=8,45,9,46&bbox-crs=http://127.0.0.1:1/x", "crs=file:///etc/passwd",
           "crs=EPSG:4326;DROP", "bbox-crs=" + quote(f"{EPSG}4326"), f"crs={quote(EPSG)}999999",
           "crs=" + "x" * 9_000, "crs="),
    *asked("datetime", {400}, *(f"datetime={v}" for v in (
        "9999-99-99", "2026-13-01/..", "2023-02-30", "..", "/", "2023", "2023-01-01/2022-01-01",
        "a/b/c", "2023-01-01T25:00:00Z", "2023-01-01T00:00:00", "x" * 10_000, "٢٠٢٣-01-01"))),
    *asked("datetime", {200}, "datetime=../..", "datetime=0000-01-01/.."),
    *asked("properties", {400}, "properties=" + ",".join(f"p{i}" for i in range(1_500)),
           "properties=geometry", "properties=", "properties=nome,nome", "properties=*"),
    *asked("sortby", {400}, "sortby=ghost", "sortby=--nome", "sortby=", "sortby=nome,nome",
           "sortby=geometry", "sortby=" + "nome," * 900, "sortby=tipi"),
    *asked("f", {400}, "f=../../etc/passwd", "f=json%00", "f=", "f=pickle", f"f={SCRIPT}"),
    *asked("lang", {400}, "lang=de", "lang=../../x", "lang="),
    *asked("value", {400}, "nome=%ff%fe", "nome=%00", "nome=%0d%0aSet-Cookie:x", "posti=abc",
           "posti=1e400", "posti=nan", "aperto=maybe", "nome=" + "x" * 20_000, "nome=%ED%A0%80"),
    *asked("value", {200}, f"nome={quote(SCRIPT)}", f"nome={quote(IMAGE)}", "nome=%2e%2e%2f",
           "nome=%F0%9F%92%A9", "&&limit=1&", "nome={{7*7}}", "nome=${jndi:ldap://x}"),
    Row("datetime of 100 kB", f"{ITEMS}?datetime=" + "x" * 100_000, {400, 414}, bare=True),
    *(Row(f"parameter of {path}", sent(f"{path}?url=http://127.0.0.1:1/&foo={IMAGE}"), {400})
      for path in ("/", "/collections", "/conformance", "/api", "/collections/luoghi", "/releases",
                   "/collections/luoghi/queryables", f"{ITEMS}/luogo-001", "/disclosure",
                   "/download/luoghi.parquet", "/tiles", "/styles", "/embed", "/hsds", "/dcat")),
]  # fmt: skip

PATHS = [
    *(Row(f"path {path[:50]}", sent(path), {404}) for path in (
        f"{ITEMS}/..%2f..%2fetc%2fpasswd", f"{ITEMS}/%252e%252e", f"{ITEMS}/..;/",
        f"{ITEMS}/\\..\\..\\", f"{ITEMS}/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        f"{ITEMS}/a%0d%0aSet-Cookie:%20x=1", f"{ITEMS}/%1b[2J%1b[31m", f"{ITEMS}/%00",
        f"{ITEMS}/%ff%fe", f"{ITEMS}/{SCRIPT}", f"{ITEMS}/{IMAGE}", f"{ITEMS}/" + "x" * 5_000,
        f"{ITEMS}%0a", "//evil.example/%2e%2e", "//evil.example", "/%5cevil.example", "/../etc",
        "/collections/..%2f", "/collections//items", "/collections/luogh/items",
        "/collections/dUmmYColLection/items", "/collections/LUOGHI/items", "/releases/..%2f..",
        "/releases/current/collections", "/releases/2023-12-31-000000000000/collections",
        "/download/..%2fmanifest.json", "/download/%2fetc%2fpasswd", "/static/x/..%2f..%2fapp.py",
        "/collections/luoghi/items/luogo-001/x", "/.git/config", "/.env", "/server-status",
        "/processes/x", "/processes/sensibilita/x", "/jobs", "/jobs/1",
        "/admin", "/openapi", "/stac", "/raster/x/info", "/wp-login.php",
        "/xyz/luoghi/99/0/0.mvt", "/xyz/luoghi/-1/0/0.mvt", "/xyz/luoghi/1e2/0/0.mvt",
        "/xyz/luoghi/007/0/0.mvt", "/xyz/luoghi/8/9223372036854775808/0.mvt",
        "/collections/luoghi/tiles/WebMercatorQuad%00/0/0/0")),
    Row("id of 60 kB", f"{ITEMS}/" + "x" * 60_000, {404, 414}, bare=True),
    Row("id of 200 kB", f"{ITEMS}/" + "x" * 200_000, {414, 431}, bare=True),
    Row("target without a slash", "collections", {400, 404}, bare=True),
    Row("target with a space", "/collections /items", {400, 404}, bare=True),
    Row("target of another host", f"http://evil.example{ITEMS}?limit=1", {200, 400, 404, 421},
        bare=True),
]  # fmt: skip

HEADERS = [
    headed({200}, ("Accept", ",".join(f"a/{i}" for i in range(2_000)) + ",*/*;q=0.1"),
           target="/collections?f=json"),
    headed({406}, ("Accept", ",".join(f"a/{i}" for i in range(5_000)))),
    headed({406}, ("Accept", "image/png")),
    headed({200}, ("Accept", "text/html;q=abc, application/json;q=nan")),
    headed({200}, ("Accept", ";;;,,,=;q")),
    headed({200}, ("Accept-Language", "../../x")),
    headed({200}, ("Accept-Language", "it" * 9_000)),
    headed({200}, ("Accept-Encoding", "gzip;q=-1, br;q=1e999, " + "x," * 5_000)),
    headed({200}, ("If-None-Match", '"' * 20_000)),
    headed({200, 431}, ("If-None-Match", ", ".join([TAG] * 5_000))),
    headed({431}, ("If-None-Match", "x" * 1_000_000)),
    headed({431}, ("X-Long", "x" * 100_000)),
    headed({431}, *((f"X-{i}", "1") for i in range(300))),
    headed({200}, ("If-Modified-Since", "never"), ("If-Match", "*"), ("Range", "bytes=0-1,2-3")),
    headed({200, 206, 416}, ("Range", "bytes=" + "0-1," * 5_000), target=FILE),
    headed({416}, ("Range", "bytes=9999999999999-"), target=FILE),
    *(headed({200}, ("Range", value), target=FILE) for value in (
        "lines=1-2", "bytes=5-2", "bytes=-", "bytes", "bytes=a-b", "bytes=0x1-", "bytes=1e3-")),
    *(headed({200}, (name, "evil.example"), target=f"{ITEMS}?limit=1") for name in (
        "Host", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Proto", "Forwarded",
        "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "Cookie", "Authorization",
        "Referer", "User-Agent", "Origin")),
    *(headed({400}, ("Host", value)) for value in ("x/abc?bar=", "a b", IMAGE, "a,b", "h:1:2")),
    Row("two hosts", ITEMS, {400}, headers=[("Host", "a"), ("Host", "b")]),
    Row("no host", ITEMS, {400}, headers=[("Host", "")]),
    headed({400}, ("Content-Length", "-1")),
    headed({400}, ("Content-Length", "1"), ("Content-Length", "2")),
    headed({400}, ("Transfer-Encoding", "chunked, identity"), ("Content-Length", "3")),
    headed({400}, ("X-Bad", "a\0b")),
    headed({200}, ("Upgrade", "websocket"), ("Connection", "Upgrade")),
    headed({200}, ("Expect", "200-maybe")),
]  # fmt: skip
HEADERS = [
    Row(r.name, r.target, r.expected, headers=r.headers, bare=bool(r.expected & {400, 416, 431}))
    for r in HEADERS
]

METHODS = [
    *(Row(f"method {method} {path}", path, {405}, method)
      for method in ("PUT", "PATCH", "DELETE", "TRACE", "FOO", "PROPFIND", "get")
      for path in (ITEMS, f"{ITEMS}/luogo-001", "/")),
    Row("method POST to items", ITEMS, {405}, "POST"),
    Row("method GET of a search", SEARCH, {405}),
    Row("method CONNECT", "evil.example:443", {400, 404, 405}, "CONNECT", bare=True),
    Row("method that is none", ITEMS, {400}, "G@T{", bare=True),
]  # fmt: skip

_MEGABYTE = b"x" * 1_000_000
_XML = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'

BODIES = [
    *(bodied(media, body, target=target) for target in (SEARCH, ITEMS, "/") for media, body in (
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n" * 100_000),
        ("multipart/form-data; boundary=" + "x" * 5_000, _MEGABYTE),
        ("application/xml", _XML),
        ("application/vnd.ogc.sld+xml", _XML),
        ("text/plain", _MEGABYTE),
        ("", b"{}"))),
    bodied("application/json", gzip.compress(bytes(10_000_000)), ("Content-Encoding", "gzip")),
    posted("a million fields", "&".join(["a=1"] * 250_000), {413}),
    posted("thousands of fields", "&".join(f"a{i}=1" for i in range(10_000)), {400}),
    Row("subscriber", "/processes", {405}, "POST", [("Content-Type", "application/json")],
        b'{"subscriber":{"successUri":"http://127.0.0.1"}}'),
    *(Row(f"execution {body[:40]!r}", EXECUTION, {400}, "POST",
          [("Content-Type", "application/json")], body) for body in (
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b'{"inputs":NaN}', b'{"inputs":[]}',
        b'{"inputs":{"collection":"luoghi"}}', b'{"inputs":{"collection":["x"]}}', b'{"foo":1}',
        b'{"subscriber":{"successUri":"http://127.0.0.1"}}', b'{"mode":"async"}',
        b'{"inputs":{"limit":1,"limit":2}}', b'{"inputs":{"weights":{"a":1e400}}}',
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"' + SCRIPT.encode() + b'":1}')),
    Row("execution of a megabyte", EXECUTION, {413}, "POST",
        [("Content-Type", "application/json")], _MEGABYTE),
    Row("execution of another process", "/processes/x/execution", {404}, "POST",
        [("Content-Type", "application/json")], b"{}"),
    Row("execution later", EXECUTION, {400}, "POST",
        [("Content-Type", "application/json"), ("Prefer", "respond-async")], b"{}"),
    *(Row(f"object {body[:40]!r}", SEARCH, {400}, "POST", [("Content-Type", "application/json")],
          body) for body in (
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"limit":NaN}', b'{"limit":0}',
        b'{"limit":1,"limit":2}', b'{"foo":1}', b'{"filter":"\\ud800"}', b'{"limit":1e400}',
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b'{"filter":"' + SCRIPT.encode() + b'"}')),
    Row("a body with GET", ITEMS, {200}, "GET", [("Content-Type", "application/json")], _MEGABYTE),
]  # fmt: skip

TABLE = [*FILTERS, *PARAMETERS, *PATHS, *HEADERS, *METHODS, *BODIES]
