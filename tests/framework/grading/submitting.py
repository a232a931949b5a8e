"""Small submissions for lecture 0, and cases about them."""

from emulators.grading import case
from emulators.grading.case import cases_of
from emulators.grading.judging import Judging
from emulators.grading.report import Report
from emulators.grading.submission import Submission

HEAD = """
from emulators.Device import Device
from emulators.MessageStub import MessageStub
from emulators.todo import todo

"""
GREETER = """
class PingPong(Device):
    def run(self):
        self.medium.send(MessageStub(self.index, (self.index + 1) % self.number_of_devices))
        self.medium.wait_for_next_round()
        {then}

    def print_result(self):
        print("Device", self.index, "says", {says})
"""


def handed_in(folder, then="pass", says="7", source=None, **options):
    """A submission: devices that send, do something more, and print what they say."""
    text = HEAD + (GREETER.format(then=then, says=says) if source is None else source)
    (folder / "demo.py").write_text(text, encoding="utf-8")
    return Submission(0, folder, **options)


def all_say_the_same(run):
    """All devices say the same."""
    said = sorted({text.split()[-1] for text in run.results})
    return f"the devices say {' and '.join(said)}" if len(said) > 1 else None


@case("PingPong", points=2, hint="what do they know of each other?")
def test_all_say_the_same(submission):
    """All devices say the same thing."""
    submission.runs(devices=(3, 2), seeds=2).satisfy(all_say_the_same)


@case("PingPong", bonus=True, needs=[test_all_say_the_same])
def test_all_say_seven(submission):
    """All devices say seven."""
    submission.runs(devices=(2,), seeds=1).satisfy(
        lambda run: None if "7" in run.results[0] else "device 0 does not say 7"
    )


CASES = [*cases_of(test_all_say_the_same), *cases_of(test_all_say_seven)]


def verdicts(submission, cases=CASES):
    return list(Judging(cases, submission).verdicts())


def report(submission, cases=CASES):
    return Report(submission, tuple(verdicts(submission, cases)))
