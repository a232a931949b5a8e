"""Runs an exercise: ``python3 exercise_runner.py --lecture 0 --algorithm PingPong --type async``.

The first start installs what is needed. Everything else is in emulators/console/command_line.py.
"""

import sys

from emulators.start.bootstrap import ensure

_given = sys.argv[1:]
_is_command = bool(_given) and not _given[0].startswith("-")
_WITHOUT_PACKAGES = {"--list", "--help", "-h"}
ensure("run" if _is_command or _WITHOUT_PACKAGES.isdisjoint(_given) else "")

from emulators.console.command_line import main

if __name__ == "__main__":
    sys.exit(main())
