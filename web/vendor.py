"""Copy the map library from `web/node_modules` to where the server serves it.

Run after `npm ci --ignore-scripts --no-audit --no-fund` in this folder. npm has then checked
every package against its hash in `package-lock.json`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "node_modules" / "maplibre-gl"
TARGET = HERE.parent / "api" / "static" / "vendor" / "maplibre-gl"

FILES = {
    "dist/maplibre-gl.mjs": "maplibre-gl.js",
    "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.js",
    "dist/maplibre-gl.css": "maplibre-gl.css",
    "LICENSE.txt": "LICENSE.txt",
}
"""What a page loads, and the licence. (`maplibre-gl-shared.mjs` is empty and never imported.)

nginx before 1.25 gives `.mjs` a type with which browsers refuse a script, so it is `.js` here.
"""


def main() -> int:
    """Copy the files; return 1 and say which is missing if one is."""
    missing = [name for name in FILES if not _has_content(PACKAGE / name)]
    if missing:
        sys.stderr.write(f"web/node_modules/maplibre-gl lacks {', '.join(missing)}: run `npm ci`\n")
        return 1
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(PACKAGE / source, TARGET / name)
    return 0


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


if __name__ == "__main__":
    sys.exit(main())
