"""Calls that no event shows: what a device hands to the application above it.

Multicast and consensus end in a call, ``deliver(content)`` or ``consensus_reached(value)``, of an
object that the student or a grader wrote. Where a property asks for such calls, the methods of the
exercise's classes are wrapped: the call is told to the properties, then made as before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from emulators.check.property import Property
from emulators.Device import Device
from emulators.EmulatorStub import active_emulator

_BY_DEVICES = frozenset({"send"})
"""Methods that a device offers to its application; all others belong to the application."""


def watch(modules: Iterable[ModuleType], properties: Iterable[Property]) -> None:
    """Let the classes of freshly loaded modules tell of the calls that properties ask for."""
    wanted = sorted({name for one in properties for name in one.calls})
    at_work: set[tuple[str, int, int]] = set()
    for module in modules:
        for made in _classes(module):
            for name in wanted:
                if _tells(made, name):
                    setattr(made, name, _telling(name, vars(made)[name], at_work))


def _classes(module: ModuleType) -> list[type]:
    """Return the classes of a file; also those whose name a class below took that extends them."""
    named = [made for made in vars(module).values() if isinstance(made, type)]
    families = (base for made in named for base in made.__mro__)
    return [made for made in dict.fromkeys(families) if made.__module__ == module.__name__]


def _tells(made: type, name: str) -> bool:
    """Whether calls of a method of this class are calls between a device and its application."""
    if name not in vars(made):
        return False
    if name in _BY_DEVICES:
        return issubclass(made, Device)
    return not issubclass(made, Device) and not any(hasattr(made, one) for one in _BY_DEVICES)


def _telling(name: str, member: Any, at_work: set[tuple[str, int, int]]) -> Any:
    """Return a method or property that tells of a call, or of what was read.

    `at_work` has the calls that are being made: a method that calls the same one of its base class
    is one call.
    """
    if isinstance(member, property) and member.fget is not None:
        read = member.fget

        def getter(self: Any) -> Any:
            value = read(self)
            _tell(name, value)
            return value

        return property(getter, member.fset, member.fdel, member.__doc__)
    return _method(name, member, at_work) if callable(member) else member


def _method(
    name: str, method: Callable[..., Any], at_work: set[tuple[str, int, int]]
) -> Callable[..., Any]:
    @functools.wraps(method)
    def telling(self: Any, *arguments: Any, **named: Any) -> Any:
        emulator: Any = active_emulator()
        call = (name, id(self), id(emulator and emulator.scheduler.task()))
        inner = call in at_work or (isinstance(self, Device) and not _is_outermost(self))
        if inner or emulator is None:
            return method(self, *arguments, **named)
        at_work.add(call)
        try:
            given = [*arguments, *named.values()]
            if given:
                emulator.told(name, given[0])
            value = method(self, *arguments, **named)
            if not given:
                emulator.told(name, value)
            return value
        finally:
            at_work.discard(call)

    return telling


def _is_outermost(device: Device) -> bool:
    """Whether a device is the one that the run knows, and no layer inside it."""
    emulator: Any = device._medium._emulator
    port = getattr(emulator, "ports", {}).get(device._id)
    return port is not None and port.device is device


def _tell(name: str, value: Any) -> None:
    emulator: Any = active_emulator()
    if emulator is not None:
        emulator.told(name, value)
