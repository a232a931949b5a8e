"""``python3 benchmarks [NAME …]``: runs the named benchmarks, or all of them."""

import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from emulators.start.bootstrap import ensure

ensure("test")

NAMES = (
    "throughput",
    "scale",
    "recording",
    "start",
    "lectures",
    "stepping",
    "network",
    "diagram",
    "linearizable",
    "monitor",
    "grading",
    "transports",
    "explore",
    "explore_planted",
)


def main() -> int:
    """Run what the command line names."""
    names = sys.argv[1:] or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    for name in names:
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
