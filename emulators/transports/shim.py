"""What is done to messages where they are sent: the real network does not do it by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulators.kernel.choices import Seeded
from emulators.network.scenario import Network
from emulators.network.topology import Graph
from emulators.transports.apart import seed_of


def graph_of(network: Network | None, devices: int, seed: int) -> Graph | None:
    """Return who has a channel to whom in a run, the same in each process; None for everybody."""
    if network is None or network.topology is None:
        return None
    return network.topology.graph(devices, Seeded(seed_of(seed, "topology")))


class Shim:
    """Draws what becomes of the messages of device `index`; `moment` is a wait for a round."""

    def __init__(self, network: Network, index: int, seed: int) -> None:
        fate = Seeded(seed_of(seed, f"fate {index}"))
        self.between = fate.between
        self.doubles = network.duplicate > 0
        self._chance = fate.random
        self._loss, self._duplicate = network.loss, network.duplicate
        self._index = index
        self._delay_self = network.delay_self
        latency = network.latency
        self._late: Callable[[], int] | None = latency.sampler(fate, False) if latency else None

    def loses(self) -> bool:
        """Return whether the next message is lost."""
        return self._loss > 0 and self._chance() < self._loss

    def delay(self, destination: Any) -> int:
        """Return how many ticks longer than by itself a message takes."""
        if self._late is None or (destination == self._index and not self._delay_self):
            return 0
        return self._late()

    def doubled(self) -> bool:
        """Return whether the next message is on its way twice."""
        return self._chance() < self._duplicate
