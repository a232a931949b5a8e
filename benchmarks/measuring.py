"""How the benchmarks measure: candidates in turns, the best of several goes, processor time.

Turns, because a machine's speed changes from second to second; the best, because noise only ever
adds; processor time, because other programs shall not count.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

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


def table(title: str, rows: Mapping[str, Mapping[str, float]], base: str) -> None:
    """Print rates as a Markdown table, with the ratio of each column to the column `base`."""
    columns = list(next(iter(rows.values())))
    print(f"\n### {title}\n")
    print("| | " + " | ".join(columns) + " | " + " | ".join(_ratios(columns, base)) + " |")
    print("|---" * (2 * len(columns)) + "|")
    for name, row in rows.items():
        cells = [f"{row[column]:,.0f}" for column in columns]
        cells += [f"{row[column] / row[base]:.2f}" for column in columns if column != base]
        print(f"| {name} | " + " | ".join(cells) + " |")


def _ratios(columns: list[str], base: str) -> list[str]:
    return [f"{column} / {base}" for column in columns if column != base]
