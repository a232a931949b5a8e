"""Channels of a hostile network: what stands between the port that sends and the one that receives.

A port looks up the port of its destination and puts the envelope there. Where there is a network,
what it finds is a `Link`, which loses, doubles, corrupts and delays, and then does the same; so a
run without a network pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulators.kernel.clock import ROUND
from emulators.network.corruption import Corrupt
from emulators.network.latency import Latency, Sampler
from emulators.trace.envelope import RawEnvelope

if TYPE_CHECKING:
    from emulators.hostile.hazards import Hazards
    from emulators.port import Port


class Conduct:
    """How channels behave that are alike."""

    def __init__(
        self, hazards: Hazards, usual: dict[str, Any], corruptions: tuple[Corrupt, ...] = ()
    ) -> None:
        self.loss: float = usual["loss"]
        self.duplicate: float = usual["duplicate"]
        self.fifo: bool = usual["fifo"]
        self.corruptions = corruptions
        latency: Latency | None = usual["latency"]
        choices = hazards.choices
        self.in_time: Sampler | None = latency.sampler(choices, False) if latency else None
        self.in_rounds: Sampler | None = latency.sampler(choices, True) if latency else None


class Link:
    """The channel from one device to another."""

    __slots__ = ("chance", "conduct", "hazards", "latest", "source", "target")

    def __init__(self, source: int, target: Port, conduct: Conduct, hazards: Hazards) -> None:
        self.source = source
        self.target = target
        self.conduct = conduct
        self.hazards = hazards
        self.chance: Callable[[], float] = hazards.choices.random
        self.latest = 0

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that leaves: it is lost, doubled, or on its way."""
        duplicate = self.conduct.duplicate
        if duplicate and self.chance() < duplicate:
            simulation = self.hazards.simulation
            simulation.sent += 1
            copy = (envelope[0], simulation.sent, *envelope[2:])
            simulation.emit("duplicate", self.target.index, copy)
            self._travel(envelope)
            self._travel(copy)
        else:
            self._travel(envelope)

    def _travel(self, envelope: RawEnvelope) -> None:
        conduct = self.conduct
        if conduct.loss and self.chance() < conduct.loss:
            return self.hazards.lose(envelope, "on its way")
        if conduct.corruptions:
            envelope = self._corrupted(envelope)
        if self.hazards.simulation.in_rounds:
            envelope = self._late_by_rounds(envelope, conduct)
        else:
            envelope = self._late(envelope, conduct)
        if self.hazards.barriers:
            self.hazards.cross(envelope, self.target)
        else:
            self.target.put(envelope)

    def _late(self, envelope: RawEnvelope, conduct: Conduct) -> RawEnvelope:
        arrives = envelope[0]
        if conduct.in_time is not None:
            arrives = envelope[7] + conduct.in_time()
        if conduct.fifo:
            arrives = self.latest = max(arrives, self.latest)
        return (arrives, *envelope[1:])

    def _late_by_rounds(self, envelope: RawEnvelope, conduct: Conduct) -> RawEnvelope:
        """Let a message arrive some rounds later, on a FIFO channel not before the one before."""
        simulation = self.hazards.simulation
        rounds = 1 if conduct.in_rounds is None else conduct.in_rounds() // ROUND
        due = simulation.number_of_rounds + rounds
        if conduct.fifo:
            due = self.latest = max(due, self.latest)
        if due <= simulation.number_of_rounds + 1:
            return envelope
        simulation.due[envelope[1]] = due
        late = (due - simulation.number_of_rounds - 1) * ROUND
        return (envelope[0] + late, *envelope[1:])

    def _corrupted(self, envelope: RawEnvelope) -> RawEnvelope:
        for corruption in self.conduct.corruptions:
            changed = corruption.applied(envelope, self.hazards.choices)
            if changed is not None:
                envelope = changed
                self.hazards.simulation.emit("corrupt", self.target.index, envelope)
        return envelope


class Links:
    """The channels that leave one device, made when they are first used."""

    def __init__(self, source: int, hazards: Hazards) -> None:
        self._source = source
        self._hazards = hazards
        self._made: dict[Any, Link | Port] = {}

    def get(self, destination: Any, /) -> Link | Port | None:
        """Return the channel to a device, or None where there is none."""
        link = self._made.get(destination)
        return self._make(destination) if link is None else link

    def _make(self, destination: Any) -> Link | Port | None:
        hazards = self._hazards
        target: Port | None = hazards.simulation.ports.get(destination)
        if target is None:
            return None
        link: Link | Port | None
        if target.index == self._source:
            link = hazards.to_itself(target)
        elif hazards.reaches(self._source, target.index):
            conduct = hazards.conduct(self._source, target.index)
            link = Link(self._source, target, conduct, hazards)
        else:
            return None
        self._made[destination] = link
        return link
