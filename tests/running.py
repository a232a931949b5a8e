"""How the suites run an exercise: quietly, with everything that came of it in one result."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from emulators.check.property import Violation
from emulators.Device import Device
from emulators.errors import Failure
from emulators.runner import EXERCISES, RunConfig, prepared
from emulators.trace.events import Trace
from emulators.trace.statistics import Statistics

SOLUTIONS = Path(__file__).resolve().parent / "solutions"


@dataclass
class Outcome:
    """What came of a run."""

    devices: list[Device]
    failures: list[Failure]
    ended: str
    todos: list[str]
    output: str
    module: ModuleType
    trace: Trace
    statistics: Statistics
    violations: list[Violation]


def run(
    lecture: int,
    algorithm: str,
    type: str = "sync",  # noqa: A002
    devices: int = 3,
    seed: int = 1,
    *,
    solution: bool = False,
    quiet: bool = True,
    **options: Any,
) -> Outcome:
    """Run an algorithm of the templates, or of the reference solutions."""
    exercises = options.pop("exercises", SOLUTIONS if solution else EXERCISES)
    properties = options.pop("properties", ())
    config = RunConfig(lecture, algorithm, type, devices, seed, exercises, **options)
    output = io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        prepared(config, quiet=quiet, trace=True, properties=properties) as made,
    ):
        result = made.go()
        result.emulator.print_result()
    assert made.trace is not None
    return Outcome(
        devices=result.devices,
        failures=result.failures,
        ended=result.ended,
        todos=result.todos,
        output=output.getvalue(),
        module=result.module,
        trace=made.trace,
        statistics=result.statistics,
        violations=result.violations,
    )
