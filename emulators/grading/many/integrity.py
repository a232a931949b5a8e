"""Whether student code has changed what judges it: functions and classes of the framework.

A list is made before the first line of student code runs, and compared after each case.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

_JUDGED_WITH = (
    *("builtins", "os", "posixpath", "ntpath", "sys", "io", "json", "re", "time", "threading"),
    *("collections", "contextlib", "dataclasses", "functools", "itertools", "traceback", "random"),
)
_OWN = ("emulators.", "tests.lectures.")
_KINDS = (FunctionType, type, property, classmethod, staticmethod, type(len), type(str.join))
_IN_FLUX = frozenset({"sys.stdout", "sys.stderr", "sys.stdin", "builtins._"})

State = dict[str, tuple[Any, Any]]
"""By name: the function or class, kept so that its identity stays its own, and its code."""


def state() -> State:
    """Return what the modules of the framework, and those it needs, define at present."""
    modules = [
        module
        for name, module in list(sys.modules.items())
        if name in _JUDGED_WITH or name.startswith(_OWN)
    ]
    return {name: (value, _code(value)) for module in modules for name, value in _parts(module)}


def changed(before: State) -> list[str]:
    """Return the names of what is not as it was, in their order."""
    now = state()
    return sorted(
        name
        for name, (value, code) in before.items()
        if name not in now or now[name][0] is not value or now[name][1] is not code
    )


def _parts(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(module).items()):
        if isinstance(value, _KINDS) and f"{module.__name__}.{name}" not in _IN_FLUX:
            yield f"{module.__name__}.{name}", value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, part in list(vars(value).items()):
                if isinstance(part, _KINDS):
                    yield f"{module.__name__}.{name}.{inner}", part


def _code(value: Any) -> Any:
    if isinstance(value, property):
        return _code(value.fget)
    return getattr(getattr(value, "__func__", value), "__code__", None)
