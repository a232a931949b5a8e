"""Devices + scheduler + trace: what the synchronous and the asynchronous emulator share.

A simulation builds the devices, runs each as a task of the scheduler, tells the observers what
happens and keeps account of failures and limits. When a message can be received, and how long a
wait lasts, is up to its timing model.
"""

from __future__ import annotations

import gc
import secrets
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from emulators import watchdog
from emulators.Device import Device, not_initialised
from emulators.EmulatorStub import EmulatorStub, set_active_emulator
from emulators.errors import (
    Failure,
    MutualExclusionViolated,
    Place,
    PollingError,
    StudentError,
    Unresponsive,
    describe,
    hint_of,
    place_of_error,
    place_of_frame,
    place_of_function,
    safe_str,
    shown_path,
)
from emulators.generations import maker_uses_calls
from emulators.hostile.addresses import Unreached
from emulators.hostile.hazards import Hazards
from emulators.hostile.lives import Lives
from emulators.kernel.carrier import Carrier
from emulators.kernel.choices import Seeded
from emulators.kernel.clock import seconds, ticks
from emulators.kernel.tasks import Scheduler, Task, active
from emulators.limits import Limits
from emulators.Medium import CallMedium, Medium
from emulators.MessageStub import MessageStub
from emulators.network.scenario import Network
from emulators.network.topology import Graph
from emulators.port import Afterlife, Port
from emulators.trace.console import Console
from emulators.trace.envelope import RawEnvelope, has_slots, opened
from emulators.trace.events import CALL, KINDS, Listeners, RawEvent, listen
from emulators.trace.logbook import named
from emulators.trace.statistics import Statistics
from emulators.virtual.ordinary import StandIns, virtual_globals


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage less often: a trace is many small objects that stay, a third of a run."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)


GRACE = ticks(5.0)
"""Ticks that the others may go on after a device has failed: 50 rounds, 5 virtual seconds."""


_MADE_WITH = (
    "__init__ takes (self, index, number_of_devices, medium) where a class is run; "
    "devices that need more are made by another class, and that one is run"
)


class Judge(Protocol):
    """A property, as a run sees it: an observer that is told of the beginning and the end."""

    name: str

    @property
    def violation(self) -> Any:
        """The first violation, or None."""

    def begin(self, number_of_devices: int) -> None:
        """Get ready for a run of so many devices."""

    def end(self, run: Simulation) -> None:
        """Judge what can only be judged when the run is over."""


class Simulation(EmulatorStub):
    """A run of `number_of_devices` devices of a `kind` in one process, on virtual time.

    `kind(index, number_of_devices, medium)` makes a device. `seed` (drawn when None) decides the
    run unless `scheduler` comes with choices of its own. `observers` are told of every event.
    `quiet` prints no single messages; `reports` prints failures in full when they happen;
    `console` prints instead of what they ask for. `statistics` False counts nothing. `properties`
    judge the run. `network` is what happens to messages and devices; None and an empty one cost
    nothing. Code of devices runs `within` a context.
    """

    name = ""
    in_rounds = False
    latency: Callable[[], int]
    port_type: type[Port] = Port

    def __init__(
        self,
        number_of_devices: int,
        kind: Callable[[int, int, Medium], Any],
        *,
        seed: int | None = None,
        quiet: bool = False,
        reports: bool = True,
        limits: Limits | None = None,
        observers: Iterable[object] = (),
        scheduler: Scheduler | None = None,
        carrier: Carrier | None = None,
        statistics: bool = True,
        properties: Iterable[Judge] = (),
        network: Network | None = None,
        console: Console | None = None,
        within: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.seed = secrets.randbits(32) if seed is None else seed
        self.scheduler = scheduler or Scheduler(Seeded(self.seed))
        self.limits = limits or Limits()
        self.failures: list[Failure] = []
        self.todos: list[str] = []
        self._unreached = Unreached(self)
        self.closed = False
        self.deadlocked = False
        self.observers: list[object] = []
        self.properties: list[Any] = list(properties)
        self._judged = False
        self.number_of_rounds = 0
        self.due: dict[int, int] = {}
        self.statistics = Statistics(number_of_devices)
        self._kind = kind
        self._sources: list[Any] = [kind]
        self._stand_ins = StandIns()
        self._within = within
        self._ids = list(range(number_of_devices))
        self._inside: int | None = None
        self._lasting: Port | None = None
        self.sent = 0
        self.most_messages = self.limits.messages or sys.maxsize
        self.known: set[type] = set()
        self.heard: Listeners = {kind: [] for kind in (*KINDS, CALL)}
        for observer in (*observers, *([self.statistics] if statistics else [])):
            self.observe(observer)
        for judge in self.properties:
            judge.begin(number_of_devices)
            self.observe(judge)
        self.observe(console or Console(messages=not quiet, reports=reports))
        self.scheduler.attach(carrier)
        self.scheduler.ended = self._task_ended
        self.lives = Lives(self, number_of_devices)
        self.hazards = Hazards(self, network, number_of_devices) if network else None
        self.prepare()
        with self._at_work(), _rare_collections():
            self._build(number_of_devices)

    def prepare(self) -> None:
        """Let the timing model get ready before the devices are built."""

    # -- observers

    def observe(self, observer: object) -> None:
        """Tell one more observer of every event from now on."""
        self.observers.append(observer)
        listen(self.heard, observer)

    def emit(self, kind: str, device: int | None, subject: Any = None) -> None:
        """Tell all observers of an event that happens now."""
        event: RawEvent = (kind, self.scheduler.now, device, subject)
        for hear in self.heard[kind]:
            hear(event)

    def judge(self) -> None:
        """Let the properties judge, once, what can only be judged when the run is over.

        A run that was interrupted, or that departs from its recording, is not judged.
        """
        if not self._judged and self.scheduler.stopped not in ("interrupted", "departed"):
            self._judged = True
            for one in self.properties:
                one.end(self)

    def told(self, name: str, value: Any) -> None:
        """Tell the properties that the device at work has called a method."""
        task = self.scheduler.task()
        owner = self.scheduler.acting if task is None else task.owner
        if owner is not None:
            self.emit(CALL, owner.index, (name, value))

    # -- building

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        before = set_active_emulator(self)
        try:
            with (
                active(self.scheduler),
                virtual_globals(self._sources, self._stand_ins),
                self._within(),
            ):
                yield
        finally:
            set_active_emulator(before)

    def _build(self, number_of_devices: int) -> None:
        style = CallMedium if maker_uses_calls(self._kind) else Medium
        self.ports: dict[Any, Port] = {}
        for index in self._ids:
            self.ports[index] = self._port_type(index)(index, style(index, self), self)
        if self.hazards is not None:
            self.hazards.wire()
        with watchdog.watching(self):
            for port in self._unfinished():
                port.device = self._built(port, number_of_devices)
        self._device_list = [
            port.device for port in self.ports.values() if isinstance(port.device, Device)
        ]
        self._sources += dict.fromkeys(map(type, self._device_list))
        for port in self.ports.values():
            if not port.ended:
                port.main = self.scheduler.spawn(port.work, f"device {port.index}", port)

    def _port_type(self, index: int) -> type[Port]:
        return (
            self.port_type
            if self.hazards is None
            else self.hazards.port_type(index, self.port_type)
        )

    def build_again(self, port: Port) -> None:
        """Make a new device in the place of one that has crashed."""
        port.device = self._built(port, len(self._ids))
        self._device_list = [other.device for other in self.ports.values() if other.device]

    def _kind_of(self, index: int) -> Callable[[int, int, Medium], Any]:
        """Return what makes a device: the class of the run, or a byzantine one in its place."""
        return self._kind if self.hazards is None else self.hazards.places.get(index, self._kind)

    def _built(self, port: Port, number_of_devices: int) -> Any:
        self.scheduler.acting = port
        device = None
        try:
            device = self._kind_of(port.index)(port.index, number_of_devices, port.medium)
            self._check_built(device)
            return device
        except (Exception, Unresponsive, SystemExit) as error:
            port.ended = True
            place = place_of_error(error)
            if place is None and isinstance(error, TypeError):
                error = StudentError(describe(error), _MADE_WITH)
            place = place or place_of_function(self._maker(device))
            self._fail(port, error, "in its constructor", place)
            return None
        finally:
            self.scheduler.acting = None

    def _maker(self, device: Any) -> Any:
        """Return the function that made a device, or made what is none."""
        if isinstance(device, Device):
            return type(device).__init__
        if not isinstance(self._kind, type):
            return self._kind
        return self._kind.__init__ if issubclass(self._kind, Device) else self._kind.__new__

    def _check_built(self, device: Any) -> None:
        if not isinstance(device, Device):
            raise StudentError(
                f"{getattr(self._kind, '__name__', 'it')} made {device!r}, which is no Device",
                "let the class extend Device, or its __new__ return one",
            )
        device.index  # raises where __init__ of Device was not called  # noqa: B018

    @property
    def devices(self) -> list[Device]:
        """The devices that could be built, in index order."""
        return self._device_list

    @property
    def ids(self) -> list[int]:
        """The indices of all devices."""
        return list(self._ids)

    def neighbors(self, index: int) -> list[int]:
        """Return the devices to which device `index` has a channel."""
        graph = self.graph
        if graph is not None:
            return list(graph.neighbors[index])
        return [other for other in self._ids if other != index]

    @property
    def graph(self) -> Graph | None:
        """The channels there are: edges, and positions; None where everybody reaches everybody."""
        return None if self.hazards is None else self.hazards.graph

    # -- running

    def run(self) -> None:
        """Run all devices until they have ended or a limit is reached."""
        began = time.perf_counter()
        if self.limits.time is not None:
            self.scheduler.deadline = ticks(self.limits.time)
        try:
            with self._at_work(), watchdog.watching(self), _rare_collections():
                self.check_thread()
                self.scheduler.move()
                try:
                    self._run()
                finally:
                    self._close()
        finally:
            self.statistics.elapsed += time.perf_counter() - began
            self.statistics.time = self.scheduler.now
        self.judge()

    def _run(self) -> None:
        if self.failures:  # of a constructor: the others would wait for a device that is not there
            return
        self._begin()
        self.scheduler.run()
        if self._unfinished() and not self.scheduler.stopped:
            self._report_deadlock()

    def _begin(self) -> None:
        """Let the timing model prepare, and the network plan what happens when."""
        if self.hazards is not None:
            self.hazards.begin()

    def _close(self) -> None:
        self._standing = self.standing
        self.closed = True
        for port in self.ports.values():
            port.unplug(Afterlife(self))
        self.scheduler.kill_all()
        for port in self.ports.values():
            port.unplug(self)

    @property
    def standing(self) -> dict[int, Place | None]:
        """Where each device stands, or stood when the run was over, that has not ended."""
        if self.closed:
            return self._standing
        return {port.index: self.place(port) for port in self._unfinished()}

    def _unfinished(self) -> list[Port]:
        return [port for port in self.ports.values() if not port.ended]

    @property
    def all_terminated(self) -> bool:
        """Whether `run` of every device has returned, and none has failed."""
        return self.all_ended() and not any(failure.fatal for failure in self.failures)

    @property
    def stopped_by(self) -> str:
        """What stopped the run before its end: ``rounds``, ``time``, ``messages`` …, or nothing."""
        reason = self.scheduler.stopped
        return "" if reason == "ended" else reason

    def _task_ended(self, task: Task, error: BaseException | None) -> None:
        port = task.owner
        if self.closed:
            return
        if error is not None:
            where = "" if task is port.main else f"in its thread {task.name}"
            begun = None if where else place_of_function(type(port.device).run)
            self._fail(port, error, where, place_of_error(error) or begun)
        if task is port.main:
            port.ended = True
            port.device._finished = True
            if error is None:
                self.emit("end", port.index)
            self._main_ended(port)
            self.stop_when_all_ended()

    def stop_when_all_ended(self) -> None:
        """Stop the run where no device will do anything more."""
        if self.all_ended():
            self.scheduler.stop("ended")

    def all_ended(self) -> bool:
        """Whether `run` of every device has ended, well or not.

        The last device that has not is remembered: who ends in order does not look at all others.
        """
        if self.hazards is not None and self.hazards.returning:
            return False
        if self._lasting is None or self._lasting.ended:
            left = (port for port in reversed(self.ports.values()) if not port.ended)
            self._lasting = next(left, None)
        return self._lasting is None

    def _main_ended(self, port: Port) -> None:
        """Tell the timing model that a device has ended."""

    def leave_round(self, port: Port) -> None:
        """Tell the timing model that a device is about to crash."""

    def join_round(self, port: Port) -> None:
        """Tell the timing model that a device has begun anew."""

    def in_transit(self) -> list[RawEnvelope]:
        """Return what was sent, and neither received nor lost."""
        ports = self.ports.values()
        held = [] if self.hazards is None else self.hazards.held()
        return [one for port in ports for one in (*port.inbox, *port.arriving)] + held

    def withdraw(self, port: Port, arrived: bool = False) -> list[RawEnvelope]:
        """Take back what is on its way to a device; with `arrived` its inbox, too."""
        now = self.scheduler.now
        taken = [one for one in port.inbox if arrived or one[0] > now] + port.arriving
        port.inbox[:] = [] if arrived else [one for one in port.inbox if one[0] <= now]
        port.arriving.clear()
        return taken

    # -- failures

    def when(self) -> str:
        """Return the present moment in words."""
        return f"at {seconds(self.scheduler.now):.6g} virtual seconds"

    def _fail(
        self, port: Port | None, error: BaseException, where: str = "", place: Place | None = None
    ) -> None:
        error = not_initialised(error)
        self.report(
            Failure(
                device=port.index if port else None,
                when=f"{where} {self.when()}".strip() if where != "in its constructor" else where,
                problem=describe(error),
                place=place or place_of_error(error),
                last_message=self.last_message(port) if port else "",
                hint=hint_of(error),
            )
        )
        if isinstance(error, PollingError):
            self.scheduler.stop("polling")

    def last_message(self, port: Port) -> str:
        """Return the message that a device received last, as text; nothing if there is none."""
        return safe_str(opened(port.last)) if port.last else ""

    def refuse(self, port: Port, error: StudentError) -> None:
        """Report an error that the running task would swallow; leave the task where it stands."""
        self._fail(port, error, place=place_of_frame(sys._getframe()))
        self.scheduler.suspend()

    def report(self, failure: Failure) -> None:
        """Add a failure to the report of the run and tell the observers.

        After a fatal one the others go on, but not for ever.
        """
        self.failures.append(failure)
        if failure.fatal:
            self.scheduler.deadline = min(self.scheduler.deadline, self.scheduler.now + GRACE)
        self.emit("fail", failure.device, failure)

    def place(self, port: Port) -> Place | None:
        """Return the line of the student's code at which a suspended device stands."""
        task = port.main
        return place_of_frame(task.coroutine.frame()) if task and task.coroutine else None

    def _report_deadlock(self) -> None:
        self.deadlocked = True
        waiting = []
        for port in self._unfinished():
            what = (port.main and port.main.waiting) or "the next round"
            waiting.append(f"device {port.index} waits for {what} at {self.place(port)}")
        self.report(
            Failure(
                device=None,
                when=self.when(),
                problem="all devices wait for ever (deadlock)",
                details=waiting[:20] + (["…"] if len(waiting) > 20 else []),
                hint="look at who should have sent or released what the others wait for",
            )
        )

    # -- after the run

    def print_result(self, devices: Iterable[Device] | None = None) -> None:
        """Call `print_result` of every device, in index order, or of some of them.

        One that fails stops no other.
        """
        with self._at_work(), watchdog.watching(self):
            for device in self.devices if devices is None else devices:
                self._print_result_of(device)

    def _print_result_of(self, device: Device) -> None:
        port = self.ports.get(device._id)
        try:
            device.print_result()
        except (Exception, Unresponsive, SystemExit) as error:
            self._fail(port, error, "in print_result")

    def print_statistics(self) -> None:
        """Print totals and averages of the run."""
        for line in self.statistics.lines():
            print(f"\t{line}")

    # -- what devices ask for

    def queue(self, index: int, message: MessageStub) -> None:
        """Send a message for device `index`."""
        self.ports[index].send(message)

    def dequeue(self, index: int) -> MessageStub | None:
        """Return the next message that has arrived at device `index`, or None."""
        message: MessageStub | None = self.ports[index].receive()
        return message

    def dequeue_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Return the next message at device `index` that one of `sources` has sent, or None."""
        return self.ports[index].receive_from(sources)

    def await_from(self, index: int, sources: Collection[int]) -> MessageStub | None:
        """Wait for a message that one of `sources` has sent; look in each round."""
        port = self.ports[index]
        while (message := port.receive_from(sources)) is None:
            port.wait_for_next_round()
        return message

    def done(self, index: int) -> None:
        """Wait for the next round of device `index`."""
        self.ports[index].wait_for_next_round()

    def call_later(self, index: int, time: int, callback: Callable[[], Any]) -> None:
        """Call `callback` as a task of device `index` at `time` (ticks)."""
        self.check_thread()
        port = self.ports[index]
        scheduler = self.scheduler
        call = self.lives.call(index, callback)
        scheduler.call_at(time, lambda: scheduler.spawn(call, "timer", port))

    def progress(self) -> int:
        """Return a number that grows whenever a device touches the medium or the clock."""
        sent = min(self.sent, self.most_messages)
        return int(self.scheduler.steps + sent + self.scheduler.now)

    def check_thread(self) -> None:
        """Raise when called from a real thread beside the one that runs the simulation."""
        if self.scheduler.ident() != self.scheduler.thread:
            raise StudentError(
                "a medium was used from a real thread outside the run",
                "start threads with the module threading inside the exercise file: "
                "there they are part of the run",
            )

    def check_message(self, message: object) -> None:
        """Raise for what is no message; remember the class of what is, unless it has slots."""
        if isinstance(message, type):
            name = message.__name__
            raise StudentError(
                f"the class {name} was sent, which is no message", f"send an object: {name}(…)"
            )
        if not isinstance(message, MessageStub):
            raise StudentError(
                f"a {type(message).__name__} was sent, which is no message",
                "send an object of a class that extends MessageStub",
            )
        if not has_slots(type(message)):
            self.known.add(type(message))

    def limit_messages(self) -> None:
        """Stop the run, and with it the running task, because enough messages were sent."""
        self.scheduler.stop("messages")
        if self.scheduler.task() is not None:
            self.scheduler.suspend()
        elif self.sent > self.most_messages:
            raise StudentError(
                f"more than {self.most_messages} messages were sent outside run()",
                "let the loop end that sends them",
            )

    def lose_address(self, envelope: RawEnvelope) -> None:
        """Count a message to a device that does not exist; report it once per address."""
        self.emit("undeliverable", envelope[2], envelope)
        self._unreached.report(envelope)
        if self.sent >= self.most_messages:
            self.limit_messages()

    def report_lost_storage(self, port: Port, error: StudentError) -> None:
        """Report that something cannot be kept over a crash."""
        self._fail(port, error, place=place_of_function(type(port.device).run))

    def log(self, index: int, text: str, name: str = "") -> None:
        """Write a line into the trace of the run, and into the log file of that name."""
        self.check_thread()
        if name and not name.replace("-", "").replace("_", "").isalnum():
            raise StudentError(
                f"the name of a log file is {name!r}",
                "use letters, digits, - and _: the file is called after it",
            )
        self.emit("log", index, named(text, name))

    def note(self, index: int, kind: str, subject: Any) -> None:
        """Note what a device does: ``invoke``, ``respond`` (an operation), ``cut`` (a snapshot)."""
        self.check_thread()
        self.emit(kind, index, subject)

    def todo(self, text: str, file: str, line: int) -> None:
        """Note, once per text, that a part of an exercise is not implemented yet."""
        if text not in self.todos:
            self.todos.append(text)
            self.emit("todo", None, (text, shown_path(file), line))

    def is_byzantine(self) -> bool:
        """Return whether the device at work lies, as a scenario has it."""
        task = self.scheduler.task()
        owner = self.scheduler.acting if task is None else task.owner
        return self.hazards is not None and owner is not None and owner.index in self.hazards.liars

    def draw(self, count: int) -> int:
        """Return a drawn number from 0 to `count` - 1."""
        self.check_thread()
        return self.scheduler.choices.below(count)

    def ask(self, index: int) -> None:
        """Note that a device has work to do in the critical section."""
        self.emit("ask", index)

    def enter(self, index: int) -> None:
        """Note that a device enters the critical section; raise when another one is inside."""
        self.check_thread()
        other = self._inside
        self.emit("enter", index)
        if other is not None and other != index:
            raise MutualExclusionViolated(
                f"devices {other} and {index} are in the critical section at the same time",
                f"see what allowed device {index} to enter before device {other} had left",
            )
        self._inside = index

    def leave_critical_section(self, index: int) -> None:
        """Let a device that crashes leave nobody locked out."""
        if self._inside == index:
            self._inside = None

    def leave(self, index: int) -> None:
        """Note that a device leaves the critical section."""
        if self._inside == index and not self.closed:
            self._inside = None
            self.emit("leave", index)
