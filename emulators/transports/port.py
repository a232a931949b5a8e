"""Where the network meets a device whose messages travel as bytes."""

from __future__ import annotations

from typing import Any

from emulators.AsyncEmulator import POLL, AsyncEmulator, AsyncPort
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.transports.codec import attributes
from emulators.transports.timing import LivedTime


class _Reached:
    """The ports of the devices to which there is a channel."""

    def __init__(self, ports: Any, reached: set[int]) -> None:
        self._ports, self._reached = ports, reached

    def get(self, destination: Any, /) -> Any:
        """Return the port of a device, or None where there is no channel."""
        return self._ports.get(destination) if destination in self._reached else None


class CodedPort(AsyncPort):
    """A port whose messages are bytes on their way.

    `simulation` has a `dispatch` that takes the bytes, a `codec_of` each device, and a `graph`.
    """

    __slots__ = ()
    simulation: Any
    scheduler: LivedTime

    def __init__(self, index: int, medium: Medium, simulation: AsyncEmulator) -> None:
        super().__init__(index, medium, simulation)
        graph = simulation.graph
        if graph is not None:
            self.ports = _Reached(self.ports, {index, *graph.neighbors[index]})

    def send(self, message: MessageStub) -> None:
        """Send a message of this device: as bytes, which is as good as a copy."""
        simulation = self.simulation
        if self.ident() != self.thread:
            simulation.check_thread()
        cls = type(message)
        if cls in self.known:
            fields = message.__dict__.copy()
        else:
            simulation.check_message(message)
            fields = attributes(message)
        data = simulation.codec_of(self.index).encoded(cls, fields)
        simulation.sent = serial = simulation.sent + 1
        destination = fields.get("_destination")
        now = self.scheduler.now
        arrives = now + self.latency()
        kept = self.kept(fields, data)
        envelope = (arrives, serial, self.index, destination, cls, kept, False, now)
        try:
            target = self.ports.get(destination)
        except TypeError:  # not even something that could be an index
            target = None
        if target is None:
            simulation.lose_address(envelope)
            return
        event = ("send", now, self.index, envelope)
        for hear in self.hear_send:
            hear(event)
        simulation.dispatch(target, envelope, data)
        if serial >= simulation.most_messages:
            simulation.limit_messages()

    def _poll(self) -> int:
        if self.scheduler.task() is not None:
            self.scheduler.doze(*POLL, self._next_arrival())
        return self.scheduler.now

    def kept(self, fields: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Return the fields of a message as the observers see them, who look at once."""
        return fields

    def _next_arrival(self) -> int | None:
        now = self.scheduler.now
        return min((envelope[0] for envelope in self.inbox if envelope[0] > now), default=None)
