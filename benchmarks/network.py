"""What a hostile network costs: messages a second without one, and with more and more of it.

    python3 benchmarks network

The exchange is that of `throughput`, with isolation and trace on. Over a network that loses, a
device waits a few rounds for a message and then goes on without it. The last table is one run of
1,000 devices over the shipped scenario `lossy`.
"""

from __future__ import annotations

import time

from benchmarks.measuring import Candidate, rates, report, table
from benchmarks.throughput import Ping
from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.network.scenario import Network
from emulators.simulation import Simulation
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace

MESSAGES = 40_000
NETWORKS: dict[str, Network | None] = {
    "none": None,
    "loss": Network.parse({"loss": 0.05}),
    "loss, duplicates, latency": Network.parse(
        {"loss": 0.05, "duplicate": 0.05, "latency": "1r:2r"}
    ),
}


class Exchanger(Device):
    """Sends to the next device in each round, and takes what has come."""

    turns = 1

    def run(self) -> None:
        """Exchange messages."""
        neighbor = (self.index + 1) % self.number_of_devices
        for _ in range(self.turns):
            self.medium.send(Ping(self.index, neighbor, True))
            self.medium.wait_for_next_round()
            while self.medium.receive() is not None:
                pass


def exchange(
    emulator: type[Simulation], devices: int, network: Network | None, messages: int = MESSAGES
) -> Candidate:
    """Return the exchange over a network, with a trace in memory."""

    def candidate() -> int:
        kind = type("Kind", (Exchanger,), {"turns": messages // devices})
        made = emulator(
            devices,
            kind,
            seed=1,
            quiet=True,
            observers=[Trace()],
            statistics=False,
            network=network,
        )
        made.run()
        return messages // devices * devices

    return candidate


def large() -> None:
    """Run 1,000 devices over a lossy network, and print what came of it."""
    rows = []
    for emulator in (SyncEmulator, AsyncEmulator):
        kind = type("Kind", (Exchanger,), {"turns": 50})
        made = emulator(1000, kind, seed=1, quiet=True, network=Network.load("lossy"))
        began = time.process_time()
        made.run()
        passed = time.process_time() - began
        counted = made.statistics
        numbers = (counted.sent, counted.lost, counted.duplicated, counted.received)
        rows.append([emulator.name, *(f"{number:,}" for number in numbers), f"{passed:.2f} s"])
    heads = ["1,000 devices, lossy", "sent", "lost", "duplicated", "received", "processor time"]
    report("A large run over a lossy network", heads, rows)


def main() -> None:
    """Measure and print."""
    rows = {
        f"{emulator.name}, {devices} devices": rates(
            {name: exchange(emulator, devices, network) for name, network in NETWORKS.items()},
            goes=5,
        )
        for emulator in (SyncEmulator, AsyncEmulator)
        for devices in (10, 100)
    }
    table("Messages a second over a hostile network", rows, "none", dict.fromkeys(rows, "0.5"))
    large()


if __name__ == "__main__":
    main()
