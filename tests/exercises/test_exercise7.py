"""Lecture 7: the reference Bully elects the largest living device; the template runs."""

import pytest

import exercises.exercise7 as template
from emulators.AsyncEmulator import AsyncEmulator
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace
from tests.running import run
from tests.solutions import exercise7 as solutions

HUNDRED = [(seed, 2 + seed % 9) for seed in range(97)] + [(97, 20), (98, 30), (99, 50)]


def leaders(result):
    return [device._leader for device in result.devices]


def elect(network, devices, seed=1, observers=()):
    """Run the reference with the template's constants as they are now."""
    emulator = network(devices, solutions.Bully, seed=seed, quiet=True, observers=observers)
    emulator.run()
    assert emulator.failures == []
    return emulator


@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_device_with_the_largest_index_wins_on_100_seeds(network):
    for seed, devices in HUNDRED:
        result = run(7, "Bully", network, devices=devices, seed=seed, solution=True)
        assert result.failures == []
        assert result.ended == "done"
        assert leaders(result) == [devices - 1] * devices


@pytest.mark.parametrize("network", [SyncEmulator, AsyncEmulator])
@pytest.mark.parametrize("starter", [-1, 2, 4])
def test_anybody_may_start_the_election(monkeypatch, network, starter):
    monkeypatch.setattr(template, "STARTER", starter)
    emulator = elect(network, devices=5)
    assert emulator.all_terminated
    assert leaders(emulator) == [4] * 5


@pytest.mark.parametrize("network", [SyncEmulator, AsyncEmulator])
@pytest.mark.parametrize("starter", [-1, 0, 3, 4])
def test_the_largest_living_device_wins_when_the_largest_has_failed(monkeypatch, network, starter):
    monkeypatch.setattr(template, "STARTER", starter)
    monkeypatch.setattr(template, "FAILED", 4)
    for seed in range(5):
        emulator = elect(network, devices=5, seed=seed)
        assert emulator.all_terminated
        assert leaders(emulator) == [3, 3, 3, 3, None]


def test_an_election_starts_although_the_device_that_should_start_it_has_failed(monkeypatch):
    monkeypatch.setattr(template, "FAILED", 0)
    assert leaders(elect(AsyncEmulator, devices=4)) == [None, 3, 3, 3]


def test_the_largest_starter_needs_only_to_announce_itself(monkeypatch):
    monkeypatch.setattr(template, "STARTER", 5)
    trace = Trace()
    elect(SyncEmulator, devices=6, observers=[trace])
    votes = [event.message for event in trace.of("send")]
    assert len(votes) == 5
    assert all(vote.decided() and vote.vote() == 5 for vote in votes)


def test_a_device_asks_the_larger_ones_only_and_answers_the_smaller_ones():
    result = run(7, "Bully", "async", devices=6, seed=2, solution=True)
    for event in result.trace.of("send"):
        if not event.message.decided():
            kind = "election" if event.message.destination > event.device else "answer"
            assert event.message.vote() == event.device
            assert str(event.message).endswith(kind)


def test_all_learn_the_leader_from_the_leader():
    result = run(7, "Bully", "async", devices=6, seed=3, solution=True)
    announcements = [event for event in result.trace.of("send") if event.message.decided()]
    assert {event.device for event in announcements} == {5}
    assert sorted(event.message.destination for event in announcements) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_election_starts_again_when_the_largest_fails_after_its_answer(network):
    for seed in range(5):
        result = run(7, "BullyWithLateFailure", network, devices=6, seed=seed, solution=True)
        assert result.failures == []
        assert result.ended == "done"
        assert leaders(result)[:5] == [4] * 5


@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_open_template_runs_to_its_limit_and_says_what_is_missing(network):
    limit = {"max_rounds": 20} if network == "sync" else {"max_time": 2}
    result = run(7, "Bully", network, devices=50, seed=1, **limit)
    assert result.ended.startswith("limit")
    assert result.failures == []
    assert len(result.todos) == 2
    assert all(text.startswith("Bully.") for text in result.todos)
    assert result.output.count("knows no leader") == 50


def test_messages_can_be_read():
    vote = run(7, "Bully", "sync", devices=2, seed=1, max_rounds=1).module.Vote
    assert str(vote(0, 3, 0, False)) == "Vote 0 -> 3: election"
    assert str(vote(3, 0, 3, False)) == "Vote 3 -> 0: answer"
    assert str(vote(3, 0, 3, True)) == "Vote 3 -> 0: coordinator is 3"
