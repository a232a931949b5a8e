"""Whether a run gets on and comes to an end: deadlock, termination, and how much it sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.check.property import Property
from emulators.check.words import devices, wait
from emulators.kernel.clock import ROUND
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

QUIET = 50
"""Rounds of 0.1 virtual seconds without an event after which nothing is expected any more."""


class Deadlock(Property):
    """Coffman's circular waiting, seen from outside ([CDK] 16.4.1).

    Either all devices wait inside the framework and nothing can come; or, where they look again and
    again by themselves, some have asked for the critical section, nobody is inside, no message is
    on its way, and for `QUIET` rounds nothing has happened.
    """

    name = "deadlock"
    sentence = "Somebody can always go on: the devices never all wait for each other."

    def __init__(self) -> None:
        super().__init__()
        self.waiting: set[int] = set()
        self.inside: set[int] = set()
        self.in_flight = 0
        self._asked: dict[int, RawEvent] = {}
        self._last = 0

    def on_ask(self, event: RawEvent) -> None:
        """Note who waits."""
        self.waiting.add(event[2])
        self._asked[event[2]] = event
        self._last = event[1]

    def on_enter(self, event: RawEvent) -> None:
        """Note who is inside."""
        self.waiting.discard(event[2])
        self.inside.add(event[2])
        self._last = event[1]

    def on_leave(self, event: RawEvent) -> None:
        """Note who left."""
        self.inside.discard(event[2])
        self._last = event[1]

    def on_end(self, event: RawEvent) -> None:
        """Forget who is not there any more."""
        self.waiting.discard(event[2])
        self.on_leave(event)

    on_crash = on_end

    def on_send(self, event: RawEvent) -> None:
        """Count what is on its way."""
        self.in_flight += 1
        self._last = event[1]

    on_duplicate = on_send

    def on_receive(self, event: RawEvent) -> None:
        """Count what is on its way."""
        self.in_flight -= 1
        self._last = event[1]

    on_lose = on_receive

    def end(self, run: Simulation) -> None:
        """Judge how the run stands."""
        if run.deadlocked:
            self.violated(
                f"{devices(run.standing)} {wait(run.standing)} for ever, and nothing can come",
                hint="look at who should have sent or released what the others wait for",
            )
        elif self.waiting and not self.inside and self.in_flight <= 0:
            self._judge((run.scheduler.now - self._last) // ROUND)

    def _judge(self, quiet: int) -> None:
        waiting = sorted(self.waiting)
        if quiet >= QUIET:
            self.violated(
                f"{devices(waiting)} {wait(waiting)} for the critical section, nobody is inside, "
                f"no message is on its way, and nothing has happened for {quiet} rounds",
                *(self._asked[device] for device in waiting),
                hint="find a circle: whose answer does each of them wait for?",
            )


class Termination(Property):
    """Every device comes to an end of its `run`; a device that has crashed need not."""

    name = "termination"
    sentence = "Every device comes to its end."

    def __init__(self) -> None:
        super().__init__()
        self.crashed: set[int] = set()
        self.failed: set[int] = set()

    def on_fail(self, event: RawEvent) -> None:
        """Note a device that ends by a failure."""
        if event[2] is not None and event[3].fatal:
            self.failed.add(event[2])

    def on_crash(self, event: RawEvent) -> None:
        """Ask nothing of a device that has crashed."""
        self.crashed.add(event[2])

    def on_restart(self, event: RawEvent) -> None:
        """Ask it of a device that is back."""
        self.crashed.discard(event[2])

    def end(self, run: Simulation) -> None:
        """Name those that have not ended."""
        if self.failed:
            self.violated(f"{devices(self.failed)} failed", hint="see the report of the failure")
        lasting = [device for device in run.standing if device not in self.crashed]
        if lasting:
            stood = run.standing[lasting[0]]
            self.violated(
                f"{devices(lasting)} had not ended when the run was over",
                hint=f"device {lasting[0]} stood at {stood}: what did it wait for?",
            )


class MessageBudget(Property):
    """At most `most` messages are sent; a function of the number of devices gives the number."""

    name = "message_budget"
    sentence = "The devices send no more messages than allowed."

    def __init__(self, most: int | Callable[[int], int]) -> None:
        super().__init__()
        self._most = most
        self.sent = 0
        self.allowed = 0

    def begin(self, number_of_devices: int) -> None:
        """Work out how many messages are allowed."""
        super().begin(number_of_devices)
        self.allowed = self._most if isinstance(self._most, int) else self._most(number_of_devices)

    def on_send(self, event: RawEvent) -> None:
        """Count a message."""
        self.sent += 1
        if self.sent > self.allowed:
            self.violated(
                f"device {event[2]} sends message number {self.sent}; "
                f"{self.allowed} are enough for {self.number_of_devices} devices",
                event,
                hint="look for messages that tell their receiver nothing new",
            )
