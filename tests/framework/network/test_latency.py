from collections import Counter
from statistics import mean, stdev

import pytest

from emulators.kernel.choices import Seeded
from emulators.kernel.clock import ROUND, ticks
from emulators.network.latency import latency
from emulators.network.scenario import Network
from emulators.usage import UsageError

MANY = 20_000


def drawn(value, in_rounds=False, number=MANY):
    """Return drawn latencies in virtual seconds, or in rounds."""
    sampler = latency(value).sampler(Seeded(1), in_rounds)
    unit = ROUND if in_rounds else ticks(1)
    return [sampler() / unit for _ in range(number)]


def test_a_constant_latency_is_always_the_same():
    assert set(drawn(0.25)) == {0.25}


def test_a_uniform_latency_lies_evenly_between_its_bounds():
    found = drawn("0.2:0.6")
    assert 0.2 <= min(found) < 0.21 < 0.59 < max(found) < 0.6
    assert mean(found) == pytest.approx(0.4, rel=0.01)


def test_a_uniform_latency_in_rounds_has_both_bounds():
    counted = Counter(drawn("1:3", in_rounds=True))
    assert set(counted) == {1, 2, 3}
    assert all(number == pytest.approx(MANY / 3, rel=0.05) for number in counted.values())


def test_an_exponential_latency_has_its_mean_and_the_same_deviation():
    found = drawn({"model": "exponential", "mean": 0.5})
    assert mean(found) == pytest.approx(0.5, rel=0.03)
    assert stdev(found) == pytest.approx(0.5, rel=0.03)


def test_a_normal_latency_has_its_mean_and_deviation():
    found = drawn({"model": "normal", "mean": 1.0, "deviation": 0.1})
    assert mean(found) == pytest.approx(1.0, rel=0.01)
    assert stdev(found) == pytest.approx(0.1, rel=0.03)


def test_a_normal_latency_is_cut_at_nothing():
    found = drawn({"model": "normal", "mean": 0.0, "deviation": 1.0})
    assert min(found) == 0.0
    assert found.count(0.0) == pytest.approx(MANY / 2, rel=0.05)


def test_a_message_is_late_sometimes():
    found = Counter(drawn({"model": "sometimes", "delay": 3, "probability": 0.2, "otherwise": 1}))
    assert set(found) == {1.0, 3.0}
    assert found[3.0] == pytest.approx(MANY * 0.2, rel=0.05)


@pytest.mark.parametrize(
    "value",
    [
        0,
        "0.01s",
        {"model": "exponential", "mean": 1},
        {"model": "normal", "mean": 0, "deviation": 1},
    ],
)
def test_a_message_takes_at_least_a_round_in_sync(value):
    found = drawn(value, in_rounds=True, number=500)
    assert min(found) >= 1
    assert all(rounds == int(rounds) for rounds in found)


@pytest.mark.parametrize(
    ("value", "seconds", "rounds"), [(2, 2.0, 2), ("0.5s", 0.5, 5), ("3r", 0.3, 3), ("2", 2.0, 2)]
)
def test_a_time_has_the_unit_of_the_network_or_its_own(value, seconds, rounds):
    assert set(drawn(value, number=3)) == {seconds}
    assert set(drawn(value, in_rounds=True, number=3)) == {rounds}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"model": "uniform", "low": 1}, "the model uniform needs the key high"),
        ({"model": "constant", "value": 1, "mean": 2}, "the model constant has no key mean"),
        ({"model": "uniform", "low": 3, "high": 1}, "low is above high"),
        ({"model": "gauss"}, "'gauss' is not one of constant, uniform"),
        ({"mean": 3}, "the key model is missing"),
    ],
)
def test_a_table_that_is_no_latency_says_why(table, complaint):
    with pytest.raises(UsageError) as error:
        Network.parse({"latency": table})
    assert complaint in str(error.value)
