"""Devices that lie: a class of the instructor takes a place, or alters what a device sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulators.Device import Device
from emulators.kernel.choices import Choices
from emulators.MessageStub import MessageStub
from emulators.network.corruption import is_changed, other_than
from emulators.network.table import Chosen, Table, Unfit, device, entry, one_of, probability
from emulators.usage import UsageError


class Liar:
    """Decides what a byzantine device really sends. Draws only from `choices`.

    A class of the instructor extends it and overrides `sends`; the student's device runs as it is.
    """

    probability = 1.0
    values: Mapping[str, tuple[Any, ...]] = MappingProxyType({})

    def __init__(self, index: int, number_of_devices: int, choices: Choices) -> None:
        self.index = index
        self.number_of_devices = number_of_devices
        self.choices = choices

    def sends(self, message: MessageStub) -> list[MessageStub]:
        """Return what leaves the device in place of `message`, a copy of what it wanted to send."""
        return [message]


class _Silent(Liar):
    """Sends nothing."""

    def sends(self, message: MessageStub) -> list[MessageStub]:
        """Return nothing."""
        return [] if self.choices.random() < self.probability else [message]


class _Corrupter(Liar):
    """Replaces one field of what it sends."""

    def sends(self, message: MessageStub) -> list[MessageStub]:
        """Return the message with one field replaced by another value of its kind."""
        if self.choices.random() < self.probability:
            own = [name for name in vars(message) if name not in ("_source", "_destination")]
            if own:
                self.replace(message, own[self.choices.below(len(own))])
        return [message]

    def replace(self, message: MessageStub, name: str) -> None:
        """Give a field another value, where its kind has one."""
        value = other_than(getattr(message, name), self.choices)
        if is_changed(value):
            setattr(message, name, value)


class _Equivocator(_Corrupter):
    """Tells the devices with odd indices something else than the others."""

    def sends(self, message: MessageStub) -> list[MessageStub]:
        """Return the message as it is, or for odd destinations with one field replaced."""
        to = message.destination
        return super().sends(message) if isinstance(to, int) and to % 2 else [message]


class _Anything(Liar):
    """Says to each other device what it is to say, nothing, or other values of the fields."""

    def sends(self, message: MessageStub) -> list[MessageStub]:
        """Return the message with any of the known values in its fields, or nothing."""
        if message.destination == self.index:
            return [message]
        if self.choices.below(2):
            return []
        for name, value in list(vars(message).items()):
            known = self.values.get(f"{type(message).__name__}.{name}", ())
            others = [one for one in known if type(one) is not type(value) or one != value]
            chosen = self.choices.below(1 + len(others)) if others else 0
            if chosen:
                setattr(message, name, others[chosen - 1])
        return [message]


ANYTHING = "anything"
BEHAVIOURS: dict[str, type[Liar]] = {
    "silent": _Silent,
    "equivocate": _Equivocator,
    "corrupt": _Corrupter,
    ANYTHING: _Anything,
}


Values = tuple[tuple[str, tuple[Any, ...]], ...]


def _values(value: Any) -> Values:
    """Read the values that fields may have: a table of lists."""
    simple = (bool, int, float, str)
    given = value.items() if isinstance(value, Mapping) else value
    try:
        read = tuple((str(name), tuple(known)) for name, known in given)
    except (TypeError, ValueError):
        read = (("", (None,)),)
    if not all(type(one) in simple for _, known in read for one in known):
        raise Unfit('lists of numbers, texts, true and false, as { "Propose._value" = [0, 1] }')
    return read


def _class(value: Any) -> Any:
    if isinstance(value, type):
        return value
    module, colon, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    parts = [*module.split("."), name]
    if not colon or not all(part.isidentifier() for part in parts):
        raise Unfit('a class as "module:Class"')
    return value


@dataclass(frozen=True)
class Byzantine(Table):
    """A `device` lies: with a built-in `behaviour`, or as the class `kind` has it.

    The class is named ``module:Class``; the module is an exercise file, or can be imported. One
    that extends `Device` runs in the place of the device; one that extends `Liar` alters what the
    device sends. One that may say `anything` puts `values` into fields, named ``Class.field``.
    """

    device: Chosen = entry(device)
    behaviour: str = entry(one_of(*BEHAVIOURS), "")
    kind: Any = entry(_class, "", key="class")
    probability: float = entry(probability, 1.0)
    values: Values = entry(_values, ())

    def problem(self) -> str:
        """Return that it is not said how the device lies, or nothing."""
        if bool(self.behaviour) == bool(self.kind):
            return "it needs either the key behaviour or the key class"
        if self.values and self.behaviour != ANYTHING:
            return f"the key values belongs to the behaviour {ANYTHING}"
        return ""

    def plain(self) -> dict[str, Any]:
        """Return the table as plain values; a class is named."""
        kind = self.kind
        named = {"class": f"{kind.__module__}:{kind.__name__}"} if isinstance(kind, type) else {}
        values = {"values": {name: list(known) for name, known in self.values}}
        return {**super().plain(), **named, **(values if self.values else {})}

    def liar(self, index: int, number_of_devices: int, choices: Choices) -> Liar | None:
        """Return what alters the messages of a device, or None where a class takes its place."""
        kind = BEHAVIOURS.get(self.behaviour, self.kind)
        if isinstance(kind, str):
            raise UsageError(f"[[byzantine]]: the class {kind} was not loaded")
        if issubclass(kind, Device):
            return None
        if not issubclass(kind, Liar):
            raise UsageError(f"[[byzantine]]: {kind.__name__} extends neither Device nor Liar")
        liar: Liar = kind(index, number_of_devices, choices)
        liar.probability = self.probability
        liar.values = dict(self.values)
        return liar
