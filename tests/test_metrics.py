"""`/metrics`: the numbers of all processes together, by route, for those who may read them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import time
from urllib.parse import urlsplit

import pytest
from api_release import publish_small
from starlette.testclient import TestClient

from api.app import create_app
from api.metrics import BOUNDS_S, Counters, Measured
from api.settings import Settings
from checks.served import serve
from geo_core.errors import ServeError, SettingsError
from geo_core.settings import settings_of

MARK = "RSSMRA80A01L750X"
ITEMS = "/collections/{collection}/items"
LINE = re.compile(
    r'(?:# (?:HELP|TYPE) \S.*|[a-z_]+(?:\{[a-z]+="[^"\\]+"(?:,[a-z]+="[^"\\]+")*\})? \S+)'
)


@pytest.fixture
def measured(small_releases, tmp_path):
    app = create_app(Settings(releases=small_releases))
    return Measured(app, readers="127.0.0.1 10.0.0.0/8 ::1", folder=tmp_path / "numbers")


def asked(measured, peer="127.0.0.1", **headers):
    return TestClient(measured, client=(peer, 1)).get("/metrics", headers=headers)


def numbers(text):
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return dict(pairs)


def test_answers_are_counted_by_route_and_status_and_nothing_else_is_told(measured):
    client = TestClient(measured)
    for path in (
        f"/collections/luoghi/items?q={MARK}",
        f"/collections/{MARK}/items",
        f"/collections/luoghi/items/{MARK}",
        f"/releases/{measured._app.releases.current.release.id}/collections/luoghi/items",
        f"/releases/{MARK}/collections",
        f"/{MARK}",
        "/xyz/celle/0/0/0.mvt",
        "/raster/nope/info",
        "/collections/",
    ):
        client.get(path)
    text = asked(measured).text
    assert MARK not in text
    told = numbers(text)
    assert told[f'atlante_requests_total{{route="{ITEMS}",status="2xx"}}'] == "2"
    assert told[f'atlante_requests_total{{route="{ITEMS}",status="4xx"}}'] == "1"
    assert told['atlante_requests_total{route="other",status="4xx"}'] == "2"
    assert told['atlante_requests_total{route="/collections",status="2xx"}'] == "1"
    assert any(name.startswith('atlante_requests_total{route="/raster/') for name in told)
    assert any(name.startswith('atlante_requests_total{route="/xyz/') for name in told)
    release = measured._app.releases.current.release.id
    assert told[f'atlante_release_info{{release="{release}"}}'] == "1"
    assert (told["atlante_workers"], told["atlante_release_degraded"]) == ("1", "0")


def test_durations_add_up(measured):
    for seconds in (0.0, 0.005, 0.0051, 7.0, 99.0):
        measured._counters.count(0, 200, seconds)
    told = numbers(asked(measured).text)
    route = measured._app.templates[0]
    buckets = [
        told[f'atlante_request_seconds_bucket{{route="{route}",le="{b}"}}'] for b in BOUNDS_S
    ]
    assert buckets == ["2", *["3"] * 9, "4"]
    assert told[f'atlante_request_seconds_bucket{{route="{route}",le="+Inf"}}'] == "5"
    assert told[f'atlante_request_seconds_count{{route="{route}"}}'] == "5"
    assert float(told[f'atlante_request_seconds_sum{{route="{route}"}}']) == pytest.approx(106.0101)


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.9.8.7", "::1", "::ffff:10.9.8.7"])
def test_those_who_may_read_do(measured, peer):
    answer = asked(measured, peer)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "peer", ["127.0.0.2", "11.0.0.1", "::2", "::ffff:11.0.0.1", "testclient", ""]
)
def test_to_others_there_is_nothing(measured, peer):
    assert asked(measured, peer).json()["code"] == "not-found"


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "x-forwarded-proto", "Forwarded", "Via", "X-Real-IP"]
)
def test_what_a_proxy_passes_on_reads_nothing(measured, name):
    assert asked(measured, **{name: "127.0.0.1"}).status_code == 404


def test_without_the_setting_nobody_reads(client):
    assert client.get("/metrics").status_code == 404


def test_a_wrong_network_is_named():
    with pytest.raises(SettingsError, match="`ovunque` is no network") as caught:
        settings_of(Settings, metrics="127.0.0.1 ovunque")
    assert caught.value.where == "ATLANTE_METRICS"


def test_numbers_of_the_dead_stay_and_other_files_do_not_count(tmp_path):
    counters = Counters(tmp_path / "n", 1)
    counters.count(0, 200, 1.0)
    (tmp_path / "n" / "99999999").write_bytes(counters._path.read_bytes())
    (tmp_path / "n" / "7").write_bytes(b"short")
    (tmp_path / "n" / "x").write_bytes(counters._path.read_bytes())
    alive, total = counters.together()
    assert (alive, total[1], total[5]) == (1, 2.0, 2.0)


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "n").symlink_to(tmp_path)
    with pytest.raises(ServeError, match="no place"):
        Counters(tmp_path / "n", 1)


def get(url, path):
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    link.request("GET", path)
    answer = link.getresponse()
    body = answer.read().decode()
    link.close()
    return answer.status, body


def test_two_processes_tell_their_sum_and_a_dead_one_is_replaced(tmp_path):
    publish_small(tmp_path / "releases")
    settings = {"ATLANTE_METRICS": "127.0.0.1", "ATLANTE_WORKERS": "2", "TMPDIR": str(tmp_path)}
    with serve(tmp_path, log=tmp_path / "log", settings=settings) as running:
        wait(running.url, 2)
        for _ in range(60):
            assert get(running.url, "/collections/luoghi/items?limit=1")[0] == 200
        pids = [int(path.name) for path in tmp_path.glob("atlante-*/*")]
        assert len(pids) == 2
        for _ in range(10):  # whichever of them answers
            told = numbers(get(running.url, "/metrics")[1])
            assert told[f'atlante_requests_total{{route="{ITEMS}",status="2xx"}}'] == "60"
        os.kill(pids[0], signal.SIGKILL)
        wait(running.url, 2)
        told = numbers(get(running.url, "/metrics")[1])
        assert told[f'atlante_requests_total{{route="{ITEMS}",status="2xx"}}'] == "60"
    assert [path.name for path in tmp_path.glob("atlante-*/*")] == [str(pids[0])]


def wait(url, workers):
    for _ in range(200):
        time.sleep(0.1)
        try:
            text = get(url, "/metrics")[1]
        except OSError:  # the process that took the connection has just been ended
            continue
        if numbers(text)["atlante_workers"] == str(workers):
            return
    raise AssertionError(f"there are no {workers} processes")
