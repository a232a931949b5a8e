"""What is printed while a run goes on, and when it is coloured."""

import io

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.MessageStub import MessageStub
from emulators.SyncEmulator import SyncEmulator
from emulators.todo import todo
from emulators.trace.console import painted, wants_color


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Note(MessageStub):
    def __str__(self) -> str:
        return "two\nlines"


class Speaker(Device):
    def run(self) -> None:
        todo("the rest of it")
        if self.index == 0:
            self.medium.send(Note(0, 1))
            self.medium.log("on its way")
        self.medium.wait_for_next_round()
        if self.medium.receive() is not None:
            1 / 0  # noqa: B018


def printed(capsys: pytest.CaptureFixture[str], **options: bool) -> tuple[list[str], list[str]]:
    """Run in rounds; return the lines of both streams."""
    SyncEmulator(2, Speaker, seed=1, **options).run()
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_messages_rounds_and_logs_are_printed_as_they_happen(capsys) -> None:
    out, _ = printed(capsys)
    out = [line for line in out if not line.startswith("Not implemented")]
    assert out[:4] == [
        "## ROUND 1 ##",
        "\tSend two lines",
        "\tDevice 0: on its way",
        "## ROUND 2 ##",
    ]
    assert out[4:] == ["\tReceive two lines"]


def test_what_is_missing_is_said_once_with_file_and_line(capsys) -> None:
    out, _ = printed(capsys)
    (line,) = (line for line in out if line.startswith("Not implemented"))
    assert line.startswith("Not implemented yet: the rest of it (")
    assert "test_console.py, line " in line


def test_quiet_prints_logs_and_what_is_missing_and_no_messages(capsys) -> None:
    out, _ = printed(capsys, quiet=True)
    assert [line.partition(":")[0] for line in out] == ["Not implemented yet", "\tDevice 0"]


def test_a_failure_is_printed_in_full_by_an_emulator_of_ones_own(capsys) -> None:
    _, err = printed(capsys)
    assert err[0].startswith("Device 1 failed in round 2 ")
    assert err[1].startswith("  at ")
    assert err[-1] == "  last message received: two lines"


def test_a_failure_is_one_line_where_somebody_else_reports_it_later(capsys) -> None:
    _, err = printed(capsys, reports=False)
    assert len(err) == 1


def test_async_runs_print_no_rounds(capsys) -> None:
    AsyncEmulator(2, Speaker, seed=1).run()
    assert "ROUND" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stream", "variables", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
        (None, {}, False),
    ],
    ids=["terminal", "empty NO_COLOR", "NO_COLOR", "dumb terminal", "file", "no stream"],
)
def test_colour_is_for_terminals_that_want_it(stream, variables, wanted, monkeypatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_color(stream) is wanted


def test_a_painted_text_contains_the_text(monkeypatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert painted("hello", "red", Terminal()) == "\x1b[31mhello\x1b[0m"
    assert painted("hello", "red", io.StringIO()) == "hello"
