"""Runs an exercise: ``python3 exercise_runner.py --lecture 0 --algorithm PingPong --type async``.

The first start installs what is needed. Everything else is in emulators/command_line.py.
"""

import sys

from emulators.bootstrap import ensure

_WITHOUT_PACKAGES = {"--list", "--help", "-h"}
ensure("" if _WITHOUT_PACKAGES.intersection(sys.argv) else "run")

from emulators.command_line import main

if __name__ == "__main__":
    sys.exit(main())
