"""One send or one receive per step; what a person does in between; two timing models in one run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.limits import Limits
from emulators.SteppingEmulator import SteppingEmulator
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, device, run
from tests.framework.walking import LIMITS, Talker, accounts, stepper

few = hypothesis_settings(max_examples=60)
either = pytest.mark.parametrize("synchronous", [True, False], ids=["sync", "async"])
OF_MESSAGES = ("send", "receive", "undeliverable")


def seen(trace):
    """Every event with its message."""
    return [(*event[:3], str(event.envelope or event.subject)) for event in trace]


# -- steps


@either
@pytest.mark.parametrize("seed", range(8))
def test_stepping_changes_nothing_in_the_order_of_things(seed, synchronous):
    alone = run(SyncEmulator if synchronous else AsyncEmulator, Talker, 4, seed, limits=LIMITS)
    walked = stepper(devices=4, seed=seed, synchronous=synchronous)
    while walked.step():
        pass
    assert seen(walked.trace) == seen(alone.trace)
    assert walked.ended


@either
@pytest.mark.parametrize("seed", range(4))
def test_a_step_is_one_send_or_one_receive(seed, synchronous):
    walked = stepper(seed=seed, synchronous=synchronous)
    known = 0
    while walked.step() and not walked.ended:
        kinds = [event.kind for event in list(walked.trace)[known:]]
        assert sum(kind in OF_MESSAGES for kind in kinds) == 1
        assert kinds[-1] in OF_MESSAGES
        known = len(walked.trace)


def test_it_begins_in_sync_and_runs_as_any_emulator(capsys):
    made = SteppingEmulator(3, Talker, limits=LIMITS, seed=1)
    assert made.synchronous
    made.run()
    assert made.all_terminated
    made.print_result()
    made.print_statistics()
    printed = capsys.readouterr().out
    assert "## ROUND 1 ##" in printed
    assert "\tSend Note" in printed
    assert f"Total {made.statistics.sent} messages" in printed


def test_print_statistics_tells_the_virtual_time():
    walked = stepper()
    walked.finish()
    assert walked.emulator.statistics.time == walked.emulator.scheduler.now > 0


# -- picking


@few
@given(st.booleans(), st.integers(0, 200), st.integers(1, 25), st.integers(0, 99))
def test_a_picked_message_is_the_next_that_is_received(synchronous, seed, steps, number):
    walked = stepper(devices=4, seed=seed, synchronous=synchronous)
    walked.go_to(steps)
    living = [
        one.serial
        for one in walked.waiting()
        if not walked.emulator.ports[one.envelope.destination].ended
    ]
    if walked.ended or not living:
        return
    picked = living[number % len(living)]
    target = next(one for one in walked.waiting() if one.serial == picked).envelope.destination
    walked.act("pick", picked)
    while walked.step():
        last = walked.last
        if walked.emulator.ports[target].ended and last.device != target:
            return  # it ended without receiving anything
        if last.kind == "receive":
            assert last.envelope.serial == picked
            return


@few
@given(st.booleans(), st.integers(0, 200), st.lists(st.integers(1, 9), max_size=8))
def test_messages_that_wait_at_a_swap_are_not_stranded(synchronous, seed, swaps):
    @device
    def kind(self):
        self.got = []
        for number in range(6):
            self.medium.send(Note(self.index, (self.index + 1) % self.number_of_devices, number))
            self.medium.wait_for_next_round()
        while len(self.got) < 6:
            message = self.medium.receive()
            if message is None:
                self.medium.wait_for_next_round()
            else:
                self.got.append(message.text)

    walked = stepper(kind, seed=seed, synchronous=synchronous, limits=Limits(300, 30.0, 1000))
    for steps in swaps:
        walked.go_to(walked.position + steps)
        if walked.ended:
            break
        walked.act("swap")
    walked.finish()
    assert walked.emulator.all_terminated
    assert not walked.waiting()
    assert [sorted(made.got) for made in walked.emulator.devices] == [list(range(6))] * 3


@either
@pytest.mark.parametrize("at", [0, 1])
def test_who_waits_with_a_timeout_goes_on_after_a_swap(synchronous, at):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 0))
            self.medium.wait_for_next_round()
            self.medium.send(Note(0, 0))
        else:
            self.got = self.medium.wait_for_message(timeout=3)
            self.end = self.medium.now

    walked = stepper(kind, devices=2, synchronous=synchronous)
    walked.go_to(at)
    walked.act("swap")
    walked.finish()
    assert walked.emulator.all_terminated
    assert walked.emulator.devices[1].got is None


def test_a_wait_without_a_timeout_brings_a_message_though_another_is_picked():
    @device
    def kind(self):
        if self.index < 2:
            self.medium.wait_for_next_round()
            self.got = self.medium.wait_for_message().text
        else:
            self.medium.send(Note(2, 0, "for 0"))
            self.medium.send(Note(2, 1, "for 1"))

    for synchronous in (True, False):
        for picked in (1, 2):
            walked = stepper(kind, synchronous=synchronous)
            walked.go_to(2)
            walked.act("pick", picked)
            walked.step()
            assert walked.last.envelope.serial == picked
            walked.finish()
            assert [made.got for made in walked.emulator.devices[:2]] == ["for 0", "for 1"]


@few
@given(st.integers(0, 200), st.lists(st.integers(1, 9), max_size=8))
def test_swaps_end_no_talk(seed, swaps):
    walked = stepper(seed=seed)
    for steps in swaps:
        walked.go_to(walked.position + steps)
        if not walked.ended:
            walked.act("swap")
        accounts(walked)
    walked.finish()
    assert not walked.emulator.failures
    assert walked.emulator.all_terminated or walked.emulator.stopped_by


@either
def test_who_waits_for_a_message_gets_it_after_a_swap(synchronous):
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 1, "first"))
            self.medium.send(Note(0, 1, "second"))
        else:
            self.got = [self.medium.wait_for_message().text for _ in range(2)]

    walked = stepper(kind, devices=2, synchronous=synchronous)
    for _ in range(4):
        walked.step()
        walked.act("swap")
    walked.finish()
    assert walked.emulator.all_terminated
    assert sorted(walked.emulator.devices[1].got) == ["first", "second"]
