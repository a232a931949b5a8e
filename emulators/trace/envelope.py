"""A message on its way. Sender, trace and receiver never share an object that can change."""

from __future__ import annotations

import copy
from enum import Enum
from typing import Any, NamedTuple

from emulators.errors import StudentError, describe
from emulators.generations import CallableFlag, CallableInt, CallableList
from emulators.MessageStub import MessageStub

new = object.__new__
PLAIN: frozenset[type] = frozenset({int, str, bool, float, bytes, type(None)})
"""Types whose values nobody can change: they are shared instead of copied."""
all_plain = PLAIN.issuperset


RawEnvelope = tuple[int, int, int, Any, type[MessageStub], dict[str, Any], bool, int]
"""An `Envelope` on its way: a plain tuple, which costs an eighth of a named one to make."""


class Lost(tuple[Any, ...]):  # noqa: SLOT001  (a tuple has no slots for the reason)
    """The envelope of a message that was lost, with the `reason` in words."""

    reason: str = ""


def lost(envelope: RawEnvelope, reason: str) -> RawEnvelope:
    """Return an envelope that knows why its message was lost."""
    made: Any = Lost(envelope)
    made.reason = reason
    return made  # type: ignore[no-any-return]


class Envelope(NamedTuple):
    """One message that was sent. `arrives` and `sent` are ticks; the first two fields order a heap.

    `fields` are the message's own attributes as they were when it was sent. Read only.
    """

    arrives: int
    serial: int
    sender: int
    destination: Any
    cls: type[MessageStub]
    fields: dict[str, Any]
    plain: bool
    sent: int

    def open(self) -> MessageStub:
        """Return the message as a new object of the student's class."""
        return opened(self)


def opened(envelope: RawEnvelope) -> MessageStub:
    """Return the message in an envelope as a new object of the student's class."""
    message: MessageStub = new(envelope[4])
    if envelope[6]:
        message.__dict__ = envelope[5].copy()
    else:
        _restore(message, copied_fields(envelope[5]))
    return message


def copied_message(message: MessageStub) -> dict[str, Any]:
    """Return a private copy of a message's fields, slots included.

    Raises `StudentError` naming the field that cannot be copied.
    """
    return copied_fields({**_slots(message), **getattr(message, "__dict__", {})})


def copied_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy of a message's fields; those that share an object share its copy."""
    memo: dict[int, Any] = {}
    return {name: _copied_field(name, value, memo) for name, value in fields.items()}


def _copied_field(name: str, value: Any, memo: dict[int, Any]) -> Any:
    try:
        return _copied(value, memo)
    except StudentError:
        raise
    except RecursionError as error:
        raise StudentError(
            f"the message cannot be copied: its field {name!r} is nested too deeply",
            "send what is linked in a long chain as a list",
        ) from error
    except Exception as error:
        raise StudentError(
            f"the message cannot be copied: its field {name!r} holds a {type(value).__name__} "
            f"({describe(error)})",
            "send only data: numbers, text, lists, dictionaries, other plain objects",
        ) from error


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    kind = type(value)
    if kind in PLAIN:
        return value
    if id(value) in memo:
        return memo[id(value)]
    if kind in _FLAT and _is_flat(value):
        result = value if kind is tuple else value.copy()
        memo[id(value)] = result
        memo[-id(value)] = value  # keeps the original alive, so that its id stays its own
        return result
    if kind in _PLAINER:
        return _PLAINER[kind](value)
    if isinstance(value, Enum):
        return value
    return copy.deepcopy(value, memo)


_FLAT = frozenset({list, set, dict, tuple})
_PLAINER: dict[type, Any] = {
    CallableInt: int,
    CallableFlag: bool,
    CallableList: list,
}
"""What a file with calls may slip into a message, and what reaches the message instead."""


def _is_flat(value: Any) -> bool:
    if type(value) is dict:
        return all_plain(map(type, value)) and all_plain(map(type, value.values()))
    return all_plain(map(type, value))


def has_slots(cls: type) -> bool:
    """Return whether objects of a class keep fields outside their ``__dict__``."""
    return any("__slots__" in vars(base) for base in cls.__mro__)


def _slots(message: object) -> dict[str, Any]:
    names = [
        name
        for cls in type(message).__mro__
        for name in _as_tuple(cls.__dict__.get("__slots__", ()))
        if name not in ("__dict__", "__weakref__") and hasattr(message, name)
    ]
    return {name: getattr(message, name) for name in names}


def _as_tuple(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _restore(message: MessageStub, fields: dict[str, Any]) -> None:
    own = getattr(message, "__dict__", None)
    slots = {
        name
        for cls in type(message).__mro__
        for name in _as_tuple(cls.__dict__.get("__slots__", ()))
    }
    for name, value in fields.items():
        if own is not None and name not in slots:
            own[name] = value
        else:
            object.__setattr__(message, name, value)
