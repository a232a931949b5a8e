"""Lecture 12: the random network of the template, AODV of the reference solution."""

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest

from exercises import exercise12 as template
from tests.running import SOLUTIONS as FOLDER
from tests.running import run

LECTURE = Path(__file__).parents[2] / "docs" / "lectures" / "12.md"
KINDS = ("sync", "async")
SIZES = (2, 3, 4, 5, 8, 10, 12, 20)
SOLUTIONS = ("AodvNode", "ImprovedAodvNode")
CROWD = """

class Crowd({algorithm}):
    # Everybody sends to device 0: many floods for one end.
    def send_data(self, message):
        if message.source == self.index:
            message.last = 1 if self.index == 0 else 0
        super().send_data(message)
"""


def solved(kind, devices, seed=1, algorithm="AodvNode", **options):
    return run(12, algorithm, kind, devices=devices, seed=seed, solution=True, **options)


def many(kind, algorithm="AodvNode", runs=100, **options):
    """Runs over many sizes and seeds."""
    for seed in range(runs):
        yield solved(kind, SIZES[seed % len(SIZES)], seed, algorithm, **options)


def sent(result, name):
    """The events of sending a message of this class."""
    return [
        event
        for event in result.trace
        if event.kind == "send" and type(event.message).__name__ == name
    ]


def assert_all_delivered(result):
    size = len(result.devices)
    assert (result.ended, result.failures, result.todos) == ("done", [], [])
    received = sorted(text for device in result.devices for text in device.saved_data)
    assert len(received) == len(set(received)) == size
    for device in result.devices:
        assert all(f"hello {device.index}, " in text for text in device.saved_data)
        assert device.outgoing_message_cache == []


def assert_neighbors_only(result):
    for event in result.trace:
        if event.kind == "send":
            assert event.message.destination in result.devices[event.device].neighbors
            assert event.message.source == event.device


def assert_no_loops(result):
    """Whoever has a route to `last` gets there along the next hops."""
    devices = result.devices
    for start, last in itertools.product(devices, range(len(devices))):
        here, hops = start, 0
        while here.index != last and last in here.forward_path:
            here, hops = devices[here.forward_path[last]], hops + 1
            assert hops < len(devices), f"from {start.index} to {last}"
        assert here is start or here.index == last


# -- the template: the network


@pytest.fixture
def creator():
    """A TopologyCreator that has not created anything."""
    return type("TopologyCreator", (template.TopologyCreator,), {})


def connected(topology):
    reached = {0}
    while more := {b for a in reached for b in topology[a]} - reached:
        reached |= more
    return len(reached) == len(topology)


@pytest.mark.parametrize("devices", [2, 3, 5, 10, 20, 50])
def test_the_network_is_connected_and_works_in_both_directions(devices):
    for seed in range(17):  # a hundred, with all sizes
        result = run(12, "AodvNode", "sync", devices=devices, seed=seed, max_rounds=1)
        topology = {device.index: device.neighbors for device in result.devices}
        assert connected(topology)
        for device, neighbors in topology.items():
            assert device not in neighbors
            assert sorted(set(neighbors)) == neighbors
            assert all(device in topology[neighbor] for neighbor in neighbors)


def test_all_devices_of_a_run_see_one_network_and_the_next_run_has_its_own(creator):
    random.seed(1)
    one = creator.get_topology(10, 0.5)
    assert creator.get_topology(10, 0.5) is one
    first, second = (run(12, "AodvNode", "sync", devices=10, seed=s, max_rounds=1) for s in (1, 2))
    assert [d.neighbors for d in first.devices] != [d.neighbors for d in second.devices]


def test_with_probability_one_everybody_is_a_neighbor_of_everybody(creator):
    topology = creator.get_topology(5, 1)
    assert all(len(neighbors) == 4 for neighbors in topology.values())


def test_a_probability_that_is_too_small_is_refused_in_one_line(creator):
    with pytest.raises(ValueError, match="no connected network of 5 devices in 1000 attempts"):
        creator.get_topology(5, 0)


@pytest.mark.parametrize("probability", [0.2, 0.6])
def test_probability_arc_is_the_share_of_pairs_that_are_neighbors(probability):
    settings = {"probability_arc": probability}
    result = run(12, "AodvNode", "sync", devices=50, seed=1, max_rounds=1, settings=settings)
    share = sum(len(device.neighbors) for device in result.devices) / (50 * 49)
    assert share == pytest.approx(probability, abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 10, 50])
def test_the_template_says_what_is_missing_and_ends_at_its_limit(kind, devices):
    result = run(12, "AodvNode", kind, devices=devices, seed=1, max_rounds=30, max_time=3)
    assert result.failures == []
    assert result.ended.startswith("limit")
    assert result.todos == [
        "AodvNode.next_hop: the next hop on the way to a device",
        "AodvNode.send_route_request: ask all neighbors for a route",
    ]
    assert all(len(device.outgoing_message_cache) == 1 for device in result.devices)


# -- the reference solution


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", SOLUTIONS)
def test_all_data_is_delivered_and_every_device_ends(kind, algorithm):
    for result in many(kind, algorithm):
        assert_all_delivered(result)
        assert_neighbors_only(result)
        assert_no_loops(result)


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_devices_deliver_their_data(kind):
    result = solved(kind, 50)
    assert_all_delivered(result)
    assert_neighbors_only(result)


@pytest.mark.parametrize("algorithm", SOLUTIONS)
def test_routes_have_no_loops_when_many_replies_overtake_each_other_widely(algorithm, tmp_path):
    source = (FOLDER / "exercise12.py").read_text(encoding="utf-8")
    crowd = source + CROWD.format(algorithm=algorithm)
    (tmp_path / "exercise12.py").write_text(crowd, encoding="utf-8")
    for seed in range(10):
        options = {"exercises": tmp_path, "latency": (0, 2)}
        result = run(12, "Crowd", "async", devices=20, seed=seed, **options)
        assert (result.ended, result.failures) == ("done", [])
        assert_no_loops(result)


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_sends_a_request_once_to_each_neighbor_but_not_back(kind):
    for result in many(kind, runs=14):
        seen = set()
        for event in sent(result, "AodvRreqMessage"):
            request = (event.message.first, event.message.broadcast_id)
            sending = (event.device, event.message.destination, request)
            assert sending not in seen
            seen.add(sending)
            came_from = result.devices[event.device].reverse_path.get(request)
            assert event.message.destination != came_from


@pytest.mark.parametrize("kind", KINDS)
def test_the_cost_of_a_route_falls_with_every_hop(kind):
    for result in many(kind, runs=28):
        for device in result.devices:
            for last, hop in device.forward_path.items():
                if hop == last:
                    assert device.cost[last][1] == 1
                else:
                    assert result.devices[hop].cost[last] < device.cost[last]


def test_a_flood_costs_at_most_two_requests_for_each_arc():
    for result in many("sync", runs=14):
        arcs = sum(len(device.neighbors) for device in result.devices) / 2
        floods = Counter(event.message.first for event in sent(result, "AodvRreqMessage"))
        assert len(floods) == len(result.devices)
        assert max(floods.values()) <= 2 * arcs


@pytest.mark.parametrize("kind", KINDS)
def test_data_visits_no_device_twice(kind):
    for result in many(kind, runs=28):
        visits = Counter(
            (event.message.data, event.device) for event in sent(result, "DataMessage")
        )
        assert set(visits.values()) == {1}


def test_in_sync_the_data_takes_a_shortest_way():
    for result in many("sync", runs=28):
        neighbors = [device.neighbors for device in result.devices]
        hops = Counter(event.message.data for event in sent(result, "DataMessage"))
        for device in result.devices:
            for text in device.saved_data:
                first = int(text.rsplit(" ", 1)[1])
                assert hops[text] == distance(neighbors, first, device.index)


def distance(neighbors, start, end):
    """How many hops there are at least between two devices."""
    reached, hops = {start}, 0
    while end not in reached:
        reached |= {b for a in reached for b in neighbors[a]}
        hops += 1
    return hops


# -- the lecture text


@pytest.mark.parametrize("solution", [False, True])
def test_the_lecture_text_shows_the_results_of_real_runs(solution):
    text = LECTURE.read_text(encoding="utf-8")
    result = run(12, "AodvNode", "async", devices=5, seed=1, solution=solution)
    shown = [line for line in result.output.splitlines() if line.startswith("Device")]
    assert len(shown) == 5
    assert all(f"\n{line}\n" in text for line in shown)
