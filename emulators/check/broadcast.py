"""Reliable multicast: validity, agreement and integrity ([CDK] 15.4.2), also in groups.

Contents are what applications hand down by ``send`` and are handed up by ``deliver``. `members`
says who shall deliver a content, by default all devices. With groups that overlap it is those of
its group; where nobody says who they are (`ADDRESSED`), all to whom a message with it is sent. What
is promised for the end is asked of contents that are older than `patience` rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING

from emulators.check.property import Property, frozen
from emulators.check.published import carried
from emulators.check.views import CONTENTS, View
from emulators.check.words import devices
from emulators.kernel.clock import ROUND
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Members = Callable[[Hashable], Collection[int]]
ADDRESSED = "addressed"
PATIENCE = 30
"""Rounds of 0.1 virtual seconds that a content may be on its way."""


class Multicast(Property):
    """What properties of multicast share: who sent a content, and who has delivered it."""

    def __init__(
        self, view: View = CONTENTS, members: Members | str | None = None, patience: int = PATIENCE
    ) -> None:
        super().__init__()
        self._view = view
        self._members = members
        self._patience = patience
        self.calls = view.calls
        self.senders: dict[Hashable, int] = {}
        self.given: dict[Hashable, list[int]] = {}
        self.addressed: dict[Hashable, set[int]] = {}
        self.crashed: set[int] = set()
        self._events: dict[tuple[Hashable, int], RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Note a content that is sent or delivered."""
        seen = self._view.see(event)
        if seen is None:
            if self._members == ADDRESSED and event[0] == "send":
                self._note_addressed(event)
            return
        kind, device, content = seen
        if kind == "send":
            self.senders.setdefault(content, device)
            self._events.setdefault((content, -1), event)
        else:
            self.delivered(device, content, event)
            self.given.setdefault(content, []).append(device)
            self._events.setdefault((content, device), event)

    on_receive = on_call = on_send

    def _note_addressed(self, event: RawEvent) -> None:
        for part in map(frozen, carried(event[3])):
            if part in self.senders:
                self.addressed.setdefault(part, set()).add(event[3][3])

    def members(self, run_ids: Collection[int], content: Hashable) -> Collection[int]:
        """Return the devices that are to deliver a content."""
        if callable(self._members):
            return self._members(content)
        return self.addressed.get(content, set()) if self._members else run_ids

    def on_crash(self, event: RawEvent) -> None:
        """Promise nothing to or of a device that has crashed."""
        self.crashed.add(event[2])

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Judge a delivery; `given` holds those before it."""

    def missing(self, run: Simulation, content: Hashable) -> list[int]:
        """Return the members of a content's group that live and have not delivered it."""
        members = set(self.members(run.ids, content))
        return sorted(members - set(self.given.get(content, ())) - self.crashed)

    def is_old(self, run: Simulation, event: RawEvent) -> bool:
        """Whether an event was so long ago that its consequences should be there."""
        return run.scheduler.now - event[1] >= self._patience * ROUND


class Integrity(Multicast):
    """Safety: at most once, and only what was sent."""

    name = "integrity"
    sentence = "A content is delivered at most once, and only if it was sent."

    def delivered(self, device: int, content: Hashable, event: RawEvent) -> None:
        """Look for the sender, and for an earlier delivery."""
        shown = self._view.show(content)
        if content not in self.senders:
            self.violated(
                f"device {device} {self._view.verb} {shown}, which nobody has sent",
                event,
                hint="what is handed up is the content, as the sender handed it down",
            )
        elif device in self.given.get(content, ()):
            self.violated(
                f"device {device} {self._view.verb} {shown} a second time {self.when(event)}",
                self._events[content, -1],
                self._events[content, device],
                event,
                hint="remember what was delivered",
            )
        elif callable(self._members) and device not in self._members(content):
            self.violated(
                f"device {device} {self._view.verb} {shown}, which was sent to a group that it "
                "does not belong to",
                self._events[content, -1],
                event,
                hint="who gets the messages of a group?",
            )


class Validity(Multicast):
    """Liveness: what a correct device sends, it delivers itself."""

    name = "validity"
    sentence = "What a correct device sends, it delivers itself in the end."

    def end(self, run: Simulation) -> None:
        """Look for contents that their sender has not delivered."""
        for content, sender in self.senders.items():
            sent = self._events[content, -1]
            if sender in self.missing(run, content) and self.is_old(run, sent):
                self.violated(
                    f"device {sender} has sent {self._view.show(content)} and not delivered it",
                    sent,
                    hint="a device belongs to its own group",
                )


class Agreement(Multicast):
    """Liveness: what one correct device delivers, all do."""

    name = "agreement"
    sentence = "What one correct device delivers, all correct devices of the group deliver."

    def end(self, run: Simulation) -> None:
        """Look for contents that some have delivered and others have not."""
        for content, given in self.given.items():
            correct = [device for device in given if device not in self.crashed]
            missing = self.missing(run, content)
            if not correct or not missing:
                continue
            first = self._events[content, correct[0]]
            if self.is_old(run, first):
                self.violated(
                    f"device {correct[0]} has delivered {self._view.show(content)}, "
                    f"{devices(missing)} {'has' if len(missing) == 1 else 'have'} not",
                    self._events.get((content, -1), first),
                    first,
                    hint=f"follow the message to device {missing[0]}: was it sent, received, "
                    "or is it held back?",
                )
