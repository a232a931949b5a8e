"""A run in which time means nothing: any device may be the next to go on, any message to come.

Whatever may happen next is on a list, and what does is a decision of the schedule. So a schedule is
a list of small numbers, which a search can find, shorten and write down. It is what "asynchronous"
means in theory ([Lynch] 8; [CDK] 2.4.1: no bounds on speeds and delays), without probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple, TypeVar

from emulators.Device import Device
from emulators.kernel.choices import Choices, Decision
from emulators.kernel.clock import ROUND, seconds, ticks
from emulators.kernel.tasks import Scheduler, Task, Timer
from emulators.MessageStub import MessageStub
from emulators.network.timeless import keeps_order, timeless
from emulators.port import Port
from emulators.SteppingEmulator import SteppingEmulator, SteppingPort
from emulators.trace.envelope import RawEnvelope, opened

OF_WORK, OF_LENGTH = 2, 4
"""Of how many alternatives a worker draws whether it has work, and how long its work takes."""
MOMENT = ROUND // 10
"""Ticks from one move to the next, so that a trace has an order to look at."""


class Bounds(NamedTuple):
    """How much of what the dice may give is looked at.

    A worker has work `work` times, None without end, and where it is `eager` at once. Of a draw
    with more than `most` alternatives, only the first ones and the last one are taken.
    """

    work: int | None = 2
    eager: bool = False
    most: int = 4

    def work_drawn(self, had: int, decide: Callable[[int], int]) -> int:
        """Return whether a worker that had work so often has work again: 1 or 0."""
        if self.work is not None and had >= self.work:
            return 0
        return 1 if self.eager else decide(OF_WORK)


def alternative(number: int, count: int, most: int) -> int:
    """Return which of `count` alternatives stands for a number below `most`."""
    return count - 1 if number == most - 1 and count > most else number


Channel = tuple[int, int]


class Where(NamedTuple):
    """Where faults may happen: on which channels, to which devices; None anywhere."""

    losses: tuple[Channel, ...] | None = None
    duplicates: tuple[Channel, ...] | None = None
    crashes: tuple[int, ...] | None = None

    def may(self, kind: str, source: int, destination: int) -> bool:
        """Return whether a message on a channel may be lost (``lose``) or come twice."""
        channels = self.losses if kind == "lose" else self.duplicates
        return channels is None or (source, destination) in channels

    def may_crash(self, device: int) -> bool:
        """Return whether a device may crash."""
        return self.crashes is None or device in self.crashes

    @classmethod
    def parse(cls, plain: Sequence[Any]) -> Where:
        """Return what was read from a recording."""
        losses, duplicates, crashes = plain
        return cls(
            None if losses is None else tuple((one, other) for one, other in losses),
            None if duplicates is None else tuple((one, other) for one, other in duplicates),
            None if crashes is None else tuple(crashes),
        )


ANYWHERE = Where()
"""Faults on any channel, to any device."""


class Plan(NamedTuple):
    """What an untimed run may do: bounds, faults and where, after how many moves it stops."""

    bounds: Bounds = Bounds()
    losses: int = 0
    duplicates: int = 0
    crashes: int = 0
    moves: int | None = None
    where: Where = Where()

    def plain(self) -> dict[str, Any]:
        """Return the plan as it is written into a recording."""
        return {**self._asdict(), "bounds": list(self.bounds), "where": list(self.where)}

    @classmethod
    def parse(cls, plain: dict[str, Any]) -> Plan:
        """Return a plan as it was read from a recording."""
        where = Where.parse(plain.get("where", Where()))
        return cls(**{**plain, "bounds": Bounds(*plain["bounds"]), "where": where})


class Option(NamedTuple):
    """One of the things that may happen next: to a device, and to which of its tasks."""

    kind: str
    device: int
    task: int = 0
    subject: Any = None


_Number = TypeVar("_Number", int, float)


class Following:
    """Takes decisions from a list as long as they fit, then from another source."""

    def __init__(self, decisions: Sequence[Decision], then: Choices) -> None:
        self._decisions = list(decisions)[::-1]
        self._then = then

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that returns a duration in ticks from `low` to below `high`."""
        drawn = self._then.between(low, high)
        return lambda: self._next(int, low, max(high, low + 1), drawn)

    def below(self, count: int) -> int:
        """Return one of `count` alternatives as a number from 0 to `count` - 1."""
        return self._next(int, 0, count, lambda: self._then.below(count))

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""
        return self._next(float, 0.0, 1.0, self._then.random)

    def bits(self, count: int) -> int:
        """Return a whole number of `count` random bits."""
        return self._next(int, 0, 1 << count, lambda: self._then.bits(count))

    def _next(self, kind: Any, low: Any, high: Any, otherwise: Callable[[], _Number]) -> _Number:
        if self._decisions:
            value: Any = self._decisions[-1]
            if type(value) is kind and low <= value < high:
                self._decisions.pop()
                return value  # type: ignore[no-any-return]
            self._decisions.clear()
        return otherwise()


class UntimedScheduler(Scheduler):
    """Waits for a time are waits for a decision. Inside a device its own time passes."""

    def __init__(self, choices: Choices) -> None:
        self.moment = 0
        self.outside = 0
        self.at_once = False
        self.own: dict[Any, int] = {}
        self.questions: dict[Task, str] = {}
        self.alarms: list[tuple[int, int, Any, Timer]] = []
        super().__init__(choices)

    @property
    def now(self) -> int:
        """The time of the trace; within a device, what its own waits add up to."""
        task = self.current
        if self.outside or not isinstance(task, Task):
            return self.moment
        return self.own.get(task.owner, 0)

    @now.setter
    def now(self, time: int) -> None:
        self.moment = time

    def spawn(self, function: Callable[[], Any], name: str, owner: Any = None) -> Task:
        """Return a new task that waits for its first turn, then calls `function`.

        What an alarm calls begins at once, so that alarms keep their order.
        """
        if self.at_once:
            return super().spawn(function, name, owner)

        def begun() -> None:
            self.query("go")
            function()

        return super().spawn(begun, name, owner)

    def wake(self, task: Task) -> None:
        """Let a parked task wait for its turn."""
        self.questions[task] = "go"

    def query(self, question: str) -> None:
        """Suspend the running task until its turn is decided."""
        task = self.current
        assert isinstance(task, Task)
        self.questions[task] = question
        self.suspend()

    def pass_time(self, duration: int) -> None:
        """Let time pass for the device whose task is running."""
        task = self.current
        if isinstance(task, Task):
            self.own[task.owner] = self.own.get(task.owner, 0) + duration

    def pause(self, duration: int) -> None:
        """Suspend the running task until its turn is decided."""
        self.query("go")
        self.pass_time(duration)

    def call_at(self, time: int, function: Callable[[], Any]) -> Timer:
        """Remember an alarm of the device at work."""
        timer = Timer(function)
        task = self.current
        owner = task.owner if isinstance(task, Task) else self.acting
        self.alarms.append((time, self.serial(), owner, timer))
        self.alarms.sort(key=lambda alarm: alarm[:2])
        return timer


class UntimedPort(SteppingPort):
    """Where a network without time meets a device: it is told what comes, and when it goes on."""

    __slots__ = ("answer",)
    simulation: UntimedEmulator
    scheduler: UntimedScheduler

    def send(self, message: MessageStub) -> None:
        """Send a message of this device; this is a step. It may be decided to crash before."""
        scheduler = self.scheduler
        self.simulation.may_crash(self)
        scheduler.outside += 1
        try:
            super().send(message)
        finally:
            scheduler.outside -= 1

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that is on its way to this device."""
        self.inbox.append(envelope)

    def receive(self) -> MessageStub | None:
        """Return a message, or None, as is decided."""
        return self.listen("receive")

    def receive_from(self, sources: Collection[int]) -> MessageStub | None:
        """Return a message of one of these devices, or None, as is decided."""
        return self.listen("receive", sources)

    def listen(self, question: str, sources: Collection[int] | None = None) -> MessageStub | None:
        """Return what is decided to come, of these devices where some are named."""
        self.answer = None
        task, wanted = self.own_task(), self.simulation.wanted
        if sources is not None:
            wanted[task] = frozenset(sources)
        self.scheduler.query(question)
        wanted.pop(task, None)
        envelope: RawEnvelope | None = self.answer
        if envelope is None:
            return None
        self.last = envelope
        self.scheduler.outside += 1
        try:
            event = ("receive", self.scheduler.now, self.index, envelope)
            for hear in self.hear_receive:
                hear(event)
            self.simulation.stepped()
        finally:
            self.scheduler.outside -= 1
        return opened(envelope)

    def wait_for_next_round(self) -> None:
        """Wait for a turn."""
        self.own_task()
        self.scheduler.pause(ROUND)


class UntimedEmulator(SteppingEmulator):
    """Runs devices in any order: each move is a decision. Stops after the moves of its `plan`.

    `offered` is the menu of the decision that is taken. `all_wait` is told of the devices each time
    when all of them wait, and at the end.

    It needs an `UntimedScheduler`. There is no other timing model to swap to.
    """

    name = "untimed"
    port_type = UntimedPort
    scheduler: UntimedScheduler

    def __init__(self, *arguments: Any, plan: Plan | None = None, **options: Any) -> None:
        self.plan = plan = plan or Plan()
        self.moves = 0
        self.left = {"lose": plan.losses, "duplicate": plan.duplicates, "crash": plan.crashes}
        self.worked: dict[int, int] = {}
        self.wanted: dict[Task, frozenset[int]] = {}
        self.doomed: int | None = None
        self.deciding = ""
        self.offered: list[Option] = []
        self.all_wait: Callable[[dict[int, Device]], object] = lambda devices: None
        network = timeless(options.pop("network", None))
        super().__init__(*arguments, **{**options, "synchronous": False, "network": network})

    def prepare(self) -> None:
        """Let nothing depend on time."""
        super().prepare()
        self.latency = self._flight = int  # type: ignore[method-assign]

    def emit(self, kind: str, device: int | None, subject: Any = None) -> None:
        """Tell all observers of an event that happens now."""
        self.scheduler.outside += 1
        try:
            super().emit(kind, device, subject)
        finally:
            self.scheduler.outside -= 1

    def _begin(self) -> None:
        super()._begin()
        self.scheduler.idle = self._decide

    def stop_when_all_ended(self) -> None:
        """Stop the run where no device will do anything more."""
        super().stop_when_all_ended()
        if self.all_ended():
            self.all_wait(self.present)

    # -- what may happen

    def menu(self) -> list[Option]:
        """Return all that may happen next, in a fixed order."""
        ports = self._unfinished()
        found = [option for port in ports for option in self._of_device(port)]
        return found + self.late() + self._faults()

    def late(self) -> list[Option]:
        """Return what time does: waits end, alarms ring."""
        return [one for port in self._unfinished() for one in self._in_time(port)]

    def _of_device(self, port: Port) -> list[Option]:
        found: list[Option] = []
        for number, task in enumerate(self._tasks(port)):
            question = self.scheduler.questions.get(task, "")
            if question == "go":
                found.append(Option("go", port.index, number))
            if question == "receive":
                found.append(Option("nothing", port.index, number))
            if question in ("receive", "listen", "listen for a time"):
                coming = self._next(port, self.wanted.get(task))
                found += [Option("message", port.index, number, one) for one in coming]
        return found

    def _tasks(self, port: Port) -> list[Task]:
        return [task for task in self.scheduler.tasks if task.owner is port]

    def _next(self, port: Port, sources: frozenset[int] | None = None) -> list[int]:
        """Return the numbers of the messages that may come next, of some devices or of all."""
        found: dict[Any, int] = {}
        for envelope in port.inbox:
            if sources is not None and envelope[2] not in sources:
                continue
            ordered = self.keeps_order(envelope[2], port.index)
            found.setdefault(("from", envelope[2]) if ordered else envelope[1], envelope[1])
        return list(found.values())

    def keeps_order(self, source: int, destination: int) -> bool:
        """Return whether a channel is FIFO."""
        hazards = self.hazards
        if self.fifo is True or hazards is None:
            return bool(self.fifo)
        return keeps_order(hazards.network, source, destination)

    def _in_time(self, port: Port) -> list[Option]:
        found = [
            Option("nothing", port.index, number)
            for number, task in enumerate(self._tasks(port))
            if self.scheduler.questions.get(task) == "listen for a time"
        ]
        rings = any(owner is port for _, _, owner, _ in self.scheduler.alarms)
        return [*found, Option("alarm", port.index)] if rings else found

    def _faults(self) -> list[Option]:
        found: list[Option] = []
        where = self.plan.where
        for kind in ("lose", "duplicate"):
            if self.left[kind]:
                found += [
                    Option(kind, port.index, 0, envelope[1])
                    for port in self._unfinished()
                    for envelope in port.inbox
                    if where.may(kind, envelope[2], port.index)
                ]
        if self.left["crash"]:
            ports = filter(where.may_crash, (port.index for port in self._unfinished()))
            found += [Option("crash", index) for index in ports]
        return found

    # -- what does

    def _decide(self) -> bool:
        """Let the next thing happen, when every device waits; False when nothing can."""
        doomed, self.doomed = self.doomed, None
        if doomed is not None:
            self._do_crash(doomed)
            return True
        self.all_wait(self.present)
        menu = self.offered = self.menu()
        if not menu:
            return False
        options = len(menu)
        if all(option.kind in self.left for option in menu):
            options += 1  # nothing has to go wrong
        if self.plan.moves is not None and self.moves >= self.plan.moves:
            self.scheduler.stop("moves")
            return False
        self.moves += 1
        self.scheduler.moment += MOMENT
        self.deciding = "move"
        chosen = self.scheduler.choices.below(options)
        self.deciding = ""
        if chosen < len(menu):
            self._do(menu[chosen])
        return chosen < len(menu)

    def _do(self, option: Option) -> None:
        if option.kind in self.left:
            self.left[option.kind] -= 1
            does = {"lose": self._do_drop, "duplicate": self._do_duplicate, "crash": self._do_crash}
            does[option.kind](option.device if option.kind == "crash" else option.subject)
            return
        port = self.ports[option.device]
        if option.kind == "alarm":
            self._ring(port)
            return
        task = self._tasks(port)[option.task]
        if option.kind == "message":
            place = [envelope[1] for envelope in port.inbox].index(option.subject)
            port.answer = port.inbox.pop(place)  # type: ignore[attr-defined]
        self.scheduler.questions.pop(task, None)
        self.scheduler.ready.append(task)

    @property
    def present(self) -> dict[int, Device]:
        """The devices that have not crashed, by their indices."""
        ports = self.ports.values()
        return {port.index: port.device for port in ports if port.main is not None}

    def may_crash(self, port: Port) -> None:
        """Decide whether a device crashes before it sends one of its messages."""
        if not self.left["crash"] or self.scheduler.task() is None:
            return
        if not self.plan.where.may_crash(port.index):
            return
        self.deciding = "crash"
        crashes = self.scheduler.choices.below(2)
        self.deciding = ""
        if crashes:
            self.left["crash"] -= 1
            self.doomed = port.index
            self.scheduler.suspend()

    def _ring(self, port: Port) -> None:
        alarms = self.scheduler.alarms
        place = next(number for number, alarm in enumerate(alarms) if alarm[2] is port)
        time, _, _, timer = alarms.pop(place)
        self.scheduler.own[port] = max(self.scheduler.own.get(port, 0), time)
        self.scheduler.at_once = True
        timer.resume()
        self.scheduler.at_once = False

    # -- what devices ask for

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait for a message; with a `timeout` it may be decided that none comes."""
        port = self.ports[index]
        question = "listen" if timeout is None else "listen for a time"
        message = port.listen(question)  # type: ignore[attr-defined]
        if message is None and timeout is not None:
            self.scheduler.pass_time(ticks(timeout))
        return message  # type: ignore[no-any-return]

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Wait for a message of one of these devices."""
        port: Any = self.ports[index]
        return port.listen("listen", sources)  # type: ignore[no-any-return]

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as device `index` when its alarm is decided to ring."""
        self.call_later(index, self.scheduler.now + ticks(delay), callback)

    def now(self) -> float:
        """Return the time of the device that asks, in seconds: what its waits add up to."""
        return seconds(self.scheduler.now)

    def draw(self, count: int) -> int:
        """Decide for a worker: whether it has work (of 2), how long the work takes (of 4)."""
        if count == OF_LENGTH:
            return 0
        if count != OF_WORK:
            return super().draw(count)
        task = self.scheduler.task()
        index = task.owner.index if task is not None else -1
        drawn = self.plan.bounds.work_drawn(self.worked.get(index, 0), super().draw)
        self.worked[index] = self.worked.get(index, 0) + drawn
        return drawn
