"""A run in single steps, under a person's hand: either timing model, swappable in the middle.

A step is one message sent or one received. After it the run stands still inside that operation;
the next step goes on from there, so stepping changes nothing in the order of things. What a person
does in between (pick, drop, duplicate, delay, crash, restart, swap) is an `Action` at a step, part
of the schedule: the same seed and the same actions give the same run. Going back is in stepper.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from heapq import heapify
from typing import Any

from emulators import watchdog
from emulators.errors import UsageError
from emulators.kernel.clock import ROUND, ticks
from emulators.kernel.tasks import Task
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.port import Port
from emulators.swappable import SwappableEmulator, SwappablePort
from emulators.trace.envelope import Envelope, RawEnvelope

_MOST_HELD = 10_000
_LONGEST_HELD = 20 * ROUND
"""How often, and for how long, others are held back for a device that was sent a picked message."""
ACTIONS = ("pick", "drop", "duplicate", "delay", "crash", "restart", "swap")


@dataclass(frozen=True)
class Action:
    """What a person does after `step` steps: one of `ACTIONS`, to a message or a device."""

    step: int
    kind: str
    subject: int = 0


@dataclass(frozen=True)
class Waiting:
    """A message in transit. `ready` tells whether its device could receive it now."""

    envelope: Envelope
    ready: bool

    @property
    def serial(self) -> int:
        """The number of the message in this run."""
        return self.envelope.serial


class SteppingPort(SwappablePort):
    """Where a network of either kind meets a device; stops the run at every message."""

    __slots__ = ()
    simulation: SteppingEmulator

    def send(self, message: MessageStub) -> None:
        """Send a message of this device; this is a step."""
        super().send(message)
        self.simulation.stepped()

    def receive(self) -> MessageStub | None:
        """Return a message that has arrived, or None; a message is a step."""
        simulation = self.simulation
        if simulation.picked:
            simulation.give_way(self)
            if simulation.holds_back(self):
                self.found_nothing()
                return None
        message = super().receive()
        if message is not None:
            simulation.received(self)
            simulation.stepped()
        return message

    def receive_from(self, sources: Collection[int]) -> MessageStub | None:
        """Return a message of one of these devices, or None; a message is a step."""
        message = super().receive_from(sources)
        if message is not None:
            self.simulation.received(self)
            self.simulation.stepped()
        return message

    def found_nothing(self) -> None:
        """Do as the present timing model does; in sync a picked message may come first."""
        if not (self.simulation.synchronous and self.simulation.picked):
            super().found_nothing()

    def _picked(self, inbox: list[RawEnvelope]) -> RawEnvelope:
        """Take the message that a person picked, else a drawn one."""
        for number, envelope in enumerate(inbox):
            if envelope[1] == self.simulation.picked:
                return inbox.pop(number)
        return super()._picked(inbox)


class SteppingEmulator(SwappableEmulator):
    """Runs devices step by step; begins in sync unless told otherwise.

    `actions` are done when their steps come. `run` goes to the end, or `steps` steps far;
    `advance` goes to a step.
    """

    name = "stepping"
    port_type = SteppingPort

    def __init__(
        self,
        number_of_devices: int,
        kind: Callable[[int, int, Medium], Any],
        *,
        actions: Iterable[Action] = (),
        steps: int | None = None,
        **options: Any,
    ) -> None:
        self.most_steps = float("inf") if steps is None else steps
        self.steps = 0
        self.target: float = float("inf")
        self.breaks: Callable[[], bool] | None = None
        self.ended = False
        self._picked_for: Port | None = None
        self._held = 0
        self._held_until = 0
        self._planned = sorted(actions, key=lambda action: action.step)
        self._started = False
        super().__init__(number_of_devices, kind, **options)

    # -- going on

    def stepped(self) -> None:
        """Count a step; stand still here when it is the one to go to."""
        self.steps += 1
        if self.steps >= self.target or (self.breaks is not None and self.breaks()):
            self.scheduler.interrupt()

    def advance(self, target: float = float("inf"), *, once: bool = False) -> None:
        """Go on to step `target`, to the end, or to where `breaks` says stop.

        With `once`, only planned actions that are due are done.
        """
        with self._at_work(), watchdog.watching(self):
            self.scheduler.move()
            self._start()
            self._act_as_planned()
            while self.steps < target and not self.ended and not once:
                self.target = min(target, self._planned[0].step if self._planned else target)
                self.scheduler.run()
                broke = self.scheduler.interrupted
                if not broke:
                    self._finish()
                self._act_as_planned()
                if broke and self.steps < self.target:
                    break

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        if self.limits.time is not None:
            self.scheduler.deadline = ticks(self.limits.time)
        if self.failures:
            self._finish()
            return
        self._begin()

    def _start_round(self) -> None:
        super()._start_round()
        if self._picked_for is not None:
            self._bring_forward(self._picked_for)

    def _finish(self) -> None:
        """The run is over: nothing is left to do, or a limit is reached."""
        if self.ended:
            return
        self.ended = True
        if self._unfinished() and not self.scheduler.stopped and not self.failures:
            self._report_deadlock()

    def _run(self) -> None:
        self.advance(self.most_steps)

    def close(self) -> None:
        """End all tasks: the run cannot go on afterwards."""
        with self._at_work():
            self.scheduler.move()
            self._close()

    # -- what is in transit

    def waiting(self) -> list[Waiting]:
        """Return the messages in transit, those that can be received first."""
        now = self.scheduler.now
        found = [
            Waiting(Envelope(*envelope), self.synchronous or envelope[0] <= now)
            for port in self.ports.values()
            for envelope in port.inbox
        ]
        late = [envelope for port in self.ports.values() for envelope in port.arriving]
        late += [] if self.hazards is None else self.hazards.held()
        found += [Waiting(Envelope(*envelope), False) for envelope in late]
        return sorted(found, key=lambda one: (not one.ready, one.envelope.arrives, one.serial))

    def _find(self, serial: int) -> tuple[Port, list[RawEnvelope], int]:
        for port in self.ports.values():
            for place in (port.inbox, port.arriving):
                for number, envelope in enumerate(place):
                    if envelope[1] == serial:
                        return port, place, number
        raise UsageError(f"message {serial} is not in transit")

    def _take(self, serial: int) -> tuple[Port, RawEnvelope]:
        self.due.pop(serial, None)
        held = None if self.hazards is None else self.hazards.release(serial)
        if held is not None:
            return held
        port, place, number = self._find(serial)
        envelope = place.pop(number)
        if not self.synchronous:
            heapify(port.inbox)
        return port, envelope

    # -- what a person does

    def act(self, kind: str, subject: int = 0) -> Action:
        """Do something now; return it as an action. Raises `UsageError` where it cannot be done."""
        if kind not in ACTIONS:
            raise UsageError(f"there is no action {kind!r}; there are {', '.join(ACTIONS)}")
        with self._at_work():
            self.scheduler.move()
            self._start()
            getattr(self, f"_do_{kind}")(subject)
        return Action(self.steps, kind, subject)

    def forget_plans(self) -> None:
        """Do none of the actions that were still to come."""
        self._planned.clear()

    def _act_as_planned(self) -> None:
        while self._planned and self._planned[0].step <= self.steps:
            action = self._planned.pop(0)
            getattr(self, f"_do_{action.kind}")(action.subject)

    def _do_pick(self, serial: int) -> None:
        """Let a message be the next that is received."""
        port, envelope = self._take(serial)
        self.emit("pick", envelope[3], envelope)
        self.picked, self._picked_for, self._held = serial, port, 0
        self._held_until = self.scheduler.now + _LONGEST_HELD
        if self.synchronous:
            in_time = envelope[0] <= self.scheduler.now
            (port.inbox if in_time else port.arriving).append(envelope)
            if not in_time and port not in self.mailed:
                self.mailed.append(port)
        else:
            port.inbox.insert(0, (-1, *envelope[1:]))
            heapify(port.inbox)
            self._hurry(port)
        self._bring_forward(port)

    def _hurry(self, port: Port) -> None:
        """Wake a device that only waits for its next round or for a message."""
        timers = self.scheduler.timers
        for entry in [entry for entry in timers if entry[2] is port.main]:
            if port.main is not None and port.main.waiting == "":
                timers.remove(entry)
                self.scheduler.ready.append(port.main)
        heapify(timers)
        if port.waiters:
            self._wake(port)

    def _bring_forward(self, port: Port) -> None:
        """Let a device be the next that works, now or in the next round."""
        main = port.main
        for queue in (self.scheduler.ready, self.arrived):
            if main in queue:
                queue.remove(main)  # type: ignore[arg-type]
                queue.insert(0, main)  # type: ignore[arg-type]

    def give_way(self, port: Port) -> None:
        """In a round, let the device of the picked message go first as long as it is at work."""
        task = self.scheduler.task()
        while task is not None and self.synchronous and self._comes_first(port):
            self.scheduler.ready.append(task)
            self.scheduler.suspend()

    def _comes_first(self, port: Port) -> bool:
        """Whether another device could receive the picked message in this round."""
        chosen = self._picked_for
        if chosen is None or chosen is port or chosen.ended:
            return False
        return self._has_picked(chosen) and any(
            isinstance(item, Task) and item.owner is chosen for item in self.scheduler.ready
        )

    def _has_picked(self, port: Port) -> bool:
        return any(envelope[1] == self.picked for envelope in port.inbox)

    def holds_back(self, port: Port) -> bool:
        """Whether a picked message comes before anything that this device could receive now.

        A device that does not ask for its message for long does not stop the others for ever.
        """
        chosen = self._picked_for
        if chosen is None or (chosen is port and self._has_picked(port)):
            return False
        self._held += 1
        if chosen.ended or self._held > _MOST_HELD or self.scheduler.now > self._held_until:
            self._unpick(self.picked)
            return False
        return True

    def received(self, port: Port) -> None:
        """Forget the picked message once its device has received something."""
        if port is self._picked_for:
            self._unpick(self.picked)

    def _unpick(self, serial: int) -> None:
        if serial == self.picked:
            self.picked, self._picked_for = 0, None

    def _do_drop(self, serial: int) -> None:
        _, envelope = self._take(serial)
        self._unpick(serial)
        self.emit("lose", envelope[3], envelope)

    def _do_duplicate(self, serial: int) -> None:
        port, place, number = self._find(serial)
        envelope = place[number]
        self.sent += 1
        copy = (envelope[0], self.sent, *envelope[2:])
        self.emit("duplicate", envelope[3], copy)
        place.append(copy)
        if not self.synchronous:
            heapify(port.inbox)

    def _do_delay(self, serial: int) -> None:
        """Let a message arrive a round later, or later than all others now in transit."""
        port, envelope = self._take(serial)
        self._unpick(serial)
        self.emit("delay", envelope[3], envelope)
        if self.synchronous:
            port.put(envelope)
        else:
            latest = max((one.envelope.arrives for one in self.waiting()), default=0)
            port.put((max(latest, self.scheduler.now) + ROUND, *envelope[1:]))

    def _do_crash(self, index: int) -> None:
        port = self._port(index)
        if port.ended:
            raise UsageError(f"device {index} is not running")
        self.lives.crash(port)
        self.stop_when_all_ended()

    def leave_round(self, port: Port) -> None:
        """Take a device that crashes out of the round; nobody waits for what was picked for it."""
        if port is self._picked_for:
            self._unpick(self.picked)
        super().leave_round(port)

    def _do_restart(self, index: int) -> None:
        """Build a device anew and let it run from its beginning; a running one crashes first."""
        port = self._port(index)
        if not port.ended:
            self._do_crash(index)
        if self.scheduler.stopped == "ended":
            self.scheduler.stopped, self.ended = "", False
        self.lives.restart(port)

    def _port(self, index: int) -> Port:
        port = self.ports.get(index)
        if port is None:
            raise UsageError(f"there is no device {index}; there are 0 to {len(self._ids) - 1}")
        return port

    def _do_swap(self, subject: int = 0) -> None:
        self.swap()
