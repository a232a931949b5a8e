"""A network of either timing model, which can be swapped in the middle of a run.

Each question is answered by the model that holds at the moment; what is in transit, and who waits,
goes over into the other one. Steps, and what a person does between them, are in SteppingEmulator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from heapq import heapify
from typing import Any

from emulators.AsyncEmulator import LATENCY, AsyncEmulator, AsyncPort
from emulators.kernel.clock import ROUND, seconds, ticks
from emulators.kernel.tasks import Task
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.port import Port
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator, SyncPort
from emulators.trace.envelope import RawEnvelope


class SwappablePort(SyncPort, AsyncPort):
    """Where a network of either kind meets a device."""

    __slots__ = ()
    simulation: SwappableEmulator

    @property
    def _model(self) -> type[SyncPort | AsyncPort]:
        return SyncPort if self.simulation.synchronous else AsyncPort

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that is on its way to this device."""
        self._model.put(self, envelope)

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived, or None."""
        return self._model.receive(self)

    def found_nothing(self) -> None:
        """Do as the present timing model does."""
        self._model.found_nothing(self)

    def wait_for_next_round(self) -> None:
        """Wait as the present timing model has it."""
        self._model.wait_for_next_round(self)


class SwappableEmulator(SyncEmulator, AsyncEmulator):
    """Runs devices in rounds or in time; begins in sync unless told otherwise.

    `picked` is the number of a message that comes before all others, 0 for none.
    """

    port_type = SwappablePort  # type: ignore[assignment]

    def __init__(
        self,
        number_of_devices: int,
        kind: Callable[[int, int, Medium], Any],
        *,
        synchronous: bool = True,
        latency: tuple[float, float] = LATENCY,
        **options: Any,
    ) -> None:
        self.synchronous = synchronous
        self.picked = 0
        super().__init__(number_of_devices, kind, latency=latency, **options)

    @property
    def in_rounds(self) -> bool:  # type: ignore[override]
        """Whether time goes in rounds now."""
        return self.synchronous

    def prepare(self) -> None:
        """Make the functions that draw durations."""
        AsyncEmulator.prepare(self)
        self._flight = self.latency
        self.latency = self._latency  # type: ignore[method-assign]

    def _latency(self) -> int:
        return SyncEmulator.latency(self) if self.synchronous else self._flight()

    def _begin(self) -> None:
        if self.synchronous:
            super()._begin()
        else:
            super(SyncEmulator, self)._begin()
            self._enroll()

    # -- the other timing model

    def swap(self) -> None:
        """Go on in the other timing model."""
        self.emit("swap", None, "async" if self.synchronous else "sync")
        if self.synchronous:
            self._to_async()
        else:
            self._to_sync()

    def _to_async(self) -> None:
        """Let everybody go on who waits for a round; what is in transit arrives now."""
        self.synchronous = False
        self.scheduler.idle = None
        self.due.clear()
        if self.hazards is not None:
            self.hazards.forget_rounds()
        now = self.scheduler.now
        if self.limits.time is None and self.limits.rounds is not None:
            self._limit_time(self.limits.rounds * ROUND)
        for port in self.ports.values():
            port.inbox[:] = [
                (-1 if one[1] == self.picked else now, *one[1:])
                for one in (*port.inbox, *port.arriving)
            ]
            port.arriving.clear()
            heapify(port.inbox)
            port.polls = -1
        self.mailed.clear()
        self.scheduler.ready.extend([*self.arrived, *self.threads])
        self.arrived, self.threads = [], []
        listeners, self._listeners = self._listeners, []
        for _, task in listeners:
            self.scheduler.wake(task)

    def _limit_time(self, limit: int) -> None:
        """Let the time of the rounds that are allowed stop a run that has no more rounds."""
        self.limits = self.limits._replace(time=seconds(limit))
        self.scheduler.deadline = max(limit, self.scheduler.now)

    def _to_sync(self) -> None:
        """Begin a round: everybody is in it; who waits for a message looks again."""
        self.synchronous = True
        now = self.scheduler.now
        self.missing = self._living = len(self._unfinished())
        for port in self.ports.values():
            late = [envelope for envelope in port.inbox if envelope[0] > now]
            port.inbox[:] = [envelope for envelope in port.inbox if envelope[0] <= now]
            port.arriving.extend(late)
            if late:
                self.mailed.append(port)
            port.polls = 0
            self._wake(port)
        self.scheduler.idle = self._idle
        self.round_end = now + ROUND

    # -- what depends on the timing model

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Wait as the present timing model has it."""
        model = Simulation if self.synchronous else AsyncEmulator
        return model.await_from(self, index, sources)

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait until a message arrives, for at most `timeout` rounds or virtual seconds.

        What is left of the time after a swap goes on in the other unit.
        """
        port = self.ports[index]
        task = port.own_task()
        left = None if timeout is None else self._ticks(timeout)
        while True:
            synchronous, began = self.synchronous, self._clock(self.synchronous)
            wait = self._await_in_rounds if synchronous else self._await_in_time
            message = wait(port, task, left)
            if message is not None:
                return message
            if left is not None and self._clock(synchronous) - began >= left:
                return None
            if synchronous is self.synchronous:  # held back: a picked message comes first
                port.wait_for_next_round()
            if left is not None:
                left = max(0, left - (self._clock(synchronous) - began))

    def _ticks(self, timeout: float) -> int:
        return int(timeout) * ROUND if self.synchronous else ticks(timeout)

    def _clock(self, synchronous: bool) -> int:
        """Return the time that has passed, counted in whole rounds in sync."""
        return self.number_of_rounds * ROUND if synchronous else self.scheduler.now

    def _await_in_rounds(self, port: Port, task: Task, left: int | None) -> MessageStub | None:
        end = None if left is None else self._clock(True) + left
        while not port.inbox:
            if end is None:
                self._listen(port, task)
            elif self._clock(True) < end:
                port.wait_for_next_round()
            else:
                return None
            if not self.synchronous:
                return None
        return port.receive()

    def _await_in_time(self, port: Port, task: Task, left: int | None) -> MessageStub | None:
        scheduler = self.scheduler
        end = None if left is None else scheduler.now + left
        while not port.inbox or port.inbox[0][0] > scheduler.now:
            if end is not None and scheduler.now >= end:
                return None
            times = [port.inbox[0][0]] if port.inbox else []
            times += [] if end is None else [end]
            port.waiters.append(task)
            timer = scheduler.call_at(min(times), lambda: self._wake(port)) if times else None
            scheduler.park("a message")
            if timer is not None:
                timer.cancel()
            if self.synchronous:
                return None
        return port.receive()

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as device `index` after `delay` rounds or virtual seconds."""
        self._model.set_timer(self, index, delay, callback)

    def now(self) -> float:
        """Return the round (sync) or the virtual seconds (async)."""
        return self._model.now(self)

    def when(self) -> str:
        """Return the present moment in words."""
        return SyncEmulator.when(self) if self.synchronous else super(SyncEmulator, self).when()

    @property
    def _model(self) -> type[SyncEmulator | AsyncEmulator]:
        return SyncEmulator if self.synchronous else AsyncEmulator

    def _main_ended(self, port: Port) -> None:
        self._living -= 1
        if self.synchronous:
            self.missing -= 1
