"""Past, future and clocks agree with the clocks of the trace and with each other."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from emulators.diagram.causes import ORDERED, Clocks, cone, grown, place_of
from emulators.diagram.history import History
from emulators.trace.causality import (
    STEPS,
    concurrent,
    happened_before,
    lamport_clocks,
    vector_clocks,
)
from emulators.trace.events import Event
from tests.framework.diagram.rows import Script, random_run


def made(rows, devices=4):
    history = History(devices)
    history.extend(rows)
    return history


def without_outside(rows):
    """The rows of a run in which nobody interferes and nothing is lost, and as events."""
    kept = [row for row in rows if row.kind in ("send", "receive", "enter", "leave", "round")]
    fields = {row.message: {} for row in kept}
    return kept, [
        Event(row.kind, row.time, row.device, (0, row.message, 0, 0, None, fields[row.message]))
        for row in kept
    ]


@given(st.integers(0, 40))
def test_clocks_are_those_of_the_trace(seed):
    rows, events = without_outside(random_run(4, 40, seed).rows)
    clocks = Clocks(made(rows))
    assert [clocks.lamport(row) for row in range(len(rows))] == list(lamport_clocks(events))
    for row, clock in enumerate(vector_clocks(events)):
        mine = {device: steps for device, steps in enumerate(clocks.vector(row)) if steps}
        assert mine == clock


@given(st.integers(0, 40), st.data())
def test_past_future_and_concurrent_are_those_of_vector_clocks(seed, data):
    rows, events = without_outside(random_run(4, 40, seed).rows)
    history = made(rows)
    places = [row for row in range(len(rows)) if place_of(history, row) is not None]
    selected = data.draw(st.sampled_from(places))
    found = cone(history, selected)
    clocks = list(vector_clocks(events))
    for row in places:
        relation = found.relation(row, rows[row].device)
        if row == selected:
            assert relation == "selected"
        else:
            assert (relation == "past") == happened_before(clocks[row], clocks[selected])
            assert (relation == "future") == happened_before(clocks[selected], clocks[row])
            assert (relation == "concurrent") == concurrent(clocks[row], clocks[selected])


@given(st.integers(0, 20), st.integers(0, 100), st.integers(0, 100))
def test_a_cone_grows_and_shrinks_with_the_run(seed, one, other):
    rows = random_run(4, 60, seed).rows
    selected = next(row for row in range(len(rows)) if rows[row].kind == "send")
    history = made(rows[: selected + 1])
    found = cone(history, selected)
    for place in (one, other, len(rows)):
        history.keep(selected + 1)
        history.extend(rows[selected + 1 : max(place, selected + 1)])
        found = grown(found, history)
        assert found == cone(history, selected)


def test_what_a_person_does_is_in_nobodys_past():
    script = Script()
    first, second = script.send(0, 1), script.send(0, 1)
    script.outside("pick", second)
    script.outside("lose", first)
    script.receive(second)
    script.add("crash", 1)
    history = made(script.rows, 2)
    assert [place_of(history, row) for row in range(6)] == [0, 0, None, None, 1, None]
    assert cone(history, 2) is None
    assert [Clocks(history).lamport(row) for row in range(5)] == [1, 2, 0, 0, 3]
    found = cone(history, 4)
    assert [found.relation(row, 0) for row in (0, 1)] == ["past", "past"]


def test_the_trace_has_the_same_steps():
    assert ORDERED == STEPS


def test_clocks_forget_what_was_taken_back():
    one, other = random_run(3, 30, 1).rows, random_run(3, 30, 2).rows
    history = made(one, 3)
    clocks = Clocks(history)
    clocks.vector(len(one) - 1)
    clocks.lamport(len(one) - 1)
    history.keep(0)
    clocks.keep(0)
    history.extend(other)
    fresh = Clocks(made(other, 3))
    for row, ask in itertools.product(range(len(other)), ("lamport", "vector")):
        assert getattr(clocks, ask)(row) == getattr(fresh, ask)(row)
