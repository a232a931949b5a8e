"""Prints lectures, their titles, and the algorithms found in the exercise files."""

from __future__ import annotations

from pathlib import Path

from emulators.catalogue import algorithms
from emulators.errors import UsageError
from emulators.lectures import LECTURES, Lecture

_EXERCISES = Path(__file__).resolve().parent.parent / "exercises"


def print_list(exercises: Path | None, number: int | None = None) -> None:
    """Print all lectures, or one, with what can be run from a folder of exercise files."""
    folder = exercises or _EXERCISES
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    if number is not None and number not in LECTURES:
        known = ", ".join(map(str, LECTURES))
        raise UsageError(f"there is no lecture {number}; there are {known}")
    for lecture in LECTURES.values():
        if number in (None, lecture.number):
            _print_lecture(lecture, folder)


def _print_lecture(lecture: Lecture, folder: Path) -> None:
    print(f"Lecture {lecture.number}: {lecture.title}")
    if not lecture.file:
        return
    path = folder / f"{lecture.file}.py"
    try:
        names = algorithms(path)
    except OSError:
        print(f"    no file {path.name}")
    except SyntaxError as error:
        print(f"    {path.name}, line {error.lineno}: {error.msg}")
    else:
        print(f"    {path.name}: {', '.join(names) or 'no device class'}")
