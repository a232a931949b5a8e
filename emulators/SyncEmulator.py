"""The synchronous timing model: all devices work in rounds.

A message sent in round r can be received from round r+1 on. A round ends when every living device
has called ``wait_for_next_round()`` or returned; a device that sleeps holds its round.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from operator import attrgetter
from typing import Any

from emulators.errors import Failure, PollingError, Unresponsive
from emulators.kernel.clock import ROUND, seconds, ticks
from emulators.kernel.tasks import Task
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.network.scenario import in_order
from emulators.port import Port
from emulators.simulation import Simulation
from emulators.trace.envelope import RawEnvelope, new, opened

MOST_POLLS = 1000
"""How often a device may look into its empty inbox within one round."""
_LONGEST_ROUND = ticks(600)
"""Ticks of virtual time after which a round that is held up never ends."""


class SyncPort(Port):
    """Where a synchronous network meets a device: what arrives is handed out in the next round."""

    __slots__ = ()
    simulation: SyncEmulator

    def put(self, envelope: RawEnvelope) -> None:
        """Take a message that reaches this device with the next round."""
        if not self.arriving:
            self.simulation.mailed.append(self)
        self.arriving.append(envelope)

    def receive(self) -> MessageStub | None:
        """Return one of the messages that arrived before this round, or None."""
        if self.ident() != self.thread:
            self.simulation.check_thread()
        inbox = self.inbox
        if not inbox:
            self.found_nothing()
            return None
        self.last = envelope = inbox.pop() if len(inbox) == 1 else self._picked(inbox)
        event = ("receive", self.scheduler.now, self.index, envelope)
        for hear in self.hear_receive:
            hear(event)
        if envelope[6]:  # what `opened` does, without the call: most messages are plain
            message: MessageStub = new(envelope[4])
            message.__dict__ = envelope[5].copy()
            return message
        return opened(envelope)

    def found_nothing(self) -> None:
        """Count how often the device has looked in vain; raise when it does nothing else."""
        self.polls += 1
        if self.polls > MOST_POLLS:
            self._refuse_polling()

    def _picked(self, inbox: list[RawEnvelope]) -> RawEnvelope:
        """Take a drawn message out of the inbox; on a FIFO channel, the first of its sender."""
        number = self.scheduler.choices.below(len(inbox))
        sender = inbox[number][2]
        fifo = self.simulation.fifo
        if fifo and (fifo is True or self._keeps_order(sender)):
            number = min(
                (place for place, other in enumerate(inbox) if other[2] == sender),
                key=lambda place: inbox[place][1],
            )
        envelope = inbox[number]
        last = inbox.pop()
        if number < len(inbox):
            inbox[number] = last
        return envelope

    def _keeps_order(self, sender: int) -> bool:
        """Whether one of the channels of this network is FIFO, the one from a sender."""
        hazards = self.simulation.hazards
        return hazards is not None and hazards.keeps_order(sender, self.index)

    def _refuse_polling(self) -> None:
        error = PollingError(
            f"it asked for a message {MOST_POLLS} times in round "
            f"{self.simulation.number_of_rounds} without calling wait_for_next_round()",
            "in a synchronous network nothing new arrives within a round: "
            "call self.medium.wait_for_next_round() in the loop",
        )
        if self.polls > 2 * MOST_POLLS and self.scheduler.task() is not None:
            # The exception is swallowed in the loop: report it from here, and do not come back.
            self.simulation.refuse(self, error)
        raise error

    def wait_for_next_round(self) -> None:
        """Wait until every living device waits for the next round."""
        scheduler = self.scheduler
        main = self.main
        self.polls = 0
        if main is None or scheduler.current is not main or self.ident() != self.thread:
            self.simulation.threads.append(self.own_task())
        else:
            self.simulation.missing -= 1
            self.simulation.arrived.append(main)
        scheduler.rest()


_by_number = attrgetter("number")


class SyncEmulator(Simulation):
    """Runs devices in synchronous rounds of 0.1 virtual seconds."""

    name = "sync"
    in_rounds = True
    port_type = SyncPort

    def __init__(
        self,
        number_of_devices: int,
        kind: Callable[[int, int, Medium], Any],
        *,
        fifo: bool = False,
        **options: Any,
    ) -> None:
        self.fifo = in_order(fifo, options.get("network"))
        self.mailed: list[Port] = []
        self.arrived: list[Task] = []
        self.threads: list[Task] = []
        self._listeners: list[tuple[Port, Task]] = []
        self._living = 0
        self.missing = 0
        self.round_end = 0
        super().__init__(number_of_devices, kind, **options)

    def latency(self) -> int:
        """Return how many ticks are left of this round."""
        now, end = self.scheduler.now, self.round_end
        if now < end:  # asked for at every message: max() takes longer
            return end - now
        return 0

    # -- rounds

    def _begin(self) -> None:
        super()._begin()
        self._enroll()
        self.scheduler.idle = self._idle
        self._start_round()

    def _enroll(self) -> None:
        """Count the devices, and find those that have hooks for each round."""
        self._living = self.missing = len(self._unfinished())
        self._hooked = [
            (port, name)
            for port in self.ports.values()
            for name in ("before_round", "after_round")
            if self._overrides(port, name)
        ]

    def _overrides(self, port: Port, name: str) -> bool:
        from emulators.Device import Device

        return port.device is not None and getattr(type(port.device), name) is not getattr(
            Device, name
        )

    def _main_ended(self, port: Port) -> None:
        self._living -= 1
        self.missing -= 1

    def leave_round(self, port: Port) -> None:
        """Take a device that crashes out of the account of who is still missing in this round."""
        mine = [task for task in self.scheduler.tasks if task.owner is port]
        listening = [task for _, task in self._listeners]
        if self.in_rounds and port.main not in self.arrived and port.main not in listening:
            self.missing -= 1
        self.arrived = [task for task in self.arrived if task not in mine]
        self.threads = [task for task in self.threads if task not in mine]
        self._listeners = [one for one in self._listeners if one[0] is not port]
        self._living -= 1

    def join_round(self, port: Port) -> None:
        """Let a device that begins anew take part in this round."""
        self._living += 1
        self.missing += 1

    def withdraw(self, port: Port, arrived: bool = False) -> list[RawEnvelope]:
        """Take back what is on its way to a device; with `arrived` its inbox, too."""
        if port in self.mailed:
            self.mailed.remove(port)
        return super().withdraw(port, arrived)

    def _idle(self) -> bool:
        """Begin the next round when every living device has arrived and the clock may go on."""
        if not self._living and not self._something_planned():
            return False
        if self.missing and self.missing > self._represented():
            return self._waited_long_enough()
        timers = self.scheduler.timers
        if timers and timers[0][0] < self.round_end:
            return False
        return self._next_round()

    def _waited_long_enough(self) -> bool:
        """End the run when time passes in a round and a device never arrives at its end."""
        passed = self.scheduler.now - self.round_end
        if passed > _LONGEST_ROUND:
            self._report_endless_round(seconds(passed))
            self.scheduler.stop("round")
        return passed > _LONGEST_ROUND

    def _report_endless_round(self, passed: float) -> None:
        waiting = {*self.arrived, *(task for _, task in self._listeners)}
        late = [port for port in self._unfinished() if port.main not in waiting]
        alone = late[0] if len(late) == 1 else None
        self.report(
            Failure(
                device=alone.index if alone else None,
                when=self.when(),
                problem=f"the round does not end: it has lasted for {passed:.0f} virtual seconds",
                place=self.place(alone) if alone else None,
                last_message=self.last_message(alone) if alone else "",
                details=[f"device {port.index} is at {self.place(port)}" for port in late[:20]]
                if not alone
                else [],
                hint="call self.medium.wait_for_next_round() in the loop: "
                "a round ends when every device has called it, however late it is",
            )
        )

    def _represented(self) -> int:
        """Count the devices whose `run` waits for one of their threads that waits for a round."""
        ports = {task.owner for task in self.threads} | {port for port, _ in self._listeners}
        listening = {task for _, task in self._listeners}
        mains = [port.main for port in ports if port.main is not None and not port.ended]
        return sum(1 for main in mains if main.waiting and main not in listening)

    def _next_round(self) -> bool:
        self._run_hooks("after_round")
        if self.limits.rounds is not None and self.number_of_rounds >= self.limits.rounds:
            self.scheduler.stop("rounds")
            return False
        if not self._anything_to_come():
            return False
        scheduler = self.scheduler
        scheduler.now = max(scheduler.now, self.round_end)
        if scheduler.now >= scheduler.deadline:
            scheduler.stop("time")
            return False
        self._start_round()
        return True

    def _something_planned(self) -> bool:
        return self.hazards is not None and self.hazards.rounds_to_come

    def _anything_to_come(self) -> bool:
        if self.arrived or self.threads or self._something_planned():
            return True
        return self._mail_for_listeners()

    def _mail_for_listeners(self) -> bool:
        """Whether anything can still happen when all living devices wait for a message."""
        scheduler = self.scheduler
        if any(port.arriving or port.inbox for port, _ in self._listeners):
            return True
        if scheduler.timers:
            self.round_end = max(self.round_end, scheduler.timers[0][0])
        return bool(scheduler.timers)

    def _start_round(self) -> None:
        self.number_of_rounds += 1
        self.round_end = self.scheduler.now + ROUND
        self.emit("round", None, self.number_of_rounds)
        if self.hazards is not None:
            self.hazards.begin_round(self.number_of_rounds)
        self._hand_out()
        self._run_hooks("before_round")
        arrived, self.arrived = self.arrived, []
        threads, self.threads = self.threads, []
        self.missing += len(arrived)
        arrived.sort(key=_by_number)  # who slept in this round arrived last
        self.scheduler.ready.extend(arrived)
        self.scheduler.ready.extend(threads)
        self._wake_listeners()

    def _hand_out(self) -> None:
        """Let the messages arrive whose round has come."""
        mailed, self.mailed = self.mailed, []
        for port in mailed:
            if self.due:
                self._hand_out_what_is_due(port)
            else:
                port.inbox += port.arriving
                port.arriving.clear()

    def _hand_out_what_is_due(self, port: Port) -> None:
        due, late = self.due, []
        for envelope in port.arriving:
            if due.get(envelope[1], 0) > self.number_of_rounds:
                late.append(envelope)
            else:
                due.pop(envelope[1], None)
                port.inbox.append(envelope)
        port.arriving[:] = late
        if late:
            self.mailed.append(port)

    def _run_hooks(self, name: str) -> None:
        for port, hooked in self._hooked:
            if hooked == name and not port.ended and not self._stands_still(port):
                self.scheduler.acting = port
                try:
                    getattr(port.device, name)()
                except (Exception, Unresponsive, SystemExit) as error:
                    self._fail(port, error, f"in {name}")
                finally:
                    self.scheduler.acting = None

    # -- waiting for a message

    def await_message(self, index: int, timeout: float | None) -> MessageStub | None:
        """Wait until a message arrives, for at most `timeout` rounds."""
        port = self.ports[index]
        task = port.own_task()
        end = None if timeout is None else self.number_of_rounds + ceil(timeout)
        while not port.inbox:
            if end is None:
                self._listen(port, task)
            elif self.number_of_rounds < end:
                port.wait_for_next_round()
            else:
                break  # looking again and again without waiting counts as polling
        return port.receive()

    def _listen(self, port: Port, task: Task) -> None:
        if task is port.main:
            self.missing -= 1
        self._listeners.append((port, task))
        self.scheduler.park("a message")

    def _hears(self, port: Port) -> bool:
        """Whether a device that waits for a message has one, and does not stand still."""
        return bool(port.inbox) and not self._stands_still(port)

    def _stands_still(self, port: Port) -> bool:
        return self.hazards is not None and port.index in self.hazards.frozen

    def _wake_listeners(self) -> None:
        woken = [(port, task) for port, task in self._listeners if self._hears(port)]
        if not woken:
            return
        self._listeners = [one for one in self._listeners if one not in woken]
        for port, task in woken:
            if task is port.main:
                self.missing += 1
            self.scheduler.wake(task)

    def set_timer(self, index: int, delay: float, callback: Callable[[], Any]) -> None:
        """Call `callback` as device `index` after `delay` rounds."""
        self.call_later(index, self.scheduler.now + round(delay * ROUND), callback)

    def now(self) -> float:
        """Return the number of the round."""
        return self.number_of_rounds

    def when(self) -> str:
        """Return the present round in words."""
        return (
            f"in round {self.number_of_rounds} ({seconds(self.scheduler.now):.6g} virtual seconds)"
        )
