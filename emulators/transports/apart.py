"""Devices that share nothing: each is built in a namespace of its own.

Exercise files count on all devices being built before one runs (``GfsNetwork.gfsmaster`` knows the
masters then). So each namespace builds all of them, and all but one are ghosts: what they send
reaches nobody, and they never run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from emulators.EmulatorStub import EmulatorStub, set_active_emulator
from emulators.errors import StudentError, Unresponsive
from emulators.generations import maker_uses_calls
from emulators.kernel.choices import Seeded
from emulators.kernel.tasks import Task, running
from emulators.Medium import CallMedium, Medium
from emulators.MessageStub import MessageStub
from emulators.network.topology import Graph
from emulators.transports.codec import Classes, Codec


class Namespace(NamedTuple):
    """An exercise, loaded: what makes a device, and its modules."""

    kind: Callable[[int, int, Medium], Any]
    modules: Callable[[], list[ModuleType]]


def seed_of(seed: int, index: int | str) -> int:
    """Return the seed of one device of a run, by its index or another name."""
    digest = hashlib.sha256(f"{seed} {index}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


class Apart:
    """Makes devices, each in a fresh namespace; `load` makes one. `codecs` are theirs, by index.

    `graph` has the channels between them, None where everybody reaches everybody.
    """

    def __init__(
        self, load: Callable[[], Namespace], seed: int, graph: Graph | None = None
    ) -> None:
        self.graph = graph
        self._load = load
        self._seed = seed
        self._first: Namespace | None = load()
        self.__wrapped__ = self._first.kind
        self._prepare: Callable[[list[ModuleType]], object] = lambda modules: None
        self.codecs: dict[int, Codec] = {}

    def prepare(self, each: Callable[[list[ModuleType]], object]) -> None:
        """Call `each` with the modules of a namespace before a device is built there."""
        self._prepare = each

    def __call__(self, index: int, number_of_devices: int, medium: Medium) -> Any:
        """Return device `index`, built among ghosts of all others."""
        namespace, self._first = self._first or self._load(), None
        self._prepare(namespace.modules())
        self.codecs[index] = Codec(Classes(namespace.modules))
        made = None
        for other in range(number_of_devices):
            if other == index:
                made = namespace.kind(index, number_of_devices, medium)
            else:
                self._ghost(namespace.kind, other, number_of_devices)
        return made

    def _ghost(self, kind: Callable[..., Any], index: int, number_of_devices: int) -> None:
        """Build a device as its own process does; what goes wrong there is reported there."""
        world = _Nowhere(number_of_devices, seed_of(self._seed, index), self.graph)
        style = CallMedium if maker_uses_calls(kind) else Medium
        scheduler = running()
        assert scheduler is not None
        known = set(scheduler.tasks)
        choices, scheduler.choices = scheduler.choices, world.choices
        before = set_active_emulator(world)
        try:
            kind(index, number_of_devices, style(index, world))
        except (Exception, Unresponsive):
            return
        finally:
            scheduler.choices = choices
            set_active_emulator(before)
            for task in [task for task in scheduler.tasks if task not in known]:
                _forget(task)


def _forget(task: Task) -> None:
    """Let a task that has not begun never begin."""
    scheduler = running()
    assert scheduler is not None
    scheduler.kill(task)
    if task in scheduler.ready:
        scheduler.ready.remove(task)


class _Nowhere(EmulatorStub):
    """The world of a ghost: nothing arrives, and what is sent is gone."""

    def __init__(self, number_of_devices: int, seed: int, graph: Graph | None) -> None:
        self._ids = list(range(number_of_devices))
        self._graph = graph
        self.scheduler = running()
        self.choices = Seeded(seed)

    @property
    def ids(self) -> list[int]:
        """The indices of all devices."""
        return list(self._ids)

    def neighbors(self, index: int) -> list[int]:
        """Return the devices to which device `index` has a channel."""
        if self._graph is not None:
            return list(self._graph.neighbors[index])
        return [other for other in self._ids if other != index]

    def queue(self, index: int, message: MessageStub) -> None:
        """Do nothing."""

    def dequeue(self, index: int) -> MessageStub | None:
        """Return nothing."""
        return None

    def done(self, index: int) -> None:
        """Refuse: nobody waits where nothing happens."""
        raise StudentError(
            f"the medium of device {index} is waited on by another device",
            "a device waits only with its own medium, and only within run() and its threads",
        )

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Refuse as well."""
        self.done(index)
        return None

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Do nothing."""

    def log(self, index: int, text: str, name: str = "") -> None:
        """Do nothing."""

    def told(self, name: str, value: Any) -> None:
        """Do nothing: nobody judges a ghost."""

    def now(self) -> float:
        """Return the time at which all devices are built."""
        return 0.0

    def draw(self, count: int) -> int:
        """Return a drawn number from 0 to `count` - 1."""
        return self.choices.below(count)

    def todo(self, text: str, file: str, line: int) -> None:
        """Do nothing: the device itself says it."""
