"""The suites that there are: one file per lecture, in tests/lectures."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

from emulators.catalogue import closest
from emulators.errors import UsageError
from emulators.grading.case import Case, cases_in
from emulators.virtual.loader import PROJECT

SUITES = PROJECT / "tests" / "lectures"
_FILE = re.compile(r"test_lecture(\d+)\.py")


def lectures(folder: Path = SUITES) -> list[int]:
    """Return the numbers of the lectures that have a suite."""
    files = (_FILE.fullmatch(path.name) for path in folder.glob("test_lecture*.py"))
    return sorted(int(match[1]) for match in files if match)


def suite(lecture: int, folder: Path = SUITES) -> list[Case]:
    """Return the cases of a lecture. Raises `UsageError` where there is no suite."""
    path = folder / f"test_lecture{lecture}.py"
    if not path.is_file():
        known = ", ".join(map(str, lectures(folder))) or "none"
        raise UsageError(f"there is no suite for lecture {lecture}; there are suites for {known}")
    name = f"tests.lectures.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses look there
    try:
        spec.loader.exec_module(module)
    finally:
        if before is not None:
            sys.modules[name] = before
    return cases_in(module)


def lecture_of(path: Path) -> int | None:
    """Return the number of the lecture that a suite's file is for, or None."""
    match = _FILE.fullmatch(path.name)
    return int(match[1]) if match else None


def names_for(asked: str, cases: list[Case], file_has: list[str]) -> dict[str, str]:
    """Return which published class is meant by ``--algorithm``: ``NAME`` or ``PUBLISHED=NAME``.

    A published name means itself. Any other stands for the only algorithm of the suite, or for the
    one whose name is part of it: ImprovedGossip for Gossip. Raises `UsageError` where that is
    not clear.
    """
    published = list(dict.fromkeys(case.algorithm for case in cases))
    name, equals, own = asked.partition("=")
    if equals:
        if name not in published:
            raise UsageError(_unknown(name, published))
        return {name: own}
    if asked in published:
        return {asked: asked}
    alike = [one for one in published if one.lower() in asked.lower()]
    if len(published) == 1 or alike:
        return {max(alike or published, key=len): asked}
    if asked not in file_has:
        raise UsageError(_unknown(asked, [*published, *file_has]))
    raise UsageError(
        f"--algorithm {asked}: in place of which one? Say so: "
        f"--algorithm {published[0]}={asked}; there are {', '.join(published)}"
    )


def _unknown(name: str, known: list[str]) -> str:
    hint = closest(name, known)
    return (
        f"the suite judges no algorithm {name!r}"
        + (f"; did you mean {hint}?" if hint else "")
        + f"; there are {', '.join(dict.fromkeys(known))}"
    )
