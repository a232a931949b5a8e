"""Exploration: distinct states a second, and bytes a state.

    python3 benchmarks explore

Tables are filled on the way, so the first thousands of states are slow, and a search with few
states is slow on the whole: the devices run then. What others reach is no part of this: they cannot
be given blocking code.
"""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import report
from emulators.explore.answer import Answer
from emulators.explore.explorer import Explorer
from emulators.explore.question import Question
from emulators.runner import EXERCISES, RunConfig
from emulators.untimed import Bounds
from tests.framework.explore.programs import paxos


def asked(
    lecture: int, algorithm: str, devices: int, exercises: Path = EXERCISES, **more: object
) -> tuple[Answer, float]:
    """Return an answer and the processor time it took."""
    config = RunConfig(lecture, algorithm, "async", devices, seed=1, exercises=exercises)
    began = time.process_time()
    answer = Explorer(Question(config, **{"strategy": "bfs", **more})).answer()  # type: ignore[arg-type]
    return answer, time.process_time() - began


def row(name: str, answer: Answer, seconds: float, bar: str = "") -> list[str]:
    """Return a line of the table."""
    return [
        name,
        answer.verdict,
        f"{answer.states:,}",
        f"{answer.depth}",
        f"{seconds:.2f} s",
        f"{answer.states / seconds:,.0f}",
        f"{answer.steps:,}",
        bar,
    ]


def bytes_a_state(exercises: Path) -> float:
    """Return the memory that a search takes, for each state."""
    tracemalloc.start()
    config = RunConfig(6, "OneShot", "async", 5, seed=1, exercises=exercises)
    explorer = Explorer(Question(config, ("agreement",), "bfs", reduced=False, states=200_000))
    peak = 0
    kept: list[int] = []

    def look(states: int, depth: int, frontier: int) -> None:
        kept.append(tracemalloc.get_traced_memory()[0])

    explorer._progress = look
    answer = explorer.answer()
    peak = max(kept) - kept[0]
    tracemalloc.stop()
    return peak / answer.states


def main() -> None:
    """Measure and print."""
    once = Bounds(1)
    with TemporaryDirectory() as name:
        folder = paxos(Path(name))
        agreement = ("agreement",)
        rows = [
            row(
                "Paxos 2 + 3, not reduced",
                *asked(6, "OneShot", 5, folder, checks=agreement, reduced=False),
                "200,000 states/s",
            ),
            row("Paxos 2 + 3", *asked(6, "OneShot", 5, folder, checks=agreement), "seconds"),
            row("Ricart-Agrawala, 3, one entry each", *asked(4, "RicartAgrawala", 3, bounds=once)),
            row("Suzuki-Kasami, 3, two entries each", *asked(4, "SuzukiKasami", 3)),
            row("Centralised, 3, two entries each", *asked(4, "Centralised", 3)),
            row("Chang-Roberts, 5", *asked(4, "ChangRoberts", 5, checks=("termination",))),
        ]
        memory = bytes_a_state(folder)
    report(
        "Exploration, breadth first",
        ["program", "answer", "states", "depth", "processor time", "states/s", "steps", "bar"],
        rows,
    )
    report(
        "Memory of a state", ["program", "bytes", "bar"], [["Paxos 2 + 3", f"{memory:.0f}", "200"]]
    )


if __name__ == "__main__":
    main()
