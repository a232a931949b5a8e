"""One run: a configuration becomes an emulator and a result. Prints nothing itself."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from emulators.AsyncEmulator import LATENCY
from emulators.check.calls import watch
from emulators.check.choosing import choices, made, pardon
from emulators.check.guarded import Guarded
from emulators.check.property import Property, Violation
from emulators.check.witness import Witness
from emulators.Device import Device
from emulators.errors import Failure, UsageError
from emulators.kernel.choices import Choices, Recording, Seeded
from emulators.kernel.tasks import Scheduler, active
from emulators.network.scenario import Network
from emulators.network.timeless import byzantine
from emulators.program import (
    EMULATORS,
    EXERCISES,
    REAL,
    RunConfig,
    Told,
    check,
    digest,
    load,
    network_of,
)
from emulators.replay import Departure, Replay
from emulators.simulation import Simulation
from emulators.stepping.stepper import Stepper, silent
from emulators.SteppingEmulator import Action, SteppingEmulator
from emulators.trace.events import Trace
from emulators.trace.log import Header, Recorded, Recorder, is_recording
from emulators.trace.statistics import Statistics
from emulators.transports.apart import Apart
from emulators.untimed import Plan
from emulators.virtual.loader import Loader, Program

__all__ = [
    "EMULATORS",
    "EXERCISES",
    "Result",
    "Run",
    "RunConfig",
    "check",
    "config_of",
    "digest",
    "header_of",
    "in_steps",
    "load",
    "opened",
    "prepared",
    "save",
]


@dataclass
class Result:
    """What came of a run. `ended` is ``done``, ``failed``, ``interrupted`` or ``limit: …``."""

    config: RunConfig
    emulator: Simulation
    module: ModuleType
    ended: str
    departure: str = ""

    @property
    def devices(self) -> list[Device]:
        """The devices, in index order."""
        return self.emulator.devices

    @property
    def failures(self) -> list[Failure]:
        """The reports of what went wrong."""
        return self.emulator.failures

    @property
    def todos(self) -> list[str]:
        """What the exercise said is not implemented yet."""
        return self.emulator.todos

    @property
    def statistics(self) -> Statistics:
        """The totals of the run."""
        return self.emulator.statistics

    @property
    def properties(self) -> list[Property]:
        """The properties that the run was judged by; of a violated one, `violation` says how."""
        return [one.judge for one in self.emulator.properties]

    @property
    def witness(self) -> Witness:
        """Who knows the line and the round of each event that a property may call guilty."""
        watching = (one for one in self.emulator.observers if isinstance(one, Witness))
        return next(watching, Witness())

    @property
    def faults(self) -> list[tuple[str, Exception]]:
        """What properties have raised, with their names: a mistake of theirs, not of the run."""
        judges = self.emulator.properties
        return [(one.name, one.fault) for one in judges if one.fault is not None]

    @property
    def violations(self) -> list[Violation]:
        """How the run violates its properties: the first violation of each."""
        return [one.violation for one in self.properties if one.violation is not None]

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.emulator.seed


# -- the run


@dataclass
class Run:
    """A run in the making: the emulator with its devices built, and what goes with it."""

    config: RunConfig
    emulator: Simulation
    module: ModuleType
    recorder: Recorder | None = None
    replay: Replay | None = None
    trace: Trace | None = None

    def go(self) -> Result:
        """Run to the end, a limit, a failure or an interruption."""
        interrupted = False
        try:
            self.emulator.run()
        except KeyboardInterrupt:
            interrupted = True
        except Departure:
            pass  # outside every task; the replay knows of it
        departure = ""
        if self.replay is not None and not interrupted:
            departure = self.replay.verdict()
        return self.result(interrupted, departure)

    def result(self, interrupted: bool = False, departure: str = "") -> Result:
        """Close the recording and return what came of the run so far."""
        ended = self._ended(interrupted or self.emulator.stopped_by == "interrupted")
        if ended != "interrupted" and not departure:
            self.emulator.judge()
        if self.recorder is not None:
            self.recorder.close(ended.partition(":")[0], self.emulator.scheduler.now)
            self._report_fault(self.recorder.fault)
        return Result(self.config, self.emulator, self.module, ended, departure)

    def _report_fault(self, fault: str) -> None:
        if fault:
            problem = f"it could not be recorded to its end: {fault}"
            self.emulator.report(Failure(None, self.emulator.when(), problem))

    def _ended(self, interrupted: bool) -> str:
        if interrupted:
            return "interrupted"
        if self.emulator.failures:
            return "failed"
        limits = self.emulator.limits
        return {
            "rounds": f"limit: {limits.rounds} rounds",
            "time": f"limit: {limits.time or 0:g} virtual seconds",
            "messages": f"limit: {limits.messages} messages",
        }.get(self.emulator.stopped_by, "done")


@contextlib.contextmanager
def prepared(
    config: RunConfig,
    *,
    observers: Iterable[object] = (),
    quiet: bool = False,
    record: Path | None = None,
    replay: Recorded | None = None,
    trace: bool = False,
    choices: Callable[[int], Choices] = Seeded,
    properties: Iterable[Property] = (),
    announce: Callable[[RunConfig], object] = lambda config: None,
    program: Program | None = None,
) -> Iterator[Run]:
    """Build a run; it is current in this thread, and its files are open, until the block ends.

    It is judged by `properties` and those that `config.checks` names.
    `program` keeps the code of the files for the next run; where it has some, the configuration is
    taken for checked.
    Raises `UsageError` for everything that is wrong with the configuration or the exercise file.
    """
    if not program:
        check(config)
    if config.type in REAL and replay is None:
        raise UsageError(f"--type {config.type} is for single runs: choose sync or async here")
    seed = secrets.randbits(32) if config.seed is None else config.seed
    config = replace(config, seed=seed)
    source = config.choices(choices(seed))
    replayed = None
    if replay is not None:
        replayed = Replay(replay)
        source = replayed.choices()
    recording = Recording(source) if record is not None else None
    scheduler = config.scheduler(recording or source)
    scheduler.attach()
    if replayed is not None:
        replayed.leave = lambda: _leave(scheduler)
    watched = [*observers]
    kept = Trace() if trace else None
    if kept is not None:
        watched.insert(0, kept)
    if replayed is not None:
        watched.insert(0, replayed)
    with contextlib.ExitStack() as stack:
        stack.enter_context(active(scheduler))
        loader, module, kind = load(config, program)
        network = network_of(config, loader)
        judges, witnesses = _judges(config, loader, kind, properties)
        recorder = None
        if record is not None and recording is not None:
            if replay is not None and record.exists() and record.samefile(replay.path):
                raise UsageError(f"{record} cannot be read and written at the same time")
            file = opened_to_write(record)
            stack.callback(_close, file)
            recorder = Recorder(file, header_of(config), recording)
            watched.insert(0, recorder)
        announce(config)
        emulator = config.emulator()(
            config.devices,
            kind,
            seed=seed,
            quiet=quiet,
            reports=False,
            limits=config.limits,
            observers=[*watched, *witnesses],
            scheduler=scheduler,
            properties=judges,
            network=network,
            within=loader.registered,
            **{**config.options(), **_actions(config)},
        )
        yield Run(config, emulator, module, recorder, replayed, kept)


def _judges(
    config: RunConfig, loader: Loader, kind: Any, given: Iterable[Property] = ()
) -> tuple[list[Guarded], list[Witness]]:
    """Return who judges a run, and who knows the lines of code for `--check`."""
    chosen = choices(config.checks, config.lecture, config.algorithm)
    judges = [*given, *made(chosen, loader.modules())]
    pardon(judges, byzantine(config.network, config.devices))
    watch(loader.modules(), judges)
    if isinstance(kind, Apart):
        kind.prepare(lambda modules: watch(modules, judges))
    return [Guarded(one) for one in judges], [Witness()] if chosen else []


def _leave(scheduler: Scheduler) -> None:
    """End a run that departs from its recording, and with it the running task."""
    scheduler.stop("departed")
    if scheduler.task() is not None:
        scheduler.suspend()


def _actions(config: RunConfig) -> dict[str, Any]:
    plan = {} if config.plan is None else {"plan": config.plan}
    return {"actions": config.actions, **plan} if config.type == "stepping" else {}


def opened_to_write(path: Path) -> Any:
    """Return a file for a recording, opened; raises `UsageError` where there is something else."""
    try:
        if path.is_file() and path.stat().st_size and not is_recording(path):
            raise UsageError(f"{path} exists and is no recording: choose another name")
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _close(file: Any) -> None:
    with contextlib.suppress(OSError):  # the recorder has told that the disk is full
        file.close()


def header_of(config: RunConfig) -> Header:
    """Return the header of a recording of this run."""
    limits = config.limits
    return Header(
        lecture=config.lecture,
        algorithm=config.algorithm,
        type=config.type,
        devices=config.devices,
        seed=config.seed or 0,
        program=digest(config),
        options={
            **config.options(),
            "rounds": limits.rounds,
            "time": limits.time,
            "messages": limits.messages,
            **({"network": config.network.plain()} if config.network else {}),
            **({"plan": config.plan.plain()} if config.plan else {}),
            **({"follow": True} if config.decisions or config.told else {}),
        },
        settings=config.settings,
        actions=[(action.step, action.kind, action.subject) for action in config.actions],
    )


def config_of(header: Header, exercises: Path = EXERCISES) -> RunConfig:
    """Return the configuration that a recording was made with."""
    options = header.options
    low, high = options.get("latency", LATENCY)
    network = options.get("network")
    return RunConfig(
        lecture=header.lecture,
        algorithm=header.algorithm,
        type=header.type,
        devices=header.devices,
        seed=header.seed,
        exercises=exercises,
        max_rounds=options.get("rounds"),
        max_time=options.get("time"),
        max_messages=options.get("messages"),
        latency=(low, high),
        fifo=options.get("fifo", False),
        settings=header.settings,
        actions=tuple(Action(*action) for action in header.actions),
        synchronous=options.get("synchronous", True),
        steps=options.get("steps"),
        network=Network.parse(network, "the recording") if network is not None else None,
        plan=Plan.parse(options["plan"]) if "plan" in options else None,
        told=Told(options["lives"], options["end"]) if "lives" in options else None,
    )


# -- in steps


def in_steps(config: RunConfig, *, quiet: bool = True) -> tuple[RunConfig, Stepper]:
    """Return a run to walk through, and the configuration with its seed.

    A configuration of a sync or async run is taken as such a run seen step by step. Unless it is
    `quiet`, every message is printed when it is stepped over for the first time.
    Raises `UsageError` as `prepared` does.
    """
    check(config)
    seed = secrets.randbits(32) if config.seed is None else config.seed
    synchronous = config.synchronous if config.type == "stepping" else config.type == "sync"
    config = replace(config, type="stepping", seed=seed, synchronous=synchronous)

    def make(
        seed: int, actions: list[Action], observers: list[object], program: Program
    ) -> SteppingEmulator:
        scheduler = config.scheduler(config.choices(Seeded(seed)))
        scheduler.attach()
        with active(scheduler):
            try:
                loader, _, kind = load(config, program)
            except UsageError:
                program.clear()  # mended, the file is read again
                raise
            judges, witnesses = _judges(config, loader, kind)
        more: dict[str, Any] = {} if config.plan is None else {"plan": config.plan}
        if config.told is not None:
            more = {"lives": config.told.lives, "end": config.told.end}
        made: Any = config.emulator()
        emulator: SteppingEmulator = made(
            config.devices,
            kind,
            seed=seed,
            quiet=quiet,
            reports=False,
            limits=config.limits,
            observers=[*observers, *witnesses],
            scheduler=scheduler,
            actions=actions,
            latency=config.latency,
            fifo=config.fifo,
            synchronous=synchronous,
            properties=judges,
            network=network_of(config, loader),
            within=loader.registered,
            **more,
        )
        return emulator

    return config, Stepper(make, seed, list(config.actions))


def save(config: RunConfig, stepper: Stepper, path: Path) -> None:
    """Write the present branch, as far as it was walked, as a recording that `--replay` reads."""
    branch = stepper.branch
    emulator = stepper.emulator
    over = stepper.ended and emulator.stopped_by != "interrupted"
    steps = None if over else emulator.steps
    saved = replace(config, seed=branch.seed, actions=tuple(branch.actions), steps=steps)
    with silent(), prepared(saved, quiet=True, record=path) as run:
        run.go()


def opened(
    path: Path,
    exercises: Path = EXERCISES,
    *,
    quiet: bool = True,
    checks: tuple[str, ...] = (),
) -> tuple[RunConfig, Stepper]:
    """Return a recorded run to walk through, standing at its end; nothing of it is printed."""
    recorded = Recorded(path)
    config = replace(config_of(recorded.header, exercises), checks=checks)
    if recorded.header.options.get("follow"):
        taken = (decision for line in recorded.lines() for decision in line.c or ())
        config = replace(config, decisions=tuple(taken))
    recorded.close()
    with silent():
        config, stepper = in_steps(config, quiet=quiet)
        if config.steps is not None:
            stepper.go_to(config.steps)
        else:
            stepper.finish()
    return config, stepper
