"""Conditions over devices as invariants: what they see of a device, and whether they hold.

A condition is asked whenever all devices wait: for a message, for a round, for their turn. What it
may see of a device is a part of what a search keeps apart, so no state is passed over in which it
would not hold. What it cannot work out (an attribute that is not there yet, a device that has
crashed) does not break it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from emulators.catalogue import closest
from emulators.check.property import Property, Violation
from emulators.Device import Device
from emulators.errors import Unresponsive, UsageError, describe, safe_str
from emulators.explore.fingerprint import Encoder
from emulators.explore.frames import Opaque
from emulators.stepping.looking import MISSING, attribute
from emulators.stepping.reading import Expression, Moment
from emulators.trace.events import RawEvent

Devices = Mapping[int, Device]
Function = Callable[[list[Any]], Any]
"""Is given the devices that live, in the order of their indices; returns whether all is well."""
OBSERVE = "observe"
"""The kind of output that says: conditions see something else of this device than before."""
_NAMES = ("device", "devices")
_SPEAKS_OF_DEVICES = re.compile(r"\bdevices?\b")
_LONGEST = 60


def is_condition(text: str) -> bool:
    """Return whether a text of ``--check`` is a condition over devices, and no property's name."""
    return _SPEAKS_OF_DEVICES.search(text) is not None


class Condition:
    """A condition over all devices: a text such as ``device[1].leader == 2``, or a function.

    As an invariant it speaks up where it does not hold; with a `role` (``goal``, ``prune``,
    ``stage``) where it is met. Raises `UsageError` for a text that is none, or that names a device
    that does not exist.
    """

    def __init__(self, given: str | Function, devices: int, role: str = "") -> None:
        self.role = role
        self._function = None if isinstance(given, str) else given
        self.text = given.strip() if isinstance(given, str) else _name_of(given)
        self._found: set[str] = set()
        self._unknown: set[str] = set()
        self._expression: Expression | None = None
        if isinstance(given, str):
            self._expression = Expression(self.text, dict.fromkeys(_NAMES))
            self._check(self._expression, devices)

    def _check(self, expression: Expression, devices: int) -> None:
        for index in expression.indices:
            if index not in range(devices):
                raise UsageError(
                    f"the condition {self.text}: there is no device {index!r}; "
                    f"there are 0 to {devices - 1}"
                )

    @property
    def attributes(self) -> list[str] | None:
        """The names of the attributes that the condition asks for; None where that may be any."""
        return None if self._expression is None else sorted(self._expression.attributes)

    @property
    def name(self) -> str:
        """What it is called in an answer."""
        return f"{self.role} {self.text}".strip()

    def speaks(self, devices: Devices) -> bool:
        """Return whether it speaks up: is not held to, or is met."""
        value = self._value(devices)
        return value is True if self.role else value is False

    def _value(self, devices: Devices) -> bool | None:
        """Return whether the condition holds, or None where it cannot be worked out."""
        if self._expression is None:
            return self._called(devices)
        sources: dict[str, Callable[[], Any]] = {
            "device": lambda: dict(devices),
            "devices": lambda: list(devices.values()),
        }
        moment = Moment(sources)
        try:
            value = self._expression.read(moment)
        except (Exception, SystemExit, Unresponsive) as error:
            raise UsageError(f"the condition {self.text}: {describe(error)}") from None
        self._found |= moment.found
        self._unknown |= moment.unknown
        return None if moment.missing else bool(value)

    def _called(self, devices: Devices) -> bool:
        assert self._function is not None
        try:
            return bool(self._function(list(devices.values())))
        except (Exception, SystemExit, Unresponsive) as error:
            raise UsageError(f"the invariant {self.text}: {describe(error)}") from None

    def told(self, devices: Devices) -> str:
        """Return in words what the condition sees of the devices."""
        indices = self._expression.indices if self._expression is not None else ()
        shown = [
            _told(index, device, self.attributes or ())
            for index, device in devices.items()
            if not indices or index in indices
        ]
        return "; ".join(filter(None, shown)) or "it does not hold"

    def nonsense(self, devices: Iterable[Device]) -> str:
        """Return which attribute it asked for that nothing ever had, or nothing."""
        for name in sorted(self._unknown - self._found):
            hint = closest(name, {key: None for device in devices for key in vars(device)})
            return f"the condition {self.text}: nothing ever had an attribute {name!r}" + (
                f" (did you mean {hint.lstrip('_')}?)" if hint else ""
            )
        return ""

    def violation(self, devices: Devices) -> Violation:
        """Return how devices violate it."""
        sentence = f"In every state: {self.text}." if not self.role else f"{self.text}."
        return Violation(self.name, sentence, self.told(devices))


def _name_of(function: Function) -> str:
    """Return what a function that is a condition is called: the first line of its docstring."""
    lines = (getattr(function, "__doc__", None) or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else getattr(function, "__name__", "invariant")


def _told(index: int, device: Device, names: Iterable[str]) -> str:
    values = [(name, _value(device, name)) for name in names]
    parts = [
        f"{name} {safe_str(repr(value)):.{_LONGEST}}"
        for name, value in values
        if value is not MISSING
    ]
    return f"device {index} has {', '.join(parts)}" if parts else ""


def _value(device: Device, name: str) -> Any:
    try:
        return attribute(device, name)
    except (Exception, SystemExit, Unresponsive):
        return MISSING


class Sights:
    """What conditions see of each device, as numbers; a number stands for all that looks alike.

    `example` returns a device that looks like a number, to be looked at only.
    """

    def __init__(self, conditions: list[Condition], devices: int) -> None:
        self.conditions = conditions
        self.example: Callable[[int, int], Device]
        self.states: list[list[int]] = [[] for _ in range(devices)]
        self._numbers: list[dict[Any, int]] = [{} for _ in range(devices)]
        self._verdicts: dict[tuple[int, tuple[tuple[int, int], ...]], bool] = {}
        known = [one.attributes for one in conditions]
        self._all = None in known
        self._names = sorted({name for names in known for name in names or ()})

    def number(self, index: int, device: Device, state: int, own: Any) -> int:
        """Return the number of what is seen of a device, which gets to a state of this number.

        `own` tells its state apart where something that is seen cannot be looked into.
        """
        try:
            key: Any = self._looked(device)
        except Opaque:
            key = ("opaque", own)
        numbers, states = self._numbers[index], self.states[index]
        number = numbers.setdefault(key, len(states))
        if number == len(states):
            states.append(state)
        return number

    def _looked(self, device: Device) -> tuple[Any, ...]:
        encoder = Encoder()
        for name in self._names:
            value = encoder.keep(_value(device, name))
            encoder.put(None if value is MISSING else (name,))
            encoder.put(value)
        if self._all:
            encoder.put(device)
        return tuple(encoder.tokens)

    def speaks(self, place: int, seen: Mapping[int, int]) -> bool:
        """Return whether the condition at a place speaks up where devices look like numbers."""
        key = (place, tuple(sorted(seen.items())))
        known = self._verdicts.get(key)
        if known is None:
            known = self._verdicts[key] = self.conditions[place].speaks(self.devices(seen))
        return known

    def devices(self, seen: Mapping[int, int]) -> dict[int, Device]:
        """Return devices that look like numbers."""
        return {index: self.example(index, number) for index, number in sorted(seen.items())}


class Watching(Property):
    """Sees all devices as conditions do: at every change of what they see, or at every round."""

    def __init__(self, sights: Sights, in_rounds: bool = False) -> None:
        super().__init__()
        self.seen: dict[int, int] = {}
        self.gone: set[int] = set()
        self._sights = sights
        self._in_rounds = in_rounds

    def on_observe(self, event: RawEvent) -> None:
        """See something else of a device."""
        self.seen[event[2]] = event[3]
        if not self._in_rounds:
            self._look()

    def on_round(self, event: RawEvent) -> None:
        """Look when a round begins: then all devices wait."""
        if self._in_rounds:
            self._look()

    def on_crash(self, event: RawEvent) -> None:
        """See a device no more."""
        self.seen.pop(event[2], None)
        self.gone.add(event[2])
        self._look()

    def _look(self) -> None:
        if len(self.seen) + len(self.gone) == self.number_of_devices:
            self.judge()

    def judge(self) -> None:
        """Do what there is to do when all devices were seen."""
        raise NotImplementedError

    def speaks(self, place: int) -> bool:
        """Return whether the condition at a place speaks up."""
        return self._sights.speaks(place, self.seen)


class Invariant(Watching):
    """A condition that is violated where it speaks up, a goal, too."""

    def __init__(self, sights: Sights, place: int, in_rounds: bool = False) -> None:
        super().__init__(sights, in_rounds)
        self.name = sights.conditions[place].name
        self._place = place

    def judge(self) -> None:
        """Note the first violation."""
        if self.violation is None and self.speaks(self._place):
            condition = self._sights.conditions[self._place]
            self.violation = condition.violation(self._sights.devices(self.seen))


class Watcher:
    """Asks conditions in a run, each time when all devices wait."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = conditions
        self.violations: dict[str, Violation] = {}

    def look(self, devices: Devices) -> None:
        """Ask all conditions; remember the first violation of each."""
        for one in self._conditions:
            if one.name not in self.violations and one.speaks(devices):
                self.violations[one.name] = one.violation(devices)
