"""A script is played: by the real emulator, with the real properties, and written down."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from emulators.check.property import Violation
from emulators.check.words import what_happens
from emulators.errors import Place, place_of_frame
from emulators.explore.answer import Line
from emulators.explore.conditions import Condition, Watcher
from emulators.explore.monitors import Unharmed
from emulators.explore.script import Leader, Script, moves_in
from emulators.explore.steps import Chooser, OffScript, Over, Scribe, Steps
from emulators.kernel.choices import Decision, Recording
from emulators.runner import RunConfig, prepared
from emulators.stepping.stepper import silent
from emulators.trace.events import OF_MESSAGES, Observer, RawEvent
from emulators.untimed import Plan, UntimedEmulator
from emulators.virtual.loader import Program

_OF_NOBODY = frozenset({"end", "crash", "restart", "fail", "lose", "duplicate", "corrupt"})
"""Kinds of events that no line of a device's code makes."""


class Narrator(Observer):
    """Writes down every event with the line of the student's code that made it."""

    def __init__(self) -> None:
        self.events: list[RawEvent] = []
        self.places: list[Place | None] = []

    def on_event(self, event: RawEvent) -> None:
        """Remember an event."""
        self.events.append(event)
        of_code = event[2] is not None and event[0] not in _OF_NOBODY
        self.places.append(place_of_frame(sys._getframe(1)) if of_code else None)

    def lines(self) -> list[Line]:
        """Return the events as lines."""
        return [
            Line(what_happens(event), place)
            for event, place in zip(self.events, self.places, strict=True)
            if event[0] not in ("round", "end", "fail")
        ]


class Asked(NamedTuple):
    """What a run is judged by: properties by name, and conditions."""

    checks: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass
class Played:
    """What came of playing a run to its end, or as far as it was wanted.

    `steps` are what happened, `events` the messages sent or received. `off` says where it could not
    be led as it should be, or nothing; `rounds` are those of a run in rounds.
    """

    violations: list[Violation]
    steps: Steps
    events: int
    lines: list[Line] = field(default_factory=list)
    decisions: tuple[Decision, ...] = ()
    off: str = ""
    rounds: int = 0

    def violation(self, wanted: str = "") -> Violation | None:
        """Return the violation of a property, or the first one."""
        return next((one for one in self.violations if wanted in ("", one.property)), None)


class _Counter(Observer):
    """Counts the messages that are sent or received."""

    def __init__(self) -> None:
        self.events = 0

    def on_event(self, event: RawEvent) -> None:
        """Count an event."""
        self.events += event[0] in OF_MESSAGES


def led(
    config: RunConfig,
    chooser: Chooser,
    asked: Asked,
    *,
    moves: int | None = None,
    told: bool = False,
    program: Program | None = None,
) -> Played:
    """Lead an untimed run. It ends after so many `moves`; where none are given, at a violation.

    What only the end of a run violates counts where nothing can happen any more, or after `moves`.
    `told`: with lines and decisions. `program` keeps the code of the files for the next run.
    """
    plan = (config.plan or Plan())._replace(moves=moves)
    config = replace(config, plan=plan, type="stepping", synchronous=False, seed=config.seed or 0)
    counter, narrator, unharmed = _Counter(), Narrator(), Unharmed()
    watcher, scribe = Watcher(asked.conditions), Scribe(chooser)
    recording = Recording(scribe)
    off = ""
    with (
        silent(),
        prepared(
            replace(config, checks=asked.checks),
            quiet=True,
            observers=[counter, narrator] if told else [counter],
            properties=[unharmed],
            choices=lambda seed: recording if told else scribe,
            program=program,
        ) as run,
    ):
        emulator = run.emulator
        assert isinstance(emulator, UntimedEmulator)
        judges = [*(one.judge for one in emulator.properties[1:]), unharmed]

        def violations() -> list[Violation]:
            found = [one.violation for one in judges if one.violation is not None]
            return [*found, *watcher.violations.values()]

        scribe.emulator, emulator.all_wait = emulator, watcher.look
        if moves is None:
            scribe.enough = lambda: bool(violations())
        try:
            run.go()
        except Over:
            pass
        except OffScript as departed:
            off = str(departed)
    cut = moves is None and emulator.stopped_by  # by a limit: that is no end to judge
    return Played(
        [] if cut else violations(),
        tuple(scribe.steps),
        counter.events,
        narrator.lines(),
        tuple(recording.taken),
        off,
    )


def played(config: RunConfig, script: Script, asked: Asked) -> Played:
    """Play a script to its end."""
    leader = Leader(script, (config.plan or Plan()).bounds)
    once = led(config, leader, asked, moves=moves_in(script), told=True)
    if not once.off and not leader.done:
        once.off = "the run ends before the script does"
    return once


def recorded(
    config: RunConfig, decisions: tuple[Decision, ...], moves: int, path: Path
) -> RunConfig:
    """Write a run down, as `--replay` and the window open it; return its configuration."""
    plan = (config.plan or Plan())._replace(moves=moves)
    config = replace(
        config,
        plan=plan,
        type="stepping",
        synchronous=False,
        seed=config.seed or 0,
        decisions=decisions,
    )
    with silent(), prepared(config, quiet=True, record=path) as run:
        run.go()
    return config
