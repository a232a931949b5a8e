"""Mutants: wrong solutions, each the reference solution or the template with one small edit.

A suite is tested with them: each fails in the cases meant for it, for a reason that is about its
mistake. They lie in tests/mutants, one TOML file each, in a folder per lecture.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from emulators.errors import UsageError
from emulators.lectures import LECTURES
from emulators.runner import EXERCISES
from emulators.virtual.loader import PROJECT

tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

MUTANTS = PROJECT / "tests" / "mutants"
SOLUTIONS = PROJECT / "tests" / "solutions"
_KEYS = {"mistake", "edits", "old", "new", "caught_by", "reason"}


@dataclass(frozen=True)
class Mutant:
    """One mutant: a `mistake` in a sentence, the texts that are replaced, and what shall catch it.

    `replaced` are pairs of an old and a new text. `edited` is ``template`` or ``solution``. Each
    case of `caught_by` fails, and what it says happened contains `reason`.
    """

    lecture: int
    name: str
    mistake: str
    edited: str
    replaced: tuple[tuple[str, str], ...]
    caught_by: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{self.lecture}-{self.name}"

    def write(self, folder: Path) -> Path:
        """Write the mutant as a submission into a folder; return the folder.

        Raises `UsageError` unless each old text is found exactly once.
        """
        file = f"{LECTURES[self.lecture].file}.py"
        source = (SOLUTIONS if self.edited == "solution" else EXERCISES) / file
        text = source.read_text(encoding="utf-8")
        for old, new in self.replaced:
            if text.count(old) != 1:
                raise UsageError(
                    f"mutant {self}: {old!r} is found {text.count(old)} times in {source}"
                )
            text = text.replace(old, new)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
        return folder


def mutants(lecture: int | None = None, folder: Path = MUTANTS) -> Iterator[Mutant]:
    """Return the mutants of a lecture, or of all. Raises `UsageError` for a damaged file."""
    for number in sorted(LECTURES) if lecture is None else [lecture]:
        for path in sorted((folder / f"lecture{number}").glob("*.toml")):
            yield _read(number, path)


def _read(lecture: int, path: Path) -> Mutant:
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    if set(values) != _KEYS or values["edits"] not in ("template", "solution"):
        raise UsageError(
            f"{path}: a mutant has {', '.join(sorted(_KEYS))}; edits: template or solution"
        )
    return Mutant(
        lecture,
        path.stem,
        values["mistake"],
        values["edits"],
        tuple(zip(_several(values["old"]), _several(values["new"]), strict=True)),
        tuple(values["caught_by"]),
        values["reason"],
    )


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
