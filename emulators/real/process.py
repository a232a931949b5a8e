"""The process of one device: it loads the exercise, runs the device, and reports.

Started by the supervisor of a run (transports/supervisor.py), never by hand. Orders arrive on a
thread of their own, which ends the process when the supervisor is gone.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import os
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from emulators import watchdog
from emulators.errors import (
    Failure,
    Place,
    UsageError,
    describe,
    place_of_frame,
    shown_path,
)
from emulators.kernel.carrier import Killed
from emulators.kernel.tasks import Task
from emulators.limits import Limits
from emulators.network.scenario import Network
from emulators.program import RunConfig, load
from emulators.real.output import QuietConsole, Reporter, Text
from emulators.real.streams import die_with_parent, ignore_interrupts, orders, reports
from emulators.transports import pipes
from emulators.transports.alone import AloneEmulator, first_number
from emulators.transports.apart import Apart, Namespace
from emulators.transports.history import History
from emulators.transports.meeting import Meeting
from emulators.transports.shim import graph_of
from emulators.transports.wire import Wire

_BUSY = 0.5
"""Seconds that code which does not touch the medium may run on after the run was stopped."""
_PATIENCE = 10.0
"""Seconds that the first of several machines waits for the others; then it goes on without them."""
_LINGER = 2.0
"""Seconds for what is still to be sent at the end."""


class DeviceProcess:
    """One device, from its job to its end."""

    def __init__(self, orders: BinaryIO, reports: BinaryIO) -> None:
        self._orders = orders
        self._reports = pipes.Sender(reports)
        self._emulator: AloneEmulator | None = None
        self._wire: Wire | None = None
        self._meeting: Meeting | None = None
        self._came: list[Any] = []
        self._news = threading.Condition()
        self._folder: str | None = None
        self._index: int | None = None
        self._stopped = ""
        self._moved: list[dict[int, str]] = []

    def live(self) -> None:
        """Do the job."""
        job = self._received(pipes.Job)
        self._folder, self._index = job.folder, job.index
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        self._redirect(job)
        watchdog.last_words = self._give_up
        try:
            self._wire = self._wired(job)
            network = Network.parse(job.network)
            graph = graph_of(network, job.devices, job.seed)
            apart = Apart(lambda: _namespace(job), job.seed, graph)
        except UsageError as error:
            self._reports.send(pipes.Refused(str(error)))
            return
        self._reports.send(pipes.Ready(self._wire.address))
        go = self._awaited(pipes.Go)
        self._wire.connect(go.addresses if go is not None else {})
        self._emulator = emulator = self._built(job, network, apart, self._wire)
        self._reports.send(pipes.Built())
        begin = self._awaited(pipes.Begin)
        if begin is not None:
            if job.began is None:
                emulator.time.began = begin.began
            emulator.meet(_PATIENCE)
            self._reports.send(pipes.Met())
            emulator.run()
        self._finish(emulator, self._wire)

    # -- the run

    def _wired(self, job: pipes.Job) -> Wire:
        """Return what carries messages; raises `UsageError` where it cannot be had."""
        if job.transport == "process":
            from emulators.transports.sockets import Sockets

            return Sockets(job.index, job.secret, None if job.folder is None else Path(job.folder))
        from emulators.transports.zeromq import Keys, ZeroMQ

        if job.meeting is None:
            return ZeroMQ(job.index, "tcp://127.0.0.1:*")
        found = job.meeting
        self._meeting = meeting = Meeting(
            job.index, job.devices, found.program, self._clock, self._note
        )
        keys = None if found.keys is None else Keys(*found.keys)
        bind = found.addresses[job.index]
        meeting.wire = wire = ZeroMQ(job.index, bind, keys, meeting.missing, meeting.refused)
        wire.connect(found.addresses)
        return wire

    def _clock(self) -> int:
        return self._emulator.time.clock() if self._emulator is not None else 0

    def _note(self, text: str) -> None:
        self._reports.send(pipes.Note(text))

    def _redirect(self, job: pipes.Job) -> None:
        out, error = Text(self._reports, False, job.color), Text(self._reports, True, job.color)
        out.other, error.other = error, out
        sys.stdout, sys.stderr = out, error

    def _built(self, job: pipes.Job, network: Network, apart: Apart, wire: Wire) -> AloneEmulator:
        history = None
        if job.recorded:
            history = History(job.index, job.devices, self._publish, first=first_number(job.life))
        return AloneEmulator(
            job.devices,
            apart,
            index=job.index,
            wire=wire,
            seed=job.seed,
            life=job.life,
            began=job.began,
            history=history,
            kept=job.kept,
            keep=self._keep if job.keeps else None,
            unkept=lambda failure: self._reports.send(pipes.Failed(failure)),
            hostile=network,
            meeting=self._meeting,
            ended=self._ended,
            before_waiting=lambda: self._between(history, wire),
            observers=[Reporter(self._reports)],
            console=QuietConsole(messages=not job.quiet, reports=False),
            limits=Limits(messages=job.most_messages),
        )

    def _publish(self, records: bytes) -> None:
        self._reports.send(pipes.History(records))

    def _keep(self, values: bytes) -> None:
        self._reports.send(pipes.Kept(values))

    def _hand_on(self, history: History | None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        if history is not None:
            history.publish()

    def _between(self, history: History | None, wire: Wire) -> None:
        """Do what is to be done between two turns of the device."""
        if Text.waiting:
            self._hand_on(None)
        if history is not None:
            history.publish()
        while self._moved:
            wire.connect(self._moved.pop(0))

    def _ended(self) -> None:
        self._hand_on(None)
        self._reports.send(pipes.Ended())

    def _finish(self, emulator: AloneEmulator, wire: Wire) -> None:
        self._hand_on(emulator.history)
        emulator.leave_meeting()
        wire.flush(_LINGER)
        self._reports.send(
            pipes.Stopped(
                emulator.scheduler.now,
                emulator.all_ended(),
                emulator.stopped_by,
                emulator.counted(),
                wire.dropped,
            )
        )
        if self._awaited(pipes.PrintResult) is not None:
            emulator.print_result()
            self._hand_on(None)
            self._reports.send(pipes.Printed())
        wire.close()

    # -- orders

    def _received(self, kinds: Any) -> Any:
        order = pipes.received(self._orders, kinds)
        if order is None:
            self._die()
        return order

    def _listen(self) -> None:
        """Take orders until nobody gives any: then this process has no reason to live."""
        while True:
            order = self._received(pipes.Order)
            if isinstance(order, pipes.Ping):
                self._reports.send(self._pong(order.number))
            elif isinstance(order, pipes.Stop):
                self._stop(order.reason)
            elif isinstance(order, pipes.Go) and self._emulator is not None:
                self._moved.append(order.addresses)  # a device was started again
            else:
                with self._news:
                    self._came.append(order)
                    self._news.notify()

    def _pong(self, number: int) -> pipes.Pong:
        """Return how the device is, while it goes on."""
        if self._emulator is None:
            return pipes.Pong(number, {}, False, "")
        try:
            idle, standing = self._emulator.standing_for_ever()
            return pipes.Pong(number, self._emulator.counted(), idle, standing)
        except RuntimeError:  # it counted at the same moment
            return pipes.Pong(number, {}, False, "")

    def _awaited(self, kind: type) -> Any:
        """Return the next order of a kind, or None when the run is stopped before it comes."""
        with self._news:
            while True:
                for order in self._came:
                    if isinstance(order, kind):
                        self._came.remove(order)
                        return order
                if self._stopped and kind is not pipes.PrintResult:
                    return None
                self._news.wait()

    def _stop(self, reason: str) -> None:
        with self._news:
            self._stopped = reason
            self._news.notify()
        emulator, wire = self._emulator, self._wire
        if emulator is None or wire is None:
            return
        emulator.scheduler.stop(reason)
        wire.wake()
        threading.Thread(target=self._hurry, args=(emulator,), daemon=True).start()

    def _hurry(self, emulator: AloneEmulator) -> None:
        """End code that runs on after the end of the run."""
        thread = emulator.scheduler.thread
        while not emulator.closed:
            time.sleep(_BUSY)
            place = place_of_frame(sys._current_frames().get(thread))
            if place is not None and isinstance(emulator.scheduler.current, Task):
                emulator.hurried = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(Killed)
                )

    def _die(self) -> None:
        """End at once: the supervisor is gone, and nobody wants to know anything any more."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(1)

    def own_fault(self, error: Exception) -> None:
        """Report an error of the framework itself: no student is to blame for it."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        self._reports.send(
            pipes.Failed(
                Failure(
                    device=self._index,
                    when="in its process",
                    problem=f"a fault of the framework, not of the exercise: {describe(error)}",
                    place=Place(shown_path(last.filename), last.lineno or 0, last.name),
                    hint="please report it, with the command that you gave",
                )
            )
        )

    def _give_up(self, place: Place) -> None:
        """Report code that cannot be interrupted; the process ends after it."""
        when = self._emulator.when() if self._emulator is not None else "in its constructor"
        self._reports.send(
            pipes.Failed(
                Failure(
                    device=self._index,
                    when=when,
                    problem="it runs on and on without touching the medium, "
                    "and it cannot be interrupted",
                    place=place,
                    hint="let the loop end, and do not catch every exception in it",
                )
            )
        )


_shown = contextlib.ExitStack()
"""What is shown to pickle for as long as the process lives."""


def _namespace(job: pipes.Job) -> Namespace:
    values = {
        **job.config,
        "type": "async",
        "exercises": Path(job.config["exercises"]),
        "settings": ast.literal_eval(job.config["settings"]),
    }
    loader, _, kind = load(RunConfig(**values))
    _shown.enter_context(loader.registered())
    return Namespace(kind, loader.modules)


def main() -> None:
    """Be the process of a device."""
    ignore_interrupts()
    die_with_parent()
    process = DeviceProcess(orders(), reports())
    try:
        process.live()
    except Exception as error:
        process.own_fault(error)
    os._exit(0)
