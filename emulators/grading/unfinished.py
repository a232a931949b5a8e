"""Which parts of an exercise file are still to be written: seen in its source, without running it.

A template says it by `emulators.todo.todo`, and a run of it then says so itself. This finds what
says nothing: a method that the template leaves open, and that the submission leaves empty.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def open_parts(template: Path, submission: Path) -> list[str]:
    """Return the functions that the template leaves open and the submission still has empty.

    Each as ``King.run is empty (exercise6.py, line 80)``; nothing for a file that does not parse.
    """
    try:
        wanted = {name for name, made in _functions(template) if _is_open(made)}
        return [
            f"{name} is empty ({submission.name}, line {made.lineno})"
            for name, made in _functions(submission)
            if _is_empty(made) and (name in wanted or name.endswith(".run"))
        ]
    except (OSError, SyntaxError, ValueError):
        return []


def _functions(path: Path) -> Iterator[tuple[str, Function]]:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, Function):
                    yield f"{node.name}.{part.name}", part


def _is_open(function: Function) -> bool:
    """Whether a function calls `todo`."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "todo"
        for node in ast.walk(function)
    )


def _is_empty(function: Function) -> bool:
    """Whether a function does nothing: a docstring, `pass`, `...`, `return None`."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (
            isinstance(statement, ast.Return)
            and (
                statement.value is None
                or (isinstance(statement.value, ast.Constant) and statement.value.value is None)
            )
        )
        for statement in function.body
    )
