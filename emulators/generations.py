"""The two generations of student files: with calls (``self.index()``) and with properties.

Decided per module by one look at its source. A file with calls gets values that can be called and
also be used as they are, because such files slip (``f"{self.index}"``); a file with properties
gets plain values, because its code compares indices with ``is``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

_OF_SELF = frozenset({"index", "number_of_devices", "medium", "has_work", "ids"})
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

    def __reduce__(self) -> tuple[type[bool], tuple[bool]]:
        return bool, (bool(self),)


class CallableList(list[int]):
    """A list that returns a plain copy of itself when it is called."""

    def __reduce__(self) -> tuple[type[list[int]], tuple[list[int]]]:
        return list, (list(self),)

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
    kind = getattr(kind, "__wrapped__", kind)
    if not isinstance(kind, type):
        return _file_uses_calls(getattr(kind, "__globals__", {}).get("__file__"))
    known = getattr(kind, "_calls", None)
    if known is not None:
        return bool(known)
    parts = [part for base in kind.__mro__ for part in vars(base).values()]
    makes_such = any(getattr(part, "_calls", False) for part in parts if isinstance(part, type))
    return makes_such or any(map(_file_uses_calls, _files_of(parts)))


def _files_of(parts: list[Any]) -> set[Any]:
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
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    methods = {name: _methods(node) for name, node in classes.items()}
    defined = frozenset().union(*methods.values())
    return any(
        called.attr in _OF_ANYTHING and called.attr not in defined
        for called in _called(tree)
        if not _is_self(called.value)
    ) or any(
        called.attr in _OF_SELF and called.attr not in _inherited(node, classes, methods)
        for node in classes.values()
        for called in _called(node)
        if _is_self(called.value)
    )


def _called(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Return what is called without arguments as an attribute of something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            yield from (node.func,) if isinstance(node.func, ast.Attribute) else ()


def _is_self(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "self"


def _methods(node: ast.ClassDef) -> frozenset[str]:
    """Return the methods of a class that a file itself defines, properties left out."""
    functions = (part for part in node.body if isinstance(part, ast.FunctionDef))
    return frozenset(part.name for part in functions if not part.decorator_list)


def _inherited(
    node: ast.ClassDef, classes: dict[str, ast.ClassDef], methods: dict[str, frozenset[str]]
) -> frozenset[str]:
    """Return the methods of a class and of the classes of the same file that it extends."""
    family = [node.name]
    for name in family:
        bases = (base.id for base in classes[name].bases if isinstance(base, ast.Name))
        family += [base for base in bases if base in classes and base not in family]
    return frozenset().union(*(methods[name] for name in family))
