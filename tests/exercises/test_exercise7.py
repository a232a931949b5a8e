"""Lecture 7: the reference Bully elects the largest living device; the template runs."""

import pytest

from tests.running import run

HUNDRED = [(seed, 2 + seed % 9) for seed in range(97)] + [(97, 20), (98, 30), (99, 50)]


def leaders(result):
    return [device._leader for device in result.devices]


@pytest.mark.slow
@pytest.mark.parametrize("network", ["sync", "async"])
def test_the_device_with_the_largest_index_wins_on_100_seeds(network):
    for seed, devices in HUNDRED:
        result = run(7, "Bully", network, devices=devices, seed=seed, solution=True)
        assert result.failures == []
        assert result.ended == "done"
        assert leaders(result) == [devices - 1] * devices


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("starter", [-1, 2, 4])
def test_anybody_may_start_the_election(network, starter):
    result = run(7, "Bully", network, 5, seed=1, solution=True, settings={"STARTER": starter})
    assert result.ended == "done"
    assert leaders(result) == [4] * 5


def test_the_largest_starter_needs_only_to_announce_itself():
    result = run(7, "Bully", "sync", 6, seed=1, solution=True, settings={"STARTER": 5})
    sent = [event.message for event in result.trace if event.kind == "send"]
    assert len(sent) == 5
    assert all(vote.decided() and vote.vote() == 5 for vote in sent)


def test_a_device_asks_the_larger_ones_only_and_answers_the_smaller_ones():
    result = run(7, "Bully", "async", devices=6, seed=2, solution=True)
    for event in result.trace:
        if event.kind == "send" and not event.message.decided():
            kind = "election" if event.message.destination > event.device else "answer"
            assert event.message.vote() == event.device
            assert str(event.message).endswith(kind)


def test_all_learn_the_leader_from_the_leader():
    result = run(7, "Bully", "async", devices=6, seed=3, solution=True)
    announcements = [
        event for event in result.trace if event.kind == "send" and event.message.decided()
    ]
    assert {event.device for event in announcements} == {5}
    assert sorted(event.message.destination for event in announcements) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("algorithm", ["BullyWithFailure", "BullyWithLateFailure"])
def test_the_largest_of_the_others_wins_when_the_largest_fails(network, algorithm):
    for seed in range(5):
        result = run(7, algorithm, network, devices=6, seed=seed, solution=True)
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
