"""One run in real processes: a configuration becomes processes and a result.

What runner.py is for simulated runs. Prints nothing itself but what devices print.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

from emulators.AsyncEmulator import LATENCY
from emulators.check.property import Property
from emulators.Device import Device
from emulators.errors import Failure, UsageError
from emulators.network.latency import Latency
from emulators.network.scenario import Network
from emulators.program import RunConfig, Told, check, digest
from emulators.runner import Result, config_of, header_of, opened_to_write
from emulators.runner import prepared as simulated
from emulators.stepping.stepper import silent
from emulators.trace.console import wants_color
from emulators.trace.events import RawEvent
from emulators.trace.log import Recorded, write
from emulators.trace.logbook import Logbook
from emulators.transports import pipes
from emulators.transports.apart import seed_of
from emulators.transports.feasible import crashes, feasible
from emulators.transports.hosts import Hosts
from emulators.transports.merging import Merged
from emulators.transports.parts import Part, write_part
from emulators.transports.supervisor import Supervisor
from emulators.transports.totals import Totals


@dataclass(frozen=True)
class Here:
    """The device of a run on several machines that runs on this one."""

    hosts: Hosts
    index: int


class RealRun:
    """A run in real processes, in the making, at work, and after it.

    To whoever prints a result it looks as the emulator of a simulated run does.
    """

    def __init__(
        self,
        config: RunConfig,
        here: Here | None,
        quiet: bool,
        record: BinaryIO | None,
        logged: Callable[[RawEvent], object],
    ) -> None:
        self.config = config
        self._here = here
        self._record = record
        self.seed = config.seed or 0
        self.limits = config.limits
        self.properties: list[Property] = []
        self.observers: list[object] = []
        self.devices: list[Device] = []
        self.statistics = Totals(config.devices)
        self._quiet = quiet
        self._network = feasible(_asked(config))
        planned = list(crashes(self._network, config.devices, self.seed))
        self._keepers = {one.index for one in planned if one.recovery is not None and one.keeps}
        indices = list(range(config.devices)) if here is None else [here.index]
        self.supervisor = Supervisor(
            self._job,
            indices,
            crashes=[one for one in planned if one.index in indices],
            logged=logged,
            most_time=self.limits.time,
            most_messages=self.limits.messages,
        )

    @property
    def failures(self) -> list[Failure]:
        """The reports of what went wrong."""
        return self.supervisor.failures

    @property
    def todos(self) -> list[str]:
        """What the exercise said is not implemented yet."""
        return self.supervisor.todos

    @property
    def stopped_by(self) -> str:
        """What stopped the run before its end: ``time``, ``messages``, or nothing."""
        return self.supervisor.stopped_by

    @property
    def all_terminated(self) -> bool:
        """Whether `run` of every device has returned, and none has failed."""
        children = self.supervisor.children.values()
        return all(child.ended for child in children) and not self.failures

    # -- running

    def _job(self, index: int) -> pipes.Job:
        config = self.config
        return pipes.Job(
            index=index,
            config={
                "lecture": config.lecture,
                "algorithm": config.algorithm,
                "devices": config.devices,
                "exercises": str(config.exercises.resolve()),
                "settings": repr(config.settings),
            },
            seed=self.seed,
            devices=config.devices,
            secret=self.supervisor.secret,
            folder=str(self.supervisor.folder) if self.supervisor.folder else None,
            transport=config.type,
            network=self._network.plain(),
            keeps=index in self._keepers,
            quiet=self._quiet,
            recorded=self._record is not None,
            color=wants_color(sys.stdout),
            most_messages=self.limits.messages,
            meeting=self._meeting(),
        )

    def _meeting(self) -> pipes.Meeting | None:
        """Return how this device finds those of other machines."""
        if self._here is None:
            return None
        hosts, index = self._here.hosts, self._here.index
        return pipes.Meeting(
            addresses=dict(enumerate(hosts.addresses)),
            keys=hosts.secret(index) if hosts.keys is not None else None,
            program=digest(self.config),
        )

    def go(self) -> Result:
        """Run to the end, a limit, a failure or an interruption."""
        interrupted = False
        try:
            self.supervisor.run()
        except KeyboardInterrupt:
            interrupted = True
        self.supervisor.stop("interrupted" if interrupted else self.stopped_by or "ended")
        self._count()
        ended = self._ended(interrupted)
        if self._record is not None:
            self._write(self._record, ended.partition(":")[0])
        if self.config.checks and not interrupted:
            self._judge()
        emulator: Any = self  # as far as a result is concerned
        return Result(self.config, emulator, ModuleType("exercise"), ended)

    def _write(self, file: BinaryIO, ended: str) -> None:
        """Write the histories of all devices as one recording, or the part of this machine."""
        supervisor = self.supervisor
        if self._here is not None:
            index = self._here.index
            pieces = supervisor.histories.get((index, 0), [])
            header = header_of(replace(self.config, told=Told([], 0)))
            write_part(file, Part(index, header, ended, pieces))
            return
        merged = Merged(supervisor.histories, self.config.devices, supervisor.crashes)
        told = Told([life.plain() for life in merged.lives], merged.end)
        write(file, header_of(replace(self.config, told=told)), merged.lines(ended))
        if problem := merged.inconsistent():
            supervisor.notes.append(f"The recording is out of order: {problem}")

    def _judge(self) -> None:
        """Let the properties judge the run as the simulator runs it again."""
        assert self._record is not None
        with contextlib.closing(Recorded(Path(self._record.name))) as recorded, silent():
            config = replace(
                config_of(recorded.header, self.config.exercises), checks=self.config.checks
            )
            with simulated(config, quiet=True, replay=recorded) as made:
                result = made.go()
        self.properties = result.emulator.properties
        self.observers = result.emulator.observers
        if result.departure:
            self.supervisor.notes.append(
                f"Judged is a run that is not the same: {result.departure}"
            )

    def _count(self) -> None:
        supervisor = self.supervisor
        for child in (*supervisor.former, *supervisor.children.values()):
            dropped = child.stopped.dropped if child.stopped is not None else {}
            if child.counted:
                self.statistics.add(child.index, child.counted, dropped)
        self.statistics.elapsed = supervisor.elapsed
        self.statistics.crashes = len(supervisor.crashes)
        self.statistics.restarts = len(supervisor.former)

    def _ended(self, interrupted: bool) -> str:
        if interrupted:
            return "interrupted"
        if self.failures:
            return "failed"
        return {
            "time": f"limit: {self.limits.time or 0:g} seconds",
            "messages": f"limit: {self.limits.messages} messages",
        }.get(self.stopped_by, "done")

    # -- after the run

    def print_result(self) -> None:
        """Let every device print its result, in index order."""
        self.supervisor.print_results()

    def print_statistics(self) -> None:
        """Print totals and averages of the run, and who was missing."""
        for line in (*self.statistics.lines(), *self.supervisor.notes):
            print(f"\t{line}")


@contextlib.contextmanager
def prepared(
    config: RunConfig,
    here: Here | None = None,
    *,
    quiet: bool = False,
    record: Path | None = None,
    log: Path | None = None,
    announce: Callable[[RunConfig], object] = lambda config: None,
) -> Iterator[RealRun]:
    """Build a run in real processes; none of them is left when the block ends.

    `here` names the device that runs on this machine, None means all of them; `record` is the file
    into which the run is written, as one that the simulator runs again; `log` is the folder for
    what the devices of this machine log.
    Raises `UsageError` for everything that is wrong with the configuration or the exercise file.
    """
    check(config)
    if config.type == "zeromq":
        _need_zeromq()
    config = replace(config, seed=_seed(here) if config.seed is None else config.seed)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_broken_pipes_raise())
        file = None
        if record is None and config.checks:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            record = Path(folder) / "run.jsonl"
        if record is not None:
            file = stack.enter_context(opened_to_write(record))
        logged = (lambda event: None) if log is None else Logbook(log).on_log
        made = RealRun(config, here, quiet, file, logged)
        stack.callback(made.supervisor.close)
        made.supervisor.start()
        announce(config)
        yield made


@contextlib.contextmanager
def _broken_pipes_raise() -> Iterator[None]:
    """Let an order to a process that has just died be an error, and not the end of this process."""
    before = None
    with contextlib.suppress(ValueError, AttributeError):  # in another thread; on Windows
        before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGPIPE, before)


def _seed(here: Here | None) -> int:
    """Return a fresh seed; where several machines take part, the same on all of them."""
    if here is None:
        return secrets.randbits(32)
    return seed_of(0, ",".join(here.hosts.addresses)) & 0xFFFFFFFF


def _need_zeromq() -> None:
    try:
        import zmq  # noqa: F401
    except ImportError:
        raise UsageError(
            "--type zeromq needs the package pyzmq, which is not installed: pip install pyzmq"
        ) from None


def _asked(config: RunConfig) -> Network:
    """Return the network of a run, with the latency and the order that options ask for."""
    network = config.network or Network()
    if config.latency != LATENCY:
        low, high = (f"{one}s" for one in config.latency)
        network = replace(network, latency=Latency("uniform", low=low, high=high))
    return replace(network, fifo=config.fifo or network.fifo)
