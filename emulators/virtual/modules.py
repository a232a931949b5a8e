"""The table of stand-ins. How a file comes to see them: loader.py and ordinary.py."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from emulators.virtual.clock import datetime_module, time_module
from emulators.virtual.dice import random_module, secrets_module, uuid_module
from emulators.virtual.refused import NAMES, refusing_module
from emulators.virtual.threads import threading_module

_MAKERS: dict[str, Callable[[], ModuleType]] = {
    "time": time_module,
    "datetime": datetime_module,
    "random": random_module,
    "secrets": secrets_module,
    "uuid": uuid_module,
    "threading": threading_module,
}
FROM_SOURCE = ("queue", "sched", "concurrent.futures", "concurrent")
"""Modules of the standard library whose own source is run on top of the stand-ins."""
WITHOUT = ("_queue",)
"""Accelerators in C that know only real threads; the pure-Python fallback is used instead."""


class VirtualModules:
    """The stand-ins of one run, each made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[str, ModuleType] = {}

    def __contains__(self, name: str) -> bool:
        return name in _MAKERS or name in NAMES

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._made:
            maker = _MAKERS.get(name)
            self._made[name] = refusing_module(name) if maker is None else maker()
        return self._made[name]


_names: dict[Any, tuple[str, str]] = {}


def replaced() -> dict[Any, tuple[str, str]]:
    """Return, for each function and class that is replaced, its module and name."""
    if not _names:
        for module, maker in _MAKERS.items():
            real = importlib.import_module(module)
            for name, value in vars(maker()).items():
                original = getattr(real, name, value)
                if original is not value and callable(original):
                    _names[original] = (module, name)
    return _names


_HASH_OF_NONE = 0xFCA86420
"""Python's own since 3.12; before that it was an address."""


def deterministic_hash(value: Any) -> int:
    """Return ``hash(value)``, for text, bytes and None the same in every process."""
    if value is None:
        return _HASH_OF_NONE
    if type(value) is str:
        value = value.encode("utf-8", "surrogatepass")
    if type(value) is bytes:
        digest = hashlib.blake2b(value, digest_size=8).digest()
        return hash(int.from_bytes(digest, "big", signed=True))
    if type(value) is tuple:
        return hash(tuple(map(deterministic_hash, value)))
    if type(value) is frozenset:
        return hash(frozenset(map(deterministic_hash, value)))
    return hash(value)
