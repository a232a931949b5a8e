"""Short ways to run devices that a test defines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.limits import Limits
from emulators.MessageStub import MessageStub
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace
from emulators.trace.log import encoded, line_of
from emulators.virtual.loader import Loader

both = pytest.mark.parametrize("emulator", [SyncEmulator, AsyncEmulator])
"""For what holds in both network types."""
ENOUGH = Limits(rounds=200, time=100.0, messages=10_000)
"""No run of a test lasts longer, so that none hangs."""


class Note(MessageStub):
    """A message with a text."""

    def __init__(self, sender: Any, destination: Any, text: Any = "") -> None:
        super().__init__(sender, destination)
        self.text = text


class Ran:
    """A run that is over."""

    def __init__(self, simulation: Simulation, trace: Trace) -> None:
        self.simulation = simulation
        self.trace = trace
        self.devices: list[Any] = simulation.devices
        self.problems = [failure.problem for failure in simulation.failures]

    def times(self, kind: str) -> list[int]:
        """Return when events of a kind happened, in ticks."""
        return [event.time for event in self.trace.of(kind)]

    @property
    def events(self) -> list[bytes]:
        """The trace as it would be recorded, to be compared between runs."""
        return [encoded([line_of(event)]) for event in self.trace]


def run(
    emulator: Callable[..., Simulation],
    kind: Any,
    devices: int = 2,
    seed: int = 1,
    limits: Limits = ENOUGH,
    **options: Any,
) -> Ran:
    """Run devices of a kind to their end or a limit."""
    trace = Trace()
    made = emulator(
        devices, kind, seed=seed, quiet=True, limits=limits, observers=[trace], **options
    )
    made.run()
    return Ran(made, trace)


def device(function: Callable[[Any], Any]) -> type[Device]:
    """Return a device class whose ``run`` is the given function."""
    return type(function.__name__, (Device,), {"run": function, "__module__": function.__module__})


def loaded(folder: Path, name: str = "exercise1", **sources: str) -> ModuleType:
    """Write exercise files into a folder and return one of them, loaded as a run does."""
    for file, source in sources.items():
        (folder / f"{file}.py").write_text(source, encoding="utf-8")
    return Loader(folder).load(name)
