"""What costs too much is stopped, and fails for a reason that a student understands."""

from emulators.grading import effort
from emulators.grading.verdict import Outcome
from tests.framework.grading.submitting import handed_in, verdicts

GROWS = """
class PingPong(Device):
    def run(self):
        message = MessageStub(self.index, 1 - self.index)
        message.text = "x"
        while True:
            {grow}
            self.medium.send(message)
            self.medium.wait_for_next_round()
            self.medium.receive_all()

    def print_result(self):
        print(7)
"""


def judged(folder, grow):
    """The first verdict on devices that do something to their message before they send it."""
    return verdicts(handed_in(folder, source=GROWS.format(grow=grow)))[0]


def test_messages_that_double_are_stopped(tmp_path):
    first = judged(tmp_path, "message.text += message.text")
    assert first.outcome is Outcome.FAILED
    assert first.happened.endswith("20,000,000 are enough for a whole run")
    assert first.hint == "does what a message carries double again and again?"
    assert "1 of " in first.evidence.run


def test_messages_that_stay_small_may_be_many(tmp_path):
    assert judged(tmp_path, "pass").outcome is Outcome.PASSED


def test_a_run_that_is_slow_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(effort, "MOST_CPU", 0.0)
    first = judged(tmp_path, "pass")
    assert first.outcome is Outcome.FAILED
    assert first.happened.startswith("a run takes more than 0 s of processor time; device ")


def test_many_runs_that_are_slow_together_are_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(effort, "MOST_CPU_OF_ALL", 0.0)
    monkeypatch.setattr(effort, "CPU_OF_EACH", 0.0)
    first = judged(tmp_path, "pass")
    assert first.outcome is Outcome.FAILED
    assert first.happened == "the runs of this case take more than 0 s of processor time"
