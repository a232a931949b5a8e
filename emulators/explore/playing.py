"""A script is played: by the real emulator, with the real properties, and written down."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emulators.check.property import Violation
from emulators.check.words import what_happens
from emulators.errors import Place, place_of_frame
from emulators.explore.answer import Line
from emulators.explore.conditions import Condition, Watcher
from emulators.explore.monitors import Unharmed
from emulators.explore.script import Leader, OffScript, Script, moves_in
from emulators.kernel.choices import Choices, Decision, Recording
from emulators.runner import Result, RunConfig, prepared
from emulators.stepping.stepper import silent
from emulators.trace.events import OF_MESSAGES, Observer, RawEvent
from emulators.untimed import Plan, UntimedEmulator

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


@dataclass
class Played:
    """What came of playing a script. `off` says where it could not be followed, or nothing."""

    violation: Violation | None
    lines: list[Line]
    decisions: tuple[Decision, ...]
    events: int
    off: str = ""
    result: Result | None = None


def played(
    config: RunConfig,
    script: Script,
    checks: Sequence[str] = (),
    wanted: str = "",
    conditions: Sequence[Condition] = (),
) -> Played:
    """Play a script to its end, judged by the properties that `checks` names and by conditions.

    Of several violations, the one of the property `wanted` is returned.
    """
    plan = (config.plan or Plan())._replace(moves=moves_in(script))
    config = replace(config, plan=plan, type="stepping", synchronous=False, seed=config.seed or 0)
    leader = Leader(script, plan.bounds)
    recording = Recording(leader)

    def choices(seed: int) -> Choices:
        return recording

    narrator, unharmed, watcher = Narrator(), Unharmed(), Watcher(conditions)
    try:
        with (
            silent(),
            prepared(
                replace(config, checks=tuple(checks)),
                quiet=True,
                observers=[narrator],
                properties=[unharmed],
                choices=choices,
            ) as run,
        ):
            assert isinstance(run.emulator, UntimedEmulator)
            leader.emulator = run.emulator
            run.emulator.all_wait = watcher.look
            result = run.go()
    except OffScript as departed:
        return Played(None, narrator.lines(), (), 0, str(departed))
    found = [*(one.violation for one in result.properties[1:]), unharmed.violation]
    violations = [one for one in found if one is not None] + [*watcher.violations.values()]
    same = [one for one in violations if one.property == wanted]
    violation = next(iter(same or ([] if wanted else violations)), None)
    count = sum(event[0] in OF_MESSAGES for event in narrator.events)
    off = "" if leader.done else "the run ends before the script does"
    return Played(violation, narrator.lines(), tuple(recording.taken), count, off, result)


def recorded(
    config: RunConfig, decisions: tuple[Decision, ...], script: Script, path: Path
) -> RunConfig:
    """Write a run down, as `--replay` and the window open it; return its configuration."""
    plan = (config.plan or Plan())._replace(moves=moves_in(script))
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
