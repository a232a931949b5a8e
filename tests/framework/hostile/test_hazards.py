"""What happens to devices and between them at the moments of a scenario."""

import threading
import time

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.kernel.clock import ROUND
from emulators.limits import Limits
from emulators.network.byzantine import Liar
from emulators.network.scenario import Network
from emulators.SyncEmulator import SyncEmulator
from emulators.usage import UsageError
from tests.framework.making import Note, both, device, run

LIMITS = Limits(rounds=60, time=6.0)


def over(emulator, kind, devices=3, seed=1, **network):
    return run(emulator, kind, devices, seed, limits=LIMITS, network=Network.parse(network))


@device
def chatters(self):
    """Sends to all others and receives in each round, and notes what it got."""
    self.got = []
    for number in range(30):
        for other in self.medium.ids:
            if other != self.index:
                self.medium.send(Note(self.index, other, number))
        self.medium.wait_for_next_round()
        self.got += [note.source for note in self.medium.receive_all()]


def rounds_of(ran, kind, index):
    """Return the rounds in which a device did something."""
    now, found = 0, []
    for one in ran.trace:
        if one.kind == "round":
            now = one.subject
        elif one.kind == kind and one.device == index:
            found.append(now)
    return found


# -- crash


@both
def test_a_device_that_crashes_sends_and_receives_nothing_more(emulator):
    ran = over(emulator, chatters, crash=[{"device": 1, "at": "10r"}])
    down = ran.times("crash")[0]
    mine = [one.time for one in ran.trace.of("send", "receive", "end") if one.device == 1]
    assert max(mine) <= down
    assert {one.device for one in ran.trace.of("end")} == {0, 2}


def test_a_crash_in_a_round_comes_before_what_the_device_does_in_it():
    ran = over(SyncEmulator, chatters, crash=[{"device": 1, "at": 10}])
    assert max(rounds_of(ran, "send", 1)) == 9
    assert rounds_of(ran, "crash", 1) == [10]


def test_a_crash_may_come_before_the_beginning():
    ran = over(SyncEmulator, chatters, crash=[{"device": 1, "at": 0}])
    assert rounds_of(ran, "send", 1) == []
    assert over(AsyncEmulator, chatters, crash=[{"device": 1, "at": 0}]).times("crash") == [0]


@both
def test_messages_to_a_device_that_is_down_are_lost(emulator):
    ran = over(emulator, chatters, crash=[{"device": 1, "at": "10r"}])
    lost = list(ran.trace.of("lose"))
    assert lost
    assert {one.device for one in lost} == {1}
    assert {one.subject.reason for one in lost} == {"device 1 is down"}
    assert ran.simulation.statistics.in_flight == len(ran.simulation.in_transit())


@both
def test_a_device_comes_back_and_takes_part_again(emulator):
    ran = over(emulator, chatters, crash=[{"device": 1, "at": "5r", "recovery": "10r"}])
    assert len(list(ran.trace.of("restart"))) == 1
    back = ran.times("restart")[0]
    assert back - ran.times("crash")[0] == 10 * ROUND
    assert any(one.device == 1 and one.time > back for one in ran.trace.of("receive"))
    assert ran.simulation.all_terminated


@both
def test_the_run_waits_for_a_device_that_comes_back(emulator):
    @device
    def ends(self):
        self.medium.wait_for_next_round()
        self.medium.wait_for_next_round()

    ran = over(emulator, ends, crash=[{"device": 0, "at": "1r", "recovery": "30r"}])
    assert [one.device for one in ran.trace.of("end")] == [1, 2, 0] or emulator is AsyncEmulator
    assert {one.device for one in ran.trace.of("end")} == {0, 1, 2}


@both
def test_an_inbox_may_be_kept_over_a_crash(emulator):
    @device
    def sends(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
        elif self.index == 1:
            for _ in range(20):
                self.medium.wait_for_next_round()
            self.got = self.medium.receive_all()

    crash = {"device": 1, "at": "10r", "recovery": "5r"}
    lost = over(emulator, sends, crash=[crash])
    kept = over(emulator, sends, crash=[{**crash, "inbox": "kept"}])
    assert [len(one.devices[1].got) for one in (lost, kept)] == [0, 1]
    assert [one.simulation.statistics.lost for one in (lost, kept)] == [1, 0]


class Remembers(Device):
    stable = ("log", "term")

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.log = []
        self.forgotten = []

    def run(self):
        for _ in range(8):
            self.log.append(self.medium.now)
            self.forgotten.append(self.medium.now)
            self.medium.wait_for_next_round()


@pytest.mark.parametrize(("storage", "length"), [("stable", 12), ("none", 8)])
def test_what_a_class_declares_as_stable_survives_a_crash(storage, length):
    crash = {"device": 0, "at": 5, "recovery": 3, "storage": storage}
    one = over(SyncEmulator, Remembers, crash=[crash]).devices[0]
    assert (len(one.log), len(one.forgotten)) == (length, 8)


def test_stable_storage_that_cannot_be_kept_is_reported():
    class Bad(Device):
        stable = ("lock",)

        def run(self):
            self.lock = self.medium
            for _ in range(9):
                self.medium.wait_for_next_round()

    ran = over(SyncEmulator, Bad, crash=[{"device": 0, "at": 3, "recovery": 1}])
    assert "its stable attribute 'lock' holds a Medium" in ran.problems[0]


@both
def test_threads_and_timers_of_a_device_end_with_it(emulator):
    @device
    def works(self):
        if self.index == 0:
            threading.Thread(target=self.chatter).start()
            self.medium.set_timer(15 if emulator is SyncEmulator else 1.5, self.late)
            self.chatter()
        else:
            time.sleep(4)

    def chatter(self):
        while True:
            self.medium.send(Note(0, 1))
            self.medium.wait_for_next_round()

    works.chatter = chatter
    works.late = lambda self: self.medium.send(Note(0, 2))
    ran = over(emulator, works, crash=[{"device": 0, "at": "10r"}])
    assert max(ran.times("send")) <= ran.times("crash")[0]
    assert ran.simulation.statistics.sent_by[1:] == [0, 0]


@both
def test_what_a_device_sends_on_its_way_out_is_not_sent(emulator):
    @device
    def clings(self):
        try:
            while True:
                self.medium.wait_for_next_round()
        finally:
            self.medium.send(Note(self.index, 0))

    ran = over(emulator, clings, crash=[{"device": 1, "at": "10r"}])
    assert ran.times("send") == []
    assert ran.problems == []


@both
def test_code_that_sleeps_on_its_way_out_resumes_nobody(emulator):
    @device
    def clings(self):
        try:
            for _ in range(30):
                self.medium.wait_for_next_round()
        finally:
            time.sleep(5)

    ran = over(emulator, clings, crash=[{"device": 1, "at": "10r"}])
    assert ran.problems == []
    assert 1 not in {one.device for one in ran.trace.of("end")}


@both
def test_a_crash_of_a_device_that_has_ended_does_nothing(emulator):
    @device
    def ends(self):
        for _ in range(30 if self.index else 1):
            self.medium.wait_for_next_round()

    ran = over(emulator, ends, crash=[{"device": 0, "at": "20r", "recovery": 1}])
    assert ran.times("crash") == []
    assert ran.simulation.all_terminated


def test_any_device_is_drawn():
    crash = [{"device": "any", "at": 2}]
    hit = {
        next(iter(over(SyncEmulator, chatters, seed=seed, crash=crash).trace.of("crash"))).device
        for seed in range(12)
    }
    assert hit == {0, 1, 2}


def test_a_device_that_does_not_exist_is_refused():
    for table in ({"device": 3, "at": 1}, {"device": 99, "at": 1}):
        with pytest.raises(UsageError, match=r"there are devices 0 to 2"):
            over(SyncEmulator, chatters, crash=[table])


# -- partition


@both
def test_nothing_crosses_while_the_network_is_split(emulator):
    split = {"groups": [[0, 1]], "start": "5r", "heal": "15r"}
    ran = over(emulator, chatters, partition=[split])
    begin, end = ran.times("partition")[0], ran.times("heal")[0]
    for one in ran.trace.of("receive"):
        if begin < one.envelope.arrives < end:
            assert {one.envelope.sender, one.device} == {0, 1}
    assert end - begin == 10 * ROUND


def test_in_rounds_the_partition_begins_with_its_round():
    split = {"groups": [[0, 1]], "start": 5, "heal": 15}
    ran = over(SyncEmulator, chatters, partition=[split])
    crossing = rounds_of(ran, "receive", 2)
    assert [number for number in crossing if 5 <= number < 15] == []
    assert {4, 16} <= set(crossing)


@both
def test_what_crosses_may_wait_for_the_healing(emulator):
    split = {"groups": [[0, 1]], "start": "5r", "heal": "15r", "hold": True}
    counted = over(emulator, chatters, partition=[split]).simulation.statistics
    assert counted.lost == 0
    assert counted.sent == 180


@both
def test_a_partition_for_ever_never_heals(emulator):
    ran = over(emulator, chatters, partition=[{"groups": "halves", "start": "5r"}])
    assert ran.times("heal") == []
    assert ran.simulation.statistics.partitions == 1


# -- pause


def test_a_device_that_pauses_misses_its_rounds():
    ran = over(SyncEmulator, chatters, pause=[{"device": 1, "from": 5, "to": 12}])
    sent = set(rounds_of(ran, "send", 1))
    assert sent.isdisjoint(range(5, 12))
    assert {4, 12} <= sent


def test_a_device_that_pauses_does_nothing_in_its_time():
    ran = over(AsyncEmulator, chatters, pause=[{"device": 1, "from": 0.5, "to": 1.2}])
    mine = [one.time for one in ran.trace.of("send", "receive") if one.device == 1]
    assert [now for now in mine if 500_000 < now < 1_200_000] == []
    assert max(mine) > 1_200_000


@both
def test_a_device_that_waits_for_a_message_goes_on_after_its_pause(emulator):
    @device
    def waits(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
        elif self.index == 1:
            self.got = self.medium.wait_for_message()

    ran = over(emulator, waits, pause=[{"device": 1, "to": "20r"}])
    assert ran.devices[1].got.source == 0
    assert ran.times("receive")[0] >= 19 * ROUND


def test_hooks_of_a_device_that_stands_still_are_not_called():
    class Counts(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.before, self.after = [], []

        def before_round(self):
            self.before.append(self.medium.now)

        def after_round(self):
            self.after.append(self.medium.now)

        def run(self):
            for _ in range(9):
                self.medium.wait_for_next_round()

    one, other, _ = over(SyncEmulator, Counts, pause=[{"device": 0, "from": 3, "to": 6}]).devices
    assert set(range(1, 9)) - set(one.before) == set(range(1, 9)) - set(one.after) == {3, 4, 5}
    assert set(range(1, 9)) <= set(other.before)


def test_of_two_pauses_the_one_that_lasts_longer_counts():
    pauses = [{"device": 1, "from": 5, "to": 12}, {"device": 1, "from": 7, "to": 9}]
    ran = over(SyncEmulator, chatters, pause=pauses)
    assert set(rounds_of(ran, "send", 1)).isdisjoint(range(5, 12))


def test_a_slow_device_takes_part_in_every_third_round():
    ran = over(SyncEmulator, chatters, pause=[{"device": 1, "factor": 3}])
    assert sorted(set(rounds_of(ran, "send", 1)))[:4] == [1, 4, 7, 10]


def test_a_slow_device_waits_longer():
    ran = over(AsyncEmulator, chatters, pause=[{"device": 1, "factor": 5}])
    end = {one.device: one.time for one in ran.trace.of("end")}
    assert end.get(1, 6_000_000) > 3 * max(end[0], end[2])


# -- byzantine devices


@both
def test_a_silent_device_sends_nothing(emulator):
    ran = over(emulator, chatters, byzantine=[{"device": 1, "behaviour": "silent"}])
    assert ran.simulation.statistics.sent_by == [60, 0, 60]


@both
def test_an_equivocating_device_tells_different_things(emulator):
    @device
    def votes(self):
        if self.index == 0:
            for other in (1, 2, 3):
                self.medium.send(Note(0, other, True))
        else:
            self.got = self.medium.wait_for_message(20).text

    ran = over(emulator, votes, 4, byzantine=[{"device": 0, "behaviour": "equivocate"}])
    assert [one.got for one in ran.devices[1:]] == [False, True, False]


class Echo(Liar):
    def sends(self, message):
        return [message, message]


class Imposter(Device):
    def run(self):
        self.medium.send(Note(self.index, 0, "imposter"))


@both
def test_a_class_of_the_instructor_alters_what_is_sent(emulator):
    ran = over(emulator, chatters, byzantine=[{"device": 1, "class": Echo}])
    assert ran.simulation.statistics.sent_by == [60, 120, 60]


@both
def test_a_class_of_the_instructor_takes_the_place_of_a_device(emulator):
    ran = over(emulator, chatters, byzantine=[{"device": 1, "class": Imposter}])
    assert [type(one).__name__ for one in ran.devices] == ["chatters", "Imposter", "chatters"]
    assert ran.simulation.statistics.sent_by == [60, 1, 60]


def test_a_class_that_is_neither_is_refused():
    with pytest.raises(UsageError, match="Note extends neither Device nor Liar"):
        over(SyncEmulator, chatters, byzantine=[{"device": 1, "class": Note}])


# -- hooks and timers go on


@both
def test_timers_fire_over_a_hostile_network(emulator):
    @device
    def sets(self):
        self.fired = []
        for delay in (1, 3):
            self.medium.set_timer(delay, lambda: self.fired.append(self.medium.now))
        for _ in range(60):
            self.medium.wait_for_next_round()

    ran = over(emulator, sets, loss=1, crash=[{"device": 2, "at": "5s"}])
    assert [len(one.fired) for one in ran.devices[:2]] == [2, 2]


def test_hooks_of_a_device_that_came_back_are_called_again():
    class Counts(Device):
        calls = 0

        def before_round(self):
            self.calls += 1

        after_round = before_round

        def run(self):
            for _ in range(5):
                self.medium.wait_for_next_round()

    one = over(SyncEmulator, Counts, crash=[{"device": 0, "at": 3, "recovery": 2}]).devices[0]
    assert one.calls >= 10
