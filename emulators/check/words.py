"""Devices, moments and events in words, for the reasons that properties give."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from emulators.errors import safe_str
from emulators.trace.envelope import opened
from emulators.trace.events import OF_MESSAGES, RawEvent

_MOST_NAMED = 10


def devices(indices: Iterable[int]) -> str:
    """Return ``device 3`` or ``devices 0, 1 and 4``."""
    numbers = sorted(indices)
    return f"device {numbers[0]}" if len(numbers) == 1 else f"devices {listed(numbers)}"


def listed(things: Collection[Any]) -> str:
    """Return things with commas and an ``and``; of many, the first."""
    shown = [str(thing) for thing in things]
    if len(shown) > _MOST_NAMED:
        return f"{', '.join(shown[:_MOST_NAMED])} and {len(shown) - _MOST_NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def wait(indices: Collection[int]) -> str:
    """Return the verb that goes with so many devices."""
    return "waits" if len(indices) == 1 else "wait"


_VERBS = {
    "send": "sends",
    "receive": "receives",
    "undeliverable": "sends to nobody",
    "lose": "does not get",
    "duplicate": "will get twice",
    "pick": "is to get",
    "delay": "gets later",
    "ask": "asks for the critical section",
    "enter": "enters the critical section",
    "leave": "leaves the critical section",
    "end": "ends",
    "crash": "crashes",
    "restart": "begins anew",
}


def what_happens(event: RawEvent) -> str:
    """Return an event in words, without its moment: ``device 1 sends Vote 1 -> 2: 5``."""
    kind, _, device, subject = event
    verb = _VERBS.get(kind, kind)
    who = "the run" if device is None else f"device {device}"
    if kind in OF_MESSAGES:
        return f"{who} {verb} {message(subject)}"
    if kind == "call":
        name, value = subject
        return f"{who} calls {name}({safe_str(repr(value))})"
    if kind == "log":
        return f"{who} logs: {safe_str(subject)}"
    if kind == "cut":
        return f"{who} records its state for snapshot {subject}"
    return f"{who} {verb}"


def message(envelope: Any) -> str:
    """Return a message as its class prints it, on one line."""
    return safe_str(opened(envelope))
