"""Lecture 14: the token of the monitor is one, and its state knows all that was done.

What is judged is the token as it is sent (`MonitorToken`), against the entries into the critical
section until then.
"""

from __future__ import annotations

from emulators.check.property import Property
from emulators.check.published import field, is_a
from emulators.trace.events import RawEvent


class OneToken(Property):
    """Device 0 has the token at the start; whoever sends it must have received it."""

    name = "one_token"
    sentence = "Only who has the token sends it."

    def __init__(self) -> None:
        super().__init__()
        self.holder: int | None = 0

    def on_send(self, event: RawEvent) -> None:
        """Compare the sender with who has the token."""
        if not is_a(event[3], "MonitorToken"):
            return
        device = event[2]
        if device != self.holder:
            where = "on its way" if self.holder is None else f"at device {self.holder}"
            self.violated(
                f"device {device} sends the token {self.when(event)}, and it is {where}",
                event,
                hint="who has sent the token has it no more, until it comes back",
            )
        self.holder = None

    def on_receive(self, event: RawEvent) -> None:
        """Follow the token."""
        if is_a(event[3], "MonitorToken"):
            self.holder = event[2]


class StateOfAll(Property):
    """What the state of a token has to be, from how often each device was inside.

    A device that crashes takes its tasks with it: from then on nothing is judged.
    """

    name = "no_task_lost"
    sentence = "The state of the token shows every task that was executed, and each once."

    def __init__(self) -> None:
        super().__init__()
        self.executed: dict[int, int] = {}
        self.crashed = False

    def on_enter(self, event: RawEvent) -> None:
        """Count a task."""
        self.executed[event[2]] = self.executed.get(event[2], 0) + 1

    def on_crash(self, event: RawEvent) -> None:
        """Judge no more."""
        self.crashed = True

    def on_send(self, event: RawEvent) -> None:
        """Compare a token's state with what was executed."""
        state = field(event[3], "state") if is_a(event[3], "MonitorToken") else None
        if isinstance(state, bytes) and not self.crashed:
            wrong = self.wrong(state)
            if wrong:
                self.violated(
                    f"device {event[2]} sends the token {self.when(event)}, and {wrong}",
                    event,
                    hint="the state must be made from the token's bytes whenever the token comes",
                )

    def wrong(self, state: bytes) -> str:
        """Return what is wrong with a state, or nothing."""
        raise NotImplementedError


class AllCounted(StateOfAll):
    """MonitorDevice: each task adds one to the counter."""

    def wrong(self, state: bytes) -> str:
        """Compare the counter with the number of tasks."""
        value = int.from_bytes(state, "big", signed=True)
        tasks = sum(self.executed.values())
        return "" if value == tasks else f"its counter is {value} after {tasks} tasks"


class AllInBuffer(StateOfAll):
    """BoundedBuffer: device 0 puts an item in with each task, all others take one out."""

    def wrong(self, state: bytes) -> str:
        """Compare the buffer with what was put in and taken out."""
        put = self.executed.get(0, 0)
        taken = sum(self.executed.values()) - put
        items = len(state) // 4
        if items == put - taken:
            return ""
        return f"its buffer has {items} items after {put} were put in and {taken} taken out"
