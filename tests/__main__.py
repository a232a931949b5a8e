"""`python3 tests`: set up the development tools where they are missing and run the whole suite.

Arguments go to pytest: `python3 tests -k gossip`. Not here: what pytest does (pyproject.toml).
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:1] = [ROOT]  # in place of `tests`, whose folders are no packages of their own

from emulators.start.bootstrap import ensure

ensure("test")

import pytest

# Everything, on every core and one worker more, because some tests wait for processes of their own:
# what comes later on the command line overrides it.
WHOLE_SUITE = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal", "-m", ""]


def main() -> int:
    """Run pytest from the project's folder, wherever the command was typed."""
    os.chdir(ROOT)
    return int(pytest.main([*WHOLE_SUITE, *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
