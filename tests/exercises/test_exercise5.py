"""Lecture 5: multicast. Each class keeps its promise, the template and the solution alike."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.running import run

PICTURES = Path(__file__).resolve().parents[2] / "docs/lectures/pictures"
SIZES = (2, 3, 4, 5, 8)
MILD, HARSH = (0, 0.05), (0, 0.5)
GIVEN = (
    "BasicMulticast",
    "ReliableMulticast",
    "ReliableIPMulticast",
    "TOSEQMulticast",
    "ISISMulticast",
    "COMulticast",
)
SOLVED = ("FifoTOSEQMulticast", "ReliableFifoTOSEQMulticast", "ISISMulticast")


def runs(algorithm, seeds, network="async", **options):
    """Runs of one algorithm: sizes and latencies change with the seed, and all is delivered."""
    for seed in seeds:
        yield run(
            5,
            algorithm,
            network,
            devices=SIZES[seed % len(SIZES)],
            seed=seed,
            latency=HARSH if seed % 2 else MILD,
            settings={"CONTENTS": 3, "PAUSE": 0.2},
            max_time=8,
            **options,
        )


# --- what is looked at ---------------------------------------------------------------------------


def delivered(result):
    return [device._application.delivered() for device in result.devices]


def everything(result):
    return {
        f"{device.index}#{number}"
        for device in result.devices
        for number in range(1, device._application._mid + 1)
    }


def all_deliver_all_once(result):
    return all(
        sorted(contents) == sorted(everything(result)) for contents in delivered(result)
    )


def nothing_twice_and_nothing_invented(result):
    return all(
        len(set(contents)) == len(contents) and set(contents) <= everything(result)
        for contents in delivered(result)
    )


def total_order(result):
    """Every device has delivered a beginning of the same sequence."""
    longest = max(delivered(result), key=len)
    return all(longest[: len(contents)] == contents for contents in delivered(result))


def fifo_order(result):
    return all(device._application.overtaken() == 0 for device in result.devices)


def causes(result):
    """For each content, what its sender had sent or delivered before it sent it."""
    before = {}
    for device in result.devices:
        seen = set()
        for event, content in device._application.history:
            if event == "send":
                before[content] = set(seen)
            seen.add(content)
    return before


def causal_order(result):
    before = causes(result)
    for contents in delivered(result):
        seen = set()
        for content in contents:
            if not before[content] <= seen:
                return False
            seen.add(content)
    return True


PROMISES = [
    ("TOSEQMulticast", total_order, False),
    ("ReliableIPMulticast", fifo_order, False),
    ("COMulticast", causal_order, False),
    ("COMulticast", fifo_order, False),
    ("FifoTOSEQMulticast", total_order, True),
    ("FifoTOSEQMulticast", fifo_order, True),
    ("ReliableFifoTOSEQMulticast", total_order, True),
    ("ReliableFifoTOSEQMulticast", fifo_order, True),
    ("ISISMulticast", total_order, True),
    ("FifoOverlapMulticast", fifo_order, True),
]


# --- the promises --------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize("algorithm", GIVEN)
def test_every_device_delivers_every_content_once(algorithm, network):
    for result in runs(algorithm, range(50), network):
        assert result.failures == []
        assert all_deliver_all_once(result)


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize(("algorithm", "promise", "solution"), PROMISES)
def test_the_order_that_was_promised_is_kept(algorithm, promise, solution, network):
    for result in runs(algorithm, range(50), network, solution=solution):
        assert result.failures == []
        assert promise(result)


@pytest.mark.parametrize("algorithm", SOLVED)
def test_the_solved_total_orders_deliver_every_content_once(algorithm):
    for result in runs(algorithm, range(20), solution=True):
        assert all_deliver_all_once(result)


@pytest.mark.parametrize(
    ("algorithm", "promise"),
    [
        ("BasicMulticast", total_order),
        ("BasicMulticast", fifo_order),
        ("BasicMulticast", causal_order),
        ("ReliableMulticast", total_order),
        ("ReliableIPMulticast", causal_order),
        ("TOSEQMulticast", fifo_order),
        ("ISISMulticast", total_order),
        ("COMulticast", total_order),
        ("FifoGroupMulticast", fifo_order),
    ],
)
def test_an_order_that_is_not_promised_is_broken_by_some_run(algorithm, promise):
    assert not all(promise(result) for result in runs(algorithm, range(1, 40, 2)))


@pytest.mark.parametrize("network", ["async", "sync"])
@pytest.mark.parametrize("algorithm", [*GIVEN, "FifoGroupMulticast"])
def test_fifty_devices_run(algorithm, network):
    result = run(5, algorithm, network, devices=50, seed=1, max_time=1, max_messages=20_000)
    assert result.failures == []
    assert nothing_twice_and_nothing_invented(result)
    assert sum(map(len, delivered(result))) > 50


# --- groups that overlap ------------------------------------------------------------------------


@pytest.mark.parametrize("solution", [False, True])
def test_every_member_of_a_group_delivers_what_was_sent_to_the_group(solution):
    algorithm = "FifoOverlapMulticast" if solution else "FifoGroupMulticast"
    for result in runs(algorithm, range(20), solution=solution):
        sent = {}
        for event in result.trace:
            if event.kind == "send":
                _, _, content = event.message.content()
                sent.setdefault(event.message.destination, set()).add(content)
        for device, contents in enumerate(delivered(result)):
            assert sorted(contents) == sorted(sent[device])


def test_each_group_keeps_fifo_order():
    for result in runs("FifoGroupMulticast", range(50)):
        group_of = {}
        for event in result.trace:
            if event.kind == "send":
                group, _, content = event.message.content()
                group_of[content] = group
        for contents in delivered(result):
            last = {}
            for content in contents:
                sender, number = map(int, content.split("#"))
                assert last.get((sender, group_of[content]), 0) < number
                last[sender, group_of[content]] = number


# --- losses and crashes --------------------------------------------------------------------------


def test_lost_messages_are_asked_for_and_sent_again():
    for network in ("async", "sync"):
        result = run(
            5, "ReliableIPMulticast", network, devices=4, seed=5, max_time=12, loss=0.3
        )
        kinds = Counter(type(event.message).__name__ for event in result.trace if event.message)
        assert kinds["NACK"] > 0 and kinds["Resend"] > 0
        assert fifo_order(result)
        for contents in delivered(result):
            by_sender = Counter(content.split("#")[0] for content in contents)
            assert min(by_sender[str(sender)] for sender in range(4)) >= 10
            assert sum(by_sender.values()) == len(set(contents))
