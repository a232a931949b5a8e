"""Lecture 0: what the demo promises."""

import pytest

from tests.running import run

KINDS = ("sync", "async")
SIZES = (2, 3, 4, 10, 50)


def sent(result):
    return [event.message for event in result.trace if event.kind == "send"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_ping_is_answered_and_the_run_ends_by_itself(kind):
    for seed in range(100):
        size = SIZES[seed % len(SIZES)]
        result = run(0, "PingPong", kind, devices=size, seed=seed)
        assert (result.ended, result.failures) == ("done", []), (size, seed)
        assert [d._rec_pong for d in result.devices] == [size - 1] + [0] * (size - 1)
        assert [d._rec_ping for d in result.devices] == [0] + [1] * (size - 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_device_0_and_each_other_device_exchange_one_ping_and_one_pong(kind, size):
    messages = sent(run(0, "PingPong", kind, devices=size, seed=1))
    pings = sorted((m.source, m.destination) for m in messages if m.is_ping)
    pongs = sorted((m.source, m.destination) for m in messages if not m.is_ping)
    assert pings == [(0, other) for other in range(1, size)]
    assert pongs == [(other, 0) for other in range(1, size)]


def test_a_message_says_who_sends_what_to_whom():
    ping, pong = sent(run(0, "PingPong", "sync", devices=2, seed=1))
    assert str(ping) == "PingMessage 0 -> 1: ping"
    assert str(pong) == "PingMessage 1 -> 0: pong"


def test_the_results_say_what_each_device_received():
    output = run(0, "PingPong", "async", devices=3, seed=1).output
    assert "Device 0: got 2 of 2 pongs" in output
    assert "Device 2: got 1 ping and answered it" in output


def test_nothing_is_left_to_do_in_the_demo():
    assert run(0, "PingPong", "async", devices=3, seed=1).todos == []
