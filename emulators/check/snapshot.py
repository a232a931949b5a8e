"""Lecture 13: what a snapshot of the bank has to be (Chandy and Lamport, ACM TOCS 3(1), 1985).

The cut of a node is where it records its state (an event ``cut``). What it has written down is in
its reply to the observer that collects. Transfers are told apart by their places in the channel,
from 0, so that two of the same amount are two.
"""

from __future__ import annotations

from typing import Any

from emulators.check.property import Property
from emulators.trace.events import RawEvent

Channel = tuple[int, int]
"""From this device to that one."""


class Snapshots(Property):
    """Follows all transfers, and for each channel how many lie before the cuts of its two ends."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[int, int] = {}  # device of a node -> its number in the script
        self.balances: dict[int, int] = {}  # at the start
        self.sent: dict[Channel, tuple[int, ...]] = {}  # amounts
        self.places: dict[int, int] = {}  # serial number, on its way -> place in the channel
        self.taken: dict[Channel, tuple[int, ...]] = {}
        self.cuts: dict[tuple[int, int], tuple[dict[int, int], dict[int, int]]] = {}
        """Snapshot and node -> how many were sent to, and taken from, each other node before."""

    def cut(self, event: RawEvent, snapshot: int, node: int) -> None:
        """Judge a cut; it is known already."""

    def recorded(self, event: RawEvent, snapshot: int, node: int, values: list[Any]) -> None:
        """Judge the complete record of a node: balance, and amounts by source."""

    def named(self, node: int) -> str:
        """Return a node as the script calls it."""
        return f"node {self.numbers.get(node, node)}"

    def nodes_with(self, snapshot: int) -> list[int]:
        """Return the nodes that have recorded their state for a snapshot."""
        return sorted(node for number, node in self.cuts if number == snapshot)

    def before(self, snapshot: int, channel: Channel) -> tuple[int, tuple[int, ...]]:
        """Return how many were sent before the cut of the source, and which taken before the other.

        What is sent before has the places below that number.
        """
        source, destination = channel
        sent = self.cuts[snapshot, source][0].get(destination, 0)
        taken = self.cuts[snapshot, destination][1].get(source, 0)
        return sent, self.taken.get(channel, ())[:taken]

    # -- events

    def on_cut(self, event: RawEvent) -> None:
        """Remember where the cut passes this node."""
        node, snapshot = event[2], event[3]
        sent = {to: len(all_) for (one, to), all_ in self.sent.items() if one == node}
        taken = {one: len(all_) for (one, to), all_ in self.taken.items() if to == node}
        self.cuts[snapshot, node] = sent, taken
        self.cut(event, snapshot, node)

    def on_send(self, event: RawEvent) -> None:
        """Follow a transfer, the creation of a node, or a reply."""
        _, serial, source, destination, cls, fields, _, _ = event[3]
        name = fields.get("name")
        if cls.__name__ == "Transfer":
            channel = (source, destination)
            amounts = self.sent.get(channel, ())
            self.places[serial] = len(amounts)
            self.sent[channel] = (*amounts, fields["amount"])
        elif cls.__name__ == "Command" and name == "Create":
            self.numbers[destination], self.balances[destination] = fields["arguments"][:2]
        elif cls.__name__ == "Reply" and name == "Collect" and source in self.numbers:
            snapshot, is_there, *values, still_open = fields["values"]
            if is_there and not still_open:
                self.recorded(event, snapshot, source, values)

    def on_receive(self, event: RawEvent) -> None:
        """Follow a transfer that is taken out of its channel."""
        _, serial, source, _, cls, _, _, _ = event[3]
        place = self.places.pop(serial, None)
        if cls.__name__ == "Transfer" and place is not None:  # else it is a second copy
            channel = (source, event[2])
            self.taken[channel] = (*self.taken.get(channel, ()), place)


class ConsistentCut(Snapshots):
    """Whatever was received before the cut was sent before the cut ([CDK] 14.5)."""

    name = "consistent_cut"
    sentence = "No money is received before the cut of a snapshot that is sent after it."

    def cut(self, event: RawEvent, snapshot: int, node: int) -> None:
        """Compare with the cuts of those that have recorded before."""
        for source in self.nodes_with(snapshot):
            if source == node:
                continue
            sent, taken = self.before(snapshot, (source, node))
            early = [place for place in taken if place >= sent]
            if early:
                amount = self.sent[source, node][early[0]]
                self.violated(
                    f"snapshot {snapshot}: {self.named(source)} sent {amount} after "
                    f"its record, and {self.named(node)} received it before its own",
                    event,
                    hint="a node records at the first token, before it handles anything else; "
                    "and the channels have to be FIFO",
                )


class ChannelStates(Snapshots):
    """The recorded state of a channel is what was sent, and not received, before the cut."""

    name = "channel_states"
    sentence = "The state of a channel is exactly the money that was on its way."

    def recorded(self, event: RawEvent, snapshot: int, node: int, values: list[Any]) -> None:
        """Compare each channel with what was on its way."""
        found = {source: sorted(amounts) for source, *amounts in values[1]}
        for source in self.numbers:
            if source != node and source in found:
                self._compare(event, snapshot, (source, node), found[source])

    def _compare(self, event: RawEvent, snapshot: int, channel: Channel, found: list[int]) -> None:
        name = f"channel {self.numbers[channel[0]]} -> {self.numbers[channel[1]]}"
        if not {(snapshot, channel[0]), (snapshot, channel[1])} <= self.cuts.keys():
            self.violated(
                f"snapshot {snapshot}: {name} is complete before both ends have recorded",
                event,
                hint="a channel is complete when the token has come on it",
            )
            return
        sent, taken = self.before(snapshot, channel)
        amounts = self.sent.get(channel, ())[:sent]
        expected = sorted(one for place, one in enumerate(amounts) if place not in taken)
        if found != expected:
            self.violated(
                f"snapshot {snapshot}: the state of {name} is {_list(found)}, "
                f"but {_list(expected)} was on its way",
                event,
                hint="record what comes on a channel after the own record and before the token",
            )


class Conservation(Snapshots):
    """All money of a snapshot, in nodes and in channels, is the money of the bank."""

    name = "conservation"
    sentence = "Balances and channels of a snapshot together are the money of the bank."

    def __init__(self) -> None:
        super().__init__()
        self.money: dict[int, dict[int, int]] = {}  # snapshot -> balances when it began
        self.found: dict[int, dict[int, int]] = {}  # snapshot -> money in the record of each node

    def cut(self, event: RawEvent, snapshot: int, node: int) -> None:
        """Remember which nodes there are when a snapshot begins."""
        self.money.setdefault(snapshot, dict(self.balances))

    def recorded(self, event: RawEvent, snapshot: int, node: int, values: list[Any]) -> None:
        """Add up, when all have recorded."""
        expected = self.money.get(snapshot)
        found = self.found.setdefault(snapshot, {})
        found[node] = values[0] + sum(sum(amounts) for _, *amounts in values[1])
        if expected is None or found.keys() != expected.keys():
            return
        total, money = sum(found.values()), sum(expected.values())
        if total != money:
            what = "made" if total > money else "lost"
            self.violated(
                f"snapshot {snapshot} has {total}, the bank has {money}: "
                f"{abs(total - money)} was {what}",
                event,
                hint="see whether an amount is in a balance and in a channel, or in neither",
            )


def _list(amounts: list[int]) -> str:
    return ", ".join(map(str, amounts)) or "nothing"
