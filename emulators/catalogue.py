"""Which device classes an exercise file holds, found by reading it, without running it.

Only a file's outline becomes a syntax tree: its imports and the headers of its classes. The rest is
read for its errors, which takes half the time.
"""

from __future__ import annotations

import ast
import os
import re
import symtable
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from emulators.usage import closest as closest  # noqa: PLC0414  (for whoever imports it here)

if TYPE_CHECKING:
    from pathlib import Path

EXERCISES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "exercises")
_ROOTS = frozenset({"Device", "WorkerDevice"})
_IMPORT = re.compile(rb"(from|import)\b")
_OPENS_BODY = re.compile(rb":[ \t]*(#.*)?$")


def algorithms(path: Path | str, importers: tuple[str, ...] = ()) -> list[str]:
    """Return the names of the classes in a file that can be run, in the order of the file.

    These are the classes that extend Device, directly or not, and those whose ``__new__`` makes
    devices. `importers` are the files, with their whole paths, that wait for what this one has.
    Raises SyntaxError and OSError.
    """
    with open(path, "rb") as file:
        source = file.read()
    symbols = symtable.symtable(source, str(path), "exec")  # type: ignore[arg-type]
    tree = _outline(source, str(path), symbols)
    makers = {made.get_name() for made in symbols.get_children() if _makes_devices(made)}
    imported = list(_imported_devices(tree, symbols, (*importers, os.path.abspath(path))))
    devices = {*_ROOTS, *imported}
    found = []
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        extends = any(_is_device(base, devices) for base in node.bases)
        if extends:
            devices.add(node.name)
        if (extends or node.name in makers) and node.name not in found:
            found.append(node.name)
    own = {*found, *_ROOTS}
    return found + [name for name in imported if name not in own and "." not in name]


def _outline(source: bytes, name: str, symbols: symtable.SymbolTable) -> ast.Module:
    """Return the syntax tree of a file's imports and class headers, or of all of it.

    What looks like an import may be a line of a text: if it is none, the outline does not parse.
    """
    lines = source.splitlines()
    classes = {made.get_lineno() for made in symbols.get_children() if made.get_type() == "class"}
    parts = []
    for number, line in enumerate(lines, start=1):
        if number in classes and line.startswith(b"class"):
            header = _statement(lines, number)
            parts.append(header + b"\n pass" if _OPENS_BODY.search(header) else header)
        elif _IMPORT.match(line):
            parts.append(_statement(lines, number))
    try:
        return ast.parse(b"\n".join(parts))
    except SyntaxError:
        return ast.parse(source, filename=name)


def _statement(lines: list[bytes], number: int) -> bytes:
    """Return the statement that begins in a line, up to its last bracket."""
    text = lines[number - 1]
    for line in lines[number:]:
        if text.count(b"(") <= text.count(b")") and not text.endswith(b"\\"):
            break
        text += b"\n" + line
    return text


def _makes_devices(made: symtable.SymbolTable) -> bool:
    """Return whether a class has a ``__new__`` that is called as a device's constructor is."""
    return made.get_type() == "class" and any(
        isinstance(part, symtable.Function)
        and part.get_name() == "__new__"
        and len(part.get_parameters()) >= 4
        for part in made.get_children()
    )


def _imported_devices(
    tree: ast.Module, symbols: symtable.SymbolTable, files: tuple[str, ...]
) -> Iterator[str]:
    """Return the names under which a file imports device classes: of a module, with a dot."""
    bound = {symbol.get_name() for symbol in symbols.get_symbols() if symbol.is_imported()}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for name in node.names:
                yield from _of_module(name.asname or name.name, name.name, files)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            known = _devices_of(module, files)
            for name in node.names:
                own = name.asname or name.name
                if name.name == "*":
                    yield from known
                elif name.name in known and own in bound:
                    yield own
                else:
                    yield from _of_module(own, f"{module}.{name.name}", files)


def _of_module(own: str, module: str, files: tuple[str, ...]) -> Iterator[str]:
    """Return the device classes of a module, with the name that a file has for it."""
    return (f"{own}.{known}" for known in _devices_of(module, files))


def _devices_of(module: str, files: tuple[str, ...]) -> Iterable[str]:
    """Return the device classes of a module that the last of some files imports.

    It is one of the framework, an exercise, or a file beside; none for one that does not parse.
    """
    if module == "emulators.Device":
        return _ROOTS
    package, _, name = module.rpartition(".")
    if package not in ("", "exercises"):
        return ()
    folders = [os.path.dirname(files[0]), *([EXERCISES] if package else [])]
    for path in (os.path.join(folder, f"{name}.py") for folder in folders):
        if os.path.isfile(path) and os.path.abspath(path) not in files:
            try:
                return algorithms(path, files)
            except SyntaxError:
                return ()
    return ()


def _is_device(base: ast.expr, devices: set[str]) -> bool:
    """Return whether a base class is one of the devices known so far."""
    if isinstance(base, ast.Attribute):
        return ast.unparse(base) in devices or base.attr in _ROOTS
    return isinstance(base, ast.Name) and base.id in devices
