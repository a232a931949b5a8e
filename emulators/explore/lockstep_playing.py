"""A script of a synchronous network is played: by the ordinary emulator, round by round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emulators.check.property import Violation
from emulators.explore.conditions import Watcher
from emulators.explore.lockstep_script import LockstepLeader, rounds_in
from emulators.explore.monitors import Unharmed
from emulators.explore.playing import Asked, Narrator, Played
from emulators.explore.script import Script
from emulators.explore.steps import OffScript
from emulators.kernel.choices import Decision, Recording
from emulators.runner import RunConfig, prepared
from emulators.simulation import Simulation
from emulators.stepping.stepper import silent
from emulators.trace.events import OF_MESSAGES, Observer, RawEvent
from emulators.virtual.loader import Program


class _AtRounds(Observer):
    """Lets conditions look at the devices when a round begins: then all of them wait.

    `rounds` are those that have begun, up to the first violation if there is one.
    """

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.emulator: Simulation | None = None
        self.rounds = 0
        self.found: list[Violation] = []

    def on_round(self, event: RawEvent) -> None:
        """Look."""
        if not self.found:
            self.look()
            self.found = self.violations()
            self.rounds += not self.found

    def look(self) -> None:
        """Look at the devices that could be built."""
        assert self.emulator is not None
        self._watcher.look({device._id: device for device in self.emulator.devices})

    def violations(self) -> list[Violation]:
        """Return what is violated so far; that no device fails is asked last."""
        assert self.emulator is not None
        unharmed, *others = (one.judge.violation for one in self.emulator.properties)
        found = [one for one in (*others, unharmed) if one is not None]
        return [*found, *self._watcher.violations.values()]


def led_in_rounds(
    config: RunConfig,
    leader: LockstepLeader,
    asked: Asked,
    rounds: int,
    program: Program | None = None,
    to_the_end: bool = True,
) -> Played:
    """Lead a run of so many rounds. What only the end violates counts when nobody goes on, or
    `to_the_end`.
    """
    recording = Recording(leader)
    narrator, watcher = Narrator(), Watcher(asked.conditions)
    at_rounds = _AtRounds(watcher)
    with (
        silent(),
        prepared(
            replace(as_run(config, rounds), checks=asked.checks),
            quiet=True,
            observers=[narrator, at_rounds],
            properties=[Unharmed()],
            choices=lambda seed: recording,
            program=program,
        ) as run,
    ):
        emulator = at_rounds.emulator = run.emulator
        leader.lead(emulator)
        try:
            run.go()
        except OffScript as departed:
            return Played([], (), 0, narrator.lines(), off=str(departed))
        if emulator.all_terminated or emulator.deadlocked:
            at_rounds.look()
    judged = to_the_end or not emulator.stopped_by
    count = sum(event[0] in OF_MESSAGES for event in narrator.events)
    return Played(
        at_rounds.violations() if judged else at_rounds.found,
        (),
        count,
        narrator.lines(),
        tuple(recording.taken),
        rounds=at_rounds.rounds,
    )


def played_in_rounds(config: RunConfig, script: Script, asked: Asked) -> Played:
    """Play a script to its end."""
    assert config.plan is not None
    leader = LockstepLeader(script, config.plan.bounds)
    once = led_in_rounds(config, leader, asked, rounds_in(script))
    if not once.off and not leader.done:
        once.off = "the run ends before the script does"
    return once


def as_run(config: RunConfig, rounds: int) -> RunConfig:
    """Return the configuration of an ordinary run that has so many rounds."""
    return replace(config, plan=None, max_rounds=rounds, seed=config.seed or 0)


def recorded_in_rounds(
    config: RunConfig, decisions: tuple[Decision, ...], rounds: int, path: Path
) -> RunConfig:
    """Write a run down, as `--replay` and the window open it; return its configuration."""
    config = replace(as_run(config, rounds), decisions=decisions)
    with silent(), prepared(config, quiet=True, record=path) as run:
        run.go()
    return config
