"""The evidence: events in words, a recording that replays, commands that can be typed."""

import shlex
import xml.etree.ElementTree as ET

from tests.framework.commands import process
from tests.framework.grading.submitting import handed_in, verdicts


def failing(tmp_path, **options):
    return verdicts(handed_in(tmp_path, says="self.index", **options))[0].evidence


def test_events_have_their_moment_and_their_line(tmp_path):
    assert failing(tmp_path).lines[0] == "        0 s  device 0 sends MessageStub 0 -> 1  (line 9)"


def test_a_device_that_fails_is_the_guilty_one(tmp_path):
    evidence = verdicts(handed_in(tmp_path, "{}[0]"))[0].evidence
    assert evidence.lines[-1].startswith("> ")
    assert "KeyError" in evidence.lines[-1]


def test_nothing_is_written_without_a_folder(tmp_path):
    evidence = failing(tmp_path)
    assert (evidence.recording, evidence.replay, evidence.window) == (None, "", "")


def test_the_command_replays_the_recording(tmp_path):
    evidence = failing(tmp_path, out=tmp_path / "out")
    assert evidence.recording == tmp_path / "out" / "lecture0-all-say-the-same.jsonl"
    _, program, *arguments = shlex.split(evidence.replay)
    assert program == "exercise_runner.py"
    done = process(program, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Device 0 says 0" in done.stdout
    assert evidence.window == f"{evidence.replay} --gui"


def test_the_picture_is_well_formed(tmp_path):
    assert ET.fromstring(failing(tmp_path).picture).tag.endswith("svg")
