"""Lecture 2: the template for RIP, and the reference solutions."""

from collections import deque

import pytest

from emulators.runner import EXERCISES
from tests.running import run

KINDS = ("sync", "async")
SIZES = (2, 3, 4, 5, 10)
# Long enough for all tables to converge, also for 50 devices.
LIMITS = {"sync": {"max_rounds": 60}, "async": {"max_time": 10}}


def solved(algorithm, kind, devices=10, seed=1, **options):
    limits = LIMITS[kind] | options
    return run(2, algorithm, kind, devices=devices, seed=seed, solution=True, **limits)


def sent(result):
    return [event.message for event in result.trace if event.kind == "send"]


def count(result, kind, message_type):
    """How often a message of that type was sent or received."""
    messages = [event.message for event in result.trace if event.kind == kind]
    return sum(type(message).__name__ == message_type for message in messages)


def ring(size):
    return {i: {(i - 1) % size, (i + 1) % size} for i in range(size)}


def line(size):
    return {i: {i - 1, i + 1} & set(range(size)) for i in range(size)}


def distances(network, start):
    """Breadth-first search: the number of links from `start` to every other device."""
    found = {start: 0}
    waiting = deque([start])
    while waiting:
        device = waiting.popleft()
        for neighbor in network[device] - found.keys():
            found[neighbor] = found[device] + 1
            waiting.append(neighbor)
    del found[start]
    return found


def found_distances(device):
    return {to: distance for to, (_, distance) in device.routing_table.items()}


def assert_shortest(result, network):
    """Distances are shortest, and the next hop is a neighbor that is one link nearer."""
    for device in result.devices:
        assert found_distances(device) == distances(network, device.index)
        for to, (next_hop, distance) in device.routing_table.items():
            assert next_hop in network[device.index]
            assert distance == 1 + ({next_hop: 0} | distances(network, next_hop))[to]


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [*SIZES, 50])
def test_the_template_says_what_is_missing_and_runs_until_a_limit(kind, size):
    result = run(2, "RipCommunication", kind, devices=size, seed=1, max_rounds=5, max_time=1)
    assert result.failures == []
    assert result.ended.startswith("limit")
    assert [text.split(":")[0] for text in result.todos] == [
        "RipCommunication.__init__",
        "routing_table_complete",
        "merge_tables",
    ]
    for device in result.devices:
        assert device.routing_table == {i: (i, 1) for i in line(size)[device.index]}


def test_messages_say_what_is_in_them():
    result = run(2, "RipCommunication", "sync", devices=3, seed=1, max_rounds=2)
    texts = [str(message) for message in sent(result)]
    assert "RipMessage 1 -> 0: 0 via 0 (1), 2 via 2 (1)" in texts
    message = result.module.RoutableMessage(1, 2, 0, 3, "hello")
    assert str(message) == "RoutableMessage 1 -> 2: from 0 to 3: hello"


def test_a_message_to_an_unknown_destination_is_dropped_with_a_word():
    result = run(2, "RipCommunication", "sync", devices=4, seed=1, max_rounds=2)
    device = result.devices[0]
    dropped = []
    device.medium.log = dropped.append
    device.route(result.module.RoutableMessage(0, 0, 0, 3, "hello"))
    assert dropped == ["knows no way to 3, drops: hello"]


PASTED = """

class Pasted(RipCommunication):
    def __init__(self, index, number_of_devices, medium):
        Device.__init__(self, index, number_of_devices, medium)
        self.neighbors = [(index + 1) % number_of_devices, (index - 1) % number_of_devices]
        self.routing_table = {index: (index, 0)}
        for neighbor in self.neighbors:
            self.routing_table[neighbor] = (neighbor, 1)

    def merge_tables(self, src, table):
        changed = False
        for node in table:
            distance = table[node][1] + 1
            if node not in self.routing_table or distance < self.routing_table[node][1]:
                self.routing_table[node] = (src, distance)
                changed = True
        if changed:
            print(f"new table of {self.index()} of {self.number_of_devices()}")
            return self.routing_table
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_pasted_init_and_merge_may_be_written_with_calls_and_change_the_table_in_place(
    kind, tmp_path
):
    template = (EXERCISES / "exercise2.py").read_text(encoding="utf-8")
    (tmp_path / "exercise2.py").write_text(template + PASTED, encoding="utf-8")
    result = run(2, "Pasted", kind, devices=10, seed=1, exercises=tmp_path, **LIMITS[kind])
    assert result.failures == []
    assert "new table of 3 of 10" in result.output
    for device in result.devices:
        found = found_distances(device)
        assert found.pop(device.index) == 0
        assert found == distances(ring(10), device.index)


# -- the ring and the merge


@pytest.mark.parametrize("kind", KINDS)
def test_on_the_ring_of_10_every_table_has_the_shortest_ways(kind):
    for seed in range(100):
        result = solved("TableRip", kind, seed=seed, max_time=3, max_rounds=12)
        assert (result.failures, result.todos) == ([], [])
        assert_shortest(result, ring(10))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [*SIZES, 50])
def test_rings_of_other_sizes_converge_as_well(kind, size):
    assert_shortest(solved("TableRip", kind, size), ring(size))


@pytest.mark.parametrize("kind", KINDS)
def test_no_table_is_sent_once_all_tables_have_converged(kind):
    short = solved("TableRip", kind, max_time=5, max_rounds=20)
    long = solved("TableRip", kind, max_time=10, max_rounds=60)
    assert len(sent(short)) == len(sent(long))


# -- the two completion rules


def test_in_sync_both_rules_say_complete_exactly_once():
    for device in solved("TableRip", "sync").devices:
        assert (device.complete_by_rule_1, device.complete_by_rule_2) == (1, 1)


def test_in_async_rule_1_speaks_too_early_and_rule_2_exactly_once():
    too_early = 0
    for seed in range(10):
        devices = solved("TableRip", "async", seed=seed, latency=(0, 0.5)).devices
        too_early += sum(d.complete_by_rule_1 > 1 for d in devices)
        assert [d.complete_by_rule_2 for d in devices] == [1] * 10
    assert too_early > 0


# -- messages over many links, and when to stop


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["RipCommunication", "TerminatingRip"])
def test_every_message_reaches_the_opposite_side_of_the_ring(algorithm, kind):
    for seed, size in enumerate([*SIZES, 10, 10, 20]):
        result = solved(algorithm, kind, size, seed)
        for device in result.devices:
            senders = [m.first_node for m in device.received if m.content == "hello"]
            assert senders == [(device.index - size // 2) % size]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_takes_a_shortest_way(kind):
    messages = sent(solved("RipCommunication", kind))
    hops = [m for m in messages if type(m).__name__ == "RoutableMessage"]
    assert len(hops) == 10 * 5


@pytest.mark.parametrize("latency", [(0, 0.05), (0, 0.5)])
def test_the_terminating_solution_ends_by_itself_when_all_is_done(latency):
    for seed in range(30):
        size = SIZES[seed % len(SIZES)]
        result = solved("TerminatingRip", "async", size, seed, latency=latency, max_time=100)
        assert (result.ended, result.failures) == ("done", []), (size, seed)
        assert_shortest(result, ring(size))
        assert count(result, "send", "RoutableMessage") == count(
            result, "receive", "RoutableMessage"
        )


@pytest.mark.parametrize("size", [*SIZES, 50])
def test_the_terminating_solution_ends_in_sync_as_well(size):
    result = solved("TerminatingRip", "sync", size, max_rounds=200, max_time=100)
    assert (result.ended, result.failures) == ("done", [])
    assert_shortest(result, ring(size))


def test_who_stops_right_after_its_own_message_leaves_others_waiting():
    ends = {solved("HastyRip", "async", seed=seed).ended[:5] for seed in range(10)}
    assert "limit" in ends


# -- failing links and negative costs


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_after_the_failure_of_a_link_all_ways_lead_along_the_line(kind, size):
    for seed in range(4):
        limits = {"max_rounds": 1000, "max_time": 100}
        result = solved("LinkFailureRip", kind, size, seed, **limits)
        assert (result.ended, result.failures) == ("done", [])
        assert_shortest(result, line(size))


def test_a_row_that_leads_back_to_the_receiver_makes_its_own_row_infinite():
    device = solved("LinkFailureRip", "sync", devices=10, max_rounds=2).devices[1]
    device.routing_table = {0: (0, 1), 7: (0, 4)}
    assert device.merge_tables(0, {7: (1, 7)}) == {0: (0, 1), 7: (0, 10)}


@pytest.mark.parametrize("kind", KINDS)
def test_with_a_negative_cost_the_tables_never_converge(kind):
    results = [
        solved("NegativeCostRip", kind, max_rounds=rounds, max_time=rounds / 20)
        for rounds in (50, 100)
    ]
    lowest = [min(min(found_distances(d).values()) for d in r.devices) for r in results]
    assert lowest[1] < lowest[0] < -10
    assert len(sent(results[1])) > 1.5 * len(sent(results[0]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [3, 4, 5, 10])
def test_without_echoes_a_negative_cost_does_converge(kind, size):
    for device in solved("NegativeCostNoEchoRip", kind, size).devices:
        i = device.index
        for to, found in found_distances(device).items():
            clockwise = [(i + k) % size for k in range((to - i) % size)]
            counter = [(to + k) % size for k in range((i - to) % size)]
            # A way is named by the lower ends of its links; link 0-1 is the one that costs -1.
            assert found == min(len(way) - 2 * (0 in way) for way in (clockwise, counter))
