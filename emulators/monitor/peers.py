"""Who else is there: heard of, silent, gone, or of another make.

A process is *gone* when that is certain (its address refuses), and *silent* when nothing was heard
for the detection time. Only one that has sent a frame of ours is counted on: it is a *member*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Peer:
    """What is known of another process; `heard` is when it was last heard, or None.

    `deaf`: frames may not reach it yet.
    """

    deaf: bool = False
    heard: float | None = None
    incarnation: int | None = None
    gone: bool = False
    left: bool = False

    @property
    def ours(self) -> bool:
        """Whether it speaks all of our language, not only the documented part."""
        return self.incarnation is not None


class Peers:
    """The other processes of a group, by index; all are `deaf` at first, or none.

    `detection` seconds without a sign make one silent. `presume` seconds make it gone; None never.
    """

    def __init__(
        self, me: int, number: int, detection: float, presume: float | None, deaf: bool = False
    ) -> None:
        self._all = {index: Peer(deaf) for index in range(number) if index != me}
        self._detection = detection
        self._presume = presume

    def __getitem__(self, index: int) -> Peer:
        return self._all[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def heard(self, index: int, now: float) -> None:
        """Note a sign of life."""
        peer = self._all[index]
        peer.heard, peer.gone = now, peer.left

    def lives(self, index: int, incarnation: int) -> bool:
        """Note which life a process is in; return whether an earlier one has ended."""
        peer = self._all[index]
        before, peer.incarnation = peer.incarnation, incarnation
        if before is None or before == incarnation:
            return False
        peer.gone = peer.left = False
        return True

    def left(self, index: int) -> None:
        """Note that a process has said goodbye: in this life it is gone for good."""
        self._all[index].gone = self._all[index].left = True

    def presumed(self, now: float) -> list[int]:
        """Return who has become gone because of a long silence."""
        found = []
        for index, peer in self._all.items():
            silence = 0.0 if peer.heard is None else now - peer.heard
            if self._presume is not None and not peer.gone and silence > self._presume:
                peer.gone = True
                found.append(index)
        return found

    def met(self) -> bool:
        """Return whether every process of the group is one of ours and has said so."""
        return all(peer.ours for peer in self._all.values())

    def members(self) -> list[int]:
        """Return those of ours that are not gone."""
        return [index for index, peer in self._all.items() if peer.ours and not peer.gone]

    def alive(self, now: float) -> list[int]:
        """Return the members that are not silent."""
        return [index for index in self.members() if self._audible(index, now)]

    def _audible(self, index: int, now: float) -> bool:
        heard = self._all[index].heard
        return heard is not None and now - heard <= self._detection

    def may_hold(self, index: int, now: float) -> bool:
        """Return whether a token is well sent to a process that asks for it."""
        peer = self._all[index]
        return not peer.gone and (self._audible(index, now) if peer.ours else not peer.deaf)

    def foreign(self, index: int) -> bool:
        """Return whether another process is there, and is not one of ours."""
        peer = self._all.get(index, Peer())
        return peer.heard is not None and not peer.ours and not peer.gone
