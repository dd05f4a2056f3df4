"""`python -m checks.recompute URL|FOLDER [COLLECTION [ID]]`."""

import sys

from checks.recompute.command import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]) if 2 <= len(sys.argv) <= 4 else main(""))
