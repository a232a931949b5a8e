"""Livelock: whoever goes round fairly without getting on is found, and nobody else."""

from emulators.explore.answer import HOLDS, VIOLATED
from tests.framework.explore.asking import ONCE, ask, ask_about

LIVELOCK = ("livelock",)

POLITE = """
class Program(Device):
    def run(self):
        other = 1 - self.index
        self.medium.send(Note(self.index, other, "after you"))
        while self.medium.wait_for_message().text == "after you":
            self.medium.send(Note(self.index, other, "after you"))
"""


def test_two_who_let_each_other_go_first_go_round_for_ever(tmp_path):
    answer = ask_about(tmp_path, POLITE, checks=LIVELOCK)
    assert answer.verdict == VIOLATED
    reason = answer.counterexample.violation.reason
    assert reason.startswith("devices 0 and 1 wait for ever, while devices 0 and 1 may do the last")


def test_who_gives_up_some_time_does_not_go_round_for_ever(tmp_path):
    source = POLITE.replace("while ", "for _ in range(2):\n            if not ")
    source = source.replace(
        '== "after you":\n            self', '== "after you": break\n            self'
    )
    assert ask_about(tmp_path, source, checks=LIVELOCK).verdict == HOLDS


LOOKS = """
class Program(Device):
    def run(self):
        if self.index:
            self.medium.send(Note(1, 0, "end"))
            return
        odd = False
        while self.medium.receive() is None:
            odd = not odd
            self.medium.wait_for_next_round()
"""


def test_a_message_that_is_never_received_is_not_fair(tmp_path):
    assert ask_about(tmp_path, LOOKS, checks=LIVELOCK).verdict == HOLDS


def test_a_message_that_never_comes_is(tmp_path):
    source = LOOKS.replace('self.medium.send(Note(1, 0, "end"))', "pass")
    answer = ask_about(tmp_path, source, checks=LIVELOCK)
    assert answer.counterexample.violation.reason.startswith("device 0 waits for ever")


STANDS_STILL = """
class Program(Device):
    def run(self):
        if self.index == 2:
            self.medium.send(Note(2, 0, "end"))
            return
        if self.index == 0:
            self.medium.send(Note(0, 1, "ping"))
        while (note := self.medium.wait_for_message()).text != "end":
            self.medium.send(Note(self.index, 1 - self.index, note.text))
        self.medium.send(Note(0, 1, "end"))
"""


def test_a_device_that_never_moves_is_not_fair(tmp_path):
    assert ask_about(tmp_path, STANDS_STILL, 3, checks=LIVELOCK).verdict == HOLDS


def test_a_token_that_goes_round_while_nobody_waits_is_no_livelock():
    assert ask("TokenRing", checks=LIVELOCK, bounds=ONCE).verdict == HOLDS
