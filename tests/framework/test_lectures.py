"""The table of lectures fits the exercise files and the texts."""

import pytest

from emulators.catalogue import algorithms
from emulators.lectures import LECTURES
from tests.framework.commands import ROOT, refusal
from tests.running import run

NETWORKS = [(one, name) for one in LECTURES.values() for name in one.networks]


def test_lectures_are_listed_in_the_order_of_their_numbers() -> None:
    assert list(LECTURES) == sorted(LECTURES)
    assert all(number == lecture.number for number, lecture in LECTURES.items())


@pytest.mark.parametrize("lecture", LECTURES.values(), ids=lambda one: f"lecture {one.number}")
def test_every_lecture_has_a_text(lecture) -> None:
    assert (ROOT / "docs" / "lectures" / f"{lecture.number:02}.md").is_file()


@pytest.mark.parametrize("lecture", LECTURES.values(), ids=lambda one: f"lecture {one.number}")
def test_every_lecture_has_its_file_or_none(lecture) -> None:
    if lecture.file:
        assert (ROOT / "exercises" / f"{lecture.file}.py").is_file()


def test_every_exercise_file_belongs_to_a_lecture() -> None:
    files = {path.stem for path in (ROOT / "exercises").glob("*.py")} - {
        "__init__",
        "server",
    }  # of lecture 15, too
    assert files == {lecture.file for lecture in LECTURES.values()} - {""}


@pytest.mark.parametrize("lecture", LECTURES.values(), ids=lambda one: f"lecture {one.number}")
def test_every_lecture_has_limits_of_all_three_kinds(lecture) -> None:
    assert lecture.limits.rounds
    assert lecture.limits.time
    assert lecture.limits.messages


@pytest.mark.parametrize(("lecture", "network"), NETWORKS, ids=[network for _, network in NETWORKS])
def test_the_networks_of_a_lecture_are_classes_of_its_file(lecture, network: str) -> None:
    assert network in algorithms(ROOT / "exercises" / f"{lecture.file}.py")


LEAST = {
    "GfsNetwork": 6,
    "MapReduceNetwork": 6,
    "BlockchainNetwork": 2,
    "ChordNetwork": 4,
    "Bank": 4,
    "ReplicationNetwork": 5,
}


@pytest.mark.parametrize(("lecture", "network"), NETWORKS, ids=[network for _, network in NETWORKS])
def test_a_network_runs_with_the_least_number_of_devices(lecture, network: str) -> None:
    options = {"max_rounds": 5, "devices": LEAST[network]}
    assert run(lecture.number, network, "sync", **options).failures == []


@pytest.mark.parametrize(("lecture", "network"), NETWORKS, ids=[network for _, network in NETWORKS])
def test_a_network_says_what_it_needs_with_one_device_less(lecture, network: str) -> None:
    given = ("--lecture", lecture.number, "--algorithm", network)
    line = refusal(*given, "--devices", LEAST[network] - 1)
    assert line.startswith((f"{network} needs ", "a network needs at least 2 devices"))


def test_a_requirement_follows_the_settings_of_the_run() -> None:
    given = ("--lecture", 8, "--algorithm", "GfsNetwork", "--devices", 6)
    assert "needs at least 12 devices: 1 master, 10 chunk servers" in refusal(
        *given, "--set", "NUMBER_OF_CHUNKSERVERS=10"
    )
