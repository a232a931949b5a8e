"""The two generations of student files: with calls (``self.index()``) and with properties.

Decided per module by one look at its source. A file with calls gets values that can be called and
also be used as they are, because such files slip (``f"{self.index}"``); a file with properties
gets plain values, because its code compares indices with ``is``.
"""

from __future__ import annotations

import ast
import sys
from functools import lru_cache, partial
from typing import Any

_OF_SELF = frozenset({"index", "number_of_devices", "medium", "has_work"})
_OF_ANYTHING = frozenset({"number_of_devices", "medium", "ids"})


class CallableInt(int):
    """An int that returns itself, plain, when it is called."""

    def __call__(self) -> int:
        """Return the plain value."""
        return int(self)

    def __repr__(self) -> str:
        return int.__repr__(self)

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)

    def __copy__(self) -> int:
        return int(self)

    def __deepcopy__(self, memo: object) -> int:
        return int(self)


class CallableFlag(int):
    """A truth value that returns itself as a bool when it is called."""

    def __call__(self) -> bool:
        """Return the plain value."""
        return bool(self)

    def __repr__(self) -> str:
        return repr(bool(self))

    __str__ = __repr__


class CallableList(list[int]):
    """A list that returns a plain copy of itself when it is called."""

    def __call__(self) -> list[int]:
        """Return the plain value."""
        return list(self)


def uses_calls(cls: type) -> bool:
    """Return whether `cls` or a class it extends comes from a file of the generation with calls.

    Asked while the file of `cls` is loaded; a device class it extends knows of itself.
    """
    return any(
        vars(base).get("_calls") or module_uses_calls(base.__module__) for base in cls.__mro__
    )


def maker_uses_calls(kind: Any) -> bool:
    """Return whether a class or function that makes devices comes from a file with calls."""
    if isinstance(kind, partial):
        kind = kind.func
    if not isinstance(kind, type):
        return _file_uses_calls(getattr(kind, "__globals__", {}).get("__file__"))
    known = getattr(kind, "_calls", None)
    return any(map(_file_uses_calls, _files_of(kind))) if known is None else bool(known)


def _files_of(cls: type) -> set[Any]:
    parts = [part for base in cls.__mro__ for part in vars(base).values()]
    functions = [getattr(part, "__func__", part) for part in parts]
    return {getattr(function, "__globals__", {}).get("__file__") for function in functions}


def module_uses_calls(name: str) -> bool:
    """Return whether the module of that name is a file of the generation with calls."""
    if name.startswith("emulators.") or name == "builtins":
        return False
    return _file_uses_calls(getattr(sys.modules.get(name), "__file__", None))


def _file_uses_calls(file: str | None) -> bool:
    if not file:
        return False
    try:
        with open(file, "rb") as opened:
            return source_uses_calls(opened.read())
    except OSError:
        return False


@lru_cache(maxsize=64)
def source_uses_calls(source: bytes) -> bool:
    """Return whether a source text calls what is a property in the other generation."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return _any_call(tree, frozenset())


def _any_call(node: ast.AST, own_methods: frozenset[str]) -> bool:
    if isinstance(node, ast.ClassDef):
        own_methods = frozenset(
            part.name
            for part in node.body
            if isinstance(part, ast.FunctionDef) and not part.decorator_list
        )
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        called = node.func
        if isinstance(called, ast.Attribute) and _is_ours(called, own_methods):
            return True
    return any(_any_call(child, own_methods) for child in ast.iter_child_nodes(node))


def _is_ours(called: ast.Attribute, own_methods: frozenset[str]) -> bool:
    of_self = isinstance(called.value, ast.Name) and called.value.id == "self"
    if of_self:
        return called.attr in _OF_SELF | _OF_ANYTHING and called.attr not in own_methods
    return called.attr in _OF_ANYTHING
