"""Types the commands of a page of the documentation into a shell, as a person does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(page: Path) -> list[str]:
    """Return the blocks of commands of a page, in order; the first makes `atlante` known."""
    return re.findall(r"```sh\n(.*?)\n```", page.read_text(encoding="utf-8"), re.DOTALL)


def type_in(
    page: Path, commands: str, *, folder: Path, home: Path
) -> subprocess.CompletedProcess[str]:
    """Type the first block of a page in the project, then commands in the folder of one's files."""
    first = blocks(page)[0]
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", f'{first}\ncd "$FILES"\n{commands}'],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": os.environ.get("HOME", "/"),
            "FILES": str(folder),
            "ATLANTE_HOME": str(home),
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done
