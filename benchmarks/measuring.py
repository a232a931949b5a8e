"""How the benchmarks measure: candidates in turns, the best of several goes, processor time.

Turns, because a machine's speed changes from second to second; the best, because noise only ever
adds; processor time, because other programs shall not count.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

Candidate = Callable[[], int]
"""Does the work and returns how many units it did."""


def rates(
    candidates: Mapping[str, Candidate],
    goes: int = 3,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Return the units a second of each candidate, the best of `goes` rounds of turns.

    What waits for the operating system (threads, disks) takes `time.perf_counter` as its clock.
    """
    best = dict.fromkeys(candidates, 0.0)
    for _ in range(goes):
        for name, candidate in candidates.items():
            gc.collect()
            began = clock()
            units = candidate()
            best[name] = max(best[name], units / (clock() - began))
    return best


def report(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def table(
    title: str, rows: Mapping[str, Mapping[str, float]], base: str, bars: Mapping[str, str]
) -> None:
    """Print rates, the ratio of each column to the column `base`, and what that shall reach."""
    columns = list(next(iter(rows.values())))
    others = [column for column in columns if column != base]
    report(
        title,
        ["", *columns, *(f"{column} / {base}" for column in others), "bar"],
        [
            [
                name,
                *(f"{row[column]:,.0f}" for column in columns),
                *(f"{row[column] / row[base]:.2f}" for column in others),
                bars.get(name, ""),
            ]
            for name, row in rows.items()
        ],
    )


class Measured(NamedTuple):
    """What a process of its own came to: peak memory in bytes, processor seconds, its output."""

    peak: int
    seconds: float
    output: str


_PROBE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_maxrss, used.ru_utime + used.ru_stime]))
sys.exit(done.returncode)
"""


def in_process(module: str, *arguments: object) -> Measured:
    """Run a module in a process of its own, so that its memory is its own too.

    A small process stands between, because a new process inherits the peak of the one before it.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _PROBE, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    output, _, last = done.stdout.rstrip().rpartition("\n")
    peak, seconds = json.loads(last)
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(peak * unit, seconds, output)
