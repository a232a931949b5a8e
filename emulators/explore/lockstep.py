"""A synchronous network as a transition system: devices work in rounds, one after the other.

What is sent in a round arrives with the next one, so within a round nobody has a part in what
another device does. A move is the turn of one device: from the beginning of a round until it waits
for the next one. What a schedule decides is the order in which it gets what has arrived, and draws.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from emulators.Device import Device
from emulators.explore.automaton import Run, Unsupported
from emulators.explore.cells import GONE, Cells, Edge, Inbox, OutOfTime, State
from emulators.explore.jumps import FIELD, Jumps, packed
from emulators.explore.network import Move, Network
from emulators.explore.solo import (
    BEGIN,
    DRAWN,
    GO,
    LISTEN,
    NOTHING,
    OVER,
    RECEIVE,
    TASKS,
    WAIT,
    Output,
)

_MOST_STEPS = 2000
"""Steps of one device in one turn, after which the turn never ends."""
_HOOKS = ("before_round", "after_round")
_ALL_WAIT = (("round", -1, 0),)


class Turn(NamedTuple):
    """A part of a turn: where the device stands, what it did, what it has not received yet."""

    target: int
    outputs: tuple[Output, ...]
    shared: int
    path: tuple[int, ...]
    inbox: Inbox


class Posts(Cells):
    """The cells of one device: its state, what it may receive now, what comes with the next round.

    The last two stand together in the place of the inbox.
    """

    def number(self, state: int, inbox: Any) -> int:
        """Return the number of a cell."""
        now, later = inbox or ((), ())
        both: Any = (now, later) if now or later else ()
        return super().number(state, both)

    def mail_of(self, cell: int) -> tuple[Inbox, Inbox]:
        """Return what may be received now, and what comes with the next round."""
        both: Any = self.contents[cell][1]
        return both or ((), ())

    def add(self, cell: int, message: int) -> int:
        """Return the cell with one more message that comes with the next round."""
        known = self.added[cell].get(message)
        if known is None:
            now, later = self.mail_of(cell)
            with_it: Any = (now, self._with(later, message))
            known = self.added[cell][message] = self.number(self.contents[cell][0], with_it)
        return known

    def edge(self, run: Run, inbox: Any) -> Edge:
        """Return a run of the device as an edge; what it sends to itself comes later, too."""
        now, later = inbox or ((), ())
        for output in run.outputs:
            if output.kind == "send" and self.mail.destinations[output.subject] == self.index:
                later = self._with(later, output.subject)
        both: Any = (now, later)
        own = self.number(run.target, both)
        puts, seen = tuple(self.puts(run.outputs)), self.seen(run.outputs)
        return Edge(own, puts, seen, run.shared, ("run", run.path), run.outputs)

    def handed_out(self, cell: int) -> int:
        """Return the cell when the next round begins."""
        now, later = self.mail_of(cell)
        for message in later:
            now = self._with(now, message)
        both: Any = (now, ())
        return self.number(self.contents[cell][0], both)

    def question(self, cell: int) -> Any:
        """Return what the device waits for."""
        state = self.contents[cell][0]
        return OVER if state == GONE else self.automaton.questions[state][0]

    def acts(self, cell: int, listening: bool) -> bool:
        """Return whether the device has a turn: among those that wait, or those that listen."""
        question = self.question(cell)
        if listening:
            return question == LISTEN and bool(self.mail_of(cell)[0])
        return question in (WAIT, BEGIN)

    def turns(self, cell: int, shared: int = 0) -> list[Edge]:
        """Return all ways in which the turn of the device may go."""
        known = self.edges[cell] if not shared else None
        if known is None:
            known = list(self._turns(cell, shared))
            if not known:
                raise self._endless()
            if not shared:
                self.edges[cell] = known
        return known

    def _turns(self, cell: int, shared: int) -> Iterator[Edge]:
        state = self.contents[cell][0]
        now, later = self.mail_of(cell)
        todo = [Turn(state, (), shared, (), now)]
        seen: set[Any] = set()
        for place, turn in enumerate(todo):
            self._check(place, turn)
            for one in self._goes_on(turn):
                puts = tuple(self.puts(one.outputs))
                key = (one.target, one.inbox, puts, one.shared, self.seen(one.outputs))
                if key in seen:
                    continue
                seen.add(key)
                if self._ends(one):
                    run = Run(one.target, one.outputs, one.shared, one.path)
                    both: Any = (one.inbox, later)
                    yield self.edge(run, both)
                else:
                    todo.append(one)

    def _check(self, place: int, turn: Turn) -> None:
        if place % 64 == 0 and time.monotonic() > self.deadline:
            raise OutOfTime
        if len(turn.path) > _MOST_STEPS:
            raise self._endless()

    def _endless(self) -> Unsupported:
        return Unsupported(f"device {self.index} goes on for ever without waiting for a round")

    def _ends(self, turn: Turn) -> bool:
        question = self.automaton.questions[turn.target][0]
        if question == LISTEN and self.automaton.world.clocked:
            raise Unsupported(f"device {self.index} looks at the clock and waits for messages")
        return question in (WAIT, OVER) or (question == LISTEN and not turn.inbox)

    def _goes_on(self, turn: Turn) -> Iterator[Turn]:
        for answer, inbox in self._answers(turn):
            code = answer * TASKS
            step = self.automaton.step(turn.target, code, turn.shared)
            received = (Output("receive", answer),) if answer >= 0 else ()
            outputs = turn.outputs + received + step.outputs
            yield Turn(step.target, outputs, step.shared, (*turn.path, code), inbox)

    def _answers(self, turn: Turn) -> Iterator[tuple[int, Inbox]]:
        """Return what a device may be told, and what then is left for it."""
        question = self.automaton.questions[turn.target][0]
        if question in (WAIT, BEGIN):
            yield GO, turn.inbox
        elif question[0] == "draw":
            yield from ((DRAWN - number, turn.inbox) for number in range(question[1]))
        elif turn.inbox:
            yield from self.first(turn.inbox)
        else:
            assert question == RECEIVE, question
            yield NOTHING, turn.inbox


class Lockstep(Network):
    """All states of a program in a synchronous network.

    A state is as in any `Network`, with one more number before the last two: how many devices have
    had their chance in this round. First those that wait for it, then those that wait for a
    message.
    """

    beside = 3
    cells_type = Posts
    cells: list[Any]

    def tables(self) -> Jumps:
        """Return where states lead, as numbers: nothing is known before it is asked for."""
        return _InRounds(self)

    def initial(self) -> Iterator[State]:
        """Return the states in which the first round begins."""
        for state in list(super().initial()):
            begun = self._next_round([*state[:-2], 0, *state[-2:]])
            self.births[begun] = self.births.pop(state)
            self._refuse_hooks(begun)
            yield begun

    def _refuse_hooks(self, state: State) -> None:
        for automaton, cells, cell in zip(self.automata, self.cells, state, strict=False):
            device = automaton.shown(cells.contents[cell][0]).device
            for name in _HOOKS:
                if getattr(type(device), name, None) is not getattr(Device, name):
                    raise Unsupported(f"device {automaton.index} has a hook {name}")

    def _next_round(self, state: list[int]) -> State:
        """Return the state when the next round begins."""
        every = range(self.devices)
        new = [self.cells[device].handed_out(state[device]) for device in every]
        return (*new, 0, self.monitors.after(state[-2], _ALL_WAIT), state[-1])

    def _actor(self, state: State) -> int:
        """Return the place of whose turn it is: of the next device that has one in this round."""
        for place in range(state[self.devices], 2 * self.devices):
            listening, device = divmod(place, self.devices)
            if self.cells[device].acts(state[device], bool(listening)):
                return place
        return 2 * self.devices

    def expand(self, state: State) -> list[State]:
        """Return the states to which a state leads."""
        return [after for _, after in self.moves(state)]

    def moves(self, state: State) -> list[tuple[Move, State]]:
        """Return the ways in which the turn of the next device may go, and where each leads."""
        place = self._actor(state)
        self.resting = place == 2 * self.devices or self._rests(state)
        if self.resting:
            return []
        device, shared = place % self.devices, self.rests[state[-1]][1]
        edges = self.cells[device].turns(state[device], shared)
        return [
            (Move(device, edge.label), self.turned(state, place, self.after(state, device, edge)))
            for edge in edges
        ]

    def turned(self, before: State, place: int, after: State) -> State:
        """Return the state after the turn at a place; the next round begins after the last one."""
        moved = (*after[: self.devices], place + 1, *after[-2:])
        if self._actor(moved) == 2 * self.devices:
            return self._next_round(list(moved))
        return moved

    def _rests(self, state: State) -> bool:
        """Whether this round, which begins, changes nothing, and so no later one does."""
        if state[self.devices]:
            return False
        shared = self.rests[state[-1]][1]
        for device in range(self.devices):
            cells, cell = self.cells[device], state[device]
            if cells.acts(cell, True):
                return False
            if cells.acts(cell, False) and any(
                edge.own != cell or edge.puts or edge.seen or edge.shared != shared
                for edge in cells.turns(cell, shared)
            ):
                return False
        return True

    def settled(self, state: State) -> list[list[Edge]]:
        """Return where each device rests: where it is."""
        return [[Edge(cell, (), (), 0, ("run", ()))] for cell in state[: self.devices]]


class _InRounds(Jumps):
    """Where states lead when devices have their turns one after the other."""

    def __init__(self, network: Lockstep) -> None:
        super().__init__(network.teacher.layout, network.teacher.answer)
        self._network = network
        self.thoughts = (network.devices + 1) * FIELD

    def after(self, state: int) -> list[int]:
        """Return the states to which a state leads."""
        found = self._network.expand(self._network.teacher.state(state))
        self.resting = self._network.resting
        for after in found:
            self._network.teacher.judge(after[-2])
        return [packed(after) for after in found]
