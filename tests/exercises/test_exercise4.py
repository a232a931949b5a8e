"""Lecture 4: the given algorithms keep their promise, and the solution solves the bonus tasks."""

from collections import Counter
from itertools import combinations

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.SyncEmulator import SyncEmulator
from exercises.exercise4 import Bully
from tests.running import run

MUTEX = ["Centralised", "TokenRing", "RicartAgrawala", "Maekawa", "SuzukiKasami"]
LIVE = [name for name in MUTEX if name != "Maekawa"]
ELECTIONS = ["ChangRoberts", "Bully"]
ASYNC_WORK = [f"Async{name}" for name in MUTEX]
KINDS = ["sync", "async"]
SIZES = [2, 3, 4, 5, 7, 10, 3, 5, 20, 50]  # of the runs with many seeds


def entries(result):
    return Counter(event.device for event in result.trace if event.kind == "enter")


def assert_never_two_inside(result):
    assert result.failures == []
    inside = None
    for event in result.trace:
        if event.kind == "enter":
            assert inside is None
            inside = event.device
        elif event.kind == "leave":
            assert inside == event.device
            inside = None


def workers(algorithm, devices):
    """The devices that want to enter: all, but for a coordinator."""
    return range(1 if "Centralised" in algorithm else 0, devices)


def is_deadlocked(result):
    """Whether all wait with fewer grants than they need, and no message is on its way."""
    kinds = Counter(event.kind for event in result.trace)
    waiting = all(device._state.name == "WANTED" for device in result.devices)
    return waiting and kinds["send"] == kinds["receive"]


# -- mutual exclusion


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", MUTEX)
def test_never_two_are_inside_on_100_seeds(algorithm):
    for seed in range(100):
        size = SIZES[seed % 10]
        kind = KINDS[seed // 10 % 2]
        latency = (0, 0.05) if seed % 3 else (0, 0.6)
        result = run(
            4, algorithm, kind, devices=size, seed=seed, max_rounds=40, max_time=4, latency=latency
        )
        assert_never_two_inside(result)
        assert sum(entries(result).values()) > 0 or algorithm == "Maekawa"
        assert result.ended.startswith("limit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", LIVE)
@pytest.mark.parametrize("devices", [2, 3, 10])
def test_every_device_gets_in_again_and_again(algorithm, kind, devices):
    result = run(4, algorithm, kind, devices=devices, seed=3, max_rounds=300, max_time=30)
    entered = entries(result)
    assert all(entered[device] >= 2 for device in workers(algorithm, devices))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", LIVE)
def test_every_one_of_50_devices_gets_in(algorithm, kind):
    limit = 1500 if algorithm == "TokenRing" else 400
    result = run(4, algorithm, kind, devices=50, seed=5, max_rounds=limit, max_time=limit / 10)
    assert_never_two_inside(result)
    assert set(entries(result)) == set(workers(algorithm, 50))


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_by_way_of_the_coordinator_takes_three_messages(kind):
    result = run(4, "Centralised", kind, devices=5, seed=2, max_rounds=100, max_time=10)
    sent = Counter(event.message._type.name for event in result.trace if event.kind == "send")
    left = sum(event.kind == "leave" for event in result.trace)
    assert left > 0
    assert sent["REQUEST"] >= sent["GRANT"] >= sent["RELEASE"] >= left - 1
    assert sent["REQUEST"] - sent["RELEASE"] <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_ring_has_one_token(kind):
    result = run(4, "TokenRing", kind, devices=5, seed=2, max_rounds=100, max_time=10)
    in_flight = 0
    for event in result.trace:
        in_flight += {"send": 1, "receive": -1}.get(event.kind, 0)
        assert in_flight in (0, 1)
    places = [event.message.destination for event in result.trace if event.kind == "receive"]
    assert places == [(1 + turn) % 5 for turn in range(len(places))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 6])
def test_ricart_and_agrawala_enter_with_2_n_minus_1_messages(kind, devices):
    result = run(4, "RicartAgrawala", kind, devices=devices, seed=4, max_rounds=100, max_time=10)
    asked, granted, entered = Counter(), Counter(), Counter()
    for event in result.trace:
        if event.kind == "send" and event.message.is_request():
            asked[event.device] += 1
        elif event.kind == "receive" and event.message.is_grant():
            granted[event.device] += 1
        elif event.kind == "enter":
            entered[event.device] += 1
            messages = entered[event.device] * (devices - 1)
            assert asked[event.device] == granted[event.device] == messages
    assert len(entered) == devices


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_the_older_request_of_ricart_and_agrawala_goes_first(kind, seed):
    result = run(4, "RicartAgrawala", kind, devices=5, seed=seed, max_rounds=100, max_time=10)
    stamp, entered = {}, []
    for event in result.trace:
        if event.kind == "send" and event.message.is_request():
            stamp[event.device] = event.message.stamp()
        elif event.kind == "enter":
            entered.append((stamp[event.device], event.device))
    assert len(entered) > 5
    assert entered == sorted(entered)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 5])
def test_suzuki_and_kasami_enter_with_0_or_n_messages(kind, devices):
    seen = set()
    for seed in range(5):
        result = run(
            4, "SuzukiKasami", kind, devices=devices, seed=seed, max_rounds=100, max_time=10
        )
        sent = Counter()  # for the next entry of each device: its requests, and its token
        for event in result.trace:
            if event.kind == "send" and hasattr(event.message, "stamp"):
                sent[event.device] += 1
            elif event.kind == "send":
                sent[event.message.destination] += 1
            elif event.kind == "enter":
                seen.add(sent.pop(event.device, 0))
    assert seen == {0, devices}


def test_late_requests_of_suzuki_and_kasami_happen_and_do_no_harm():
    late = 0
    for seed in range(10):
        result = run(4, "SuzukiKasami", "async", devices=5, seed=seed, latency=(0, 1), max_time=20)
        assert_never_two_inside(result)
        got_in = Counter()
        for event in result.trace:
            if event.kind == "receive" and hasattr(event.message, "stamp"):
                late += event.message.stamp() <= got_in[event.message.source]
            elif event.kind == "receive":
                got_in[event.device] += 1
        assert len(entries(result)) == 5
    assert late > 0


def test_any_two_voting_sets_of_maekawa_overlap():
    for devices in range(2, 51):
        result = run(4, "Maekawa", "sync", devices=devices, seed=1, max_rounds=1)
        sets = [set(device._voting_set) for device in result.devices]
        assert all(index in voters for index, voters in enumerate(sets))
        assert all(one & other for one, other in combinations(sets, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_maekawa_without_inquiry_can_deadlock(kind):
    runs = [run(4, "Maekawa", kind, devices=3, seed=seed, max_rounds=150) for seed in range(10)]
    assert any(is_deadlocked(result) for result in runs)
    for result in runs:
        assert_never_two_inside(result)


# -- elections


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ELECTIONS)
def test_all_agree_on_the_largest_on_100_seeds(algorithm):
    for seed in range(100):
        size = SIZES[seed % 10]
        starter = -1 if seed % 2 else seed % size
        result = run(
            4,
            algorithm,
            KINDS[seed // 10 % 2],
            devices=size,
            seed=seed,
            settings={"STARTER": starter},
            max_rounds=400,
            max_time=60,
        )
        assert result.failures == []
        assert result.ended == "done"
        assert [device._leader for device in result.devices] == [size - 1] * size


def test_chang_and_roberts_survive_any_overtaking():
    for seed in range(20):
        result = run(4, "ChangRoberts", "async", devices=6, seed=seed, latency=(0, 5), max_time=999)
        assert result.ended == "done"
        assert {device._leader for device in result.devices} == {5}


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        ({"STARTER": 0}, 3 * 10 - 1),
        ({"STARTER": 9}, 2 * 10),
        ({"STARTER": -1}, 3 * 10 - 1),
        ({"STARTER": -1, "RING_STEP": -1}, 10 * 11 // 2 + 10),
    ],
    ids=str,
)
def test_messages_of_chang_and_roberts(settings, messages):
    result = run(4, "ChangRoberts", "sync", devices=10, seed=1, settings=settings)
    assert sum(event.kind == "send" for event in result.trace) == messages


def test_the_largest_starts_and_the_bully_needs_n_minus_1_messages():
    result = run(4, "Bully", "sync", devices=10, seed=1, settings={"STARTER": 9})
    assert sum(event.kind == "send" for event in result.trace) == 9


class Failed(Device):
    """Has failed before the run: it never says a word."""

    def run(self):
        pass


@pytest.mark.parametrize("emulator", [SyncEmulator, AsyncEmulator])
@pytest.mark.parametrize("failed", [{4}, {3, 4}, {1, 2, 3, 4}], ids=str)
def test_the_bully_elects_the_largest_that_is_alive(emulator, failed):
    devices = []

    def build(index, number_of_devices, medium):
        kind = Failed if index in failed else Bully
        devices.append(kind(index, number_of_devices, medium))
        return devices[-1]

    emulator(5, build).run()
    alive = [device for device in devices if isinstance(device, Bully)]
    assert {device._leader for device in alive} == {alive[-1].index}


def test_a_bully_that_waits_too_short_makes_two_leaders():
    settings = {"ANSWER_ROUNDS": 1}
    result = run(
        4, "Bully", "async", devices=5, seed=1, settings=settings, latency=(0.5, 1), max_time=30
    )
    assert len({device._leader for device in result.devices}) > 1


# -- the template


def test_in_a_sync_network_a_pinger_hears_one_ping_per_turn():
    result = run(4, "Pinger", "sync", devices=4, seed=1)
    assert [device._heard for device in result.devices] == [[1] * 5] * 4
    assert result.ended == "done"


def test_in_an_async_network_a_pinger_also_hears_none_or_two():
    result = run(4, "Pinger", "async", devices=10, seed=1)
    heard = {turn for device in result.devices for turn in device._heard}
    assert {0, 1, 2} <= heard


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["Pinger", *MUTEX, *ELECTIONS])
def test_nothing_is_missing_in_the_template(algorithm, kind):
    result = run(4, algorithm, kind, devices=2, seed=8, max_rounds=60, max_time=6)
    assert result.todos == []
    assert result.failures == []
    assert all(f"Device {index}" in result.output for index in range(2))


# -- the bonus: a token ring that survives failures


def members(result):
    return [device for device in result.devices if device._status == "alive"]


def entered_late(result, seconds):
    after = seconds * 1_000_000
    return {e.device for e in result.trace if e.kind == "enter" and e.time > after}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 3, 7])
def test_a_token_that_is_lost_with_its_holder_is_replaced_once(kind, devices):
    settings = {"CRASHES": {1: 2.0}, "JOINS": {}}
    for seed in range(5):
        result = run(
            4,
            "HeartbeatTokenRing",
            kind,
            devices=devices,
            seed=seed,
            solution=True,
            settings=settings,
            max_rounds=400,
            max_time=40,
        )
        assert_never_two_inside(result)
        alive = [index for index in range(devices) if index != 1]
        assert [device.ring() for device in members(result)] == [alive] * len(alive)
        assert {device._newest[0] for device in members(result)} == {1}
        assert entered_late(result, 15) == set(alive)


@pytest.mark.parametrize("kind", KINDS)
def test_new_devices_are_taken_into_the_ring(kind):
    settings = {"CRASHES": {}, "JOINS": {0: 2.0, 3: 2.0}}
    result = run(
        4,
        "HeartbeatTokenRing",
        kind,
        devices=5,
        seed=6,
        solution=True,
        settings=settings,
        max_rounds=200,
        max_time=20,
    )
    assert_never_two_inside(result)
    assert [device.ring() for device in result.devices] == [[0, 1, 2, 3, 4]] * 5
    assert {device._newest[0] for device in result.devices} == {0}
    assert entered_late(result, 3) == {0, 1, 2, 3, 4}


@pytest.mark.slow
def test_failures_and_newcomers_at_any_time_never_let_two_in():
    for seed in range(60):
        first, second, late = seed % 6, (seed * 5 + 1) % 6, (seed * 7 + 2) % 6
        settings = {
            "CRASHES": {first: 0.5 + seed % 7 / 3, second: 1 + seed % 11 / 3},
            "JOINS": {late: 1 + seed % 13 / 3},
            "CRASH_WITH_TOKEN": seed % 2 == 0,
        }
        result = run(
            4,
            "HeartbeatTokenRing",
            KINDS[seed // 2 % 2],
            devices=6,
            seed=seed,
            solution=True,
            settings=settings,
            max_rounds=250,
            max_time=25,
        )
        assert_never_two_inside(result)
        alive = [device.index for device in members(result)]
        assert len(alive) >= 4
        assert all(device.ring() == alive for device in members(result))


# -- extracurricular: work that goes on beside


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ASYNC_WORK)
def test_work_in_a_thread_keeps_the_promise(algorithm, kind):
    for seed, devices in enumerate([2, 3, 5, 10]):
        result = run(
            4,
            algorithm,
            kind,
            devices=devices,
            seed=seed,
            solution=True,
            max_rounds=200,
            max_time=20,
        )
        assert_never_two_inside(result)
        if algorithm != "AsyncMaekawa":
            assert set(entries(result)) == set(workers(algorithm, devices))


def heard_inside(result):
    """How many messages were received by a device that was inside."""
    inside, heard = set(), 0
    for event in result.trace:
        if event.kind == "enter":
            inside.add(event.device)
        elif event.kind == "leave":
            inside.discard(event.device)
        elif event.kind == "receive":
            heard += event.device in inside
    return heard


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["RicartAgrawala", "SuzukiKasami"])
def test_a_device_that_works_in_a_thread_listens_meanwhile(algorithm, kind):
    plain = run(4, algorithm, kind, devices=5, seed=1)
    beside = run(4, f"Async{algorithm}", kind, devices=5, seed=1, solution=True)
    assert heard_inside(plain) == 0
    assert heard_inside(beside) > 0
