"""The order in which messages are received, or contents delivered: FIFO, causal, total.

[CDK] 15.4.3, Hadzilacos and Toueg 1994. What is sent and what is delivered is told by a view:
messages of the network by default, contents of a multicast in lecture 5. Each order says only what
may not come after what. That something never comes is another property's business (broadcast.py).
"""

from __future__ import annotations

from collections.abc import Hashable

from emulators.check.property import Property
from emulators.check.views import BROADCASTS, MESSAGES, View
from emulators.trace.events import RawEvent


class Ordered(Property):
    """A property of the order of deliveries, as a view tells them.

    `sent` and `delivered` are called with the event and what identifies the content.
    """

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self.calls = view.calls
        self.offered: set[Hashable] = set()
        self.given: set[tuple[int, Hashable]] = set()
        self._sends: dict[Hashable, RawEvent] = {}
        self._gets: dict[tuple[int, Hashable], RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Pass on what the view makes of an event; of equal deliveries, the first."""
        seen = self._view.see(event)
        if seen is None:
            return
        kind, device, content = seen
        if kind == "send":
            if content not in self.offered:
                self.offered.add(content)
                self._sends[content] = event
                self.sent(device, content, event)
        elif content in self.offered and (device, content) not in self.given:
            self.delivered(device, content, event)
            self.given.add((device, content))
            self._gets[device, content] = event

    on_receive = on_call = on_send

    def show(self, content: Hashable) -> str:
        """Return a content in words."""
        return self._view.show(content)

    def sent(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Take account of a content that a device sends."""
        raise NotImplementedError

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Judge a content that a device is given."""
        raise NotImplementedError


class Fifo(Ordered):
    """FIFO order: the contents of one sender are delivered in the order in which it sent them."""

    name = "fifo"
    sentence = "What one device sends is delivered in the order in which it was sent."

    def __init__(self, view: View = MESSAGES) -> None:
        super().__init__(view)
        self.numbers: dict[Hashable, tuple[int, int]] = {}
        self.newest: dict[tuple[int, int], tuple[int, Hashable]] = {}

    def sent(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Number the contents."""
        self.numbers[content] = (device, len(self.numbers))

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Compare with the newest of the same sender."""
        sender, number = self.numbers[content]
        newest, later = self.newest.get((sender, device), (-1, None))
        if number > newest:
            self.newest[sender, device] = (number, content)
            return
        self.violated(
            f"device {device} {self._view.verb} {self.show(content)} of device {sender} "
            f"{self.when(event)}, after {self.show(later)}, which device {sender} sent later",
            self._sends[content],
            self._sends[later],
            self._gets[device, later],
            event,
            hint="what comes too early has to be held back, here or where its place is decided",
        )


class Causal(Ordered):
    """Causal order: nothing is delivered before what could have caused it.

    A content knows all that its sender had sent or delivered before: a vector clock over contents
    ([CDK] 15.4.3, Birman, Schiper and Stephenson 1991). Includes FIFO order.
    """

    name = "causal"
    sentence = "What could have caused a content is delivered before it."

    def __init__(self, view: View = MESSAGES) -> None:
        super().__init__(view)
        self.clocks: list[list[int]] = []
        self.known: list[list[int]] = []
        self.stamps: dict[Hashable, tuple[int, tuple[int, ...]]] = {}

    def begin(self, number_of_devices: int) -> None:
        """Set all clocks to zero."""
        super().begin(number_of_devices)
        self.clocks = [[0] * number_of_devices for _ in range(number_of_devices)]
        self.known = [[0] * number_of_devices for _ in range(number_of_devices)]

    def sent(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Stamp a content with all that its sender knows."""
        clock = self.clocks[device]
        clock[device] += 1
        self.stamps[content] = (device, tuple(clock))

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Look for something delivered here that knew of this content."""
        sender, stamp = self.stamps[content]
        known, clock = self.known[device], self.clocks[device]
        if known[sender] >= stamp[sender]:
            self._report(device, content, event)
        known[:] = map(max, known, stamp)
        clock[:] = map(max, clock, stamp)

    def _report(self, device: int, content: Hashable, event: RawEvent) -> None:
        sender, stamp = self.stamps[content]
        effect = next(
            other
            for receiver, other in self._gets
            if receiver == device and self.stamps[other][1][sender] >= stamp[sender]
        )
        self.violated(
            f"device {device} {self._view.verb} {self.show(content)} of device {sender} "
            f"{self.when(event)}, after {self.show(effect)} of device {self.stamps[effect][0]}, "
            "which it could have caused",
            self._sends[content],
            self._sends[effect],
            self._gets[device, effect],
            event,
            hint="what comes before its cause has to be held back",
        )


class TotalOrder(Ordered):
    """Total order: no two devices deliver two contents in different orders."""

    name = "total_order"
    sentence = "Whoever delivers two contents delivers them in the same order."

    def __init__(self, view: View = BROADCASTS) -> None:
        super().__init__(view)
        self.places: dict[int, dict[Hashable, int]] = {}
        self.latest: dict[tuple[int, int], int] = {}

    def sent(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Contents are compared where they are delivered."""

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Compare with all others who have it.

        `latest` of (one, other) is the last place in the order of `other` of anything that both
        have: what comes to `one` now must not be before it.
        """
        mine = self.places.setdefault(device, {})
        mine[content] = place = len(mine)
        for other, theirs in self.places.items():
            if other == device or content not in theirs:
                continue
            if theirs[content] < self.latest.get((device, other), -1):
                self._report(device, other, content, event)
            self.latest[device, other] = max(self.latest.get((device, other), -1), theirs[content])
            self.latest[other, device] = place

    def _report(self, device: int, other: int, content: Hashable, event: RawEvent) -> None:
        theirs = self.places[other]
        first = next(one for one in self.places[device] if theirs.get(one, -1) > theirs[content])
        self.violated(
            f"device {device} {self._view.verb} {self.show(first)} before {self.show(content)}, "
            f"and device {other} the other way round",
            self._gets[other, content],
            self._gets[other, first],
            self._gets[device, first],
            event,
            hint="both have to learn one order from somebody, or agree on one, before they deliver",
        )
