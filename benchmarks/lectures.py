"""Events a second of every lecture's main algorithm, so that a slow one shows.

    python3 benchmarks lectures

Each runs with the reference solution where there is one, else with the template, in both network
types, trace and statistics on. Runs with the seeds 1, 2, … follow each other until enough time has
passed; loading the file and building the devices are not counted.
"""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import ROOT, report
from emulators.catalogue import algorithms
from emulators.lectures import LECTURES, Lecture
from emulators.runner import EXERCISES, RunConfig, prepared

SOLUTIONS = ROOT / "tests" / "solutions"
TYPES = ("sync", "async")
DEVICES = 10
ENOUGH = 0.5
"""Seconds of processor time for a row, at least."""
_MOST_RUNS = 100
_MAIN = {4: "RicartAgrawala", 5: "ISISMulticast", 6: "PAXOS"}
"""Where a lecture has several algorithms: the one with the most to do."""


class Pace(NamedTuple):
    """What some runs of an algorithm came to."""

    events: int
    seconds: float
    runs: int
    ended: str

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def exercises_of(lecture: Lecture) -> Path:
    """Return the folder of the file that is measured."""
    return SOLUTIONS if (SOLUTIONS / f"{lecture.file}.py").is_file() else EXERCISES


def main_algorithm(lecture: Lecture) -> str:
    """Return the name of the class that is measured."""
    if lecture.number in _MAIN:
        return _MAIN[lecture.number]
    known = lecture.networks or algorithms(exercises_of(lecture) / f"{lecture.file}.py")
    return known[0]


def pace(config: RunConfig, enough: float = ENOUGH) -> Pace:
    """Run an algorithm with one seed after the other; return what it came to."""
    events, seconds, runs, ended = 0, 0.0, 0, ""
    while seconds < enough and runs < _MOST_RUNS:
        runs += 1
        one = _once(replace(config, seed=runs))
        events, seconds, ended = events + one.events, seconds + one.seconds, one.ended
    return Pace(events, seconds, runs, ended)


def _once(config: RunConfig) -> Pace:
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        prepared(config, quiet=True, trace=True) as made,
    ):
        began = time.process_time()
        result = made.go()
        seconds = time.process_time() - began
    assert made.trace is not None
    return Pace(len(made.trace), seconds, 1, result.ended)


def row(lecture: Lecture, enough: float = ENOUGH) -> list[str]:
    """Measure one lecture."""
    algorithm, exercises = main_algorithm(lecture), exercises_of(lecture)
    cells = [str(lecture.number), algorithm, "solution" if exercises == SOLUTIONS else "template"]
    for type_ in TYPES:
        config = RunConfig(lecture.number, algorithm, type_, DEVICES, exercises=exercises)
        took = pace(config, enough)
        cells += [f"{took.rate:,.0f}", f"{took.events // took.runs:,}", took.ended]
    return cells


def main() -> None:
    """Measure and print."""
    heads = ["lecture", "algorithm", "file"]
    for type_ in TYPES:
        heads += [f"{type_}: events a second", "events of a run", "ended"]
    rows = [row(lecture) for lecture in LECTURES.values() if lecture.file]
    report(f"Lectures, {DEVICES} devices", heads, rows)


if __name__ == "__main__":
    main()
