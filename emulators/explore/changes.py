"""One schedule, and what becomes of it: whether it still violates something, and which single
message would have had to come later for nothing to be violated.

Where its steps are over, a run goes on fairly for a while: every device has its turn, and gets what
has waited longest. So a deadlock shows that devices do not notice which look for messages again and
again, and a change counts only if all goes well afterwards, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from emulators.explore.answer import UNVIOLATED, VIOLATED, Answer, Counterexample
from emulators.explore.playing import Asked, Played, led
from emulators.explore.steps import Follower, Step, Steps, found
from emulators.runner import RunConfig
from emulators.untimed import Bounds, Option, Plan, UntimedEmulator
from emulators.virtual.loader import Program

AFTERWARDS = 700
"""Moves that a run goes on after its steps: at least 50 rounds, which is what properties wait."""
_MOST_TRIES = 40
_MOST_MOVED = 12
_HELD = 100
"""Moves after the steps that a message is held back, at most."""
_FAULTS = ("lose", "duplicate", "crash")


class Patient(Follower):
    """Follows steps, then lets every device have its turn and get what has waited longest.

    The message of a step `held` comes only after another one that its device gets, or late.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        bounds: Bounds,
        strict: bool = False,
        held: Step | None = None,
    ) -> None:
        super().__init__(steps, bounds, strict)
        self._turn = -1
        self._held = held
        self._patience = _HELD

    def at_end(self, emulator: UntimedEmulator, menu: Sequence[Option]) -> int:
        """Return the place of the next device's move."""
        possible = [one for one in menu if one.kind not in _FAULTS]
        held = found(self._held, menu, emulator) if self._held is not None else None
        possible = [one for one in possible if one != held] or possible
        self._patience -= 1
        if not possible:
            return len(menu)
        devices = sorted({one.device for one in possible})
        self._turn = next((one for one in devices if one > self._turn), devices[0])
        own = [one for one in possible if one.device == self._turn]
        messages = [one for one in own if one.kind == "message"]
        chosen = min(messages, key=lambda one: int(one.subject)) if messages else own[0]
        met = self._held is not None and chosen[:2] == ("message", self._held.device)
        if met or not self._patience:
            self._held = None
        return menu.index(chosen)


def along(
    config: RunConfig, asked: Asked, steps: Steps, name: str = "", *, strict: bool = True
) -> Played:
    """Return the run along steps; where they do not show it, with what comes afterwards."""
    bounds = (config.plan or Plan()).bounds
    moves = len(steps) - 1
    once = led(config, Follower(steps, bounds, strict), asked, moves=moves, told=True)
    if once.off or once.violation(name) is not None:
        return once
    return led(config, Patient(steps, bounds, strict), asked, moves=moves + AFTERWARDS, told=True)


def scheduled(config: RunConfig, asked: Asked, steps: Steps) -> Answer:
    """Return what one schedule comes to."""
    run = along(config, asked, steps)
    if run.off:
        return Answer(UNVIOLATED, [f"this schedule does not fit the program any more: {run.off}"])
    if not run.violations:
        return Answer(UNVIOLATED, ["this one schedule violates nothing"])
    example = Counterexample(run.violations[0], steps, config, run.lines, run.events)
    example.decisions = run.decisions
    return Answer(VIOLATED, counterexample=example)


def saving(example: Counterexample, asked: Asked) -> str:
    """Return the one message that would have had to come later, in words; or nothing.

    Tried on real runs: each of the last messages later than each that its device got afterwards,
    and later than all.
    """
    program = Program()
    config = replace(example.config, decisions=())
    bounds = (config.plan or Plan()).bounds
    texts = _texts(example)
    for place, behind, steps in islice(_moved(example.steps), _MOST_TRIES):
        moves = len(steps) + AFTERWARDS
        chooser = Patient(steps, bounds, held=example.steps[place] if behind < 0 else None)
        run = led(config, chooser, asked, moves=moves, program=program)
        if not run.violations and place in texts:
            when = f"after {texts[behind]}" if behind in texts else "later"
            device = example.steps[place].device
            return f"had device {device} received {texts[place]} {when}"
    return ""


def _moved(steps: Steps) -> Iterator[tuple[int, int, Steps]]:
    """Return steps in which one message comes later: its place, and behind which it comes now."""
    places = [place for place, step in enumerate(steps) if step.kind == "message"]
    for place in places[::-1][:_MOST_MOVED]:
        device = steps[place].device
        later = [one for one in places if one > place and steps[one].device == device]
        for behind in later:
            order = [*steps[:place], *steps[place + 1 : behind + 1], steps[place]]
            yield place, behind, (*order, *steps[behind + 1 :])
        yield place, -1, (*steps[:place], *steps[place + 1 :])


def _texts(example: Counterexample) -> dict[int, str]:
    """Return the messages that are received, by the places of their steps."""
    received = (one.text.partition(" receives ")[2] for one in example.lines)
    places = (place for place, step in enumerate(example.steps) if step.kind == "message")
    return dict(zip(places, filter(None, received), strict=False))
