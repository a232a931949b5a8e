"""Ports of devices that are slow or lie; made for those devices only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.MessageStub import MessageStub
from emulators.port import Port
from emulators.trace.envelope import copied_message, opened

if TYPE_CHECKING:
    from emulators.hostile.hazards import Hazards


def port_type(usual: type[Port], lies: bool, slow: bool) -> type[Port]:
    """Return the class of a port with the habits of its device."""
    habits = (*((LyingPort,) if lies else ()), *((SlowPort,) if slow else ()))
    if not habits:
        return usual
    return type(usual.__name__, (*habits, usual), {"__slots__": ()})


class LyingPort(Port):
    """Where the network meets a device that sends something else than its program says."""

    __slots__ = ()

    def send(self, message: MessageStub) -> None:
        """Send what a liar makes of a message."""
        simulation = self.simulation
        simulation.check_thread()
        simulation.check_message(message)
        private = opened((0, 0, 0, None, type(message), copied_message(message), False, 0))
        assert simulation.hazards is not None
        for said in simulation.hazards.liars[self.index].sends(private):
            super().send(said)


class SlowPort(Port):
    """Where the network meets a device that stands still, or is slow, for a while."""

    __slots__ = ()

    def work(self) -> None:
        """Run the device once it may."""
        self._stand_still()
        super().work()

    def send(self, message: MessageStub) -> None:
        """Send a message once the device goes on."""
        self._stand_still_in_time()
        super().send(message)

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived, or None, once the device goes on."""
        self._stand_still_in_time()
        return super().receive()

    def wait_for_next_round(self) -> None:
        """Wait, several times as long where the device is slow, and while it stands still."""
        simulation, scheduler = self.simulation, self.scheduler
        factor = self._hazards.slow.get(self.index, 1.0)
        began = scheduler.now
        super().wait_for_next_round()
        if simulation.in_rounds:
            for _ in range(round(factor) - 1):
                super().wait_for_next_round()
        else:
            scheduler.pause(round((scheduler.now - began) * (factor - 1)))
        self._stand_still()

    @property
    def _hazards(self) -> Hazards:
        assert self.simulation.hazards is not None
        return self.simulation.hazards

    def _stand_still(self) -> None:
        frozen: Any = self._hazards.frozen
        while self.simulation.in_rounds and self.index in frozen:
            super().wait_for_next_round()
        self._stand_still_in_time()

    def _stand_still_in_time(self) -> None:
        scheduler = self.scheduler
        task = scheduler.task()
        if self.simulation.in_rounds or task is None or task.owner is not self:
            return
        while self._hazards.frozen.get(self.index, 0) > scheduler.now:
            scheduler.pause(self._hazards.frozen[self.index] - scheduler.now)
