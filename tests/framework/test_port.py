"""How a device meets the network at the end of its life, and from where it may not."""

import contextlib
import threading
import time

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device, WorkerDevice
from emulators.limits import Limits
from emulators.SyncEmulator import SyncEmulator
from tests.framework.making import Note, both, device, run

SHORT = Limits(rounds=10, time=1.0)

# -- the end of a run


@both
def test_finally_blocks_run_when_a_run_is_stopped(emulator):
    log = []

    @device
    def kind(self):
        try:
            while True:
                self.medium.wait_for_next_round()
        finally:
            log.append(self.index)

    run(emulator, kind, 3, limits=SHORT)
    assert sorted(log) == [0, 1, 2]


@both
def test_finally_blocks_run_when_all_wait_for_ever(emulator):
    log = []

    @device
    def kind(self):
        try:
            self.medium.wait_for_message()
        finally:
            log.append(self.index)

    run(emulator, kind, 3)
    assert sorted(log) == [0, 1, 2]


@both
def test_what_is_sent_in_a_finally_block_at_the_end_is_not_sent(emulator):
    @device
    def kind(self):
        try:
            while True:
                self.medium.wait_for_next_round()
        finally:
            self.medium.send(Note(self.index, 0))
            self.came_back = True

    ran = run(emulator, kind, 2, limits=SHORT)
    assert ran.simulation.statistics.sent == 0
    assert not any(hasattr(made, "came_back") for made in ran.devices)


@both
def test_an_exception_in_a_finally_block_at_the_end_is_no_failure(emulator):
    @device
    def kind(self):
        try:
            while True:
                self.medium.wait_for_next_round()
        finally:
            raise ValueError

    assert run(emulator, kind, limits=SHORT).problems == []


@both
def test_the_critical_section_is_not_left_by_the_end_of_a_run(emulator):
    class Kind(WorkerDevice):
        def run(self):
            while True:
                self.do_work()

    ran = run(emulator, Kind, 1, limits=Limits(rounds=2, time=0.01))
    assert [event.kind for event in ran.trace.of("enter", "leave")] == ["enter"]


def waits(self):
    self.medium.wait_for_next_round()


def polls(self):
    self.medium.receive()


def listens(self):
    self.medium.wait_for_message()


def sleeps(self):
    time.sleep(1)


def reads_the_clock(self):
    time.time()


def locks_itself_out(self):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def draws(self):
    self.has_work  # noqa: B018
    self.medium.wait_for_next_round()


def logs(self):
    self.medium.log("again")
    self.medium.wait_for_next_round()


@both
@pytest.mark.parametrize(
    "does", [waits, polls, listens, sleeps, reads_the_clock, locks_itself_out, draws, logs]
)
def test_a_device_that_swallows_every_exception_does_not_keep_the_run_alive(emulator, does):
    class Kind(WorkerDevice):
        swallowed = 0

        def run(self):
            while True:
                try:
                    does(self)
                except:  # noqa: E722
                    self.swallowed += 1

    ran = run(emulator, Kind, 1, limits=SHORT)
    assert not ran.simulation.all_terminated
    assert ran.devices[0].swallowed < 10_000  # it was left where it stood


@both
def test_a_device_that_swallows_its_end_sends_nothing_more(emulator):
    @device
    def kind(self):
        while True:
            try:
                self.medium.send(Note(self.index, 0))
                self.medium.wait_for_next_round()
            except BaseException:
                pass

    ran = run(emulator, kind, 2, limits=SHORT)
    last = ran.trace[len(ran.trace) - 1].time
    assert last <= 1_000_000
    assert ran.simulation.statistics.sent == sum(1 for _ in ran.trace.of("send"))
    sent = ran.simulation.statistics.sent
    ran.simulation.print_result()
    assert ran.simulation.statistics.sent == sent


@both
def test_the_device_that_swallows_its_end_does_not_hinder_the_next_run(emulator):
    @device
    def undying(self):
        while True:
            with contextlib.suppress(BaseException):
                self.medium.wait_for_next_round()

    run(emulator, undying, limits=SHORT)
    ran = run(emulator, device(lambda self: self.medium.wait_for_next_round()))
    assert ran.simulation.all_terminated


@both
def test_an_interruption_ends_the_devices_and_comes_out(emulator):
    log = []

    @device
    def kind(self):
        try:
            while True:
                self.medium.wait_for_next_round()
                if self.index == 1:
                    raise KeyboardInterrupt
        finally:
            log.append(self.index)

    simulation = emulator(3, kind, seed=1, quiet=True)
    with pytest.raises(KeyboardInterrupt):
        simulation.run()
    assert sorted(log) == [0, 1, 2]


# -- inner devices with the same medium


@both
def test_an_inner_device_with_the_same_medium_is_a_part_of_its_owner(emulator):
    @device
    def inner(self):
        self.medium.send(Note(self.index, (self.index + 1) % 2, "from inside"))
        self.medium.wait_for_next_round()

    class Outer(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.inner = inner(index, number_of_devices, medium)

        def run(self):
            self.inner.run()
            self.got = self.medium.wait_for_message().text

    ran = run(emulator, Outer)
    assert [made.got for made in ran.devices] == ["from inside"] * 2


# -- real threads from outside


REAL = {"Thread": threading.Thread}  # kept where no stand-in takes its place


def in_a_real_thread(function):
    """Return what a function raised in a real thread, or None."""
    raised = []

    def body():
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = REAL["Thread"](target=body)
    thread.start()
    thread.join()
    return raised[0] if raised else None


USES = {
    "send": lambda made: made.medium.send(Note(0, 1)),
    "send to nobody": lambda made: made.medium.send(Note(0, 9)),
    "receive": lambda made: made.medium.receive(),
    "receive_all": lambda made: made.medium.receive_all(),
    "wait_for_next_round": lambda made: made.medium.wait_for_next_round(),
    "wait_for_message": lambda made: made.medium.wait_for_message(1),
    "broadcast": lambda made: made.medium.broadcast(Note(0, 1)),
    "set_timer": lambda made: made.medium.set_timer(1, print),
    "log": lambda made: made.medium.log("text"),
    "has_work": lambda made: made.has_work,
    "do_work": lambda made: made.do_work(),
}


class Worker(WorkerDevice):
    def run(self):
        for _ in range(5):
            self.medium.send(Note(self.index, 1 - self.index))
            self.medium.wait_for_next_round()
            self.medium.receive()


@both
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_real_thread_from_outside_is_refused(emulator, use):
    simulation = emulator(2, Worker, seed=1, quiet=True)
    error = in_a_real_thread(lambda: use(simulation.devices[0]))
    assert "real thread outside the run" in str(error)


@both
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_real_thread_from_outside_changes_nothing(emulator, use):
    class Meddled(Worker):
        def run(self):
            super().run()
            in_a_real_thread(lambda: use(self))
            super().run()

    class Alone(Worker):
        def run(self):
            super().run()
            super().run()

    assert run(emulator, Meddled).events == run(emulator, Alone).events


def test_an_emulator_is_not_run_by_another_thread_than_its_own():
    for emulator in (SyncEmulator, AsyncEmulator):
        simulation = emulator(2, Worker, seed=1, quiet=True)
        assert "real thread" in str(in_a_real_thread(simulation.run))
