from pathlib import Path

import pytest

from tests.framework.commands import command, refusal, write_exercise
from tests.framework.making import both, device, run

SOURCE = """
from emulators.Device import Device

class Writer(Device):
    def run(self):
        self.medium.wait_for_next_round()
        self.medium.log(f"hello from {self.index}")
        self.medium.log(f"vote of {self.index}", name="votes")
"""


@pytest.fixture
def options(tmp_path: Path) -> tuple[str, ...]:
    exercise = write_exercise(tmp_path, SOURCE)
    return (*exercise, "--algorithm", "Writer", "--devices", "2", "--seed", "1")


def test_each_device_and_each_name_has_its_file(options: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "made" / "logs"
    assert command(*options, "--log", folder).status == 0
    assert {path.name: path.read_text().splitlines() for path in folder.iterdir()} == {
        "device-0.log": ["round 2, device 0: hello from 0"],
        "device-1.log": ["round 2, device 1: hello from 1"],
        "votes.log": ["round 2, device 0: vote of 0", "round 2, device 1: vote of 1"],
    }


def test_a_line_begins_with_its_time_in_async(options: tuple[str, ...], tmp_path: Path) -> None:
    command(*options, "--type", "async", "--log", tmp_path)
    lines = (tmp_path / "votes.log").read_text().splitlines()
    assert all(line.split(" s, device ")[0].replace(".", "").isdecimal() for line in lines)


def test_files_of_an_earlier_run_are_replaced(options: tuple[str, ...], tmp_path: Path) -> None:
    for _ in range(2):
        command(*options, "--log", tmp_path)
    assert len((tmp_path / "votes.log").read_text().splitlines()) == 2


def test_a_folder_that_cannot_be_made_is_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"cannot write to {tmp_path / 'file'}" in refusal(*options, "--log", tmp_path / "file")


def test_the_screen_shows_the_name(options: tuple[str, ...]) -> None:
    assert "\tDevice 0 [votes]: vote of 0\n" in command(*options).out


def test_a_recording_keeps_the_name(options: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    command(*options, "--record", file)
    assert '{"e":"log","t":100000,"d":0,"type":"votes","s":"vote of 0"' in file.read_text()
    assert command("--replay", file, *options[:2]).status == 0


@both
def test_a_name_that_is_no_name_of_a_file_is_refused(emulator):
    @device
    def writes(self):
        self.medium.log("text", name="../secret")

    assert run(emulator, writes).problems == ["the name of a log file is '../secret'"] * 2
