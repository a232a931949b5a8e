"""A script of a synchronous network is played: by the ordinary emulator, round by round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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


class _AtRounds(Observer):
    """Lets conditions look at the devices when a round begins: then all of them wait."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.emulator: Simulation | None = None

    def on_round(self, event: RawEvent) -> None:
        """Look."""
        self.look()

    def look(self) -> None:
        """Look at the devices that could be built."""
        assert self.emulator is not None
        self._watcher.look({device._id: device for device in self.emulator.devices})


def played_in_rounds(config: RunConfig, script: Script, asked: Asked) -> Played:
    """Play a script to its end."""
    assert config.plan is not None
    leader = LockstepLeader(script, config.plan.bounds)
    recording = Recording(leader)
    narrator, unharmed, watcher = Narrator(), Unharmed(), Watcher(asked.conditions)
    rounds = _AtRounds(watcher)
    given = replace(as_run(config, script), checks=asked.checks)
    with (
        silent(),
        prepared(
            given,
            quiet=True,
            observers=[narrator, rounds],
            properties=[unharmed],
            choices=lambda seed: recording,
        ) as run,
    ):
        emulator = rounds.emulator = run.emulator
        leader.lead(emulator)
        try:
            result = run.go()
        except OffScript as departed:
            return Played([], (), 0, narrator.lines(), off=str(departed))
        if emulator.all_terminated or emulator.deadlocked:
            rounds.look()
    found = [*(one.violation for one in result.properties[1:]), unharmed.violation]
    violations = [one for one in found if one is not None] + [*watcher.violations.values()]
    count = sum(event[0] in OF_MESSAGES for event in narrator.events)
    off = "" if leader.done else "the run ends before the script does"
    return Played(violations, (), count, narrator.lines(), tuple(recording.taken), off)


def as_run(config: RunConfig, script: Script) -> RunConfig:
    """Return the configuration of an ordinary run that has as many rounds as a script."""
    return replace(config, plan=None, max_rounds=rounds_in(script), seed=config.seed or 0)


def recorded_in_rounds(
    config: RunConfig, decisions: tuple[Decision, ...], script: Script, path: Path
) -> RunConfig:
    """Write a run down, as `--replay` and the window open it; return its configuration."""
    config = replace(as_run(config, script), decisions=decisions)
    with silent(), prepared(config, quiet=True, record=path) as run:
        run.go()
    return config
