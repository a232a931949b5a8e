"""Executions that are done and not yet safe, and who has a copy of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import inf

from emulators.monitor.actions import Ticket


@dataclass
class _Commit:
    """An execution; `number` is its entry in LN, `at` when its copy was last sent."""

    ticket: Ticket
    number: int
    at: float


class Commits:
    """The executions of one process, in order; safe is what a majority of the members has."""

    def __init__(self) -> None:
        self._open: list[_Commit] = []
        self._copies: dict[int, int] = {}  # member -> our entry in LN of its copy

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, ticket: Ticket, number: int, now: float) -> None:
        """Wait for copies of an execution, which has this entry in LN."""
        self._open.append(_Commit(ticket, number, now))

    def acknowledged(self, index: int, number: int) -> None:
        """A process has a copy with this entry in LN."""
        self._copies[index] = max(number, self._copies.get(index, 0))

    def forget(self, index: int) -> None:
        """A process is gone, and its copy with it."""
        self._copies.pop(index, None)

    def safe(self, members: Collection[int]) -> Iterator[Ticket]:
        """Take out the executions of which a majority of the members has a copy."""
        while self._open:
            number = self._open[0].number
            copies = 1 + sum(self._copies.get(index, -1) >= number for index in members)
            if copies * 2 <= len(members) + 1:
                return
            yield self._open.pop(0).ticket

    def lost(self, number: int) -> Iterator[Ticket]:
        """Take out the executions that a body with this entry in LN does not have."""
        for commit in [one for one in self._open if number < one.number]:
            self._open.remove(commit)
            yield commit.ticket

    @property
    def since(self) -> float:
        """When the copy of the first one was last sent; infinity where there is none."""
        return self._open[0].at if self._open else inf

    def repeated(self, now: float) -> None:
        """Note that a copy of all of them is sent again."""
        for commit in self._open:
            commit.at = now
