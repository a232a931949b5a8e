"""``queue``, ``concurrent.futures`` and ``sched`` on tasks, in files loaded and imported."""

import concurrent.futures
import queue
import sched
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from queue import Empty, Full, LifoQueue, PriorityQueue, Queue, SimpleQueue

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from tests.framework.making import Note, both, loaded, run

REAL = [queue.Queue, ThreadPoolExecutor]  # where no stand-in takes their place


def of(function):
    """Return what a function returns within a run; it may start threads."""

    class Kind(Device):
        def run(self):
            self.result = function()

    ran = run(AsyncEmulator, Kind, 1)
    assert ran.problems == []
    return ran.devices[0].result


def started(*functions):
    for function in functions:
        threading.Thread(target=function).start()


# -- queue


def test_a_consumer_waits_for_what_a_producer_puts():
    def work():
        box, got = Queue(), []

        def produce():
            for number in range(3):
                time.sleep(1)
                box.put(number)
            box.put(None)

        started(produce)
        while (item := box.get()) is not None:
            got.append(item)
        return got, time.monotonic()

    assert of(work) == ([0, 1, 2], pytest.approx(3, abs=0.1))


def test_a_full_queue_is_waited_for():
    def work():
        box = Queue(maxsize=1)
        box.put(1)
        started(lambda: (time.sleep(2), box.get()))
        box.put(2)
        return box.get(), time.monotonic()

    assert of(work) == (2, pytest.approx(2, abs=0.1))


def test_queues_give_up_as_usual():
    def work():
        seen = []
        box = queue.Queue(1)
        for attempt in (
            lambda: box.get_nowait(),
            lambda: box.get(timeout=1),
            lambda: box.put(1) or box.put_nowait(2),
            lambda: box.put(2, timeout=1),
        ):
            try:
                attempt()
            except (Empty, queue.Full) as error:
                seen.append(type(error).__name__)
        return seen, issubclass(Full, Exception)

    assert of(work) == (["Empty", "Empty", "Full", "Full"], True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Queue", [3, 1, 2]), ("LifoQueue", [2, 1, 3]), ("PriorityQueue", [1, 2, 3])],
)
def test_every_queue_keeps_its_order(name, expected):
    def work():
        box = {"Queue": Queue, "LifoQueue": LifoQueue, "PriorityQueue": PriorityQueue}[name]()
        for number in (3, 1, 2):
            box.put(number)
        return [box.get() for _ in range(box.qsize())]

    assert of(work) == expected


def test_a_simple_queue_is_waited_for():
    def work():
        box = SimpleQueue()
        started(lambda: (time.sleep(1), box.put("item")))
        return box.get(), box.empty()

    assert of(work) == ("item", True)


def test_join_waits_until_every_task_is_done():
    def work():
        box = Queue()

        def consume():
            while True:
                box.get()
                time.sleep(1)
                box.task_done()

        for number in range(3):
            box.put(number)
        threading.Thread(target=consume, daemon=True).start()
        box.join()
        return time.monotonic()

    assert of(work) == pytest.approx(3, abs=0.1)


@both
def test_an_outbox_that_a_thread_fills_is_sent_by_run(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.outbox = queue.Queue()
            threading.Thread(target=self.produce).start()

        def produce(self):
            for number in range(3):
                time.sleep(1)
                self.outbox.put(number)

        def run(self):
            for _ in range(3):
                number = self.outbox.get()
                self.medium.send(Note(self.index, 1 - self.index, number))
                self.medium.wait_for_next_round()

    ran = run(emulator, Kind)
    assert ran.problems == []
    assert ran.simulation.statistics.sent == 6


# -- concurrent.futures


def squared(number):
    time.sleep(1)
    return number * number


def test_a_pool_works_on_several_things_at_once():
    def work():
        with ThreadPoolExecutor(max_workers=5) as pool:
            return list(pool.map(squared, range(10))), time.monotonic()

    assert of(work) == ([number * number for number in range(10)], pytest.approx(2, abs=0.1))


def test_futures_give_results_exceptions_and_time_out():
    def work():
        pool = concurrent.futures.ThreadPoolExecutor()
        good, bad = pool.submit(squared, 3), pool.submit(lambda: 1 / 0)
        with pytest.raises(concurrent.futures.TimeoutError):
            good.result(timeout=0.5)
        with pytest.raises(ZeroDivisionError):
            bad.result()
        return good.result(), isinstance(good, Future), good.done()

    assert of(work) == (9, True, True)


def test_futures_come_as_they_are_completed():
    def work():
        with ThreadPoolExecutor(max_workers=3) as pool:
            futures = [pool.submit(lambda s=s: (time.sleep(s), s)[1]) for s in (3, 1, 2)]
            return [future.result() for future in as_completed(futures)]

    assert of(work) == [1, 2, 3]


def test_a_pool_that_is_left_open_ends_with_the_run_in_silence(capfd, caplog):
    def work():
        return ThreadPoolExecutor().submit(squared, 2).result()

    assert of(work) == 4
    assert capfd.readouterr().err == ""
    assert caplog.records == []


def test_a_scheduler_of_the_library_waits_on_the_virtual_clock():
    def work():
        log, plan = [], sched.scheduler(time.time, time.sleep)
        plan.enter(5, 1, log.append, ("late",))
        plan.enter(1, 1, log.append, ("early",))
        plan.run()
        return log, time.monotonic()

    assert of(work) == (["early", "late"], pytest.approx(5, abs=0.1))


def test_outside_a_run_they_are_real():
    of(lambda: None)
    assert queue.Queue is Queue is REAL[0]
    assert ThreadPoolExecutor is REAL[1]


# -- the same in a file that is loaded


LOADED = """
import concurrent.futures, queue, sched, threading, time
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from queue import Empty, Queue

from emulators.Device import Device

class Kind(Device):
    def run(self):
        box = Queue()
        threading.Thread(target=lambda: (time.sleep(1), box.put("item"))).start()
        self.got = [box.get()]
        try:
            box.get(timeout=1)
        except queue.Empty as error:
            self.got.append(isinstance(error, Empty))
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(pow, 2, n) for n in range(3)]
            self.got.append(sorted(f.result() for f in as_completed(futures)))
            self.got.append(len(wait(futures).done))
        self.got.append(list(concurrent.futures.ThreadPoolExecutor(1).map(abs, [-1])))
        plan = sched.scheduler()
        plan.enter(1, 1, self.got.append, ("planned",))
        plan.run()
"""


@both
def test_a_loaded_file_has_them_all(emulator, tmp_path):
    ran = run(emulator, loaded(tmp_path, exercise1=LOADED).Kind)
    assert ran.problems == []
    assert ran.devices[1].got == ["item", True, [1, 2, 4], 3, [1], "planned"]
