"""`exercise_runner.py sweep`: one algorithm with many parameters and seeds, as a table.

All options of a run may be given as well. `--devices` and `--set` take several values.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from emulators.console.console_run import config_from, interruptible, prepare_data
from emulators.console.options import Parser
from emulators.console.options import parser as options_of_run
from emulators.program import RunConfig, load
from emulators.runner import prepared
from emulators.sweeps.grid import Point, numbers, points, setting
from emulators.sweeps.measures import OF_EVERY_RUN, Entries, measured, summary
from emulators.sweeps.published import published
from emulators.sweeps.table import Row, lines
from emulators.usage import PROGRAM, UsageError

_SEEDS = 10
_NOT_FOR_MANY = ("record", "replay", "gui", "remote", "check_determinism", "pace", "list")


def parser() -> argparse.ArgumentParser:
    """Return the parser of what a sweep adds to the options of a run."""
    made = Parser(
        prog=f"{PROGRAM} sweep",
        description="Runs an algorithm with many parameters and seeds, and prints a table.",
        epilog="All options of a run may be given as well: seeds count from --seed (1).",
        allow_abbrev=False,
    )
    made.add_argument("--devices", default="3", metavar="N,N…", help="numbers of devices")
    made.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE,VALUE…",
        help="values for a constant of the exercise file",
    )
    made.add_argument("--seeds", default=str(_SEEDS), metavar="N", help="runs of each combination")
    made.add_argument(
        "--measures",
        metavar="NAME,NAME…",
        help=f"what to measure: {', '.join(OF_EVERY_RUN)}, or a number that all devices have "
        "(default: MEASURES of the exercise file, or messages and rounds)",
    )
    made.add_argument("--json", action="store_true", help="print the table as JSON only")
    return made


def main(arguments: list[str]) -> int:
    """Do the sweep that the arguments ask for; return the exit status."""
    own, others = parser().parse_known_args(arguments)
    options = options_of_run().parse_args(others)
    for name in _NOT_FOR_MANY:
        if getattr(options, name, None):
            raise UsageError(f"--{name.replace('_', '-')} is of one run, not of a sweep")
    config = config_from(options, None)
    if config.type == "stepping":
        raise UsageError("a sweep runs by itself: --type sync or async")
    config = replace(config, seed=1 if config.seed is None else config.seed)
    seeds = _count(own.seeds)
    grid = list(points(numbers(own.devices), dict(map(setting, own.settings))))
    prepare_data(config)
    measures = _measures(own.measures, config, grid[0])
    todos: dict[str, None] = {}
    rows = [_row(config, point, seeds, measures, todos) for point in _watched(grid)]
    _print(config, seeds, rows, own.json)
    for text in todos:
        print(f"Not implemented yet: {text}", file=sys.stderr)
    return 1 if any(row.failed for row in rows) else 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--seeds {text}: a number of runs from 1 up is wanted")
    return int(text)


def _measures(asked: str | None, config: RunConfig, point: Point) -> list[str]:
    if asked is not None:
        return asked.split(",")
    config = replace(config, devices=point.devices, settings={**config.settings, **point.settings})
    _, module, _ = load(config)
    return list(getattr(module, "MEASURES", ("messages", "rounds")))


def _watched(grid: list[Point]) -> Iterable[Point]:
    from tqdm import tqdm

    bar: Iterable[Point] = tqdm(grid, leave=False, disable=None, file=sys.stderr)
    return bar


def _row(
    config: RunConfig, point: Point, seeds: int, measures: list[str], todos: dict[str, None]
) -> Row:
    """Run one point with all seeds; add what the exercise says is missing to `todos`."""
    first = config.seed or 0
    values: list[list[float]] = []
    failed = 0
    for seed in range(first, first + seeds):
        asked = replace(
            config, devices=point.devices, settings={**config.settings, **point.settings}, seed=seed
        )
        entries = Entries()
        with (
            contextlib.redirect_stdout(io.StringIO()),
            prepared(asked, observers=[entries], quiet=True) as run,
        ):
            with interruptible(run):
                result = run.go()
            if result.ended == "interrupted":
                raise KeyboardInterrupt
            failed += result.ended == "failed"
            todos.update(dict.fromkeys(result.todos))
            values.append([measured(name, result.emulator, entries) for name in measures])
    told = {
        name: summary(column)
        for name, column in zip(measures, zip(*values, strict=True), strict=True)
    }
    figures = published(config.lecture, config.algorithm, asked.limits.rounds, point)
    return Row(point, seeds, told, figures, failed)


def _print(config: RunConfig, seeds: int, rows: list[Row], as_json: bool) -> None:
    if as_json:
        print(json.dumps(_as_dict(config, seeds, rows), indent=2))
        return
    print(
        f"Lecture {config.lecture} Algorithm {config.algorithm} in a network of type "
        f"[{config.type}], {seeds} runs each: mean ± standard deviation, and range"
    )
    for line in lines(rows):
        print(line)
    failed = sum(row.failed for row in rows)
    if failed:
        print(f"{failed} of {seeds * len(rows)} runs failed", file=sys.stderr)


def _as_dict(config: RunConfig, seeds: int, rows: list[Row]) -> dict[str, Any]:
    return {
        "lecture": config.lecture,
        "algorithm": config.algorithm,
        "type": config.type,
        "seed": config.seed,
        "seeds": seeds,
        "rows": [row.as_dict() for row in rows],
    }
