"""Lecture 16: coteries intersect, Sanders keeps its promises, the solution survives losses."""

from collections import Counter
from itertools import combinations

import pytest

from emulators.network.scenario import Network
from exercises.exercise16 import coterie_of
from tests.running import run

KINDS = ["sync", "async"]
LONG = {"max_rounds": 600, "max_time": 60}
PUBLISHED = [
    (25, 0.2, 11),
    (25, 0.5, 19),
    (25, 0.8, 31),
    (64, 0.2, 45),
    (64, 0.5, 68),
    (64, 0.8, 88),
]
SIZES = [2, 3, 4, 5, 7, 9, 10, 16, 25, 30]


def entries(result):
    return Counter(event.device for event in result.trace if event.kind == "enter")


def sent(result):
    """How many messages of each class were sent."""
    return Counter(type(event.message).__name__ for event in result.trace if event.kind == "send")


def is_deadlocked(result):
    """Whether all wait, and nothing was sent or entered in the second half of the run."""
    half = result.trace[-1].time // 2
    late = {event.kind for event in result.trace if event.time > half}
    return all(device.waiting for device in result.devices) and late == {"round"}


# -- coteries


def test_any_two_coteries_of_any_network_intersect():
    for devices in range(2, 101):
        coteries = [set(coterie_of(index, devices)) for index in range(devices)]
        assert all(index in coterie for index, coterie in enumerate(coteries))
        assert all(one & other for one, other in combinations(coteries, 2))


@pytest.mark.parametrize("rows", [2, 3, 5, 8])
def test_in_a_square_a_coterie_is_a_row_and_a_column(rows):
    sizes = {len(coterie_of(index, rows * rows)) for index in range(rows * rows)}
    assert sizes == {2 * rows - 1}


def test_the_coteries_of_four_devices():
    assert [coterie_of(index, 4) for index in range(4)] == [
        [0, 1, 2],
        [0, 1, 3],
        [0, 2, 3],
        [1, 2, 3],
    ]


# -- the promises


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", SIZES)
def test_never_two_are_inside_and_all_get_in(kind, devices):
    result = run(16, "Sanders", kind, devices=devices, seed=2, max_rounds=400, max_time=40)
    assert result.failures == []
    assert set(entries(result)) == set(range(devices))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_never_two_are_inside_on_200_seeds(kind):
    for seed in range(200):
        result = run(
            16,
            "Sanders",
            kind,
            devices=SIZES[seed % 10],
            seed=seed,
            settings={"P": (0.05, 0.2, 0.8)[seed % 3], "TIME_INSIDE": seed % 7},
            latency=(0, 0.05) if seed % 2 else (0, 1),
            max_rounds=60,
            max_time=12,
        )
        assert result.failures == []
        assert sum(entries(result).values()) > 0


@pytest.mark.parametrize("rounds", [1, 5, 9])
def test_a_device_is_inside_for_the_rounds_that_were_set(rounds):
    result = run(16, "Sanders", devices=9, seed=1, settings={"TIME_INSIDE": rounds})
    entered = {}
    lengths = set()
    for event in result.trace.of("enter", "leave"):
        if event.kind == "enter":
            entered[event.device] = event.time
        else:
            lengths.add(event.time - entered[event.device])
    assert lengths == {rounds * 100_000}


def test_a_relinquish_answers_an_inquire_and_the_devices_count_them():
    result = run(16, "Sanders", devices=25, seed=1, settings={"P": 0.8}, max_rounds=100)
    messages = sent(result)
    assert 0 < messages["Relinquish"] <= messages["Inquire"]
    counted = sum(device.relinquishes for device in result.devices)
    assert counted >= messages["Relinquish"]  # those to oneself pass no network


def test_without_inquire_the_devices_wait_for_ever():
    with_it = run(16, "Sanders", devices=9, seed=1, settings={"P": 0.8})
    without = run(16, "Maekawa", devices=9, seed=1, settings={"P": 0.8})
    assert is_deadlocked(without)
    assert not is_deadlocked(with_it)
    assert without.failures == []


def test_a_device_shows_where_it_is():
    result = run(16, "Sanders", devices=9, seed=1)
    shown = {device.index: device.appearance() for device in result.devices}
    for device in result.devices:
        look = shown[device.index]
        assert (look["shape"] == "disc") == device.inside
        assert (look["color"] == "yellow") == device.waiting
        assert look["text"].startswith(f"{device.yes_votes}V ")
        assert look["text"].endswith(f" {device.relinquishes}R")
    assert Counter(look["color"] for look in shown.values())["red"] <= 1


# -- the network, and what the published table measures


def latencies(result):
    """How many rounds the messages were on their way."""
    sent, taken = {}, Counter()
    for event in result.trace.of("send", "receive"):
        if event.kind == "send":
            sent[event.subject[1]] = event.time
        else:
            taken[(event.time - sent[event.subject[1]]) // 100_000] += 1
    return taken


def test_half_of_the_messages_are_late():
    taken = latencies(run(16, "Sanders", devices=25, seed=1))
    assert set(taken) == {1, 3}
    assert taken[3] / taken.total() == pytest.approx(0.5, abs=0.05)


def test_the_delay_is_a_constant_of_the_exercise():
    settings = {"DELAY": 6, "DELAY_PROBABILITY": 1}
    assert set(latencies(run(16, "Sanders", devices=9, seed=1, settings=settings))) == {6}


def test_what_is_asked_for_is_put_over_the_network_of_the_lecture():
    result = run(16, "Sanders", devices=9, seed=1, network=Network(loss=0.1))
    assert result.statistics.lost > 0
    assert set(latencies(result)) == {1, 3}


@pytest.mark.slow
@pytest.mark.parametrize(("devices", "p", "published"), PUBLISHED)
def test_the_published_figures_are_in_the_range_and_all_events_in_the_first_10_rounds(
    devices, p, published
):
    found = []
    for seed in range(1, 41):
        early, all_ = (
            sum(device.relinquishes for device in result.devices)
            for result in (
                run(16, "Sanders", devices=devices, seed=seed, settings={"P": p}, max_rounds=rounds)
                for rounds in (10, 100)
            )
        )
        assert early == all_
        found.append(all_)
    assert min(found) <= published <= max(found)


# -- lost messages


def test_the_template_says_what_is_missing():
    result = run(16, "ReliableSanders", devices=9, seed=1)
    assert [text.partition(":")[0] for text in result.todos] == [
        "ReliableSanders.send",
        "ReliableSanders.messages",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_one_lost_message_stops_everybody(kind):
    stopped = 0
    for seed in range(10):
        result = run(16, "Sanders", kind, 9, seed, network=Network(loss=0.01), **LONG)
        lost = [event.time for event in result.trace if event.kind == "lose"]
        entered = [event.time for event in result.trace if event.kind == "enter"]
        stopped += bool(lost) and max(entered) < result.statistics.time / 2
        assert result.failures == []
    assert stopped >= 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loss", [0.05, 0.3])
def test_the_solution_goes_on_when_messages_are_lost(kind, loss):
    for seed in range(3):
        network = Network(loss=loss, duplicate=0.1)
        result = run(16, "ReliableSanders", kind, 9, seed, solution=True, network=network, **LONG)
        assert result.failures == []
        assert set(entries(result)) == set(range(9))
        assert max(e.time for e in result.trace.of("enter")) > result.statistics.time * 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_the_solution_costs_one_answer_per_message_where_nothing_is_lost(kind):
    result = run(16, "ReliableSanders", kind, devices=9, seed=1, solution=True)
    messages = sent(result)
    answers = messages.pop("Received")
    assert answers == pytest.approx(sum(messages.values()), abs=20)
    assert set(entries(result)) == set(range(9))
