"""Histories written by hand: short steps become the events that properties are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from emulators.check.property import Property
from emulators.kernel.clock import ROUND
from emulators.MessageStub import MessageStub
from emulators.trace.events import RawEvent

Step = tuple[Any, ...]


class Letter(MessageStub):
    """A message of the histories."""

    def __str__(self) -> str:
        return f"Letter {self.source} -> {self.destination}"


def event(time: int, kind: str, *rest: Any) -> RawEvent:
    """Return an event of a step.

    ``("send", 0, 1, 7)`` sends message 7 from device 0 to device 1, ``("receive", 0, 1, 7)``
    receives it; more fields may follow. ``("enter", 2)``, ``("round", None, 5)`` and
    ``("call", 0, ("deliver", "a"))`` are as they are.
    """
    if kind not in ("send", "receive", "lose", "duplicate"):
        device, subject = rest if len(rest) == 2 else (*rest, None)
        return kind, time, device, subject
    sender, destination, serial, *more = rest
    fields = {"_source": sender, "_destination": destination, **(more[0] if more else {})}
    cls = more[1] if len(more) > 1 else Letter
    envelope = (time, serial, sender, destination, cls, fields, True, time)
    return kind, time, sender if kind == "send" else destination, envelope


def told(one: Property, steps: Iterable[Step], devices: int = 3) -> Property:
    """Tell a property a history of so many devices, a round for each step."""
    one.begin(devices)
    for number, step in enumerate(steps):
        made = event(number * ROUND, *step)
        hear = getattr(one, f"on_{made[0]}", None)
        if hear is not None:
            hear(made)
    return one


def reason(one: Property, steps: Iterable[Step], devices: int = 3) -> str:
    """Return why a history violates a property, or nothing."""
    violation = told(one, steps, devices).violation
    return "" if violation is None else violation.reason


def guilty(one: Property) -> list[str]:
    """Return the kinds and devices of the guilty events."""
    assert one.violation is not None
    return [f"{event[0]} {event[2]}" for event in one.violation.events]


@dataclass
class Over:
    """A run that is over, as far as properties look at it: devices with published attributes."""

    devices: list[Any]
    now: int = 1000 * ROUND
    standing: dict[int, Any] = field(default_factory=dict)
    deadlocked: bool = False

    @property
    def ids(self) -> list[int]:
        """The indices of the devices."""
        return [device._id for device in self.devices]

    @property
    def scheduler(self) -> Any:
        """What knows the time."""
        return SimpleNamespace(now=self.now)


def device(index: int, **attributes: Any) -> Any:
    """Return a device with published attributes."""
    return SimpleNamespace(_id=index, **attributes)


def verdict(
    one: Property, steps: Iterable[Step] = (), devices: Iterable[Any] = (), **over: Any
) -> str:
    """Return why a history and the devices at its end violate a property, or nothing."""
    there = list(devices)
    told(one, steps, len(there) or 3)
    one.end(Over(there or [device(index) for index in range(3)], **over))  # type: ignore[arg-type]
    return "" if one.violation is None else one.violation.reason
