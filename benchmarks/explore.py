"""Exploration: distinct states a second, and bytes a state.

    python3 benchmarks explore

Tables are filled on the way, so the first thousands of states are slow, and a search with few
states is slow on the whole: the devices run then. What others reach is no part of this: they cannot
be given blocking code.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import report
from emulators.explore.answer import Answer
from emulators.explore.explorer import Explorer
from emulators.explore.question import Question
from emulators.runner import EXERCISES, RunConfig
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


def of_processes(jobs: int, exercises: Path) -> list[str]:
    """Return a line about a large search with so many processes: real and processor time."""
    config = RunConfig(6, "OneShot", "async", 6, seed=1, exercises=exercises)
    question = Question(
        config, ("agreement",), "bfs", reduced=False, states=3_000_000, seconds=300, jobs=jobs
    )
    began, before = time.perf_counter(), os.times()
    answer = Explorer(question).answer()
    real, after = time.perf_counter() - began, os.times()
    own = after.user + after.system - before.user - before.system
    others = after.children_user + after.children_system
    others -= before.children_user + before.children_system
    return [
        f"{jobs}",
        f"{answer.states:,}",
        f"{real:.1f} s",
        f"{own:.1f} s",
        f"{others / jobs:.1f} s" if jobs > 1 else "",
        "1.5 times as fast" if jobs > 1 else "",
    ]


def main() -> None:
    """Measure and print."""
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
            row(
                "Ricart-Agrawala, 3, two entries each, not reduced",
                *asked(4, "RicartAgrawala", 3, reduced=False),
                "200,000 states/s",
            ),
            row("Ricart-Agrawala, 3, two entries each", *asked(4, "RicartAgrawala", 3), "seconds"),
            row("Suzuki-Kasami, 3, two entries each", *asked(4, "SuzukiKasami", 3)),
            row("Centralised, 3, two entries each", *asked(4, "Centralised", 3)),
            row("Chang-Roberts, 5", *asked(4, "ChangRoberts", 5, checks=("termination",))),
        ]
        memory = bytes_a_state(folder)
        processes = [of_processes(jobs, folder) for jobs in (1, 2)]
    report(
        "Exploration, breadth first",
        ["program", "answer", "states", "depth", "processor time", "states/s", "steps", "bar"],
        rows,
    )
    report(
        "Paxos 2 + 4, not reduced, the first three million states",
        ["processes", "states", "real time", "of this one", "of the others, each", "bar"],
        processes,
    )
    report(
        "Memory of a state", ["program", "bytes", "bar"], [["Paxos 2 + 3", f"{memory:.0f}", "200"]]
    )


if __name__ == "__main__":
    main()
