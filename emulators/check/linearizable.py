"""Is there one order of all operations that fits their times and the specification?

The search of Wing and Gong (1993): take an operation that no other one precedes, see whether its
result fits, go on with the rest, else take it back. Lowe (2017) remembers pairs of what was taken
and the state, so that no situation is searched twice. Operations on different keys are searched
apart: a history is linearizable if it is so key by key (Herlihy and Wing 1990).

An operation that was never answered may have taken effect at any time after its invocation, or not
at all. The fewer of them a situation uses, the more is possible in it, so a situation that uses
more of them than another one that is otherwise the same is not searched.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from emulators.check.history import History
from emulators.check.property import Property
from emulators.check.specifications import Operation, Register, Specification
from emulators.check.timeline import timeline
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


@dataclass(frozen=True)
class Verdict:
    """What came of a history: `orders` by key if it is linearizable, else a `conflict`.

    The conflict are operations on one key, as few as possible, that cannot be put into an order
    even if all others are left out; the last of them to return is the first operation of the
    history (in the order of responses) that does not fit what was before.
    """

    orders: dict[Hashable, tuple[Operation, ...]] = field(default_factory=dict)
    conflict: tuple[Operation, ...] = ()

    @property
    def linearizable(self) -> bool:
        """Whether there is an order."""
        return not self.conflict


def linearize(
    operations: Iterable[Operation], specification: Specification | None = None
) -> Verdict:
    """Return an order of the operations, or the first that cannot be put into one.

    The specification (a `Register` where none is given) holds for each key by itself.
    Raises ValueError for an operation that the specification does not know.
    """
    specification = specification or Register()
    orders: dict[Hashable, tuple[Operation, ...]] = {}
    misfits: list[tuple[int, list[Operation]]] = []
    for key, part in _by_key(operations).items():
        search = _Search(part, specification)
        if search.run():
            orders[key] = search.order()
        else:
            misfits.append((search.misfit_end, part))
    if not misfits:
        return Verdict(orders)
    end, part = min(misfits, key=lambda misfit: misfit[0])
    return Verdict(conflict=tuple(_smallest(_until(part, end), specification)))


def _by_key(operations: Iterable[Operation]) -> dict[Hashable, list[Operation]]:
    parts: dict[Hashable, list[Operation]] = {}
    for operation in operations:
        parts.setdefault(operation.key, []).append(operation)
    return parts


# -- the search


class _Choice(NamedTuple):
    """An operation that can be next, and the state after it."""

    number: int
    state: Any


class _Step(NamedTuple):
    """An operation taken: what else was possible before it, and the state before it."""

    number: int
    others: list[_Choice]
    state: Any


class _Search:
    """One search, depth first, over the operations on one key.

    Invocations and responses are a doubly linked list in the order of time, without those of the
    operations taken so far: an operation can be next if its invocation comes before the first
    response in the list. Nodes are numbered: 0 is the head, operation i has the invocation 2i + 1
    and, unless it is pending, the response 2i + 2. Operations are numbered in the order of their
    responses, pending ones last.
    """

    def __init__(self, operations: Sequence[Operation], specification: Specification) -> None:
        self._specification = specification
        self._operations = sorted(
            _relevant(operations, specification),
            key=lambda one: (one.end is None, one.start if one.end is None else one.end),
        )
        self._completed = sum(one.end is not None for one in self._operations)
        self._twins = _twins(self._operations)
        self._link()
        self._steps: list[_Step] = []
        self._taken = 0  # the completed operations taken, a bit each
        self._used = 0  # the pending ones
        self._seen: dict[Hashable, list[int]] = {}
        self._misfit = 0

    def _link(self) -> None:
        count = 2 * len(self._operations) + 1
        places = []
        for number, one in enumerate(self._operations):
            places.append((one.start, 2 * number + 1))
            if one.end is not None:
                places.append((one.end, 2 * number + 2))
        nodes = [0, *(node for _, node in sorted(places)), 0]
        self._next, self._before = [0] * count, [0] * count
        for left, right in pairwise(nodes):
            self._next[left], self._before[right] = right, left

    def order(self) -> tuple[Operation, ...]:
        """Return the operations in the order in which they were taken."""
        return tuple(self._operations[step.number] for step in self._steps)

    @property
    def misfit_end(self) -> int:
        """The `end` of the first operation that does not fit, after a search without success."""
        end = self._operations[self._misfit].end
        assert end is not None
        return end

    def run(self) -> bool:
        """Search; return whether an order of all completed operations was found."""
        left = self._completed
        state = self._specification.initial
        choices = self._choices(state)
        while left:
            if choices:
                number, after = choices.pop()
                if self._is_new(number, after):
                    self._steps.append(_Step(number, choices, state))
                    self._take(number)
                    left -= number < self._completed
                    state, choices = after, self._choices(after)
            elif self._steps:
                number, choices, state = self._steps.pop()
                self._put_back(number)
                left += number < self._completed
            else:
                return False
        return True

    def _choices(self, state: Any) -> list[_Choice]:
        """Return what can be next and has the result it was told; the best is the last.

        The operation whose response comes first cannot wait for ever, so its number is noted: the
        highest one at which a search without success ever stood is the one that does not fit.
        """
        completed: list[int] = []
        pending: list[int] = []
        node = self._next[0]
        while node % 2:
            (completed if node // 2 < self._completed else pending).append(node // 2)
            node = self._next[node]
        if node:
            self._misfit = max(self._misfit, node // 2 - 1)
        completed.sort(reverse=True)
        found = [choice for number in pending if (choice := self._unanswered(number, state))]
        return found + [choice for number in completed if (choice := self._answered(number, state))]

    def _answered(self, number: int, state: Any) -> _Choice | None:
        one = self._operations[number]
        after, result = self._specification.apply(state, one.name, one.argument)
        return _Choice(number, after) if result == one.result else None

    def _unanswered(self, number: int, state: Any) -> _Choice | None:
        """Return a pending operation as a choice, unless another choice is as good.

        After a pending operation that makes no difference to it, it could have come at once; of
        two that ask the same, the one that was invoked first goes first.
        """
        twin = self._twins.get(number)
        if twin is not None and not self._used >> twin & 1:
            return None
        one = self._operations[number]
        after, _ = self._specification.apply(state, one.name, one.argument)
        last = self._steps[-1] if self._steps else None
        if last and last.number >= self._completed:
            at_once, _ = self._specification.apply(last.state, one.name, one.argument)
            if at_once == after:
                return None
        return None if after == state else _Choice(number, after)

    def _is_new(self, number: int, state: Any) -> bool:
        """Whether the situation after an operation is worth a search; remember it."""
        bit = 1 << number
        taken, used = self._taken, self._used
        if number < self._completed:
            taken |= bit
        else:
            used |= bit
        first = (~taken & (taken + 1)).bit_length() - 1  # the first that was not taken
        seen = self._seen.setdefault((first, taken >> first, state), [])
        if any(fewer & used == fewer for fewer in seen):
            return False
        seen.append(used)
        return True

    def _take(self, number: int) -> None:
        if number < self._completed:
            self._taken |= 1 << number
            self._unlink(2 * number + 1)
            self._unlink(2 * number + 2)
        else:
            self._used |= 1 << number
            self._unlink(2 * number + 1)

    def _put_back(self, number: int) -> None:
        if number < self._completed:
            self._taken ^= 1 << number
            self._relink(2 * number + 2)
        else:
            self._used ^= 1 << number
        self._relink(2 * number + 1)

    def _unlink(self, node: int) -> None:
        before, after = self._before[node], self._next[node]
        self._next[before], self._before[after] = after, before

    def _relink(self, node: int) -> None:
        self._next[self._before[node]] = self._before[self._next[node]] = node


def _relevant(operations: Sequence[Operation], specification: Specification) -> Iterable[Operation]:
    """Leave out pending operations that make no difference: reads, and what nobody observed."""
    things = _things(operations, specification)
    observed = {things[one.start] for one in operations if one.end is not None and things}
    for one in operations:
        unread = bool(things) and things[one.start] not in observed
        if one.end is not None or not (one.name in specification.reads or unread):
            yield one


def _things(operations: Sequence[Operation], specification: Specification) -> dict[int, Hashable]:
    """Return what each operation is about, by its start; nothing where one is about nothing."""
    things: dict[int, Hashable] = {}
    for one in operations:
        if one.end is None and one.name in specification.reads:
            things[one.start] = one.start  # nobody knows what it would have read
            continue
        thing = specification.about(one)
        if thing is None:
            return {}
        things[one.start] = thing
    return things


def _twins(operations: Sequence[Operation]) -> dict[int, int]:
    """Return, for pending operations, the one before it that asks the same."""
    last: dict[str, int] = {}
    twins = {}
    for number, one in enumerate(operations):
        if one.end is None:
            asked = repr((one.name, one.argument))
            if asked in last:
                twins[number] = last[asked]
            last[asked] = number
    return twins


# -- the conflict


def _until(operations: Iterable[Operation], end: int) -> list[Operation]:
    """Return the history as it was just after the response at `end`."""
    return [
        one if one.end is not None and one.end <= end else one._replace(end=None, result=None)
        for one in operations
        if one.start < end
    ]


def _smallest(operations: list[Operation], specification: Specification) -> list[Operation]:
    """Return a part of a history that is not linearizable either, as small as it gets.

    Leaving out is allowed for reads, and for all that is about one thing: if there were an order
    with them, there would be one without.
    """

    def fails(part: Sequence[Operation]) -> bool:
        return not _Search(part, specification).run()

    operations = list(_relevant(operations, specification))
    things = _things(operations, specification)
    if things:
        kept = _reduced(
            list(dict.fromkeys(things.values())),
            lambda some: fails([one for one in operations if things[one.start] in some]),
        )
        operations = [one for one in operations if things[one.start] in kept]
    reads = [one for one in operations if one.name in specification.reads]
    others = [one for one in operations if one.name not in specification.reads]
    reads = _reduced(reads, lambda some: fails(others + some))
    return sorted(others + reads, key=lambda one: one.start)


def _reduced(parts: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Leave out parts, many at a time and then fewer, as long as the rest fails."""
    size = max(1, len(parts) // 2)
    while True:
        place = 0
        while place < len(parts):
            rest = parts[:place] + parts[place + size :]
            if fails(rest):
                parts = rest
            else:
                place += size
        if size == 1:
            return parts
        size = (size + 1) // 2


# -- as a property of a run

_MOST = 40
"""Operations up to which every response is judged at once; longer histories at the end only."""


class Linearizable(Property):
    """Judges the operations that clients tell of with `emulators.operations`, as registers."""

    name = "linearizable"
    sentence = "The operations of the clients fit one order, each between its call and its answer."

    def __init__(self) -> None:
        super().__init__()
        self._history = History()

    def on_invoke(self, event: RawEvent) -> None:
        """Note that a client asks for something."""
        self._history.on_invoke(event)

    def on_respond(self, event: RawEvent) -> None:
        """Note that a client has its answer, and judge a short history."""
        self._history.on_respond(event)
        if len(self._history) <= _MOST:
            self._judge(event)

    def end(self, run: Simulation) -> None:
        """Judge the whole history."""
        if len(self._history) > _MOST:
            self._judge()

    def _judge(self, *events: RawEvent) -> None:
        if self.violation is None:
            verdict = linearize(self._history.operations)
            if not verdict.linearizable:
                self.violated(explained(verdict.conflict), *events, hint=HINT)

    def fork(self) -> Property:
        """Return an independent copy, to be told of another future."""
        copied = super().fork()
        assert isinstance(copied, Linearizable)
        copied._history = self._history.copy()
        return copied

    def state(self) -> Hashable:
        """Return the operations in their order, without their times."""
        return tuple(one._replace(invoked=0, returned=None) for one in self._history.operations)


HINT = "find out, along the messages, who answered the last operation and what it did not know"


def explained(conflict: Sequence[Operation]) -> str:
    """Return in words, with a timeline, why operations cannot be put into an order."""
    last = max(conflict, key=lambda one: -1 if one.end is None else one.end)
    return (
        f"{last} of client {last.client} does not fit: no order of these "
        f"{len(conflict)} operations agrees with their times and results\n"
        + textwrap.indent(timeline(conflict), "    ")
    )
