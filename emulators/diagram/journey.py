"""A message on its way: what is to be seen between the pictures before and after a step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from emulators.diagram.asked import RowLike
from emulators.diagram.parts import Disc, NetworkPicture, Node
from emulators.diagram.plane import Point, bent, curve

Way = tuple[Point, Point, Point]
_HALF_WAY = 0.5
_LOOKS = 64
_AHEAD = 0.02


@dataclass(frozen=True)
class Journey:
    """A disc that goes along a curved `way`, from a share of it to another.

    `serial` is the message that was sent or received; `is_arrival` tells that it was received.
    """

    serial: int
    disc: Disc
    way: Way
    begins: float
    ends: float
    is_arrival: bool

    def after(self, share: float) -> Disc:
        """Return the disc after a share of the journey, 0 to 1."""
        place = self.begins + (self.ends - self.begins) * share
        center = curve(*self.way, place)
        tip = center.towards(curve(*self.way, place + _AHEAD), self.disc.radius)
        return replace(self.disc, center=center, tip=tip)


def journey(
    before: NetworkPicture, after: NetworkPicture, events: Iterable[RowLike]
) -> Journey | None:
    """Return how a message went in a step, from the events of that step; None where none did.

    A message that is sent goes to where it waits, one that is received from there to its device,
    one that is lost half of the way.
    """
    moved = [event for event in events if event.kind in ("send", "receive")]
    if len(moved) != 1:
        return None
    event, count = moved[0], len(after.nodes)
    source, destination = event.source, event.destination
    if source is None or destination is None or not (source < count > destination >= 0):
        return None
    is_arrival = event.kind == "receive"
    disc = _disc_of(before if is_arrival else after, event.message)
    way = _way(after, after.nodes[source], after.nodes[destination], disc)
    waits = _HALF_WAY if disc is None else _share_at(way, disc.center)
    shown = disc or _new_disc(after.nodes[source], destination)
    return Journey(
        event.message,
        replace(shown, serials=(event.message,), ready=is_arrival or shown.ready, label=None),
        way,
        begins=waits if is_arrival else 0.0,
        ends=1.0 if is_arrival else waits,
        is_arrival=is_arrival,
    )


def _disc_of(picture: NetworkPicture, serial: int) -> Disc | None:
    return next((disc for disc in picture.discs if serial in disc.serials), None)


def _new_disc(source: Node, destination: int) -> Disc:
    """Return how a message looks that waits nowhere, because it was lost at once."""
    center = source.center
    return Disc(center, max(4.0, source.radius * 0.4), center, (), source.index, destination, False)


def _way(picture: NetworkPicture, source: Node, destination: Node, disc: Disc | None) -> Way:
    """Return the channel of the last message; straight to its disc where it goes to its sender."""
    for channel in reversed(picture.channels):
        if (channel.source, channel.destination) == (source.index, destination.index):
            return channel.start, channel.control, channel.end
    start, end = source.center, destination.center
    if source is destination and disc is not None:
        end = disc.center
    return start, bent(start, end, 0), end


def _share_at(way: Way, place: Point) -> float:
    """Return after which share a curve comes closest to a place."""
    shares = [number / _LOOKS for number in range(_LOOKS + 1)]
    return min(shares, key=lambda share: math.dist(curve(*way, share), place))
