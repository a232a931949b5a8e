"""Walking through a run: back is exact, acting is part of the schedule, branches are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emulators.errors import UsageError
from emulators.runner import RunConfig, config_of, in_steps, opened, prepared, save
from emulators.stepping.stepper import Branch, Stepper
from emulators.trace.log import Recorded, encoded, line_of
from tests.framework.making import Note, device
from tests.framework.walking import accounts, picture, stepper
from tests.running import SOLUTIONS

few = hypothesis_settings(max_examples=60)
either = pytest.mark.parametrize("synchronous", [True, False], ids=["sync", "async"])

# -- random walks

_OF_MESSAGE = ("pick", "drop", "duplicate", "delay")
_OF_DEVICE = ("crash", "restart")
WALKS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("step", "step", "on", "on", "back", "go_to", "travel", "swap"),
                *_OF_MESSAGE,
                *_OF_DEVICE,
            )
        ),
        st.integers(0, 1000),
    ),
    max_size=30,
)


def act(walked: Stepper, kind: str, number: int) -> bool:
    """Act on something that is there; return whether it could be done."""
    subject = 0
    if kind in _OF_MESSAGE:
        waiting = walked.waiting()
        if not waiting:
            return False
        subject = waiting[number % len(waiting)].serial
    elif kind in _OF_DEVICE:
        subject = number % len(walked.emulator.ids)
    try:
        walked.act(kind, subject)
    except UsageError:
        return False
    return True


class Memory:
    """What every place of every branch looked like when it was last left."""

    def __init__(self, walked: Stepper) -> None:
        self._walked = walked
        self._seen: dict[Branch, dict[int, Any]] = {walked.branch: {}}
        self._branch = walked.branch
        self.remember()

    def remember(self) -> None:
        """Note what is seen here; a new branch shares what came before it."""
        branch, position = self._walked.branch, self._walked.position
        if branch not in self._seen:
            before = self._seen[self._branch].items()
            self._seen[branch] = {step: seen for step, seen in before if step < position}
        self._branch = branch
        self._seen[branch][position] = picture(self._walked)

    def check(self) -> None:
        """What is seen here is what was seen here before."""
        self._branch = self._walked.branch
        known = self._seen[self._walked.branch].get(self._walked.position)
        if known is not None:
            assert picture(self._walked) == known


def move(walked: Stepper, memory: Memory, kind: str, number: int) -> None:
    if kind == "step":
        walked.step()
        memory.check()
    elif kind == "on":
        walked.go_to(walked.position + number % 12)
        memory.check()
    elif kind == "back":
        walked.back()
        memory.check()
    elif kind == "go_to":
        walked.go_to(number % (walked.branch.steps + 1))
        memory.check()
    elif kind == "travel":
        branches = walked.branches()
        branch = branches[number % len(branches)]
        walked.travel(branch, number % (branch.steps + 1))
        memory.check()
    else:
        act(walked, kind, number)
    memory.remember()


@few
@given(st.booleans(), st.integers(0, 5), WALKS)
def test_every_place_looks_as_it_did_before(synchronous, seed, moves):
    walked = stepper(seed=seed, synchronous=synchronous)
    memory = Memory(walked)
    for kind, number in moves:
        move(walked, memory, kind, number)
        accounts(walked)
    walked.close()


# -- moving


@either
def test_back_from_the_end_and_forth_again(synchronous):
    walked = stepper(synchronous=synchronous)
    walked.finish()
    end, steps = picture(walked), walked.position
    assert walked.ended
    for _ in range(3):
        assert walked.back()
    assert not walked.ended
    assert walked.position == steps - 3
    walked.finish()
    assert picture(walked) == end
    assert not walked.step()


def test_there_is_no_step_before_the_first():
    walked = stepper()
    assert not walked.back()
    assert walked.last is None


@either
def test_going_to_a_step_is_the_same_as_stepping_there(synchronous):
    stepped, gone = stepper(synchronous=synchronous), stepper(synchronous=synchronous)
    for _ in range(15):
        stepped.step()
    gone.go_to(15)
    assert picture(stepped) == picture(gone)


@either
def test_running_until_a_condition_holds_stops_where_it_does(synchronous):
    walked = stepper(synchronous=synchronous)
    assert walked.run_until(lambda event: event.kind == "receive" and event.device == 2)
    assert (walked.last.kind, walked.last.device) == ("receive", 2)
    walked.back()
    assert "receive" not in [event.kind for event in walked.trace if event.device == 2]


def test_running_until_what_never_holds_ends_with_the_run():
    walked = stepper()
    assert not walked.run_until(lambda event: False)
    assert walked.ended


def test_going_back_prints_nothing_a_second_time(capfd):
    @device
    def kind(self):
        print("at work")
        self.medium.send(Note(self.index, 7))  # which does not exist
        self.medium.send(Note(self.index, 0))

    walked = stepper(kind)
    walked.finish()
    capfd.readouterr()
    walked.back()
    walked.travel(walked.branch, 1)
    assert capfd.readouterr() == ("", "")


# -- acting and branches


def test_acting_where_the_run_went_on_before_opens_a_branch():
    walked = stepper()
    walked.go_to(10)
    first, far = walked.branch, picture(walked)
    walked.go_to(4)
    walked.act("crash", 2)
    assert walked.branch is not first
    assert (walked.branch.parent, walked.branch.at, walked.branch.title) == (
        first,
        4,
        "crash device 2",
    )
    walked.finish()
    walked.travel(first, 10)
    assert picture(walked) == far
    assert walked.branches() == [first, *first.children]


def test_acting_at_the_front_stays_on_the_branch():
    walked = stepper()
    walked.go_to(4)
    walked.act("crash", 2)
    walked.step()
    walked.act("restart", 2)
    assert walked.branches() == [walked.root]
    assert [action.kind for action in walked.root.actions] == ["crash", "restart"]


def test_going_back_beyond_an_action_and_on_does_it_again():
    walked = stepper()
    walked.go_to(4)
    walked.act("crash", 2)
    walked.go_to(8)
    walked.go_to(2)
    assert not walked.emulator.ports[2].ended
    walked.go_to(4)
    assert walked.emulator.ports[2].ended


def test_restarting_with_another_seed_is_a_branch_of_its_own():
    walked = stepper(seed=1)
    walked.go_to(9)
    walked.restart(seed=2)
    assert (walked.position, walked.branch.seed, walked.branch.title) == (0, 2, "seed 2")
    walked.travel(walked.root, 9)
    assert walked.emulator.seed == 1


@pytest.mark.parametrize(
    ("kind", "subject", "problem"),
    [
        ("pick", 99, "message 99 is not in transit"),
        ("drop", 99, "message 99 is not in transit"),
        ("duplicate", 99, "message 99 is not in transit"),
        ("delay", 99, "message 99 is not in transit"),
        ("crash", 7, "there is no device 7; there are 0 to 2"),
        ("restart", 7, "there is no device 7; there are 0 to 2"),
        ("dance", 0, "there is no action 'dance'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_changes_nothing(kind, subject, problem):
    walked = stepper()
    walked.go_to(5)
    before = picture(walked)
    with pytest.raises(UsageError, match=problem):
        walked.act(kind, subject)
    assert picture(walked) == before
    assert walked.branch.actions == []


def test_nothing_can_be_done_after_the_end():
    walked = stepper()
    walked.finish()
    with pytest.raises(UsageError, match="the run is over; go back before you act"):
        walked.act("swap")


def test_losses_and_copies_are_counted():
    walked = stepper()
    walked.run_until(lambda event: len(walked.waiting()) >= 2)
    first, second = walked.waiting()[:2]
    walked.act("drop", first.serial)
    walked.act("duplicate", second.serial)
    accounts(walked)
    counted = walked.emulator.statistics
    assert (counted.lost, counted.duplicated) == (1, 1)
    assert "lost 1, duplicated 1" in "\n".join(counted.lines())


# -- what is seen of a device


def test_the_place_of_a_device_is_the_line_at_which_it_stands():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
        self.medium.wait_for_next_round()

    walked = stepper(kind, devices=2)
    walked.step()
    assert walked.place(0).source == "self.medium.send(Note(0, 1))"


def test_attributes_are_shown_even_if_they_cannot_be():
    class Shy:
        def __repr__(self):
            raise ValueError("no")

    @device
    def kind(self):
        self.friend = Shy()
        self.other = object()
        self.medium.send(Note(self.index, 0))

    walked = stepper(kind)
    walked.step()
    state = walked.state(0)
    assert "ValueError: no" in state["friend"]
    assert state["other"] == "<object>"


# -- files

ASYNC = RunConfig(1, "Gossip", "async", 4, seed=5, exercises=SOLUTIONS)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.jsonl"


def replayed(path):
    """Replay a file as `--replay` does; every event is compared with the recorded one."""
    recorded = Recorded(path)
    config = config_of(recorded.header, SOLUTIONS)
    with prepared(config, quiet=True, replay=recorded, trace=True) as made:
        result = made.go()
    recorded.close()
    assert result.departure == ""
    return made


FILES = st.lists(
    st.tuples(st.sampled_from(("on", "swap", *_OF_MESSAGE, *_OF_DEVICE)), st.integers(0, 1000)),
    max_size=10,
)


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(("sync", "async", "stepping")), st.integers(0, 9), FILES, st.booleans())
def test_a_saved_run_is_exactly_the_one_that_was_walked(file, network, seed, moves, to_the_end):
    config, walked = in_steps(replace(ASYNC, type=network, seed=seed))
    for kind, number in moves:
        if kind == "on":
            walked.go_to(walked.position + 1 + number % 8)
        elif not walked.ended:
            act(walked, kind, number)
    if to_the_end:
        walked.finish()
    save(config, walked, file)
    _, again = opened(file, SOLUTIONS)
    assert picture(again) == picture(walked)
    assert lines(replayed(file).trace) == lines(walked.trace)
    again.back()
    walked.back()
    assert picture(again) == picture(walked)


@pytest.mark.parametrize("network", ["sync", "async"])
def test_a_recording_of_a_run_opens_in_steps(file, network):
    config = replace(ASYNC, type=network)
    with prepared(config, quiet=True, record=file, trace=True) as made:
        made.go()
    _, walked = opened(file, SOLUTIONS)
    assert walked.ended
    assert lines(walked.trace) == lines(made.trace)
    walked.go_to(3)
    assert walked.position == 3


def lines(trace):
    return [encoded([line_of(event)]) for event in trace]
