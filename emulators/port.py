"""Where the network meets one device, in life and after it.

Every message passes here, so this is the fast path of a run: ports are wired to the mediums of
their devices directly. What a timing model adds is in SyncEmulator.py and AsyncEmulator.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Generator
from heapq import heapify
from inspect import iscoroutinefunction, isgeneratorfunction
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

from emulators.Device import Device
from emulators.EmulatorStub import EmulatorStub
from emulators.errors import StudentError
from emulators.kernel.carrier import Killed
from emulators.kernel.tasks import Task
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.trace.envelope import RawEnvelope, all_plain, copied_message, opened

if TYPE_CHECKING:
    from emulators.simulation import Simulation

_MOST_CALLS_OF_DEAD = 10


class Target(Protocol):
    """What takes a message that leaves: the port of its destination, or a channel to it."""

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that is on its way."""


class Targets(Protocol):
    """Where the messages of a device can go."""

    def get(self, destination: Any, /) -> Target | None:
        """Return what takes messages for a device, or None where there is no way to it."""


def run_of(device: Device) -> None:
    """Let a device run to its end; raise `StudentError` where its `run` would never begin."""
    unfinished: object = device.run()  # type: ignore[func-returns-value]
    if isinstance(unfinished, (Coroutine, Generator)) and (
        iscoroutinefunction(device.run) or isgeneratorfunction(device.run)
    ):
        unfinished.close()
        raise StudentError(
            "run() has not begun, because it is a generator or a coroutine",
            "write it as an ordinary method: without async, await and yield",
        )


class Port:
    """The inbox of a device, and what the run knows of it.

    A timing model extends it with `put`, `receive` and `wait_for_next_round`, and gives it the
    function `latency`, which returns how many ticks the next message is on its way.
    """

    __slots__ = (
        "arriving",
        "device",
        "ended",
        "hear_receive",
        "hear_send",
        "ident",
        "inbox",
        "index",
        "known",
        "last",
        "latency",
        "latest",
        "main",
        "medium",
        "polls",
        "ports",
        "scheduler",
        "simulation",
        "thread",
        "waiters",
    )

    def __init__(self, index: int, medium: Medium, simulation: Simulation) -> None:
        self.index = index
        self.medium = medium
        self.simulation = simulation
        self.scheduler = simulation.scheduler
        self.hear_send = simulation.heard["send"]
        self.hear_receive = simulation.heard["receive"]
        self.known = simulation.known
        self.ident = self.scheduler.ident
        self.thread = self.scheduler.thread
        self.latency = simulation.latency
        self.ports: Targets = simulation.ports
        self.device: Any = None
        self.main: Task | None = None
        self.inbox: list[RawEnvelope] = []
        self.arriving: list[RawEnvelope] = []
        self.latest: dict[Any, int] = {}
        self.ended = False
        self.polls = 0
        self.waiters: list[Task] = []
        self.last: RawEnvelope | None = None
        self.plug()

    def plug(self) -> None:
        """Wire the medium of the device to this port."""
        medium = self.medium
        medium._emulator = self.simulation
        medium.send = self.send  # type: ignore[method-assign]
        medium.receive = self.receive  # type: ignore[method-assign]
        medium.wait_for_next_round = self.wait_for_next_round  # type: ignore[method-assign]

    def work(self) -> None:
        """Run the device."""
        try:
            run_of(self.device)
        except SystemExit as end:
            if isinstance(end.code, str):  # that Python itself would print
                self.simulation.log(self.index, end.code)

    def send(self, message: MessageStub) -> None:
        """Send a message of this device: copy its fields, count it, put it on its way."""
        simulation = self.simulation
        if self.ident() != self.thread:
            simulation.check_thread()
        cls = type(message)
        if cls in self.known:
            fields = message.__dict__.copy()
            plain = all_plain(map(type, fields.values()))
            if not plain:
                fields = copied_message(message)
        else:
            simulation.check_message(message)
            fields, plain = copied_message(message), False
        simulation.sent = serial = simulation.sent + 1
        destination = fields.get("_destination")
        now = self.scheduler.now
        arrives = now + self.latency()
        envelope = (arrives, serial, self.index, destination, cls, fields, plain, now)
        try:
            target = self.ports.get(destination)
        except TypeError:  # not even something that could be an index
            target = None
        if target is None:
            return simulation.lose_address(envelope)
        event = ("send", now, self.index, envelope)
        for hear in self.hear_send:
            hear(event)
        target.put(envelope)
        if serial >= simulation.most_messages:
            simulation.limit_messages()

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that is on its way to this device."""
        raise NotImplementedError

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived at this device, or None."""
        raise NotImplementedError

    def receive_from(self, sources: Collection[int]) -> MessageStub | None:
        """Return the message of one of these devices that arrived first; all others stay."""
        if self.ident() != self.thread:
            self.simulation.check_thread()
        now = self.scheduler.now
        found = [one for one in self.inbox if one[2] in sources and one[0] <= now]
        if not found:
            self.found_nothing()
            return None
        self.last = envelope = min(found, key=itemgetter(0, 1))
        self.inbox.remove(envelope)
        heapify(self.inbox)
        event = ("receive", now, self.index, envelope)
        for hear in self.hear_receive:
            hear(event)
        return opened(envelope)

    def found_nothing(self) -> None:
        """Take note that the device has looked for a message in vain."""
        raise NotImplementedError

    def wait_for_next_round(self) -> None:
        """Suspend the running task of this device until its next round."""
        raise NotImplementedError

    def unplug(self, emulator: EmulatorStub) -> None:
        """Let the medium of the device talk to another emulator."""
        self.medium._emulator = emulator
        for name in ("send", "receive", "wait_for_next_round"):
            vars(self.medium).pop(name, None)

    def own_task(self) -> Task:
        """Return the running task, which must belong to this device."""
        task = self.scheduler.task()
        if task is None or task.owner is not self:
            self.simulation.check_thread()
            who = "code outside its run()" if task is None else f"device {task.owner.index}"
            raise StudentError(
                f"the medium of device {self.index} is waited on by {who}",
                "a device waits only with its own medium, and only within run() and its threads",
            )
        return task


class Afterlife(EmulatorStub):
    """The emulator of a device that was stopped: every call ends the calling task.

    A bare ``except:`` may swallow the exit again and again; after a few calls the task is parked.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._calls = 0

    def _end(self) -> Any:
        self._calls += 1
        if self._calls <= _MOST_CALLS_OF_DEAD:
            raise Killed
        return self._simulation.scheduler.suspend()

    def queue(self, index: int, message: MessageStub) -> None:
        """End the calling task."""
        self._end()

    def dequeue(self, index: int) -> MessageStub | None:
        """End the calling task."""
        self._end()
        return None

    def dequeue_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """End the calling task."""
        self._end()
        return None

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """End the calling task."""
        self._end()
        return None

    def done(self, index: int) -> None:
        """End the calling task."""
        self._end()

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """End the calling task."""
        self._end()
        return None

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """End the calling task."""
        self._end()

    def log(self, index: int, text: str, name: str = "") -> None:
        """End the calling task."""
        self._end()

    def note(self, index: int, kind: str, subject: Any) -> None:
        """End the calling task."""
        self._end()

    def draw(self, count: int) -> int:
        """End the calling task."""
        self._end()
        return 0

    def enter(self, index: int) -> None:
        """End the calling task."""
        self._end()

    def leave(self, index: int) -> None:
        """Say nothing: a stopped device leaves wherever it was."""

    def neighbors(self, index: int) -> list[int]:
        """Return what the living emulator would."""
        return self._simulation.neighbors(index)

    def now(self) -> float:
        """Return what the living emulator would."""
        return self._simulation.now()

    @property
    def ids(self) -> list[int]:
        """The indices of all devices."""
        return self._simulation.ids
