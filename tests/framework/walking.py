"""Devices to step through, and what a run looks like where it stands."""

from __future__ import annotations

import random
from typing import Any

from emulators.Device import WorkerDevice
from emulators.kernel.choices import Seeded
from emulators.kernel.tasks import Scheduler
from emulators.limits import Limits
from emulators.stepping.stepper import Stepper
from emulators.SteppingEmulator import Action, SteppingEmulator
from emulators.trace.events import Event
from emulators.virtual.loader import Program
from tests.framework.making import Note

LIMITS = Limits(rounds=40, time=4.0, messages=300)


class Talker(WorkerDevice):
    """Sends, receives and waits in every way there is, as it is drawn; ends after some turns."""

    turns = 8

    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        self.heard: list[tuple[int, Any]] = []

    def run(self) -> None:
        self.dice = random.Random(f"{self.index}")
        for turn in range(self.turns):
            for _ in range(self.dice.randrange(3)):
                self.medium.send(
                    Note(self.index, self.dice.randrange(self.number_of_devices), turn)
                )
            self.listen(self.dice.randrange(4))

    def listen(self, how: int) -> None:
        if how == 0:
            messages = [self.medium.wait_for_message(timeout=2)]
        elif how == 1:
            messages = [self.medium.receive()]
        else:
            messages = self.medium.receive_all()
        self.heard += [(message.source, message.text) for message in messages if message]
        if how != 3:
            self.medium.wait_for_next_round()


def stepper(
    kind: Any = Talker, devices: int = 3, seed: int = 1, synchronous: bool = True, **options: Any
) -> Stepper:
    """Return a run of devices to walk through, standing at its beginning."""

    def make(
        seed: int, actions: list[Action], observers: list[object], program: Program
    ) -> SteppingEmulator:
        scheduler = Scheduler(Seeded(seed))
        return SteppingEmulator(
            devices,
            kind,
            **{"limits": LIMITS, **options},
            seed=seed,
            scheduler=scheduler,
            quiet=True,
            reports=False,
            observers=observers,
            actions=actions,
            synchronous=synchronous,
        )

    return Stepper(make, seed)


def events(walked: Stepper) -> list[tuple[Any, ...]]:
    """Return the trace up to here as plain values."""
    return [_plain(event) for event in walked.trace]


def _plain(event: Event) -> tuple[Any, ...]:
    """Return an event without the identity of classes."""
    envelope = event.envelope
    subject = str(event.subject)
    if envelope is not None:
        subject = str(envelope._replace(cls=Note))
    return (event.kind, event.time, event.device, subject)


def picture(walked: Stepper) -> tuple[Any, ...]:
    """Return everything that can be seen of a run where it stands."""
    emulator = walked.emulator
    return (
        events(walked),
        [walked.state(index) for index in emulator.ids],
        [(one.serial, one.ready, one.envelope.arrives) for one in walked.waiting()],
        [port.ended for port in emulator.ports.values()],
        (emulator.synchronous, walked.ended, emulator.scheduler.now, emulator.number_of_rounds),
        {
            name: str(value)
            for name, value in emulator.statistics.as_dict().items()
            if name != "elapsed_seconds"
        },
    )


def accounts(walked: Stepper) -> None:
    """No message is created from nothing, and none is gone without a trace."""
    counted = walked.emulator.statistics
    in_transit = len(walked.waiting())
    assert counted.in_flight == in_transit
    there = counted.received + counted.lost + in_transit + counted.undeliverable
    assert counted.sent + counted.duplicated == there
