"""Routing: shortest tables, messages that arrive, no circles, neighbors only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.check.routing import Delivery, NeighborsOnly, NoLoops, ShortestRoutes, distances
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, guilty, reason, verdict
from tests.running import run

LINE = {0: [1], 1: [0, 2], 2: [1]}
TABLES = {0: {1: (1, 1), 2: (1, 2)}, 1: {0: (0, 1), 2: (2, 1)}, 2: {1: (1, 1), 0: (1, 2)}}


class DataMessage(MessageStub):
    """As in lecture 12."""


def line(**changed: Any) -> list[Any]:
    """Three devices in a line, with their tables; a row of device 0 can be changed."""
    tables = {index: dict(table) for index, table in TABLES.items()}
    if "row" in changed:
        tables[0][2] = changed["row"]
    return [device(i, neighbors=LINE[i], routing_table=tables[i]) for i in range(3)]


def test_right_tables_are_right() -> None:
    assert not verdict(ShortestRoutes(), devices=line())


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ((1, 3), "device 0 has device 2 at distance 3; it is 2"),
        ((2, 2), "device 0 sends to device 2 by way of device 2, which is no neighbor"),
        (None, "device 0 has no row for device 2, which is 2 links away"),
        (7, "the row of device 0 for device 2 is 7, not a next hop and a distance"),
    ],
)
def test_a_wrong_row_is_named(row: Any, answer: str) -> None:
    assert verdict(ShortestRoutes(), devices=line(row=row)) == answer


def test_a_next_hop_on_a_detour_is_named() -> None:
    square = {0: [1, 3], 1: [0, 2], 2: [1, 3], 3: [0, 2]}
    tables = {
        start: {
            to: (next(n for n in near if distances(square, n)[to] == far - 1), far)
            for to, far in distances(square, start).items()
            if far
        }
        for start, near in square.items()
    }
    tables[0][1] = (3, 1)
    devices = [device(i, neighbors=square[i], routing_table=tables[i]) for i in square]
    assert "is on no shortest way" in verdict(ShortestRoutes(), devices=devices)


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_distances_are_those_of_all_walks(links: set[tuple[int, int]]) -> None:
    network = {i: [b for a, b in links if a == i] for i in range(6)}
    reached, walks = {0: 0}, {0}
    for length in range(1, 7):
        walks = {b for a in walks for b in network[a]}
        for one in walks:
            reached.setdefault(one, length)
    assert distances(network, 0) == reached


def hop(kind: str, sender: int, to: int, serial: int) -> Step:
    return (kind, sender, to, serial, {"last": 2, "data": "hello"}, DataMessage)


def test_a_message_that_stays_on_the_way_is_named() -> None:
    history = [hop("send", 0, 1, 1), hop("receive", 0, 1, 1)]
    one = Delivery()
    assert verdict(one, history) == "a message for device 2 came as far as device 1"
    assert guilty(one) == ["receive 1"]
    assert not verdict(Delivery(), [*history, hop("send", 1, 2, 2), hop("receive", 1, 2, 2)])


def test_a_message_on_a_link_may_arrive_yet_but_not_one_that_is_lost() -> None:
    assert not verdict(Delivery(), [hop("send", 0, 1, 1)])
    assert verdict(Delivery(), [hop("send", 0, 1, 1), hop("lose", 0, 1, 1)])


def test_a_message_that_takes_one_link_three_times_is_in_a_loop() -> None:
    one = NoLoops()
    history = [hop("send", serial % 2, 1 - serial % 2, serial) for serial in range(5)]
    assert reason(one, history) == (
        "device 0 sends the same message to device 1 a third time at 0.4 virtual seconds"
    )
    assert guilty(one) == ["send 0", "send 0"]


def test_a_message_may_come_back_when_routes_change_while_it_is_on_its_way() -> None:
    history = [hop("send", 0, 1, 1), hop("send", 1, 0, 2), hop("send", 0, 2, 3)]
    assert not verdict(NoLoops(), history)


def test_next_hops_that_point_at_each_other_are_a_loop() -> None:
    paths = [{2: 1}, {2: 0}, {}]
    devices = [device(index, forward_path=path) for index, path in enumerate(paths)]
    assert verdict(NoLoops(), devices=devices) == (
        "the next hops towards device 2 lead in a circle: 0 - 1 - 0"
    )


def test_a_device_without_a_table_of_that_name_is_judged_by_its_messages_alone() -> None:
    assert not verdict(NoLoops(), [hop("send", 0, 1, 1)])


def test_sending_to_a_stranger_is_named() -> None:
    one = NeighborsOnly()
    assert verdict(one, [("send", 0, 1, 1), ("send", 0, 2, 2)], line()) == (
        "device 0 sends to device 2, which is not its neighbor"
    )
    assert guilty(one) == ["send 0"]
    assert not verdict(NeighborsOnly(), [("send", 0, 1, 1), ("send", 0, 0, 2)], line())


def test_without_a_word_on_neighbors_the_network_says_who_they_are() -> None:
    checks = ("neighbors_only",)
    assert run(12, "AodvNode", "sync", 5, checks=checks, max_rounds=20).violations == []
    assert run(1, "Gossip", "sync", 5, checks=checks).violations == []
    (found,) = run(1, "ImprovedGossip", "sync", 5, solution=True, checks=checks).violations
    assert "which is not its neighbor" in found.reason


def test_the_network_may_be_given() -> None:
    one = NeighborsOnly(network=lambda run: {0: [2]})
    assert not verdict(one, [("send", 0, 2, 1)])
