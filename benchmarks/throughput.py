"""Messages a second: a ping-pong exchange among 10, 100 and 1,000 devices.

    python3 benchmarks throughput

Ours runs with isolation and trace on. SimPy does the same exchange through its natural interface:
a process for each device, a process with a delay event for each message, a store as inbox; it
isolates and records nothing. The thread carrier is our kernel with one thread for each device.
"""

from __future__ import annotations

import random
import time

import simpy

from benchmarks.measuring import Candidate, rates, table
from benchmarks.thread_carrier import ThreadCarrier
from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.choices import Seeded
from emulators.kernel.tasks import Scheduler
from emulators.MessageStub import MessageStub
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace

MESSAGES = 60_000


class Ping(MessageStub):
    """What the devices exchange."""

    def __init__(self, sender: int, destination: int, is_ping: bool) -> None:
        super().__init__(sender, destination)
        self.is_ping = is_ping


class Exchanger(Device):
    """Sends to the next device and waits for a message from the one before."""

    turns = 1

    def run(self) -> None:
        """Exchange messages."""
        neighbor = (self.index + 1) % self.number_of_devices
        for _ in range(self.turns):
            self.medium.send(Ping(self.index, neighbor, True))
            while self.medium.receive() is None:
                self.medium.wait_for_next_round()

    def print_result(self) -> None:
        """Say nothing."""


def ours(emulator: type[Simulation], devices: int, messages: int = MESSAGES) -> Candidate:
    """Return the exchange on one of our emulators, with a trace in memory."""

    def exchange() -> int:
        kind = type("Kind", (Exchanger,), {"turns": messages // devices})
        trace = Trace()
        made = emulator(devices, kind, seed=1, quiet=True, observers=[trace], statistics=False)
        made.run()
        assert made.all_terminated
        return messages // devices * devices

    return exchange


def on_threads(devices: int, messages: int) -> Candidate:
    """Return the exchange on our kernel, with one thread for each device, one running at a time."""

    def exchange() -> int:
        kind = type("Kind", (Exchanger,), {"turns": messages // devices})
        scheduler = Scheduler(Seeded(1))
        made = AsyncEmulator(
            devices,
            kind,
            quiet=True,
            observers=[Trace()],
            statistics=False,
            scheduler=scheduler,
            carrier=ThreadCarrier(),
        )
        made.run()
        assert made.all_terminated
        return messages // devices * devices

    return exchange


def with_simpy(devices: int, delay: float | None, messages: int = MESSAGES) -> Candidate:
    """Return the exchange in SimPy; `delay` None draws a latency as ours does."""

    def exchange() -> int:
        environment = simpy.Environment()
        draw = random.Random(1).uniform
        inboxes = [simpy.Store(environment) for _ in range(devices)]

        def deliver(message: Ping):  # type: ignore[no-untyped-def]
            yield environment.timeout(draw(0, 0.05) if delay is None else delay)
            inboxes[message.destination].put(message)

        def device(index: int):  # type: ignore[no-untyped-def]
            for _ in range(messages // devices):
                environment.process(deliver(Ping(index, (index + 1) % devices, True)))
                yield inboxes[index].get()

        for index in range(devices):
            environment.process(device(index))
        environment.run()
        return messages // devices * devices

    return exchange


def main() -> None:
    """Measure and print."""
    networks = {
        "async": (AsyncEmulator, None, {10: "2", 100: "2", 1000: "2"}),
        "sync": (SyncEmulator, 0.1, {1000: "3"}),
    }
    rows, bars = {}, {}
    for name, (emulator, delay, bar) in networks.items():
        for devices in (10, 100, 1000):
            row = f"{name}, {devices:,} devices"
            candidates = {"ours": ours(emulator, devices), "SimPy": with_simpy(devices, delay)}
            rows[row] = rates(candidates, goes=7)
            bars[row] = bar.get(devices, "")
    table("Messages a second, beside SimPy", rows, "SimPy", bars)
    rows = {}
    for devices in (10, 100, 1000):
        messages = max(6_000, 10 * devices)
        rows[f"async, {devices:,} devices"] = rates(
            {
                "greenlets": ours(AsyncEmulator, devices, messages),
                "threads": on_threads(devices, messages),
            },
            goes=7,
            clock=time.perf_counter,
        )
    table("Messages a second, by carrier", rows, "threads", dict.fromkeys(rows, "20"))


if __name__ == "__main__":
    main()
