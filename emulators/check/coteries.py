"""Lecture 16: coteries that intersect, and votes that go to the oldest request.

Both look at the messages `Request(timestamp)`, `Yes` and `Release` of the lecture, by their names.
"""

from __future__ import annotations

from emulators.check.property import Property
from emulators.trace.events import RawEvent

Request = tuple[int, int]
"""A request: its timestamp and the device that asks. The smaller one is the older one."""


class IntersectingCoteries(Property):
    """Whoever enters has asked a set of devices that meets the set of everybody else.

    The coterie of an entry: the devices that were asked since the last one, and the device itself.
    Sanders, ACM TOCS 5(3), 1987: without the intersection two devices can be inside.
    """

    name = "coteries"
    sentence = "Any two devices that enter have asked at least one device in common."

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[int, frozenset[int]] = {}
        self.coteries: dict[int, frozenset[int]] = {}

    def on_send(self, event: RawEvent) -> None:
        """Remember who is asked."""
        envelope = event[3]
        if envelope[4].__name__ == "Request":
            asked = self.asked.get(event[2], frozenset())
            self.asked[event[2]] = asked | {envelope[3]}

    def on_enter(self, event: RawEvent) -> None:
        """Compare the coterie of this entry with those of all others."""
        device = event[2]
        coterie = self.asked.pop(device, frozenset()) | {device}
        self.coteries[device] = coterie
        for other, theirs in sorted(self.coteries.items()):
            if not coterie & theirs:
                self.violated(
                    f"device {device} entered after asking {_named(coterie)}, "
                    f"device {other} after asking {_named(theirs)}: nobody was asked by both",
                    event,
                    hint="the row of one device must cross the column of the other",
                )


class OldestFirst(Property):
    """A voter's Yes goes to the oldest of all requests that it has received and not seen released.

    The order is that of (timestamp, index). It holds at each voter; a request that is still on its
    way to a voter is not known there, so devices may enter in another order. What is received at
    the same moment as the Yes is sent counts as not known: it may be next in a list of messages.
    """

    name = "oldest_first"
    sentence = "A voter says Yes to the oldest request that it knows of."

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[tuple[int, int], int] = {}  # voter, asker -> latest timestamp received
        self.open: dict[tuple[int, int], tuple[int, ...]] = {}  # voter, asker -> timestamps
        self.current: dict[int, int] = {}  # asker -> timestamp of its last request
        self.left: dict[int, int] = {}  # asker -> timestamp of the last entry that is over
        self._moment = -1
        self.fresh: frozenset[tuple[int, int, int]] = frozenset()  # received at this moment

    def on_leave(self, event: RawEvent) -> None:
        """Remember which request is served: its releases are on their way now."""
        self.left[event[2]] = self.current.get(event[2], 0)

    def on_receive(self, event: RawEvent) -> None:
        """Open a request at a voter, or close it."""
        _, _, sender, _, cls, fields, _, _ = event[3]
        pair = (event[2], sender)
        if cls.__name__ == "Request":
            timestamp = fields["timestamp"]
            if timestamp > self.newest.get(pair, -1):  # else a second copy
                self.newest[pair] = timestamp
                self.open[pair] = (*self.open.get(pair, ()), timestamp)
                before = self.fresh if event[1] == self._moment else frozenset()
                self._moment, self.fresh = event[1], before | {(*pair, timestamp)}
        elif cls.__name__ == "Release":
            served = self.left.get(sender, -1)
            left = tuple(t for t in self.open.get(pair, ()) if t > served)
            self.open[pair] = left

    def on_send(self, event: RawEvent) -> None:
        """Judge a Yes."""
        _, _, sender, destination, cls, fields, _, _ = event[3]
        if cls.__name__ == "Request":
            self.current[sender] = fields["timestamp"]
        elif cls.__name__ == "Yes":
            self._judge(event, sender, destination)

    def _judge(self, event: RawEvent, voter: int, chosen: int) -> None:
        if event[1] != self._moment:
            self.fresh = frozenset()
        known = [
            (min(timestamps), asker)
            for (asked, asker), timestamps in self.open.items()
            if asked == voter and timestamps
        ]
        mine = next((request for request in known if request[1] == chosen), None)
        if mine is None:
            self.violated(
                f"device {voter} said Yes to device {chosen}, "
                "which had not asked, or had released already",
                event,
                hint="see to whom the vote goes after Relinquish and Release",
            )
            return
        oldest = min(
            (old for old in known if (voter, old[1], old[0]) not in self.fresh), default=mine
        )
        if oldest < mine:
            self.violated(
                f"device {voter} said Yes to the request of device {chosen} with timestamp "
                f"{mine[0]}, and knew the older one of device {oldest[1]} with timestamp "
                f"{oldest[0]}",
                event,
                hint="the queue of a voter is ordered by (timestamp, index)",
            )


def _named(devices: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(devices)))
