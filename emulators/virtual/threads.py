"""``threading`` on tasks: a thread that a device starts is one more task of that device.

Every wait goes through `block`; nobody is resumed by accident, so waiting needs no loop around it.
"""

from __future__ import annotations

import threading as real_threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from emulators.errors import StudentError
from emulators.kernel.clock import ticks
from emulators.kernel.tasks import Scheduler, Task, running
from emulators.virtual.overlay import overlay


class _Waiter:
    """A task that waits, and whether it was released (and not timed out)."""

    __slots__ = ("released", "task")

    def __init__(self, task: Task) -> None:
        self.task = task
        self.released = False


Waiters = deque[_Waiter]


def _scheduler() -> Scheduler:
    scheduler = running()
    if scheduler is None:
        raise StudentError(
            "a lock or thread of an exercise would block outside a run",
            "use it within run() of a device, or in a thread that a device starts",
        )
    return scheduler


def block(waiters: Waiters, timeout: float | None, what: str) -> bool:
    """Suspend the running task until it is released; False when `timeout` seconds passed first."""
    scheduler = _scheduler()
    task = scheduler.task()
    if task is None:
        raise StudentError(
            f"waiting for {what} outside run() would last for ever",
            "wait within run() of a device, or in a thread that a device starts",
        )
    waiter = _Waiter(task)
    waiters.append(waiter)
    timer = None
    if timeout is not None:
        end = scheduler.later(ticks(max(0.0, timeout)))
        timer = scheduler.call_at(end, lambda: _expire(scheduler, waiters, waiter))
    scheduler.park(what)
    if timer is not None:
        timer.cancel()
    return waiter.released


def _expire(scheduler: Scheduler, waiters: Waiters, waiter: _Waiter) -> None:
    if waiter in waiters:
        waiters.remove(waiter)
        scheduler.wake(waiter.task)


def release(waiters: Waiters, granted: bool = True) -> bool:
    """Resume the task that waits longest; return whether there was one.

    It gets what it waits for, unless `granted` is False: then as if its time had run out.
    """
    while waiters:
        waiter = waiters.popleft()
        if waiter.task.alive:
            waiter.released = granted
            _scheduler().wake(waiter.task)
            return True
    return False


def _me() -> object:
    scheduler = running()
    return (scheduler and scheduler.task()) or "outside"


class Lock:
    """A lock that one task holds; handed on in the order of asking."""

    def __init__(self) -> None:
        self._locked = False
        self._waiters: Waiters = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, waiting for it if need be; return whether it was taken."""
        if not self._locked:
            self._locked = True
            return True
        if not blocking:
            return False
        return block(self._waiters, None if timeout < 0 else timeout, "a lock")

    def release(self) -> None:
        """Give the lock back; the next in line gets it."""
        if not self._locked:
            raise RuntimeError("release unlocked lock")
        self._locked = release(self._waiters)

    def locked(self) -> bool:
        """Return whether somebody holds the lock."""
        return self._locked

    def _at_fork_reinit(self) -> None:
        self._locked = False

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *raised: object) -> None:
        self.release()


class RLock:
    """A lock that the task holding it may take again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner: object = None
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, or take it once more."""
        if self._owner is not None and self._owner is _me():
            self._depth += 1
            return True
        taken = self._lock.acquire(blocking, timeout)
        if taken:
            self._owner, self._depth = _me(), 1
        return taken

    def release(self) -> None:
        """Give the lock back once."""
        if self._owner is not _me():
            raise RuntimeError("cannot release un-acquired lock")
        self._depth -= 1
        if not self._depth:
            self._owner = None
            self._lock.release()

    def _is_owned(self) -> bool:
        return self._owner is _me()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *raised: object) -> None:
        self.release()


class Condition:
    """Tasks wait until another one notifies them; all hold the lock while they look."""

    def __init__(self, lock: Lock | RLock | None = None) -> None:
        self._lock = lock if lock is not None else RLock()
        self._waiters: Waiters = deque()
        self.acquire = self._lock.acquire
        self.release = self._lock.release

    def __enter__(self) -> bool:
        return self._lock.__enter__()

    def __exit__(self, *raised: object) -> None:
        self._lock.__exit__(*raised)

    def _is_owned(self) -> bool:
        if isinstance(self._lock, RLock):
            return self._lock._is_owned()
        return self._lock.locked()

    def wait(self, timeout: float | None = None) -> bool:
        """Give the lock back, wait to be notified, take the lock again."""
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        depth = self._lock._depth if isinstance(self._lock, RLock) else 1
        for _ in range(depth):
            self._lock.release()
        try:
            return block(self._waiters, timeout, "a notification")
        finally:
            for _ in range(depth):
                self._lock.acquire()

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until `predicate` holds; return its last value."""
        scheduler = _scheduler()
        end = None if timeout is None else scheduler.later(ticks(timeout))
        while not (result := predicate()):
            if end is None:
                self.wait()
            elif scheduler.now >= end or not self.wait((end - scheduler.now) / 1e6):
                return predicate()
        return result

    def notify(self, n: int = 1) -> None:
        """Resume up to `n` tasks that wait."""
        if not self._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        while n > 0 and release(self._waiters):
            n -= 1

    def notify_all(self) -> None:
        """Resume all tasks that wait."""
        self.notify(len(self._waiters))

    notifyAll = notify_all  # noqa: N815


class Event:
    """A flag that tasks wait for."""

    def __init__(self) -> None:
        self._flag = False
        self._waiters: Waiters = deque()

    def is_set(self) -> bool:
        """Return whether the flag is set."""
        return self._flag

    isSet = is_set  # noqa: N815

    def set(self) -> None:
        """Set the flag and resume all who wait for it."""
        self._flag = True
        while release(self._waiters):
            pass

    def clear(self) -> None:
        """Reset the flag."""
        self._flag = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is set; return whether it is."""
        return self._flag or block(self._waiters, timeout, "an event") or self._flag


class Semaphore:
    """A counter that may not become negative."""

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = value
        self._waiters: Waiters = deque()

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take one, waiting for it if need be."""
        if self._value > 0:
            self._value -= 1
            return True
        return blocking and block(self._waiters, timeout, "a semaphore")

    def release(self, n: int = 1) -> None:
        """Give `n` back; the next in line get them."""
        for _ in range(n):
            if not release(self._waiters):
                self._value += 1

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *raised: object) -> None:
        self.release()


class BoundedSemaphore(Semaphore):
    """A semaphore that does not grow above its first value."""

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._most = value

    def release(self, n: int = 1) -> None:
        """Give `n` back."""
        if self._value + n > self._most:
            raise ValueError("Semaphore released too many times")
        super().release(n)


class Barrier:
    """A number of tasks wait for each other."""

    def __init__(
        self, parties: int, action: Callable[[], Any] | None = None, timeout: float | None = None
    ) -> None:
        self.parties = parties
        self.broken = False
        self._action = action
        self._timeout = timeout
        self._waiters: Waiters = deque()

    @property
    def n_waiting(self) -> int:
        """How many tasks wait."""
        return len(self._waiters)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the others; return a different number in each task."""
        if self.broken:
            raise real_threading.BrokenBarrierError
        place, waiters = len(self._waiters), self._waiters
        if place + 1 == self.parties:
            self._open()
        elif not block(waiters, self._timeout if timeout is None else timeout, "a barrier"):
            if waiters is self._waiters:  # nobody broke it before: the time ran out
                self.abort()
            raise real_threading.BrokenBarrierError
        return place

    def _open(self) -> None:
        try:
            if self._action is not None:
                self._action()
        except BaseException:
            self.abort()
            raise
        while release(self._waiters):
            pass

    def reset(self) -> None:
        """Send away all who wait; the barrier is as new."""
        self.abort()
        self.broken = False

    def abort(self) -> None:
        """Send away all who wait, and all who come."""
        self.broken = True
        waiters, self._waiters = self._waiters, deque()
        while release(waiters, False):
            pass


class Thread:
    """A task of the device that starts it. Outside a run, a real thread."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., Any] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
        context: Any = None,
    ) -> None:
        scheduler = running()
        number = scheduler.serial() if scheduler is not None else 0
        self.name = str(name) if name is not None else f"Thread-{number}"
        self.daemon = bool(daemon)
        self._target = target
        self._args = tuple(args)
        self._kwargs = dict(kwargs or {})
        self._task: Task | None = None
        self._device: Any = None
        self._real: real_threading.Thread | None = None

    def start(self) -> None:
        """Begin to run."""
        if self._task is not None or self._real is not None:
            raise RuntimeError("threads can only be started once")
        scheduler = running()
        if scheduler is None:
            self._real = real_threading.Thread(target=self.run, name=self.name, daemon=True)
            self._real.start()
            return
        self._device = main_thread()
        self._task = scheduler.spawn(self.run, self.name, _owner(scheduler))
        _by_task[self._task] = self

    def run(self) -> None:
        """Do the thread's work."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended."""
        if self._real is not None:
            return self._real.join(timeout)
        if self._task is None:
            raise RuntimeError("cannot join thread before it is started")
        if self._task is _me():
            raise RuntimeError("cannot join current thread")
        if self._task.alive:
            waiters: Waiters = deque()
            self._task.at_end.append(lambda: release(waiters))
            block(waiters, timeout, f"the end of thread {self.name}")

    def is_alive(self) -> bool:
        """Return whether the thread was started and has not ended."""
        if self._real is not None:
            return self._real.is_alive()
        return self._task is not None and self._task.alive

    @property
    def ident(self) -> int | None:
        """A number of its own, once started."""
        return None if self._task is None else self._task.number

    native_id = ident

    def getName(self) -> str:  # noqa: N802
        """Return the name."""
        return self.name

    def setName(self, name: str) -> None:  # noqa: N802
        """Set the name."""
        self.name = name

    def isDaemon(self) -> bool:  # noqa: N802
        """Return whether it is a daemon."""
        return self.daemon

    def setDaemon(self, daemon: bool) -> None:  # noqa: N802
        """Make it a daemon or not; a run ends with its devices in any case."""
        self.daemon = daemon

    def __repr__(self) -> str:
        return f"<Thread({self.name})>"


class _ByTask(dict[Task, Thread]):
    """The threads by their tasks, of living tasks only."""

    def __setitem__(self, task: Task, thread: Thread) -> None:
        super().__setitem__(task, thread)
        task.at_end.append(lambda: self.pop(task, None))


_by_task = _ByTask()


class Timer(Thread):
    """Calls a function after some virtual seconds, unless it is cancelled before."""

    def __init__(
        self,
        interval: float,
        function: Callable[..., Any],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.interval = interval
        self.finished = Event()
        self.function, self.args, self.kwargs = function, tuple(args or ()), dict(kwargs or {})

    def cancel(self) -> None:
        """Make it do nothing."""
        self.finished.set()

    def run(self) -> None:
        """Wait, then call the function."""
        self.finished.wait(self.interval)
        if not self.finished.is_set():
            self.function(*self.args, **self.kwargs)
        self.finished.set()


class _MainThread(Thread):
    """Stands for the ``run()`` of a device."""

    def is_alive(self) -> bool:
        return True

    @property
    def ident(self) -> int | None:
        """The number of the running task."""
        return get_ident()


def get_ident() -> int:
    """Return the number of the running task."""
    scheduler = running()
    if scheduler is None:
        return real_threading.get_ident()
    task = scheduler.task()
    return 0 if task is None else task.number


def current_thread() -> Any:
    """Return the running thread."""
    scheduler = running()
    if scheduler is None:
        return real_threading.current_thread()
    task = scheduler.task()
    if task is None:
        return _MainThread(name="MainThread")
    if task not in _by_task:
        _by_task[task] = _MainThread(name=task.name)
    return _by_task[task]


def main_thread() -> Any:
    """Return the thread that stands for ``run()`` of the device at work."""
    if running() is None:
        return real_threading.main_thread()
    thread = current_thread()
    return getattr(thread, "_device", None) or thread


def active_threads() -> list[Any]:
    """Return the threads of the device at work that have not ended: this, the main, the others."""
    scheduler = running()
    if scheduler is None:
        return real_threading.enumerate()
    owner = _owner(scheduler)
    own = [thread for task, thread in _by_task.items() if task.owner is owner]
    return list(dict.fromkeys([current_thread(), main_thread(), *own]))


def _owner(scheduler: Scheduler) -> Any:
    """Return whose work is being done: the owner of the running task, or who is being built."""
    task = scheduler.task()
    return scheduler.acting if task is None else task.owner


def active_count() -> int:
    """Return how many threads have started and not ended."""
    return len(active_threads())


class local:  # noqa: N801
    """Attributes that each thread has for itself."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return an object whose ``__init__`` runs once for each thread."""
        made = super().__new__(cls)
        object.__setattr__(made, "__values", {get_ident(): {}})
        object.__setattr__(made, "__begin", lambda: made.__init__(*args, **kwargs))  # type: ignore[misc]
        return made

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            return _values_of(self)
        try:
            return _values_of(self)[name]
        except KeyError:
            return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _values_of(self)[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del _values_of(self)[name]
        except KeyError:
            raise AttributeError(name) from None


def _values_of(holder: local) -> dict[str, Any]:
    """Return the attributes that the running thread has in `holder`; made when it first asks."""
    values: dict[int, dict[str, Any]] = object.__getattribute__(holder, "__values")
    own = values.get(get_ident())
    if own is None:
        own = values[get_ident()] = {}
        object.__getattribute__(holder, "__begin")()
    return own


def threading_module() -> ModuleType:
    """Return the stand-in for ``threading``."""
    classes = (Lock, RLock, Condition, Event, Semaphore, BoundedSemaphore, Barrier, Thread, Timer)
    names: dict[str, Any] = {made.__name__: made for made in classes}
    names |= {
        "local": local,
        "current_thread": current_thread,
        "currentThread": current_thread,
        "main_thread": main_thread,
        "get_ident": get_ident,
        "get_native_id": get_ident,
        "active_count": active_count,
        "activeCount": active_count,
        "enumerate": active_threads,
        "_register_atexit": lambda function, *args, **kwargs: None,
        "_allocate_lock": Lock,
        "_shutdown": lambda: None,
    }
    return overlay(real_threading, names)
