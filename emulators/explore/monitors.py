"""Properties as numbers: a judgement of an event, made once, is looked up afterwards."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from emulators.check.property import Property, Violation, frozen
from emulators.errors import Failure
from emulators.explore.conditions import OBSERVE
from emulators.explore.mail import Mail
from emulators.explore.solo import Failed, Output
from emulators.trace.events import CALL, KINDS, RawEvent

Seen = tuple[tuple[str, int, Any], ...]
"""What properties see of a step: kinds of events, devices, subjects (of a message its number)."""


class Unharmed(Property):
    """No device fails, and no two do their work at the same time: what a run reports, too."""

    name = "no_failure"
    sentence = "No device fails."

    def __init__(self) -> None:
        super().__init__()
        self.inside: int | None = None

    def on_fail(self, event: RawEvent) -> None:
        """Take the first failure."""
        failure: Failure = event[3]
        if failure.fatal and failure.device is not None:  # that all wait is no failure of one
            self.violated(f"device {event[2]}: {failure.problem}", event, hint=failure.hint)

    def on_enter(self, event: RawEvent) -> None:
        """Look who is inside."""
        if self.inside is not None and self.inside != event[2]:
            self.violated(
                f"devices {self.inside} and {event[2]} are in the critical section "
                "at the same time",
                event,
                hint=f"see what allowed device {event[2]} to enter before device {self.inside} "
                "had left",
            )
        self.inside = event[2]

    def on_leave(self, event: RawEvent) -> None:
        """Nobody is inside."""
        if self.inside == event[2]:
            self.inside = None

    def on_crash(self, event: RawEvent) -> None:
        """Who has crashed is not inside."""
        self.on_leave(event)


def kinds_of(properties: Sequence[Property]) -> frozenset[str]:
    """Return the kinds of events that properties look at."""
    return frozenset(
        kind
        for kind in (*KINDS, CALL, OBSERVE)
        if any(hasattr(one, f"on_{kind}") or hasattr(one, "on_event") for one in properties)
    )


def _kept(one: Property) -> Hashable:
    """Return what a property keeps for its report, without the events: their keys.

    It is no part of its `state`. One that judges by it nevertheless is not led astray.
    """
    return tuple(
        frozen(set(value))
        for name, value in vars(one).items()
        if name.startswith("_") and isinstance(value, (dict, set))
    )


class Monitors:
    """All that properties may come to think of a run, as numbers; 0 is before the first event."""

    def __init__(self, properties: Sequence[Property], devices: int, mail: Mail) -> None:
        self.kinds = kinds_of(properties)
        self._mail = mail
        self._numbers: dict[Hashable, int] = {}
        self._properties: list[list[Property]] = []
        self.violations: list[Violation | None] = []
        self.pruned: set[int] = set()
        self.stages: list[int] = []
        self._next: dict[tuple[int, Seen], int] = {}
        for one in properties:
            one.begin(devices)
        self._number([one.fork() for one in properties])

    def visible(self, output: Output) -> bool:
        """Return whether a property looks at an output of a device."""
        return output.kind in self.kinds

    def after(self, number: int, seen: Seen) -> int:
        """Return what properties think after some more events."""
        known = self._next.get((number, seen))
        if known is None:
            properties = [one.fork() for one in self._properties[number]]
            for kind, device, subject in seen:
                for one in properties:
                    self._show(one, kind, device, subject)
            known = self._next[number, seen] = self._number(properties)
        return known

    def _show(self, one: Property, kind: str, device: int, subject: Any) -> None:
        event: RawEvent = (kind, 0, device, self._subject(kind, device, subject))
        for name in ("on_event", f"on_{kind}"):
            method = getattr(one, name, None)
            if method is not None:
                method(event)

    def _subject(self, kind: str, device: int, subject: Any) -> Any:
        if isinstance(subject, Failed):
            return Failure(device, "", subject.problem, subject.place, hint=subject.hint)
        if kind in ("send", "receive", "undeliverable", "lose", "duplicate"):
            return self._mail.envelopes[subject]
        return subject

    def _number(self, properties: list[Property]) -> int:
        violation = next((one.violation for one in properties if one.violation), None)
        key: Hashable = (
            ("violated", violation.property, violation.reason)
            if violation
            else tuple((one.state(), _kept(one)) for one in properties)
        )
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._properties)
            self._properties.append(properties)
            self.violations.append(violation)
            self._mark(number, properties)
        return number

    def _mark(self, number: int, properties: list[Property]) -> None:
        if any(getattr(one, "pruned", False) for one in properties):
            self.pruned.add(number)
        self.stages.append(max((getattr(one, "reached", 0) for one in properties), default=0))

    def properties(self, number: int) -> list[Property]:
        """Return copies of the properties as they are at a number."""
        return [one.fork() for one in self._properties[number]]
