"""Rounds: when they begin and end, what arrives in which."""

import contextlib
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.Device import Device
from emulators.limits import Limits
from emulators.SyncEmulator import MOST_POLLS, SyncEmulator
from tests.framework.making import Note, device, run

# -- messages and rounds


def test_a_message_arrives_with_the_next_round_and_not_before():
    @device
    def kind(self):
        self.got = []
        if self.index == 0:
            self.medium.send(Note(0, 1))
        for _ in range(3):
            self.got.append(len(self.medium.receive_all()))
            self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind).devices[1].got == [0, 1, 0]


def test_a_message_sent_in_a_constructor_arrives_with_the_first_round():
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            medium.send(Note(index, 1 - index))

        def run(self):
            self.got = len(self.medium.receive_all())

    assert [made.got for made in run(SyncEmulator, Kind).devices] == [1, 1]


def test_what_is_left_in_one_round_is_there_in_the_next():
    @device
    def kind(self):
        if self.index == 0:
            for number in range(3):
                self.medium.send(Note(0, 1, number))
            return
        self.medium.wait_for_next_round()
        first = self.medium.receive().text
        self.medium.wait_for_next_round()
        self.got = [first, *(note.text for note in self.medium.receive_all())]

    assert sorted(run(SyncEmulator, kind).devices[1].got) == [0, 1, 2]


def order_of_ten(seed, fifo=False, senders=1):
    @device
    def kind(self):
        if self.index < senders:
            for number in range(10):
                self.medium.send(Note(self.index, senders, number))
            return
        self.medium.wait_for_next_round()
        self.got = [(note.source, note.text) for note in self.medium.receive_all()]

    return run(SyncEmulator, kind, senders + 1, seed, fifo=fifo).devices[senders].got


def test_messages_of_a_round_come_in_any_order():
    orders = {tuple(order_of_ten(seed)) for seed in range(20)}
    assert len(orders) == 20


def test_every_message_may_come_first():
    assert {order_of_ten(seed)[0] for seed in range(200)} == {(0, n) for n in range(10)}


@given(st.integers(0, 2**32))
def test_a_fifo_channel_keeps_the_order_of_each_sender(seed):
    got = order_of_ten(seed, fifo=True, senders=2)
    for sender in (0, 1):
        assert [number for source, number in got if source == sender] == list(range(10))


def test_fifo_channels_of_several_senders_are_mixed():
    assert order_of_ten(1, fifo=True, senders=2) != order_of_ten(2, fifo=True, senders=2)


# -- when a round ends


def test_a_round_is_a_tenth_of_a_virtual_second():
    @device
    def kind(self):
        for _ in range(10):
            self.medium.wait_for_next_round()

    ran = run(SyncEmulator, kind)
    assert ran.times("round") == [100_000 * number for number in range(11)]


def test_all_devices_are_in_the_same_round():
    log = []

    @device
    def kind(self):
        for number in range(1, 4):
            log.append((number, self.medium.now))
            self.medium.wait_for_next_round()

    run(SyncEmulator, kind, 5)
    assert log == [(number, number) for number in (1, 2, 3) for _ in range(5)]


def test_a_device_that_has_returned_holds_no_round():
    @device
    def kind(self):
        for _ in range(self.index * 3):
            self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind, 3).simulation.number_of_rounds == 7


def test_a_device_that_failed_holds_no_round():
    @device
    def kind(self):
        if self.index == 0:
            raise ValueError
        for _ in range(3):
            self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind).simulation.number_of_rounds == 4


def test_a_device_that_sleeps_holds_its_round():
    @device
    def kind(self):
        if self.index == 0:
            time.sleep(0.35)
        self.medium.wait_for_next_round()
        self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind).times("round") == [0, 350_000, 450_000]


def test_a_run_stops_after_its_last_round():
    @device
    def kind(self):
        while True:
            self.medium.wait_for_next_round()

    ran = run(SyncEmulator, kind, limits=Limits(rounds=7))
    assert (ran.simulation.number_of_rounds, ran.simulation.stopped_by) == (7, "rounds")


# -- threads of devices


def test_a_thread_wakes_by_the_clock_while_rounds_go_on():
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.seen = []
            threading.Thread(target=self.tick).start()

        def tick(self):
            while True:
                self.seen.append(self.medium.now)
                time.sleep(0.25)

        def run(self):
            for _ in range(8):
                self.medium.wait_for_next_round()

    ran = run(SyncEmulator, Kind, 2)
    assert [made.seen for made in ran.devices] == [[1, 3, 6, 8], [1, 3, 6, 8]]
    assert ran.simulation.number_of_rounds == 9


def test_a_thread_can_wait_for_rounds_too():
    class Kind(Device):
        def tick(self):
            for _ in range(3):
                self.seen.append(self.medium.now)
                self.medium.wait_for_next_round()

        def run(self):
            self.seen = []
            threading.Thread(target=self.tick).start()
            for _ in range(5):
                self.medium.wait_for_next_round()

    assert [made.seen for made in run(SyncEmulator, Kind).devices] == [[1, 2, 3]] * 2


def test_a_device_that_joins_a_thread_is_as_far_as_that_thread():
    class Kind(Device):
        def tick(self):
            for _ in range(3):
                self.medium.wait_for_next_round()

        def run(self):
            thread = threading.Thread(target=self.tick)
            thread.start()
            thread.join()
            self.joined = self.medium.now
            self.medium.wait_for_next_round()
            self.later = self.medium.now

    ran = run(SyncEmulator, Kind, 3)
    assert [(made.joined, made.later) for made in ran.devices] == [(4, 5)] * 3
    assert ran.problems == []


shared = threading.Lock()


def test_a_device_that_waits_for_a_lock_of_another_holds_the_round():
    @device
    def kind(self):
        if self.index == 0:
            shared.acquire()
            self.medium.wait_for_next_round()
            shared.release()
        else:
            shared.acquire()

    ran = run(SyncEmulator, kind)
    assert ran.problems == ["all devices wait for ever (deadlock)"]


# -- waiting for a message


def test_waiting_for_a_message_lets_the_rounds_of_the_others_go_on():
    @device
    def kind(self):
        if self.index == 0:
            for _ in range(4):
                self.medium.wait_for_next_round()
            self.medium.send(Note(0, 1))
        else:
            self.medium.wait_for_message()
            self.woke = self.medium.now

    assert run(SyncEmulator, kind).devices[1].woke == 6


def test_waiting_for_a_message_gives_up_after_so_many_rounds():
    @device
    def kind(self):
        self.got = self.medium.wait_for_message(timeout=3)
        self.woke = self.medium.now

    (made,) = run(SyncEmulator, kind, 1).devices
    assert (made.got, made.woke) == (None, 4)


def test_a_message_that_is_there_is_not_waited_for():
    @device
    def kind(self):
        self.medium.send(Note(self.index, self.index))
        self.medium.wait_for_next_round()
        self.got = self.medium.wait_for_message(timeout=0)

    assert run(SyncEmulator, kind, 1).devices[0].got is not None


def test_two_threads_of_a_device_can_wait_for_messages():
    class Kind(Device):
        def take(self):
            self.got.append((self.medium.wait_for_message().text, self.medium.now))

        def run(self):
            if self.index == 1:
                for number in range(2):
                    self.medium.send(Note(1, 0, number))
                    self.medium.wait_for_next_round()
                return
            self.got = []
            thread = threading.Thread(target=self.take)
            thread.start()
            self.take()
            thread.join()

    ran = run(SyncEmulator, Kind)
    assert ran.devices[0].got == [(0, 2), (1, 3)]


def test_a_timer_calls_rounds_later():
    @device
    def kind(self):
        self.medium.wait_for_next_round()
        self.medium.set_timer(3, lambda: setattr(self, "called", self.medium.now))
        for _ in range(6):
            self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind, 1).devices[0].called == 5


def test_a_timer_calls_though_all_devices_wait_for_messages():
    @device
    def kind(self):
        self.medium.set_timer(4, lambda: self.medium.send(Note(self.index, self.index)))
        self.medium.wait_for_message()
        self.woke = self.medium.now

    ran = run(SyncEmulator, kind, 1)
    assert ran.problems == []
    assert ran.times("send") == [400_000]


# -- polling


@pytest.mark.parametrize("call", ["receive", "receive_all"])
def test_endless_polling_in_a_round_ends_the_run_with_a_report_that_says_so(call):
    @device
    def kind(self):
        self.medium.wait_for_next_round()
        while True:
            getattr(self.medium, call)()

    ran = run(SyncEmulator, kind)
    assert ran.simulation.stopped_by == "polling"
    failure = ran.simulation.failures[0]
    assert failure.problem == (
        f"it asked for a message {MOST_POLLS} times in round 2 without calling "
        "wait_for_next_round()"
    )
    assert "call self.medium.wait_for_next_round() in the loop" in failure.hint
    assert failure.place.source == "getattr(self.medium, call)()"


def test_endless_waiting_for_no_time_is_polling_too():
    @device
    def kind(self):
        while self.medium.wait_for_message(timeout=0) is None:
            pass

    assert run(SyncEmulator, kind).simulation.stopped_by == "polling"


def test_a_part_of_a_round_is_waited_for_as_a_whole_one():
    @device
    def kind(self):
        self.medium.wait_for_message(timeout=0.5)
        self.woke = self.medium.now

    assert run(SyncEmulator, kind, 1).devices[0].woke == 2


def test_endless_polling_is_found_though_the_loop_swallows_every_exception():
    @device
    def kind(self):
        while True:
            with contextlib.suppress(Exception):
                self.medium.receive()

    ran = run(SyncEmulator, kind, 1)
    assert "without calling wait_for_next_round()" in ran.problems[0]
    assert ran.simulation.failures[0].place.source == "self.medium.receive()"


def test_many_polls_are_fine_as_long_as_rounds_go_on():
    @device
    def kind(self):
        for _ in range(5):
            for _ in range(MOST_POLLS - 1):
                self.medium.receive()
            self.medium.wait_for_next_round()

    assert run(SyncEmulator, kind).problems == []


# -- hooks


def test_hooks_are_called_at_the_beginning_and_the_end_of_each_round():
    log = []

    class Kind(Device):
        def before_round(self):
            log.append(f"before {self.medium.now}")

        def after_round(self):
            log.append(f"after {self.medium.now}")

        def run(self):
            for _ in range(2):
                log.append(f"run {self.medium.now}")
                self.medium.wait_for_next_round()

    run(SyncEmulator, Kind, 1)
    assert log == ["before 1", "run 1", "after 1", "before 2", "run 2", "after 2", "before 3"]


def test_a_hook_may_read_the_clock_and_start_a_thread():
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.seen = []

        def before_round(self):
            now = time.monotonic()
            threading.Thread(target=lambda: self.seen.append(now)).start()

        def run(self):
            self.medium.wait_for_next_round()
            self.medium.wait_for_next_round()

    ran = run(SyncEmulator, Kind)
    assert ran.problems == []
    assert ran.times("round") == [0, 100_000, 200_000]
    assert [made.seen[:2] for made in ran.devices] == [[0.0, 0.1]] * 2


def test_a_hook_that_fails_is_reported_with_its_name():
    class Kind(Device):
        def after_round(self):
            raise ValueError("oops")

        def run(self):
            self.medium.wait_for_next_round()

    (failure,) = run(SyncEmulator, Kind, 1).simulation.failures
    assert "in after_round" in failure.headline


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=8), min_size=1, max_size=4),
    st.integers(0, 1000),
)
def test_every_device_sees_the_same_rounds_whatever_it_sends(plans, seed):
    @device
    def kind(self):
        self.seen = []
        for count in plans[self.index]:
            for other in range(count):
                self.medium.send(Note(self.index, other % len(plans)))
            self.seen.append(self.medium.now)
            self.medium.wait_for_next_round()

    for made, plan in zip(run(SyncEmulator, kind, len(plans), seed).devices, plans, strict=True):
        assert made.seen == list(range(1, len(plan) + 1))
