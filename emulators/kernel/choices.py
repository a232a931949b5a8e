"""The one door for decisions: what the environment and the dice decide, and nobody else.

A run asks an object of this interface for every latency, pause, order and random draw. Drawn from
a seed, read back from a recording, asked of a person or enumerated by a search: the run does not
know the difference. Decisions are plain numbers, so a schedule is a list of numbers.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import trunc
from typing import Any, Protocol

Decision = int | float


class Choices(Protocol):
    """Takes the decisions of one run."""

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks from `low` to below `high`."""

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""

    def bits(self, count: int) -> int:
        """Return a whole number of `count` random bits."""


class Seeded:
    """Draws every decision from one generator: the same seed decides the same."""

    def __init__(self, seed: int) -> None:
        generator = random.Random(seed)
        self.random: Callable[[], float] = generator.random
        self.bits: Callable[[int], int] = generator.getrandbits

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks from `low` to below `high`."""
        random, span = self.random, max(0, high - low)
        return lambda: low + trunc(random() * span)  # faster than int()

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""
        return int(self.random() * count)


class Recording:
    """Passes every decision through and appends it to `taken`.

    The list stays the same object; whoever saves it may empty it, and put in what else happens.
    """

    def __init__(self, inner: Choices) -> None:
        self._inner = inner
        self.taken: list[Any] = []

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks from `low` to below `high`."""
        inner, append = self._inner.between(low, high), self.taken.append

        def duration() -> int:
            value = inner()
            append(value)
            return value

        return duration

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""
        value = self._inner.below(count)
        self.taken.append(value)
        return value

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""
        value = self._inner.random()
        self.taken.append(value)
        return value

    def bits(self, count: int) -> int:
        """Return a whole number of `count` random bits."""
        value = self._inner.bits(count)
        self.taken.append(value)
        return value


class Departed(BaseException):
    """The program asks for a decision that the recording does not have.

    A BaseException, because no student's ``except Exception`` may hide it.
    """


class Replayed:
    """Reads decisions back; `source` returns the next recorded one or raises `Departed`."""

    def __init__(self, source: Callable[[], Decision]) -> None:
        self._source = source

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns the recorded duration in ticks."""
        return lambda: self._whole(low, max(high, low + 1), "a duration")

    def below(self, count: int) -> int:
        """Return the recorded alternative, which must be below `count`."""
        return self._whole(0, count, "an alternative")

    def random(self) -> float:
        """Return the recorded number between 0.0 and 1.0."""
        value = self._source()
        if not isinstance(value, float):
            raise Departed(f"it asks for a random number where {value!r} was decided")
        return value

    def bits(self, count: int) -> int:
        """Return the recorded whole number of at most `count` bits."""
        return self._whole(0, 1 << count, "random bits")

    def _whole(self, low: int, high: int, what: str) -> int:
        value = self._source()
        if not isinstance(value, int) or not low <= value < high:
            raise Departed(f"it asks for {what} where {value!r} was decided")
        return value
