"""Typed commands: what each does and says; a wrong word is one line."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.console.terminal.commands import COMMANDS, do
from emulators.console.terminal.control import by_lines
from emulators.console.terminal.walk import OVER, Walk
from emulators.errors import UsageError
from emulators.runner import RunConfig, in_steps

CONFIG = RunConfig(0, "PingPong", "stepping", 3, seed=1)


@pytest.fixture
def walk():
    made = Walk(*in_steps(CONFIG, quiet=False))
    yield made
    made.stepper.close()


@pytest.fixture
def say(walk, capsys):
    """Type lines; return what was printed."""

    def typed(*lines):
        capsys.readouterr()
        for line in lines:
            do(walk, line)
        return capsys.readouterr().out.splitlines()

    return typed


def test_an_empty_line_is_a_step_in_the_published_shape(say):
    assert say("") == ["\tSend PingMessage 0 -> 1: ping"]
    assert say("", " ") == [
        "\tSend PingMessage 0 -> 2: ping",
        "## ROUND 2 ##",
        "\tReceive PingMessage 0 -> 1: ping",
    ]


def test_back_says_where_one_is(say):
    assert say("", "", "back")[-1] == (
        "Back to step 1, in round 1 (0 virtual seconds): Send PingMessage 0 -> 1: ping"
    )
    assert say("back") == ["Back to the beginning"]
    with pytest.raises(UsageError, match="this is the beginning"):
        say("back")


def test_the_queue_of_all_and_of_one_device(say):
    say("", "")
    assert say("queue") == [
        "Messages in transit: 2",
        "     1  PingMessage 0 -> 1: ping  (arrives with the next round)",
        "     2  PingMessage 0 -> 2: ping  (arrives with the next round)",
    ]
    assert say("queue 2") == [
        "Messages in transit to device 2: 1",
        "     2  PingMessage 0 -> 2: ping  (arrives with the next round)",
    ]
    assert say("queue 0") == ["No message is in transit to device 0"]
    with pytest.raises(UsageError, match="there is no device 9; there are 0 to 2"):
        say("queue 9")


def test_the_queue_tells_when_messages_arrive(say):
    assert say("", "", "", "queue")[-1].endswith("(has arrived)")
    assert say("swap", "", "queue")[-1].split("(")[1].startswith("arrives at 0.1")


def test_pick_takes_the_first_or_the_named_message(say):
    assert say("", "", "pick")[-1] == "\tPick PingMessage 0 -> 1: ping"
    assert say("pick 2", "")[-1] == "\tReceive PingMessage 0 -> 2: ping"


def test_there_must_be_something_to_pick(say):
    with pytest.raises(UsageError, match="no message is in transit"):
        say("pick")


def test_a_message_of_a_device_that_has_ended_is_picked_last(say, walk):
    say("", "", "crash 1")
    assert "its device has ended" in "\n".join(say("queue 1"))
    assert walk.first_waiting() == 2


def test_what_a_person_does_to_messages_and_devices(say):
    said = say("", "", "duplicate 1", "delay 2", "drop 1", "crash 2", "restart 2", "swap", "swap")
    assert said[2:] == [
        "\tDuplicate PingMessage 0 -> 1: ping",
        "\tDelay PingMessage 0 -> 2: ping",
        "\tLose PingMessage 0 -> 1: ping",
        "\tCrash device 2",
        "\tRestart device 2",
        "## NOW ASYNC ##",
        "## NOW SYNC ##",
    ]


def test_the_state_of_a_device_with_its_line_in_context(say):
    said = say("", "state 0")
    assert said[1].startswith("Device 0 stands at exercises/demo.py, line ")
    assert next(line for line in said if line.startswith("  > ")).endswith(
        "self.medium.send(PingMessage(self.index, other, is_ping=True))"
    )
    assert "  _is_ping = True" in said
    assert say("state 1")[0] == "Device 1 has not begun"
    assert say("crash 1", "state 1")[1] == "Device 1 has ended"
    assert say("state")[0].startswith("Device 0 stands")
    with pytest.raises(UsageError, match="there is no device 5"):
        say("state 5")


def test_goto_goes_both_ways(say, walk):
    say("goto 4")
    assert walk.stepper.position == 4
    assert say("goto 2")[0].startswith("Now at step 2, in round 1")
    assert say("goto 999")[-1].startswith("Now at step 9, The run is over")


def test_until_stops_where_the_condition_holds(say):
    assert say("until round 3")[-1].startswith("round 3 holds at step 7, in round 3")
    assert say("until device[0].rec_pongs == 7")[-1] == (
        f"{OVER}: device[0].rec_pongs == 7 never held; "
        "nothing ever had an attribute 'rec_pongs' (did you mean _rec_pong?)"
    )


def test_until_says_what_is_wrong_before_it_runs(say, walk):
    for wrong in ("until rund > 3", "until device[4].x == 1", "until"):
        with pytest.raises(UsageError):
            say(wrong)
    assert walk.stepper.position == 0


def test_save_writes_what_replay_reads(say, tmp_path):
    file = tmp_path / "run.jsonl"
    assert say("", "drop 1", "", f"save {file}")[-1].startswith(f"Saved {file}; --replay")
    assert file.read_text(encoding="utf-8").count("\n") == 6
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists and is no recording"):
        say(f"save {tmp_path / 'notes.txt'}")


def test_help_names_every_command(say):
    said = "\n".join(say("help"))
    assert all(word in said for word in COMMANDS)
    assert say("?") == say("HELP")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("pik", r"there is no command 'pik'; did you mean pick\?"),
        ("xyzzy 3", "there is no command 'xyzzy'; help shows all"),
        ("pick one", "pick takes a number, as in: pick 5"),
        ("pick -1", "pick takes a number"),
        ("pick 99", "message 99 is not in transit"),
        ("drop", "drop needs more, as in: drop 5"),
        ("goto", "goto needs more"),
        ("goto ²", "goto takes a number"),
        ("swap 3", "swap stands alone, without '3'"),
        ("save", "save needs more"),
        ("state x", "state takes a number"),
    ],
)
def test_a_wrong_word_is_one_line(say, walk, line, problem):
    with pytest.raises(UsageError, match=problem) as refused:
        say(line)
    assert "\n" not in str(refused.value)
    assert walk.stepper.position == 0


# -- a stream of lines


def fed(walk, text):
    by_lines(walk, io.StringIO(text))


def test_lines_go_on_after_a_wrong_word_until_exit(walk, capsys):
    fed(walk, "\nnonsense\n\nexit\n\n\n\n")
    assert walk.left
    assert walk.stepper.position == 2
    assert "there is no command 'nonsense'; help shows all" in capsys.readouterr().out


def test_the_end_of_input_ends_it(walk):
    fed(walk, "\n\nback")
    assert walk.stepper.position == 1
    by_lines(walk, None)


def test_empty_lines_without_end_come_to_an_end(walk):
    class Endless(io.StringIO):
        def readline(self, size=-1):
            return "\n"

    by_lines(walk, Endless())
    assert walk.stepper.ended


def test_an_input_that_cannot_be_read_is_an_end(walk):
    closed = io.StringIO()
    closed.close()
    by_lines(walk, closed)
    assert walk.stepper.position == 0


LINES = st.lists(
    st.one_of(
        st.sampled_from(["", "", "back", "queue", "pick", "swap", "state", "exit", "help"]),
        st.builds(
            "{} {}".format,
            st.sampled_from([*COMMANDS, "until round", "until device"]),
            st.integers(0, 6),
        ),
        st.text(max_size=12),
    ),
    max_size=15,
)


@given(LINES)
def test_whatever_is_typed_is_done_or_refused(tmp_path_factory, lines):
    typed = [line for line in lines if not line.strip().lower().startswith("save")]
    made = Walk(*in_steps(CONFIG))
    fed(made, "\n".join(typed))
    made.stepper.close()
