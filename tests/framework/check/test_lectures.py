"""What the algorithms of the lectures promise, and that the reference solutions keep it."""

import pytest

from emulators.check.choosing import choices, made
from emulators.check.lectures import (
    IN_LECTURES,
    PROMISED,
    PROPERTIES,
    lectures_of,
    promised,
    properties_of,
)
from tests.running import run

KEPT = [
    (1, "ImprovedGossip", 5),
    (1, "ImprovedRingGossip", 6),
    (2, "TerminatingRip", 6),
    (4, "AsyncCentralised", 4),
    (4, "TokenRing", 4),
    (4, "RicartAgrawala", 4),
    (4, "SuzukiKasami", 4),
    (4, "HeartbeatTokenRing", 5),
    (5, "ReliableFifoTOSEQMulticast", 4),
    (5, "ISISMulticast", 4),
    (5, "FifoOverlapMulticast", 5),
    (6, "AsyncKing", 5),
    (6, "PAXOS", 4),
    (7, "Bully", 5),
    (8, "GfsNetwork", 8),
    (10, "BlockchainNetwork", 6),
    (11, "ChordNetwork", 9),
    (12, "ImprovedAodvNode", 8),
    (14, "MonitorDevice", 4),
]


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize(("lecture", "algorithm", "devices"), KEPT)
def test_the_reference_solutions_keep_what_they_promise(
    lecture: int, algorithm: str, devices: int, network: str
) -> None:
    for seed in range(3):
        result = run(
            lecture, algorithm, network, devices, seed, solution=True, checks=("all",), max_time=20
        )
        assert result.violations == []


@pytest.mark.parametrize(
    ("algorithm", "broken"),
    [
        ("TOSEQMulticast", "fifo"),
        ("ISISMulticast", "total_order"),
        ("COMulticast", "total_order"),
        ("ReliableIPMulticast", "causal"),
    ],
)
def test_an_order_that_is_not_promised_is_broken_by_some_run(algorithm: str, broken: str) -> None:
    results = (
        run(5, algorithm, "async", 5, seed, checks=(broken,), latency=(0, 0.5), max_time=10)
        for seed in range(10)
    )
    assert any(result.violations for result in results)


@pytest.mark.parametrize("lecture", PROMISED)
def test_whatever_is_promised_can_be_asked_for(lecture: int) -> None:
    for part, names in PROMISED[lecture].items():
        assert len(set(names)) == len(names)
        assert set(names) <= set(properties_of(lecture, part))
        assert len(made(choices(["all"], lecture, part or "Other"))) == len(names)


def test_names_and_sentences_are_there() -> None:
    for offers in (PROPERTIES, *IN_LECTURES.values()):
        for name, offer in offers.items():
            assert name == offer.kind.name
            assert offer.kind.sentence.endswith(".")


def test_the_longest_part_of_a_name_says_what_is_promised() -> None:
    assert "entry_order" in promised(4, "AsyncRicartAgrawala")
    assert promised(5, "MyReliableIPMulticast") == promised(5, "ReliableIPMulticast")
    assert promised(5, "Anything") == ("integrity", "validity", "agreement")
    assert promised(3, "Anything") == ()


def test_the_lectures_of_a_property_are_known() -> None:
    assert lectures_of("mutual_exclusion") == [4, 14, 16]
