"""What a property may look at beyond events: published names of messages, devices and modules.

Names are those of the exercise files, with or without an underscore before them; an accessor may be
an attribute, a property or a method. What is not there is None: a stranger's file may lack it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from emulators.trace.envelope import RawEnvelope, opened


def is_a(envelope: RawEnvelope, *names: str) -> bool:
    """Whether a message is of a class, or of one that extends a class, of one of these names."""
    return any(base.__name__ in names for base in envelope[4].__mro__)


def field(envelope: RawEnvelope, name: str) -> Any:
    """Return what a message carries under a published name, or None."""
    fields = envelope[5]
    for known in (name, f"_{name}"):
        if known in fields:
            return fields[known]
    return _read(opened(envelope), name)


def attribute(owner: Any, name: str) -> Any:
    """Return an attribute of a device under a published name, or None."""
    found = _read(owner, name)
    return _read(owner, f"_{name}") if found is None else found


def _read(owner: Any, name: str) -> Any:
    try:
        found = getattr(owner, name, None)
        return found() if callable(found) and not isinstance(found, type) else found
    except Exception:
        return None


def table(owner: Any, name: str) -> dict[Any, Any]:
    """Return a dictionary that a device has under a published name; another thing is empty."""
    found = attribute(owner, name)
    return found if isinstance(found, dict) else {}


def parts(value: Any, depth: int = 6) -> Iterator[Any]:
    """Return a value and all that it holds: items of collections, attributes of objects."""
    yield value
    if depth == 0 or isinstance(value, (str, bytes, int, float, type(None), type)):
        return
    if isinstance(value, dict):
        held: Iterable[Any] = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        held = value
    else:
        held = getattr(value, "__dict__", {}).values()
    for one in held:
        yield from parts(one, depth - 1)


def carried(envelope: RawEnvelope) -> Iterator[Any]:
    """Return all that a message carries, at any depth; not its two ends."""
    for name, value in envelope[5].items():
        if name not in ("_source", "_destination"):
            yield from parts(value)


def constants_of(modules: Iterable[ModuleType]) -> Mapping[str, Any]:
    """Return the constants of exercise modules, the first one's first."""
    return ChainMap(*(vars(module) for module in modules))


def named_devices(constants: Mapping[str, Any], *names: str) -> set[int]:
    """Return the devices that constants name, such as ``TRAITOR = 2``; -1 names none."""
    numbers = (constants.get(name) for name in names)
    return {number for number in numbers if isinstance(number, int) and number >= 0}
