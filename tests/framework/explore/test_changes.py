"""One schedule again, and the one change that would have saved it."""

import re

from emulators.explore.changes import saving
from emulators.explore.explorer import Explorer
from emulators.explore.question import Question
from emulators.explore.steps import parsed
from emulators.runner import RunConfig
from tests.framework.commands import command, refusal
from tests.framework.explore.asking import ONCE, ask, ask_about, written

MAEKAWA = ("--lecture", "4", "--algorithm", "Maekawa", "--devices", "2", "--entries", "1")
ORDER = """
class Program(Device):
    def run(self):
        if self.index:
            self.medium.send(Note(self.index, 0, self.index))
            return
        first = self.medium.wait_for_message()
        assert first.text == 1, "who is first?"
"""


def follow(folder, schedule, devices=3):
    config = RunConfig(0, "Program", "async", devices, 1, folder)
    return Explorer(Question(config)).follow(parsed(schedule))


def test_the_message_that_should_have_come_later_is_named(tmp_path):
    example = ask_about(tmp_path, ORDER, 3).counterexample
    assert saving(example, Question(example.config).asked_of_walks) == (
        "had device 0 received Note 2 -> 0: 2 later"
    )


def test_what_no_change_saves_is_not_said_to_be_saved(tmp_path):
    example = ask_about(tmp_path, ORDER.replace("== 1", "== 3"), 3).counterexample
    assert saving(example, Question(example.config).asked_of_walks) == ""


def test_a_schedule_that_was_found_violates_the_same_again(tmp_path):
    example = ask_about(tmp_path, ORDER, 3).counterexample
    answer = follow(tmp_path, example.schedule)
    assert answer.counterexample.violation.reason == example.violation.reason


def test_a_deadlock_of_devices_that_look_again_and_again_shows_in_its_schedule():
    example = ask("Maekawa", 2, bounds=ONCE).counterexample
    question = Question(RunConfig(4, "Maekawa", "async", 2, 1), bounds=ONCE)
    answer = Explorer(question).follow(parsed(example.schedule))
    assert answer.counterexample.violation.property == "deadlock"


def test_after_the_file_is_mended_the_schedule_violates_nothing(tmp_path):
    schedule = ask_about(tmp_path, ORDER, 3).counterexample.schedule
    written(tmp_path, ORDER.replace("== 1", "in (1, 2)"))
    assert follow(tmp_path, schedule).because == ["this one schedule violates nothing"]


def test_a_step_that_the_changed_file_has_no_more_is_named(tmp_path):
    schedule = ask_about(tmp_path, ORDER, 3).counterexample.schedule
    written(tmp_path, ORDER.replace("Note(self.index, 0", "Note(self.index, 1"))
    said = follow(tmp_path, schedule).because[0]
    assert re.search(r"does not fit the program any more: its step \d, '0<2', is not", said)


def test_the_command_that_is_printed_shows_the_same_run():
    first = command("explore", *MAEKAWA)
    schedule = re.search('--schedule "(.*)"', first.out)[1]
    again = command("explore", *MAEKAWA, "--schedule", schedule)
    assert again.status == 1
    assert "It would not have happened had device" in again.out


def test_a_schedule_that_cannot_be_read_is_refused():
    line = refusal("explore", *MAEKAWA, "--schedule", "0 1<x")
    assert line.startswith("--schedule: step 2, '1<x', cannot be read")
