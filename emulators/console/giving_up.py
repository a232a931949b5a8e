"""The end of a run whose code cannot be interrupted: what can be said is said beside it.

The watchdog calls `say`, or what `speaking` prepares, from its own thread, and ends the process.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import get_ident
from typing import Protocol, TextIO

from emulators import watchdog
from emulators.errors import Failure, Place, Unresponsive
from emulators.runner import Result
from emulators.simulation import Simulation


class Made(Protocol):
    """A run that can be stopped in the middle: one that goes by itself, or one that is stepped."""

    @property
    def emulator(self) -> Simulation:
        """What runs it."""

    def result(self, interrupted: bool = False, departure: str = "") -> Result:
        """Return what came of it so far."""


class _OnlyThisThread(io.TextIOBase):
    """Passes on what the thread writes that made it, and drops what others write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._thread = get_ident()

    def write(self, text: str) -> int:
        """Write, or do nothing."""
        return self._stream.write(text) if get_ident() == self._thread else len(text)

    def isatty(self) -> bool:
        """Whether this is a terminal."""
        return self._stream.isatty()

    def flush(self) -> None:
        """Flush what is written to."""
        self._stream.flush()


def _hopeless(made: Made, place: Place) -> Failure:
    task = made.emulator.scheduler.current
    return Failure(
        device=getattr(getattr(task, "owner", None), "index", None),
        when=made.emulator.when(),
        problem=f"{Unresponsive()}, and it cannot be interrupted",
        place=place,
        hint=_ENDLESS,
    )


_ENDLESS = "let the loop end, and do not catch every exception in it"


def say(place: Place) -> None:
    """Say why nothing more can be said: a constructor or `print_result` does not end."""
    print(
        f"The run cannot go on: the code at {place} does not end and cannot be interrupted\n"
        f"      {place.source}\n  try: {_ENDLESS}",
        file=sys.stderr,
    )


@contextlib.contextmanager
def last_words(say: Callable[[Place], object]) -> Iterator[None]:
    """Let the watchdog call `say` when it gives up in this block."""
    before, watchdog.last_words = watchdog.last_words, say
    try:
        yield
    finally:
        watchdog.last_words = before


def speaking(made: Made, finish: Callable[[Result], None]) -> AbstractContextManager[None]:
    """Let a run that has to be given up end with the results of the other devices."""

    def speak(place: Place) -> None:
        sys.stdout = _OnlyThisThread(sys.stdout)
        made.emulator.report(_hopeless(made, place))
        finish(made.result())

    return last_words(speak)
