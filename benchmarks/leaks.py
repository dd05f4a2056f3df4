"""Plant every leak of the tests, and print which check of the audit catches it, and how.

    python -m benchmarks.leaks

Some minutes. The leaks are those of `tests/audit`; each is planted alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TESTS: Final = ("tests/audit/test_audit_leaks.py", "tests/audit/test_audit_folder.py")


def main() -> int:
    """Print one line per leak; fail if one is not caught."""
    asked = ("-q", "-s", "-p", "no:cacheprovider", "-k", "leak", *TESTS)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *asked], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
