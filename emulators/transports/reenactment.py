"""A real run, run again in the simulator from its recording, event for event.

Devices share nothing here either: each is built in a namespace of its own, and messages travel as
bytes. How long waits and messages take is read from the recording, as all decisions are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from heapq import heapify
from typing import Any

from emulators.AsyncEmulator import AsyncEmulator
from emulators.errors import Failure
from emulators.kernel.choices import Choices
from emulators.kernel.tasks import Scheduler
from emulators.MessageStub import MessageStub
from emulators.network.scenario import Network
from emulators.network.topology import Graph
from emulators.port import Port
from emulators.trace.envelope import RawEnvelope, all_plain, has_slots, lost
from emulators.trace.events import RawEvent
from emulators.transports.alone import LOST, start_apart
from emulators.transports.apart import Apart
from emulators.transports.codec import Codec
from emulators.transports.port import CodedPort
from emulators.transports.storage import restore
from emulators.transports.timing import NEVER, LivedTime


class Rationed:
    """Passes decisions through, and calls `spend` before each."""

    def __init__(self, inner: Choices, spend: Callable[[], object]) -> None:
        self._inner = inner
        self._spend = spend

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks."""
        inner = self._inner.between(low, high)

        def duration() -> int:
            self._spend()
            return inner()

        return duration

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""
        self._spend()
        return self._inner.below(count)

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""
        self._spend()
        return self._inner.random()

    def bits(self, count: int) -> int:
        """Return a whole number of `count` random bits."""
        self._spend()
        return self._inner.bits(count)


class RetoldTime(LivedTime):
    """A scheduler whose waits last as long as the recording says."""

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices)
        self._free = False
        self.ration(lambda: None)

    def ration(self, spend: Callable[[], object]) -> None:
        """Call `spend` before each decision."""
        self.choices = Rationed(self.choices, spend)
        self._duration = self.choices.between(LOST, NEVER + 1)

    def let_go(self, choices: Choices) -> None:
        """Take decisions from elsewhere: the recording does not know how long waits last."""
        self.choices = choices
        self._free = True

    def lasting(self, duration: int) -> int:
        """Return how long a wait lasts."""
        return duration if self._free else self._duration()

    def doze(self, low: int, high: int, until: int | None) -> None:
        """Let a wait pass."""
        lasts = self.choices.between(low, high)() if self._free else self._duration()
        Scheduler.pause(self, lasts)


class RetoldPort(CodedPort):
    """Where the network meets a device whose run is known."""

    __slots__ = ()

    def kept(self, fields: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Return the fields of a message as they are now: they are looked at later, too."""
        _, kept = self.simulation.codec_of(self.index).decoded(data)
        return dict(kept)

    def receive(self) -> MessageStub | None:
        """Return the message that arrived first, or None."""
        self.simulation.go_on(self.index)
        return super().receive()

    def send(self, message: MessageStub) -> None:
        """Send a message of this device."""
        self.simulation.go_on(self.index)
        super().send(message)


class Reenactment(AsyncEmulator):
    """Runs a recorded real run again. `lives` are those of its devices, as merging.py has them:
    device, which life, when it began and was killed (ticks), how many events and decisions it had,
    and its stable storage in hexadecimal digits.
    `end` is when the recording ends (ticks).

    A device that was killed in the middle of its work stands still where its life has no more.
    """

    name = "process"
    port_type = RetoldPort

    def __init__(
        self,
        number_of_devices: int,
        kind: Apart,
        *,
        lives: list[list[Any]],
        end: int,
        **options: Any,
    ) -> None:
        self._apart = kind
        self._told = lives
        self._end = end
        self._left = {life[0]: life[4] for life in lives if not life[1]}
        self._inside_now: set[int] = set()
        network: Network | None = options.pop("network", None)
        self._doubles = network is not None and network.duplicate > 0
        super().__init__(number_of_devices, kind, **options)

    def prepare(self) -> None:
        """Let the recording say how long everything takes."""
        scheduler: Any = self.scheduler
        scheduler.ration(self._spend)
        self.latency = scheduler.choices.between(LOST, NEVER + 1)
        self.moment = self.glance = lambda: 0
        self.observe(self)

    @property
    def graph(self) -> Graph | None:
        """The channels there were; None where everybody reached everybody."""
        return self._apart.graph

    def codec_of(self, index: int) -> Codec:
        """Return what makes bytes of a device's messages."""
        return self._apart.codecs[index]

    def _begin(self) -> None:
        scheduler = self.scheduler
        start_apart(scheduler, self.ports)
        for device, number, began, killed, *rest in self._told:
            port = self.ports[device]
            if killed is not None:
                scheduler.call_at(killed, partial(self._crash, port))
            if number:
                scheduler.call_at(began, partial(self._restart, port, *rest))
        scheduler.deadline = self._end
        scheduler.call_at(self._end + 1, lambda: None)  # who waits for ever waits until then

    def _crash(self, port: Port) -> None:
        self._inside_now.discard(port.index)
        if not port.ended:
            self.lives.crash(port)
        port.inbox[:] = [one for one in port.inbox if one[0] > self.scheduler.now]
        heapify(port.inbox)
        self.stop_when_all_ended()

    def _restart(self, port: Port, items: int, kept: str = "") -> None:
        self._left[port.index] = items
        self.lives.restart(port, stable=False)
        if not port.ended:
            restore(port.device, self.codec_of(port.index), bytes.fromhex(kept))

    def all_ended(self) -> bool:
        """Whether `run` of every device has ended, and none begins anew."""
        later = any(number and began > self.scheduler.now for _, number, began, *_ in self._told)
        return super().all_ended() and not later

    # -- no more than was recorded

    def on_event(self, event: RawEvent) -> None:
        """Count an event of a device."""
        if event[2] in self._left and event[0] not in _NOT_OF_LIFE:
            self._left[event[2]] -= 1

    def emit(self, kind: str, device: int | None, subject: Any = None) -> None:
        """Tell all observers of an event that happens now."""
        if device is not None and kind not in _NOT_OF_LIFE:
            self.go_on(device)
        super().emit(kind, device, subject)

    def go_on(self, device: int) -> None:
        """Let a device stand still for ever if nothing more is known of it."""
        if self._left.get(device, 0) <= 0 and self.scheduler.task() is not None:
            self.scheduler.suspend()

    def _spend(self) -> None:
        task = self.scheduler.task()
        port = self.scheduler.acting if task is None else task.owner
        if port is not None:
            self.go_on(port.index)
            self._left[port.index] = self._left.get(port.index, 0) - 1

    def report(self, failure: Failure) -> None:
        """Add a failure to the report; the recording knows when the run ended."""
        deadline = self.scheduler.deadline
        super().report(failure)
        self.scheduler.deadline = deadline

    # -- what devices do

    def dispatch(self, target: Port, envelope: RawEnvelope, data: bytes) -> None:
        """Put a message on its way as bytes, and let it arrive as what these mean there."""
        if self._doubles and self.scheduler.choices.below(2):
            self.sent += 1
            copy = (envelope[0], self.sent, *envelope[2:])
            self.emit("duplicate", target.index, copy)
            self._carry(target, envelope, data)
            copy = (envelope[7] + self.latency(), *copy[1:])
            self._carry(target, copy, data)
        else:
            self._carry(target, envelope, data)

    def _carry(self, target: Port, envelope: RawEnvelope, data: bytes) -> None:
        if envelope[0] - envelope[7] == LOST:
            super().emit("lose", int(target.index), lost(envelope, "loss"))
            return
        cls, fields = self.codec_of(target.index).decoded(data)
        plain = all_plain(map(type, fields.values())) and not has_slots(cls)
        target.put((*envelope[:4], cls, fields, plain, envelope[7]))

    def enter(self, index: int) -> None:
        """Note that a device enters the critical section: no process knows of the others."""
        self.check_thread()
        self.emit("enter", index)
        self._inside_now.add(index)

    def leave(self, index: int) -> None:
        """Note that a device leaves the critical section."""
        if index in self._inside_now and not self.closed:
            self._inside_now.discard(index)
            self.emit("leave", index)


_NOT_OF_LIFE = frozenset({"todo", "crash", "restart", "lose", "duplicate"})
"""Kinds of events that the processes of devices do not count as theirs."""
