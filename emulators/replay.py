"""A run from its recording, and the first event at which a changed program departs from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NoReturn

import msgspec

from emulators.errors import UsageError
from emulators.kernel.choices import Choices, Decision, Departed, Replayed
from emulators.kernel.clock import seconds
from emulators.trace.events import Observer, RawEvent
from emulators.trace.log import Line, Recorded, encoded, line_of


class Departure(Departed):
    """The program does something else than what was recorded; the text says where and what."""


class Replay(Observer):
    """Feeds a run the decisions of a recording and compares every event with the recorded one.

    It is the source of decisions (`choices`) and an observer of the same run. At the first
    difference it calls `leave`, which shall end the run without a way back into the program: code
    that catches everything would go on. Where `leave` returns, a `Departure` is raised.
    """

    def __init__(self, recorded: Recorded) -> None:
        self.events = 0
        self.leave: Callable[[], object] = lambda: None
        self._lines: Iterator[Line] = recorded.lines()
        self._decisions: deque[Decision] = deque()
        self._expected: deque[Line] = deque()
        self._finish: Line | None = None
        self._departure: Departure | None = None
        self._damage: UsageError | None = None
        self._is_over = False

    def choices(self) -> Choices:
        """Return the decisions of the recording."""
        return _Decisions(self)

    def _read(self) -> bool:
        """Read one more line; return whether there was one."""
        try:
            line = next(self._lines, None)
        except UsageError as error:
            line, self._damage = None, error
        if line is None:
            return False
        self._decisions.extend(line.c or ())
        if line.e == "finish":
            self._finish = line
        else:
            line.c = None
            self._expected.append(line)
        return True

    def next_decision(self) -> Decision:
        """Return the next recorded decision; depart when there is none left."""
        while not self._decisions:
            if not self._read():
                self.depart("the recording ends here", "it asks for a decision that was not taken")
        return self._decisions.popleft()

    def on_event(self, event: RawEvent) -> None:
        """Compare an event with the recorded one; depart at the first difference.

        What happens after the run, while results are printed, no recording has.
        """
        if self._is_over:
            return
        while not self._expected and self._read():
            pass
        now = line_of(event)
        if not self._expected:
            self.depart("the recording ends here", words(now))
        recorded = self._expected[0]
        if encoded([recorded]) != encoded([now]) and not _same(recorded, now):
            self.depart(words(recorded), words(now))
        self._expected.popleft()
        self.events += 1

    def ask_for_another(self, now: str) -> NoReturn:
        """Depart because the program asks for another decision than the recorded one."""
        while not self._expected and self._read():
            pass
        self.depart(words(self._expected[0]) if self._expected else "the recording ends here", now)

    def depart(self, recorded: str, now: str) -> NoReturn:
        """End the run; the first departure is the one that counts."""
        if self._departure is None:
            self._departure = Departure(
                f"the run departs from the recording at event {self.events + 1}\n"
                f"  recorded: {recorded}\n  now:      {now}"
            )
        self.leave()
        raise self._departure

    def verdict(self) -> str:
        """Return where the run has departed, or nothing. Call it when the run has ended.

        Raises `UsageError` where the recording turned out to be damaged.
        """
        self._is_over = True
        while self._read():
            pass
        if self._damage is not None:
            raise self._damage
        interrupted = self._finish is not None and self._finish.s[0] == "interrupted"
        if interrupted and (self._departure is None or not self._expected):
            return ""  # its end was an accident
        if self._departure is None and self._expected:
            return (
                f"the run departs from the recording at event {self.events + 1}\n"
                f"  recorded: {words(self._expected[0])}\n  now:      the program has ended"
            )
        return str(self._departure or "")


class _Decisions(Replayed):
    """Recorded decisions; one that does not fit the question is a departure."""

    def __init__(self, replay: Replay) -> None:
        super().__init__(replay.next_decision)
        self._replay = replay

    def random(self) -> float:
        """Return the recorded number between 0.0 and 1.0."""
        try:
            return super().random()
        except Departed as departed:
            self._replay.ask_for_another(str(departed))

    def _whole(self, low: int, high: int, what: str) -> int:
        try:
            return super()._whole(low, high, what)
        except Departed as departed:
            self._replay.ask_for_another(str(departed))


def _same(one: Line, other: Line) -> bool:
    """Compare as read back from JSON, where a tuple is a list and a key is text."""
    decode = msgspec.json.decode
    return bool(decode(encoded([one])) == decode(encoded([other])))


def words(line: Line) -> str:
    """Return an event as a sentence without its verb's tense."""
    when = f"at {seconds(line.t):.6g} s"
    who = "" if line.d is None else f"device {line.d} "
    if line.e == "round":
        return f"round {line.s} {when}"
    if line.e in ("send", "undeliverable"):
        return f"{who}{line.e} message {line.m}, {line.type} {line.f}, {when}"
    if line.e == "receive":
        return f"{who}receive message {line.m} {when}"
    rest = "" if line.s is None else f" {line.s!r}"
    return f"{who}{line.e}{rest} {when}"
