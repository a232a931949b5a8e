"""What every template promises, and every solution that is pasted into one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulators.catalogue import algorithms
from emulators.lectures import LECTURES
from emulators.virtual.loader import PROJECT
from tests.exercises.pasting import pasted
from tests.running import EXERCISES, run

KINDS = ["sync", "async"]
FILES = {lecture.file: lecture.number for lecture in LECTURES.values() if lecture.file}
LEAST = {8: 6, 9: 6, 11: 4, 13: 4, 15: 5}  # devices; all others need 2
NO_ALGORITHMS = {"LayeredMulticast"}  # what others are made of
RUNNABLE = [
    (number, name)
    for file, number in FILES.items()
    for name in LECTURES[number].networks or algorithms(EXERCISES / f"{file}.py")
    if name not in NO_ALGORITHMS
]
# Not run on a hundred seeds by the tests of their lecture.
OTHERS = [
    (1, "Gossip"),
    (2, "RipCommunication"),
    (4, "Pinger"),
    (5, "IPMulticast"),
    (5, "FifoTOSEQMulticast"),
    (5, "FifoOverlapMulticast"),
    (6, "King"),
    (6, "PAXOS"),
    (7, "Bully"),
    (11, "ChordNetwork"),
    (12, "AodvNode"),
]
SHORT = {"max_rounds": 20, "max_time": 2, "max_messages": 5000}


def named(pairs):
    return pytest.mark.parametrize(
        ("number", "algorithm"), pairs, ids=[f"{number}-{name}" for number, name in pairs]
    )


def went_well(result, number: int, kind: str) -> bool:
    """Whether nothing failed, but for agreement that an algorithm loses without rounds."""
    may_disagree = number == 6 and kind == "async"
    failures = [f for f in result.failures if not (may_disagree and "NoAgreement" in f.text)]
    return not failures and (result.failures or result.ended.startswith(("done", "limit")))


def started(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Start the runner in a folder that is not the project's."""
    command = [sys.executable, PROJECT / "exercise_runner.py", *arguments]
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def elsewhere(tmp_path):
    """A copy of the templates."""
    return shutil.copytree(EXERCISES, tmp_path / "mine", ignore=shutil.ignore_patterns("__*"))


# -- a template runs


@pytest.mark.parametrize("kind", KINDS)
@named(RUNNABLE)
def test_a_template_runs_with_its_least_number_of_devices(number, algorithm, kind):
    result = run(number, algorithm, kind, devices=LEAST.get(number, 2), quiet=False)
    assert went_well(result, number, kind)
    assert result.output.count("Not implemented yet") == len(result.todos)


@pytest.mark.parametrize("kind", KINDS)
@named(RUNNABLE)
def test_a_template_runs_with_50_devices(number, algorithm, kind):
    result = run(number, algorithm, kind, devices=50, **SHORT)
    assert went_well(result, number, kind)
    assert result.output.count("Not implemented yet") == len(result.todos)


@pytest.mark.slow
@named(OTHERS)
def test_a_template_runs_on_a_hundred_seeds(number, algorithm):
    for seed in range(100):
        kind = KINDS[seed % 2]
        devices = (LEAST.get(number, 2), 7, 10, 20, 50)[seed // 2 % 5]
        result = run(number, algorithm, kind, devices=devices, seed=seed, **SHORT)
        assert went_well(result, number, kind), seed


@pytest.mark.parametrize("file", FILES)
def test_a_template_runs_from_any_folder(file, elsewhere, tmp_path):
    number = FILES[file]
    algorithm = next(name for lecture, name in RUNNABLE if lecture == number)
    what = ("--lecture", number, "--algorithm", algorithm, "--devices", LEAST.get(number, 2))
    ended = started(*what, "--exercises", elsewhere, "--max-rounds", 20, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Execution Complete" in ended.stdout


def test_the_runner_finds_templates_and_data_from_any_folder(tmp_path):
    what = ("--lecture", 9, "--algorithm", "MapReduceNetwork", "--devices", 6, "--max-rounds", 20)
    ended = started(*what, folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "files: 10" in ended.stdout


def test_a_template_can_be_imported_in_the_ordinary_way(elsewhere):
    program = f"import sys; sys.path.append({str(PROJECT)!r}); import {', '.join(FILES)}"
    command = [sys.executable, "-W", "error", "-c", program]
    ended = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("number", "algorithm", "devices", "condition"),
    [
        (0, "PingPong", 1, "at least 2 devices"),
        (0, "PingPong", 10**30, "at most 1,000,000 devices"),
        (8, "GfsNetwork", 5, "at least 6 devices"),
        (9, "MapReduceNetwork", 5, "at least 6 devices"),
        (10, "BlockchainNetwork", 5, "an even number of devices"),
        (15, "ReplicationNetwork", 4, "at least 5 devices"),
        (11, "ChordNetwork", 3, "at least 4 devices"),
        (13, "Bank", 3, "at least 4 devices"),
        (11, "ChordNetwork", 66, "at most 65 devices"),
    ],
)
def test_a_wrong_number_of_devices_is_refused_in_one_line(
    number, algorithm, devices, condition, tmp_path
):
    what = ("--lecture", number, "--algorithm", algorithm, "--devices", devices)
    ended = started(*what, folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert condition in line
    assert line.endswith(str(devices))


# -- a solution that is pasted into a template


def story(result):
    """All that happened, in words that do not depend on the file."""
    return [(event.kind, event.time, event.device, str(event.message)) for event in result.trace]


@pytest.mark.parametrize("generation", ["properties", "calls"])
@pytest.mark.parametrize(
    ("number", "algorithm", "kind"),
    [
        (1, "Gossip", "async"),
        (1, "ImprovedRingGossip", "sync"),
        (2, "TerminatingRip", "async"),
        (2, "LinkFailureRip", "sync"),
        (4, "HeartbeatTokenRing", "sync"),
        (4, "AsyncRicartAgrawala", "async"),
        (5, "FifoTOSEQMulticast", "async"),
        (5, "FifoOverlapMulticast", "sync"),
        (5, "ISISMulticast", "async"),
        (6, "King", "sync"),
        (6, "PAXOS", "async"),
        (7, "Bully", "async"),
        (8, "GfsNetwork", "sync"),
        (8, "GfsShadowNetwork", "async"),
        (9, "MapReduceNetwork", "async"),
        (10, "BlockchainNetwork", "async"),
        (10, "SignedBlockchainNetwork", "sync"),
        (11, "ChordNetwork", "async"),
        (12, "ImprovedAodvNode", "async"),
        (13, "Bank", "async"),
        (16, "ReliableSanders", "sync"),
        (14, "BoundedBuffer", "async"),
        (15, "ReplicationNetwork", "async"),
    ],
)
def test_a_solution_pasted_into_its_template_runs_as_the_reference_does(
    number, algorithm, kind, generation, tmp_path
):
    file = LECTURES[number].file
    text = pasted(file, calls=generation == "calls")
    (tmp_path / f"{file}.py").write_text(text, encoding="utf-8")
    reference, result = (
        run(
            number,
            algorithm,
            kind,
            devices=8,
            max_rounds=300,
            max_time=30,
            max_messages=1500,
            **where,
        )
        for where in ({"solution": True}, {"exercises": tmp_path})
    )
    assert (result.failures, result.todos) == ([], [])
    assert result.ended == reference.ended
    assert story(result) == story(reference)
