"""What the tables of jumps do not have yet: asked of the network, whose devices run for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulators.explore.cells import Edge, Faults, State
from emulators.explore.faults import faults_of
from emulators.explore.jumps import (
    FIELD,
    LATE,
    MASK,
    OWN,
    PUT,
    THINK,
    WRONG_LATE,
    Ask,
    Jump,
    Known,
    Layout,
    packed,
    unpacked,
)
from emulators.explore.monitors import Seen

if TYPE_CHECKING:
    from emulators.explore.network import Network


class Teacher:
    """Knows a network, and tells of it in numbers."""

    def __init__(self, network: Network) -> None:
        self.network = network
        rules = network.rules
        self.layout = Layout(network.devices, not rules.timeouts, bool(rules.faults))
        self._put: dict[tuple[int, ...], int] = {}
        self._puts: list[tuple[int, ...]] = []
        self._saw: dict[Seen, int] = {(): 0}
        self._seen: list[Seen] = [()]
        self.violating: set[int] = set()

    def number(self, state: State) -> int:
        """Return a state as one number."""
        return packed(state)

    def state(self, number: int) -> State:
        """Return the state that a number stands for."""
        return unpacked(number, self.network.devices + self.network.beside)

    def judge(self, thought: int) -> None:
        """Remember whether it is a violation that properties think of."""
        if self.network.monitors.violations[thought] is not None:
            self.violating.add(thought)

    def answer(self, ask: Ask) -> Known:
        """Return what was asked for."""
        kind, field, cell, more = ask
        if kind == PUT:
            cells, after = self.network.cells[field], cell
            for message in self._puts[more]:
                after = cells.add(after, message)
            return _moved(field, cell, after)
        if kind == THINK:
            return self._thought(cell, self._seen[more])
        if kind in (OWN, LATE):
            return tuple(self._jump(field, cell, more, edge) for edge in self._edges(*ask))
        own = self._edges(LATE if kind == WRONG_LATE else OWN, field, cell, more)
        return tuple(
            self._jump(field, cell, more, edge, left)
            for edge, left in faults_of(self.network, field, cell, more, own)
        )

    def _edges(self, kind: int, device: int, cell: int, rest: int) -> Iterable[Edge]:
        network, cells = self.network, self.network.cells[device]
        shared = network.rests[rest][1]
        if kind == LATE:
            return cells.in_time(cell, shared)
        return cells.single(cell, shared) if network.sharing else cells.worked_out(cell)

    def _thought(self, before: int, seen: Seen) -> int:
        after = self.network.monitors.after(before, seen)
        self.judge(after)
        return _moved(self.network.devices, before, after)

    def _jump(
        self, device: int, cell: int, rest: int, edge: Edge, left: Faults | None = None
    ) -> Jump:
        network = self.network
        faults, shared = network.rests[rest]
        changed = network.rest(
            faults if left is None else left, shared if edge.shared < 0 else edge.shared
        )
        difference = _moved(device, cell, edge.own) + _moved(network.devices + 1, rest, changed)
        messages: dict[int, tuple[int, ...]] = {}
        for destination, message in edge.puts:
            messages[destination] = (*messages.get(destination, ()), message)
        puts = tuple((destination, self._putting(what)) for destination, what in messages.items())
        return difference, puts, self._seeing(edge.seen)

    def _putting(self, messages: tuple[int, ...]) -> int:
        """Return the number of messages that are put somewhere."""
        if messages not in self._put:
            self._put[messages] = len(self._puts)
            self._puts.append(messages)
        return self._put[messages]

    def _seeing(self, seen: Seen) -> int:
        """Return the number of what properties see."""
        if seen not in self._saw:
            self._saw[seen] = len(self._seen)
            self._seen.append(seen)
        return self._saw[seen]


def _moved(field: int, before: int, after: int) -> int:
    """Return the difference that a field makes when it changes. Raises `MemoryError`."""
    if after > MASK:
        raise MemoryError
    return (after - before) << (field * FIELD)
