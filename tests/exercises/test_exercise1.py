"""Lecture 1: the template for gossip, and the reference solutions."""

from itertools import combinations, permutations

import pytest

from tests.running import run
from tests.solutions.exercise1 import telephone_calls

KINDS = ("sync", "async")
SIZES = (2, 3, 4, 5, 10, 50)
SOLUTIONS = ("Gossip", "ImprovedGossip", "TelephoneGossip", "RingGossip", "ImprovedRingGossip")


def sent(result):
    return [event.message for event in result.trace if event.kind == "send"]


def solved(algorithm, kind, devices, seed=1):
    return run(1, algorithm, kind, devices=devices, seed=seed, solution=True)


def fewest(pairs, two_ways):
    """The fewest messages (or calls, where both sides speak) by trying all, for few devices."""
    number = 1 + max(max(pair) for pair in pairs)
    everything = (1 << number) - 1
    states = {tuple(1 << device for device in range(number))}
    steps = 0
    while (everything,) * number not in states:
        states = {after(state, pair, two_ways) for state in states for pair in pairs}
        steps += 1
    return steps


def after(state, pair, two_ways):
    speaker, listener = pair
    known = list(state)
    known[listener] |= state[speaker]
    if two_ways:
        known[speaker] |= state[listener]
    return tuple(known)


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_the_template_has_one_conversation_and_says_what_is_missing(kind, size):
    result = run(1, "Gossip", kind, devices=size, seed=size)
    assert (result.ended, result.failures) == ("done", [])
    assert result.todos == ["Gossip.run: go on until every device knows every secret"]
    for device in result.devices:
        assert device._secrets == {device.index, (device.index - 1) % size}


def test_a_message_says_which_secrets_it_passes_on():
    first = sent(run(1, "Gossip", "sync", devices=2, seed=1))[0]
    other = 1 - first.source
    assert str(first) == f"GossipMessage {first.source} -> {other}: {first.source}"


def test_the_results_say_who_knows_how_much():
    output = run(1, "Gossip", "sync", devices=3, seed=1).output
    assert "Device 1: knows 2 of 3 secrets: 0, 1" in output


# -- the reference solutions


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", SOLUTIONS)
def test_every_device_learns_every_secret_and_the_run_ends_by_itself(algorithm, kind):
    for seed in range(100):
        size = (2, 3, 4, 5, 8, 13)[seed % 6]
        result = solved(algorithm, kind, size, seed)
        assert (result.ended, result.failures, result.todos) == ("done", [], []), (size, seed)
        assert all(d._secrets == set(range(size)) for d in result.devices), (size, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_gossip_spreads_among_3_to_50_devices(kind):
    for size in range(3, 51):
        result = solved("Gossip", kind, size, seed=size)
        assert (result.ended, result.failures) == ("done", []), size
        assert all(d._secrets == set(range(size)) for d in result.devices), size
        assert len(sent(result)) == size * (size - 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["ImprovedGossip", "ImprovedRingGossip"])
def test_the_improved_solutions_need_2n_minus_2_messages(algorithm, kind):
    for size in range(2, 51):
        result = solved(algorithm, kind, size, seed=size)
        assert len(sent(result)) == 2 * size - 2
        assert all(d._secrets == set(range(size)) for d in result.devices), size


@pytest.mark.parametrize("kind", KINDS)
def test_telephones_need_2n_minus_4_calls_of_two_messages_from_four_devices_on(kind):
    for size in range(4, 51):
        result = solved("TelephoneGossip", kind, size, seed=size)
        assert len(telephone_calls(size)) == 2 * size - 4
        assert len(sent(result)) == 2 * (2 * size - 4)
        assert all(d._secrets == set(range(size)) for d in result.devices), size


def test_telephones_need_2n_minus_3_calls_for_two_and_three_devices():
    assert [len(telephone_calls(size)) for size in (2, 3)] == [1, 3]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["RingGossip", "ImprovedRingGossip"])
@pytest.mark.parametrize("size", SIZES)
def test_on_the_ring_devices_talk_to_their_neighbors_only(algorithm, kind, size):
    for message in sent(solved(algorithm, kind, size)):
        assert (message.destination - message.source) % size in (1, size - 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_on_the_ring_nobody_says_the_same_twice(kind, size):
    last_words = {}
    for message in sent(solved("RingGossip", kind, size)):
        link = message.source, message.destination
        assert message.secrets > last_words.get(link, set())
        last_words[link] = message.secrets


# -- what the lecture says about the smallest numbers


@pytest.mark.parametrize("size", [2, 3, 4])
def test_no_plan_needs_fewer_than_2n_minus_2_messages(size):
    pairs = list(permutations(range(size), 2))
    assert fewest(pairs, two_ways=False) == 2 * size - 2


@pytest.mark.parametrize("size", [2, 3, 4])
def test_no_plan_needs_fewer_calls_than_the_telephones(size):
    pairs = list(combinations(range(size), 2))
    assert fewest(pairs, two_ways=True) == len(telephone_calls(size))
