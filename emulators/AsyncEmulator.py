"""The asynchronous timing model: every message takes its own drawn time; nobody waits for all.

A message is in flight for a drawn latency, then waits in the inbox. Overtaking is normal, on one
channel too, unless the channel is FIFO. Waiting for the next round lets a drawn moment pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from heapq import heappop, heappush
from typing import Any

from emulators.kernel.clock import seconds, ticks
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.network.scenario import in_order
from emulators.port import Port
from emulators.simulation import Simulation
from emulators.trace.envelope import RawEnvelope, new, opened

LATENCY = (0.0, 0.05)
"""Virtual seconds a message is in flight, drawn evenly."""
PAUSE = (ticks(0.01), ticks(0.1))
"""Ticks that a wait for the next round lasts, drawn evenly."""
POLL = (ticks(0.001), ticks(0.01))
"""Ticks that pass when a device looks into its empty inbox again without waiting."""


class AsyncPort(Port):
    """Where an asynchronous network meets a device: the inbox is a heap ordered by arrival."""

    __slots__ = ("fifo", "moment")
    simulation: AsyncEmulator

    def __init__(self, index: int, medium: Medium, simulation: AsyncEmulator) -> None:
        super().__init__(index, medium, simulation)
        self.moment = simulation.moment
        self.fifo = simulation.fifo is True
        self.polls = -1  # when an empty inbox was last looked into

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that is on its way to this device; on a FIFO channel, in its turn."""
        if self.fifo:
            sender = envelope[2]
            arrives = self.latest[sender] = max(envelope[0], self.latest.get(sender, 0))
            envelope = (arrives, *envelope[1:])
        heappush(self.inbox, envelope)
        if self.waiters:
            self.simulation.wake_at(self, envelope[0])

    def receive(self) -> MessageStub | None:
        """Return the message that arrived first, or None.

        Looking again into an empty inbox lets others run and a little virtual time pass.
        """
        inbox = self.inbox
        now = self.scheduler.now
        if self.ident() != self.thread:
            self.simulation.check_thread()
        if not inbox or inbox[0][0] > now:
            if self.polls == now:
                now = self._poll()
            if not inbox or inbox[0][0] > now:
                self.polls = now
                return None
        self.last = envelope = heappop(inbox)
        event = ("receive", now, self.index, envelope)
        for hear in self.hear_receive:
            hear(event)
        if envelope[6]:  # what `opened` does, without the call: most messages are plain
            message: MessageStub = new(envelope[4])
            message.__dict__ = envelope[5].copy()
            return message
        return opened(envelope)

    def found_nothing(self) -> None:
        """Let a little virtual time pass where the device looks again without waiting."""
        if self.polls == self.scheduler.now:
            self._poll()
        self.polls = self.scheduler.now

    def _poll(self) -> int:
        """Let a little virtual time pass; return the time then."""
        if self.scheduler.task() is not None:
            self.scheduler.pause(self.simulation.glance())
        return self.scheduler.now

    def wait_for_next_round(self) -> None:
        """Let a drawn moment of virtual time pass."""
        scheduler, main = self.scheduler, self.main
        if scheduler.current is not main or main is None or self.ident() != self.thread:
            self.own_task()
        scheduler.pause(self.moment())


class AsyncEmulator(Simulation):
    """Runs devices in an asynchronous network. `latency`: lowest and highest, virtual seconds."""

    name = "async"
    port_type = AsyncPort

    def __init__(
        self,
        number_of_devices: int,
        kind: Callable[[int, int, Medium], Any],
        *,
        latency: tuple[float, float] = LATENCY,
        fifo: bool = False,
        **options: Any,
    ) -> None:
        self._range = ticks(latency[0]), ticks(latency[1])
        self.fifo = in_order(fifo, options.get("network"))
        super().__init__(number_of_devices, kind, **options)

    def prepare(self) -> None:
        """Make the functions that draw durations."""
        between = self.scheduler.choices.between
        self.latency = between(*self._range)
        if self.hazards is not None and self.hazards.network.latency is not None:
            self.latency = int  # 0: the channels know it themselves
        self.moment = between(*PAUSE)
        self.glance = between(*POLL)

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait until a message arrives, for at most `timeout` virtual seconds."""
        port = self.ports[index]
        task = port.own_task()
        scheduler = self.scheduler
        end = None if timeout is None else scheduler.later(ticks(timeout))
        while not port.inbox or port.inbox[0][0] > scheduler.now:
            if end is not None and scheduler.now >= end:
                break  # looking again and again without waiting counts as polling
            times = [port.inbox[0][0]] if port.inbox else []
            times += [] if end is None else [end]
            port.waiters.append(task)
            timer = None
            if times:
                timer = scheduler.call_at(min(times), lambda: self._wake(port))
            scheduler.park("a message")
            if timer is not None:
                timer.cancel()
        return port.receive()

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Wait for a message that one of `sources` has sent; all others stay."""
        port = self.ports[index]
        task = port.own_task()
        while (message := port.receive_from(sources)) is None:
            coming = [envelope[0] for envelope in port.inbox if envelope[2] in sources]
            port.waiters.append(task)
            timer = None
            if coming:
                timer = self.scheduler.call_at(min(coming), lambda: self._wake(port))
            self.scheduler.park("a message")
            if timer is not None:
                timer.cancel()
        return message

    def _wake(self, port: Port) -> None:
        waiters, port.waiters = port.waiters, []
        for task in waiters:
            self.scheduler.wake(task)

    def wake_at(self, port: Port, time: int) -> None:
        """Let the tasks that wait for a message at `port` look when the clock shows `time`."""
        self.scheduler.call_at(time, lambda: self._wake(port))

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as device `index` after `delay` virtual seconds."""
        self.call_later(index, self.scheduler.later(ticks(delay)), callback)

    def now(self) -> float:
        """Return the virtual time in seconds."""
        return seconds(self.scheduler.now)
