"""Publishing, reading, verifying and switching releases."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import orjson
import pytest
from publication import PUBLICATION

from geo_core.errors import NotFound, ReleaseDamaged, ReleaseError
from geo_core.model.manifest import Draft, RasterFile
from geo_core.model.raster import Raster
from geo_core.model.text import Text
from geo_core.release.pointer import available, current, switch
from geo_core.release.read import open_release
from geo_core.release.write import publish, staging

if TYPE_CHECKING:
    from pathlib import Path


def draft(title: str = "Prova") -> Draft:
    return Draft(
        title=Text(it=title, en=title),
        reference_date="2023-12-31",
        publication=PUBLICATION,
        collections=(),
        styles={},
        codelists={},
        tilesets=(),
        rasters=(),
        inputs=(),
        versions={},
    )


def publish_one(root: Path, content: bytes = b"{}", title: str = "Prova") -> str:
    with staging(root) as folder:
        (folder / "downloads").mkdir()
        (folder / "downloads" / "a.json").write_bytes(content)
        return publish(root, folder, draft(title)).id


def test_a_published_release_is_current_and_verifies(tmp_path):
    ident = publish_one(tmp_path)
    assert current(tmp_path) == ident
    assert available(tmp_path) == [ident]
    assert open_release(tmp_path / ident).path("downloads/a.json").read_bytes() == b"{}"


def test_permissions_are_the_same_whoever_builds(tmp_path):
    before = os.umask(0o077)
    try:
        folder = tmp_path / publish_one(tmp_path)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (folder, *folder.rglob("*"))}
    assert modes.pop("a.json") == modes.pop("manifest.json") == 0o644
    assert set(modes.values()) == {0o755}


def test_every_file_and_folder_is_on_the_disk_before_the_pointer_moves(tmp_path, monkeypatch):
    synced: list[tuple[int, str | None]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append((os.fstat(descriptor).st_ino, current(tmp_path)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    ident = publish_one(tmp_path)
    before = {inode for inode, pointed in synced if pointed is None}
    folder = tmp_path / ident
    for path in (folder, *folder.rglob("*"), tmp_path):
        assert path.stat().st_ino in before, path


def test_the_same_content_has_the_same_id_wherever_it_is_built(tmp_path):
    assert publish_one(tmp_path / "a") == publish_one(tmp_path / "b")
    assert publish_one(tmp_path / "a") != publish_one(tmp_path / "a", b"[]")
    assert publish_one(tmp_path / "a") != publish_one(tmp_path / "a", title="Altro")


def test_building_again_what_is_published_changes_nothing(tmp_path):
    first = publish_one(tmp_path)
    inode = (tmp_path / first).stat().st_ino
    assert publish_one(tmp_path) == first
    assert (tmp_path / first).stat().st_ino == inode


def test_building_again_replaces_a_damaged_copy(tmp_path):
    ident = publish_one(tmp_path)
    (tmp_path / ident / "downloads" / "a.json").write_bytes(b"!!")
    assert publish_one(tmp_path) == ident
    open_release(tmp_path / ident)


def test_rollback_moves_the_pointer_only(tmp_path):
    first, second = publish_one(tmp_path), publish_one(tmp_path, b"[]")
    assert current(tmp_path) == second
    switch(tmp_path, first)
    assert current(tmp_path) == first
    assert set(available(tmp_path)) == {first, second}
    with pytest.raises(NotFound):
        switch(tmp_path, "2023-12-31-000000000000")
    assert current(tmp_path) == first


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def rewrite_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


DAMAGE = {
    "a changed byte": (lambda f: flip(f / "downloads" / "a.json"), "downloads/a.json"),
    "a missing file": (lambda f: (f / "downloads" / "a.json").unlink(), "downloads/a.json"),
    "a longer file": (
        lambda f: (f / "downloads" / "a.json").write_bytes(b"{} "),
        "downloads/a.json",
    ),
    "a file too many": (lambda f: (f / "extra.json").write_bytes(b"{}"), "extra.json"),
    "an edited title": (
        lambda f: rewrite_manifest(f, title={"it": "x", "en": "x"}),
        "manifest.json",
    ),
    "an empty manifest": (lambda f: (f / "manifest.json").write_text("{}"), "manifest.json"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "manifest.json"),
    "a newer schema": (lambda f: rewrite_manifest(f, schema_version=2), "manifest.json"),
    "an unknown field": (lambda f: rewrite_manifest(f, surprise=1), "manifest.json"),
    "a path that climbs": (
        lambda f: rewrite_manifest(
            f,
            files=[{"path": "../x", "sha256": "0" * 64, "bytes": 0, "media_type": "text/plain"}],
        ),
        "manifest.json",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_refused_and_the_file_is_named(tmp_path, damage):
    ident = publish_one(tmp_path)
    harm, named = DAMAGE[damage]
    harm(tmp_path / ident)
    with pytest.raises(ReleaseDamaged) as caught:
        open_release(tmp_path / ident)
    assert caught.value.where == f"{ident}/{named}"


def test_a_link_out_of_the_release_is_refused(tmp_path):
    ident = publish_one(tmp_path)
    target = tmp_path / ident / "downloads" / "a.json"
    (tmp_path / "outside.json").write_bytes(b"{}")
    target.unlink()
    target.symlink_to(tmp_path / "outside.json")
    with pytest.raises(ReleaseDamaged, match="missing"):
        open_release(tmp_path / ident)


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    ident = publish_one(tmp_path)

    def fail() -> None:
        with staging(tmp_path) as folder:
            (folder / "half.json").write_bytes(b"{")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert current(tmp_path) == ident
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".staging")] == []


def test_two_builds_at_once_are_refused_with_the_owner(tmp_path):
    with staging(tmp_path), pytest.raises(ReleaseError, match=str(os.getpid())), staging(tmp_path):
        pass


def test_what_a_killed_build_left_is_swept_and_its_lock_is_free(tmp_path):
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from geo_core.release.write import staging
        with staging(Path(sys.argv[1])) as folder:
            (folder / "half.json").write_bytes(b"{")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".staging-*"))
    publish_one(tmp_path)
    assert not list(tmp_path.glob(".staging-*"))


@pytest.mark.parametrize("pointer", [b"", b"\xff", b"../../etc\n", b"2023-12-31-zzzzzzzzzzzz\n"])
def test_a_broken_pointer_names_nothing(tmp_path, pointer):
    publish_one(tmp_path)
    (tmp_path / "current").write_bytes(pointer)
    assert current(tmp_path) is None


def test_a_release_of_before_a_member_was_known_still_opens(tmp_path):
    folder = tmp_path / publish_one(tmp_path)
    said = json.loads((folder / "manifest.json").read_bytes())
    del said["zones"]
    body = {name: said[name] for name in said if name not in {"schema_version", "id", "files"}}
    digest = hashlib.sha256(orjson.dumps(body))
    for entry in said["files"]:
        digest.update(orjson.dumps(entry))
    said["id"] = f"2023-12-31-{digest.hexdigest()[:12]}"
    folder = folder.rename(tmp_path / said["id"])
    (folder / "manifest.json").write_text(json.dumps(said))
    assert open_release(folder).manifest.zones == ()
    said["zones"] = []
    (folder / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(ReleaseDamaged):
        open_release(folder)


def test_a_raster_of_before_a_layer_had_several_is_known_by_its_collection():
    older = RasterFile.model_validate({"id": "x_r7", "field": "classe", "path": "rasters/x_r7.tif"})
    assert older.shown == "x_r7"
    assert Raster.model_validate({"field": "classe", "metres": 100}).names == ("classe",)
    for wrong in ({}, {"fields": []}, {"field": "a", "fields": ["b"]}, {"fields": ["a", "a"]}):
        with pytest.raises(ValueError, match="raster"):
            Raster.model_validate(wrong)
