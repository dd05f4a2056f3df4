"""New data, back to the old, new software: under load, behind nginx, and no request fails."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from behind import PREFIX, free_port, programs, proxied

from checks.served import program, run
from geo_core.release.pointer import current

WITHIN_S = 5
"""All processes serve another release that soon: each looks at the pointer every second."""
TOO_LATE_S = 60
CLIENTS = 3
NAME = "Sportello rinnovato"
PATHS = (
    "", "/collections/sedi/items?limit=50", "/collections/sedi/items?f=csv", "/comuni?f=html",
    "/collections/popolazione_h3_r8/items?limit=500", "/xyz/popolazione_h3_r8/8/133/91.mvt",
    "/readyz", "/embed?lang=it", "/download/sedi.parquet",
)  # fmt: skip


class Instance:
    """One `atlante serve` on a port of its own, as a unit of the system runs it."""

    def __init__(self, home, port, settings, folder):
        self.port, self._home, self._settings = port, home, settings
        self.log = folder / f"server-{port}.log"
        self.start()

    def start(self):
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [program(), "serve", "--home", str(self._home), "--port", str(self.port)],
                stdout=out,
                stderr=out,
                env=os.environ | self._settings,
                start_new_session=True,
            )
        until(lambda: self.ask("/readyz")[0] == 200)

    def stop(self):
        """Stop as the system does, and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask(self, path):
        try:
            return asked(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), path)
        except OSError:
            return 0, b""


def asked(link, path):
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


def until(holds):
    end = time.monotonic() + TOO_LATE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def loaded(proxy, paths):
    """Ask all the time until the block ends; nothing may fail."""
    stop, counts = threading.Event(), [0] * CLIENTS

    def ask(number):
        host = urlsplit(proxy.url).netloc
        while not stop.is_set():
            link = http.client.HTTPSConnection(host, context=proxy.context, timeout=30)
            for path in paths:
                link.request("GET", PREFIX + path)
                answer = link.getresponse()
                body = answer.read()
                assert answer.status == 200, (path, answer.status, body[:300])
                counts[number] += 1
                stop.wait(0.02)  # the build needs the processor, too
            link.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(ask, number) for number in range(CLIENTS)]
        try:
            yield counts
        finally:
            stop.set()
        for client in clients:
            client.result()
    assert min(counts) >= len(paths)


@contextmanager
def service(home, folder, workers):
    programs()
    secure = free_port()
    settings = {
        "ATLANTE_PUBLIC_URL": f"https://localhost:{secure}{PREFIX}",
        "ATLANTE_WORKERS": str(workers),
    }
    with ExitStack() as stack:
        both = []
        for _ in range(2):
            both.append(Instance(home, free_port(), settings, folder))
            stack.callback(both[-1].stop)
        proxy = stack.enter_context(proxied(folder, [one.port for one in both], secure=secure))
        yield proxy, both


def changed(path):
    """Give one office another name."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = lines[0].strip().split(",").index("nome")
    row = next(i for i, line in enumerate(lines[1:], 1) if '"' not in line)
    cells = lines[row].split(",")
    cells[at] = NAME
    lines[row] = ",".join(cells)
    path.write_text("".join(lines), encoding="utf-8")


def serving(instances, ident):
    """Tell whether every process of all servers serves a release: some will be asked twice."""
    told = [json.loads(one.ask("/readyz")[1]) for one in instances for _ in range(20)]
    return all(one == {"release": ident, "degraded": False} for one in told)


@pytest.fixture(scope="module")
def home(small_home, tmp_path_factory):
    """Home of a small district, built once; builds of these tests change it."""
    own = tmp_path_factory.mktemp("upgrade") / "home"
    shutil.copytree(small_home, own)
    run("build", "--home", str(own))
    return own


def test_a_release_is_built_taken_and_taken_back_under_load(home, tmp_path):
    before = current(home / "releases")
    with service(home, tmp_path, workers=2) as (proxy, both):
        offices = asked(https(proxy), f"{PREFIX}/collections/sedi/items?limit=1000")[1]
        pinned = f"/releases/{before}/collections/sedi/items?limit=50"
        with loaded(proxy, (*PATHS, pinned)) as counts:
            changed(home / "input" / "sedi.csv")
            run("build", "--home", str(home))
            after = current(home / "releases")
            assert after != before
            quickly(lambda: serving(both, after))
            assert NAME.encode() in asked(https(proxy), f"{PREFIX}/collections/sedi/items?f=csv")[1]
            run("use", before, "--home", str(home))
            quickly(lambda: serving(both, before))
            run("verify", "--home", str(home))
            again = asked(https(proxy), f"{PREFIX}/collections/sedi/items?limit=1000")[1]
            assert again == offices
        sys.stdout.write(f"{sum(counts)} answers\n")
        for one in both:
            assert one.ask(f"/releases/{after}/collections")[0] == 200  # it can be looked at


def https(proxy):
    return http.client.HTTPSConnection(
        urlsplit(proxy.url).netloc, context=proxy.context, timeout=30
    )


def quickly(holds):
    began = time.monotonic()
    until(holds)
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")


def test_software_is_renewed_one_server_after_the_other_under_load(home, tmp_path):
    with service(home, tmp_path, workers=1) as (proxy, both), loaded(proxy, PATHS) as counts:
        for one in (*both, *both):
            was = one.process.pid
            assert one.stop() == 0
            seen = sum(counts)
            until(lambda seen=seen: sum(counts) > seen + len(PATHS))  # the other answers alone
            one.start()
            assert one.process.pid != was


def test_a_server_that_is_reloaded_fails_no_request(home, tmp_path):
    with service(home, tmp_path, workers=2) as (proxy, both), loaded(proxy, PATHS) as counts:
        for one in both:
            one.process.send_signal(signal.SIGHUP)
            seen = sum(counts)
            time.sleep(WITHIN_S)
            until(lambda seen=seen: sum(counts) > seen + len(PATHS))
            assert one.process.poll() is None


def test_what_was_being_answered_is_answered_to_the_end(demo_home, tmp_path):
    port = free_port()
    one = Instance(demo_home, port, {}, tmp_path)
    path = "/qgis/atlante.gpkg"
    whole = one.ask(path)[1]
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", path)
    answer = link.getresponse()
    got = answer.read(100)
    ended = threading.Thread(target=one.stop)
    ended.start()
    until(lambda: one.ask("/livez")[0] == 0)  # no new request is taken
    time.sleep(1)
    assert one.process.poll() is None  # most of it is not sent: the system holds less than it
    while part := answer.read(100_000):
        got += part
    link.close()
    ended.join()
    assert got == whole
    assert one.process.returncode == 0
