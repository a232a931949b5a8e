"""A field of a message is replaced on its way, as a broken or a lying channel does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.kernel.choices import Choices
from emulators.network.table import Table, Unfit, entry, probability, some, text
from emulators.trace.envelope import RawEnvelope, all_plain

_ENDS = ("_source", "_destination")
_NOTHING = object()


def _frozen(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        raise Unfit("a number, a text, true, false or a list of these")
    return value


def _values(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise Unfit("a list of at least one value")
    return tuple(map(_frozen, value))


@dataclass(frozen=True)
class Corrupt(Table):
    """With `probability` a `field` of a `message` class becomes one of `values`.

    Without a field one is drawn, without values the content is replaced by another one of its kind.
    Without a message class it happens to all, on the channels from `source` to `destination` (all
    where they are None).
    """

    probability: float = entry(probability)
    message: str = entry(text, "")
    field: str = entry(text, "")
    values: tuple[Any, ...] = entry(_values, ())
    source: tuple[int, ...] | None = entry(some, None, key="from")
    destination: tuple[int, ...] | None = entry(some, None, key="to")

    def concerns(self, source: int, destination: int) -> bool:
        """Return whether it happens on a channel."""
        return (self.source is None or source in self.source) and (
            self.destination is None or destination in self.destination
        )

    def applied(self, envelope: RawEnvelope, choices: Choices) -> RawEnvelope | None:
        """Return the corrupted envelope, or None where the message stays as it is."""
        cls, fields = envelope[4], envelope[5]
        if self.message and all(base.__name__ != self.message for base in cls.__mro__):
            return None
        if choices.random() >= self.probability:
            return None
        name = self._field(fields, choices)
        if name is None:
            return None
        value = self._value(fields[name], choices)
        if value is _NOTHING or (type(value) is type(fields[name]) and value == fields[name]):
            return None
        changed = {**fields, name: value}
        plain = envelope[6] and all_plain([type(value)])
        return (*envelope[:5], changed, plain, envelope[7])

    def _field(self, fields: dict[str, Any], choices: Choices) -> str | None:
        if self.field:
            return next((name for name in (self.field, f"_{self.field}") if name in fields), None)
        own = [name for name in fields if name not in _ENDS]
        return own[choices.below(len(own))] if own else None

    def _value(self, before: Any, choices: Choices) -> Any:
        if not self.values:
            return other_than(before, choices)
        value = self.values[choices.below(len(self.values)) if len(self.values) > 1 else 0]
        return list(value) if isinstance(value, tuple) else value


def other_than(value: Any, choices: Choices) -> Any:
    """Return another value of the same kind, or a marker for kinds that are left alone."""
    change = _CHANGES.get(type(value))
    return _NOTHING if change is None else change(value, choices)


def is_changed(value: Any) -> bool:
    """Return whether `other_than` found another value."""
    return value is not _NOTHING


_CHANGES: dict[type, Callable[[Any, Choices], Any]] = {
    bool: lambda value, choices: not value,
    int: lambda value, choices: value + (1 + choices.below(3)) * (1 if choices.below(2) else -1),
    float: lambda value, choices: value + (choices.random() - 0.5) * max(1.0, abs(value)),
    str: lambda value, choices: f"{value}{'?!#'[choices.below(3)]}",
    bytes: lambda value, choices: value + bytes([choices.below(256)]),
    list: lambda value, choices: value[:-1] if value else [None],
    tuple: lambda value, choices: value[:-1] if value else (None,),
}
