"""The script of a bank, as it is read."""

import pytest

from emulators.bank.script import COMMANDS, Line, nodes, parsed, usage


def problem(text):
    (line,) = parsed(text)
    return line.problem


def test_a_line_has_its_number_and_its_parts():
    assert parsed("StartMaster\n\nSend 1 2 300\n") == [
        Line(1, "StartMaster", "StartMaster"),
        Line(3, "Send 1 2 300", "Send", (1, 2, 300)),
    ]


@pytest.mark.parametrize("text", ["", "\n \n\t\n", "# nothing", "  # nothing\n#"])
def test_blank_lines_and_comments_are_no_commands(text):
    assert parsed(text) == []


def test_a_comment_may_follow_a_command():
    assert parsed("ReceiveAll # now")[0].text == "ReceiveAll"


@pytest.mark.parametrize("text", ["Send 1 2 3\r\nKillAll\r\n", "\ufeffSend 1 2 3\nKillAll"])
def test_files_of_other_systems_are_read(text):
    assert [line.name for line in parsed(text)] == ["Send", "KillAll"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Snd 1 2 3", "did you mean Send?"),
        ("Deposit 1", "there are StartMaster, CreateNode"),
        ("Send 1 2", "it is written Send from to amount"),
        ("Receive", "it is written Receive to [from]"),
        ("StartMaster now", "it is written StartMaster"),
        ("Send 1 2 -5", "-5 is no amount"),
        ("Send 1 2 2.5", "2.5 is no amount"),
        ("Send one 2 5", "one is no from"),
        ("CreateNode 1 \u0665", "is no balance"),
        ("CreateNode 1 " + "9" * 99, "is no balance"),
    ],
)
def test_what_is_wrong_is_said(text, reason):
    assert reason in problem(text)


def test_every_command_says_how_it_is_written():
    assert all(usage(name).startswith(name) for name in COMMANDS)


def test_nodes_are_counted_once_each():
    assert nodes("CreateNode 7 1\nCreateNode 7 1\nCreateNode 3 0\nCreateNode x 1") == 2
