"""`exercise_runner.py game`: the replication game on all its levels, with several seeds each.

All options of a run may be given as well; what is not given is as in the text of lecture 15.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from emulators.check.linearizable import explained
from emulators.check.score import Points, Score
from emulators.console.console_run import config_from, interruptible
from emulators.console.options import Parser
from emulators.console.options import parser as options_of_run
from emulators.program import RunConfig, load
from emulators.runner import prepared
from emulators.usage import PROGRAM, UsageError

LECTURE = 15
_USUAL = {"--algorithm": "ReplicationNetwork", "--type": "async", "--devices": "8"}
_NOT_FOR_MANY = ("record", "replay", "gui", "remote", "check_determinism", "pace", "list")


@dataclass
class Level:
    """What came of one level: the points of each run, by seed, and the failures."""

    number: int
    title: str
    runs: dict[int, Points] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    todos: dict[str, None] = field(default_factory=dict)

    @property
    def lost(self) -> list[int]:
        """The seeds of the runs that were not linearizable."""
        return [seed for seed, points in self.runs.items() if points.conflict]

    def mean(self, name: str) -> float:
        """Return the mean of an attribute of the points."""
        return sum(float(getattr(points, name)) for points in self.runs.values()) / len(self.runs)

    @property
    def answered(self) -> float:
        """The share of all operations that were answered, in percent."""
        asked = sum(points.operations for points in self.runs.values())
        return 100 * sum(points.answered for points in self.runs.values()) / asked if asked else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the level as plain values."""
        return {
            "level": self.number,
            "title": self.title,
            "runs": len(self.runs),
            "not_linearizable": self.lost,
            "answered": self.answered,
            "latency": self.mean("mean_latency"),
            "messages": self.mean("messages_each"),
            "points": self.mean("points"),
            "failures": self.failures,
        }


def parser() -> argparse.ArgumentParser:
    """Return the parser of what the game adds to the options of a run."""
    made = Parser(
        prog=f"{PROGRAM} game",
        description="Plays the replication game of lecture 15 on all levels.",
        epilog="All options of a run may be given as well: seeds count from --seed (1).",
        allow_abbrev=False,
    )
    made.add_argument("--seeds", default="10", metavar="N", help="runs of each level (10)")
    made.add_argument("--json", action="store_true", help="print the table as JSON only")
    return made


def main(arguments: list[str]) -> int:
    """Play; return 1 if a run failed or was not linearizable."""
    own, others = parser().parse_known_args(arguments)
    given = ["--lecture", str(LECTURE), *others]
    for name, value in _USUAL.items():
        if not any(one == name or one.startswith(f"{name}=") for one in others):
            given += [name, value]
    options = options_of_run().parse_args(given)
    if options.lecture != LECTURE:
        raise UsageError(f"the game is that of lecture {LECTURE}: leave --lecture out")
    for name in _NOT_FOR_MANY:
        if getattr(options, name, None):
            raise UsageError(f"--{name.replace('_', '-')} is of one run, not of a game")
    if not own.seeds.isdecimal() or int(own.seeds) < 1:
        raise UsageError(f"--seeds {own.seeds}: a number of runs from 1 up is wanted")
    config = config_from(options, None)
    if config.type == "stepping":
        raise UsageError("a game runs by itself: --type sync or async")
    config = replace(config, seed=1 if config.seed is None else config.seed)
    levels = [_played(config, level, int(own.seeds)) for level in _levels(config)]
    _print(config, levels, own.json)
    return 1 if any(level.lost or level.failures for level in levels) else 0


def _levels(config: RunConfig) -> list[Level]:
    loader, _, _ = load(config)
    tables = (vars(module).get("LEVELS") for module in loader.modules())
    titles: dict[int, str] = next(filter(None, tables), {})
    if not titles:
        raise UsageError(f"{config.algorithm} has no LEVELS: the game is played in exercise15.py")
    asked = config.settings.get("level")
    if asked is not None and asked not in titles:
        raise UsageError(f"there is no level {asked}; there are {', '.join(map(str, titles))}")
    return [Level(*one) for one in titles.items() if asked in (None, one[0])]


def _played(config: RunConfig, level: Level, seeds: int) -> Level:
    """Play a level with all seeds."""
    settings = {**config.settings, "level": level.number}
    first = config.seed or 0
    for seed in range(first, first + seeds):
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            prepared(replace(config, seed=seed, settings=settings), quiet=True) as run,
        ):
            with interruptible(run):
                result = run.go()
            if result.ended == "interrupted":
                raise KeyboardInterrupt
            level.failures += [failure.text for failure in result.failures]
            level.todos.update(dict.fromkeys(result.todos))
            scores = [one for one in run.emulator.observers if isinstance(one, Score)]
            if not scores:
                raise UsageError(f"{config.algorithm} has no Gateway that keeps the score")
            level.runs[seed] = scores[0].points()
    return level


# -- what is printed


def _print(config: RunConfig, levels: Sequence[Level], as_json: bool) -> None:
    if as_json:
        print(json.dumps([level.as_dict() for level in levels], indent=2))
        return
    runs = len(levels[0].runs)
    print(
        f"The replication game: {config.algorithm} in a network of type [{config.type}] using "
        f"{config.devices} devices, {runs} runs of each level, seeds from {config.seed}"
    )
    print("level                   linearizable  answered   latency  messages  points")
    for level in levels:
        good = f"{runs - len(level.lost)} of {runs}"
        print(
            f"{level.number} {level.title:22}{good:>12}{level.answered:>8.1f} %"
            f"{level.mean('mean_latency'):>10.1f}{level.mean('messages_each'):>10.1f}"
            f"{level.mean('points'):>8.0f}"
        )
    print("(latency in rounds, messages per operation)")
    _print_first_conflict(config, levels)
    for text in dict.fromkeys(text for level in levels for text in level.todos):
        print(f"Not implemented yet: {text}")
    for text in list(dict.fromkeys(text for level in levels for text in level.failures))[:1]:
        print(text, file=sys.stderr)


def _print_first_conflict(config: RunConfig, levels: Sequence[Level]) -> None:
    for level in levels:
        for seed in level.lost[:1]:
            conflict = level.runs[seed].conflict
            print(f"Level {level.number}, seed {seed}, is not linearizable: {explained(conflict)}")
            print(f"See it again: add --set level={level.number} --seed {seed} to a run")
            return
