"""The checker against a brute-force one, on known histories, and as a property of a run."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.check.history import History
from emulators.check.linearizable import Linearizable, linearize
from emulators.check.specifications import Counter, Lock, Queue, Register, Stack
from emulators.check.timeline import timeline
from emulators.Device import Device
from emulators.operations import invoke, respond


def history(*steps):
    """Make a history of (client, name, argument) for invocations, (client, result) for answers."""
    made = History()
    for step in steps:
        if len(step) == 2:
            made.respond(*step)
        else:
            made.invoke(*step)
    return made.operations


# -- what is linearizable, found out by trying everything


def legal(order, specification):
    state = specification.initial
    for one in order:
        state, result = specification.apply(state, one.name, one.argument)
        if one.end is not None and result != one.result:
            return False
    return True


def in_time(order):
    return all(
        later.end is None or later.end > earlier.start
        for place, earlier in enumerate(order)
        for later in order[place + 1 :]
    )


def brute_force(operations, specification):
    """Try every order of the completed operations and any of the pending ones."""
    completed = [one for one in operations if one.end is not None]
    pending = [one for one in operations if one.end is None]
    chosen = (
        [*completed, *some]
        for count in range(len(pending) + 1)
        for some in combinations(pending, count)
    )
    return any(
        in_time(order) and legal(order, specification)
        for some in chosen
        for order in permutations(some)
    )


VALUES = st.integers(0, 2)
ASKED = {
    Register: st.one_of(st.tuples(st.just("read"), st.none()), st.tuples(st.just("write"), VALUES)),
    Counter: st.one_of(
        st.tuples(st.sampled_from(["get", "next"]), st.none()),
        st.tuples(st.just("add"), VALUES),
    ),
    Queue: st.one_of(
        st.tuples(st.just("dequeue"), st.none()), st.tuples(st.just("enqueue"), VALUES)
    ),
    Stack: st.one_of(st.tuples(st.just("pop"), st.none()), st.tuples(st.just("push"), VALUES)),
    Lock: st.tuples(st.sampled_from(["acquire", "release"]), st.integers(0, 1)),
}
CHANGES = {"write", "add", "enqueue", "push"}


@st.composite
def histories(draw, kind, most=6, swaps=False):
    """Draw a history: what a correct object could have answered, at times something else."""
    asked = ASKED[kind]
    if swaps:
        asked = st.one_of(asked, st.tuples(st.just("cas"), st.tuples(VALUES, VALUES)))
    made, busy, specification = History(), {}, kind()
    state = specification.initial
    for _ in range(draw(st.integers(2, 2 * most))):
        client = draw(st.integers(0, 2))
        if client in busy and draw(st.integers(0, 5)):
            name, argument = busy.pop(client)
            state, result = specification.apply(state, name, argument)
            wrong = draw(st.integers(0, 3)) == 0 and name not in CHANGES
            if wrong:
                result = draw(st.one_of(st.none(), VALUES)) if name != "cas" else not result
            made.respond(client, result)
        elif len(made) < most:
            busy[client] = draw(asked)
            made.invoke(client, *busy[client])
    return made.operations


@pytest.mark.slow
@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)
@settings(max_examples=1500, deadline=None)
@given(data=st.data())
def test_the_search_agrees_with_trying_every_order(kind, data):
    operations = data.draw(histories(kind))
    assert linearize(operations, kind()).linearizable == brute_force(operations, kind())


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(histories(Register, swaps=True))
def test_compare_and_set_agrees_with_trying_every_order(operations):
    assert linearize(operations).linearizable == brute_force(operations, Register())


@settings(max_examples=300, deadline=None)
@given(histories(Queue, most=10))
def test_an_order_that_is_given_is_legal_and_fits_the_times(operations):
    verdict = linearize(operations, Queue())
    for order in verdict.orders.values():
        assert in_time(order)
        assert legal(order, Queue())
        assert {one for one in operations if one.end is not None} <= set(order)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(histories(Register))
def test_a_conflict_is_one_and_ends_with_the_first_answer_that_does_not_fit(operations):
    conflict = linearize(operations).conflict
    if not conflict:
        return
    assert not brute_force(conflict, Register())
    last = max(one.end for one in conflict if one.end is not None)
    before = [
        one if one.end is not None and one.end < last else one._replace(end=None, result=None)
        for one in operations
        if one.start < last
    ]
    assert brute_force(before, Register())


# -- known histories


def test_an_empty_history_is_linearizable():
    assert linearize([]).linearizable


def test_a_read_may_see_a_write_that_is_not_answered_yet():
    assert linearize(history((1, "write", 5), (2, "read", None), (2, 5), (1, None))).linearizable


def test_a_read_of_an_old_value_after_the_new_one_was_read_is_a_conflict():
    operations = history(
        (1, "write", 1),
        (1, None),
        (1, "write", 2),
        (2, "read", None),
        (2, 2),
        (3, "read", None),
        (3, 1),
    )
    verdict = linearize(operations)
    assert [str(one) for one in verdict.conflict] == [
        "write 1",
        "write 2 -> ?",
        "read -> 2",
        "read -> 1",
    ]


def test_what_has_nothing_to_do_with_a_conflict_is_left_out():
    steps = []
    for value in range(50):
        steps += [(1, "write", value), (1, None), (2, "read", None), (2, value)]
    steps += [(2, "read", None), (2, 3)]
    conflict = linearize(history(*steps)).conflict
    assert [str(one) for one in conflict[:1]] == ["write 3"]
    assert str(conflict[-1]) == "read -> 3"
    assert len(conflict) <= 4


def test_a_pending_write_may_take_effect_late():
    operations = history(
        (1, "write", 1),
        (2, "read", None),
        (2, None),
        (1, "write", 2),
        (1, None),
        (2, "read", None),
        (2, 1),
    )
    assert linearize(operations).linearizable


def test_a_pending_write_takes_effect_once():
    operations = history(
        (1, "write", 1),
        (2, "write", 2),
        (2, None),
        (3, "read", None),
        (3, 1),
        (3, "read", None),
        (3, 2),
        (3, "read", None),
        (3, 1),
    )
    assert not linearize(operations).linearizable


def test_keys_are_apart():
    made = History()
    made.invoke(1, "write", 1, key="a")
    made.respond(1)
    made.invoke(1, "read", None, key="b")
    made.respond(1, 1)
    verdict = linearize(made.operations)
    assert {one.key for one in verdict.conflict} == {"b"}


def test_an_unknown_operation_is_said():
    with pytest.raises(ValueError, match="a Register has no operation 'wriet'"):
        linearize(history((1, "wriet", 1), (1, None)))


@pytest.mark.parametrize("linearizable", [True, False])
def test_a_thousand_operations_with_many_that_were_never_answered_are_decided(linearizable):
    made = History()
    value = None
    for turn in range(200):
        for client in range(5):
            made.invoke(client, *(("write", 10 * turn + client) if client % 2 else ("read",)))
        for client in range(4, -1, -1):
            if client % 2:
                value = 10 * turn + client
            if (turn + client) % 7:
                made.respond(client, None if client % 2 else value)
    if not linearizable:
        made.invoke(0, "read")
        made.respond(0, -1)
    assert linearize(made.operations).linearizable == linearizable


# -- timeline and property


def test_a_timeline_shows_what_was_before_what():
    text = timeline(history((1, "write", 5), (2, "read", None), (1, None), (2, 5)), str)
    assert text.splitlines() == [
        "client 1  write 5    |-----|     write 5",
        "client 2  read -> 5     |-----|  read -> 5",
    ]


class Stale(Device):
    """Device 0 writes, then device 1 reads what was there before."""

    def run(self):
        for _ in range(20 * self.index):
            self.medium.wait_for_next_round()
        if self.index == 0:
            invoke(self, "write", 7)
            respond(self)
        else:
            invoke(self, "read")
            respond(self, None)


def test_a_run_with_a_stale_read_violates_the_property():
    seen = Linearizable()
    seen.begin(2)
    emulator = AsyncEmulator(2, Stale, seed=1, quiet=True, observers=[seen])
    emulator.run()
    seen.end(emulator)
    assert seen.violation is not None
    assert seen.violation.reason.startswith("read -> None of client 1 does not fit")
    assert "write 7" in seen.violation.reason


def test_equal_histories_at_other_times_are_one_state():
    one, other = Linearizable(), Linearizable()
    for seen, time in ((one, 5), (other, 9)):
        seen.on_invoke(("invoke", time, 1, ("write", 1, None)))
    assert one.state() == other.state()
    fork = one.fork()
    fork.on_respond(("respond", 9, 1, None))
    assert fork.state() != one.state()
