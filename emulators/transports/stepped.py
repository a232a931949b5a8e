"""A recorded real run under a person's hand: stepped forwards and backwards, and acted upon.

As long as nobody acts, it is the run that was; from the first action on it is a simulated one,
whose decisions are drawn.
"""

from __future__ import annotations

from typing import Any

from emulators.AsyncEmulator import LATENCY, AsyncEmulator
from emulators.kernel.choices import Seeded
from emulators.kernel.clock import ticks
from emulators.MessageStub import MessageStub
from emulators.port import Port
from emulators.SteppingEmulator import Action, SteppingEmulator, SteppingPort
from emulators.transports.reenactment import Reenactment, RetoldPort


class SteppedPort(SteppingPort, RetoldPort):
    """Where the network meets a device whose run is known; stops at every message."""

    __slots__ = ()
    simulation: Any

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived, or None; a message is a step."""
        self.simulation.go_on(self.index)
        return super().receive()


class SteppedReenactment(Reenactment, SteppingEmulator):
    """Runs a recorded real run again, step by step."""

    port_type = SteppedPort

    def __init__(self, number_of_devices: int, kind: Any, **options: Any) -> None:
        self._free = False
        options["synchronous"] = False
        super().__init__(number_of_devices, kind, **options)

    def prepare(self) -> None:
        """Let the recording say how long everything takes."""
        super().prepare()
        self._flight = self.latency
        self.latency = self._in_flight  # type: ignore[method-assign]

    def _in_flight(self) -> int:
        return self._flight()

    def _begin(self) -> None:
        self._enroll()
        super()._begin()

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait until a message arrives, for at most `timeout` seconds."""
        return AsyncEmulator.await_message(self, index, timeout)

    # -- from the first action on

    def act(self, kind: str, subject: int = 0) -> Action:
        """Do something now; from now on the run is another one."""
        action = super().act(kind, subject)
        self._let_go()
        return action

    def _act_as_planned(self) -> None:
        due = bool(self._planned and self._planned[0].step <= self.steps)
        super()._act_as_planned()
        if due:
            self._let_go()

    def _let_go(self) -> None:
        """Draw what happens, now that it is not what happened."""
        if self._free:
            return
        self._free = True
        scheduler: Any = self.scheduler
        choices = Seeded(self.seed + self.steps)
        scheduler.let_go(choices)
        self._flight = choices.between(ticks(LATENCY[0]), ticks(LATENCY[1]))
        most = self._end if self.limits.time is None else ticks(self.limits.time)
        scheduler.deadline = max(scheduler.now, most)

    def go_on(self, device: int) -> None:
        """Let a device stand still for ever if nothing more is known of it."""
        if not self._free:
            super().go_on(device)

    def _crash(self, port: Port) -> None:
        if not self._free:
            super()._crash(port)

    def _restart(self, port: Port, items: int, kept: str = "") -> None:
        if not self._free:
            super()._restart(port, items, kept)
