"""A schedule as a person writes it: step by step which device goes on, and with what.

    0             device 0 goes on
    1<0           device 1 receives what device 0 sent to it first, of what is on its way
    1<0.2         … the message after the next two
    1-            device 1 looks for a message and finds none
    1@            an alarm of device 1 rings
    1(1,0)        device 1 goes on; of two draws the alternatives 1 and 0 are taken
    0~            device 0 crashes
    0~2           device 0 goes on, and crashes before it sends its third message
    x1<0, +1<0    the message is lost, comes twice
    0:1           the second task of device 0 goes on
    0*3           three times the same

A `Scribe` writes down what somebody else decides; a `Follower` decides by such steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from emulators.kernel.choices import Departed
from emulators.trace.envelope import RawEnvelope
from emulators.untimed import Bounds, Option, UntimedEmulator, alternative
from emulators.usage import UsageError


class OffScript(Departed):
    """A run cannot be led as it shall be; the text says where it departs."""


class Over(Departed):
    """A run has been led as far as it is wanted."""


class Step(NamedTuple):
    """One thing that happens, told so that it means something in another run, too.

    `kind`, `device` and `task` are those of an `Option`; ``begin`` is the building of all devices.
    A message is the one from `sender` with `before` others of that sender in front of it, or, with
    a `type`, with `alike` others of that class. `draws` are the alternatives that are drawn before
    the next step; after `sends` more messages the device crashes.
    """

    kind: str
    device: int
    task: int = 0
    sender: int = -1
    before: int = 0
    type: str = ""
    alike: int = 0
    draws: tuple[int, ...] = ()
    sends: int | None = None


Steps = tuple[Step, ...]

BEGIN = Step("begin", -1)
_OF_MESSAGES = ("message", "lose", "duplicate")


def _type(envelope: RawEnvelope) -> str:
    return envelope[4].__name__


def named(option: Option, emulator: UntimedEmulator) -> Step:
    """Return an option as a step."""
    kind, device, task, serial = option
    if kind not in _OF_MESSAGES:
        return Step(kind, device, task)
    inbox = emulator.ports[device].inbox
    wanted = next(one for one in inbox if one[1] == serial)
    earlier = [one for one in inbox if one[2] == wanted[2] and one[1] < serial]
    alike = sum(_type(one) == _type(wanted) for one in earlier)
    return Step(kind, device, task, wanted[2], len(earlier), _type(wanted), alike)


def found(step: Step, menu: Sequence[Option], emulator: UntimedEmulator) -> Option | None:
    """Return the option that a step means, or None where it is not possible."""
    serial = None
    if step.kind in _OF_MESSAGES:
        waiting = sorted(
            one[1]
            for one in emulator.ports[step.device].inbox
            if one[2] == step.sender and step.type in ("", _type(one))
        )
        place = step.alike if step.type else step.before
        if place >= len(waiting):
            return None
        serial = waiting[place]
    option = Option(step.kind, step.device, step.task, serial)
    return option if option in menu else None


class Scribe:
    """Passes on what `chooser` decides, and writes it down as steps."""

    def __init__(self, chooser: Chooser) -> None:
        self.chooser = chooser
        self.steps: list[Step] = [BEGIN]
        self.emulator: UntimedEmulator | None = None
        self.enough: Callable[[], bool] = lambda: False
        self._sends = 0

    def below(self, count: int) -> int:
        """Return one of `count` alternatives."""
        emulator = self.emulator
        deciding = emulator.deciding if emulator is not None else ""
        if emulator is not None and deciding == "move":
            if self.enough():
                raise Over
            menu = emulator.offered
            chosen = self.chooser.move(emulator, menu, count)
            if chosen < len(menu):
                self.steps.append(named(menu[chosen], emulator))
            self._sends = 0
            return chosen
        if deciding == "crash":
            crashes = self.chooser.crashes(self._sends)
            if crashes:
                self.steps[-1] = self.steps[-1]._replace(sends=self._sends)
            self._sends += 1
            return int(crashes)
        return alternative(self._drawn(count), count, self.chooser.bounds.most)

    def _drawn(self, count: int) -> int:
        drawn = self.chooser.draw(min(count, self.chooser.bounds.most))
        last = self.steps[-1]
        self.steps[-1] = last._replace(draws=(*last.draws, drawn))
        return drawn

    def random(self) -> float:
        """Return one of a few numbers between 0.0 and 1.0."""
        most = self.chooser.bounds.most
        return self._drawn(most) / most

    def bits(self, count: int) -> int:
        """Return random bits."""
        return alternative(self._drawn(1 << count), 1 << count, self.chooser.bounds.most)

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that takes the shortest time."""
        return lambda: low


class Chooser:
    """Decides what happens. Extended by those who walk and those who follow."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds

    def move(self, emulator: UntimedEmulator, menu: Sequence[Option], count: int) -> int:
        """Return what happens next: a place in the menu, or its length for nothing.

        Raises `Over` to end the run.
        """
        raise NotImplementedError

    def crashes(self, sends: int) -> bool:
        """Return whether a device crashes, which has sent so much since its step began."""
        return False

    def draw(self, count: int) -> int:
        """Return one of `count` alternatives."""
        return 0


class Follower(Chooser):
    """Decides by steps. One that is not possible is passed over, or raises `OffScript`."""

    def __init__(self, steps: Sequence[Step], bounds: Bounds, strict: bool = False) -> None:
        super().__init__(bounds)
        self.strict = strict
        self._all = [step for step in steps if step.kind != "begin"]
        self._left = list(steps)[::-1]
        begin = self._left.pop() if self._left and self._left[-1].kind == "begin" else BEGIN
        self._draws = list(begin.draws)[::-1]
        self._sends: int | None = None

    def move(self, emulator: UntimedEmulator, menu: Sequence[Option], count: int) -> int:
        """Return the place of the next step that is possible."""
        while self._left:
            step = self._left.pop()
            option = found(step, menu, emulator)
            if option is not None:
                self._draws = list(step.draws)[::-1]
                self._sends = step.sends
                return menu.index(option)
            if self.strict:
                place = len(self._all) - len(self._left)
                raise OffScript(f"its step {place}, {shown(step)!r}, is not possible")
        return self.at_end(emulator, menu)

    def at_end(self, emulator: UntimedEmulator, menu: Sequence[Option]) -> int:
        """Return what happens after the last step. Raises `Over` to end the run."""
        raise Over

    def crashes(self, sends: int) -> bool:
        """Return whether the step says so."""
        return sends == self._sends

    def draw(self, count: int) -> int:
        """Return what the step says, or else the first alternative."""
        drawn = self._draws.pop() if self._draws else 0
        return min(drawn, count - 1)


# -- as text


def shown(step: Step) -> str:
    """Return a step as it is typed."""
    mark = {"lose": "x", "duplicate": "+"}.get(step.kind, "")
    task = f":{step.task}" if step.task else ""
    text = f"{mark}{step.device}{task}" if step.kind != "begin" else ""
    if step.kind in _OF_MESSAGES:
        text += f"<{step.sender}" + (f".{step.before}" if step.before else "")
    text += {"nothing": "-", "alarm": "@", "crash": "~"}.get(step.kind, "")
    if step.draws and any(step.draws):
        text += f"({','.join(map(str, step.draws))})"
    return text + ("" if step.sends is None else f"~{step.sends}")


def as_text(steps: Iterable[Step]) -> str:
    """Return steps in one line, to be typed after ``--schedule``."""
    words = filter(None, map(shown, steps))
    runs = ((word, sum(1 for _ in same)) for word, same in groupby(words))
    return " ".join(word if times == 1 else f"{word}*{times}" for word, times in runs)


_WORD = re.compile(
    r"(?P<mark>[x+]?)(?P<device>\d+)?(:(?P<task>\d+))?(<(?P<sender>\d+)(\.(?P<before>\d+))?)?"
    r"(?P<what>[-@]?)(\((?P<draws>\d+(,\d+)*)\))?(?P<crash>~(?P<sends>\d+)?)?(\*(?P<times>\d+))?"
)
_MARKS = {"x": "lose", "+": "duplicate", "-": "nothing", "@": "alarm"}


def parsed(text: str) -> Steps:
    """Return the steps of a line. Raises `UsageError` for one that cannot be read."""
    steps: list[Step] = [BEGIN]
    for place, word in enumerate(text.split(), start=1):
        read = _WORD.fullmatch(word)
        step = _step(read.groupdict()) if read is not None else None
        if step is None:
            raise UsageError(f"--schedule: step {place}, {word!r}, cannot be read; {_EXAMPLES}")
        if step.kind == "begin":
            steps[0] = step
        else:
            steps += [step] * int((read and read["times"]) or 1)
    return tuple(steps)


_EXAMPLES = "0: device 0 goes on; 1<0: device 1 receives from 0; 1-: it finds nothing; 0~: crashes"


def _step(read: dict[str, Any]) -> Step | None:
    draws = tuple(map(int, read["draws"].split(","))) if read["draws"] else ()
    if read["device"] is None:
        return BEGIN._replace(draws=draws) if draws else None
    if read["mark"] and read["sender"] is None:
        return None
    kind = _MARKS.get(read["mark"] or read["what"]) or ("message" if read["sender"] else "go")
    if read["crash"] and read["sends"] is None:
        kind = "crash"
    return Step(
        kind,
        int(read["device"]),
        int(read["task"] or 0),
        int(read["sender"] or -1) if read["sender"] is not None else -1,
        int(read["before"] or 0),
        draws=draws,
        sends=None if read["sends"] is None else int(read["sends"]),
    )
