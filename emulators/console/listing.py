"""Prints lectures, their titles, and the algorithms found in the exercise files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emulators.catalogue import EXERCISES, algorithms
from emulators.lectures import LECTURES, Lecture
from emulators.usage import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def print_list(exercises: Path | None, number: int | None = None) -> None:
    """Print all lectures, or one, with what can be run from a folder of exercise files."""
    folder = str(exercises or EXERCISES)
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder {folder}")
    if number is not None and number not in LECTURES:
        known = ", ".join(map(str, LECTURES))
        raise UsageError(f"there is no lecture {number}; there are {known}")
    for lecture in LECTURES.values():
        if number in (None, lecture.number):
            _print_lecture(lecture, folder)


def _print_lecture(lecture: Lecture, folder: str) -> None:
    print(f"Lecture {lecture.number}: {lecture.title}")
    if not lecture.file:
        print("    no exercise in this framework: see its text")
        return
    name = f"{lecture.file}.py"
    try:
        names = algorithms(os.path.join(folder, name))
    except OSError:
        print(f"    no file {name}")
    except SyntaxError as error:
        print(f"    {name}, line {error.lineno}: {error.msg}")
    else:
        print(f"    {name}: {', '.join(names) or 'no device class'}")
