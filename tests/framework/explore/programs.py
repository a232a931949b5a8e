"""Programs for the explorer: reference solutions, whole or with a planted mistake."""

from __future__ import annotations

from pathlib import Path

from emulators.grading.mutants import SOLUTIONS, mutants
from emulators.runner import EXERCISES

DATA = Path(__file__).resolve().parent / "data"


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return a text with each old part, which is there once, replaced by a new one."""
    for old, new in edits:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def paxos(folder: Path, *edits: tuple[str, str]) -> Path:
    """Write `OneShot`, the solution of lecture 6 with one role a device; return the folder."""
    source = (SOLUTIONS / "exercise6.py").read_text(encoding="utf-8")
    source += (DATA / "paxos_roles.py").read_text(encoding="utf-8")
    (folder / "exercise6.py").write_text(edited(source, *edits), encoding="utf-8")
    return folder


def mutant(folder: Path, lecture: int, name: str) -> Path:
    """Write a mutant of the suites; return the folder."""
    return next(one for one in mutants(lecture) if one.name == name).write(folder)


def talkers(folder: Path, *edits: tuple[str, str]) -> Path:
    """Write the multicasts of lecture 5 with an application that needs no thread."""
    source = (EXERCISES / "exercise5.py").read_text(encoding="utf-8")
    source += (DATA / "talkers.py").read_text(encoding="utf-8")
    (folder / "exercise5.py").write_text(edited(source, *edits), encoding="utf-8")
    return folder


def template(folder: Path, lecture: int, *edits: tuple[str, str]) -> Path:
    """Write an edited template; return the folder."""
    name = f"exercise{lecture}.py"
    source = (EXERCISES / name).read_text(encoding="utf-8")
    (folder / name).write_text(edited(source, *edits), encoding="utf-8")
    return folder
