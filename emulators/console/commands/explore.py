"""`exercise_runner.py explore`: is there any schedule in which a property does not hold?"""

from __future__ import annotations

import argparse
import contextlib
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from emulators.catalogue import closest
from emulators.console.console_run import config_from
from emulators.console.options import Parser, seconds
from emulators.console.options import parser as options_of_run
from emulators.explore.answer import UNKNOWN, VIOLATED, Answer
from emulators.explore.cells import Faults
from emulators.explore.changes import saving
from emulators.explore.explorer import Explorer
from emulators.explore.lies import liars
from emulators.explore.question import LASTING, STRATEGIES, Question, single_checks
from emulators.explore.report import as_dict, lines
from emulators.explore.steps import parsed
from emulators.runner import check
from emulators.untimed import Bounds
from emulators.usage import PROGRAM, UsageError

_OF_A_RUN = (
    *("record", "replay", "gui", "remote", "check_determinism", "pace", "list", "latency"),
    *("max_rounds", "max_time", "max_messages"),
)
_BUDGET = 60.0
"""Real seconds of a search, unless more are given."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of what this command adds to the options of a run."""
    made = Parser(
        prog=f"{PROGRAM} explore",
        description="Searches all schedules of an algorithm for one that violates a property.",
        epilog="--lecture, --algorithm, --devices, --fifo, --check, --set, --exercises and --seed "
        "are those of a run. Exit status: 0 nothing violated, 1 violated, 2 wrong input, "
        "3 cannot tell, 130 interrupted.",
        allow_abbrev=False,
    )
    made.add_argument("--strategy", default="auto", metavar="NAME", help=", ".join(STRATEGIES))
    made.add_argument("--depth", type=_count, metavar="D", help="moves in a row")
    made.add_argument("--states", type=_count, metavar="N", help="different states")
    made.add_argument(
        "--budget", type=seconds, default=_BUDGET, metavar="SECONDS", help="real time (60)"
    )
    made.add_argument(
        "--jobs",
        type=_count,
        default=1,
        metavar="K",
        help="processes of a breadth-first search (1)",
    )
    made.add_argument(
        "--entries",
        type=_count,
        default=2,
        metavar="N",
        help="how often each device has work to do in the critical section (2)",
    )
    made.add_argument("--eager", action="store_true", help="work is there from the start")
    made.add_argument(
        "--draws", type=_count, default=4, metavar="N", help="alternatives of a random draw (4)"
    )
    for name, what in _FAULTS.items():
        made.add_argument(f"--{name}", type=_number, default=0, metavar="N", help=what)
    made.add_argument(
        "--byzantine",
        type=_devices,
        default=(),
        metavar="DEVICES",
        help="devices that may lie to each other one, as in 0,2",
    )
    for name, what in _CONDITIONS.items():
        made.add_argument(f"--{name}", action="append", default=[], metavar="EXPR", help=what)
    made.add_argument(
        "--timeouts", action="store_true", help="timers may end before messages arrive"
    )
    made.add_argument(
        "--schedule", metavar="STEPS", help="this one schedule only, as a search has printed it"
    )
    made.add_argument("--save", type=Path, metavar="FILE", help="where a violating run is written")
    return made


_CONDITIONS = {
    "goal": "a condition over devices: stop where it is met, with the run",
    "prune": "do not go on from states in which it is met",
    "stage": "go on only from the first states in which it is met",
}
_FAULTS = {
    "losses": "messages that may be lost",
    "duplicates": "messages that may come twice",
    "crashes": "devices that may crash, at any moment",
}


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _devices(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} names no devices, as in 0,2")
    return tuple(dict.fromkeys(map(int, parts)))


def _count(text: str) -> int:
    number = _number(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not positive")
    return number


def main(arguments: list[str]) -> int:
    """Do the search that the arguments ask for; return the exit status."""
    own, others = parser().parse_known_args(arguments)
    options = options_of_run().parse_args(others)
    question = _question(own, options)
    steps = None if own.schedule is None else parsed(own.schedule)
    announce = f"Exploring Lecture {question.config.lecture} Algorithm {question.config.algorithm} "
    if not options.json:
        rounds = " in rounds" if question.in_rounds else ""
        print(f"{announce}with {question.config.devices} devices{rounds}", flush=True)
    if steps is None:
        with contextlib.closing(_Bar(not options.json)) as bar:
            answer = Explorer(question, bar).answer()
    else:
        answer = Explorer(question).follow(steps)
    example = answer.counterexample
    again = example is not None and example.steps and example.violation.property not in LASTING
    if example is not None and again:
        example.change = saving(example, question.asked_of_walks)
    if options.json:
        print(json.dumps(as_dict(answer), indent=2))
    else:
        for line in lines(answer):
            print(line)
        if example is not None and again and steps is None:
            print(_schedule(arguments, example.schedule))
    return status(answer)


def _schedule(arguments: list[str], schedule: str) -> str:
    """Return the command for one schedule."""
    asked, searched = [], {"--save", "--budget", "--strategy", "--states", "--depth"}
    words = iter(arguments)
    for word in words:
        if word in searched:
            next(words, None)
        elif word.partition("=")[0] not in searched:
            asked.append(word)
    typed = shlex.join(asked)
    return f'This schedule only:\n  python3 {PROGRAM} explore {typed} --schedule "{schedule}"'


def status(answer: Answer) -> int:
    """Return the exit status that an answer stands for."""
    if answer.verdict == VIOLATED:
        return 1
    if answer.interrupted:
        return 130
    return 3 if answer.verdict == UNKNOWN else 0


def _question(own: argparse.Namespace, options: argparse.Namespace) -> Question:
    for name in _OF_A_RUN:
        if getattr(options, name, None):
            raise UsageError(f"--{name.replace('_', '-')} is of a run, not of a search")
    if own.save is not None and not own.save.parent.is_dir():
        raise UsageError(f"cannot write {own.save}: there is no folder {own.save.parent}")
    if own.strategy not in STRATEGIES:
        hint = closest(own.strategy, STRATEGIES)
        raise UsageError(
            f"--strategy: there is no {own.strategy!r}; there are {', '.join(STRATEGIES)}"
            + (f"; did you mean {hint}?" if hint else "")
        )
    config = config_from(options, None)
    checks = tuple(name for text in config.checks for name in single_checks(text))
    given: dict[str, Any] = {"type": options.type or "async", "checks": ()}
    config = type(config)(**{**vars(config), **given})
    check(config)
    config = liars(config, own.byzantine)
    return Question(
        config,
        checks=checks,
        strategy=own.strategy,
        depth=own.depth,
        states=own.states,
        seconds=own.budget,
        bounds=Bounds(own.entries, own.eager, own.draws),
        faults=Faults(own.losses, own.duplicates, own.crashes),
        timeouts=own.timeouts,
        jobs=own.jobs,
        save=own.save,
        goals=tuple(own.goal),
        prunes=tuple(own.prune),
        stages=tuple(own.stage),
    )


class _Bar:
    """Shows on a terminal how far a search is."""

    def __init__(self, shown: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            unit=" states", leave=False, disable=None if shown else True, file=sys.stderr
        )

    def close(self) -> None:
        """Remove it."""
        self._bar.close()

    def __call__(self, states: int, depth: int, frontier: int) -> None:
        """Show states, their rate, the depth and what is still to be gone on from."""
        self._bar.set_postfix(depth=depth, frontier=frontier, refresh=False)
        self._bar.update(states - self._bar.n)
