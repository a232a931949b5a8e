"""The processes of a run, and whoever looks after them: starts, watches, stops and ends them.

A supervisor talks to each process over pipes. Threads read the reports; everything is decided in
the caller's thread, which waits for the next report or the next thing to do.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

from emulators.errors import Failure, UsageError
from emulators.kernel.clock import ticks
from emulators.trace.events import RawEvent
from emulators.trace.logbook import named
from emulators.transports import pipes
from emulators.transports.child import Child, Reports, folder_for_sockets, launched
from emulators.transports.feasible import Crash, Plan, plans

_START = 60.0
"""Seconds that a process may take to load the exercise, and to build its device."""
_STOP = 4.0
"""Seconds that a process may take to stop; then it is killed."""
_RESULT = 20.0
"""Seconds that a device may print its result."""
_MEETING = 20.0
"""Seconds that finding the devices of other machines may take; that is no part of the run."""
_GRACE = 5.0
"""Seconds that the others may go on after a device has failed."""
_PULSE = 1.0
"""Seconds between two questions whether a process is there."""
_SILENCE = 3.0
"""Seconds without an answer after which a process counts as missing."""


class Supervisor:
    """Runs devices `indices` in processes of their own, each with the job that `job` makes for an
    index. `logged` takes what devices log, as events.

    `histories` are by index and life; `crashes`, with index, life and time (ticks), are what
    happened. Those given are planned; `most_time` (seconds) and `most_messages` stop the run.
    """

    def __init__(
        self,
        job: Callable[[int], pipes.Job],
        indices: list[int],
        *,
        crashes: Iterable[Crash] = (),
        logged: Callable[[RawEvent], object] = lambda event: None,
        most_time: float | None = None,
        most_messages: int | None = None,
    ) -> None:
        self.children: dict[int, Child] = {}
        self.failures: list[Failure] = []
        self.todos: list[str] = []
        self.notes: list[str] = []
        self.stopped_by = ""
        self.elapsed = 0.0
        self.histories: dict[tuple[int, int], list[bytes]] = {}
        self.crashes: list[tuple[int, int, int]] = []
        self._job = job
        self._logged = logged
        self._indices = indices
        self.former: list[Child] = []
        self._plans = plans(crashes)
        self._most_time, self._most_messages = most_time, most_messages
        self._reports: Reports = queue.SimpleQueue()
        self._began = 0.0
        self._deadline = float("inf")
        self._pulse = 0.0
        self._number = 0
        self._stopping = False
        self._at_deadline = "time"
        self._missing: dict[int, float] = {}
        self.secret = secrets.token_bytes(16)
        self.folder = folder_for_sockets()

    # -- starting

    def start(self) -> None:
        """Start all processes; raises `UsageError` when the exercise cannot be loaded."""
        for index in self._indices:
            self._start(index)
        self._await(lambda child: child.address or child.refused, _START, "loading the exercise")
        for child in self.children.values():
            if child.refused:
                raise UsageError(child.refused)

    def run(self) -> None:
        """Run all devices until they have ended or a limit is reached."""
        self._introduce(self._indices)
        self._await(lambda child: child.built, _START, "building its device")
        self._began = time.perf_counter()
        try:
            if not self.failures:
                self._tell(pipes.Begin(self._began))
                self._watch()
        finally:
            self.elapsed = time.perf_counter() - self._began

    def _start(self, index: int, life: int = 0, kept: bytes = b"") -> None:
        child = self.children[index] = launched(index, life, self._reports)
        child.kept = kept
        job = self._job(index)
        if life:
            job.life, job.began, job.kept = life, self._began, kept
        child.orders.send(job)

    def _introduce(self, newcomers: Collection[int]) -> None:
        """Tell newcomers where everybody is to be reached, and everybody where they are."""
        addresses = {index: child.address for index, child in self.children.items()}
        new = {index: addresses[index] for index in newcomers}
        for index, child in self.children.items():
            child.orders.send(pipes.Go(addresses if index in new else new))

    def _tell(self, order: pipes.Order) -> None:
        for child in self.children.values():
            child.orders.send(order)

    def _await(self, done: Callable[[Child], Any], patience: float, doing: str) -> None:
        """Take reports until each process has done something, or is gone."""
        end = time.monotonic() + patience
        while waiting := [one for one in self.children.values() if not (done(one) or one.gone)]:
            if time.monotonic() > end:
                for child in waiting:
                    child.kill()
                    self._lose(child, f"{doing} took more than {patience:g} seconds")
            self._take(end - time.monotonic())

    # -- watching

    def now(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._began

    def _watch(self) -> None:
        patience = _MEETING if len(self._indices) == 1 else 0.0
        self._deadline = float("inf") if self._most_time is None else self._most_time + patience
        while not self._is_over():
            now = self.now()
            while self._plans and self._plans[0].time <= now:
                self._carry_out(self._plans.pop(0))
            if now >= self._pulse:
                if self._waits_for_ever():
                    return self._report_deadlock()
                self._feel_the_pulse(now)
            due = min(self._deadline, self._pulse, self._plans[0].time if self._plans else now + 1)
            self._take(due - now)

    def _is_over(self) -> bool:
        living = [child for child in self.children.values() if not child.gone]
        if all(child.ended for child in living) and not any(plan.starts for plan in self._plans):
            return True
        if self.stopped_by:
            return True
        if self.now() >= self._deadline:
            self.stopped_by = self._at_deadline
            return True
        sent = sum(child.counted.get("messages", 0) for child in self.children.values())
        if self._most_messages is not None and sent >= self._most_messages:
            self.stopped_by = "messages"
            return True
        return False

    def _feel_the_pulse(self, now: float) -> None:
        """Ask every process whether it is there, and note who has not answered for long."""
        self._pulse = now + _PULSE
        self._number += 1
        self._tell(pipes.Ping(self._number))
        for child in self.children.values():
            silent = time.monotonic() - child.heard
            if silent > _SILENCE and not child.gone and child.index not in self._missing:
                self._missing[child.index] = now - silent

    def _waits_for_ever(self) -> bool:
        """Return whether no device of this machine, and so nobody, will do anything more.

        All have stood still for a whole pulse and wait for a message, and none is on its way: it
        would have come.
        """
        living = [child for child in self.children.values() if not child.gone]
        if len(self._indices) < 2 or self._plans or self._missing:
            return False
        return all(child.stands_still(self._number) for child in living)

    def _report_deadlock(self) -> None:
        standing = {child.index: child.pongs[-1].standing for child in self.children.values()}
        details = [f"device {index} {what}" for index, what in standing.items() if what]
        self.failures.append(
            Failure(
                device=None,
                when=f"after {self.now():.1f} seconds",
                problem="all devices wait for ever (deadlock)",
                details=details[:20] + (["…"] if len(details) > 20 else []),
                hint="look at who should have sent or released what the others wait for",
            )
        )

    def _carry_out(self, plan: Plan) -> None:
        child = self.children[plan.index]
        if not plan.starts and not child.gone:
            child.killed = True
            child.kill()
            self._print(f"\tCrash device {plan.index}")
        elif plan.starts and child.killed:
            while not child.gone:  # it was killed just now
                self._take(1.0)
            self.former.append(child)
            self._start(plan.index, child.life + 1, child.kept if plan.keeps else b"")
            self._print(f"\tRestart device {plan.index}")

    # -- reports

    def _take(self, timeout: float) -> None:
        """Take the next report, if one comes within `timeout` seconds."""
        try:
            child, report = self._reports.get(timeout=max(0.0, min(timeout, 1.0)))
        except queue.Empty:
            return
        child.heard = time.monotonic()
        if child.index in self._missing and report is not None and not child.gone:
            since = self._missing.pop(child.index)
            self.notes.append(
                f"Device {child.index} did not answer from {since:.1f} s to {self.now():.1f} s"
            )
        if report is None:
            self._gone(child)
        else:
            _TAKERS[type(report)](self, child, report)

    def _take_ready(self, child: Child, report: pipes.Ready) -> None:
        child.address = report.address
        if child.life:
            self._introduce([child.index])

    def _take_refused(self, child: Child, report: pipes.Refused) -> None:
        child.refused = report.problem

    def _take_built(self, child: Child, report: pipes.Built) -> None:
        child.built = True
        if child.life:
            child.orders.send(pipes.Begin(self._began))

    def _take_met(self, child: Child, report: pipes.Met) -> None:
        """Count the time of the run from the meeting on, where only one device runs here."""
        if len(self._indices) == 1 and self._most_time is not None:
            self._deadline = self.now() + self._most_time

    def _take_output(self, child: Child, report: pipes.Output) -> None:
        stream = sys.stderr if report.is_error else sys.stdout
        (sys.stdout if report.is_error else sys.stderr).flush()
        stream.write(report.text)
        stream.flush()

    def _take_failed(self, child: Child, report: pipes.Failed) -> None:
        self.failures.append(report.failure)
        if report.failure.fatal:
            child.failed = True
            if self.now() + _GRACE < self._deadline:
                self._deadline = self.now() + _GRACE
                self._at_deadline = "failure"

    def _take_todo(self, child: Child, report: pipes.Todo) -> None:
        if report.text not in self.todos:
            self.todos.append(report.text)
            self._print(f"Not implemented yet: {report.text} ({report.file}, line {report.line})")

    def _take_ended(self, child: Child, report: pipes.Ended) -> None:
        child.ended = True

    def _take_history(self, child: Child, report: pipes.History) -> None:
        self.histories.setdefault((child.index, child.life), []).append(report.records)

    def _take_kept(self, child: Child, report: pipes.Kept) -> None:
        child.kept = report.values

    def _take_logged(self, child: Child, report: pipes.Logged) -> None:
        self._logged(("log", report.time, child.index, named(report.text, report.name)))

    def _take_stopped(self, child: Child, report: pipes.Stopped) -> None:
        child.stopped = report
        if not self._stopping and report.reason:
            self.stopped_by = self.stopped_by or report.reason
        child.counted = report.counted
        child.ended = child.ended or report.ended

    def _take_note(self, child: Child, report: pipes.Note) -> None:
        self.notes.append(report.text)
        self._print(f"\t{report.text}")

    def _take_printed(self, child: Child, report: pipes.Printed) -> None:
        child.printed = True

    def _take_pong(self, child: Child, report: pipes.Pong) -> None:
        child.pongs = [*child.pongs[-1:], report]
        child.counted = report.counted or child.counted

    def _print(self, line: str) -> None:
        print(line, flush=True)

    # -- processes that are gone

    def _gone(self, child: Child) -> None:
        child.gone = True
        child.close()
        if self._began and not (self._stopping or child.stopped):
            self.crashes.append((child.index, child.life, ticks(self.now())))
        if child.printed or child.refused:
            return
        if child.killed:
            return
        if not child.failed:
            self._lose(child, child.how())

    def _lose(self, child: Child, why: str) -> None:
        when = f"after {self.now():.1f} seconds" if self._began else "before the run began"
        self.failures.append(
            Failure(
                device=child.index,
                when=when,
                problem=f"{why}; it is missing since then",
                hint="the others went on without it",
                fatal=not self._began,
            )
        )

    def _give_up(self, child: Child) -> None:
        """Kill a process that does not stop."""
        child.killed = True
        child.kill()
        self.failures.append(
            Failure(
                device=child.index,
                when=f"after {self.now():.1f} seconds",
                problem=f"its process did not stop within {_STOP:g} seconds and was killed",
                hint="a loop that never comes back? or was the process held from outside?",
                fatal=False,
            )
        )

    # -- the end

    def stop(self, reason: str) -> None:
        """Let every device stop where it stands, and hand in its statistics."""
        for index, since in self._missing.items():
            self.notes.append(f"Device {index} has not answered since {since:.1f} s")
        self.stopped_by = self.stopped_by or ("" if reason == "ended" else reason)
        self._stopping = True
        for child in self.children.values():
            if child.life and not child.built and not child.gone:  # it has nothing to say yet
                child.killed = True
                child.kill()
        self._tell(pipes.Stop(reason))
        end = time.monotonic() + _STOP
        while late := [c for c in self.children.values() if not (c.gone or c.stopped)]:
            if time.monotonic() > end:
                for child in late:
                    self._give_up(child)
                end = float("inf")
            self._take(0.5 if end == float("inf") else end - time.monotonic())

    def print_results(self) -> None:
        """Let every device print its result, in index order."""
        for index in self._indices:
            child = self.children[index]
            if child.gone:
                self._print(f"Device {index}: no result, its process is gone")
                continue
            child.orders.send(pipes.PrintResult())
            end = time.monotonic() + _RESULT
            while not (child.printed or child.gone):
                if time.monotonic() > end:
                    child.killed = True
                    child.kill()
                self._take(end - time.monotonic())

    def close(self) -> None:
        """End every process and leave nothing behind."""
        for child in self.children.values():
            if child.process.poll() is None and not child.printed:
                child.kill()
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(_STOP)
            if child.process.poll() is None:
                child.kill()
                child.process.wait()
            child.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


_TAKERS: dict[type, Callable[[Supervisor, Child, Any], None]] = {
    pipes.Ready: Supervisor._take_ready,
    pipes.Refused: Supervisor._take_refused,
    pipes.Built: Supervisor._take_built,
    pipes.Met: Supervisor._take_met,
    pipes.Output: Supervisor._take_output,
    pipes.Failed: Supervisor._take_failed,
    pipes.Todo: Supervisor._take_todo,
    pipes.Ended: Supervisor._take_ended,
    pipes.History: Supervisor._take_history,
    pipes.Kept: Supervisor._take_kept,
    pipes.Logged: Supervisor._take_logged,
    pipes.Stopped: Supervisor._take_stopped,
    pipes.Note: Supervisor._take_note,
    pipes.Printed: Supervisor._take_printed,
    pipes.Pong: Supervisor._take_pong,
}
