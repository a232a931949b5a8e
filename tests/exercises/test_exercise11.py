"""Lecture 11: circle and finger tables of the template, routing and JOIN of the reference."""

import random
from collections import Counter
from math import log2
from pathlib import Path

import pytest

from exercises import exercise11 as template
from tests.running import run
from tests.solutions import exercise11 as solution

LECTURE = Path(__file__).parents[2] / "docs" / "lectures" / "11.md"
KINDS = ("sync", "async")
SIZES = (4, 5, 6, 10, 17, 25)
FOUND_TWICE = ["found 10 of 10", "device 1 joined", "found 10 of 10"]


def solved(kind, devices, seed=1, **options):
    return run(11, "ChordNetwork", kind, devices=devices, seed=seed, solution=True, **options)


def many(kind, runs=100):
    """Runs of the reference solution over many sizes and seeds."""
    for seed in range(runs):
        yield solved(kind, SIZES[seed % len(SIZES)], seed)


def owner(ring, address):
    """The pair (index, chord id) that owns an address: no other is nearer, going upwards."""
    circle = 2**template.address_size
    return min(ring, key=lambda node: (node[1] - address) % circle)


def ring_of(result):
    """The members of the ring at the end, as pairs (index, chord id), in ring order."""
    known = [device.routing_data for device in result.devices[1:] if device.routing_data]
    return sorted([(data.index, data.chord_id) for data in known], key=lambda node: node[1])


def assert_right_ring(ring, all_data):
    for data in all_data:
        here = ring.index((data.index, data.chord_id))
        assert data.prev == ring[here - 1]
        starts = [data.chord_id + 2**i for i in range(template.address_size)]
        assert data.finger_table == [owner(ring, start) for start in starts]


def sent(result, name):
    return [
        event.message
        for event in result.trace
        if event.kind == "send" and type(event.message).__name__ == name
    ]


def hops_of_puts(result):
    """For each guid, how often its PUT was sent on by nodes, before the JOIN."""
    puts = Counter()
    for event in result.trace:
        if event.kind != "send":
            continue
        if type(event.message).__name__ == "StartJoinMessage":
            break
        if type(event.message).__name__ == "PutMessage" and event.device != 0:
            puts[event.message.guid] += 1
    return puts


# -- the template: the circle, the finger tables, the client


@pytest.mark.parametrize(
    ("candidate", "low", "high", "expected"),
    [
        (5, 3, 8, True),
        (3, 3, 8, False),
        (8, 3, 8, False),
        (9, 3, 8, False),
        (63, 60, 4, True),
        (0, 60, 4, True),
        (60, 60, 4, False),
        (4, 60, 4, False),
        (30, 60, 4, False),
        (6, 5, 5, True),
        (5, 5, 5, False),
    ],
)
def test_in_between_leaves_out_both_ends_and_may_pass_zero(candidate, low, high, expected):
    assert template.in_between(candidate, low, high) is expected


@pytest.mark.parametrize("devices", range(4, 51))
def test_the_finger_tables_point_to_the_owner_of_each_address(devices):
    random.seed(devices)
    for _ in range(3):
        template.ChordNetwork.init_routing_tables(devices)
        all_data = template.all_routing_data
        ring = [(data.index, data.chord_id) for data in all_data]
        assert [index for index, _ in ring] == list(range(2, devices))
        assert [node for _, node in ring] == sorted(set(template.all_nodes))
        assert_right_ring(ring, all_data)


def test_a_new_chord_id_is_one_that_no_node_has():
    random.seed(1)
    template.ChordNetwork.init_routing_tables(50)
    taken = set(template.all_nodes)
    fresh = {template.new_chord_id() for _ in range(64 - len(taken))}
    assert taken | fresh == set(range(64))
    assert not taken & fresh


@pytest.mark.parametrize("devices", [3, 66])
def test_too_few_or_too_many_devices_are_refused_in_one_line(devices):
    with pytest.raises(ValueError, match=f"needs 4 to 65 devices .*, not {devices}$"):
        template.check_size(devices)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [4, 10, 50])
def test_the_template_says_what_is_missing_and_ends_by_itself(kind, devices):
    result = run(11, "ChordNetwork", kind, devices=devices, seed=devices)
    assert (result.ended, result.failures) == ("done", [])
    assert len(result.todos) == 3
    for text, name in zip(result.todos, ("handle_put", "handle_get", "start_join"), strict=True):
        assert f"ChordNode.{name}" in text
    assert "stored 10, found 0 of 10, device 1 did not join" in result.output


def test_the_client_talks_to_one_node_of_the_ring_only():
    result = solved("async", 10)
    from_client = {
        event.message.destination
        for event in result.trace
        if event.kind == "send"
        and event.device == 0
        and type(event.message).__name__ in ("PutMessage", "GetReqMessage")
    }
    assert from_client == {template.entry_node}


def test_two_runs_do_not_share_their_rings():
    first, second = (run(11, "ChordNetwork", "sync", devices=10, seed=seed) for seed in (1, 2))
    assert len(first.module.all_nodes) == len(second.module.all_nodes) == 8
    assert ring_of(first) != ring_of(second)


# -- the reference solution


@pytest.fixture
def node():
    """Node 4 of the ring 4, 8, 17, 37, 56 (devices 2 to 6)."""
    fingers = [(3, 8), (3, 8), (3, 8), (4, 17), (5, 37), (5, 37)]
    data = template.RoutingData(2, 4, (6, 56), fingers)
    return solution.ChordNode(2, 7, None, True, data)


def test_a_node_owns_what_follows_its_prev_up_to_its_own_id(node):
    owned = [guid for guid in range(64) if node.is_request_for_me(guid)]
    assert owned == [0, 1, 2, 3, 4, 57, 58, 59, 60, 61, 62, 63]


@pytest.mark.parametrize(
    ("guid", "device"),
    [(5, 3), (8, 3), (9, 3), (16, 3), (17, 4), (18, 4), (36, 4), (37, 5), (38, 5), (56, 5)],
)
def test_a_request_goes_to_the_farthest_finger_that_is_not_past_the_guid(node, guid, device):
    assert node.next_hop(guid) == device


@pytest.mark.parametrize("kind", KINDS)
def test_all_data_is_found_before_and_after_the_join(kind):
    for result in many(kind):
        assert (result.ended, result.failures, result.todos) == ("done", [], [])
        assert result.devices[0].results == FOUND_TWICE


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_join_the_ring_is_right_and_data_is_at_its_owner(kind):
    for result in many(kind):
        nodes = result.devices[1:]
        ring = ring_of(result)
        assert len(ring) == len(nodes)
        assert all(node.connected for node in nodes)
        assert_right_ring(ring, [node.routing_data for node in nodes])
        for node in nodes:
            assert all(owner(ring, guid)[0] == node.index for guid, _ in node.saved_data)
        assert sum(len(node.saved_data) for node in nodes) == 10


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_devices_find_their_data_and_let_one_join(kind):
    for seed in range(3):
        result = solved(kind, 50, seed)
        assert (result.ended, result.failures) == ("done", [])
        assert result.devices[0].results == FOUND_TWICE
        assert_right_ring(ring_of(result), [node.routing_data for node in result.devices[1:]])


def test_a_put_takes_at_most_one_hop_for_each_finger():
    for seed in range(5):
        assert max(hops_of_puts(solved("async", 50, seed)).values()) <= template.address_size


def test_the_mean_of_the_hops_grows_with_the_logarithm_of_the_ring():
    for devices in (10, 25, 50):
        hops = [sum(hops_of_puts(solved("sync", devices, seed)).values()) for seed in range(5)]
        assert sum(hops) / 50 <= log2(devices)


def test_data_moves_to_the_new_node_and_leaves_the_old_owner():
    moved = 0
    for seed in range(20):
        result = solved("sync", 5, seed)
        newcomer = result.devices[1]
        moved += len(newcomer.saved_data)
        for guid, _ in newcomer.saved_data:
            assert sum(guid in dict(node.saved_data) for node in result.devices[1:]) == 1
    assert moved > 0


@pytest.mark.parametrize("devices", [4, 10])
def test_the_join_stands_long_delays_and_overtaking(devices):
    for seed in range(10):
        result = solved("async", devices, seed, latency=(0, 0.5), settings={"patience": 40})
        assert result.devices[0].results == FOUND_TWICE
        assert_right_ring(ring_of(result), [node.routing_data for node in result.devices[1:]])


def test_a_join_costs_one_message_for_each_node_besides_the_search():
    for devices in (4, 10, 25):
        result = solved("sync", devices)
        assert len(sent(result, "StabilizeMessage")) == devices - 1
        assert len(sent(result, "NotifyMessage")) == len(sent(result, "JoinRspMessage")) == 1
        assert len(sent(result, "JoinReqMessage")) <= 1 + template.address_size


# -- the lecture text


@pytest.mark.parametrize("solution", [False, True])
def test_the_lecture_text_shows_the_results_of_real_runs(solution):
    text = LECTURE.read_text(encoding="utf-8")
    result = run(11, "ChordNetwork", "async", devices=6, seed=1, solution=solution)
    shown = [line for line in result.output.splitlines() if line.startswith(("Client", "Node"))]
    assert len(shown) == 6
    assert all(f"\n{line}\n" in text for line in shown)
