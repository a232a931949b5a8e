"""The histories of all devices as one recording, which the simulator runs again event for event.

Every moment of a run belongs to one device (timing.py), and no message arrives before it was sent;
so the order in time is an order that the run could have had, and it is checked against the vector
clocks of the events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec

from emulators.kernel.choices import Decision
from emulators.trace.causality import STEPS
from emulators.trace.log import Line
from emulators.transports.history import Kind
from emulators.transports.timing import NEVER

_OTHERS = ("todo", "lose", "duplicate")
"""Events that are not counted as those of a device."""
Message = tuple[int, int]
"""Its sender, and its number there."""


@dataclass
class Item:
    """A decision or an event of a device, in one of its lives, `place` th there."""

    time: int
    device: int
    life: int
    place: float
    decision: Decision | None = None
    line: Line | None = None
    message: Message | None = None
    clock: list[int] = field(default_factory=list)


@dataclass
class Life:
    """One life of a device: what it lived through, when it began and was killed (ticks).

    `built` is how many items its constructor had; `kept` is the stable storage it began with.
    """

    device: int
    number: int
    items: list[Item] = field(default_factory=list)
    began: int = 0
    built: int = 0
    killed: int | None = None
    kept: bytes = b""

    def plain(self) -> list[Any]:
        """Return what the simulator has to know: device, which life, times, how many items, and
        the stable storage it began with, in hexadecimal digits.
        """
        others = [item for item in self.items if item.line is not None and item.line.e in _OTHERS]
        own = len(self.items) - len(others)
        return [self.device, self.number, self.began, self.killed, own, self.kept.hex()]


class Merged:
    """A real run as one sequence of decisions and events; `lives` are those of all devices."""

    def __init__(
        self,
        histories: dict[tuple[int, int], list[bytes]],
        number_of_devices: int,
        kills: Iterable[tuple[int, int, int]],
    ) -> None:
        self._many = number_of_devices
        arrivals: dict[Message, int] = {}
        lives = [
            _life(device, number, pieces, arrivals)
            for (device, number), pieces in sorted(histories.items())
        ]
        for device, number, time in kills:
            for life in lives:
                if (life.device, life.number) == (device, number):
                    life.killed = self._after(life, time)
        self.lives = sorted(lives, key=attrgetter("number", "began", "device"))
        self._settle_flights(arrivals)
        self.items = self._in_order()
        self.end = max((item.time for item in self.items), default=0) + number_of_devices

    def _after(self, life: Life, time: int) -> int:
        """Return a moment of a device at which nothing happens to it any more."""
        last = max((item.time for item in life.items), default=0)
        time = max(time, last + 1)
        return time + (life.device - time) % self._many

    def _settle_flights(self, arrivals: dict[Message, int]) -> None:
        """Let each message take as long as it took; those that never came, for ever."""
        for life in self.lives:
            for item in life.items:
                if item.message is not None and item.line is None:
                    arrived = arrivals.get(item.message)
                    item.decision = NEVER if arrived is None else arrived - item.time

    # -- the order

    def _in_order(self) -> list[Item]:
        items = [item for life in self.lives for item in life.items]
        items += self._crashes_and_restarts()
        items.sort(key=attrgetter("time", "device", "life", "place"))
        return list(_once(self._until_all_ended(items)))

    def _crashes_and_restarts(self) -> Iterator[Item]:
        for life in self.lives:
            if life.killed is not None:
                place: float = len(life.items)
                line = Line("crash", life.killed, life.device)
                yield Item(life.killed, life.device, life.number, place, line=line)
            if life.number:
                place = life.built - 0.5  # after what its constructor did
                line = Line("restart", life.began, life.device)
                yield Item(life.began, life.device, life.number, place, line=line)

    def _until_all_ended(self, items: list[Item]) -> list[Item]:
        """Leave out what threads did after `run` of the last device had ended, if all have."""
        going = {life.device for life in self.lives}
        for number, item in enumerate(items):
            kind = item.line.e if item.line is not None else ""
            if kind in ("end", "crash"):
                going.discard(item.device)
            elif kind == "restart":
                going.add(item.device)
            if not going and not any(_is(one, "restart") for one in items[number:]):
                return items[: number + 1]
        return items

    # -- the lines of a recording

    def lines(self, ended: str) -> Iterator[Line]:
        """Return the lines of the recording after its header."""
        numbers: dict[Message, int] = {}
        decisions: list[Decision] = []
        written = 0
        for item in self.items:
            if item.line is None:
                assert item.decision is not None
                decisions.append(item.decision)
                continue
            line = item.line
            if line.e in ("send", "undeliverable", "duplicate") and item.message is not None:
                numbers[item.message] = len(numbers) + 1
            if item.message is not None:
                line.m = numbers[item.message]
            line.c = decisions or None
            decisions = []
            written += 1
            yield line
        yield Line("finish", self.end, s=[ended, written], c=decisions or None)

    def inconsistent(self) -> str:
        """Return where the order contradicts the vector clocks, or nothing.

        A cut of the run before any event must be consistent: of each device, what the event knows
        of has come before it (Mattern 1989).
        """
        if any(life.number for life in self.lives):
            return ""  # who begins anew counts anew
        seen = [0] * self._many
        for number, item in enumerate(self.items, start=1):
            if item.line is None or item.line.e not in STEPS or not item.clock:
                continue
            seen[item.device] += 1
            known = enumerate(item.clock)
            ahead = [device for device, steps in known if steps > seen[device]]
            if ahead or item.clock[item.device] != seen[item.device]:
                return (
                    f"event {number} of device {item.device} knows what device {ahead} does later"
                )
        return ""


def _is(item: Item, kind: str) -> bool:
    return item.line is not None and item.line.e == kind


def _once(items: Iterable[Item]) -> Iterator[Item]:
    """Let the first device that misses a part of the exercise be the only one that says so."""
    said: set[str] = set()
    for item in items:
        if item.line is not None and item.line.e == "todo":
            text = item.line.s[0]
            if text in said:
                continue
            said.add(text)
        yield item


def _life(device: int, number: int, pieces: list[bytes], arrivals: dict[Message, int]) -> Life:
    """Return a life from the records of a history; note what arrived when."""
    life = Life(device, number)
    open_decisions: dict[int, Item] = {}
    for piece in pieces:
        for kind, *rest in msgspec.msgpack.decode(piece):
            if kind == Kind.BEGAN:
                life.began, life.kept = rest
                life.built = len(life.items)
            elif kind == Kind.FILLED:
                open_decisions[rest[0]].decision = rest[1]
            elif kind == Kind.ARRIVAL:
                arrivals[rest[0], rest[1]] = rest[2]
            else:
                item = Item(rest[0], device, number, len(life.items))
                life.items.append(item)
                _READERS[kind](item, rest[1:], open_decisions)
    return life


def _decided(item: Item, rest: list[Any], open_decisions: dict[int, Item]) -> None:
    item.decision = rest[0]


def _drawn(item: Item, rest: list[Any], open_decisions: dict[int, Item]) -> None:
    item.decision = int.from_bytes(rest[0], "big")


def _undecided(item: Item, rest: list[Any], open_decisions: dict[int, Item]) -> None:
    item.decision = NEVER
    open_decisions[rest[0]] = item


def _flight(item: Item, rest: list[Any], open_decisions: dict[int, Item]) -> None:
    item.message = (item.device, rest[0])


def _event(item: Item, rest: list[Any], open_decisions: dict[int, Item]) -> None:
    line, message, item.clock = rest
    item.line = msgspec.json.decode(line, type=Line)
    item.message = None if message is None else (message[0], message[1])


_READERS = {
    Kind.DECIDED: _decided,
    Kind.DRAWN: _drawn,
    Kind.UNDECIDED: _undecided,
    Kind.FLIGHT: _flight,
    Kind.EVENT: _event,
}
