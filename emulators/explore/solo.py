"""One device alone: built, fed the answers of its medium and of the dice, stopped, thrown away.

The device runs up to its next question: what arrived, a wait, a draw. Whoever leads it answers, and
reads what it did in between: its outputs. The same answers in the same order give the same device,
so one that is gone is had again by telling it what it was told before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import ceil
from types import CodeType, FrameType, MappingProxyType
from typing import Any, NamedTuple

from emulators import errors
from emulators.Device import Device, not_initialised
from emulators.EmulatorStub import EmulatorStub, set_active_emulator
from emulators.errors import Place, StudentError, Unresponsive, describe
from emulators.explore import stack
from emulators.explore.fingerprint import Fingerprint, chain, fingerprint, ours
from emulators.explore.frames import shape
from emulators.kernel.carrier import Killed
from emulators.kernel.clock import ROUND, seconds, ticks
from emulators.kernel.tasks import Scheduler, Task, Timer, activate, active
from emulators.Medium import CallMedium, Medium
from emulators.MessageStub import MessageStub
from emulators.network.byzantine import Byzantine
from emulators.network.topology import Graph
from emulators.port import run_of
from emulators.simulation import Simulation
from emulators.trace.envelope import copied_message, opened
from emulators.trace.events import CALL
from emulators.untimed import OF_LENGTH, OF_WORK, Bounds, alternative

Question = tuple[Any, ...]
"""What a task waits for: a word, and for some of them a number."""
BEGIN: Question = ("begin",)
RECEIVE: Question = ("receive",)
RECEIVE_ALL: Question = ("receive all",)
FIRST: Question = ("first",)
NEXT: Question = ("next",)
LISTEN: Question = ("listen",)
LISTEN_FOR_A_TIME: Question = ("listen", "for a time")
WAIT: Question = ("wait",)
PARKED: Question = ("parked",)
OVER: Question = ("over",)

TASKS = 64
"""An answer says which task it is for: the remainder by this number."""
NOTHING, GO, ALARM, DRAWN = -1, -2, -3, -4
"""Answers that are no message; draws count down from `DRAWN`, the first alternative."""
SEVERAL = -1_000_000
"""The first answer that is several messages, in an order; they count down from it."""

_MOST_CALLS_OF_DEAD = 10
_BODY = Scheduler._body.__code__
"""What a task begins with, below the code of a thread."""


class Output(NamedTuple):
    """What a device did: a kind of event, and its subject."""

    kind: str
    subject: Any = None


class Sent(NamedTuple):
    """The subject of a ``send``: a message as it was when it was sent."""

    destination: Any
    cls: type[MessageStub]
    fields: dict[str, Any]


class Failed(NamedTuple):
    """The subject of a ``fail``."""

    problem: str
    place: Place | None
    hint: str


class World(NamedTuple):
    """What all devices of a program have in common.

    `numbered` messages are told apart even where they are equal. Where it is `clocked`, the time of
    a device is a part of its state; where it is `watched`, all its attributes are, also at its end.
    `lazy` loops over all messages are told one at a time what they get. Devices have `several`
    tasks or alarms only where that is said. `graph` says who reaches whom, None everybody; `liars`
    alter what they send.
    """

    kind: Callable[[int, int, Medium], Any]
    devices: int
    medium: type[Medium] = Medium
    bounds: Bounds = Bounds()
    synchronous: bool = False
    numbered: bool = False
    clocked: bool = False
    watched: bool = False
    lazy: bool = False
    several: bool = False
    graph: Graph | None = None
    liars: Mapping[int, Byzantine] = MappingProxyType({})


class Solo(EmulatorStub):
    """One device of a world, suspended between two answers.

    With `answers`, it is told these at once, and is then as if it had been led there.
    """

    def __init__(self, world: World, index: int, answers: Sequence[Any] = ()) -> None:
        self.world = world
        self.script = list(answers)[::-1]
        self.index = index
        self.device: Any = None
        self.outputs: list[Output] = []
        self.known: set[type] = set()
        self.done_work = 0
        self.sent = 0
        self.inside = False
        self.patience = 0
        self.strange = ""
        self.read_clock = False
        self.looping = False
        self.torn = False
        self.dead = 0
        self.scheduler = _Solitude(self)
        self.scheduler.attach()
        self.scheduler.ended = self._task_ended
        self.medium = world.medium(index, self)
        lies = world.liars.get(index)
        self.liar = None if lies is None else lies.liar(index, world.devices, _Dice(self))
        self._answer: Any = None
        self.questions: dict[Task, Question] = {}
        self.scheduler.acting = self
        self.main = self.scheduler.spawn(self._live, f"device {index}", self)
        self.scheduler.ready.clear()
        self.advance(GO, GO)

    # -- leading it

    @property
    def question(self) -> Question:
        """What the device as a whole waits for: that of its only task, or of all."""
        return self.questions.get(self.main, OVER)

    def advance(self, code: int, given: Any, task: int = 0) -> None:
        """Answer the question of a task; return when the device waits again.

        `outputs` are what it did meanwhile.
        """
        self.outputs = []
        scheduler = self.scheduler
        set_active_emulator(self)
        before = activate(scheduler)
        try:
            if code == ALARM:
                scheduler.ring()
                self._begin_at_once()
            else:
                chosen = list(self.questions)[task] if self.questions else self.main
                self._answer = given
                self._resume(chosen)
        finally:
            activate(before)
        if scheduler.ready:
            self._see_who_is_ready()

    def _begin_at_once(self) -> None:
        """Let what an alarm calls begin; whom it wakes has to wait for a turn."""
        ready = self.scheduler.ready
        for task in [task for task in ready if task not in self.questions]:
            ready.remove(task)
            assert isinstance(task, Task)
            self._resume(task)

    def _resume(self, task: Task) -> None:
        self.scheduler.current = task
        self.questions[task] = PARKED
        task.resume()
        self.scheduler.current = None

    def _see_who_is_ready(self) -> None:
        ready = self.scheduler.ready
        while ready:
            task = ready.popleft()
            if isinstance(task, Task) and task.alive and self.main.alive:
                self.questions[task] = BEGIN

    def _live(self) -> None:
        world = self.world
        self.device = world.kind(self.index, world.devices, self.medium)
        if not isinstance(self.device, Device):
            name = getattr(world.kind, "__name__", "it")
            raise StudentError(
                f"{name} made {self.device!r}, which is no Device",
                "let the class extend Device, or its __new__ return one",
            )
        self.device.index  # raises where __init__ of Device was not called  # noqa: B018
        self.scheduler.acting = None
        self.query(BEGIN)
        run_of(self.device)

    def query(self, question: Question) -> Any:
        """Suspend the running task until it is answered; return the answer."""
        if self.dead:
            self.dead += 1
            if self.dead <= _MOST_CALLS_OF_DEAD:
                raise Killed
            return self.scheduler.suspend()
        current = self.scheduler.current
        assert isinstance(current, Task)
        if self.looping and (question[0] not in ("next", "draw") or len(self.questions) > 1):
            self.torn = True
        if self.script:
            answer = self.script.pop()
            if not self.script:
                self.outputs.clear()
            return answer
        self.questions[current] = question
        self.scheduler.suspend()
        return self._answer

    def _task_ended(self, task: Task, error: BaseException | None) -> None:
        self.questions.pop(task, None)
        if self.dead:
            return
        if error is not None:
            error = not_initialised(error)
            subject = Failed(
                describe(error), errors.place_of_error(error), getattr(error, "hint", "")
            )
            self.tell("fail", subject)
        if task is self.main:
            self.questions.clear()  # nobody asks its threads and timers any more
            self.scheduler.alarms.clear()
            if error is None:
                self.device._finished = True
                self.tell("end")

    def tell(self, kind: str, subject: Any = None) -> None:
        """Note an output."""
        if not self.dead and not self.script:
            self.outputs.append(Output(kind, subject))

    def stop(self) -> None:
        """End the device; its ``finally`` blocks run, and nobody hears of it."""
        self.dead = 1
        with active(self.scheduler):
            self.scheduler.kill_all()

    # -- looking at it

    def fingerprint(self) -> Fingerprint:
        """Return what the device's future depends on. Raises `Opaque` where it cannot be told."""
        if self.question is OVER:
            return (*OVER, *(fingerprint(self.device, ()) if self.world.watched else ()))
        extras = (
            *self.question,
            self.done_work,
            self.sent if self.world.numbered else 0,
            self.scheduler.time if self.world.clocked else 0,
            self.inside,
            self.patience,
            self.liar,
        )
        frames = self._frames(self.main, Solo._live.__code__)
        if not self.several:
            return fingerprint(self.device, frames, *extras)
        threads = [task for task in self.questions if task is not self.main]
        for task in threads:
            frames += self._frames(task, _BODY)
        questions = [list(question) for question in self.questions.values()]
        return fingerprint(self.device, frames, *extras, threads, questions, self._alarms())

    def _frames(self, task: Task, base: CodeType) -> list[FrameType]:
        coroutine = task.coroutine
        if self.questions.get(task) is BEGIN or coroutine is None:
            return []
        return chain(coroutine.frame(), base)

    def _alarms(self) -> list[Any]:
        """Return what rings, and when from now; what could have rung does so in its order."""
        scheduler = self.scheduler
        return [
            (max(0, time - scheduler.time), timer.resume) for time, _, timer in scheduler.alarms
        ]

    @property
    def several(self) -> bool:
        """Whether the device has more than one task, or may have one when an alarm rings."""
        return len(self.questions) > 1 or bool(self.scheduler.alarms)

    @property
    def busy(self) -> bool:
        """Whether the device is a worker that has work to do, and has not done it."""
        return bool(getattr(self.device, "_has_work", False))

    def place(self) -> Place | None:
        """Return the line of the student's code at which the device stands."""
        coroutine = self.main.coroutine
        return errors.place_of_frame(coroutine.frame()) if coroutine else None

    # -- what the device asks for

    def queue(self, index: int, message: MessageStub) -> None:
        """Take a message out of the device's hands."""
        if self.dead:
            self.query(WAIT)
        if self.liar is None:
            self._send(message)
            return
        Simulation.check_message(self, message)  # type: ignore[arg-type]
        private = (0, 0, 0, None, type(message), copied_message(message), False, 0)
        for said in self.liar.sends(opened(private)):
            self._send(said)

    def _send(self, message: MessageStub) -> None:
        self.sent += 1
        if self.script:
            return
        Simulation.check_message(self, message)  # type: ignore[arg-type]
        fields = copied_message(message)
        destination = fields.get("_destination")
        known = isinstance(destination, int) and self._reaches(destination)
        subject = Sent(destination, type(message), fields)
        self.tell("send" if known else "undeliverable", subject)

    def _reaches(self, destination: int) -> bool:
        graph = self.world.graph
        if graph is None or destination == self.index:
            return 0 <= destination < self.world.devices
        return destination in graph.neighbors[self.index]

    def dequeue(self, index: int) -> MessageStub | None:
        """Return a message, or None."""
        return self._opened(self.query(RECEIVE))

    def receive_all(self) -> Iterable[MessageStub]:
        """Return several messages at once: nobody can tell when each of them was taken.

        Where they go into a loop, each is decided on when it is its turn.
        """
        caller = sys._getframe(2)
        lazy = self.world.lazy and shape(caller.f_code).is_iterated(caller.f_lasti)
        if lazy and stack.readable() and len(self.questions) == 1:
            return _Arrivals(self)
        return [opened(envelope) for envelope in self.query(RECEIVE_ALL)]

    def dequeue_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Note that the device does what is not explored."""
        self.strange = "chooses whose messages it takes"
        self.query(PARKED)
        return None

    await_from = dequeue_from

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Return a message; None only when there is a time after which it gives up."""
        if self.world.synchronous and timeout is not None:
            return self._patient(ceil(timeout))
        answer = self.query(LISTEN if timeout is None else LISTEN_FOR_A_TIME)
        if timeout is not None and not isinstance(answer, tuple):
            self.scheduler.time += ticks(timeout)
        return self._opened(answer)

    def _patient(self, rounds: int) -> MessageStub | None:
        """Return a message, or None when so many rounds have brought none."""
        self.patience = rounds
        message = self._opened(self.query(RECEIVE))
        while message is None and self.patience:
            self.patience -= 1
            self.done(self.index)
            message = self._opened(self.query(RECEIVE))
        self.patience = 0
        return message

    def _opened(self, answer: Any) -> MessageStub | None:
        return opened(answer) if isinstance(answer, tuple) else None

    def done(self, index: int) -> None:
        """Wait."""
        self.query(WAIT)
        self.scheduler.time += ROUND

    def now(self) -> float:
        """Return the time of this device alone: what its own waits add up to."""
        now = self.scheduler.now
        return now // ROUND + 1 if self.world.synchronous else seconds(now)

    @property
    def ids(self) -> list[int]:
        """The indices of all devices."""
        return list(range(self.world.devices))

    def neighbors(self, index: int) -> list[int]:
        """Return the devices to which there is a channel."""
        if self.world.graph is not None:
            return list(self.world.graph.neighbors[index])
        return [other for other in range(self.world.devices) if other != index]

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as a task of the device when its alarm rings."""
        scheduler = self.scheduler
        duration = round(delay * ROUND) if self.world.synchronous else ticks(delay)
        scheduler.call_at(
            scheduler.time + duration, lambda: scheduler.spawn(callback, "timer", self)
        )

    def log(self, index: int, text: str, name: str = "") -> None:
        """Note a line."""
        self.tell("log", text)

    def ask(self, index: int) -> None:
        """Note that the device has work to do."""
        self.tell("ask")

    def note(self, index: int, kind: str, subject: Any) -> None:
        """Note that an operation begins or ends."""
        self.tell(kind, subject)

    def told(self, name: str, value: Any) -> None:
        """Note a call between the device and its application."""
        self.tell(CALL, (name, value))

    @property
    def ports(self) -> dict[int, Solo]:
        """What knows the device: this."""
        return {self.index: self}

    def todo(self, text: str, file: str, line: int) -> None:
        """Note that a part of an exercise is not implemented yet."""
        self.tell("todo", (text, file, line))

    def is_byzantine(self) -> bool:
        """Return whether the device lies."""
        return self.liar is not None

    def draw(self, count: int) -> int:
        """Decide for a worker: whether it has work (of 2), how long the work takes (of 4)."""
        if count == OF_LENGTH and not self.world.synchronous:
            return 0  # as long as the schedule makes it
        if count != OF_WORK:
            return self.decide(count)
        drawn = self.world.bounds.work_drawn(self.done_work, self.decide)
        self.done_work += drawn if self.world.bounds.work is not None else 0
        return drawn

    def decide(self, count: int) -> int:
        """Return one of `count` alternatives."""
        if count <= 1:
            return 0
        most = self.world.bounds.most
        answer: int = self.query(("draw", min(count, most), count))
        return alternative(DRAWN - answer, count, most)

    def enter(self, index: int) -> None:
        """Note that the device enters the critical section."""
        self.tell("enter")
        self.inside = True

    def leave(self, index: int) -> None:
        """Note that it leaves."""
        if self.inside and not self.dead:
            self.inside = False
            self.tell("leave")


class _Arrivals:
    """Messages that were received at once, as a loop takes them."""

    def __init__(self, solo: Solo) -> None:
        self._solo = solo
        self._question = FIRST

    def __iter__(self) -> _Arrivals:
        return self

    def __next__(self) -> MessageStub:
        answer = self._solo.query(self._question)
        self._question = NEXT
        self._solo.looping = isinstance(answer, tuple)
        if not self._solo.looping:
            raise StopIteration
        return opened(answer)


class SoloMedium(Medium):
    """Takes all messages in one step."""

    def receive_all(self) -> Any:
        """Return all messages that are said to have arrived, perhaps none."""
        emulator: Any = self._emulator
        return emulator.receive_all()


class SoloCallMedium(CallMedium, SoloMedium):
    """The same for files with calls."""


class _Solitude(Scheduler):
    """The scheduler of a device alone: waits are questions, and so are draws."""

    def __init__(self, solo: Solo) -> None:
        self._solo = solo
        self.time = 0
        self.alarms: list[tuple[int, int, Timer]] = []
        super().__init__(_Dice(solo))

    @property
    def now(self) -> int:
        """The time of the device alone, in ticks; looking at it is remembered."""
        self._solo.read_clock = True
        return self.time

    @now.setter
    def now(self, time: int) -> None:
        self.time = time

    def pause(self, duration: int) -> None:
        """Let time pass: a question."""
        self._solo.query(WAIT)
        self.time += duration

    def call_at(self, time: int, function: Callable[[], Any]) -> Timer:
        """Remember an alarm."""
        timer = Timer(function)
        self.alarms.append((time, self.serial(), timer))
        self.alarms.sort(key=lambda alarm: alarm[:2])
        return timer

    def ring(self) -> None:
        """Let the first alarm ring."""
        time, _, timer = self.alarms.pop(0)
        self.time = max(self.time, time)
        timer.resume()


class _Dice:
    """Choices that ask whoever leads the device."""

    def __init__(self, solo: Solo) -> None:
        self._solo = solo

    def below(self, count: int) -> int:
        """Return one of `count` alternatives."""
        return self._solo.decide(count)

    def random(self) -> float:
        """Return one of a few numbers from 0.0 up to, not including, 1.0."""
        most = self._solo.world.bounds.most
        return self._solo.decide(most) / most

    def bits(self, count: int) -> int:
        """Return one of a few numbers of so many bits."""
        return self._solo.decide(1 << count)

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that always takes the shortest time."""
        return lambda: low


ours(Solo, _Solitude, _Dice, _Arrivals)

__all__ = ["OVER", "Output", "Question", "Solo", "Unresponsive", "World"]
