"""Finds faults of the framework itself, which a report of a failure would blame on a student."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from emulators.errors import StudentError, Unresponsive, describe, is_own
from emulators.simulation import Simulation


def _innermost(error: BaseException) -> str:
    """Return the file in which an exception arose."""
    traceback, file = error.__traceback__, ""
    while traceback is not None:
        file, traceback = traceback.tb_frame.f_code.co_filename, traceback.tb_next
    return file


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the errors that arise in the framework's own code and are no rule of it."""
    found: list[str] = []
    usual = Simulation._fail

    def fail(self: Any, port: Any, error: BaseException, *more: Any, **options: Any) -> None:
        if is_own(_innermost(error)) and not isinstance(error, (StudentError, Unresponsive)):
            found.append(describe(error))
        usual(self, port, error, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Simulation, "_fail", fail)
        yield found
