"""``threading`` on tasks: what a thread of a device is and what locks promise."""

import threading
import time
from threading import Thread

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from tests.framework.making import Note, both, device, run

REAL = [threading.Thread, threading.Lock]  # where no stand-in takes their place


def of(function, devices=1):
    """Return what a function returns within a run; it may start threads."""

    class Kind(Device):
        def run(self):
            self.result = function()

    ran = run(AsyncEmulator, Kind, devices)
    assert ran.problems == []
    return ran.devices[0].result


def started(*functions):
    threads = [Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    return threads


def joined(*functions):
    for thread in started(*functions):
        thread.join()


# -- threads


@both
def test_a_thread_is_a_part_of_its_device(emulator):
    class Kind(Device):
        def work(self):
            self.medium.send(Note(self.index, 1 - self.index))
            self.medium.wait_for_next_round()
            self.worked = True

        def run(self):
            thread = Thread(target=self.work)
            thread.start()
            thread.join()

    ran = run(emulator, Kind)
    assert ran.simulation.statistics.sent_by == [1, 1]
    assert all(made.worked for made in ran.devices)


@both
def test_a_thread_started_in_a_constructor_runs_with_the_devices(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            self.got = []
            self.thread = Thread(target=self.listen, daemon=True)
            self.thread.start()
            self.began = list(self.got)

        def listen(self):
            while True:
                message = self.medium.receive()
                if message is not None:
                    self.got.append(message.text)
                self.medium.wait_for_next_round()

        def run(self):
            self.medium.send(Note(self.index, 1 - self.index, self.index))
            for _ in range(10):
                self.medium.wait_for_next_round()

    ran = run(emulator, Kind)
    assert [(made.began, made.got) for made in ran.devices] == [([], [1]), ([], [0])]


@both
def test_threads_end_with_the_run(emulator):
    log = []

    class Kind(Device):
        def tick(self):
            try:
                while True:
                    time.sleep(0.1)
            finally:
                log.append(self.index)

        def run(self):
            Thread(target=self.tick).start()
            self.medium.wait_for_next_round()

    assert run(emulator, Kind).simulation.all_terminated
    assert sorted(log) == [0, 1]


@both
def test_an_exception_in_a_thread_is_a_failure_of_its_device(emulator):
    @device
    def kind(self):
        def work():
            raise ValueError("oops")

        Thread(target=work, name="worker").start()
        self.medium.wait_for_next_round()

    (failure,) = run(emulator, kind, 1).simulation.failures
    assert failure.device == 0
    assert "in its thread worker" in failure.headline
    assert failure.place.source == 'raise ValueError("oops")'


class Worker(Thread):
    def __init__(self, number):
        super().__init__(name=f"worker {number}")
        self.number = number

    def run(self):
        time.sleep(1)
        self.result = self.number * 2


def test_a_class_may_extend_thread():
    def work():
        workers = [Worker(number) for number in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return [worker.result for worker in workers], time.monotonic()

    results, now = of(work)
    assert results == [0, 2, 4]
    assert now == pytest.approx(1, abs=0.01)


def test_a_target_gets_its_arguments():
    def work():
        got = []
        thread = Thread(target=lambda *a, **k: got.append((a, k)), args=(1, 2), kwargs={"c": 3})
        thread.start()
        thread.join()
        return got

    assert of(work) == [((1, 2), {"c": 3})]


def test_a_thread_lives_from_its_start_to_its_end():
    def work():
        thread = Thread(target=lambda: time.sleep(1))
        before = thread.is_alive()
        thread.start()
        during = thread.is_alive()
        thread.join()
        return before, during, thread.is_alive()

    assert of(work) == (False, True, False)


def test_a_join_with_a_timeout_comes_back():
    def work():
        thread = Thread(target=lambda: time.sleep(10))
        thread.start()
        thread.join(timeout=2)
        return thread.is_alive(), time.monotonic()

    assert of(work) == (True, pytest.approx(2, abs=0.01))


def test_a_thread_that_has_ended_is_joined_at_once():
    def work():
        (thread,) = started(lambda: None)
        time.sleep(1)
        thread.join()
        thread.join()
        return True

    assert of(work)


@pytest.mark.parametrize(
    ("misuse", "says"),
    [
        (lambda: Thread().join(), "before it is started"),
        (lambda: [thread.start() for thread in [Thread()] * 2], "started once"),
    ],
)
def test_threads_are_misused_as_usual(misuse, says):
    def work():
        with pytest.raises(RuntimeError, match=says):
            misuse()
        return True

    assert of(work)


def test_a_thread_does_not_join_itself():
    def work():
        errors = []

        def body():
            try:
                thread.join()
            except RuntimeError as error:
                errors.append(str(error))

        thread = Thread(target=body)
        thread.start()
        thread.join()
        return errors

    assert of(work) == ["cannot join current thread"]


def test_each_thread_knows_itself():
    def work():
        seen = []

        def body():
            seen.append((threading.current_thread().name, threading.get_ident()))

        threads = [Thread(target=body, name=name) for name in "ab"]
        for thread in threads:
            thread.start()
            thread.join()
        return seen, [(thread.name, thread.ident) for thread in threads]

    seen, known = of(work)
    assert seen == known
    assert len({ident for _, ident in seen}) == 2


def test_run_is_the_main_thread_of_its_device():
    def work():
        seen = []
        joined(lambda: seen.append(threading.current_thread() is threading.main_thread()))
        return seen, threading.current_thread() is threading.main_thread()

    assert of(work) == ([False], True)


def test_a_device_sees_its_own_threads_only():
    def work():
        started(lambda: time.sleep(5), lambda: time.sleep(5))
        time.sleep(1)
        return threading.active_count(), len(set(threading.enumerate()))

    assert of(work, devices=3) == (3, 3)


def test_threads_get_names_that_the_seed_decides():
    @device
    def kind(self):
        thread = Thread(target=lambda: None)
        thread.start()
        self.name = thread.name

    names = [[made.name for made in run(AsyncEmulator, kind, 3).devices] for _ in range(2)]
    assert names[0] == names[1]
    assert len(set(names[0])) == 3


def test_a_timer_calls_after_its_interval():
    def work():
        called = []
        timer = threading.Timer(3, lambda: called.append(time.monotonic()))
        timer.start()
        timer.join()
        return called

    assert of(work) == [pytest.approx(3, abs=0.01)]


def test_a_cancelled_timer_does_not_call():
    def work():
        called = []
        timer = threading.Timer(3, lambda: called.append("called"))
        timer.start()
        time.sleep(1)
        timer.cancel()
        time.sleep(5)
        return called, timer.is_alive()

    assert of(work) == ([], False)


def test_outside_a_run_threads_are_real():
    of(lambda: None)
    assert threading.Thread is REAL[0]
    assert threading.Lock is REAL[1]


# -- locks


def test_one_at_a_time_is_inside_a_lock():
    def work():
        lock, inside, most = threading.Lock(), [], []

        def body():
            with lock:
                inside.append("me")
                time.sleep(1)
                most.append(len(inside))
                inside.pop()

        joined(body, body, body)
        return most, time.monotonic()

    assert of(work) == ([1, 1, 1], pytest.approx(3, abs=0.01))


def test_a_lock_is_handed_on_in_the_order_of_asking():
    def work():
        lock, order = threading.Lock(), []

        def body(number):
            with lock:
                order.append(number)
                time.sleep(1)

        joined(*(lambda number=number: body(number) for number in range(5)))
        return order

    assert of(work) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"])
def test_what_is_taken_cannot_be_taken_without_waiting(kind):
    def work():
        lock, seen = getattr(threading, kind)(), []
        lock.acquire()
        joined(lambda: seen.append(lock.acquire(blocking=False)))
        lock.release()
        joined(lambda: seen.append(lock.acquire(blocking=False)))
        return seen

    assert of(work) == [False, True]


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Semaphore"])
def test_waiting_for_a_lock_gives_up_when_the_time_has_run_out(kind):
    def work():
        lock, seen = getattr(threading, kind)(), []
        lock.acquire()
        joined(lambda: seen.append((lock.acquire(timeout=2), time.monotonic())))
        lock.release()
        return seen, lock.acquire(timeout=2)

    assert of(work) == ([(False, pytest.approx(2, abs=0.01))], True)


def test_a_lock_knows_whether_it_is_taken():
    def work():
        lock = threading.Lock()
        with lock:
            inside = lock.locked()
        return inside, lock.locked()

    assert of(work) == (True, False)


def test_a_lock_may_be_released_by_another_thread():
    def work():
        lock = threading.Lock()
        lock.acquire()
        started(lambda: (time.sleep(1), lock.release()))
        return lock.acquire()

    assert of(work)


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_a_lock_that_is_free_cannot_be_released(kind):
    def work():
        with pytest.raises(RuntimeError):
            getattr(threading, kind)().release()
        return True

    assert of(work)


def test_a_lock_is_given_back_when_an_exception_passes():
    def work():
        lock = threading.Lock()
        with pytest.raises(ValueError, match="oops"), lock:
            raise ValueError("oops")
        return lock.locked()

    assert of(work) is False


def test_an_rlock_is_taken_again_by_the_one_who_has_it():
    def work():
        lock, seen = threading.RLock(), []
        with lock, lock:
            joined(lambda: seen.append(lock.acquire(blocking=False)))
        joined(lambda: seen.append(lock.acquire(blocking=False)))
        return seen

    assert of(work) == [False, True]


def test_nobody_else_releases_an_rlock():
    def work():
        lock, seen = threading.RLock(), []

        def body():
            try:
                lock.release()
            except RuntimeError as error:
                seen.append(str(error))

        with lock:
            joined(body)
        return seen

    assert of(work) == ["cannot release un-acquired lock"]


def test_devices_share_a_lock_of_their_module():
    inside = []

    @device
    def kind(self):
        for _ in range(3):
            with shared:
                inside.append(self.index)
                self.medium.wait_for_next_round()
                assert inside[-1] == self.index

    assert run(AsyncEmulator, kind, 3).problems == []
    assert sorted(inside) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


shared = threading.Lock()

# -- conditions


def test_a_notification_resumes_those_who_wait_one_by_one():
    def work():
        condition, log = threading.Condition(), []

        def waiter(number):
            with condition:
                condition.wait()
                log.append(number)

        threads = started(*(lambda number=number: waiter(number) for number in range(3)))
        for count in (1, 2):
            time.sleep(1)
            with condition:
                condition.notify(count)
            time.sleep(1)
            log.append("|")
        for thread in threads:
            thread.join()
        return log

    assert of(work) == [0, "|", 1, 2, "|"]


def test_notify_all_resumes_everybody():
    def work():
        condition, log = threading.Condition(), []

        def waiter():
            with condition:
                log.append(condition.wait())

        threads = started(waiter, waiter, waiter)
        time.sleep(1)
        with condition:
            condition.notify_all()
        for thread in threads:
            thread.join()
        return log

    assert of(work) == [True, True, True]


def test_a_condition_gives_its_lock_back_while_it_waits():
    def work():
        condition = threading.Condition()
        with condition, condition:

            def other():
                with condition:
                    condition.notify()

            started(other)
            return condition.wait(5)

    assert of(work) is True


def test_waiting_for_a_notification_gives_up():
    def work():
        condition = threading.Condition()
        with condition:
            return condition.wait(timeout=2), time.monotonic()

    assert of(work) == (False, pytest.approx(2, abs=0.01))


def test_wait_for_waits_until_it_holds():
    def work():
        condition, box = threading.Condition(), []

        def producer():
            for number in range(3):
                time.sleep(1)
                with condition:
                    box.append(number)
                    condition.notify_all()

        started(producer)
        with condition:
            condition.wait_for(lambda: len(box) == 3)
            return list(box), condition.wait_for(lambda: len(box) > 3, timeout=1)

    assert of(work) == ([0, 1, 2], False)


@pytest.mark.parametrize("method", ["wait", "notify", "notify_all"])
def test_a_condition_is_used_with_its_lock_only(method):
    def work():
        with pytest.raises(RuntimeError, match="un-acquired"):
            getattr(threading.Condition(), method)()
        return True

    assert of(work)


# -- events, semaphores, barriers


def test_an_event_lets_everybody_pass_once_it_is_set():
    def work():
        event, log = threading.Event(), []
        threads = started(*[lambda: log.append(event.wait())] * 3)
        time.sleep(1)
        before = list(log)
        event.set()
        for thread in threads:
            thread.join()
        return before, log, event.wait(), event.is_set()

    assert of(work) == ([], [True] * 3, True, True)


def test_a_cleared_event_is_waited_for_again():
    def work():
        event = threading.Event()
        event.set()
        event.clear()
        return event.wait(timeout=2), time.monotonic()

    assert of(work) == (False, pytest.approx(2, abs=0.01))


def test_a_semaphore_lets_so_many_in():
    def work():
        semaphore, inside, most = threading.Semaphore(2), [], []

        def body():
            with semaphore:
                inside.append("me")
                most.append(len(inside))
                time.sleep(1)
                inside.pop()

        joined(*[body] * 6)
        return max(most), time.monotonic()

    assert of(work) == (2, pytest.approx(3, abs=0.01))


def test_a_bounded_semaphore_does_not_grow():
    def work():
        semaphore = threading.BoundedSemaphore(1)
        with pytest.raises(ValueError, match="too many times"):
            semaphore.release()
        return True

    assert of(work)


def test_a_barrier_opens_when_all_have_come():
    def work():
        barrier, log = threading.Barrier(3, action=lambda: log.append("open")), []

        def body(number):
            time.sleep(number)
            log.append(number)
            places.append(barrier.wait())
            log.append("through")

        places = []
        joined(*(lambda number=number: body(number) for number in range(3)))
        return log, sorted(places)

    assert of(work) == ([0, 1, 2, "open", "through", "through", "through"], [0, 1, 2])


def test_a_barrier_can_be_used_again():
    def work():
        barrier, log = threading.Barrier(2), []

        def body(name):
            for number in range(3):
                barrier.wait()
                log.append((number, name))

        joined(lambda: body("a"), lambda: body("b"))
        return [number for number, _ in log]

    assert of(work) == [0, 0, 1, 1, 2, 2]


def broken(barrier, log):
    try:
        barrier.wait()
        log.append("through")
    except threading.BrokenBarrierError:
        log.append("broken")


def test_a_barrier_breaks_for_all_when_one_gives_up():
    def work():
        barrier, log = threading.Barrier(3), []
        started(lambda: broken(barrier, log))
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait(timeout=1)
        joined(lambda: broken(barrier, log))
        return log, barrier.broken

    assert of(work) == (["broken", "broken"], True)


def test_a_barrier_breaks_when_its_action_fails():
    def work():
        barrier, log = threading.Barrier(2, action=lambda: 1 / 0), []
        threads = started(lambda: broken(barrier, log))
        time.sleep(1)
        with pytest.raises(ZeroDivisionError):
            barrier.wait()
        threads[0].join()
        return log, barrier.broken

    assert of(work) == (["broken"], True)


def test_a_barrier_that_is_reset_is_as_new():
    def work():
        barrier, log = threading.Barrier(2), []
        started(lambda: broken(barrier, log))
        time.sleep(1)
        barrier.reset()
        joined(lambda: broken(barrier, log), lambda: broken(barrier, log))
        return log, barrier.broken

    assert of(work) == (["broken", "through", "through"], False)


# -- local


def test_a_local_has_other_values_in_each_thread():
    def work():
        mine, seen = threading.local(), []
        mine.value = mine._private = "main"

        def body():
            seen.append(hasattr(mine, "value"))
            mine.value = "thread"
            seen.append(mine.value)

        joined(body)
        return seen, mine.value, mine._private, mine.__dict__

    values = {"value": "main", "_private": "main"}
    assert of(work) == ([False, "thread"], "main", "main", values)


def test_a_class_that_extends_local_begins_anew_in_each_thread():
    def work():
        class Mine(threading.local):
            kind = "class"

            def __init__(self, begin):
                self.values = [begin]

        mine, seen = Mine(1), []
        mine.values.append(2)
        joined(lambda: seen.append((mine.values, mine.kind)))
        return seen, mine.values

    assert of(work) == ([([1], "class")], [1, 2])


def test_a_value_of_a_local_can_be_deleted():
    def work():
        mine = threading.local()
        mine.value = 1
        del mine.value
        with pytest.raises(AttributeError):
            del mine.value
        return hasattr(mine, "value")

    assert of(work) is False


# -- waiting where nobody can come


def test_a_device_that_waits_for_its_own_lock_is_reported_with_what_it_waits_for():
    @device
    def kind(self):
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()

    (failure,) = run(AsyncEmulator, kind, 1).simulation.failures
    assert "device 0 waits for a lock at" in failure.details[0]


def test_waiting_in_a_constructor_is_refused():
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            threading.Event().wait()

        def run(self):
            pass

    ran = run(AsyncEmulator, Kind, 1)
    assert ran.problems[0].startswith("waiting for an event outside run()")


@both
def test_threads_leave_the_trace_as_the_seed_decides(emulator):
    class Kind(Device):
        def talk(self, number):
            for _ in range(3):
                with self.lock:
                    self.medium.send(Note(self.index, number % 3, number))
                time.sleep(0.01 * number)

        def run(self):
            self.lock = threading.Lock()
            joined(*(lambda number=number: self.talk(number) for number in range(4)))

    assert run(emulator, Kind, 3).events == run(emulator, Kind, 3).events
