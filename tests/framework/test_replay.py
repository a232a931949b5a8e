"""A recording runs again: the same program gives the same events, a changed one departs by name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.runner import config_of, prepared
from emulators.trace.log import Recorded
from tests.framework.commands import ROOT, Answer, command, refusal, write_exercise
from tests.framework.recordings import FOLDERS, Case, cases, record

RUN = ("--lecture", "0", "--algorithm", "PingPong", "--type", "async")


# -- the same program


def replayed(file: Path, folder: Path, again: Path, **changes: object) -> bytes:
    """Replay a recording, record that, and return the new recording."""
    recorded = Recorded(file)
    config = replace(config_of(recorded.header, folder), **changes)  # type: ignore[arg-type]
    with prepared(config, quiet=True, record=again, replay=recorded) as made:
        departure = made.go().departure
    recorded.close()
    assert departure == ""
    return again.read_bytes()


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_the_replay_of_a_run_is_the_run(case: Case, tmp_path: Path) -> None:
    original = record(case.config(tmp_path), tmp_path / "run")
    assert replayed(tmp_path / "run", FOLDERS[case.folder], tmp_path / "again") == original


@pytest.mark.parametrize("network", ["sync", "async"])
def test_a_replay_takes_its_decisions_from_the_recording_and_not_from_a_seed(
    tmp_path: Path, network: str
) -> None:
    case = Case("template", 4, "RicartAgrawala", network)
    original = record(case.config(tmp_path), tmp_path / "run")
    again = replayed(tmp_path / "run", FOLDERS["template"], tmp_path / "again", seed=99)
    assert again.splitlines()[1:] == original.splitlines()[1:]


def test_a_replay_prints_what_the_run_printed(tmp_path: Path) -> None:
    file = tmp_path / "run"
    first = command(*RUN, "--record", file).out.splitlines()
    second = command("--replay", file).out.splitlines()
    assert second[1] == f"{first[1]}, replayed from {file}"
    different = [old for old, new in zip(first, second, strict=True) if old != new]
    assert [line.split()[0] for line in different[:1]] == ["Seed"]
    assert all("elapsed" in line for line in different[1:])


def test_a_replay_needs_no_other_option(tmp_path: Path) -> None:
    options = ("--devices", 5, "--fifo", "--latency", "0.2:0.9", "--max-messages", 7)
    first = command(*RUN, *options, "--json", "--record", tmp_path / "run").out
    second = command("--replay", tmp_path / "run", "--json").out
    left_out = [
        {**json.loads(out), "statistics": {**json.loads(out)["statistics"], "elapsed_seconds": 0}}
        for out in (first, second)
    ]
    assert left_out[0] == left_out[1]
    assert left_out[0]["ended"] == "limit: 7 messages"


def test_a_replay_keeps_the_settings_of_the_run(tmp_path: Path) -> None:
    file = tmp_path / "run"
    given = ("--lecture", 4, "--algorithm", "Bully", "--set", "STARTER=2")
    command(*given, "--record", file)
    assert command("--replay", file).status == 0


def test_what_was_recorded_may_be_said_again_but_not_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "run"
    command(*RUN, "--devices", 4, "--record", file)
    assert command("--replay", file, "--devices", 4).status == 0
    assert refusal("--replay", file, "--devices", 5) == (
        f"{file} was recorded with devices 4, not 5: leave --devices out"
    )


def test_a_recording_is_not_written_over_while_it_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "run"
    command(*RUN, "--record", file)
    before = file.read_bytes()
    assert refusal("--replay", file, "--record", file) == (
        f"{file} cannot be read and written at the same time"
    )
    assert file.read_bytes() == before


def test_a_failed_run_replays_to_the_same_failure(tmp_path: Path) -> None:
    exercise = EXERCISE.replace('"hello"', "1 / 0")
    options = (*write_exercise(tmp_path, exercise), "--algorithm", "Speaker", "--seed", 1)
    first = command(*options, "--record", tmp_path / "run")
    second = command("--exercises", tmp_path, "--replay", tmp_path / "run")
    assert (first.status, second.status) == (1, 1)
    assert "Replay:" not in second.err
    assert first.err.partition("The same run")[0] == second.err


# -- a changed program

EXERCISE = """
import random
from emulators.Device import Device
from emulators.MessageStub import MessageStub

class Speaker(Device):
    def run(self):
        self.medium.send(MessageStub(self.index, 1 - self.index))
        self.medium.wait_for_next_round()
        self.medium.receive_all()
        self.medium.log("hello")
        self.medium.wait_for_next_round()
"""


def after_a_change(folder: Path, old: str, new: str, network: str = "sync") -> Answer:
    """Record the exercise above, change it, and replay."""
    options = (*write_exercise(folder, EXERCISE), "--devices", "2", "--type", network)
    command(*options, "--algorithm", "Speaker", "--seed", 1, "--record", folder / "run")
    assert old in EXERCISE
    write_exercise(folder, EXERCISE.replace(old, new))
    return command("--exercises", folder, "--replay", folder / "run")


def test_a_changed_text_departs_where_it_is_said(tmp_path: Path) -> None:
    status, out, err = after_a_change(tmp_path, '"hello"', '"hi"')
    assert status == 1
    assert "The exercise file has changed since the recording.\n" in err
    assert (
        "Replay: the run departs from the recording at event 6\n"
        "  recorded: device 0 log 'hello' at 0.1 s\n"
        "  now:      device 0 log 'hi' at 0.1 s\n"
    ) in err
    assert "Execution Stopped\nResults\nStatistics\n" in out


CHANGES = {
    "another destination": ("1 - self.index)", "self.index)"),
    "another field": ("(self.index, 1", "(5, 1"),
    "another class": ("send(MessageStub", "send(type('Other', (MessageStub,), {})"),
    "one message more": ('self.medium.log("hello")', "self.medium.send(MessageStub(0, 1))"),
    "one message less": ("        self.medium.send(", "        if self.index: self.medium.send("),
    "not received": ("self.medium.receive_all()", "pass"),
    "one device less": ('self.medium.log("hello")', "if self.index: self.medium.log('hello')"),
    "another order": ("self.medium.receive_all()\n", "self.medium.wait_for_next_round()\n"),
    "a failure": ('self.medium.log("hello")', "1 / 0"),
    "a drawn number": ('"hello"', "random.random()"),
    "no end": ("run(self):", "run(self):\n      while True:"),
    "an early end": ('self.medium.log("hello")', "return"),
    "a draw in the constructor": (
        "    def run(self):",
        """    def __init__(self, *args):
        super().__init__(*args)
        random.random()
    def run(self):""",
    ),
    "a draw that catches everything": (
        'self.medium.log("hello")',
        "\n        try: random.random()\n        except: pass",
    ),
}


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found_at_the_first_event_that_differs(
    tmp_path: Path, change: str, network: str
) -> None:
    status, _, err = after_a_change(tmp_path, *CHANGES[change], network)
    assert status == 1
    assert "Replay: the run departs from the recording at event " in err
    assert "\n  recorded: " in err


def test_a_change_that_changes_no_event_departs_nowhere(tmp_path: Path) -> None:
    status, _, err = after_a_change(tmp_path, '"hello"', '"hel" + "lo"')
    assert (status, err) == (0, "The exercise file has changed since the recording.\n")


def test_the_end_of_the_recording_is_an_event_too(tmp_path: Path) -> None:
    last = "        self.medium.wait_for_next_round()\n"
    err = after_a_change(tmp_path, f'("hello")\n{last}', f'("hello")\n{last * 3}').err
    assert "recorded: the recording ends here" in err or "\n  now:      round 4" in err


@pytest.mark.parametrize("network", ["sync", "async"])
@pytest.mark.parametrize("loop", ["if True", "while True"])
def test_a_program_that_catches_everything_cannot_hide_its_departure(
    tmp_path: Path, loop: str, network: str
) -> None:
    swallow = f"""
        {loop}:
            try: self.medium.log('hi')
            except: print("going on")
    """
    status, out, err = after_a_change(tmp_path, 'self.medium.log("hello")', swallow, network)
    assert status == 1
    assert err.count("departs from the recording") == 1
    assert err.count("'hello'") == err.count("'hi'") == 1
    assert out.count("going on") < 50  # while it is being ended


def test_json_names_the_departure(tmp_path: Path) -> None:
    after_a_change(tmp_path, '"hello"', '"hi"')
    status, out, _ = command("--exercises", tmp_path, "--replay", tmp_path / "run", "--json")
    assert status == 1
    assert json.loads(out)["departure"].startswith("the run departs from the recording at event 6")


# -- bad files: one line, status 2


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of a run."""
    command(*RUN, "--record", tmp_path / "run")
    return tmp_path / "run"


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert refusal("--replay", tmp_path / "none").startswith(
        f"cannot read the recording {tmp_path / 'none'}: "
    )


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal("--replay", tmp_path).startswith(f"cannot read the recording {tmp_path}: ")


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"{}\n", b"[1]\n", b"\xff\xfe\x00\n", b'{"lecture": 0}\n']
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert refusal("--replay", tmp_path / "file") == (
        f"{tmp_path / 'file'} is no recording of a run; --record FILE makes one"
    )


def test_a_source_file_is_refused() -> None:
    assert "is no recording of a run" in refusal("--replay", ROOT / "exercises" / "demo.py")


def test_a_recording_of_another_version_is_refused_with_its_seed(recording: Path) -> None:
    text = recording.read_bytes().replace(b'"version":1', b'"version":7', 1)
    recording.write_bytes(text)
    seed = json.loads(text.splitlines()[0])["seed"]
    assert refusal("--replay", recording) == (
        f"{recording} was recorded by version 7 of the format, this is version 1: "
        f"record the run again with --seed {seed}"
    )


@pytest.mark.parametrize("lines", [1, 2, 5, -1])
def test_a_recording_that_ends_too_early_is_refused(recording: Path, lines: int) -> None:
    kept = recording.read_bytes().splitlines(keepends=True)[:lines]
    recording.write_bytes(b"".join(kept))
    assert refusal("--replay", recording) == (
        f"{recording} is cut off before its end: record the run again"
    )


@pytest.mark.parametrize("cut", [1, 2, 10, 60])
def test_a_recording_that_is_cut_within_a_line_is_refused(recording: Path, cut: int) -> None:
    content = recording.read_bytes().rstrip(b"\n")
    recording.write_bytes(content[:-cut])
    assert "is cut off before its end" in refusal("--replay", recording)


def test_a_recording_without_its_last_line_break_is_complete(recording: Path) -> None:
    recording.write_bytes(recording.read_bytes().rstrip(b"\n"))
    assert command("--replay", recording).status == 0


def test_a_recording_with_the_line_breaks_of_windows_is_complete(recording: Path) -> None:
    recording.write_bytes(recording.read_bytes().replace(b"\n", b"\r\n"))
    assert command("--replay", recording).status == 0


@pytest.mark.parametrize("damage", [b"", b"garbage", b'{"e":1}', b"\xff", b'{"t":0}'])
def test_a_damaged_line_is_named_by_its_number(recording: Path, damage: bytes) -> None:
    lines = recording.read_bytes().splitlines()
    lines[3] = damage
    recording.write_bytes(b"\n".join(lines) + b"\n")
    status, _, err = command("--replay", recording)
    assert status == 2
    assert err == (f"exercise_runner.py: {recording}, line 4 is damaged: record the run again\n")


def test_a_recording_of_another_program_says_so(recording: Path, tmp_path: Path) -> None:
    write_exercise(tmp_path, "from emulators.Device import Device\nclass Other(Device): pass\n")
    status, _, err = command("--exercises", tmp_path, "--replay", recording)
    first, second = err.splitlines()
    assert status == 2
    assert first == "The exercise file has changed since the recording."
    assert "lecture 0 has no algorithm 'PingPong'" in second


def test_a_recording_of_a_lecture_that_does_not_exist_is_refused(recording: Path) -> None:
    text = recording.read_bytes().replace(b'"lecture":0', b'"lecture":77', 1)
    recording.write_bytes(text)
    assert refusal("--replay", recording) == (f"{recording} is of lecture 77, which does not exist")


def test_a_recording_of_an_unknown_network_is_refused(recording: Path) -> None:
    text = recording.read_bytes().replace(b'"type":"async"', b'"type":"pigeon"', 1)
    recording.write_bytes(text)
    assert "there is no network type 'pigeon'" in refusal("--replay", recording)


def test_a_failure_while_results_are_printed_is_no_departure(tmp_path: Path) -> None:
    source = """
from emulators.Device import Device

class Silent(Device):
    def run(self):
        pass
    def print_result(self):
        raise ValueError("nothing to print")
"""
    options = (*write_exercise(tmp_path, source), "--algorithm", "Silent")
    assert command(*options, "--record", tmp_path / "run").status == 1
    answer = command("--replay", tmp_path / "run", *options[:2])
    assert "nothing to print" in answer.err
    assert "departs" not in answer.err
