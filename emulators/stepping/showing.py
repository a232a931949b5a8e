"""What the attributes of a device look like, each in one line.

An object of the exercise file that has no words of its own is shown by its fields, so that one sees
what a step has changed in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any

from emulators.Device import Device
from emulators.errors import describe, safe_str
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

_DEEPEST = 3
_PLAIN = frozenset({int, float, str, bytes, bool, type(None)})
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}
_HIDDEN = ("_medium", "_id", "_number_of_devices", "_finished")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Where an object lies in memory: it says nothing, and is another one each time."""


def attributes(device: object) -> dict[str, str]:
    """Return the attributes of a device in words, those of the framework left out."""
    fields = {} if device is None else vars(device)
    return {name: shown(value) for name, value in fields.items() if name not in _HIDDEN}


def shown(value: Any) -> str:
    """Return a value in one line, or what its ``__repr__`` raised."""
    try:
        return _ADDRESS.sub("", " ".join(_text(value, ()).split("\n")))
    except Exception as error:
        return f"<its __repr__ raises {describe(error)}>"


def _text(value: Any, above: tuple[object, ...]) -> str:
    """Return a value in words; `above` is what it is a part of, the outermost first."""
    kind: Any = type(value)
    if isinstance(value, Enum):
        return f"{kind.__name__}.{value.name}"
    if kind.__repr__ is not object.__repr__:
        return _collection(value, above)
    if isinstance(value, MessageStub):
        return safe_str(value)
    return _fields(value, above)


def _collection(value: Any, above: tuple[object, ...]) -> str:
    """Return what a collection has in it; anything else in its own words."""
    kind = type(value)
    if len(above) == _DEEPEST or _is_part(value, above):
        return repr(value)
    below = (*above, value)
    if kind is dict and not _is_plain(value.values()):
        items = (f"{key!r}: {_text(one, below)}" for key, one in value.items())
        return f"{{{', '.join(items)}}}"
    if kind not in _BRACKETS or _is_plain(value):
        return repr(value)
    first, last = _BRACKETS[kind]
    comma = "," if kind is tuple and len(value) == 1 else ""
    return f"{first}{', '.join(_text(one, below) for one in value)}{comma}{last}"


def _is_plain(values: Iterable[Any]) -> bool:
    return all(type(one) in _PLAIN for one in values)


def _is_part(value: object, above: tuple[object, ...]) -> bool:
    return any(one is value for one in above)


def _fields(value: Any, above: tuple[object, ...]) -> str:
    """Return an object of the exercise file by its fields, those first that are short.

    What is not of the file, lies too deep, or is a part of itself is shown by its class.
    """
    kind = type(value)
    given = kind.__module__.partition(".")[0] == "emulators" or isinstance(value, Device)
    fields = getattr(value, "__dict__", None)
    if given or not fields or len(above) == _DEEPEST or _is_part(value, above):
        return f"<{kind.__name__}>"
    own = {
        name: one
        for name, one in fields.items()
        if name not in _HIDDEN and not isinstance(one, (Device, Medium))
    }
    order = sorted(own, key=lambda name: type(own[name]) not in _PLAIN)
    parts = (f"{name}={_text(own[name], (*above, value))}" for name in order)
    return f"{kind.__name__}({', '.join(parts)})"
