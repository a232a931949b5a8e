"""The same seed gives the same trace, byte for byte: twice here, and in two other processes."""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.framework.commands import command, process, write_exercise
from tests.framework.recordings import Case, cases, digest, record

CASES = list(cases())


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@cache
def digests(scratch: Path, hash_seed: int) -> dict[str, str]:
    """Return the digests that a process with other hashes of text comes to."""
    environment = {"PYTHONHASHSEED": str(hash_seed)}
    done = process("-m", "tests.framework.recordings", str(scratch), environment=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_seed_gives_the_same_trace_twice_in_one_process(case: Case, scratch: Path) -> None:
    assert record(case.config(scratch), scratch / "one") == record(
        case.config(scratch), scratch / "other"
    )


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_seed_gives_the_same_trace_in_other_processes(case: Case, scratch: Path) -> None:
    others = {digests(scratch, hash_seed)[str(case)] for hash_seed in (1, 2)}
    assert {digest(case, scratch)} == others


def test_every_lecture_with_an_exercise_is_compared_in_both_networks() -> None:
    compared = {(case.lecture, case.network) for case in CASES if case.folder == "template"}
    lectures = set(range(13)) - {3}
    assert {(lecture, network) for lecture in lectures for network in ("sync", "async")} <= compared


@pytest.mark.parametrize("network", ["sync", "async"])
def test_another_seed_gives_another_trace(network: str, tmp_path: Path) -> None:
    case = Case("template", 4, "RicartAgrawala", network)
    one, other = (record(case.config(tmp_path, seed), tmp_path / "run") for seed in (1, 2))
    assert one.splitlines()[1:] != other.splitlines()[1:]


# -- --check-determinism

EXERCISE = """
import os
import random
import string
from emulators.Device import Device

RUNS = vars(string).setdefault("runs of this test", [])
RUNS.append(object())

class Speaker(Device):
    def run(self):
        self.medium.log("hello")
        if self.index == 1:
            self.speak()
        self.medium.wait_for_next_round()

    def speak(self):
        self.medium.log(random.random())

class Tosser(Speaker):
    def speak(self):
        self.medium.log(os.urandom(8).hex())

class Addresser(Speaker):
    def speak(self):
        self.medium.log(id(RUNS[-1]))

class Drawer(Speaker):
    def speak(self):
        for _ in RUNS:
            random.random()
        self.medium.log("the same")
"""


def check(folder: Path, algorithm: str, *options: str) -> tuple[int, list[str], str]:
    """Run the check on a class of the exercise above."""
    given = (*write_exercise(folder, EXERCISE), "--algorithm", algorithm, "--seed", "1")
    status, out, err = command(*given, "--check-determinism", *options)
    return status, out.splitlines(), err


@pytest.mark.parametrize("network", ["sync", "async"])
def test_a_program_without_decisions_of_its_own_passes_the_check(
    tmp_path: Path, network: str
) -> None:
    status, out, err = check(tmp_path, "Speaker", "--type", network)
    assert (status, err) == (0, "")
    assert out[-1] == "Deterministic: two runs with this seed are the same, event for event"


@pytest.mark.parametrize("algorithm", ["Tosser", "Addresser"])
def test_the_check_names_the_first_event_that_differs(tmp_path: Path, algorithm: str) -> None:
    status, out, err = check(tmp_path, algorithm)
    assert (status, err) == (1, "")
    assert out[2] == "Event 4 differs:"  # a round, two greetings, and what device 1 says
    assert out[3].startswith("  first run:  device 1 log ")
    assert out[4].startswith("  second run: device 1 log ")
    assert out[3].partition(" log ")[2] != out[4].partition(" log ")[2]
    assert "os.urandom" in out[5]


def test_the_check_finds_decisions_that_leave_no_other_trace(tmp_path: Path) -> None:
    status, out, _ = check(tmp_path, "Drawer")
    assert status == 1
    assert out[2] == "Event 4 differs:"
    assert ", after the decisions [" in out[3]
    assert out[3].partition("[")[2] != out[4].partition("[")[2]


def test_the_check_prints_the_seed_it_drew(tmp_path: Path) -> None:
    options = write_exercise(tmp_path, EXERCISE)
    out = command(*options, "--algorithm", "Speaker", "--check-determinism").out
    assert out.splitlines()[1].removeprefix("Seed ").isdecimal()
