"""The states of one device and the steps between them; each step is computed once, by the device.

A state is a number; a step leads from a state, with an answer, to a state, and has outputs. A
device whose state was left is had again by replaying what led there, and must then be what it was:
if not, something decides in the program that is no decision of the schedule.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from emulators.explore.conditions import OBSERVE, Sights
from emulators.explore.fingerprint import Fingerprint
from emulators.explore.frames import Opaque
from emulators.explore.mail import Mail
from emulators.explore.shared import Shared
from emulators.explore.solo import (
    ALARM,
    BEGIN,
    DRAWN,
    GO,
    LISTEN_FOR_A_TIME,
    NOTHING,
    OVER,
    SEVERAL,
    TASKS,
    WAIT,
    Output,
    Question,
    Solo,
    World,
)

_MOST_ALIVE = 3000
"""Suspended devices that are kept for the next step from their state."""
_ALIKE_FROM = 100
"""Replays that are compared before several devices are kept for one state, which saves replays."""
_MOST_FUSED = 2000
"""Steps in a row that nobody else has a part in, after which they are taken for endless."""
_ALWAYS_CHECKED, _CHECKED_EACH = 300, 16
"""The first replays are compared step by step with what was seen before, then one of so many."""
_UNSEEN = -1
"""What is seen of a device that conditions have not seen yet."""
_MOST_OUTPUTS = 64
"""Outputs after which a device that goes on by itself may be left for the others, too."""


class Nondeterministic(Exception):
    """The same answers led a device somewhere else; the text says where."""


class Unsupported(Exception):
    """A device does something that is not explored; the text says what."""


class Again(Exception):
    """Something came up that has to be a part of every state: the search begins again."""


Given = tuple[int, int]
"""An answer (with its task), and the number of the shared content it was given with."""


class Step(NamedTuple):
    """Where an answer leads, and what the device does on the way."""

    target: int
    outputs: tuple[Output, ...]
    shared: int


class Run(NamedTuple):
    """Several steps of one device in a row, between which nobody else has to come in."""

    target: int
    outputs: tuple[Output, ...]
    shared: int
    path: tuple[int, ...]


class Automaton:
    """What is known of one device. Outputs name messages by their numbers in `mail`.

    `visible` tells whether an output is one that a property looks at: steps with such an output
    are not joined with the steps before them.
    """

    def __init__(
        self,
        world: World,
        index: int,
        mail: Mail,
        shared: Shared,
        visible: Callable[[Output], bool],
        sharing: bool = False,
        sights: Sights | None = None,
    ) -> None:
        self.world, self.index, self.mail, self.shared = world, index, mail, shared
        self.visible = visible
        self.sharing = sharing
        self.sights = sights
        self.looks: list[int] = []
        self.questions: list[tuple[Question, ...]] = []
        self.busy: list[bool] = []
        self.alarm: list[bool] = []
        self.sent: list[int] = []
        self.worked: list[int] = []
        self.most_worked = 0
        self.executed = 0
        self.replayed = 0
        self.opaque = ""
        self.truncated = False
        self._numbers: dict[Any, int] = {}
        self._prints: list[Fingerprint | None] = []
        self._parents: list[tuple[int, Given]] = []
        self._steps: list[dict[Given, Step]] = []
        self._runs: list[dict[Given, list[Run]]] = []
        self._births: dict[Given, Step] = {}
        self._alive: OrderedDict[int, list[Solo]] = OrderedDict()
        self._living = 0
        self._shown: OrderedDict[int, Solo] = OrderedDict()

    # -- single steps

    def birth(self, shared: int = 0) -> Step:
        """Return the step that builds the device; it ends before `run`, or at a draw."""
        given = (GO, shared)
        known = self._births.get(given)
        if known is None:
            self.shared.restore(shared)
            solo = self._new()
            known = self._births[given] = self._taken(solo, -1, given)
        return known

    def step(self, state: int, answer: int, shared: int = 0) -> Step:
        """Return where an answer leads from a state."""
        given = (answer, shared)
        known = self._steps[state].get(given)
        if known is None:
            solo = self._in(state)
            self._tell(solo, given)
            known = self._steps[state][given] = self._taken(solo, state, given)
        return known

    def _new(self, answers: Sequence[Any] = ()) -> Solo:
        self.executed += 1 + len(answers)
        self.shared.at_work = True
        solo = Solo(self.world, self.index, answers)
        self.shared.at_work = False
        return solo

    def _tell(self, solo: Solo, given: Given) -> None:
        answer, shared = given
        code, task = divmod(answer, TASKS)
        self.executed += 1
        self.shared.restore(shared)
        self.shared.at_work = True
        solo.advance(code, self._given(code), task)
        self.shared.at_work = False

    def _taken(self, solo: Solo, state: int, given: Given) -> Step:
        """Note where a device has come to."""
        step = self._seen(solo, state, given)
        alike = self._alive.setdefault(step.target, [])
        if solo.question is OVER or (alike and self.replayed < _ALIKE_FROM):
            solo.stop()
        else:
            alike.append(solo)
            self._living += 1
        while self._living > _MOST_ALIVE:
            for other in self._alive.popitem(last=False)[1]:
                other.stop()
                self._living -= 1
        return step

    def _seen(self, solo: Solo, state: int, given: Given) -> Step:
        shared = self.shared.look()
        if shared and not self.sharing:
            raise Again("shared")
        if solo.strange:
            raise Unsupported(f"device {self.index} {solo.strange}")
        if solo.several and self.world.synchronous:
            raise Unsupported(f"device {self.index} starts a thread or sets a timer, in rounds")
        if solo.several and not self.world.several:
            raise Again("several")
        if solo.torn:
            raise Again("loop")
        if solo.read_clock and not self.world.clocked:
            raise Again("clock")
        target = self._number(solo, state, given)
        outputs = self._outputs(solo, state, given)
        if self.looks[target] != (self.looks[state] if state >= 0 else _UNSEEN):
            outputs += (Output(OBSERVE, self.looks[target]),)
        return Step(target, outputs, shared)

    def _outputs(self, solo: Solo, state: int, given: Given) -> tuple[Output, ...]:
        found = []
        serial = solo.sent - sum(
            output.kind in ("send", "undeliverable") for output in solo.outputs
        )
        for place, output in enumerate(solo.outputs):
            if output.kind in ("send", "undeliverable"):
                serial += 1
                number = self.mail.number(
                    self.index,
                    output.subject,
                    (self.index, state, given, place),
                    serial * self.world.devices + self.index + 1 if self.world.numbered else 0,
                )
                found.append(Output(output.kind, number))
            else:
                found.append(output)
        return tuple(found)

    def _number(self, solo: Solo, state: int, given: Given) -> int:
        """Return the number of the state in which a device is."""
        key: Any
        try:
            key = print_ = solo.fingerprint()
        except Opaque as reason:
            self.opaque = self.opaque or str(reason)
            key, print_ = ("opaque", state, given), None
        look = self._look(solo, state, key)
        number = self._numbers.get((key, look))
        if number is None:
            number = self._numbers[key, look] = len(self.questions)
            self.looks.append(look)
            self._prints.append(print_)
            self._parents.append((state, given))
            self._steps.append({})
            self._runs.append({})
            self.questions.append(tuple(solo.questions.values()) or (OVER,))
            self.busy.append(solo.busy)
            self.alarm.append(bool(solo.scheduler.alarms))
            self.sent.append(solo.sent)
            self.worked.append(solo.done_work)
            self.most_worked = max(self.most_worked, solo.done_work)
            for question in self.questions[number]:
                self.truncated |= question[0] == "draw" and question[1] < question[2]
        return number

    def _look(self, solo: Solo, before: int, key: Any) -> int:
        """Return what conditions see of a device; while it only draws, that is as before."""
        if self.sights is None or solo.device is None:
            return _UNSEEN
        within = {"draw", "next", *(["receive"] if self.world.synchronous else [])}
        if any(question[0] in within for question in solo.questions.values()):
            return self.looks[before] if before >= 0 else _UNSEEN
        return self.sights.number(self.index, solo.device, len(self.questions), key)

    # -- devices that are gone

    def _in(self, state: int) -> Solo:
        """Return a device in a state: one that stands there, or a new one that is led there."""
        alike = self._alive.get(state)
        if not alike:
            return self.rebuilt(state)
        self._living -= 1
        return alike.pop()

    def shown(self, state: int) -> Solo:
        """Return a device in a state, to be looked at only: it is kept as it is."""
        solo = self._shown.pop(state, None) or self.rebuilt(state)
        self._shown[state] = solo
        if len(self._shown) > _MOST_ALIVE:
            self._shown.popitem(last=False)[1].stop()
        return solo

    def example(self, look: int) -> Any:
        """Return a device that looks to conditions like a number, to be looked at only."""
        assert self.sights is not None
        return self.shown(self.sights.states[self.index][look]).device

    def path_to(self, state: int) -> list[tuple[int, Given]]:
        """Return the steps that first led to a state, the birth first."""
        path = []
        while state >= 0:
            path.append(self._parents[state])
            state = self._parents[state][0]
        path.reverse()
        return path

    def rebuilt(self, state: int) -> Solo:
        """Return a new device in a state. Raises `Nondeterministic` where it does not get there."""
        path = self.path_to(state)
        self.replayed += 1
        if self.replayed >= _ALWAYS_CHECKED and self.replayed % _CHECKED_EACH and self._plain(path):
            return self._told(path, state)
        self.shared.restore(path[0][1][1])
        solo = self._new()
        self._compare(solo, -1, path[0][1])
        for place, given in path[1:]:
            self._tell(solo, given)
            self._compare(solo, place, given)
        self._compare_print(solo, state)
        return solo

    def _plain(self, path: list[tuple[int, Given]]) -> bool:
        """Whether only the one task of a device was answered on a path, and nothing was shared."""
        return all(
            not shared
            and not answer % TASKS
            and answer != ALARM * TASKS
            and len(self.questions[place]) == 1
            for place, (answer, shared) in path[1:]
        )

    def _told(self, path: list[tuple[int, Given]], state: int) -> Solo:
        """Return a new device that is told all its answers at once."""
        solo = self._new([self._given(answer // TASKS) for _, (answer, _) in path[1:]])
        if (tuple(solo.questions.values()) or (OVER,)) != self.questions[state] or solo.script:
            self._differs(solo, "it goes on elsewhere")
        return solo

    def _given(self, code: int) -> Any:
        """Return what a device is given for an answer."""
        if code >= 0:
            return self.mail.envelopes[code]
        if code <= SEVERAL:
            return [self.mail.envelopes[one] for one in self.mail.received(code)]
        return code

    def _compare(self, solo: Solo, state: int, given: Given) -> None:
        known = self._births[given] if state < 0 else self._steps[state].get(given)
        if known is None:  # the step is on its way: this is the replay for it
            return
        outputs = self._outputs(solo, state, given)
        before = [_comparable(one) for one in known.outputs if one.kind != OBSERVE]
        if [_comparable(one) for one in outputs] != before:
            self._differs(solo, "it does something else")
        questions = tuple(solo.questions.values()) or (OVER,)
        if questions != self.questions[known.target]:
            self._differs(solo, "it goes on elsewhere")

    def _compare_print(self, solo: Solo, state: int) -> None:
        expected = self._prints[state]
        if expected is not None and solo.fingerprint() != expected:
            self._differs(solo, "its variables have other contents")

    def _differs(self, solo: Solo, how: str) -> None:
        place = solo.place()
        where = f", at {place}" if place is not None else ""
        solo.stop()
        raise Nondeterministic(
            f"told the same once more, device {self.index} is not the same: {how}{where}"
        )

    def close(self) -> None:
        """End all devices that are kept."""
        while self._alive:
            for solo in self._alive.popitem()[1]:
                solo.stop()
        while self._shown:
            self._shown.popitem()[1].stop()

    # -- several steps

    def runs(self, state: int, answer: int, shared: int = 0) -> list[Run]:
        """Return where an answer leads when the device goes on as far as it needs nobody.

        A draw is answered at once, as it is in a run. A wait is over at once where nothing is
        shared and no property sees what follows: whoever could come in between could as well come
        before or after. One run for each way that draws may go.
        """
        known = self._runs[state].get((answer, shared))
        if known is None:
            first = self.step(state, answer, shared)
            received = self.mail.received(answer // TASKS)
            outputs = (*(Output("receive", message) for message in received), *first.outputs)
            known = self._joined(Run(first.target, outputs, first.shared, (answer,)))
            self._runs[state][answer, shared] = known
        return known

    def births(self, shared: int = 0) -> list[Run]:
        """Return the ways in which the device may be built; none of them begins to run."""
        first = self.birth(shared)
        return self._joined(Run(first.target, first.outputs, first.shared, ()), born=True)

    def _joined(self, first: Run, born: bool = False) -> list[Run]:
        """Return where runs end that begin with one; a run in a circle may end where it closes."""
        ended: dict[Any, Run] = {}
        seen: set[Any] = set()
        todo: list[tuple[Run, frozenset[Any]]] = [(first, frozenset())]
        while todo:
            run, before = todo.pop()
            place = (run.target, run.outputs, run.shared)
            closed = place in before and self.drawing(run.target) is None
            if place in seen and place not in before:
                continue  # gone on from already
            seen.add(place)
            onward = [] if closed else self._onward(run, born)
            if not onward:
                ended.setdefault(place, run)
            todo += [(one, before | {place}) for one in onward]
        return list(ended.values())

    def _onward(self, run: Run, born: bool) -> list[Run]:
        """Return how a run goes on by itself; nothing where it stands still."""
        if len(run.path) > _MOST_FUSED or len(run.outputs) > _MOST_OUTPUTS:
            return []
        answers = self._by_itself(run.target, born)
        steps = [(answer, self.step(run.target, answer, run.shared)) for answer in answers]
        if self.drawing(run.target) is None and any(
            self.visible(output) for _, step in steps for output in step.outputs
        ):
            return []
        return [
            Run(step.target, run.outputs + step.outputs, step.shared, (*run.path, answer))
            for answer, step in steps
        ]

    def _by_itself(self, state: int, born: bool) -> list[int]:
        """Return the answers that a state gets before anybody else does anything."""
        questions, drawing = self.questions[state], self.drawing(state)
        if drawing is not None:
            return [(DRAWN - number) * TASKS + drawing for number in range(questions[drawing][1])]
        if len(questions) > 1 or self.alarm[state] or self.sharing:
            return []
        waits = questions[0] == WAIT or (questions[0] == BEGIN and not born)
        return [GO * TASKS] if waits else []

    def drawing(self, state: int) -> int | None:
        """Return the place of the task that draws: that is answered before anything else."""
        for task, question in enumerate(self.questions[state]):
            if question[0] == "draw":
                return task
        return None

    def is_over(self, state: int) -> bool:
        """Return whether the device has come to its end."""
        return self.questions[state] == (OVER,)

    def answers(self, state: int) -> list[int]:
        """Return the answers that need no message: going on, draws, and that nothing has come.

        Those that time brings about (an alarm, the end of patience) are in `in_time`.
        """
        found = []
        for task, question in enumerate(self.questions[state]):
            if question in (WAIT, BEGIN):
                found.append(GO * TASKS + task)
            elif question[0] == "draw":
                found += [(DRAWN - number) * TASKS + task for number in range(question[1])]
        return found

    def in_time(self, state: int) -> list[int]:
        """Return the answers that only time brings about."""
        found = [
            NOTHING * TASKS + task
            for task, question in enumerate(self.questions[state])
            if question == LISTEN_FOR_A_TIME
        ]
        return found + ([ALARM * TASKS] if self.alarm[state] else [])


def _comparable(output: Output) -> Any:
    """Return what an output has to have in common with itself when it is done again."""
    return (
        (output.kind, output.subject) if output.kind in ("send", "undeliverable") else output.kind
    )
