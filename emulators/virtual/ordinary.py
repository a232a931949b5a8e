"""Files that were imported the ordinary way see the stand-ins while a run is at work in them.

Files that the loader loaded have them already. What such a file made while it was imported (a lock
in a global or a class variable) knows only real threads and would block all devices for ever: for
the time of a run something of the same kind stands in for it.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from emulators.errors import is_library, is_own
from emulators.virtual.loader import Loader
from emulators.virtual.modules import replaced

_MADE: dict[type, tuple[str, str, tuple[str, ...]]] = {
    type(threading.Lock()): ("threading", "Lock", ()),
    type(threading.RLock()): ("threading", "RLock", ()),
    threading.Condition: ("threading", "Condition", ()),
    threading.Event: ("threading", "Event", ()),
    threading.Semaphore: ("threading", "Semaphore", ("_value",)),
    threading.BoundedSemaphore: ("threading", "BoundedSemaphore", ("_value",)),
    threading.local: ("threading", "local", ()),
    queue.Queue: ("queue", "Queue", ("maxsize",)),
    queue.LifoQueue: ("queue", "LifoQueue", ("maxsize",)),
    queue.PriorityQueue: ("queue", "PriorityQueue", ("maxsize",)),
    queue.SimpleQueue: ("queue", "SimpleQueue", ()),
}
"""What waits for real threads: module and class of its stand-in, and the arguments to make one."""
_HOMES = {
    "queue": "queue",
    "_queue": "queue",
    "sched": "sched",
    "concurrent.futures._base": "concurrent.futures",
    "concurrent.futures.thread": "concurrent.futures",
}
"""Where the classes of some modules are to be had."""


class StandIns:
    """What stands in for modules, functions, classes and locks during one run."""

    def __init__(self) -> None:
        self._loader = Loader()
        self._made: dict[int, tuple[Any, Any]] = {}

    def of(self, value: Any) -> Any:
        """Return what stands in for a value of a file's namespace, or the value itself."""
        if isinstance(value, ModuleType):
            real = value is sys.modules.get(value.__name__)
            return (self._loader.library(value.__name__) if real else None) or value
        if type(value) in _MADE:
            return self.of_made(value)
        module, name = _home_of(value)
        return value if module is None else getattr(self._loader.library(module), name, value)

    def of_made(self, value: Any) -> Any:
        """Return what stands in for a lock or its like, the same for the whole run."""
        if type(value) not in _MADE:
            return value
        if id(value) not in self._made:
            module, name, arguments = _MADE[type(value)]
            kind = getattr(self._loader.library(module), name)
            made = kind(*(getattr(value, argument) for argument in arguments))
            for item in list(getattr(value, "queue", ())):
                made.put(item)
            self._made[id(value)] = (made, value)  # with the value, so that its id stays its own
        return self._made[id(value)][0]


def _home_of(value: Any) -> tuple[str | None, str]:
    """Return the module, and the name there, of a function or class that is replaced."""
    try:
        home = replaced().get(value)
    except TypeError:  # it has no hash, so it is neither
        return None, ""
    if home is not None:
        return home
    if not isinstance(value, (type, FunctionType)):
        return None, ""
    return _HOMES.get(value.__module__), value.__name__


@contextmanager
def virtual_globals(kinds: Iterable[Any], stand_ins: StandIns) -> Iterator[None]:
    """Let the files that define `kinds` see the stand-ins, and put the real things back after."""
    changed: list[tuple[Any, str, Any]] = []
    for holder, name, value, replacement in _replacements(kinds, stand_ins):
        try:
            setattr(holder, name, replacement)
        except TypeError:  # a class whose objects are built in C keeps its bases
            continue
        changed.append((holder, name, value))
    try:
        yield
    finally:
        for holder, name, value in changed:
            setattr(holder, name, value)


def _replacements(kinds: Iterable[Any], stand_ins: StandIns) -> Iterator[tuple[Any, str, Any, Any]]:
    """Return where something is to be replaced: module or class, name, what is there, by what."""
    seen: set[ModuleType] = set()
    for module in [module for kind in kinds for module in _modules_of(kind, seen)]:
        names = list(vars(module).items())
        for _, value in names:
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield from _in_class(value, stand_ins)
        for name, value in names:
            replacement = stand_ins.of(value)
            if replacement is not value:
                yield module, name, value, replacement


def _in_class(cls: type, stand_ins: StandIns) -> Iterator[tuple[Any, str, Any, Any]]:
    bases = tuple(map(stand_ins.of, cls.__bases__))
    if bases != cls.__bases__:
        yield cls, "__bases__", cls.__bases__, bases
    for name, value in list(vars(cls).items()):
        replacement = stand_ins.of_made(value)
        if replacement is not value:
            yield cls, name, value, replacement


# -- which files


def _modules_of(kind: Any, seen: set[ModuleType]) -> Iterator[ModuleType]:
    if isinstance(kind, partial):
        kind = kind.func
    cells = getattr(kind, "__closure__", None) or ()
    parts = [*getattr(kind, "__mro__", (kind,)), *(cell.cell_contents for cell in cells)]
    for module in map(_source_of, parts):
        if module is not None and module not in seen and _is_student_file(module):
            seen.add(module)
            yield module
            yield from _beside(module, seen)


def _beside(module: ModuleType, seen: set[ModuleType]) -> Iterator[ModuleType]:
    """Return what a file imports: other files of its folder, and those of devices."""
    for value in list(vars(module).values()):
        other = _source_of(value)
        if other is None or other in seen or not _is_student_file(other):
            continue
        if _folder(other) == _folder(module) or _is_device(value):
            seen.add(other)
            yield other


def _is_device(value: Any) -> bool:
    return any(is_own(_file(_source_of(base))) for base in getattr(value, "__mro__", ()))


def _source_of(value: Any) -> ModuleType | None:
    """Return the module in whose file a class or function is written; a module itself."""
    if isinstance(value, ModuleType):
        return value
    return sys.modules.get(getattr(value, "__module__", None) or "")


def _file(module: ModuleType | None) -> str:
    return str(getattr(module, "__file__", None) or "")


def _folder(module: ModuleType) -> str:
    return os.path.dirname(os.path.abspath(_file(module)))


def _is_student_file(module: ModuleType) -> bool:
    file = _file(module)
    if not file:  # what is typed at a prompt or into a notebook
        return module.__name__ == "__main__"
    return not is_own(file) and not is_library(file)
