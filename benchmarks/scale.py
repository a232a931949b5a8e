"""Many devices: memory of 100,000 of them, and what a message costs as their number grows.

    python3 benchmarks scale

A device of the large run greets its neighbor in each round and reads what has arrived. Memory is
the peak of a process of its own. The cost of a message is that of throughput.py's exchange.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Sequence

from benchmarks.measuring import in_process, report
from benchmarks.throughput import Exchanger, Ping
from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace

EMULATORS: dict[str, type[Simulation]] = {"sync": SyncEmulator, "async": AsyncEmulator}
MANY = 100_000
ROUNDS = 3
MOST_MEMORY = 1.2
"""Gigabytes (10^9 bytes)."""
FEW, MORE = 10, 10_000
MOST_RATIO = 3.0


class Greeter(Device):
    """Greets the next device in each of three rounds, and counts greetings."""

    def run(self) -> None:
        """Greet and read."""
        self.greetings = 0
        for _ in range(ROUNDS):
            self.medium.send(Ping(self.index, (self.index + 1) % self.number_of_devices, True))
            self.medium.wait_for_next_round()
            self.greetings += len(self.medium.receive_all())

    def print_result(self) -> None:
        """Say nothing."""


def crowd(type_: str, devices: int) -> Simulation:
    """Run that many devices for three rounds."""
    emulator = EMULATORS[type_](devices, Greeter, seed=1, quiet=True)
    emulator.run()
    assert emulator.all_terminated
    return emulator


def costs(type_: str, numbers: Sequence[int], messages: int, goes: int = 5) -> list[float]:
    """Return the seconds a message takes in exchanges among so many devices, once built."""
    best = [float("inf")] * len(numbers)
    for _ in range(goes):
        for place, devices in enumerate(numbers):
            kind = type("Kind", (Exchanger,), {"turns": messages // devices})
            options = {"seed": 1, "quiet": True, "observers": [Trace()], "statistics": False}
            made = EMULATORS[type_](devices, kind, **options)  # type: ignore[arg-type]
            gc.collect()
            began = time.process_time()
            made.run()
            spent = time.process_time() - began
            best[place] = min(best[place], spent / (messages // devices * devices))
            assert made.all_terminated
            del made
    return best


def main() -> None:
    """Measure and print."""
    rows = []
    for type_ in EMULATORS:
        measured = in_process("benchmarks.scale", type_, MANY)
        rows.append(
            [
                type_,
                f"{measured.peak / 1e9:.2f} GB",
                f"{MOST_MEMORY} GB",
                f"{measured.peak / MANY / 1000:.1f} kB",
                f"{measured.seconds:.1f} s",
            ]
        )
    report(
        f"{MANY:,} devices, {ROUNDS} rounds, one process",
        ["network", "peak memory", "bar", "for each device", "processor time"],
        rows,
    )
    rows = []
    for type_ in EMULATORS:
        few, more = costs(type_, (FEW, MORE), 300_000)
        rows.append(
            [
                type_,
                f"{few * 1e6:.2f} µs",
                f"{more * 1e6:.2f} µs",
                f"{more / few:.2f}",
                f"{MOST_RATIO:.0f}",
            ]
        )
    report(
        "The cost of a message",
        ["network", f"{FEW} devices", f"{MORE:,} devices", "ratio", "bar"],
        rows,
    )


if __name__ == "__main__":
    crowd(sys.argv[1], int(sys.argv[2]))
