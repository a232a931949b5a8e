"""One run: a configuration, the exercise file, an emulator, a result. Prints nothing itself."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from emulators.AsyncEmulator import LATENCY, AsyncEmulator
from emulators.catalogue import algorithms, closest
from emulators.Device import Device
from emulators.errors import Failure, UsageError, describe, place_of_error
from emulators.kernel.choices import Choices, Recording, Seeded
from emulators.kernel.clock import ROUND, seconds
from emulators.kernel.tasks import Scheduler, active
from emulators.lectures import LECTURES, Lecture
from emulators.limits import Limits
from emulators.replay import Departure, Replay
from emulators.simulation import Simulation
from emulators.stepper import Stepper, silent
from emulators.SteppingEmulator import Action, SteppingEmulator
from emulators.SyncEmulator import SyncEmulator
from emulators.trace.events import Trace
from emulators.trace.log import Header, Recorded, Recorder, is_recording
from emulators.trace.statistics import Statistics
from emulators.virtual.loader import PROJECT, Loader, Program

EMULATORS: dict[str, type[Simulation]] = {
    "sync": SyncEmulator,
    "async": AsyncEmulator,
    "stepping": SteppingEmulator,
}
EXERCISES = PROJECT / "exercises"


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run. Limits that are None are those of the lecture."""

    lecture: int
    algorithm: str
    type: str = "sync"
    devices: int = 3
    seed: int | None = None
    exercises: Path = EXERCISES
    max_rounds: int | None = None
    max_time: float | None = None
    max_messages: int | None = None
    latency: tuple[float, float] = LATENCY
    fifo: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    synchronous: bool = True
    steps: int | None = None

    @property
    def limits(self) -> Limits:
        """The limits of this run; a lecture's own: rounds (sync) or virtual seconds (async)."""
        default = LECTURES[self.lecture].limits
        in_rounds = self.type == "sync" or (self.type == "stepping" and self.synchronous)
        rounds = default.rounds if in_rounds and self.max_time is None else None
        time = None if in_rounds else default.time
        if self.type == "async" and self.max_rounds is not None:
            time = self.max_rounds * seconds(ROUND)  # a round is only a measure of time there
        return Limits(
            rounds=rounds if self.max_rounds is None else self.max_rounds,
            time=time if self.max_time is None else self.max_time,
            messages=default.messages if self.max_messages is None else self.max_messages,
        )

    def options(self) -> dict[str, Any]:
        """Return what an emulator needs to know of the network."""
        options: dict[str, Any] = {"fifo": self.fifo}
        if self.type != "sync":
            options["latency"] = self.latency
        if self.type == "stepping":
            options |= {"synchronous": self.synchronous, "steps": self.steps}
        return options


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
    def seed(self) -> int:
        """The seed of the run."""
        return self.emulator.seed


# -- what is to be run


def lecture_of(number: int) -> Lecture:
    """Return a lecture; raise `UsageError` for one that does not exist or has no exercise here."""
    lecture = LECTURES.get(number)
    if lecture is None:
        known = ", ".join(map(str, LECTURES))
        raise UsageError(f"there is no lecture {number}; there are {known}")
    if not lecture.file:
        raise UsageError(f"lecture {number} has no exercise in this framework: {lecture.title}")
    return lecture


def exercise_file(config: RunConfig) -> Path:
    """Return the exercise file of a run; raise `UsageError` where there is none."""
    lecture = lecture_of(config.lecture)
    path = config.exercises / f"{lecture.file}.py"
    if path.is_file():
        return path
    if not config.exercises.is_dir():
        raise UsageError(f"there is no folder {config.exercises}")
    raise UsageError(f"there is no file {path}, which lecture {config.lecture} needs")


def check(config: RunConfig) -> None:
    """Raise `UsageError` for what can be seen to be wrong before anything runs."""
    if config.type not in EMULATORS:
        hint = closest(config.type, EMULATORS)
        raise UsageError(
            f"there is no network type {config.type!r}; there are {', '.join(EMULATORS)}"
            + (f"; did you mean {hint}?" if hint else "")
        )
    if config.devices < 2:
        raise UsageError(f"a network needs at least 2 devices, not {config.devices}")
    path = exercise_file(config)
    try:
        known = algorithms(path)
    except SyntaxError as error:
        raise UsageError(_syntax(path, error)) from None
    if config.algorithm not in known and not _is_defined(path, config.algorithm):
        raise UsageError(_unknown(config, known))


def _syntax(path: Path, error: SyntaxError) -> str:
    text = (error.text or "").strip()
    where = f"{_shown(path)}, line {error.lineno}"
    return f"{where}: {error.msg}" + (f": {text}" if text else "")


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return str(path)


def _is_defined(path: Path, name: str) -> bool:
    """Return whether a file gives a name to anything: then the file itself is asked."""
    tree = ast.parse(path.read_bytes())
    return any(
        (isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name)
        or (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.ImportFrom) and any(a.name in (name, "*") for a in node.names))
        for node in ast.walk(tree)
    )


def _unknown(config: RunConfig, known: list[str]) -> str:
    """Say that a name is not known here: where it belongs, or what was probably meant."""
    name = config.algorithm
    text = f"lecture {config.lecture} has no algorithm {name!r}"
    home = _home_of(name, config)
    hint = closest(name, known)
    if home is not None:
        text += f": it belongs to lecture {home.number} ({home.file}.py)"
    elif hint:
        text += f" (did you mean {hint}?)"
    return text + (f"; there are {', '.join(known)}" if known else ", nor any other device class")


def _home_of(name: str, config: RunConfig) -> Lecture | None:
    """Return another lecture whose file has a class of that name."""
    for lecture in LECTURES.values():
        path = config.exercises / f"{lecture.file}.py"
        if lecture.file and lecture.number != config.lecture and path.is_file():
            with contextlib.suppress(SyntaxError):
                if name in algorithms(path):
                    return lecture
    return None


# -- the program


def load(config: RunConfig, program: Program | None = None) -> tuple[Loader, ModuleType, Any]:
    """Return the exercise module in a fresh namespace, what loaded it, and the class to run.

    `program` keeps the code of the files for the next time.
    Raises `UsageError` for a file that cannot be loaded or a class that is no device.
    """
    path = exercise_file(config)
    try:
        loader = Loader(config.exercises, program)
        module = loader.load(path.stem)
    except SyntaxError as error:
        raise UsageError(_syntax(Path(error.filename or path), error)) from None
    except (Exception, SystemExit) as error:
        place = place_of_error(error)
        where = f"{place}" if place else _shown(path)
        raise UsageError(f"{where}: the file cannot be loaded: {describe(error)}") from None
    for name, value in config.settings.items():
        _set(loader.modules(), name, value)
    kind = getattr(module, config.algorithm, None)
    if kind is None:
        raise UsageError(_unknown(config, algorithms(path)))
    _check_kind(kind, config, path)
    problem = ""
    lecture = LECTURES[config.lecture]
    if config.algorithm in lecture.networks:
        problem = lecture.requires(config.algorithm, config.devices, module)
    if problem:
        raise UsageError(f"{problem}; this run has {config.devices}")
    return loader, module, kind


def _check_kind(kind: Any, config: RunConfig, path: Path) -> None:
    is_device = isinstance(kind, type) and issubclass(kind, Device)
    makes_devices = isinstance(kind, type) and any("__new__" in vars(c) for c in kind.__mro__[:-1])
    if not is_device and not makes_devices and not _is_function(kind):
        known = ", ".join(algorithms(path))
        raise UsageError(
            f"{config.algorithm} is no device: a class to run extends Device"
            + (f"; there are {known}" if known else "")
        )


def _is_function(kind: Any) -> bool:
    return callable(kind) and not isinstance(kind, type)


def _set(modules: list[ModuleType], name: str, value: Any) -> None:
    """Give a constant another value wherever the exercise modules or their classes define it."""
    owners = [owner for module in modules for owner in _owners(module, name)]
    if not owners:
        constants = [
            known
            for module in modules
            for known, old in vars(module).items()
            if not known.startswith("_") and isinstance(old, (int, float, str, tuple, list))
        ]
        hint = closest(name, constants)
        raise UsageError(
            f"--set {name}: the exercise has no constant of that name"
            + (f"; did you mean {hint}?" if hint else "")
        )
    for owner in owners:
        setattr(owner, name, value)


def _owners(module: ModuleType, name: str) -> Iterator[Any]:
    """Return the module and its classes as far as they define a constant of that name."""
    for made in list(vars(module).values()):
        if isinstance(made, type) and made.__module__ == module.__name__ and name in vars(made):
            yield made
    if name in vars(module) and not isinstance(vars(module)[name], (type, ModuleType)):
        yield module


def digest(config: RunConfig) -> str:
    """Return a digest of the exercise file, the same on every platform."""
    text = exercise_file(config).read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(text).hexdigest()[:16]


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
        if self.recorder is not None:
            self.recorder.close(ended.partition(":")[0], self.emulator.scheduler.now)
        return Result(self.config, self.emulator, self.module, ended, departure)

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
    announce: Callable[[RunConfig], object] = lambda config: None,
) -> Iterator[Run]:
    """Build a run; it is current in this thread, and its files are open, until the block ends.

    Raises `UsageError` for everything that is wrong with the configuration or the exercise file.
    """
    check(config)
    seed = secrets.randbits(32) if config.seed is None else config.seed
    config = replace(config, seed=seed)
    source: Choices = choices(seed)
    replayed = None
    if replay is not None:
        replayed = Replay(replay)
        source = replayed.choices()
    recording = Recording(source) if record is not None else None
    scheduler = Scheduler(recording or source)
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
        loader, module, kind = load(config)
        stack.enter_context(loader.registered())
        recorder = None
        if record is not None and recording is not None:
            if replay is not None and record.exists() and record.samefile(replay.path):
                raise UsageError(f"{record} cannot be read and written at the same time")
            file = stack.enter_context(_opened(record))
            recorder = Recorder(file, header_of(config), recording)
            watched.insert(0, recorder)
        announce(config)
        emulator = EMULATORS[config.type](
            config.devices,
            kind,
            seed=seed,
            quiet=quiet,
            reports=False,
            limits=config.limits,
            observers=watched,
            scheduler=scheduler,
            **{**config.options(), **_actions(config)},
        )
        yield Run(config, emulator, module, recorder, replayed, kept)


def _leave(scheduler: Scheduler) -> None:
    """End a run that departs from its recording, and with it the running task."""
    scheduler.stop("departed")
    if scheduler.task() is not None:
        scheduler.suspend()


def _actions(config: RunConfig) -> dict[str, Any]:
    return {"actions": config.actions} if config.type == "stepping" else {}


def _opened(path: Path) -> Any:
    try:
        if path.is_file() and path.stat().st_size and not is_recording(path):
            raise UsageError(f"{path} exists and is no recording: choose another name")
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


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
        },
        settings=config.settings,
        actions=[(action.step, action.kind, action.subject) for action in config.actions],
    )


def config_of(header: Header, exercises: Path = EXERCISES) -> RunConfig:
    """Return the configuration that a recording was made with."""
    options = header.options
    low, high = options.get("latency", LATENCY)
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
        scheduler = Scheduler(Seeded(seed))
        scheduler.attach()
        with active(scheduler):
            try:
                _, _, kind = load(config, program)
            except UsageError:
                program.clear()  # mended, the file is read again
                raise
        return SteppingEmulator(
            config.devices,
            kind,
            seed=seed,
            quiet=quiet,
            reports=False,
            limits=config.limits,
            observers=observers,
            scheduler=scheduler,
            actions=actions,
            latency=config.latency,
            fifo=config.fifo,
            synchronous=synchronous,
        )

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
    path: Path, exercises: Path = EXERCISES, *, quiet: bool = True
) -> tuple[RunConfig, Stepper]:
    """Return a recorded run to walk through, standing at its end; nothing of it is printed."""
    recorded = Recorded(path)
    recorded.close()
    with silent():
        config, stepper = in_steps(config_of(recorded.header, exercises), quiet=quiet)
        if config.steps is not None:
            stepper.go_to(config.steps)
        else:
            stepper.finish()
    return config, stepper
