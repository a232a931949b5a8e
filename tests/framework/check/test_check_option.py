"""`--check`: what is printed, how a run ends, and what is said about names that mean nothing."""

import json
from pathlib import Path

import pytest

from tests.framework.commands import command, refusal, write_exercise

GREEDY = """
from emulators.Device import WorkerDevice
from emulators.MessageStub import MessageStub

class Greedy(WorkerDevice):
    def run(self):
        self.medium.send(MessageStub(self.index, 0))
        self.do_work()
"""
RICART = ("--lecture", 4, "--algorithm", "RicartAgrawala", "--seed", 1, "--max-rounds", 40)


@pytest.fixture
def greedy(tmp_path: Path) -> tuple[object, ...]:
    """Options of a program whose devices enter together."""
    return (*write_exercise(tmp_path, GREEDY), "--algorithm", "Greedy", "--seed", 1, "--quiet")


def test_properties_that_hold_are_named_with_their_sentences() -> None:
    status, out, err = command(*RICART, "--quiet", "--check", "mutual_exclusion,fairness")
    assert (status, err) == (0, "")
    assert out.partition("Properties\n")[2] == (
        "\tmutual_exclusion holds: At most one device is in the critical section.\n"
        "\tfairness holds: While a device waits for the critical section, "
        "no other enters again and again.\n"
    )


def test_a_violation_says_why_and_where_and_how_to_see_it_again(
    greedy: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(greedy[1]))
    status, out, err = command(*greedy, "--check", "mutual_exclusion", "--check", "deadlock")
    assert status == 1
    assert out.partition("Properties\n")[2].splitlines() == [
        "\tmutual_exclusion is violated: At most one device is in the critical section.",
        "\t  device 1 enters the critical section in round 1 while device 0 is inside",
        "\t    round 1: device 0 enters the critical section  (demo.py, line 8)",
        "\t    round 1: device 1 enters the critical section  (demo.py, line 8)",
        "\t  try: see what allowed device 1 to enter before device 0 had left",
        "\tdeadlock holds: Somebody can always go on: the devices never all wait for each other.",
    ]
    assert err.endswith("The same run again: add --seed 1\n")


def test_a_violation_alone_gives_status_1() -> None:
    status, _, err = command(*RICART, "--quiet", "--check", "message_budget=3")
    assert (status, err) == (1, "The same run again: add --seed 1\n")


def test_properties_are_in_the_json(greedy: tuple[object, ...]) -> None:
    status, out, _ = command(*greedy, "--json", "--check", "mutual_exclusion,deadlock")
    first, second = json.loads(out)["properties"]
    assert status == 1
    assert (first["name"], first["holds"]) == ("mutual_exclusion", False)
    assert [(one["kind"], one["when"], one["line"]) for one in first["events"]] == [
        ("enter", "round 1", 8)
    ] * 2
    assert (second["name"], second["holds"], second["reason"]) == ("deadlock", True, "")


def test_all_means_what_the_algorithm_promises() -> None:
    _, out, _ = command(*RICART, "--quiet", "--check", "all")
    names = [line.split()[0] for line in out.partition("Properties\n")[2].splitlines()]
    assert names == [
        *["mutual_exclusion", "deadlock", "everyone_enters", "fairness", "entry_order"]
    ]


def test_a_replay_is_judged_too(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    command(*RICART, "--quiet", "--record", file)
    for more in ((), ("--type", "stepping", "--no-gui")):
        status, out, _ = command("--replay", file, *more, "--quiet", "--check", "message_budget=3")
        assert status == 1
        assert "message_budget is violated" in out


def test_a_recording_is_the_same_with_and_without_properties(tmp_path: Path) -> None:
    plain, judged = tmp_path / "plain", tmp_path / "judged"
    five = ("--lecture", 5, "--algorithm", "TOSEQMulticast", "--seed", 1, "--quiet")
    command(*five, "--record", plain)
    command(*five, "--record", judged, "--check", "fifo,causal,total_order,deadlock")
    assert plain.read_bytes() == judged.read_bytes()


def test_the_list_marks_what_an_algorithm_promises() -> None:
    status, out, _ = command("--check", "list", "--lecture", 4, "--algorithm", "TokenRing")
    lines = [line.split(maxsplit=2) for line in out.splitlines()]
    assert status == 0
    assert ["*", "mutual_exclusion", "At most one device is in the critical section."] in lines
    assert [
        "entry_order",
        "If",
        "one request happened before another, its device enters first.",
    ] in (lines)
    assert lines[-1] == ["*", "what", "TokenRing promises: --check all"]


def test_the_list_without_a_lecture_shows_all() -> None:
    _, out, _ = command("--check", "list")
    assert "Of any program:\n  mutual_exclusion" in out
    assert "Of lecture 12:\n  neighbors_only" in out
    assert "  message_budget=N " in out


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        ("mutual_exlusion", "did you mean mutual_exclusion?"),
        ("nonsense", "there are mutual_exclusion, deadlock"),
        ("deadlock=3", "--check deadlock=3: deadlock takes no number"),
        ("fairness=few", "a whole number follows the =, as in fairness=10"),
        ("same_records", "same_records is a property of lecture 8; there are"),
        ("message_budget", "how many? as in --check message_budget=18"),
    ],
)
def test_a_wrong_name_gets_one_line(check: str, answer: str) -> None:
    assert answer in refusal(*RICART, "--check", check)
