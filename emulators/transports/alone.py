"""The emulator of one device in a process of its own: real time, and the others behind a wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec

from emulators.AsyncEmulator import PAUSE, AsyncEmulator
from emulators.errors import Failure, StudentError, place_of_function
from emulators.kernel.choices import Choices, Seeded
from emulators.kernel.clock import seconds
from emulators.kernel.tasks import Task
from emulators.Medium import Medium
from emulators.network.scenario import Network
from emulators.network.topology import Graph
from emulators.port import Port
from emulators.trace.envelope import RawEnvelope, all_plain, has_slots, lost
from emulators.transports.apart import Apart, seed_of
from emulators.transports.codec import Codec, Malformed
from emulators.transports.history import History, Noted
from emulators.transports.meeting import Greeting, Meeting
from emulators.transports.port import CodedPort
from emulators.transports.shim import Shim
from emulators.transports.storage import Storage, restore
from emulators.transports.timing import NEVER, RealTime
from emulators.transports.wire import Frame, Wire, count

_LIFE = 32
"""Bits of the number of a message within one life of its sender; the others count lives."""
LOST = -1
"""Ticks of a message that is lost on its way."""
_CALM = Network()
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


def first_number(life: int) -> int:
    """Return what is added to the numbers of messages in one life of their sender."""
    return life << _LIFE


class RemotePort(CodedPort):
    """Stands for a device that is somewhere else."""

    __slots__ = ()

    def __init__(self, index: int, medium: Medium, simulation: AsyncEmulator) -> None:
        super().__init__(index, medium, simulation)
        self.ended = True


class AloneEmulator(AsyncEmulator):
    """Runs device `index` of a network whose other devices are other processes.

    `hostile` is what its sender does to a message: it is lost, doubled, or takes longer than the
    real network. `history` keeps the run, to be run again. In a later `life` the device joins a run
    that `began` before, by this machine's performance counter, with what the life before it has
    `kept` as bytes. `keep` takes the stable storage of this one for the next, `unkept` a report of
    what cannot be kept: no part of the run, because others do not see it.
    """

    name = "process"
    port_type = CodedPort

    def __init__(
        self,
        number_of_devices: int,
        kind: Apart,
        *,
        index: int,
        wire: Wire,
        seed: int,
        life: int = 0,
        began: float | None = None,
        history: History | None = None,
        kept: bytes = b"",
        keep: Callable[[bytes], object] | None = None,
        unkept: Callable[[Failure], object] = lambda failure: None,
        hostile: Network = _CALM,
        meeting: Meeting | None = None,
        ended: Callable[[], object] = lambda: None,
        before_waiting: Callable[[], object] = lambda: None,
        **options: Any,
    ) -> None:
        self.index = index
        self.wire = wire
        self.largest_inbox = 0
        self._meeting = meeting
        self._kept, self._keep, self._unkept = kept, keep, unkept
        self._storage: Storage | None = None
        self._apart = kind
        self.history = history
        self._shim = Shim(hostile, index, seed)
        self._ended, self._before_waiting = ended, before_waiting
        self._lost = False
        self._slotless: dict[type, bool] = {}
        self.hurried = False
        choices: Choices = Seeded(seed_of(seed, index))
        if history is not None:
            choices = Noted(choices, history, lambda: self.time.now)
        self.time = RealTime(choices, index, number_of_devices, self._wait, history)
        self._first = first_number(life)
        if began is not None:
            self.time.began = began
            self.time.now = self.time.moment(self.time.clock())
        observers = [*options.pop("observers", ()), *([history] if history is not None else [])]
        super().__init__(
            number_of_devices,
            kind,
            seed=seed,
            fifo=hostile.fifo,
            scheduler=self.time,
            observers=observers,
            **options,
        )

    # -- where it differs from a simulation

    def prepare(self) -> None:
        """Let the world decide how long messages are on their way."""
        self._latest: dict[int, int] = {}
        self.latency = self._flight
        self.moment = self._shim.between(*PAUSE)
        self.glance = lambda: 0  # that is lived through, not drawn

    def _port_type(self, index: int) -> type[Port]:
        """Return the class of the port of the device, or of what stands for another one."""
        return CodedPort if index == self.index else RemotePort

    def _begin(self) -> None:
        if self.history is not None:
            self.history.began(self.time.now, self._kept)
        restore(self.ports[self.index].device, self.codec, self._kept)
        if self._keep is not None:
            self._storage = Storage(self.codec, self._keep)
        self._store()
        if not self._first:
            start_apart(self.time, self.ports)

    def _store(self) -> None:
        """Put into stable storage what has changed there."""
        if self._storage is None:
            return
        device = self.ports[self.index].device
        try:
            self._storage.look(device)
        except StudentError as error:
            place = place_of_function(type(device).run)
            failure = Failure(self.index, self.when(), str(error), place, hint=error.hint)
            self._unkept(failure)

    def stop_when_all_ended(self) -> None:
        """Say so; the device's threads go on until all devices have ended."""
        if self.all_ended():
            self._ended()

    def _task_ended(self, task: Task, error: BaseException | None) -> None:
        if not self.hurried:
            super()._task_ended(task, error)
            self._before_waiting()

    def progress(self) -> int:
        """Return a number that grows: waiting for others is no endless loop."""
        return super().progress() + (self.time.clock() if self.time.waiting else 0)

    def when(self) -> str:
        """Return the present moment in words."""
        return f"at {seconds(self.scheduler.now):.4f} seconds"

    @property
    def graph(self) -> Graph | None:
        """The channels there are; None where everybody reaches everybody."""
        return self._apart.graph

    def codec_of(self, index: int) -> Codec:
        """Return what makes bytes of this device's messages."""
        return self.codec

    @cached_property
    def codec(self) -> Codec:
        """What makes bytes of messages, and messages of bytes."""
        return self._apart.codecs[self.index]

    def standing_for_ever(self) -> tuple[bool, str]:
        """Return whether only a message can wake this device, and what it waits for, and where.

        May be called from another thread.
        """
        port = self.ports[self.index]
        idle, main = self.time.for_ever, port.main
        if not idle or main is None or port.ended:
            return idle, ""
        return idle, f"waits for {main.waiting or 'the next round'} at {self.place(port)}"

    def counted(self) -> dict[str, Any]:
        """Return the statistics of this device, to be added to those of the others."""
        counted = self.statistics
        counted.largest_inbox = self.largest_inbox
        counted.time = self.scheduler.now
        return counted.as_dict()

    # -- sending

    def _flight(self) -> int:
        """Note that a message is on its way; how long, its receiver knows, unless it is lost."""
        self._lost = self._shim.loses()
        if self.history is not None:
            if self._lost:
                self.history.decided(self.time.now, LOST)
            else:
                self.history.flight(self.time.now, self._first + self.sent)
        return 0

    def dispatch(self, target: Port, envelope: RawEnvelope, data: bytes) -> None:
        """Send a message to another process, or to this one, perhaps twice."""
        if self._shim.doubles and self._doubled():
            self.sent += 1
            copy = (envelope[0], self.sent, *envelope[2:])
            self.emit("duplicate", target.index, copy)
            self._carry(target, envelope, data)
            self._flight()
            self._carry(target, copy, data)
        else:
            self._carry(target, envelope, data)

    def _doubled(self) -> bool:
        doubled = self._shim.doubled()
        if self.history is not None:
            self.history.decided(self.time.now, int(doubled))
        return doubled

    def _carry(self, target: Port, envelope: RawEnvelope, data: bytes) -> None:
        if self._lost:
            self.emit("lose", int(target.index), lost(envelope, "loss"))
            return
        delay = self._shim.delay(target.index)
        self._store()
        clock = None
        if self.history is not None:
            clock = self.history.clock
            self.history.publish()  # before anybody else can know of it
        number, now = self._first + envelope[1], envelope[7]
        if target.index == self.index:
            self._put(self.index, number, now, delay, data, clock)
            return
        frame = _encode((number, now, delay, msgspec.Raw(data), clock))
        self.wire.send(target.index, frame)

    # -- meeting the others

    def meet(self, patience: float) -> None:
        """Wait until all devices are there, for at most so many seconds."""
        meeting = self._meeting
        if meeting is None:
            return
        meeting.greet(Greeting.HELLO)
        end = time.monotonic() + patience
        while meeting.absent and not self.time.stopped and (left := end - time.monotonic()) > 0:
            self._wait(left)
        meeting.begin()

    def leave_meeting(self) -> None:
        """Tell the others not to miss this device."""
        if self._meeting is not None:
            self._meeting.greet(Greeting.BYE)

    def _greeted(self, sender: int, frame: Frame) -> None:
        if self._meeting is None:
            raise Malformed("a greeting, where nobody has to be found")
        self.time.catch_up(frame.sent)
        self._meeting.greeted(sender, frame)

    # -- receiving

    def _wait(self, timeout: float | None) -> None:
        self._store()
        self._before_waiting()
        for sender, data in self.wire.wait(timeout):
            self._take(sender, data)

    def _take(self, sender: int, data: bytes) -> None:
        """Take what came over the wire, if it is a message of this run."""
        try:
            frame = _decode(data)
            self._check(sender, frame)
            if frame.number <= 0:
                self._greeted(sender, frame)
            else:
                self._put(sender, frame.number, frame.sent, frame.delay, frame.message, frame.clock)
        except (Malformed, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            count(self.wire.dropped, "frames that are no message of this exercise")

    def _check(self, sender: int, frame: Frame) -> None:
        many, clock = self.statistics.devices, frame.clock
        if not (0 <= sender < many and 0 <= frame.sent < NEVER and 0 <= frame.delay < NEVER):
            raise Malformed("numbers out of range")
        if clock is not None and len(clock) != many:
            raise Malformed("another number of devices")

    def _put(
        self,
        sender: int,
        number: int,
        sent: int,
        delay: int,
        data: bytes | msgspec.Raw,
        clock: list[int] | None,
    ) -> None:
        cls, fields = self.codec.decoded(data)
        if cls not in self._slotless:
            self._slotless[cls] = not has_slots(cls)
        port = self.ports[self.index]
        arrives = self.time.arrival(sent, delay)
        if self.fifo and arrives <= self._latest.get(sender, 0):
            arrives = self.time.moment(self._latest[sender] + 1)
        self._latest[sender] = arrives
        if self.history is not None:
            self.history.arrival(sender, number, arrives, clock)
        plain = self._slotless[cls] and all_plain(map(type, fields.values()))
        port.put((arrives, number, sender, self.index, cls, fields, plain, sent))
        if len(port.inbox) > self.largest_inbox:
            self.largest_inbox = len(port.inbox)
        self.time.rouse(arrives)

    def wake_at(self, port: Port, time: int) -> None:
        """Let the tasks that wait for a message look at once where nothing comes before."""
        if self.time.advance(time):
            self._wake(port)
        else:
            super().wake_at(port, time)


def start_apart(scheduler: Any, ports: dict[Any, Port]) -> None:
    """Let each device begin at a moment of its own."""
    many = len(ports)
    while scheduler.ready:
        task = scheduler.ready.popleft()
        scheduler.call_at(many + task.owner.index, lambda task=task: scheduler.wake(task))
