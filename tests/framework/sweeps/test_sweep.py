"""The command `sweep`."""

import json

import pytest

from tests.framework.commands import command, refusal

SANDERS = ("sweep", "--lecture", 16, "--algorithm", "Sanders", "--max-rounds", 100)


def swept(*arguments):
    answer = command(*SANDERS, *arguments, "--json")
    assert answer.status == 0, answer.err
    return json.loads(answer.out)


def test_there_is_a_row_for_each_combination():
    rows = swept("--devices", "4,9", "--set", "P=0.2,0.8", "--seeds", 3)["rows"]
    assert [(row["devices"], row["settings"]["P"]) for row in rows] == [
        *((4, 0.2), (4, 0.8)),
        *((9, 0.2), (9, 0.8)),
    ]
    for row in rows:
        for measure in ("relinquishes", "entries", "messages"):
            assert row[measure]["min"] <= row[measure]["mean"] <= row[measure]["max"]
            assert row[measure]["sd"] >= 0


def test_the_same_sweep_gives_the_same_numbers():
    assert swept("--devices", "9", "--seeds", 3) == swept("--devices", "9", "--seeds", 3)


def test_seeds_count_from_the_given_one():
    one, other = (swept("--seed", seed, "--seeds", 1)["rows"][0]["messages"] for seed in (1, 2))
    both = swept("--seed", 1, "--seeds", 2)["rows"][0]["messages"]
    assert both["mean"] == (one["mean"] + other["mean"]) / 2


def test_published_figures_stand_beside_ours():
    rows = swept("--devices", "25", "--set", "P=0.2,0.3", "--seeds", 1)["rows"]
    assert [row["published"] for row in rows] == [{"relinquishes": 11}, {}]


def test_figures_of_another_model_are_not_shown():
    (row,) = swept("--devices", "25", "--set", "TIME_INSIDE=2", "--seeds", 1)["rows"]
    assert row["published"] == {}


def test_the_table_has_a_line_for_each_row():
    answer = command(*SANDERS, "--devices", "25", "--set", "P=0.2,0.5", "--seeds", 2)
    heading, names, *rows = answer.out.splitlines()
    assert heading.startswith("Lecture 16 Algorithm Sanders in a network of type [sync], 2 runs")
    assert names.split()[:3] == ["devices", "P", "relinquishes"]
    assert [row.split()[:2] for row in rows] == [["25", "0.2"], ["25", "0.5"]]


def test_any_lecture_can_be_swept():
    command_line = ("sweep", "--lecture", 0, "--algorithm", "PingPong", "--devices", "2,4")
    answer = command(*command_line, "--json", "--seeds", 2)
    rows = json.loads(answer.out)["rows"]
    assert [row["messages"]["mean"] for row in rows] == [2, 6]


def test_a_sweep_with_failed_runs_says_so_and_has_status_1():
    answer = command("sweep", "--lecture", 16, "--algorithm", "Sanders", "--set", "P='x'")
    assert answer.status == 1
    assert "10 of 10 runs failed" in answer.err


def test_what_is_not_implemented_is_said_once():
    what = ("sweep", "--lecture", 16, "--algorithm", "ReliableSanders", "--seeds", 2)
    lines = command(*what, "--max-rounds", 9).err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("Not implemented yet: ReliableSanders") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--seeds", "0"), "--seeds 0"),
        (("--seeds", "x"), "--seeds x"),
        (("--devices", "1"), "at least 2 devices"),
        (("--set", "Q=1"), "no constant of that name"),
        (("--type", "stepping"), "sync or async"),
        (("--record", "file"), "--record is of one run"),
        (("--seed", "y"), "not a whole number"),
        (("--sets", "P=1"), "unknown argument --sets"),
    ],
)
def test_what_makes_no_sweep_is_refused_in_one_line(arguments, reason):
    assert reason in refusal(*SANDERS, *arguments)
