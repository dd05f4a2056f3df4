"""A plain request for a tile takes a short way; the long way gives the very same answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from api_client import BASE
from hypothesis import given
from hypothesis import strategies as st
from tiles_release import publish_tiles

from api import middleware
from api.app import create_app
from api.settings import Settings
from api.tiles.quick import plain_tile

TILE = "/xyz/celle/9/267/183.mvt"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    root: Path = tmp_path_factory.mktemp("releases")
    publish_tiles(root)
    return create_app(Settings(releases=root, public_url=BASE))


def asked(path, headers, *, method="GET", query=b""):
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": query,
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9),
        "headers": headers,
    }


def sent(app, scope):
    """Return status, headers and body of an answer, and whether it went the short way."""
    messages = []
    short = plain_tile(scope, app.releases.current) is not None

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        messages.append(message)

    asyncio.run(app(dict(scope), receive, send))
    body = b"".join(m.get("body", b"") for m in messages[1:])
    return (messages[0]["status"], sorted(messages[0]["headers"]), body), short


def the_long_way(app, scope):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(middleware, "plain_tile", lambda *_: None)
        return sent(app, scope)[0]


HOST = (b"host", b"dati.example.it")
PATHS = st.one_of(
    st.sampled_from([
        TILE,
        "/tiles/celle/WebMercatorQuad/9/183/267",
        "/collections/celle_r7/tiles/WebMercatorQuad/9/183/267",
        "/collections/celle/tiles/WebMercatorQuad/9/183/267",
        "/tiles/aree/WebMercatorQuad/9/183/267",
        "/xyz/vuota/6/33/22.mvt",
        "/xyz/celle/9/267/183.MVT",
        "/xyz/celle/9/267/183.mvt/",
        "/xyz/celle/9/267/183.mvt\n",
        "/xyz/celle/٩/267/183.mvt",
        "/releases/2023-12-31-000000000000/xyz/celle/9/267/183.mvt",
        "/xyz/Celle/9/267/183.mvt",
    ]),
    st.builds(
        "/xyz/celle/{}/{}/{}.mvt".format,
        st.sampled_from(["6", "9", "09", "5", "13", "-1"]),
        st.sampled_from(["268", "33", "267", "0268", "99999999999"]),
        st.sampled_from(["182", "22", "183", "1.0"]),
    ),
)  # fmt: skip
HEADERS = st.lists(
    st.one_of(
        st.tuples(
            st.just(b"accept-encoding"),
            st.sampled_from(
                [b"gzip", b"br", b"", b"gzip;q=0", b"*", b"x-gzip", b"gzip, br", b"\xff"]
            ),
        ),
        st.tuples(
            st.just(b"if-none-match"),
            st.sampled_from([b"*", b'"x"', b"", b"W/", b'"a", "b"', b"x" * 9_000]),
        ),
        st.tuples(st.just(b"host"), st.sampled_from([b"evil.example", b"a/b", b"[::1]:80", b""])),
        st.tuples(st.just(b"range"), st.just(b"bytes=0-9")),
        st.tuples(st.just(b"x"), st.sampled_from([b"", b"y" * 9_000, b"y" * 99_000])),
    ),
    max_size=4,
)


@given(
    scope=st.builds(
        asked,
        PATHS,
        st.one_of(HEADERS, HEADERS.map(lambda more: [HOST, *more])),
        method=st.sampled_from(["GET", "GET", "HEAD", "POST", "OPTIONS"]),
        query=st.sampled_from([b"", b"", b"", b"&", b"f=mvt", b"collections=aree"]),
    )
)
def test_both_ways_give_the_same_answer(app, scope):
    assert sent(app, scope)[0] == the_long_way(app, scope)


@pytest.mark.parametrize("path", [TILE, "/tiles/celle/WebMercatorQuad/9/183/267"])
def test_a_plain_request_goes_the_short_way_and_its_etag_holds_on_both(app, path):
    accept = (b"accept-encoding", b"gzip")
    (status, headers, body), short = sent(app, asked(path, [HOST, accept]))
    assert (status, short, body[:2]) == (200, True, b"\x1f\x8b")
    held = dict(headers)[b"etag"]
    again = asked(path, [HOST, accept, (b"if-none-match", held)])
    found, short = sent(app, again)
    assert (found[0], found[2], short) == (304, b"", True)
    assert found == the_long_way(app, again)
    assert dict(found[1])[b"etag"] == held
    unpacked = asked(path, [HOST, (b"if-none-match", held)])
    assert sent(app, unpacked)[0][0] == 200


def test_a_pinned_tile_is_kept_for_a_year_and_is_the_same_tile(app):
    release = app.releases.current.release.id
    (status, headers, body), _ = sent(app, asked(f"/releases/{release}{TILE}", [HOST]))
    (_, unpinned, same), _ = sent(app, asked(TILE, [HOST]))
    assert (status, body) == (200, same)
    assert b"immutable" in dict(headers)[b"cache-control"]
    assert dict(headers)[b"etag"] == dict(unpinned)[b"etag"]


def test_etags_of_different_tiles_differ(app):
    tags = set()
    paths = [
        f"/xyz/{ident}/9/{x}/183.mvt"
        for ident in ("celle", "celle_r7", "aree", "punti")
        for x in (267, 268)
    ]
    for path in paths:
        (status, headers, _), _ = sent(app, asked(path, [HOST]))
        assert status == 200
        tags.add(dict(headers)[b"etag"])
    assert len(tags) == len(paths)
