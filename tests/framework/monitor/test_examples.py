"""The examples of the monitor run with one command each, and nothing gets lost in them."""

import re

import pytest

from tests.framework.commands import process


def printed(name: str) -> str:
    done = process(f"docs/examples/monitor/{name}.py")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def numbers(pattern: str, text: str) -> list[int]:
    return [int(found) for found in re.findall(pattern, text)]


@pytest.mark.slow
def test_the_sums_of_the_consumers_add_up():
    output = printed("producer_consumer")
    assert numbers(r"producer.*sum (\d+)", output) == [5050]
    consumed = numbers(r"consumer.*sum (\d+)", output)
    assert (len(consumed), sum(consumed)) == (2, 5050)


@pytest.mark.slow
def test_the_bounded_buffer_loses_no_item_and_is_never_too_full():
    output = printed("bounded_buffer")
    assert numbers(r"consumer \d: (\d+) items", output) == [20, 20]
    assert max(numbers(r"at most (\d+)", output)) <= 3


@pytest.mark.slow
def test_readers_and_writers_all_have_their_turns():
    assert numbers(r"(?:reader|writer) \d: (\d) turns", printed("readers_writers")) == [5] * 5


@pytest.mark.slow
def test_every_philosopher_eats():
    assert numbers(r"philosopher \d: (\d) meals", printed("dining_philosophers")) == [4] * 5
