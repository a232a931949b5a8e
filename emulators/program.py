"""What is to be run: a configuration, and the program it names in an exercise file."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from emulators import watchdog
from emulators.AsyncEmulator import LATENCY, AsyncEmulator
from emulators.catalogue import algorithms, closest
from emulators.check.choosing import choices
from emulators.Device import Device
from emulators.errors import Unresponsive, UsageError, describe, place_of_error
from emulators.kernel.choices import Choices, Decision
from emulators.kernel.clock import ROUND, seconds
from emulators.kernel.tasks import Scheduler
from emulators.lectures import LECTURES, Lecture
from emulators.limits import Limits
from emulators.network.scenario import Network
from emulators.simulation import Simulation
from emulators.SteppingEmulator import Action, SteppingEmulator
from emulators.SyncEmulator import SyncEmulator
from emulators.transports.apart import Apart, Namespace
from emulators.transports.reenactment import Reenactment, RetoldTime
from emulators.transports.shim import graph_of
from emulators.transports.stepped import SteppedReenactment
from emulators.untimed import Following, Plan, UntimedEmulator, UntimedScheduler
from emulators.virtual.loader import PROJECT, Loader, Program

EMULATORS: dict[str, type[Simulation]] = {
    "sync": SyncEmulator,
    "async": AsyncEmulator,
    "stepping": SteppingEmulator,
}
REAL = ("process", "zeromq")
"""Types of networks whose devices are real processes."""
EXERCISES = PROJECT / "exercises"


MOST_DEVICES = 1_000_000
"""More than fit into the memory of a usual computer."""


@dataclass(frozen=True)
class Told:
    """What is known of a real run besides its decisions: the lives of its devices and its end."""

    lives: list[list[Any]]
    end: int


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run. Limits that are None are those of the lecture.

    `checks` names the properties to judge it by; they change nothing in it. With a `plan`, a run of
    type stepping is untimed; `decisions` are taken before any is drawn from the seed.
    """

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
    checks: tuple[str, ...] = ()
    network: Network | None = None
    told: Told | None = None
    plan: Plan | None = None
    decisions: tuple[Decision, ...] = ()

    @property
    def limits(self) -> Limits:
        """The limits of this run; a lecture's own: rounds (sync) or virtual seconds (async)."""
        default = LECTURES[self.lecture].limits
        in_rounds = self.type == "sync" or (self.type == "stepping" and self.synchronous)
        rounds = default.rounds if in_rounds and self.max_time is None else None
        time = None if in_rounds else default.time
        if self.type in ("async", *REAL) and self.max_rounds is not None:
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
        if self.told is not None:
            options |= {"lives": self.told.lives, "end": self.told.end}
        return options

    def emulator(self) -> Callable[..., Simulation]:
        """Return the class that does the run."""
        if self.told is not None:
            return SteppedReenactment if self.type == "stepping" else Reenactment
        return EMULATORS[self.type] if self.plan is None else UntimedEmulator

    def scheduler(self, choices: Choices) -> Scheduler:
        """Return a new scheduler of the kind that the run needs."""
        if self.told is not None:
            return RetoldTime(choices)
        return Scheduler(choices) if self.plan is None else UntimedScheduler(choices)

    def choices(self, drawn: Choices) -> Choices:
        """Return the decisions of the run: those that are given, then drawn ones."""
        return Following(self.decisions, drawn) if self.decisions else drawn


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


class UnknownAlgorithm(UsageError):
    """An exercise file has no class of that name."""


def check(config: RunConfig) -> None:
    """Raise `UsageError` for what can be seen to be wrong before anything runs."""
    if config.type not in (types := (*EMULATORS, *REAL)):
        hint = closest(config.type, types)
        raise UsageError(
            f"there is no network type {config.type!r}; there are {', '.join(types)}"
            + (f"; did you mean {hint}?" if hint else "")
        )
    if config.devices < 2:
        raise UsageError(f"a network needs at least 2 devices, not {config.devices}")
    if config.devices > MOST_DEVICES:
        raise UsageError(f"a network has at most {MOST_DEVICES:,} devices, not {config.devices}")
    if config.network is not None:
        config.network.check(config.devices)
    path = exercise_file(config)
    try:
        known = algorithms(path)
    except SyntaxError as error:
        raise UsageError(_syntax(path, error)) from None
    if config.algorithm not in known and not _is_defined(path, config.algorithm):
        raise UnknownAlgorithm(_unknown(config, known))
    choices(config.checks, config.lecture, config.algorithm)


def _syntax(path: Path, error: SyntaxError) -> str:
    text = (error.text or "").strip()
    where = _shown(path) + (f", line {error.lineno}" if error.lineno else "")
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


# -- the network


def network_of(config: RunConfig, loader: Loader) -> Network | None:
    """Return the network of a run: the lecture's own, with what the run asks for put over it.

    The classes that it names for byzantine devices are loaded; raises `UsageError` for one that
    cannot be, and for constants of the exercise that make no network.
    """
    if config.told is not None:
        return config.network  # a real one has nothing that was not asked for
    network = _over_that_of_the_lecture(config, loader)
    if network is None or not any(isinstance(one.kind, str) for one in network.byzantine):
        return network
    named = tuple(
        replace(one, kind=_class_named(one.kind, loader) if one.kind else one.kind)
        for one in network.byzantine
    )
    return replace(network, byzantine=named)


def _over_that_of_the_lecture(config: RunConfig, loader: Loader) -> Network | None:
    def constant(name: str, default: Any) -> Any:
        found = (vars(module)[name] for module in loader.modules() if name in vars(module))
        return next(found, default)

    lecture = LECTURES[config.lecture]
    own = lecture.network(constant)
    if config.latency != LATENCY:  # the one of the command line
        own.pop("latency", None)
    if not own:
        return config.network
    asked = {} if config.network is None else config.network.plain()
    return Network.parse({**own, **asked}, f"the network of {lecture}")


def _class_named(name: Any, loader: Loader) -> Any:
    """Return a class named ``module:Class``: of an exercise file, or of what can be imported."""
    if isinstance(name, type):
        return name
    module_name, _, class_name = name.partition(":")
    try:
        if (loader.folder / f"{module_name}.py").is_file():
            module = loader.load(module_name)
        else:
            module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise UsageError(f"[[byzantine]] {name} cannot be loaded: {describe(error)}") from None
    kind = getattr(module, class_name, None)
    if not isinstance(kind, type):
        classes = [known for known, value in vars(module).items() if isinstance(value, type)]
        hint = closest(class_name, classes)
        raise UsageError(
            f"[[byzantine]] {name}: there is no class {class_name}"
            + (f"; did you mean {hint}?" if hint else "")
        )
    return kind


# -- the program


def load(config: RunConfig, program: Program | None = None) -> tuple[Loader, ModuleType, Any]:
    """Return the exercise module in a fresh namespace, what loaded it, and the class to run.

    `program` keeps the code of the files for the next time.
    Raises `UsageError` for a file that cannot be loaded or a class that is no device.
    """
    path = exercise_file(config)
    try:
        loader = Loader(config.exercises, program)
        with watchdog.watching(_Loading()):
            module = loader.load(path.stem)
    except SyntaxError as error:
        raise UsageError(_syntax(Path(error.filename or path), error)) from None
    except (Exception, SystemExit, Unresponsive) as error:
        place = place_of_error(error)
        where = f"{place}" if place else _shown(path)
        what = f"{describe(error)}{_missing(error)}"
        raise UsageError(f"{where}: the file cannot be loaded: {what}") from None
    for name, value in config.settings.items():
        _set(loader.modules(), name, value)
    kind = getattr(module, config.algorithm, None)
    if kind is None:
        raise UnknownAlgorithm(_unknown(config, algorithms(path)))
    _check_kind(kind, config, path)
    problem = ""
    lecture = LECTURES[config.lecture]
    if config.algorithm in lecture.networks:
        problem = lecture.requires(config.algorithm, config.devices, module)
    if problem:
        raise UsageError(f"{problem}; this run has {config.devices}")
    return loader, module, kind if config.told is None else _apart(config, program)


class _Loading:
    """What the watchdog sees of a file that is loaded: large packages may take their time."""

    def progress(self) -> int:
        """Return a number that grows with what is imported."""
        return len(sys.modules)


def _missing(error: BaseException) -> str:
    """Return what to try where a module was not found."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    package, _, name = error.name.rpartition(".")
    if package != "emulators":
        return "; install it with pip, or put the file beside this one"
    hint = closest(name, [known.stem for known in Path(__file__).parent.glob("[A-Z]*.py")])
    return f"; did you mean emulators.{hint}?" if hint else ""


def _apart(config: RunConfig, program: Program | None) -> Apart:
    """Return what makes devices that share nothing, as they did in a real run."""

    def namespace() -> Namespace:
        loader, _, kind = load(replace(config, told=None), program)
        return Namespace(kind, loader.modules)

    seed = config.seed or 0
    return Apart(namespace, seed, graph_of(config.network, config.devices, seed))


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
    owners = [owner for module in modules for owner in _owners(module, name) if name[:2] != "__"]
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
