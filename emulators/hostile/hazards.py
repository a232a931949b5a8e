"""What a hostile network does in one run: its channels, and what happens at its moments.

A description (emulators/network) meets a simulation here. Decisions are drawn from the choices of
the run; moments are timers of its scheduler or, where they count rounds, the beginnings of rounds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from emulators.hostile.links import Conduct, Link, Links
from emulators.hostile.unusual import port_type
from emulators.kernel.clock import ROUND
from emulators.network.byzantine import Byzantine, Liar
from emulators.network.crash import Crash, Pause
from emulators.network.latency import Latency
from emulators.network.partition import Partition
from emulators.network.scenario import Network
from emulators.network.table import Chosen
from emulators.network.topology import Graph
from emulators.network.units import Time, in_ticks, is_in_rounds
from emulators.port import Port
from emulators.trace.envelope import RawEnvelope, lost

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Action = Callable[[], Any]
_AT_ONCE = Latency("constant", value=0)


class Split:
    """A partition that holds just now."""

    def __init__(self, sides: list[list[int]], hold: bool) -> None:
        self.sides = sides
        self.hold = hold
        self._side = {device: at for at, side in enumerate(sides) for device in side}

    def separates(self, one: int, other: int) -> bool:
        """Return whether two devices stand on different sides."""
        return self._side[one] != self._side[other]


class Hazards:
    """The network of one run.

    `barriers` tells whether anything but the channels themselves stops messages just now.
    `returning` counts the devices that are down and will begin anew.
    """

    def __init__(self, simulation: Simulation, network: Network, number_of_devices: int) -> None:
        network.check(number_of_devices)
        self.simulation = simulation
        self.network = network
        self.devices = number_of_devices
        self.choices = simulation.scheduler.choices
        self.graph: Graph | None = None
        if network.topology is not None:
            self.graph = network.topology.graph(number_of_devices, self.choices)
        self.barriers = False
        self.returning = 0
        self.frozen: dict[int, int] = {}
        self.slow: dict[int, float] = {}
        self._paused: list[tuple[int, Pause]] = []
        self._splits: list[Split] = []
        self._down: dict[int, int] = {}
        self._held: list[tuple[RawEnvelope, Port]] = []
        self._plan: list[tuple[int, int, Action]] = []
        self._conducts: dict[Any, Conduct] = {}
        self.liars: dict[int, Liar] = {}
        self.places: dict[int, type] = {}
        for byzantine in network.byzantine:
            self._place(byzantine)
        self._pauses = [(self.which(one.device), one) for one in network.pauses]
        self._sides = [one.sides(number_of_devices, self.choices) for one in network.partitions]
        self._crashes = [(self.which(one.device), one) for one in network.crashes]

    # -- who is meant

    def which(self, chosen: Chosen) -> int:
        """Return the index of a device that a scenario means; draws it where any is meant."""
        if chosen == "any":
            return self.choices.below(self.devices)
        return self.devices - 1 if chosen == "last" else int(chosen)

    def _place(self, byzantine: Byzantine) -> None:
        index = self.which(byzantine.device)
        liar = byzantine.liar(index, self.devices, self.choices)
        if liar is not None:
            self.liars[index] = liar
        else:
            self.places[index] = byzantine.kind

    # -- channels

    def port_type(self, index: int, usual: type[Port]) -> type[Port]:
        """Return the class of a device's port: one that lies or is slow where the device is."""
        paused = any(index == device for device, _ in self._pauses)
        return port_type(usual, lies=index in self.liars, slow=paused)

    def reaches(self, source: int, destination: int) -> bool:
        """Return whether there is a channel."""
        return self.graph is None or destination in self.graph.neighbors[source]

    def conduct(self, source: int, destination: int) -> Conduct:
        """Return how a channel behaves; channels that are alike share it."""
        network = self.network
        links = tuple(rule for rule in network.links if rule.concerns(source, destination))
        faults = tuple(rule for rule in network.corruptions if rule.concerns(source, destination))
        if (links, faults) not in self._conducts:
            usual: dict[str, Any] = {
                name: getattr(network, name) for name in ("loss", "duplicate", "latency", "fifo")
            }
            for rule in links:
                usual = rule.over(usual)
            self._conducts[links, faults] = Conduct(self, usual, faults)
        return self._conducts[links, faults]

    def keeps_order(self, source: int, destination: int) -> bool:
        """Return whether a channel is FIFO."""
        return self.conduct(source, destination).fifo

    def to_itself(self, port: Port) -> Link | Port:
        """Return the channel of a device to itself, on which nothing happens but delay."""
        latency = self.network.latency if self.network.delay_self else _AT_ONCE
        if latency is None:
            return port
        usual = {"loss": 0.0, "duplicate": 0.0, "fifo": self.network.fifo, "latency": latency}
        return Link(port.index, port, Conduct(self, usual), self)

    def wire(self) -> None:
        """Put channels between the ports, and know which classes stand in for a device's own."""
        for port in self.simulation.ports.values():
            port.ports = Links(port.index, self)

    def cross(self, envelope: RawEnvelope, target: Port) -> None:
        """Let a message on its way pass, unless a partition or a crash is in between."""
        for split in self._splits:
            if split.separates(envelope[2], target.index):
                if split.hold:
                    self._held.append((envelope, target))
                else:
                    self.lose(envelope, "partition")
                return None
        if envelope[0] < self._down.get(target.index, 0):
            return self.lose(envelope, f"device {target.index} is down")
        return target.put(envelope)

    def lose(self, envelope: RawEnvelope, reason: str) -> None:
        """Lose a message that was sent."""
        self.simulation.due.pop(envelope[1], None)
        self.simulation.emit("lose", int(envelope[3]), lost(envelope, reason))

    # -- moments

    def begin(self) -> None:
        """Plan what happens when; do what happens at the beginning."""
        for partition, sides in zip(self.network.partitions, self._sides, strict=True):
            self._at(partition.start, partial(self._split, partition, sides))
        for index, pause in self._pauses:
            self._at(pause.start, partial(self._pause, index, pause))
        for index, crash in self._crashes:
            self._at(crash.at, partial(self._crash, index, crash))

    def _at(self, when: Time, action: Action) -> None:
        """Do something at a moment of the run."""
        simulation = self.simulation
        if simulation.in_rounds and is_in_rounds(when, True):
            self._in_round(round(in_ticks(when, True) / ROUND), action)
        elif in_ticks(when, simulation.in_rounds) <= simulation.scheduler.now:
            action()
        else:
            time = in_ticks(when, simulation.in_rounds)
            simulation.scheduler.call_at(time, action)

    def _after(self, duration: Time, action: Action) -> int:
        """Do something after a while; return when, in ticks, as far as it is known now."""
        simulation = self.simulation
        length = in_ticks(duration, simulation.in_rounds)
        if simulation.in_rounds and is_in_rounds(duration, True):
            rounds = max(1, round(length / ROUND))
            self._in_round(simulation.number_of_rounds + rounds, action)
        else:
            simulation.scheduler.call_at(simulation.scheduler.now + length, action)
        return simulation.scheduler.now + length

    def _in_round(self, number: int, action: Action) -> None:
        heappush(self._plan, (number, self.simulation.scheduler.serial(), action))

    def begin_round(self, number: int) -> None:
        """Do what happens at the beginning of a round."""
        while self._plan and self._plan[0][0] <= number:
            heappop(self._plan)[2]()

    @property
    def rounds_to_come(self) -> bool:
        """Whether something is planned for a later round."""
        return bool(self._plan)

    def forget_rounds(self) -> None:
        """Do at their times what was planned for rounds: there are no rounds any more."""
        simulation = self.simulation
        for number, _, action in sorted(self._plan, key=lambda one: one[:2]):
            left = (number - simulation.number_of_rounds) * ROUND
            simulation.scheduler.call_at(simulation.scheduler.now + left, action)
        self._plan.clear()

    # -- partitions

    def _split(self, partition: Partition, sides: list[list[int]]) -> None:
        split = Split(sides, partition.hold)
        self._splits.append(split)
        self.barriers = True
        self.simulation.emit("partition", None, sides)
        for port in self.simulation.ports.values():
            for envelope in self.simulation.withdraw(port):
                self.cross(envelope, port)
        if partition.heal is not None:
            self._at(partition.heal, partial(self._heal, split))

    def _heal(self, split: Split) -> None:
        self._splits.remove(split)
        self._lower_barriers()
        self.simulation.emit("heal", None, split.sides)
        held, self._held = self._held, []
        for envelope, port in held:
            arrives = max(envelope[0], self.simulation.scheduler.now)
            self.cross((arrives, *envelope[1:]), port)

    @property
    def splits(self) -> list[list[list[int]]]:
        """The groups of each partition that holds just now."""
        return [split.sides for split in self._splits]

    def _lower_barriers(self) -> None:
        self.barriers = bool(self._splits or self._down)

    def held(self) -> list[RawEnvelope]:
        """Return the messages that wait for a partition to heal."""
        return [envelope for envelope, _ in self._held]

    def release(self, serial: int) -> tuple[Port, RawEnvelope] | None:
        """Take out a message that waits for a partition to heal, or return None."""
        for number, (envelope, port) in enumerate(self._held):
            if envelope[1] == serial:
                del self._held[number]
                return port, envelope
        return None

    # -- devices

    def _crash(self, index: int, crash: Crash) -> None:
        simulation = self.simulation
        port = simulation.ports[index]
        if port.ended:
            return
        if crash.recovery is not None:
            self.returning += 1
        simulation.lives.crash(port)
        until = sys.maxsize
        if crash.recovery is not None:
            until = self._after(crash.recovery, partial(self._recover, port, crash))
        if crash.inbox == "lost":
            self._down[index] = until
            self.barriers = True
            for envelope in simulation.withdraw(port, arrived=True):
                self.cross(envelope, port)
        simulation.stop_when_all_ended()

    def came_up(self, port: Port) -> None:
        """Let messages through to a device that begins anew; what came before is lost."""
        if self._down.pop(port.index, None) is not None:
            self._lower_barriers()
            for envelope in [one for one in port.inbox if one[0] < self.simulation.scheduler.now]:
                port.inbox.remove(envelope)
                self.lose(envelope, f"device {port.index} is down")
            heapify(port.inbox)

    def _recover(self, port: Port, crash: Crash) -> None:
        self.returning -= 1
        if port.ended:  # unless a person was faster
            self.simulation.lives.restart(port, stable=crash.storage == "stable")
        self.simulation.stop_when_all_ended()

    def _pause(self, index: int, pause: Pause) -> None:
        what = None if pause.factor is None else f"{pause.factor:g} times slower"
        self._paused.append((index, pause))
        self._slow_down(index)
        self.simulation.emit("pause", index, what)
        if pause.end is not None:
            self._at(pause.end, partial(self._go_on, index, pause))

    def _go_on(self, index: int, pause: Pause) -> None:
        self._paused.remove((index, pause))
        self._slow_down(index)
        self.simulation.emit("resume", index)

    def _slow_down(self, index: int) -> None:
        """Let a device be as slow as its pauses say, of which several may overlap."""
        pauses = [pause for device, pause in self._paused if device == index]
        in_rounds = self.simulation.in_rounds
        ends = [in_ticks(one.end or 0, in_rounds) for one in pauses if one.factor is None]
        factors = [one.factor for one in pauses if one.factor is not None]
        self.frozen.pop(index, None)
        if ends:
            self.frozen[index] = max(ends)
        self.slow[index] = max(factors, default=1.0)
