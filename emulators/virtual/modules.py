"""The table of stand-ins, and their place in files that were imported the ordinary way."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from emulators.errors import is_library, is_own
from emulators.virtual.clock import datetime_module, time_module
from emulators.virtual.dice import random_module, secrets_module, uuid_module
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
        return name in _MAKERS

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._made:
            self._made[name] = _MAKERS[name]()
        return self._made[name]

    def replacement(self, value: Any) -> Any:
        """Return what stands in for a module, or for a function or class of one; else `value`."""
        if isinstance(value, ModuleType):
            virtual = value.__name__ in self and value is sys.modules.get(value.__name__)
            return self[value.__name__] if virtual else value
        try:
            name = _replaced().get(value)
        except TypeError:
            return value
        return value if name is None else getattr(self[name[0]], name[1])


_names: dict[Any, tuple[str, str]] = {}


def _replaced() -> dict[Any, tuple[str, str]]:
    """Return, for each function and class that is replaced, its module and name."""
    if not _names:
        for module, maker in _MAKERS.items():
            real = importlib.import_module(module)
            for name, value in vars(maker()).items():
                original = getattr(real, name, value)
                if original is not value and callable(original):
                    _names[original] = (module, name)
    return _names


def deterministic_hash(value: Any) -> int:
    """Return ``hash(value)``, for text and bytes the same in every process."""
    if type(value) is str:
        value = value.encode("utf-8", "surrogatepass")
    if type(value) is bytes:
        digest = hashlib.blake2b(value, digest_size=8).digest()
        return hash(int.from_bytes(digest, "big", signed=True))
    if type(value) is tuple:
        return hash(tuple(map(deterministic_hash, value)))
    return hash(value)


# -- files that were imported the ordinary way


def source_of(kind: Any) -> ModuleType | None:
    """Return the module in whose file a class or function is written."""
    if isinstance(kind, partial):
        kind = kind.func
    return sys.modules.get(getattr(kind, "__module__", None) or "")


def _modules_of(kind: Any) -> Iterator[ModuleType]:
    classes = kind.__mro__ if isinstance(kind, type) else (kind,)
    seen = set()
    for part in classes:
        module = source_of(part)
        if module is not None and module not in seen and _is_student_file(module):
            seen.add(module)
            yield module
            yield from _beside(module, seen)


def _beside(module: ModuleType, seen: set[ModuleType]) -> Iterator[ModuleType]:
    folder = os.path.dirname(os.path.abspath(module.__file__ or ""))
    for value in list(vars(module).values()):
        other = value if isinstance(value, ModuleType) else source_of(value)
        if other is None or other in seen or not _is_student_file(other):
            continue
        if os.path.dirname(os.path.abspath(other.__file__ or "")) == folder:
            seen.add(other)
            yield other


def _is_student_file(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and not is_own(str(file)) and not is_library(str(file))


@contextmanager
def virtual_globals(kind: Any) -> Iterator[None]:
    """Let the files that define `kind` see the stand-ins, and put the real modules back after.

    Files that the loader loaded have them already.
    """
    changed: list[tuple[dict[str, Any], str, Any]] = []
    virtual = VirtualModules()
    for module in _modules_of(kind):
        names = vars(module)
        for name, value in list(names.items()):
            replacement = virtual.replacement(value)
            if replacement is not value:
                changed.append((names, name, value))
                names[name] = replacement
    try:
        yield
    finally:
        for names, name, value in changed:
            names[name] = value
