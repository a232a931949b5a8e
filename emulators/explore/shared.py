"""Module globals and class variables: what devices share without sending it.

In a run all devices see the same module. Alone, a device must find there what the others left. So
what a program may change is watched: plain values are taken out and put back as a part of the
network's state; a list, a dictionary or an object that changes cannot be, and is named.
"""

from __future__ import annotations

import copyreg
import dis
import enum
import functools
import logging
import re
from collections.abc import Iterable, Iterator
from operator import is_
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from emulators.explore.fingerprint import Encoder, Fingerprint
from emulators.explore.frames import Opaque
from emulators.trace.envelope import PLAIN


class SharedState(Exception):
    """Devices share something that cannot be made a part of a state; the text says what."""


_HARMLESS = (
    *(type, ModuleType, FunctionType, BuiltinFunctionType, staticmethod, classmethod, property),
    *(functools._lru_cache_wrapper, functools.cached_property, enum.Enum, re.Pattern),
    *(logging.Logger, type(list[int]), type(int | str)),
)
_MISSING = object()


class Shared:
    """What the exercise modules of a program hold beside functions, classes and constants.

    `number` names its present content; 0 is the content at the start. `at_work` tells whether a
    device is using it right now.
    """

    at_work = False

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        modules = list(modules)
        self._holders: list[Any] = [*modules, *_classes(modules)]
        for holder in self._holders:
            if isinstance(holder, type):  # as the first copy of an object would
                copyreg._slotnames(holder)  # type: ignore[attr-defined]
        stored = set().union(*(_stored(module) for module in modules), set())
        self.unseen: list[str] = []
        self._plain: list[tuple[Any, str]] = []
        self._deep: list[tuple[str, Any, Fingerprint]] = []
        for holder in self._holders:
            for name, value in list(vars(holder).items()):
                self._sort(holder, name, value, stored)
        self._sizes = [len(vars(holder)) for holder in self._holders]
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._contents: list[tuple[Any, ...]] = []
        self.number = 0
        self.number = self.look()

    def _sort(self, holder: Any, name: str, value: Any, stored: set[str]) -> None:
        """Decide how something is watched."""
        if name.startswith("__") and name.endswith("__"):
            return
        if name in stored:
            self._plain.append((holder, name))
        if type(value) in PLAIN or isinstance(value, _HARMLESS):
            return
        where = f"{holder.__name__}.{name}"
        try:
            self._deep.append((where, value, _content(value)))
        except Opaque:
            if not hasattr(type(value), "__get__") and not _is_typing(value):
                self.unseen.append(where)

    def look(self) -> int:
        """Return the number of the present content. Raises `SharedState` for what cannot be kept.

        What devices keep in lists and objects of a module is no part of a state.
        """
        if [len(vars(holder)) for holder in self._holders] != self._sizes:
            raise SharedState("a class or module gets new variables while devices run")
        for where, value, before in self._deep:
            if _content(value) != before:
                raise SharedState(f"{where}, which devices change")
        content = tuple([vars(holder)[name] for holder, name in self._plain])
        if self._contents and all(map(is_, content, self._contents[self.number])):
            return self.number
        return self._number_of(content)

    def _number_of(self, content: tuple[Any, ...]) -> int:
        key = tuple((type(value), value) for value in content)
        try:
            number = self._numbers.get(key)
        except TypeError:
            number = None
        if number is None:
            for (holder, name), value in zip(self._plain, content, strict=True):
                if not _can_be_kept(value):
                    raise SharedState(f"{holder.__name__}.{name}, which holds {value!r:.60}")
            number = self._numbers[key] = len(self._contents)
            self._contents.append(content)
        self.number = number
        return number

    def restore(self, number: int) -> None:
        """Put back a content."""
        if number != self.number:
            self.number = number
            for (holder, name), value in zip(self._plain, self._contents[number], strict=True):
                setattr(holder, name, value)

    def plain_names(self) -> set[str]:
        """Return the names of the variables that devices may assign to."""
        return {name for _, name in self._plain}

    def names(self) -> str:
        """Return what is shared and has changed, in words."""
        return ", ".join(
            f"{holder.__name__}.{name}"
            for place, (holder, name) in enumerate(self._plain)
            if len({repr(content[place]) for content in self._contents}) > 1
        )


def _content(value: Any) -> Fingerprint:
    encoder = Encoder()
    encoder.put(value)
    return tuple(encoder.tokens)


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return all(map(_can_be_kept, value))
    return type(value) in PLAIN or isinstance(value, (enum.Enum, type, FunctionType))


def _is_typing(value: Any) -> bool:
    return type(value).__module__ in ("typing", "types", "typing_extensions", "_thread")


def _classes(modules: list[ModuleType]) -> Iterator[type]:
    for module in modules:
        todo = list(vars(module).values())
        seen: set[type] = set()
        while todo:
            value = todo.pop()
            if not isinstance(value, type) or value.__module__ != module.__name__:
                continue
            if value not in seen:
                seen.add(value)
                todo += vars(value).values()
                if not issubclass(value, enum.Enum):
                    yield value


def _stored(module: ModuleType) -> set[str]:
    """Return the names that the functions of a module assign to globals or attributes."""
    found: set[str] = set()
    todo = [code for value in _functions(module) for code in [value.__code__]]
    seen: set[CodeType] = set()
    while todo:
        code = todo.pop()
        if code in seen:
            continue
        seen.add(code)
        todo += [part for part in code.co_consts if isinstance(part, CodeType)]
        for one in dis.get_instructions(code):
            if one.opname in ("STORE_GLOBAL", "STORE_ATTR", "DELETE_GLOBAL", "DELETE_ATTR"):
                found.add(one.argval)
        if {"setattr", "globals", "vars", "__dict__", "exec", "delattr"} & set(code.co_names):
            found |= {*vars(module), *(name for cls in _classes([module]) for name in vars(cls))}
    return found


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for holder in [module, *_classes([module])]:
        for value in list(vars(holder).values()):
            inner = [getattr(value, name, None) for name in _PARTS if not isinstance(value, type)]
            yield from (part for part in (value, *inner) if isinstance(part, FunctionType))


_PARTS = ("__func__", "__wrapped__", "fget", "fset", "fdel", "func")
"""Where a property, a method of a class or a decorated function keeps its functions."""
