"""The scheduler: one task at a time, in the order of virtual time, ties by serial number."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.kernel.choices import Seeded
from emulators.kernel.tasks import Scheduler, active, running


@pytest.fixture
def scheduler() -> Scheduler:
    return attached()


def attached() -> Scheduler:
    scheduler = Scheduler(Seeded(1))
    scheduler.attach()
    return scheduler


def sleeper(scheduler, log, name, durations):
    def function():
        for duration in durations:
            scheduler.pause(duration)
            log.append((scheduler.now, name))

    return function


# -- order


def test_tasks_begin_in_the_order_in_which_they_were_spawned(scheduler):
    log = []
    for name in "abc":
        scheduler.spawn(lambda name=name: log.append(name), name)
    scheduler.run()
    assert log == ["a", "b", "c"]


def test_the_clock_jumps_to_the_next_resumption(scheduler):
    log = []
    scheduler.spawn(sleeper(scheduler, log, "a", [50, 1000]), "a")
    scheduler.spawn(sleeper(scheduler, log, "b", [70]), "b")
    scheduler.run()
    assert log == [(50, "a"), (70, "b"), (1050, "a")]


def test_who_pauses_first_goes_on_first_at_the_same_time(scheduler):
    log = []
    for name in "abc":
        scheduler.spawn(sleeper(scheduler, log, name, [10]), name)
    scheduler.run()
    assert log == [(10, "a"), (10, "b"), (10, "c")]


def test_a_pause_of_nothing_lets_the_others_run(scheduler):
    log = []
    for name in "ab":
        scheduler.spawn(sleeper(scheduler, log, name, [0, 0]), name)
    scheduler.run()
    assert log == [(0, "a"), (0, "b"), (0, "a"), (0, "b")]


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=5))
def test_any_tasks_resume_in_the_order_of_time_each_after_its_own_durations(programs):
    scheduler, log = attached(), []
    for name, durations in enumerate(programs):
        scheduler.spawn(sleeper(scheduler, log, name, durations), str(name))
    scheduler.run()
    assert [time for time, _ in log] == sorted(time for time, _ in log)
    for name, durations in enumerate(programs):
        own = [time for time, who in log if who == name]
        assert own == [sum(durations[: place + 1]) for place in range(len(durations))]


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=5))
def test_single_steps_do_what_a_run_does(programs):
    logs = []
    for stepping in (False, True):
        scheduler, log = attached(), []
        for name, durations in enumerate(programs):
            scheduler.spawn(sleeper(scheduler, log, name, durations), str(name))
        if stepping:
            while scheduler.step():
                pass
        scheduler.run()
        logs.append(log)
    assert logs[0] == logs[1]


def test_peek_tells_when_something_happens_next(scheduler):
    assert scheduler.peek() is None
    scheduler.spawn(sleeper(scheduler, [], "a", [30]), "a")
    assert scheduler.peek() == 0
    scheduler.step()
    assert (scheduler.now, scheduler.peek()) == (0, 30)
    scheduler.step()
    assert (scheduler.now, scheduler.peek()) == (30, None)


# -- waiting for each other


def test_a_parked_task_goes_on_when_another_wakes_it(scheduler):
    log = []

    def waiter():
        scheduler.park("a call")
        log.append(scheduler.now)

    task = scheduler.spawn(waiter, "waiter")

    def waker():
        scheduler.pause(20)
        scheduler.wake(task)

    scheduler.spawn(waker, "waker")
    scheduler.run()
    assert log == [20]


def test_a_parked_task_says_what_it_waits_for(scheduler):
    task = scheduler.spawn(lambda: scheduler.park("the postman"), "waiter")
    scheduler.run()
    assert (task.alive, task.waiting) == (True, "the postman")


def test_a_timer_calls_at_its_time_outside_every_task(scheduler):
    log = []
    scheduler.call_at(15, lambda: log.append((scheduler.now, scheduler.task())))
    scheduler.run()
    assert log == [(15, None)]


def test_a_cancelled_timer_does_nothing(scheduler):
    log = []
    scheduler.call_at(15, lambda: log.append("called")).cancel()
    scheduler.run()
    assert log == []


def test_a_pausing_task_does_not_overtake_a_timer(scheduler):
    log = []
    scheduler.call_at(5, lambda: log.append("timer"))
    scheduler.spawn(sleeper(scheduler, log, "a", [10]), "a")
    scheduler.run()
    assert log == ["timer", (10, "a")]


# -- the loop


def test_the_run_stops_before_the_deadline_is_passed(scheduler):
    log = []
    scheduler.deadline = 25
    scheduler.spawn(sleeper(scheduler, log, "a", [10] * 5), "a")
    scheduler.run()
    assert log == [(10, "a"), (20, "a")]
    assert (scheduler.stopped, scheduler.now) == ("time", 20)


def test_the_first_reason_to_stop_stays(scheduler):
    scheduler.stop("one")
    scheduler.stop("other")
    assert scheduler.stopped == "one"


def test_a_stopped_scheduler_resumes_nobody(scheduler):
    log = []
    scheduler.spawn(sleeper(scheduler, log, "a", [1, 1, 1]), "a")
    scheduler.call_at(2, lambda: scheduler.stop("enough"))
    scheduler.run()
    assert log == [(1, "a")]


def test_idle_is_asked_before_the_clock_moves(scheduler):
    log = []

    def idle():
        log.append(("idle", scheduler.now))
        return False

    scheduler.idle = idle
    scheduler.spawn(sleeper(scheduler, log, "a", [10, 10]), "a")
    scheduler.run()
    assert log == [("idle", 0), (10, "a"), ("idle", 10), (20, "a"), ("idle", 20)]


def test_no_task_runs_while_idle_decides(scheduler):
    seen = []
    scheduler.idle = lambda: seen.append(scheduler.task())
    scheduler.spawn(lambda: scheduler.pause(5), "a")
    scheduler.run()
    assert seen == [None, None]


def test_what_idle_made_ready_runs_before_the_clock_moves(scheduler):
    log = []

    def idle():
        if not log:
            scheduler.spawn(lambda: log.append(scheduler.now), "late")
            return True
        return False

    scheduler.idle = idle
    scheduler.spawn(lambda: scheduler.pause(10), "a")
    scheduler.run()
    assert log == [0]


# -- ends


def test_the_error_of_a_task_is_told_and_stops_nobody_else(scheduler):
    told, log = [], []
    scheduler.ended = lambda task, error: told.append((task.name, repr(error)))

    def failing():
        raise ValueError("oops")

    scheduler.spawn(failing, "failing")
    scheduler.spawn(sleeper(scheduler, log, "a", [1]), "a")
    scheduler.run()
    assert told == [("failing", "ValueError('oops')"), ("a", "None")]
    assert log == [(1, "a")]


def test_leaving_with_sys_exit_is_no_error(scheduler):
    told = []
    scheduler.ended = lambda task, error: told.append(error)
    scheduler.spawn(lambda: exit(3), "a")
    scheduler.run()
    assert told == [None]


def test_an_interruption_by_the_user_comes_out_of_the_run(scheduler):
    def interrupted():
        raise KeyboardInterrupt

    scheduler.spawn(interrupted, "a")
    with pytest.raises(KeyboardInterrupt):
        scheduler.run()


def test_at_end_is_called_however_a_task_ends(scheduler):
    log = []

    def failing():
        raise ValueError

    returns = scheduler.spawn(lambda: None, "returns")
    fails = scheduler.spawn(failing, "fails")
    killed = scheduler.spawn(lambda: scheduler.park("ever"), "killed")
    for task in (returns, fails, killed):
        task.at_end.append(lambda task=task: log.append(task.name))
    scheduler.run()
    scheduler.kill(killed)
    assert log == ["returns", "fails", "killed"]


def test_nothing_is_alive_after_kill_all(scheduler):
    tasks = [scheduler.spawn(lambda: scheduler.park("ever"), str(n)) for n in range(3)]
    scheduler.run()
    scheduler.kill_all()
    assert not any(task.alive for task in tasks)
    assert (dict(scheduler.tasks), scheduler.peek()) == ({}, None)


def test_a_killed_task_that_waits_in_finally_resumes_nobody_else(scheduler):
    log = []

    def stubborn():
        try:
            scheduler.park("ever")
        finally:
            scheduler.pause(10)

    def other():
        scheduler.pause(5)
        log.append("resumed")

    def interrupted():
        raise KeyboardInterrupt

    for function in (other, stubborn, interrupted):
        scheduler.spawn(function, function.__name__)
    with pytest.raises(KeyboardInterrupt):
        scheduler.run()
    scheduler.kill_all()
    assert log == []


def test_a_task_that_swallows_every_exit_is_left_behind(scheduler):
    attempts = []

    def undying():
        while True:
            try:
                scheduler.park("ever")
            except BaseException:
                attempts.append("swallowed")

    task = scheduler.spawn(undying, "undying")
    scheduler.run()
    scheduler.kill_all()
    assert not task.alive
    assert 1 < len(attempts) < 10


def test_a_task_that_never_began_is_killed_without_running(scheduler):
    log = []
    scheduler.spawn(lambda: log.append("ran"), "a")
    scheduler.kill_all()
    assert log == []


# -- whose turn it is


def test_the_running_task_is_known_to_itself_only(scheduler):
    seen = []
    task = scheduler.spawn(lambda: seen.append(scheduler.task()), "a")
    scheduler.run()
    assert seen == [task]
    assert scheduler.task() is None


def test_another_thread_runs_no_task(scheduler):
    seen = []

    def function():
        thread = threading.Thread(target=lambda: seen.append(scheduler.task()))
        thread.start()
        thread.join()

    scheduler.spawn(function, "a")
    scheduler.run()
    assert seen == [None]


def test_active_schedulers_nest(scheduler):
    other = attached()
    with active(scheduler):
        with active(other):
            assert running() is other
        assert running() is scheduler
    assert running() is None


def test_a_task_can_run_a_scheduler_of_its_own(scheduler):
    log = []

    def outer():
        inner = attached()
        inner.spawn(sleeper(inner, log, "inner", [10, 10]), "inner")
        inner.run()
        scheduler.pause(5)
        log.append((scheduler.now, "outer"))

    scheduler.spawn(outer, "outer")
    scheduler.run()
    assert log == [(10, "inner"), (20, "inner"), (5, "outer")]


def test_a_scheduler_that_was_filled_elsewhere_can_be_moved_into_a_task(scheduler):
    log = []
    inner = attached()
    inner.spawn(sleeper(inner, log, "inner", [10, 10]), "inner")
    inner.step()

    def outer():
        inner.move()
        inner.run()
        log.append("outer")

    scheduler.spawn(outer, "outer")
    scheduler.run()
    assert log == [(10, "inner"), (20, "inner"), "outer"]
