"""The whole service behind nginx with TLS and a path prefix, as `deploy/nginx.conf` has it."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
from urllib.parse import urlsplit

import pytest
from behind import PREFIX, Proxy, free_port, programs, proxied
from crawl import walked

from api.app import create_app
from api.settings import Settings
from checks.chromium import started, visit
from checks.served import serve

MARK = "RSSMRA80A01L750X"
OF_EACH = 2
"""Addresses of one shape that are asked for; shapes are some hundreds."""
POSTED = "/execution"
EXAMPLE = "/xyz/NOME/"
"""What is posted to, and what a page writes for a name to fill in."""
LONG = "/collections/popolazione_h3_r8/items?limit=10000"
FILE = "/download/popolazione_h3_r8.parquet"


class Site:
    """Asks a server for paths."""

    def __init__(self, url, context=None):
        self.base = url
        host = urlsplit(url).netloc
        self.link = (
            http.client.HTTPSConnection(host, context=context, timeout=60)
            if context
            else http.client.HTTPConnection(host, timeout=60)
        )

    def ask(self, path, method="GET", body=None, **headers):
        return self.asked(urlsplit(self.base).path + path, method, body, **headers)

    def asked(self, target, method="GET", body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.link.request(method, target, body, named)
        answer = self.link.getresponse()
        content = answer.read()
        self.link.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content


@pytest.fixture(scope="module")
def geo(demo_home, tmp_path_factory) -> tuple[Proxy, str]:
    programs()
    folder, secure = tmp_path_factory.mktemp("geo"), free_port()
    settings = {
        "ATLANTE_PUBLIC_URL": f"https://localhost:{secure}{PREFIX}",
        "ATLANTE_METRICS": "127.0.0.1",
    }
    with (
        serve(demo_home, log=folder / "server.log", settings=settings) as running,
        proxied(folder, [urlsplit(running.url).port], secure=secure) as proxy,
    ):
        yield proxy, running.url


@pytest.fixture
def site(geo):
    return Site(geo[0].url, geo[0].context)


@pytest.fixture
def direct(geo):
    return Site(geo[1])


def test_every_address_is_under_the_prefix_and_leads_somewhere(geo, site, demo_home):
    names = create_app(Settings(releases=demo_home / "releases"))

    def get(url):
        parts = urlsplit(url)
        return site.asked(parts.path + (f"?{parts.query}" if parts.query else ""))

    found = walked(geo[0].url, get, names.template, OF_EACH)
    assert found.outside == {}
    dead = {
        url: told
        for url, told in found.dead.items()
        if not (urlsplit(url).path.endswith(POSTED) and told[0] == 405) and EXAMPLE not in url
    }
    assert dead == {}
    met = {kind.split()[0] for kind in found.asked}
    never = {"/favicon.ico", "/robots.txt", "/embed/{layer}", "/hsds/{kind}/{ident}"}
    asked_for = {name for name in names.templates if not name.endswith(("/search", "/lineage"))}
    assert asked_for - met - never <= {"/raster/{raster}/wmts", "/embed/luoghi.json"}
    assert sum(found.asked.values()) > 700
    assert {"text/html", "application/atom+xml", "application/geo+json", "image/png"} <= {
        *found.kinds
    }


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/collections?f=json", {}),
        ("/?f=html", {}),
        ("/xyz/popolazione_h3_r8/8/133/91.mvt", {}),
        ("/xyz/popolazione_h3_r8/8/133/91.mvt", {"Accept_Encoding": "gzip"}),
        ("/collections?f=json", {"Accept_Encoding": "gzip"}),
        (FILE, {"Range": "bytes=100-299"}),
        (FILE, {"Range": "bytes=-16"}),
        (FILE, {"Range": "bytes=999999999999-"}),
        ("/download/popolazione_h3_r8.pmtiles", {"Range": "bytes=0-126,200-300"}),
        (LONG, {}),
        ("/collections/sedi/items?f=csv", {}),
        ("/collections/sedi/items?limit=abc", {}),
        ("/collections/sedi/items/a%2Fb%20c%C3%A8", {}),
        ("/collections/sedi/items?q=%C3%A8%2B%26", {}),
        ("/nulla//di/./questo", {}),
    ],
)
def test_an_answer_comes_through_unchanged(site, direct, path, headers):
    through, straight = site.ask(path, **headers), direct.ask(path, **headers)
    assert through[0] == straight[0]
    assert through[2] == straight[2] or "multipart" in through[1]["content-type"]
    for name in straight[1]:
        if name not in {"date", "server", "connection", "transfer-encoding", "content-type"}:
            assert through[1].get(name) == straight[1][name], name
    assert (
        through[1]["content-type"].split("boundary")[0]
        == (straight[1]["content-type"].split("boundary")[0])
    )
    assert "server" not in through[1] or through[1]["server"] == "nginx"
    assert through[1]["strict-transport-security"] == "max-age=31536000"
    head = site.ask(path, "HEAD", **headers)
    assert (head[0], head[2]) == (through[0], b"")
    assert head[1].get("etag") == through[1].get("etag")


def test_what_is_known_is_not_sent_again_and_a_range_goes_on(site):
    for path in ("/collections?f=json", "/xyz/popolazione_h3_r8/8/133/91.mvt", FILE):
        for coding in ("identity", "gzip"):
            etag = site.ask(path, Accept_Encoding=coding)[1]["etag"]
            assert not etag.startswith("W/")
            again = site.ask(path, Accept_Encoding=coding, If_None_Match=etag)
            assert (again[0], again[2]) == (304, b"")
    whole = site.ask(FILE)
    part = site.ask(FILE, Range="bytes=10-", If_Range=whole[1]["etag"])
    assert (part[0], part[2]) == (206, whole[2][10:])
    changed = site.ask(FILE, Range="bytes=10-", If_Range='"other"')
    assert (changed[0], changed[2]) == (200, whole[2])


def test_compression_is_the_servers_own(site):
    plain, packed = site.ask(LONG), site.ask(LONG, Accept_Encoding="gzip")
    assert packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2]
    assert len(plain[2]) > 800_000


def test_a_query_is_posted(site, direct):
    body = json.dumps({"limit": 2}).encode()
    asked = [
        one.ask("/collections/sedi/search", "POST", body, Content_Type="application/json")
        for one in (site, direct)
    ]
    assert asked[0][0] == asked[1][0] == 200
    assert asked[0][2] == asked[1][2]


def test_the_bare_prefix_is_the_landing_page_and_outside_it_there_is_nothing(geo, site):
    assert site.ask("")[0] == 200
    assert site.ask("")[2] == site.ask("/")[2]
    assert {site.asked(path)[0] for path in ("/", "/geometrie", "/collections")} == {404}
    plain = Site(geo[0].plain)
    status, headers, _ = plain.asked(f"{PREFIX}/collections?f=json")
    assert (status, headers["location"]) == (308, f"{geo[0].url}/collections?f=json")


def test_the_numbers_are_read_on_the_machine_alone(site, direct):
    assert direct.ask("/metrics")[0] == 200
    for path in ("/metrics", "/./metrics", "/%6detrics", "//metrics", "/metrics/", "/a/../metrics"):
        assert site.ask(path)[0] == 404, path
    assert site.ask("/readyz")[0] == 200


def test_http_2_is_spoken(geo):
    proxy = geo[0]
    context = proxy.context
    context.set_alpn_protocols(["h2", "http/1.1"])
    address = ("localhost", urlsplit(proxy.url).port)
    with (
        socket.create_connection(address) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as link,
    ):
        assert link.selected_alpn_protocol() == "h2"
        assert link.version() == "TLSv1.3"
    old = proxy.context
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(address) as plain,
        old.wrap_socket(plain, server_hostname="localhost") as link,
    ):
        assert link.version() == "TLSv1.2"


def test_curl_reads_a_long_answer_over_http_2(geo, direct):
    curl = shutil.which("curl")
    if not curl:
        pytest.skip("curl is not installed (Debian package curl)")
    proxy = geo[0]
    command = [curl, "-sS", "--http2", "--cacert", str(proxy.certificate), "--compressed"]
    written = ["-w", "%{stderr}%{http_version} %{http_code}", proxy.url + LONG]
    done = subprocess.run([*command, *written], capture_output=True, check=True, timeout=60)
    assert done.stderr.decode() == "2 200"
    assert done.stdout == direct.ask(LONG)[2]


def test_gdal_reads_all_pages(geo, ogrinfo, demo_release):
    # Packages of this environment set where GDAL looks for certificates.
    env = {"PATH": os.defpath, "CURL_CA_BUNDLE": str(geo[0].certificate)}
    command = [ogrinfo, "-so", "-oo", "PAGE_SIZE=700", f"OAPIF:{geo[0].url}", "popolazione_h3_r8"]
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    info = next(i for i in demo_release.manifest.collections if i.layer.id == "popolazione_h3_r8")
    assert f"Feature Count: {info.count}\n" in done.stdout


def test_the_map_is_drawn_in_a_browser(geo, out):
    found = shutil.which("chromium")
    if not found:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    # The certificate signs itself, which no browser should take outside of a test.
    with started(found, "--ignore-certificate-errors") as browser, visit(browser) as seen:
        asked = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.open_map(f"{geo[0].url}/embed?layer=rischio_comuni&sedi=1&lang=it")
        seen.page.screenshot(path=out / "dietro-nginx.png")
        seen.open(f"{geo[0].url}/collections?f=html")
        seen.page.get_by_role("link", name="Sedi", exact=False).first.click()
        seen.page.wait_for_load_state("load")
    assert seen.errors == []
    assert seen.failed == []
    web = [url for url in asked if url.startswith("http")]
    assert len(web) > 10
    assert all(url.startswith(geo[0].url) for url in web)


def test_neither_nginx_nor_the_server_keeps_what_was_asked(geo, site, tmp_path):
    proxy = geo[0]
    asked = {"User_Agent": MARK, "Referer": f"https://{MARK}/", "X_Forwarded_For": MARK}
    paths = (
        f"/collections/sedi/items?q={MARK}", f"/collections/sedi/items?limit={MARK}", f"/{MARK}",
        f"/collections/sedi/items?q={MARK}{'x' * 9_000}", f"/%00{MARK}", f"/metrics?{MARK}",
    )  # fmt: skip
    statuses = [site.ask(path, **asked)[0] for path in paths]
    assert statuses == [200, 400, 404, 400, 400, 404]
    assert site.ask(f"/{MARK}", "POST", b"x" * 2_000_000, **asked)[0] == 413
    Site(proxy.plain).asked(f"{PREFIX}/{MARK}", **asked)
    with socket.create_connection(("localhost", urlsplit(proxy.url).port)) as link:
        link.sendall(f"GET /{MARK} HTTP/1.1\r\n\r\n".encode())  # not TLS at all
        link.recv(1000)
    down = tmp_path / "down"
    down.mkdir()
    with proxied(down, [free_port()]) as alone:
        assert Site(alone.url, alone.context).ask(f"/{MARK}", **asked)[0] == 502
    for folder in (proxy.folder, down):
        logs = {path.name: path.read_text("utf-8", "replace") for path in folder.glob("*.log")}
        assert "main.log" in logs
        for name, text in logs.items():
            assert MARK.lower() not in text.lower(), name
            assert "client:" not in text, name
        assert logs["access.log"] == ""


def test_who_asks_too_much_is_told_so_and_a_map_does_not(geo, tmp_path):
    with proxied(tmp_path, [urlsplit(geo[1]).port], rate="1r/s") as slow:
        site = Site(slow.url, slow.context)
        statuses: list[int] = []
        # On a slow machine some seconds pass, and each lets one more through.
        while statuses.count(429) <= 20 and len(statuses) < 2_000:
            statuses.append(site.ask("/livez")[0])
    assert statuses[:400] == [200] * 400  # a map asks for some tens of tiles at once
    assert set(statuses) == {200, 429}
