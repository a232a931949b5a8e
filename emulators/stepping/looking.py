"""How a condition looks into devices, messages and collections without changing them.

What is not there is `MISSING`. Properties of a device see a shadow of it that has no medium.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Collection, Mapping
from enum import Enum
from types import MemberDescriptorType
from typing import Any

from emulators.Device import Device, WorkerDevice
from emulators.errors import StudentError
from emulators.MessageStub import MessageStub


class _Missing:
    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "unknown"


MISSING: Any = _Missing()
"""What is not known: an attribute that is not there yet, a comparison that cannot be made."""

HIDDEN = frozenset({"medium", "_medium", "_emulator"})
_OWN = {"index": "_id", "number_of_devices": "_number_of_devices", "has_work": "_has_work"}
_FRAMEWORK = (Device, WorkerDevice)


class _Shadow:
    """A device as its own properties see it while a condition is worked out: without a medium."""

    def __init__(self, device: Device) -> None:
        object.__setattr__(self, "_shadowed", device)

    def __getattr__(self, name: str) -> Any:
        value = MISSING if name in HIDDEN else _of_device(self._shadowed, name)
        if value is MISSING:
            raise AttributeError(f"a condition cannot look at {name!r}")
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a condition changes nothing")


def attribute(owner: Any, name: str) -> Any:
    """Return an attribute of an object, or `MISSING`; `leader` also finds `_leader`."""
    read = _of_device if isinstance(owner, Device) else _of_other
    value = read(owner, name)
    return read(owner, f"_{name}") if value is MISSING else value


def _of_device(device: Device, name: str) -> Any:
    static = inspect.getattr_static(type(device), name, MISSING)
    if isinstance(static, property):
        if any(vars(cls).get(name) is static for cls in _FRAMEWORK) or name in _OWN:
            return getattr(device, _OWN.get(name, name), MISSING)
        return static.fget(_Shadow(device)) if static.fget is not None else MISSING
    if isinstance(static, MemberDescriptorType) and name != "medium":
        return getattr(device, name, MISSING)
    if name in vars(device):
        return vars(device)[name]
    return MISSING if callable(static) or hasattr(static, "__get__") else static


def _of_other(owner: Any, name: str) -> Any:
    if isinstance(owner, MessageStub) and name == "type":
        return type(owner).__name__
    return getattr(owner, name, MISSING)


def item(owner: Any, key: Any) -> Any:
    """Return an item of a dictionary or a sequence, or `MISSING`."""
    if owner is MISSING or key is MISSING:
        return MISSING
    if isinstance(owner, Mapping):  # a defaultdict would add what it is asked for
        return owner.get(key, MISSING)
    if isinstance(owner, (list, tuple, str, deque, range)):
        return owner[key] if -len(owner) <= key < len(owner) else MISSING
    raise StudentError(f"a {type(owner).__name__} has no items to look at")


def collection(value: Any) -> Any:
    """Return a value that can be gone through again and again; raise for any other."""
    if value is MISSING:
        return ()
    if not isinstance(value, Collection):
        raise StudentError(f"a {type(value).__name__} cannot be gone through")
    return value


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Let the name of an enum's member stand for it: ``state == 'WANTED'``."""
    if isinstance(left, Enum) and isinstance(right, str) and not isinstance(left, str):
        return left.name, right
    if isinstance(right, Enum) and isinstance(left, str) and not isinstance(right, str):
        return left, right.name
    return left, right
