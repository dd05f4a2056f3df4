"""A project in which an office has named itself and its data-protection officer has signed."""

from __future__ import annotations

import shutil
from pathlib import Path

from geo_core.signing import sign

ROOT = Path(__file__).parents[1]
LINE = "demonstration: true\n"


def signed(folder: Path) -> Path:
    """Copy what is declared, without the lines that call it a demonstration's."""
    project = folder / "project"
    for name in ("layers", "styles", "config"):
        shutil.copytree(ROOT / name, project / name)
    path = project / "config" / "distretto.yml"
    text = path.read_text(encoding="utf-8")
    assert LINE in text
    path.write_text(text.replace(LINE, ""), encoding="utf-8")
    sign(project, by="Responsabile della protezione dei dati", on="2026-11-22")
    return project
