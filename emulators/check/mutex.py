"""Mutual exclusion: who is inside, who waits, and who went in before whom.

ME1 safety, ME2 liveness and ME3 order of [CDK] 15.2. The events of `WorkerDevice` say who asks,
enters and leaves, so these properties know no algorithm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.check.property import Property
from emulators.kernel.clock import ROUND
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


class MutualExclusion(Property):
    """ME1 of [CDK] 15.2."""

    name = "mutual_exclusion"
    sentence = "At most one device is in the critical section."

    def __init__(self) -> None:
        super().__init__()
        self.inside: set[int] = set()
        self._entered: dict[int, RawEvent] = {}

    def on_enter(self, event: RawEvent) -> None:
        """Compare with who is inside."""
        device = event[2]
        for other in sorted(self.inside - {device}):
            self.violated(
                f"device {device} enters the critical section {self.when(event)} "
                f"while device {other} is inside",
                self._entered[other],
                event,
                hint=f"see what allowed device {device} to enter before device {other} had left",
            )
        self.inside.add(device)
        self._entered[device] = event

    def on_leave(self, event: RawEvent) -> None:
        """Forget who is outside."""
        self.inside.discard(event[2])
        self._entered.pop(event[2], None)

    on_crash = on_leave


class Waiting(Property):
    """What properties of waiting devices share: who has asked and has not entered yet, and when.

    Who crashes or ends its run waits no more.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[int, RawEvent] = {}

    def on_ask(self, event: RawEvent) -> None:
        """Remember who asks."""
        self._asked.setdefault(event[2], event)

    def on_enter(self, event: RawEvent) -> None:
        """Forget who has entered."""
        self._asked.pop(event[2], None)

    on_end = on_crash = on_enter


class EveryoneEnters(Waiting):
    """ME2 of [CDK] 15.2, bounded: within `rounds` rounds of 0.1 virtual seconds.

    The default, 20 rounds for each device and 50 more, leaves a token time to go round while
    everybody works. A device that asks later than that before the end of the run is not judged.
    """

    name = "everyone_enters"
    sentence = "Every device that asks for the critical section enters it in time."

    def __init__(self, rounds: int | None = None) -> None:
        super().__init__()
        self._rounds = rounds

    def begin(self, number_of_devices: int) -> None:
        """Set the bound for so many devices."""
        super().begin(number_of_devices)
        if self._rounds is None:
            self._rounds = 20 * number_of_devices + 50

    def on_enter(self, event: RawEvent) -> None:
        """Judge how long it has waited."""
        asked = self._asked.get(event[2])
        if asked is not None:
            self._judge(asked, event[1], f"enters only {self.when(event)}", event)
        super().on_enter(event)

    def end(self, run: Simulation) -> None:
        """Judge who waits still."""
        for asked in self._asked.values():
            self._judge(asked, run.scheduler.now, "is not inside when the run ends")

    def _judge(self, asked: RawEvent, now: int, what: str, *more: RawEvent) -> None:
        waited = (now - asked[1]) / ROUND
        if self._rounds is not None and waited > self._rounds:
            self.violated(
                f"device {asked[2]} asks for the critical section and {what}, {waited:.0f} rounds "
                f"later; {self._rounds} are allowed",
                asked,
                *more,
                hint=f"follow the request of device {asked[2]}: who got it, and who never answered",
            )


class Fairness(Waiting):
    """Bounded bypass ([Lynch] 10.2): while one waits, each other enters at most `most` times."""

    name = "fairness"
    sentence = "While a device waits for the critical section, no other enters again and again."

    def __init__(self, most: int = 3) -> None:
        super().__init__()
        self._most = most
        self.overtaken: dict[int, dict[int, int]] = {}

    def on_ask(self, event: RawEvent) -> None:
        """Begin to count."""
        super().on_ask(event)
        self.overtaken.setdefault(event[2], {})

    def on_enter(self, event: RawEvent) -> None:
        """Count who enters for everybody who waits."""
        super().on_enter(event)
        device = event[2]
        self.overtaken.pop(device, None)
        for waiting, entered in self.overtaken.items():
            entered[device] = entered.get(device, 0) + 1
            if entered[device] > self._most:
                self.violated(
                    f"device {device} enters {entered[device]} times while device {waiting} waits; "
                    f"{self._most} times are allowed",
                    self._asked[waiting],
                    event,
                    hint=f"see why the request of device {waiting} is passed over",
                )

    def on_end(self, event: RawEvent) -> None:
        """Forget who does not wait any more."""
        super().on_enter(event)
        self.overtaken.pop(event[2], None)

    on_crash = on_end


class EntryOrder(Property):
    """ME3 of [CDK] 15.2: who asked first enters first, where first means happened before.

    The order is that of vector clocks over all events of the run (Fidge 1988, Mattern 1989). Two
    requests of which neither knows of the other may be served in any order.
    """

    name = "entry_order"
    sentence = "If one request happened before another, its device enters first."

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[int, tuple[int, ...]] = {}
        self.clocks: list[list[int]] = []
        self.stamps: dict[int, tuple[int, ...]] = {}
        self._requests: dict[int, RawEvent] = {}

    def begin(self, number_of_devices: int) -> None:
        """Set all clocks to zero."""
        super().begin(number_of_devices)
        self.clocks = [[0] * number_of_devices for _ in range(number_of_devices)]

    def on_send(self, event: RawEvent) -> None:
        """Let the message carry what its sender knows.

        Where a search gives equal messages one number, what is known is what all of them carry.
        """
        serial, clock = event[3][1], self.clocks[event[2]]
        self.stamps[serial] = tuple(map(min, clock, self.stamps.get(serial, clock)))

    def on_lose(self, event: RawEvent) -> None:
        """Forget what nobody will receive."""
        self.stamps.pop(event[3][1], None)

    def on_receive(self, event: RawEvent) -> None:
        """Let the receiver know what the sender knew."""
        stamp = self.stamps.pop(event[3][1], None)
        if stamp is not None:
            clock = self.clocks[event[2]]
            clock[:] = map(max, clock, stamp)

    def on_ask(self, event: RawEvent) -> None:
        """Note what the device knows when it asks."""
        device = event[2]
        self.clocks[device][device] += 1
        self.asked[device] = tuple(self.clocks[device])
        self._requests[device] = event

    def on_enter(self, event: RawEvent) -> None:
        """Compare with all who asked and wait still."""
        device = event[2]
        mine = self.asked.pop(device, None)
        if mine is None:
            return
        for other, theirs in self.asked.items():
            if mine[other] >= theirs[other]:
                self.violated(
                    f"device {device} enters {self.when(event)} before device {other}, "
                    f"although it knew of the request of device {other} when it asked itself",
                    self._requests[other],
                    self._requests[device],
                    event,
                    hint=f"see who let device {device} go before device {other}",
                )
        self._requests.pop(device)

    def on_end(self, event: RawEvent) -> None:
        """Forget who does not wait any more."""
        self.asked.pop(event[2], None)

    on_crash = on_end
