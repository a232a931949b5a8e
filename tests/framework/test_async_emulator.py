"""Latency, overtaking, waiting and polling in an asynchronous network."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from emulators.limits import Limits
from tests.framework.making import Note, device, run


def order_of_ten(seed, **options):
    @device
    def kind(self):
        if self.index == 0:
            for number in range(10):
                self.medium.send(Note(0, 1, number))
        else:
            self.got = [self.medium.wait_for_message().text for _ in range(10)]

    return run(AsyncEmulator, kind, seed=seed, **options).devices[1].got


def test_messages_of_one_channel_overtake_each_other():
    assert sorted(order_of_ten(1)) == list(range(10)) != order_of_ten(1)


@given(st.integers(0, 2**32))
def test_no_message_overtakes_on_a_fifo_channel(seed):
    assert order_of_ten(seed, fifo=True) == list(range(10))


def test_a_message_that_need_not_travel_overtakes_nobody():
    assert order_of_ten(1, latency=(0, 0)) == list(range(10))


@given(st.integers(0, 2**32), st.floats(0, 2), st.floats(0, 2))
def test_a_message_is_in_flight_for_a_time_between_the_bounds(seed, low, span):
    @device
    def kind(self):
        if self.index == 0:
            for _ in range(3):
                self.medium.send(Note(0, 1))
        else:
            for _ in range(3):
                self.medium.wait_for_message()

    ran = run(AsyncEmulator, kind, seed=seed, latency=(low, low + span))
    flights = [(e.time - e.envelope.sent) / 1e6 for e in ran.trace.of("receive")]
    assert all(low - 2e-6 <= flight <= low + span + 2e-6 for flight in flights)


def test_a_message_cannot_be_received_before_it_arrives():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
        else:
            self.first = self.medium.receive()
            time.sleep(0.5)
            self.second = self.medium.receive()
            time.sleep(0.5)
            self.third = self.medium.receive()

    made = run(AsyncEmulator, kind, latency=(0.7, 0.7)).devices[1]
    assert (made.first, made.second) == (None, None)
    assert made.third is not None


@given(st.integers(0, 2**32))
def test_a_wait_lasts_a_hundredth_to_a_tenth_of_a_second(seed):
    @device
    def kind(self):
        before = self.medium.now
        self.medium.wait_for_next_round()
        self.took = self.medium.now - before

    assert 0.01 <= run(AsyncEmulator, kind, 1, seed).devices[0].took <= 0.1


def test_an_answer_is_there_after_two_waits_at_the_latest_by_default():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.send(Note(0, 1))
            time.sleep(0.06)
            self.got = self.medium.receive()
        else:
            self.medium.send(Note(1, 0))

    assert all(run(AsyncEmulator, kind, seed=seed).devices[0].got for seed in range(50))


def test_send_does_not_block():
    @device
    def kind(self):
        for _ in range(50):
            self.medium.send(Note(self.index, 0))
        self.now = self.medium.now

    assert [made.now for made in run(AsyncEmulator, kind).devices] == [0, 0]


def test_nobody_waits_for_a_slow_device():
    @device
    def kind(self):
        if self.index == 0:
            time.sleep(50)
        else:
            for _ in range(5):
                self.medium.wait_for_next_round()
            self.ended = self.medium.now

    assert run(AsyncEmulator, kind).devices[1].ended < 1


# -- polling


def test_polling_without_waiting_makes_progress():
    @device
    def kind(self):
        if self.index == 0:
            time.sleep(1)
            self.medium.send(Note(0, 1))
        else:
            self.polls = 0
            while self.medium.receive() is None:
                self.polls += 1

    made = run(AsyncEmulator, kind).devices[1]
    assert 100 < made.polls < 2000


def test_devices_that_all_poll_reach_the_limit_of_time():
    @device
    def kind(self):
        while True:
            self.medium.receive()

    assert run(AsyncEmulator, kind, 3, limits=Limits(time=1)).simulation.stopped_by == "time"


def test_endless_waiting_for_no_time_lets_the_others_run():
    @device
    def kind(self):
        if self.index == 0:
            time.sleep(1)
            self.medium.send(Note(0, 1))
        else:
            while self.medium.wait_for_message(timeout=0) is None:
                pass

    assert run(AsyncEmulator, kind).simulation.all_terminated


def test_looking_once_costs_no_time():
    @device
    def kind(self):
        self.got = self.medium.receive_all()
        self.now = self.medium.now

    (made,) = run(AsyncEmulator, kind, 1).devices
    assert (made.got, made.now) == ([], 0)


def test_an_endless_receive_all_lets_the_others_run():
    @device
    def kind(self):
        if self.index == 0:
            self.medium.wait_for_next_round()
            self.medium.send(Note(0, 1))
        else:
            while not self.medium.receive_all():
                pass

    assert run(AsyncEmulator, kind).simulation.all_terminated


# -- waiting for a message


def test_waiting_ends_the_moment_a_message_arrives():
    @device
    def kind(self):
        if self.index == 0:
            time.sleep(2)
            self.medium.send(Note(0, 1))
        else:
            self.medium.wait_for_message()
            self.woke = self.medium.now

    ran = run(AsyncEmulator, kind, latency=(0.5, 0.5))
    assert ran.devices[1].woke == pytest.approx(2.5)


def test_waiting_gives_up_after_so_many_virtual_seconds():
    @device
    def kind(self):
        self.got = self.medium.wait_for_message(timeout=3)
        self.woke = self.medium.now

    (made,) = run(AsyncEmulator, kind, 1).devices
    assert (made.got, made.woke) == (None, pytest.approx(3))


def test_an_earlier_message_ends_the_wait_though_a_later_one_was_sent_first():
    @device
    def kind(self):
        if self.index == 2:
            self.got = [self.medium.wait_for_message().text for _ in range(2)]
        else:
            time.sleep(self.index * 0.001)
            self.medium.send(Note(self.index, 2, self.index))

    orders = {tuple(run(AsyncEmulator, kind, 3, seed).devices[2].got) for seed in range(20)}
    assert orders == {(0, 1), (1, 0)}


def test_two_threads_of_a_device_can_wait_for_messages():
    class Kind(Device):
        def take(self):
            self.got.append(self.medium.wait_for_message().text)

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

    ran = run(AsyncEmulator, Kind)
    assert sorted(ran.devices[0].got) == [0, 1]
    assert ran.problems == []


def test_a_timer_calls_virtual_seconds_later():
    @device
    def kind(self):
        self.medium.set_timer(2.5, lambda: setattr(self, "called", self.medium.now))
        time.sleep(10)

    assert run(AsyncEmulator, kind, 1).devices[0].called == pytest.approx(2.5)


def test_a_timer_of_a_device_that_has_returned_is_not_waited_for():
    @device
    def kind(self):
        self.medium.set_timer(2.5, lambda: setattr(self, "called", True))

    (made,) = run(AsyncEmulator, kind, 1).devices
    assert not hasattr(made, "called")


def test_there_are_no_rounds():
    @device
    def kind(self):
        self.medium.wait_for_next_round()

    assert list(run(AsyncEmulator, kind).trace.of("round")) == []
