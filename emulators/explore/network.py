"""A network of devices as a transition system: where it begins, and where it may go from a state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from emulators.check.property import Property
from emulators.explore.automaton import Automaton, Run
from emulators.explore.cells import GONE, Cells, Edge, Faults, State
from emulators.explore.mail import Mail
from emulators.explore.monitors import Monitors
from emulators.explore.shared import Shared
from emulators.explore.solo import LISTEN, OVER, PARKED, World


@dataclass(frozen=True)
class Rules:
    """What the schedule may do: order on channels, time, faults."""

    fifo: bool = False
    timeouts: bool = False
    faults: Faults = field(default_factory=Faults)


class Move(NamedTuple):
    """One thing that happens, to a device: its `label` is that of an edge."""

    device: int
    label: tuple[Any, ...]


class Network:
    """All states of a program under some rules. `sharing`: variables of the module belong to them.

    A state is a tuple: the cell of each device, the number of what properties think, and the
    number of what is left of the faults together with what the module's variables hold.
    """

    def __init__(
        self,
        world: World,
        shared: Shared,
        properties: Sequence[Property],
        rules: Rules,
        sharing: bool = False,
    ) -> None:
        self.world, self.rules, self.shared, self.sharing = world, rules, shared, sharing
        self.devices = world.devices
        self.mail = Mail()
        self.monitors = Monitors(properties, world.devices, self.mail)
        self.automata = [
            Automaton(world, index, self.mail, shared, self.monitors.visible, sharing)
            for index in range(world.devices)
        ]
        self.cells = [Cells(one, self.mail, self.monitors, rules.fifo) for one in self.automata]
        self._rest: dict[tuple[Faults, int], int] = {}
        self.rests: list[tuple[Faults, int]] = []
        self.rest(rules.faults, 0)
        self.births: dict[State, tuple[tuple[int, ...], ...]] = {}

    def rest(self, faults: Faults, shared: int) -> int:
        """Return the number of what is left of the faults, with what the module holds."""
        key = (faults, shared)
        number = self._rest.get(key)
        if number is None:
            number = self._rest[key] = len(self.rests)
            self.rests.append(key)
        return number

    # -- the beginning

    def initial(self) -> Iterator[State]:
        """Return the states in which all devices are built and none has begun to run."""
        for runs in self._builds(0, 0):
            cells = [self.cells[i].number(run.target, ()) for i, run in enumerate(runs)]
            monitor = 0
            for index, run in enumerate(runs):
                edge = self.cells[index].edge(run, -1, self.cells[index].contents[cells[index]][1])
                cells[index] = edge.own
                monitor = self.monitors.after(monitor, edge.seen) if edge.seen else monitor
                for destination, message in edge.puts:
                    cells[destination] = self.cells[destination].add(cells[destination], message)
            shared = runs[-1].shared if runs else 0
            state = (*cells, monitor, self.rest(self.rules.faults, shared))
            if state not in self.births:
                self.births[state] = tuple(run.path for run in runs)
                yield state

    def _builds(self, index: int, shared: int) -> Iterator[list[Run]]:
        """Return how the devices may be built, one after the other."""
        if not self.sharing:
            yield from map(list, product(*(one.births() for one in self.automata)))
        elif index == self.devices:
            yield []
        else:
            for run in self.automata[index].births(shared):
                for more in self._builds(index + 1, run.shared):
                    yield [run, *more]

    # -- where it goes

    def moves(self, state: State) -> list[tuple[Move, State]]:
        """Return all that may happen in a state, and where it leads; not what changes nothing."""
        found = [
            (Move(device, edge.label), self.after(state, device, edge))
            for device, edge in self.edges(state)
        ]
        return [(move, after) for move, after in found if after != state]

    def edges(self, state: State) -> list[tuple[int, Edge]]:
        """Return all that may happen in a state, device by device."""
        found = list(self._own(state))
        late = not found or self.rules.timeouts
        if late:
            found += self._late(state)
        faults = self.rests[state[-1]][0]
        if faults:
            from emulators.explore.faults import edges_of_faults

            found += edges_of_faults(self, state, faults)
        return found

    def _own(self, state: State) -> Iterator[tuple[int, Edge]]:
        shared = self.rests[state[-1]][1]
        for device in range(self.devices):
            cells = self.cells[device]
            if self.sharing:
                edges = cells.single(state[device], shared)
            else:
                edges = cells.worked_out(state[device])
            for edge in edges:
                yield device, edge

    def _late(self, state: State) -> Iterator[tuple[int, Edge]]:
        shared = self.rests[state[-1]][1]
        for device in range(self.devices):
            for edge in self.cells[device].in_time(state[device], shared):
                yield device, edge

    def after(self, state: State, device: int, edge: Edge) -> State:
        """Return the state after an edge."""
        new = list(state)
        new[device] = edge.own
        for destination, message in edge.puts:
            new[destination] = self.cells[destination].add(new[destination], message)
        if edge.seen:
            new[-2] = self.monitors.after(state[-2], edge.seen)
        if edge.shared != self.rests[state[-1]][1]:
            new[-1] = self.rest(self.rests[state[-1]][0], edge.shared)
        return tuple(new)

    # -- looking at a state

    def waiting(self, state: State) -> list[int]:
        """Return the devices that wait for others: for a message, a lock, or to do their work."""
        found = []
        for device in range(self.devices):
            local = self.cells[device].contents[state[device]][0]
            if local == GONE:
                continue
            automaton = self.automata[device]
            questions = automaton.questions[local]
            blocked = all(one in (LISTEN, PARKED) for one in questions)
            if automaton.busy[local] or blocked:
                found.append(device)
        return found

    def is_over(self, state: State) -> bool:
        """Return whether every device has returned or crashed."""
        return all(
            (local := self.cells[device].contents[state[device]][0]) == GONE
            or self.automata[device].questions[local] == (OVER,)
            for device in range(self.devices)
        )

    def close(self) -> None:
        """End all devices that are kept."""
        for one in self.automata:
            one.close()
        self.shared.restore(0)
