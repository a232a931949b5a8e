"""Walking through one run: what the worker does at a request, and the snapshot afterwards.

No Qt and no thread of its own: a test walks by calling. Moving forwards is done in slices of real
time, so that whoever calls stays free to show something, or to stop.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from emulators import watchdog
from emulators.errors import UsageError
from emulators.gui.output import Output
from emulators.gui.patience import Patience
from emulators.gui.rows import Rows
from emulators.gui.snapping import Looks
from emulators.gui.snapshot import EventRow, Snapshot
from emulators.runner import RunConfig, in_steps, opened, save
from emulators.stepping.predicates import Predicate, parse
from emulators.stepping.stepper import Branch, Stepper
from emulators.trace.events import Event

SLICE = 0.04
"""Real seconds of running between two snapshots."""
_LONG_SLICE = 0.15
"""The same on the way to a place, where nobody watches every step."""


@dataclass
class Goal:
    """Where a run goes: up to a position, a condition, or a breakpoint.

    `speed` is in steps per second, 0 for as fast as possible.
    """

    target: float = float("inf")
    condition: Predicate | None = None
    breakpoints: bool = False
    speed: float = 0.0
    at_end: str = ""

    @property
    def is_near(self) -> bool:
        """Whether it is a certain position, and not the end or a condition."""
        return self.target != float("inf")


class Walk:
    """A stepper, and what the window wants to know of it.

    `goal` is where the run is going now, or None; `notes` are remarks for the person who watches.
    """

    def __init__(self, config: RunConfig, path: Path | None = None) -> None:
        self.output = Output()
        self.goal: Goal | None = None
        self.notes: list[str] = []
        self.stopping = False
        self.breakpoints: dict[str, Predicate] = {}
        self._held: dict[str, bool] = {}
        self._patience = Patience()
        self._rows = Rows(self._patience)
        self._looks = Looks(self._patience)
        self._reported = False
        self.config, self.stepper = self._made(config, path)
        self._report_end()

    def _made(self, config: RunConfig, path: Path | None) -> tuple[RunConfig, Stepper]:
        with self.output.of_this_thread():
            return (
                in_steps(config)
                if path is None
                else opened(path, config.exercises, checks=config.checks)
            )

    # -- moving

    def step(self) -> None:
        """Make one step."""
        self._head_for(Goal(self.stepper.position + 1))

    def back(self) -> None:
        """Go one step back."""
        self.go_to(self.stepper.position - 1)

    def go_to(self, position: int) -> None:
        """Go to a position of the present branch."""
        self._live()
        if position < self.stepper.position:
            self._leave()
            with self.output.of_this_thread():
                self.stepper.go_to(max(position, 0))
            self.output.back_to(self.stepper.emulator.steps)
        elif position > self.stepper.position:
            self._head_for(Goal(position))

    def run(self, speed: float) -> None:
        """Go on at a speed in steps per second, 0 for as fast as possible."""
        if self.goal is not None and self.goal.breakpoints:
            self.goal.speed = speed
        else:
            self._head_for(Goal(speed=speed, breakpoints=True))

    def finish(self) -> None:
        """Go to the end of the run."""
        self._head_for(Goal())

    def next_of_device(self, index: int) -> None:
        """Go to the next message event of a device."""
        self._until(parse(f"device {index}"), f"device {index} did nothing more")

    def run_until(self, text: str) -> None:
        """Go on until a condition holds."""
        self._until(parse(text), f"the run is over; `{text.strip()}` did not come true")

    def _until(self, condition: Predicate, at_end: str) -> None:
        self._live()
        condition.check(self.stepper.emulator)
        if not condition.momentary and condition(self.stepper.emulator, self._last):
            self.notes.append(f"`{condition.text}` is true already")
            return
        self._head_for(Goal(condition=condition, at_end=at_end))

    def pause(self) -> None:
        """Go no further."""
        self.goal = None

    def add_breakpoint(self, text: str) -> None:
        """Stop running where a condition becomes true."""
        condition = parse(text)
        condition.check(self.stepper.emulator)
        self.breakpoints[text] = condition

    def remove_breakpoint(self, text: str) -> None:
        """Do not stop there any more."""
        self.breakpoints.pop(text, None)

    def _head_for(self, goal: Goal) -> None:
        self._live()
        if self.stepper.ended:
            self.goal = None
            return
        self.goal = goal
        run = self.stepper.emulator
        self._held = {
            text: not one.momentary and one(run, self._last)
            for text, one in self.breakpoints.items()
        }

    @property
    def _last(self) -> Event | None:
        trace = self.stepper.trace
        return trace[-1] if len(trace) else None

    def advance(self) -> None:
        """Go on towards the goal, for a slice of time or as many steps as its speed has in one."""
        goal, stepper = self.goal, self.stepper
        if goal is None:
            return
        until = time.perf_counter() + (SLICE if goal.breakpoints else _LONG_SLICE)
        steps = max(1.0, goal.speed * SLICE) if goal.speed else float("inf")
        most = min(goal.target - stepper.position, steps)
        reached = False

        def there(event: Event) -> bool:
            nonlocal reached
            reached = self._is_reached(goal, event)
            return reached or self.stopping or time.perf_counter() >= until

        with self.output.of_this_thread():
            stepper.run_until(there, most if most == float("inf") else int(most))  # type: ignore[arg-type]
        if stepper.ended:
            self._ended(goal)
        if reached or stepper.ended or stepper.position >= goal.target:
            self.goal = None

    def _is_reached(self, goal: Goal, event: Event) -> bool:
        run = self.stepper.emulator
        if goal.condition is not None and goal.condition(run, event):
            return True
        if not goal.breakpoints:
            return False
        for text, condition in self.breakpoints.items():
            before, now = self._held.get(text, False), condition(run, event)
            self._held[text] = now and not condition.momentary
            if now and not before:
                self.notes.append(f"Breakpoint: {text}")
                return True
        return False

    def _ended(self, goal: Goal) -> None:
        if goal.condition is not None and goal.at_end:
            why = goal.condition.trouble(self.stepper.emulator)
            self.notes.append(goal.at_end + (f" ({why})" if why else ""))
        self._report_end()

    def _report_end(self) -> None:
        """Let the devices print their results, once, when the run is over."""
        if self._reported or not self.stepper.ended:
            return
        self._reported = True
        emulator = self.stepper.emulator
        self.output.steps = emulator.steps
        with self.output.of_this_thread():
            print("Results")
            emulator.print_result()
            print("Statistics")
            emulator.print_statistics()
        self.output.steps = 0

    # -- acting

    def act(self, kind: str, subject: int) -> None:
        """Do something to a message, a device or the network."""
        self._live()
        self.stepper.act(kind, subject)

    def restart(self, new_seed: bool) -> None:
        """Begin again, with the same seed or another one."""
        self._leave()
        self.output.clear()
        self._patience.renew()
        with self.output.of_this_thread():
            self.stepper.restart(secrets.randbits(32) if new_seed else None)

    def travel(self, number: int, position: int) -> None:
        """Go to a place of any branch."""
        self._travel(self._branch(number), position)

    def _branch(self, number: int) -> Branch:
        for branch in self.stepper.branches():
            if branch.number == number:
                return branch
        raise UsageError(f"there is no branch {number}")

    def _travel(self, branch: Branch, position: int) -> None:
        self._leave()
        self.stepper.close()
        self.output.clear()
        with self.output.of_this_thread():
            self.stepper.travel(branch, position)
        self._report_end()

    def _leave(self) -> None:
        self.goal = None
        self._reported = False

    def _live(self) -> None:
        """Build the run anew where the last attempt to do so has failed."""
        if self.stepper.emulator.closed:
            self._travel(self.stepper.branch, self.stepper.position)

    def compared(self, one: int, other: int) -> tuple[tuple[EventRow, ...], tuple[EventRow, ...]]:
        """Return the events of two branches; come back to where the run stood."""
        branch, position = self.stepper.branch, self.stepper.position
        found = []
        for number in (one, other):
            there = self._branch(number)
            self._travel(there, there.steps)
            with self._watched():
                found.append(Rows(self._patience).update(self.stepper.trace)[1])
        self._travel(branch, position)
        return found[0], found[1]

    # -- files

    def save(self, path: Path) -> None:
        """Write the present branch as a recording."""
        self._live()
        save(self.config, self.stepper, path)

    def open(self, path: Path) -> None:
        """Walk through a recorded run from now on; where that fails, nothing changes."""
        config, stepper = self._made(self.config, path)
        self._leave()
        self.stepper.close()
        self.config, self.stepper = config, stepper
        self.output.clear()
        self._report_end()

    def close(self) -> None:
        """End the run."""
        self.goal = None
        with self.output.of_this_thread():
            self.stepper.close()

    def interrupt(self) -> None:
        """Let whatever goes on return soon; for another thread."""
        self.stepper.interrupt()

    # -- what is to be seen

    def inspect(self, index: int) -> None:
        """Look closely at a device from now on; a few devices are all looked at closely."""
        self._looks.inspected = index

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Keep what is printed, and do not wait for ever for texts that student code makes."""
        with self.output.of_this_thread(), watchdog.watching(self.stepper.emulator):
            yield

    def snapshot(self) -> Snapshot:
        """Return where the run stands."""
        with self._watched():
            kept, rows = self._rows.update(self.stepper.trace)
            return self._looks.snapshot(self.stepper, self._rows, kept, rows, self.output.text)
