"""Which device classes an exercise file holds, found by reading it, without running it."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable
from pathlib import Path

_EXERCISES = Path(__file__).resolve().parent.parent / "exercises"
_ROOTS = frozenset({"Device", "WorkerDevice"})


def algorithms(path: Path) -> list[str]:
    """Return the names of the classes in a file that can be run, in the order of the file.

    These are the classes that extend Device, directly or not, and those whose ``__new__`` makes
    devices. Raises SyntaxError and OSError.
    """
    tree = ast.parse(path.read_bytes(), filename=str(path))
    imported = list(_imported_devices(tree))
    devices = {"Device", "WorkerDevice", *imported}
    found = []
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        extends = any(_is_device(base, devices) for base in node.bases)
        if extends:
            devices.add(node.name)
        if extends or _makes_devices(node):
            found.append(node.name)
    own = {*found, *_ROOTS}
    return found + [name for name in imported if name not in own and "." not in name]


def _imported_devices(tree: ast.Module) -> Iterable[str]:
    """Return the names under which a file imports device classes."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for name in node.names:
                yield from (
                    f"{name.asname or name.name}.{known}" for known in _devices_of(name.name)
                )
        if not isinstance(node, ast.ImportFrom):
            continue
        known = _devices_of(node.module or "")
        for name in node.names:
            if name.name == "*":
                yield from known
            elif name.name in known:
                yield name.asname or name.name


def _devices_of(module: str) -> Iterable[str]:
    if module == "emulators.Device":
        return _ROOTS
    package, _, name = module.rpartition(".")
    path = _EXERCISES / f"{name}.py"
    return algorithms(path) if package == "exercises" and path.is_file() else ()


def _is_device(base: ast.expr, devices: set[str]) -> bool:
    """Return whether a base class is one of the devices known so far."""
    if isinstance(base, ast.Attribute):
        return ast.unparse(base) in devices or base.attr in _ROOTS
    return isinstance(base, ast.Name) and base.id in devices


def _makes_devices(node: ast.ClassDef) -> bool:
    return any(
        isinstance(part, ast.FunctionDef) and part.name == "__new__" and len(part.args.args) >= 4
        for part in node.body
    )


def closest(name: str, names: Iterable[str]) -> str:
    """Return the name that a misspelt one probably means, or nothing."""
    by_lower = {known.lower(): known for known in names}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else ""
