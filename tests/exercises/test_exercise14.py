"""Lecture 14: no task of the monitor is disturbed or forgotten, in either type of network."""

from collections import Counter

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.limits import Limits
from emulators.network.scenario import Network
from emulators.runner import RunConfig, in_steps
from emulators.SyncEmulator import SyncEmulator
from tests.framework.walking import picture
from tests.running import SOLUTIONS, run
from tests.solutions.exercise14 import MonitorDevice

KINDS = ["sync", "async"]
ENDLESS = {"max_rounds": 100_000_000, "max_time": 10_000_000.0, "max_messages": 100_000_000}


def solved(algorithm: str, kind: str, devices: int = 3, seed: int = 1, **options):
    return run(14, algorithm, kind, devices=devices, seed=seed, solution=True, **options)


def assert_one_inside(result):
    """Nothing failed, the run ended by itself, and nobody entered before another one had left."""
    assert (result.failures, result.ended) == ([], "done")
    inside = None
    for event in result.trace:
        if event.kind == "enter":
            assert inside is None
            inside = event.device
        elif event.kind == "leave":
            inside = None


def holder(result) -> Device:
    """The one device that has the token in the end."""
    (found,) = (device for device in result.devices if device.token is not None)
    return found


def sent(result, kind: str):
    return [
        event.message
        for event in result.trace
        if event.kind == "send" and type(event.message).__name__ == kind
    ]


# -- the counter


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 3, 10])
def test_no_addition_is_lost(kind, devices):
    result = solved("MonitorDevice", kind, devices)
    assert_one_inside(result)
    assert holder(result).state.value == 3 * devices
    assert [device.entries for device in result.devices] == [3] * devices


@pytest.mark.slow
def test_no_addition_is_lost_on_200_seeds():
    for seed in range(200):
        kind, devices = KINDS[seed % 2], (2, 3, 5, 8, 20)[seed // 2 % 5]
        latency = (0, 0.05) if seed % 3 else (0, 0.6)
        result = solved("MonitorDevice", kind, devices, seed, latency=latency)
        assert_one_inside(result)
        assert holder(result).state.value == 3 * devices


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hours_of_virtual_time_lose_no_addition(kind):
    settings = {"ENTRIES": 10_000}
    result = solved("MonitorDevice", kind, 4, settings=settings, **ENDLESS)
    assert_one_inside(result)
    assert holder(result).state.value == 40_000
    assert max(event.time for event in result.trace) > 2 * 3600 * 1_000_000  # ticks


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_costs_nothing_or_a_request_to_each_and_the_token(kind):
    result = solved("MonitorDevice", kind, 5)
    asked = Counter(message.source for message in sent(result, "MonitorRequest"))
    tokens = Counter(message.destination for message in sent(result, "MonitorToken"))
    assert {device: count // 4 for device, count in asked.items()} == dict(tokens)
    assert sum(tokens.values()) <= 15


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_queued_twice_and_nobody_is_queued_who_is_served(kind):
    for message in sent(solved("BoundedBuffer", kind, 5), "MonitorToken"):
        assert len(set(message.queue)) == len(message.queue)
        assert message.destination not in message.queue


# -- the bounded buffer


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [2, 3, 6])
def test_every_item_is_consumed_once_and_in_order(kind, devices):
    result = solved("BoundedBuffer", kind, devices)
    assert_one_inside(result)
    received = [device.received for device in result.devices[1:]]
    assert sorted(item for items in received for item in items) == list(range(1, 21))
    assert all(items == sorted(items) for items in received)


@pytest.mark.parametrize("kind", KINDS)
def test_the_buffer_never_holds_more_than_its_capacity(kind):
    for seed in range(5):
        result = solved("BoundedBuffer", kind, 3, seed, settings={"CAPACITY": 2, "THINKING": 9})
        assert_one_inside(result)
        assert max(len(message.state) // 4 for message in sent(result, "MonitorToken")) <= 2


class InVain(MonitorDevice):
    """Device 0 waits for what nobody will do; the others want nothing."""

    def program(self):
        if self.index == 0:
            self.execute(lambda counter: counter.value > 0, self.add_one)


@pytest.mark.parametrize("emulator", [SyncEmulator, AsyncEmulator])
def test_a_predicate_that_is_false_with_nobody_waiting_costs_no_message(emulator):
    made = emulator(3, InVain, seed=1, quiet=True, limits=Limits(rounds=50, time=5.0))
    made.run()
    assert made.failures == []
    assert made.statistics.sent == 0
    assert made.devices[0].false_predicates == 1


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ["MonitorDevice", "BoundedBuffer"])
def test_the_template_says_what_is_missing(kind, algorithm):
    result = run(14, algorithm, kind, devices=3, max_rounds=50, max_time=5)
    assert result.failures == []
    assert [text.partition(":")[0] for text in result.todos] == [
        "MonitorDevice.request",
        "MonitorDevice.release",
    ]


def test_a_run_of_the_lecture_can_be_stepped_through_and_back():
    config = RunConfig(14, "BoundedBuffer", "stepping", 3, 1, SOLUTIONS)
    _, walked = in_steps(config)
    walked.go_to(20)
    there = picture(walked)
    walked.go_to(40)
    walked.go_to(20)
    assert picture(walked) == there


# -- the bonus: on the protocol of the library


def survivors(result):
    return [device for device in result.devices if device._finished]


@pytest.mark.parametrize("kind", KINDS)
def test_the_safe_monitor_loses_no_addition_either(kind):
    result = solved("SafeMonitorDevice", kind, 4)
    assert_one_inside(result)
    assert newest(result) == 12
    assert "made again" not in result.output


def newest(result) -> int:
    """The counter as the newest copy has it."""
    known = max((one.protocol.newest for one in result.devices), key=lambda body: body.age)
    return int.from_bytes(known.state, "big")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", KINDS)
def test_a_device_that_fails_costs_no_addition(kind, seed):
    network = Network.parse({"crash": [{"device": seed % 3, "at": f"{0.5 + 0.3 * seed}s"}]})
    settings = {"ENTRIES": 10}
    result = solved("SafeMonitorDevice", kind, 4, seed, settings=settings, network=network)
    assert result.failures == []
    assert [one.entries for one in survivors(result)] == [10, 10, 10]
    done = sum(device.entries for device in result.devices)
    assert newest(result) in (done, done + 1)  # one more: done, but not yet reported as done


@pytest.mark.parametrize("seed", range(5))
def test_lost_messages_cost_the_safe_monitor_no_addition(seed):
    network = Network.parse({"loss": 0.1})
    settings = {"ENTRIES": 10}
    result = solved("SafeMonitorDevice", "async", 4, seed, settings=settings, network=network)
    assert result.failures == []
    assert newest(result) == 40


@pytest.mark.slow
def test_the_safe_monitor_works_for_hours_of_virtual_time():
    settings = {"ENTRIES": 5_000}
    result = solved("SafeMonitorDevice", "sync", 4, settings=settings, **ENDLESS)
    assert_one_inside(result)
    assert newest(result) == 20_000
    assert max(event.time for event in result.trace) > 3600 * 1_000_000 * 2
