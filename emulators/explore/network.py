"""A network of devices as a transition system: where it begins, and where it may go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from emulators.check.property import Property
from emulators.explore.automaton import Automaton, Run
from emulators.explore.cells import GONE, Cells, Edge, Faults, State
from emulators.explore.conditions import Sights
from emulators.explore.faults import faults_of
from emulators.explore.jumps import Jumps, packed
from emulators.explore.mail import Mail
from emulators.explore.monitors import Monitors
from emulators.explore.shared import Shared
from emulators.explore.solo import LISTEN, PARKED, Output, World
from emulators.explore.teacher import Teacher
from emulators.untimed import ANYWHERE, Channel, Where


@dataclass(frozen=True)
class Rules:
    """What the schedule may do: order on channels (all, or those `ordered`), time, faults."""

    fifo: bool = False
    timeouts: bool = False
    faults: Faults = field(default_factory=Faults)
    where: Where = ANYWHERE
    ordered: frozenset[Channel] = frozenset()

    def in_order(self, device: int, devices: int) -> frozenset[int]:
        """Return the devices from which messages come to a device in the order of sending."""
        return frozenset(
            one for one in range(devices) if self.fifo or (one, device) in self.ordered
        )


class Move(NamedTuple):
    """One thing that happens, to a device: its `label` is that of an edge."""

    device: int
    label: tuple[Any, ...]


class Network:
    """All states of a program under some rules. `sharing`: variables of the module belong to them.

    A state is a tuple: the cell of each device, the number of what properties think, and the
    number of what is left of the faults together with what the module's variables hold.
    """

    beside = 2
    """Fields of a state beside the cells of the devices."""
    cells_type = Cells

    def __init__(
        self,
        world: World,
        shared: Shared,
        properties: Sequence[Property],
        rules: Rules,
        sharing: bool = False,
        reduced: bool = True,
        sights: Sights | None = None,
    ) -> None:
        self.world, self.rules, self.shared, self.sharing = world, rules, shared, sharing
        self.devices = world.devices
        self.mail = Mail()
        self.monitors = Monitors(properties, world.devices, self.mail)
        self.automata = [
            Automaton(world, index, self.mail, shared, self.monitors.visible, sharing, sights)
            for index in range(world.devices)
        ]
        if sights is not None:
            sights.example = lambda index, look: self.automata[index].example(look)
        # Where a timeout may ring at any moment, a quiet way may end elsewhere than its steps do.
        reduced = reduced and not sharing and not rules.timeouts
        self.cells = [
            self.cells_type(one, self.mail, self.monitors, order, reduced, rules.timeouts)
            for one in self.automata
            for order in [rules.in_order(one.index, world.devices)]
        ]
        self._rest: dict[tuple[Faults, int], int] = {}
        self.rests: list[tuple[Faults, int]] = []
        self.rest(rules.faults, 0)
        self.resting = False
        self.teacher = Teacher(self)
        self.jumps = self.tables()
        self.births: dict[State, tuple[tuple[int, ...], ...]] = {}

    def tables(self) -> Jumps:
        """Return what is known of where states lead, as numbers."""
        return Jumps(self.teacher.layout, self.teacher.answer)

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
                edge = self.cells[index].edge(run, self.cells[index].contents[cells[index]][1])
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

    def expand(self, state: State) -> list[State]:
        """Return the states to which a state leads; not itself, but perhaps one several times.

        Afterwards `resting` tells whether nothing happens there unless something goes wrong.
        """
        found = self.jumps.after(packed(state))
        self.resting = self.jumps.resting
        return [self.teacher.state(number) for number in found]

    def moves(self, state: State) -> list[tuple[Move, State]]:
        """Return all that may happen in a state, and where it leads; not what changes nothing."""
        own = list(self._own(state))
        if not own and not self.rules.timeouts:
            own += self._late(state)
        found = [
            (Move(device, edge.label), self.after(state, device, edge)) for device, edge in own
        ]
        found = [(move, after) for move, after in found if after != state]
        self.resting = not found
        if self.rests[state[-1]][0]:
            for device in range(self.devices):
                its = [edge for mover, edge in own if mover == device]
                for edge, left in faults_of(self, device, state[device], state[-1], its):
                    found.append((Move(device, edge.label), self.after(state, device, edge, left)))
        return found

    def ways(self, state: State) -> list[tuple[Move, State, tuple[Output, ...]]]:
        """Return what devices may do in a state, where it leads, and what happens on the way."""
        own = list(self._own(state))
        if not own and not self.rules.timeouts:
            own += self._late(state)
        found = [
            (Move(device, edge.label), self.after(state, device, edge), edge.happens)
            for device, edge in own
        ]
        return [one for one in found if one[1] != state]

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

    def after(self, state: State, device: int, edge: Edge, left: Faults | None = None) -> State:
        """Return the state after an edge, with what then is left of the faults."""
        new = list(state)
        new[device] = edge.own
        for destination, message in edge.puts:
            new[destination] = self.cells[destination].add(new[destination], message)
        if edge.seen:
            new[-2] = self.monitors.after(state[-2], edge.seen)
        faults, shared = self.rests[state[-1]]
        changed = shared if edge.shared < 0 else edge.shared
        if left is not None or changed != shared:
            new[-1] = self.rest(faults if left is None else left, changed)
        return tuple(new)

    # -- looking at a state in which nothing can happen any more

    def settled(self, state: State) -> list[list[Edge]]:
        """Return where each device may come to rest, when none of them does anything any more."""
        if self.sharing:
            return [[Edge(cell, (), (), 0, ("run", ()))] for cell in state[: self.devices]]
        return [cells.settled(state[index]) for index, cells in enumerate(self.cells)]

    def waiting(self, state: State) -> dict[int, Edge]:
        """Return the devices that may rest waiting for others, and how they come there.

        They wait for a message, for a lock, or to be let in to do their work.
        """
        return {
            device: edge
            for device, ways in enumerate(self.settled(state))
            for edge in reversed(ways)
            if self.waits(device, edge.own)
        }

    def waits(self, device: int, cell: int) -> bool:
        """Return whether a device waits for others."""
        local, _ = self.cells[device].contents[cell]
        if local == GONE:
            return False
        automaton = self.automata[device]
        questions = automaton.questions[local]
        return automaton.busy[local] or all(one in (LISTEN, PARKED) for one in questions)

    def good(self, state: State) -> bool:
        """Return whether nobody wants anything: all work is done, or all are at their end."""
        if any(any(one.busy) for one in self.automata):
            return not any(self.wants(device, state[device]) for device in range(self.devices))
        return not self.expand(state) and not self.unfinished(state)

    def is_busy(self, device: int, cell: int) -> bool:
        """Return whether a device has work to do, and lives."""
        local, _ = self.cells[device].contents[cell]
        return local != GONE and self.automata[device].busy[local]

    def wants(self, device: int, cell: int) -> bool:
        """Return whether a device has work to do, or has not had as much as it may have."""
        local, _ = self.cells[device].contents[cell]
        automaton = self.automata[device]
        if local == GONE or automaton.is_over(local):
            return False
        return automaton.busy[local] or automaton.worked[local] < automaton.most_worked

    def unfinished(self, state: State) -> dict[int, Edge]:
        """Return the devices that may rest without having come to their end, and how."""
        return {
            device: edge
            for device, ways in enumerate(self.settled(state))
            for edge in reversed(ways)
            if not self.is_over(device, edge.own)
        }

    def is_over(self, device: int, cell: int) -> bool:
        """Return whether a device has returned or crashed."""
        local, _ = self.cells[device].contents[cell]
        return local == GONE or self.automata[device].is_over(local)

    def close(self) -> None:
        """End all devices that are kept."""
        for one in self.automata:
            one.close()
        self.shared.restore(0)
