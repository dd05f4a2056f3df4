"""Makes the pictures of the documentation from a real server: `make docs`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from checks.served import build_demo, serve

HERE = Path(__file__).resolve().parent
SCRIPTS = {
    "mappa": sys.executable,
    "qgis": "/usr/bin/python3",
    "qgis-progetto": "/usr/bin/python3",
    "quattro": sys.executable,
}
"""Name of a picture, drawn by `draw_NAME.py`, and the Python that runs it."""


def main() -> int:
    """Build, serve, draw; return 1 and say which picture could not be made."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        build_demo(home)
        with serve(home, log=home / "server.log") as running:
            failed = [name for name in SCRIPTS if not _drawn(name, running.url, home)]
    for name in failed:
        print(f"docs/pictures/{name}.png was not made: see above")
    return int(bool(failed))


def _drawn(name: str, url: str, home: Path) -> bool:
    """Run one script in an empty home, so that no setting of a person shows in a picture."""
    done = subprocess.run(
        [SCRIPTS[name], HERE / f"draw_{name.replace('-', '_')}.py", url, HERE / f"{name}.png"],
        env={
            "PATH": os.defpath,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "QT_QPA_PLATFORM": "offscreen",
            "LANG": "it_IT.UTF-8",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
