"""Time travel: forwards and backwards through a run, and the tree of what was tried.

Back is a replay from the beginning up to one step earlier: the seed and the actions decide the
run, so nothing has to be saved on the way. A branch is the list of actions that leads along it;
who goes back and acts differently opens a new one, and no branch is lost.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emulators.errors import Place, UsageError
from emulators.stepping.showing import attributes
from emulators.SteppingEmulator import Action, SteppingEmulator, Waiting
from emulators.trace.events import Event, Trace
from emulators.virtual.loader import Program

Maker = Callable[[int, list[Action], list[object], Program], SteppingEmulator]
"""Builds the run anew from a seed, the actions to come, the observers to tell and its program."""


@dataclass(eq=False)
class Branch:
    """One way through the run: it leaves `parent` after `at` steps; `steps` is how far it went."""

    number: int
    parent: Branch | None
    at: int
    seed: int
    actions: list[Action] = field(default_factory=list)
    steps: int = 0
    children: list[Branch] = field(default_factory=list)
    program: Program = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What makes this branch differ from its parent."""
        if self.parent is None:
            return f"seed {self.seed}"
        if self.seed != self.parent.seed:
            return f"seed {self.seed}"
        own = [action for action in self.actions if action.step >= self.at]
        if not own:
            return "went on" if self.at else "began anew"
        return describe_action(own[0])


_STEPS = frozenset({"send", "receive", "undeliverable"})


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Let a part of a run print nothing: it was all said before."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


def describe_action(action: Action) -> str:
    """Return an action in words."""
    of_device = action.kind in ("crash", "restart")
    what = "device" if of_device else "message"
    return action.kind if action.kind == "swap" else f"{action.kind} {what} {action.subject}"


class Stepper:
    """A run that can be walked through in both directions.

    `make` builds it; it is called again whenever a run has to begin anew.
    """

    def __init__(self, make: Maker, seed: int, actions: list[Action] | None = None) -> None:
        self._make = make
        self._count = 0
        self.root = self.branch = self._new_branch(None, 0, seed, list(actions or []))
        self._build()

    def _new_branch(
        self, parent: Branch | None, at: int, seed: int, actions: list[Action]
    ) -> Branch:
        self._count += 1
        branch = Branch(self._count, parent, at, seed, actions, at)
        if at and parent is not None:  # a restart reads the files again, a fork does not
            branch.program = parent.program
        if parent is not None:
            parent.children.append(branch)
        return branch

    def _build(self) -> None:
        """Begin the present branch from its beginning."""
        self.trace = Trace()
        branch = self.branch
        self.emulator = self._make(branch.seed, list(branch.actions), [self.trace], branch.program)
        self.emulator.advance(0, once=True)

    # -- where we are

    @property
    def position(self) -> int:
        """How many steps were made: messages sent or received, and last the end of the run."""
        return self.emulator.steps + self.emulator.ended

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.emulator.ended

    @property
    def last(self) -> Event | None:
        """The last message event, or None at the beginning."""
        for number in range(len(self.trace) - 1, -1, -1):
            event = self.trace[number]
            if event.kind in _STEPS:
                return event
        return None

    def _advance(self, target: float = float("inf")) -> None:
        """Let the run go on, and keep account of the time."""
        began, statistics = time.perf_counter(), self.emulator.statistics
        try:
            self.emulator.advance(target)
        finally:
            statistics.elapsed += time.perf_counter() - began
            statistics.time = self.emulator.scheduler.now

    # -- moving

    def step(self) -> bool:
        """Make one step; return False when the run was over before."""
        before = self.position
        if not self.ended:
            self._advance(self.emulator.steps + 1)
            self._reached()
        return self.position > before

    def back(self) -> bool:
        """Go one step back; return False at the beginning."""
        if self.position == 0:
            return False
        self.go_to(self.position - 1)
        return True

    def go_to(self, position: int) -> None:
        """Go to a number of steps, forwards or backwards, along the present branch."""
        if position < self.position:
            self.close()
            with silent():
                self._build()
                self._advance(position)
        elif position > self.position:
            self._advance(position)
        self._reached()

    def finish(self) -> None:
        """Go on to the end of the run, or its limit."""
        self._advance()
        self._reached()

    def run_until(self, condition: Callable[[Event], bool], most: int = 1_000_000) -> bool:
        """Go on until `condition` holds for the last message event; return whether it does.

        It is asked after every step, and once more at the end of the run.
        """
        seen = False

        def holds() -> bool:
            nonlocal seen
            last = self.last
            seen = last is not None and condition(last)
            return seen

        self.emulator.breaks = holds
        try:
            self._advance(self.position + most)
        finally:
            self.emulator.breaks = None
        self._reached()
        return seen or (self.ended and holds())

    def interrupt(self) -> None:
        """Let whatever goes on in another thread return soon."""
        self.emulator.scheduler.interrupt()

    def _reached(self) -> None:
        self.branch.steps = max(self.branch.steps, self.position)

    # -- acting

    def act(self, kind: str, subject: int = 0) -> None:
        """Do something now; where the branch already went on from here, open a new one."""
        if self.ended:
            raise UsageError("the run is over; go back before you act")
        action = self.emulator.act(kind, subject)
        position = self.position
        if self.branch.steps > position:
            kept = [one for one in self.branch.actions if one.step <= position]
            self.branch = self._new_branch(self.branch, position, self.branch.seed, kept)
            self.emulator.forget_plans()
        self.branch.actions.append(action)

    def waiting(self) -> list[Waiting]:
        """Return the messages in transit, those that can be received first."""
        return self.emulator.waiting()

    # -- other ways

    def restart(self, seed: int | None = None) -> None:
        """Begin again: with the same seed and no actions, or with another seed."""
        seed = self.branch.seed if seed is None else seed
        self.close()
        self.branch = self._new_branch(self.root, 0, seed, [])
        self._build()

    def travel(self, branch: Branch, position: int) -> None:
        """Go to a place of any branch."""
        self.close()
        self.branch = branch
        with silent():
            self._build()
            self._advance(min(position, branch.steps))
        self._reached()

    def branches(self) -> list[Branch]:
        """Return all branches, parents before their children."""
        found, todo = [], [self.root]
        while todo:
            branch = todo.pop(0)
            found.append(branch)
            todo = branch.children + todo
        return found

    def close(self) -> None:
        """End the run; its tasks are gone afterwards."""
        self.emulator.close()

    # -- looking into a device

    def place(self, index: int) -> Place | None:
        """Return the line of the student's file at which a device stands."""
        return self.emulator.place(self.emulator.ports[index])

    def state(self, index: int) -> dict[str, str]:
        """Return the attributes of a device, each as one line of text."""
        return attributes(self.emulator.ports[index].device)
