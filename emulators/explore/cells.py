"""The states of a network as tuples of numbers, and the moves between them.

A cell is a device in a state, with the messages on their way to it; it has a number, and a list of
what may happen next to it that is worked out once. A state of the network is a tuple: a cell for
each device, the number of what properties think, and that of what is left of the faults.
"""

from __future__ import annotations

import time
from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from emulators.explore.automaton import Automaton, Run
from emulators.explore.graph import bottoms, components
from emulators.explore.mail import Mail
from emulators.explore.monitors import Monitors, Seen
from emulators.explore.solo import (
    FIRST,
    LISTEN,
    LISTEN_FOR_A_TIME,
    NEXT,
    NOTHING,
    OVER,
    RECEIVE,
    RECEIVE_ALL,
    SEVERAL,
    TASKS,
    Output,
)

State = tuple[int, ...]
_Effect = tuple["Inbox", tuple[tuple[int, int], ...], Seen]
Inbox = tuple[int, ...]
GONE = -1
"""The state of a device that has crashed."""


class Faults(NamedTuple):
    """How many messages may still be lost and doubled, how many devices may still crash."""

    losses: int = 0
    duplicates: int = 0
    crashes: int = 0

    def __bool__(self) -> bool:
        return any(self)


class OutOfTime(Exception):
    """The time for a search is over."""


class Edge(NamedTuple):
    """What may happen next to a cell, and what becomes of it.

    `puts` are messages for other cells, with their destinations; `seen` is what properties see.
    `label` says what happened: a kind and a path of answers, or a message. `happens` is all that
    the device does on the way, with the messages that it receives.
    """

    own: int
    puts: tuple[tuple[int, int], ...]
    seen: Seen
    shared: int
    label: tuple[Any, ...]
    happens: tuple[Output, ...] = ()

    def then(self, edge: Edge) -> Edge:
        """Return what comes of a quiet edge and one after it, of the same device."""
        label = ("run", self.label[1] + edge.label[1])
        return edge._replace(label=label, happens=self.happens + edge.happens)


def _here(cell: int) -> Edge:
    """Return an edge on which nothing happens."""
    return Edge(cell, (), (), 0, ("run", ()))


_MOST_QUIET = 10_000
"""Cells that a device may reach by itself; one that goes further counts something without end."""
_MOST_UNKNOWN = 100
"""The same of a device whose states are told apart by their history: each look is another state."""
_MOST_BATCHES = 4000
"""Ways to receive several messages at once; of more than about six, not all are gone through."""


class Cells:
    """All cells of one device."""

    def __init__(
        self,
        automaton: Automaton,
        mail: Mail,
        monitors: Monitors,
        order: frozenset[int] = frozenset(),
        reduced: bool = True,
        timeouts: bool = False,
    ) -> None:
        self.reduced, self.timeouts = reduced, timeouts
        self.automaton, self.mail, self.monitors, self.order = automaton, mail, monitors, order
        self.index = automaton.index
        self._numbers: dict[tuple[int, Inbox], int] = {}
        self.contents: list[tuple[int, Inbox]] = []
        self.edges: list[list[Edge] | None] = []
        self.added: list[dict[int, int]] = []
        self._singles: dict[int, list[Edge]] = {}
        self._settled: dict[int, list[Edge]] = {}
        self._effects: dict[tuple[Output, ...], _Effect] = {}
        self.deadline = float("inf")
        self.endless = False
        self.crowded = False

    def number(self, state: int, inbox: Inbox) -> int:
        """Return the number of a cell. Who is over or gone has no inbox."""
        if state == GONE or self.automaton.questions[state] == (OVER,):
            inbox = ()
        key = (state, inbox)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.contents)
            self.contents.append(key)
            self.edges.append(None)
            self.added.append({})
        return number

    def add(self, cell: int, message: int) -> int:
        """Return the cell with one more message on its way to it."""
        known = self.added[cell].get(message)
        if known is None:
            state, inbox = self.contents[cell]
            known = self.added[cell][message] = self.number(state, self._with(inbox, message))
        return known

    def _with(self, inbox: Inbox, message: int) -> Inbox:
        if self.order:  # in the order of sending, where it counts; channels one after another
            rank = self.mail.senders
            sender = rank[message]
            before = (rank[other] < sender or self._precedes(other, message) for other in inbox)
            place = sum(before)
            return (*inbox[:place], message, *inbox[place:])
        changed = list(inbox)
        insort(changed, message)
        return tuple(changed)

    def _precedes(self, other: int, message: int) -> bool:
        """Whether a message stands before a later one, as far as they are on the same channel."""
        sender = self.mail.senders[message]
        return sender == self.mail.senders[other] and (sender in self.order or other <= message)

    def first(self, inbox: Inbox) -> Iterator[tuple[int, Inbox]]:
        """Return the different messages that may be received next, and what then is left."""
        seen = set()
        for place, message in enumerate(inbox):
            sender = self.mail.senders[message]
            channel = -1 - sender if sender in self.order else message
            if channel not in seen:
                seen.add(channel)
                yield message, inbox[:place] + inbox[place + 1 :]

    # -- what may happen

    def worked_out(self, cell: int) -> list[Edge]:
        """Return what may happen next to a cell, when time alone brings nothing about."""
        known = self.edges[cell]
        if known is None:
            known = self.edges[cell] = self.loud(cell) if self.reduced else self.single(cell)
        return known

    def loud(self, cell: int) -> list[Edge]:
        """Return the next things that happen next to a cell of which anybody can tell.

        What a device takes up, draws or counts is nobody's business until it sends something or a
        property sees it: it may as well do so right before. So these steps are not moves of their
        own, and all orders of them with the moves of others are one. Where they may lead a device
        to a place from which it never does anything any more, going there is a move, too.
        """
        found: dict[Any, Edge] = {}
        quiet = self._quiet(cell)
        lively = []
        for place, before in quiet.items():
            loud = [edge for edge in self._single(place) if edge.puts or edge.seen]
            for edge in loud:
                found.setdefault(edge[:4], before.then(edge))
            if loud:
                lively.append(place)
        ends = self._dead_ends(quiet, lively) if found and len(lively) < len(quiet) else []
        return [*found.values(), *ends]

    def _dead_ends(self, quiet: dict[int, Edge], lively: list[int]) -> list[Edge]:
        """Return the ways to where a device rests for good: one cell for each circle there."""
        before: dict[int, list[int]] = {}
        for place in quiet:
            for other in self._onward(place, quiet):
                before.setdefault(other, []).append(place)
        reaching, todo = set(lively), list(lively)
        while todo:
            for place in before.get(todo.pop(), ()):
                if place not in reaching:
                    reaching.add(place)
                    todo.append(place)
        dead = [place for place in quiet if place not in reaching]
        circles = components(dead, lambda place: self._onward(place, quiet))
        resting = set(bottoms(dead, lambda place: self._onward(place, quiet)))
        return [quiet[circle[0]] for circle in circles if circle[0] in resting]

    def _onward(self, place: int, quiet: dict[int, Edge]) -> list[int]:
        """Return where a device may go on from a cell, of the quiet cells."""
        return [edge.own for edge in self._single(place) if edge.own in quiet]

    def _quiet(self, cell: int) -> dict[int, Edge]:
        """Return the cells to which a device gets without anybody noticing, and how."""
        found = {cell: _here(cell)}
        todo = deque([cell])
        while todo:
            place = todo.popleft()
            for edge in self._single(place):
                if not edge.puts and not edge.seen and edge.own not in found:
                    found[edge.own] = found[place].then(edge)
                    todo.append(edge.own)
            if len(found) > (_MOST_UNKNOWN if self.automaton.opaque else _MOST_QUIET):
                self.endless = True
                break
            if len(found) % 64 == 0 and time.monotonic() > self.deadline:
                raise OutOfTime
        return found

    def settled(self, cell: int) -> list[Edge]:
        """Return where a device comes to rest when it goes on as long as nobody notices.

        It may move in a circle there: look for messages again and again.
        """
        known = self._settled.get(cell)
        if known is None:
            quiet = self._quiet(cell)
            resting = bottoms(list(quiet), lambda place: self._onward(place, quiet))
            known = self._settled[cell] = [quiet[place] for place in resting]
        return known

    def _single(self, cell: int) -> list[Edge]:
        known = self._singles.get(cell)
        if known is None:
            known = self._singles[cell] = self.single(cell, 0)
        return known

    def single(self, cell: int, shared: int = 0) -> list[Edge]:
        """Return the next steps of a device, with what devices share."""
        state, inbox = self.contents[cell]
        if state == GONE:
            return []
        found: dict[Any, Edge] = {}
        late = self.automaton.in_time(state) if self.timeouts else []
        for answer in (*self.automaton.answers(state), *late):
            self._collect(found, cell, answer, inbox, shared)
        for task, question in enumerate(self.automaton.questions[state]):
            if question in (RECEIVE, FIRST):
                self._collect(found, cell, NOTHING * TASKS + task, inbox, shared)
            if question in (RECEIVE, FIRST, LISTEN, LISTEN_FOR_A_TIME):
                for message, rest in self.first(inbox):
                    self._collect(found, cell, message * TASKS + task, rest, shared)
            if question == RECEIVE_ALL:
                for messages, rest in self._several(inbox):
                    code = SEVERAL - self.mail.batch(messages)
                    self._collect(found, cell, code * TASKS + task, rest, shared)
        return list(found.values())

    def _several(self, inbox: Inbox) -> list[tuple[Inbox, Inbox]]:
        """Return what may be received at once, in every order, and what then is left."""
        found: list[tuple[Inbox, Inbox]] = [((), inbox)]
        for taken, left in found:
            if len(found) > _MOST_BATCHES:
                self.crowded = True
                break
            found += [((*taken, message), rest) for message, rest in self.first(left)]
        return found

    def in_time(self, cell: int, shared: int = 0) -> list[Edge]:
        """Return what only time brings about: alarms, the end of patience.

        Time goes slowly: what has arrived is taken up before, as far as it is of no consequence.
        """
        if self.contents[cell][0] == GONE:
            return []
        ways = self._quiet(cell) if self.reduced else {cell: _here(cell)}
        found: dict[Any, Edge] = {}
        for place, before in ways.items():
            state, inbox = self.contents[place]
            if inbox and self._takes(place):
                continue
            for answer in self.automaton.in_time(state):
                late: dict[Any, Edge] = {}
                self._collect(late, place, answer, inbox, shared)
                for edge in late.values():
                    found.setdefault(edge[:4], before.then(edge))
        return list(found.values())

    def _takes(self, cell: int) -> bool:
        """Whether a device takes up what has arrived."""
        inbox = self.contents[cell][1]
        return any(len(self.contents[edge.own][1]) < len(inbox) for edge in self._single(cell))

    def _collect(
        self, found: dict[Any, Edge], cell: int, answer: int, inbox: Inbox, shared: int
    ) -> None:
        """Add the edges of an answer, without those that change nothing."""
        for run in self.automaton.runs(self.contents[cell][0], answer, shared):
            for whole, rest in self._whole(run, inbox):
                self._add(found, cell, self.edge(whole, rest), shared)

    def _add(self, found: dict[Any, Edge], cell: int, edge: Edge, shared: int) -> None:
        if edge.own != cell or edge.puts or edge.seen or edge.shared != shared:
            found.setdefault(edge[:4], edge)

    def _whole(self, run: Run, inbox: Inbox) -> Iterator[tuple[Run, Inbox]]:
        """Return the ways on from a run that stands in a loop over all messages, to its end.

        What the loop gets was there when it began, so nobody else has a part in it. Ways that
        differ in the order of what is sent only are one.
        """
        questions = self.automaton.questions
        if questions[run.target] != (NEXT,):
            yield run, inbox
            return
        todo = [(run, inbox)]
        seen = set()
        for before, rest in todo:
            puts = tuple(sorted(self.puts(before.outputs)))
            key = (before.target, rest, puts, before.shared, self.seen(before.outputs))
            if key in seen:
                continue
            seen.add(key)
            if questions[before.target] != (NEXT,):
                yield before, rest
                continue
            for answer, left in [(NOTHING, rest), *self.first(rest)]:
                for more in self.automaton.runs(before.target, answer * TASKS, before.shared):
                    outputs, path = before.outputs + more.outputs, before.path + more.path
                    todo.append((Run(more.target, outputs, more.shared, path), left))

    def edge(self, run: Run, inbox: Inbox) -> Edge:
        """Return a run of the device as an edge."""
        to_itself, puts, seen = self._effects.get(run.outputs) or self._effect(run.outputs)
        for message in to_itself:
            inbox = self._with(inbox, message)
        own = self.number(run.target, inbox)
        return Edge(own, puts, seen, run.shared, ("run", run.path), run.outputs)

    def _effect(self, outputs: tuple[Output, ...]) -> _Effect:
        """Return what outputs do to the device's own inbox and to others, and what is seen."""
        to_itself = tuple(
            output.subject
            for output in outputs
            if output.kind == "send" and self.mail.destinations[output.subject] == self.index
        )
        known = self._effects[outputs] = to_itself, tuple(self.puts(outputs)), self.seen(outputs)
        return known

    def puts(self, happens: Iterable[Output]) -> Iterator[tuple[int, int]]:
        """Return the messages for others among what happens."""
        for output in happens:
            if output.kind == "send":
                destination = self.mail.destinations[output.subject]
                if destination != self.index:
                    yield destination, output.subject

    def seen(self, happens: Iterable[Output]) -> Seen:
        """Return what properties see of what happens."""
        kinds = self.monitors.kinds
        return tuple((one.kind, self.index, one.subject) for one in happens if one.kind in kinds)
