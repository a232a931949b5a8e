"""The index of events finds the same as looking at all of them, whatever was taken back before."""

from hypothesis import given
from hypothesis import strategies as st

from emulators.diagram.history import Highest, History, Spans
from tests.framework.diagram.rows import Script, random_run


def state(history):
    """Everything that can be seen of a history."""
    return (
        history.rows,
        [vars(lane.inside) | vars(lane.crashed) | {"rows": lane.rows} for lane in history.lanes],
        history.rounds,
        vars(history.in_rounds),
        history.steps,
        [history.arrow(number) for number in range(history.arrows)],
        [history.send_of(row) for row in range(len(history)) if history.rows[row].message],
    )


def made(rows, devices):
    history = History(devices)
    history.extend(rows)
    return history


@given(st.lists(st.integers(0, 120), max_size=6), st.integers(0, 20))
def test_going_back_and_on_leaves_no_trace(places, seed):
    rows = random_run(4, 60, seed).rows
    history = made(rows, 4)
    for place in places:
        history.keep(place)
        place = min(place, len(history))
        assert state(history) == state(made(rows[:place], 4))
        history.extend(rows[place : place + 37])
    history.keep(0)
    history.extend(rows)
    assert state(history) == state(made(rows, 4))
    assert list(history.passing(50)) == list(made(rows, 4).passing(50))


@given(st.integers(0, 30), st.integers(0, 130), st.integers(0, 40))
def test_arrows_over_a_stretch_are_found_by_bisection(seed, first, width):
    history = made(random_run(5, 60, seed).rows, 5)
    last = first + width
    every = [history.arrow(number) for number in range(history.arrows)]
    begin, end = history.between(first, last)
    assert [a.start for a in every if first <= a.start <= last] == history.starts[begin:end]
    through = {a.number for a in every if a.start < first and (a.end or a.start) >= first}
    assert set(history.passing(first)) == through


@given(st.lists(st.integers(0, 50), max_size=40), st.data())
def test_numbers_above_a_bound(values, data):
    tree = Highest()
    for value in values:
        tree.append(value)
    for _ in range(5 if values else 0):
        place = data.draw(st.integers(0, len(values) - 1))
        values[place] = data.draw(st.integers(0, 50))
        tree.set(place, values[place])
    length = data.draw(st.integers(0, len(values)))
    tree.cut(length)
    del values[length:]
    tree.append(7)
    values.append(7)
    end, bound = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 50))
    wanted = [place for place, value in enumerate(values) if place < end and value >= bound]
    assert list(tree.above(end, bound)) == wanted[::-1]


def test_stretches_that_reach_into_the_rows():
    spans = Spans()
    for begin, end in ((2, 5), (8, 9), (12, None)):
        spans.begin(begin)
        if end is not None:
            spans.finish(end)
    assert list(spans.within(5, 8)) == [(2, 5), (8, 9)]
    assert list(spans.within(6, 7)) == []
    assert spans.touches(40, 50)
    spans.keep(9)
    assert list(spans.within(0, 50)) == [(2, 5), (8, None)]


def test_fates_of_messages():
    script = Script()
    arrived, lost, flying = script.send(0, 1), script.send(0, 1), script.send(1, 0)
    script.receive(arrived)
    script.outside("lose", lost)
    nobody = script.send(0, 9, kind="undeliverable")
    history = made(script.rows, 2)
    fates = {history.arrow(n).message: history.arrow(n).fate for n in range(history.arrows)}
    assert fates == {arrived: "received", lost: "lost", flying: "flying", nobody: "nobody"}


def test_a_copy_comes_from_where_its_original_was_sent():
    script = Script()
    script.send(0, 1, "a")
    original = script.send(0, 1, "b")
    script.send(2, 1, "b")
    copy = script.send(0, 1, "b", kind="duplicate")
    script.receive(original)
    script.receive(copy)
    history = made(script.rows, 3)
    assert history.send_of(len(script.rows) - 1) == 1


def test_positions_count_messages_sent_and_received():
    script = Script()
    script.round()
    first = script.send(0, 1)
    script.add("log", 0, "text")
    script.receive(first)
    history = made(script.rows, 2)
    assert [history.position(row) for row in range(4)] == [0, 1, 1, 2]


def divided():
    """Two partitions, the second inside the first."""
    script = Script()
    for kind in ("partition", "partition", "heal", "round", "heal", "partition"):
        script.add(kind, None, "0 | 1")
    return script.rows


def test_a_partition_lasts_until_the_last_one_heals():
    history = made(divided(), 2)
    assert list(history.split.within(0, 9)) == [(0, 4), (5, None)]


@given(st.lists(st.integers(0, 6), max_size=4))
def test_going_back_over_partitions_leaves_no_trace(places):
    rows = divided()
    history = made(rows, 2)
    for place in places:
        history.keep(place)
        assert vars(history.split) == vars(made(rows[:place], 2).split)
        history.extend(rows[len(history) :])
    assert vars(history.split) == vars(made(rows, 2).split)
