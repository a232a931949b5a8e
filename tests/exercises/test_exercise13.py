"""Lecture 13: snapshots of a bank that is at work, of an idle one, and what FIFO is good for."""

import re

import pytest

from emulators.check.snapshot import ChannelStates, Conservation, ConsistentCut
from emulators.runner import RunConfig, prepared
from tests.running import SOLUTIONS, run

KINDS = ["sync", "async"]


def totals(result):
    """What the snapshots found, and what there was."""
    found = re.findall(r"together (\d+) of (\d+)", result.output)
    return [int(total) for total, _ in found], {int(money) for _, money in found}


def channels(result):
    """How much was in the channels of each snapshot."""
    return [int(amount) for amount in re.findall(r"(\d+) in channels", result.output)]


def violations(seed, kind="async", devices=6, **settings):
    """Run the solution; what its snapshots violate."""
    judges = [Conservation(), ConsistentCut(), ChannelStates()]
    config = RunConfig(13, "Bank", kind, devices, seed, SOLUTIONS, settings=settings)
    with prepared(config, quiet=True, properties=judges) as made:
        result = made.go()
    assert result.failures == [] or any(judge.violation for judge in judges)
    return [judge.name for judge in judges if judge.violation]


# -- the template


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_says_what_is_missing_and_ends(kind):
    result = run(13, "Bank", kind, devices=5)
    assert result.ended == "done"
    assert {text.partition(":")[0] for text in result.todos} == {
        "BankNode.receive_money",
        "BankNode.begin_snapshot",
    }
    assert result.output.count("not complete") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_no_money_is_lost_between_the_nodes(kind):
    result = run(13, "Bank", kind, devices=8)
    balances = [int(balance) for balance in re.findall(r"balance (\d+)", result.output)]
    assert len(balances) == 6
    assert sum(balances) == 6000


def test_nodes_show_their_balance_and_others_what_they_are():
    result = run(13, "Bank", devices=4, settings={"TRANSFERS": 0})
    assert [device.appearance()["text"] for device in result.devices] == [
        *("0: 1000", "1: 1000"),
        *("observer", "master"),
    ]


# -- the solution


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [4, 5, 10, 30])
def test_every_snapshot_has_all_money(kind, devices):
    for seed in range(5):
        found, money = totals(run(13, "Bank", kind, devices, seed, solution=True))
        assert len(found) == 3
        assert set(found) == money == {1000 * (devices - 2)}


def test_snapshots_find_money_on_its_way():
    runs = [run(13, "Bank", "async", 8, seed, solution=True) for seed in range(5)]
    assert sum(sum(map(bool, channels(result))) for result in runs) >= 8


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_of_a_hundred_snapshots_of_an_idle_bank_are_right(kind):
    settings = {"TRANSFERS": 0, "SNAPSHOTS": 100}
    result = run(13, "Bank", kind, 5, solution=True, settings=settings)
    assert totals(result) == ([3000] * 100, {3000})
    assert channels(result) == [0] * 100


@pytest.mark.parametrize("kind", KINDS)
def test_twenty_nodes_with_a_thousand_transfers_and_ten_snapshots_end(kind):
    settings = {"TRANSFERS": 50, "SNAPSHOTS": 10}
    result = run(13, "Bank", kind, 22, solution=True, settings=settings)
    sent = [event.message for event in result.trace if event.kind == "send"]
    assert sum(type(message).__name__ == "Transfer" for message in sent) > 950
    assert totals(result) == ([20_000] * 10, {20_000})


def test_snapshots_overlap():
    result = run(13, "Bank", "async", 8, solution=True, settings={"SNAPSHOTS": 6})
    cuts = [event.subject for event in result.trace if event.kind == "cut"]
    assert sorted(cuts) != cuts
    assert len(cuts) == 6 * 6


@pytest.mark.parametrize("kind", KINDS)
def test_snapshots_are_right_whatever_the_latency(kind):
    for seed in range(5):
        result = run(13, "Bank", kind, 6, seed, solution=True, latency=(0, 3))
        assert totals(result) == ([4000] * 3, {4000})


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", range(4))
def test_every_property_holds_on_a_thousand_seeds(kind, part):
    for seed in range(125 * part, 125 * (part + 1)):
        devices = (4, 5, 7, 10)[seed % 4]
        found = violations(seed, kind, devices, BALANCE=(5, 200)[seed % 2], SNAPSHOTS=seed % 5)
        assert found == [], seed


def test_without_fifo_snapshots_are_wrong():
    broken = [seed for seed in range(20) if violations(seed, FIFO=False)]
    assert len(broken) > 10
