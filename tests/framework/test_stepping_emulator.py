"""One send or one receive per step; what a person does in between; two timing models in one run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device, WorkerDevice
from emulators.errors import UsageError
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


# -- crashing and restarting


class Beacon(Device):
    """Tells the next device its turn, for ten turns, and counts what it hears."""

    def run(self):
        self.turn = self.heard = 0
        while self.turn < 10:
            self.turn += 1
            self.medium.send(Note(self.index, (self.index + 1) % self.number_of_devices))
            self.medium.wait_for_next_round()
            self.heard += len(self.medium.receive_all())


@few
@given(st.booleans(), st.integers(0, 50), st.integers(0, 40), st.integers(0, 3))
def test_a_crash_stops_one_device_and_nobody_else(synchronous, seed, steps, victim):
    walked = stepper(Beacon, 4, seed, synchronous)
    walked.go_to(steps)
    if walked.emulator.ports[victim].ended:
        return
    walked.act("crash", victim)
    crashed = len(walked.trace)
    walked.finish()
    assert not walked.emulator.failures
    others = [made for made in walked.emulator.devices if made.index != victim]
    assert [made.turn for made in others] == [10, 10, 10]
    assert [event.kind for event in list(walked.trace)[crashed:] if event.device == victim] == []
    assert [event.device for event in walked.trace.of("crash")] == [victim]
    assert victim not in [event.device for event in walked.trace.of("end")]


@few
@given(st.booleans(), st.integers(0, 50), st.integers(0, 40), st.integers(0, 30), st.integers(0, 3))
def test_a_device_that_is_restarted_begins_anew(synchronous, seed, crash, pause, victim):
    walked = stepper(Beacon, 4, seed, synchronous)
    walked.go_to(crash)
    if walked.emulator.ports[victim].ended:
        return
    old = walked.emulator.ports[victim].device
    walked.act("crash", victim)
    walked.go_to(walked.position + pause)
    if walked.ended:
        return
    walked.act("restart", victim)
    walked.finish()
    new = walked.emulator.ports[victim].device
    assert new is not old
    assert not walked.emulator.failures
    assert walked.emulator.all_terminated
    assert [made.turn for made in walked.emulator.devices] == [10] * 4


@either
def test_when_all_have_crashed_the_run_is_over(synchronous):
    walked = stepper(Beacon, 2, synchronous=synchronous)
    walked.go_to(3)
    walked.act("crash", 0)
    walked.act("crash", 1)
    walked.step()
    assert walked.ended
    assert not walked.emulator.failures


def test_a_device_that_crashes_in_the_critical_section_leaves_it_free():
    class Worker(WorkerDevice):
        def run(self):
            for _ in range(5 * self.index):
                self.medium.send(Note(1, 1))
                self.medium.wait_for_next_round()
            self.do_work()

    walked = stepper(Worker, 2)
    walked.run_until(lambda event: walked.emulator._inside == 0)
    walked.act("crash", 0)
    assert walked.emulator._inside is None
    walked.finish()
    assert not walked.emulator.failures


def test_only_a_running_device_crashes():
    walked = stepper()
    walked.act("crash", 1)
    with pytest.raises(UsageError, match="device 1 is not running"):
        walked.act("crash", 1)


def test_a_timer_of_a_device_that_crashed_never_rings():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.set_timer(5, lambda: self.medium.send(Note(0, 1)))
        for _ in range(12):
            if self.index == 1:
                self.medium.send(Note(1, 1))
            self.medium.wait_for_next_round()

    walked = stepper(kind, 2)
    walked.go_to(2)
    walked.act("restart", 0)
    walked.finish()
    assert [event.device for event in walked.trace.of("send")].count(0) == 1
    assert not walked.emulator.failures


# -- dropping, delaying, duplicating


@either
def test_what_is_dropped_is_never_received(synchronous):
    walked = stepper(synchronous=synchronous)
    walked.run_until(lambda event: len(walked.waiting()) > 2)
    dropped = walked.waiting()[1].serial
    walked.act("drop", dropped)
    walked.finish()
    assert dropped not in received(walked)
    accounts(walked)


@either
def test_a_copy_is_received_beside_its_original(synchronous):
    @device
    def kind(self):
        self.medium.send(Note(self.index, self.index))
        self.got = [self.medium.wait_for_message(timeout=1) for _ in range(3)]

    walked = stepper(kind, synchronous=synchronous)
    walked.step()
    walked.act("duplicate", 1)
    walked.finish()
    assert [note.source for note in walked.emulator.devices[0].got if note] == [0, 0]
    assert (walked.emulator.statistics.sent, walked.emulator.statistics.received) == (3, 4)


@either
def test_what_is_delayed_comes_after_all_that_is_in_transit(synchronous):
    @device
    def kind(self):
        if self.index == 0:
            for number in range(5):
                self.medium.send(Note(0, 1, number))
            return
        self.got = []
        while len(self.got) < 5:
            self.got += [note.text for note in self.medium.receive_all()]
            self.medium.wait_for_next_round()

    walked = stepper(kind, 2, synchronous=synchronous)
    walked.go_to(5)
    walked.step()
    last = walked.waiting()[0]
    walked.act("delay", last.serial)
    walked.finish()
    assert received(walked)[-1] == last.serial


def received(walked):
    return [event.envelope.serial for event in walked.trace.of("receive")]


# -- limits


def test_a_run_that_was_swapped_to_async_still_ends():
    @device
    def kind(self):
        while True:
            self.medium.wait_for_next_round()

    walked = stepper(kind, limits=Limits(rounds=20))
    walked.act("swap")
    walked.finish()
    assert walked.emulator.stopped_by == "time"
    assert walked.emulator.limits.time == 2.0
    assert walked.emulator.scheduler.now <= 2_000_000
