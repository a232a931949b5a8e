"""The score of a replicated object: is it consistent, how available, how fast, at what cost?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emulators.check.history import History
from emulators.check.linearizable import explained, linearize
from emulators.check.specifications import Operation
from emulators.Device import Device
from emulators.kernel.clock import ROUND
from emulators.simulation import Simulation
from emulators.trace.events import RawEvent


@dataclass(frozen=True)
class Points:
    """What a run is worth. Latencies are in rounds; `messages` were sent up to the last answer.

    `conflict` are the first operations that no order allows.
    """

    operations: int
    answered: int
    mean_latency: float
    longest_latency: float
    messages: int
    conflict: tuple[Operation, ...] = ()

    @property
    def points(self) -> int:
        """The share of operations that were answered, in percent; 0 for an inconsistent object."""
        if self.conflict or not self.operations:
            return 0
        return round(100 * self.answered / self.operations)

    @property
    def messages_each(self) -> float:
        """Messages sent for each operation."""
        return self.messages / self.operations if self.operations else 0.0


class Score(History):
    """Watches a run: the operations that clients tell of, and the messages that are sent."""

    def __init__(self, ignored: Iterable[type] = ()) -> None:
        super().__init__()
        self._ignored = frozenset(ignored)
        self._messages = 0

    @classmethod
    def of(cls, device: Device, ignored: Iterable[type] = ()) -> Score:
        """Return a score that watches the run of a device from now on.

        Messages of the types that are `ignored` are not counted.
        """
        score = cls(ignored)
        emulator = device._medium._emulator
        if isinstance(emulator, Simulation):
            emulator.observe(score)
        return score

    def on_send(self, event: RawEvent) -> None:
        """Count a message."""
        self._messages += event[3][4] not in self._ignored

    def points(self) -> Points:
        """Judge what has happened so far."""
        operations = self.operations
        times = [one.returned - one.invoked for one in operations if one.returned is not None]
        return Points(
            operations=len(operations),
            answered=len(times),
            mean_latency=sum(times) / len(times) / ROUND if times else 0.0,
            longest_latency=max(times, default=0) / ROUND,
            messages=self._messages,
            conflict=linearize(operations).conflict,
        )

    def lines(self) -> Iterator[str]:
        """Return the score as lines for a person."""
        points = self.points()
        if not points.operations:
            yield "Score: not known, no operation was seen (a real process sees only its own)"
            return
        if points.conflict:
            yield f"Consistency: NOT linearizable: {explained(points.conflict)}"
        elif not points.answered:
            yield "Consistency: nothing was answered, so nothing contradicts anything"
        else:
            yield f"Consistency: linearizable, {points.operations} operations fit one order"
        share = 100 * points.answered / points.operations if points.operations else 0.0
        yield f"Availability: {points.answered} of {points.operations} answered, {share:.1f} %"
        yield (
            f"Latency: {points.mean_latency:.1f} rounds on average, "
            f"{points.longest_latency:.1f} at most"
        )
        yield f"Messages: {points.messages_each:.1f} per operation"
        yield f"Score: {points.points} of 100"
