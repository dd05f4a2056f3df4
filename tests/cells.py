"""Runs the cells of a notebook as they stand, and prints some of the names they leave.

``python cells.py NOTEBOOK [NAME...]``: a process of its own, as a notebook's is. GDAL holds the
interpreter while it reads, so whoever answers it must be another process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(path: Path, *names: str) -> None:
    """Run every cell of code; print, on the last line, the named values as JSON."""
    made: dict[str, object] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}:{cell['id']}", "exec"), made)
    values = {name: made[name] for name in names}
    sys.stdout.write(f"\n{json.dumps(values)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
