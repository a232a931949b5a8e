"""Planted mistakes: how soon a search finds each, and how short the run is that it shows.

    python3 benchmarks explore_planted

The processor time is that of one process. The shortest run is what breadth first alone finds, where
it comes so far within the same time.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import report
from emulators.explore.answer import Answer
from tests.framework.explore.planted import NOT_BY_A_SEARCH, PLANTED, Planted

BAR = 60
"""Seconds of processor time."""


def measured(one: Planted, seconds: float = BAR) -> tuple[Answer, float]:
    """Return the answer about a mistake, and the processor time it took."""
    with TemporaryDirectory() as name:
        folder = one.write(Path(name))
        began = time.process_time()
        answer = one.answer(folder, seconds)
        return answer, time.process_time() - began


def shortest(one: Planted) -> str:
    """Return the messages of the shortest run, where breadth first finds one."""
    answer, _ = measured(replace(one, asked={**one.asked, "strategy": "bfs"}), 20)
    example = answer.counterexample
    return "not found" if example is None else str(example.events)


def row(one: Planted) -> list[str]:
    """Return a line of the table."""
    answer, seconds = measured(one)
    example = answer.counterexample
    asked = f"{one.algorithm}, {one.devices} devices, {one.type}: {', '.join(answer.asked[:2])}"
    found = "-" if example is None else f"{seconds:.2f} s"
    events = "-" if example is None else str(example.events)
    return [str(one.lecture), one.name, asked, found, answer.strategy, events, shortest(one)]


def main() -> None:
    """Measure and print."""
    names = ["lecture", "mistake", "asked", "found in", "by", "messages", "breadth first alone"]
    report(f"Planted mistakes (bar: {BAR} s)", names, [row(one) for one in PLANTED])
    rows = [[name, reason] for name, reason in NOT_BY_A_SEARCH.items()]
    report("Not found by a search", ["mistake", "because"], rows)


if __name__ == "__main__":
    main()
