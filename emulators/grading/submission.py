"""A submission: a folder of exercise files, as the cases of one lecture see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, product
from pathlib import Path
from typing import Any

from emulators.catalogue import algorithms, closest
from emulators.errors import UsageError
from emulators.grading.case import Case
from emulators.grading.runs import Runs, no_class
from emulators.grading.schedules import Schedules
from emulators.grading.verdict import CouldNotRun, NotYetImplemented
from emulators.network.scenario import Network
from emulators.program import exercise_file
from emulators.runner import EXERCISES, RunConfig, check

BOTH = ("sync", "async")
Hostile = Mapping[str, Any] | Callable[[int, int], Mapping[str, Any]]
"""What a scenario says, or a function of the number of devices and the seed that returns it."""


@dataclass(frozen=True)
class Submission:
    """What somebody handed in: a folder with exercise files.

    `algorithm` is the published name of the class that is judged at present; `names` maps published
    names to those that the submission uses instead. `seeds` replaces the number of seeds of every
    case, and `first` is the first of them; with `in_turns` each seed is one run, of the next number
    of devices or network type.
    Recordings of failing runs go to the folder `out`; without one nothing is written.
    """

    lecture: int
    folder: Path = EXERCISES
    names: tuple[tuple[str, str], ...] = ()
    seeds: int | None = None
    first: int = 1
    in_turns: bool = False
    out: Path | None = None
    algorithm: str = ""
    case: Case | None = None

    def named(self, names: dict[str, str]) -> Submission:
        """Return the submission with classes of its own in the place of published ones."""
        return replace(self, names=tuple(names.items()))

    def judged_by(self, case: Case) -> Submission:
        """Return the submission as a case sees it."""
        return replace(self, case=case, algorithm=case.algorithm)

    def runs(
        self,
        algorithm: str = "",
        *,
        types: Sequence[str] = BOTH,
        devices: Iterable[int] = (2, 3, 5),
        seeds: int = 10,
        network: Hostile | None = None,
        **options: Any,
    ) -> Runs:
        """Return runs with each number of devices, in each type of network, on seeds 1, 2, ….

        The algorithm is that of the case unless another one is named. `network` is what a scenario
        file says (docs/networks.md), as a dictionary, or a function that returns it for a number of
        devices and a seed. `options` are those of a `RunConfig`: limits, latency, fifo, settings.
        Raises `NotYetImplemented` where the file has no such class, `CouldNotRun` where it cannot
        be loaded.
        """
        name = self.name_of(algorithm or self.algorithm)
        configs = [
            RunConfig(
                self.lecture,
                name,
                kind,
                size,
                seed,
                self.folder,
                network=_network(network, size, seed),
                **options,
            )
            for size, seed, kind in self._matrix(sorted(devices), seeds, types)
        ]
        self._check(configs[0])
        return Runs(configs, self._recording(), self.case)

    def schedules(
        self,
        algorithm: str = "",
        *,
        type: str = "async",  # noqa: A002
        devices: int = 2,
        states: int = 5_000,
        moves: int = 0,
        settings: Mapping[str, Any] | None = None,
        **asked: Any,
    ) -> Schedules:
        """Return a search through all schedules with so many devices, breadth first.

        It ends after so many `states`; then come walks with so many `moves` in all, if any. `asked`
        are other fields of a `Question` (emulators/explore/question.py): `bounds`, `faults`.
        Raises `NotYetImplemented` and `CouldNotRun` as `runs` does.
        """
        name = self.name_of(algorithm or self.algorithm)
        config = RunConfig(
            self.lecture, name, type, devices, 1, self.folder, settings=dict(settings or {})
        )
        self._check(config)
        asked |= {"states": states, "moves": moves, "strategy": "auto" if moves else "bfs"}
        return Schedules(config, self._recording(), self.case, asked)

    def _matrix(
        self, sizes: Sequence[int], seeds: int, types: Sequence[str]
    ) -> list[tuple[int, int, str]]:
        """Return sizes, seeds and types of all runs, the smallest first."""
        numbers = range(self.first, self.first + (self.seeds or seeds))
        if not self.in_turns:
            return [(size, seed, kind) for size in sizes for seed in numbers for kind in types]
        turns = cycle(product(sizes, types))
        return sorted(
            (size, seed, kind) for seed, (size, kind) in zip(numbers, turns, strict=False)
        )

    def has(self, algorithm: str) -> bool:
        """Whether the file has a class to run of that name, or another in its place."""
        return self.name_of(algorithm) in self.algorithms()

    def name_of(self, algorithm: str) -> str:
        """Return the name that the submission uses for a published class."""
        return dict(self.names).get(algorithm, algorithm)

    def algorithms(self) -> list[str]:
        """Return the classes to run in the file. Raises `CouldNotRun`."""
        try:
            return algorithms(self.file)
        except SyntaxError as error:
            raise CouldNotRun(f"{self.file.name}, line {error.lineno}: {error.msg}") from None
        except OSError as error:
            raise CouldNotRun(f"{self.file.name} cannot be read: {error.strerror}") from None

    @property
    def file(self) -> Path:
        """The exercise file of the lecture. Raises `CouldNotRun` where there is none."""
        try:
            return exercise_file(RunConfig(self.lecture, "", exercises=self.folder))
        except UsageError as error:
            raise CouldNotRun(str(error)) from None

    def _check(self, config: RunConfig) -> None:
        name = config.algorithm
        known = self.algorithms()
        try:
            check(config)
        except UsageError as error:
            if name in known:
                raise CouldNotRun(str(error)) from None
            hint = closest(name, self._own(known))
            raise NotYetImplemented(no_class(self.file, name, hint)) from None

    def _own(self, known: list[str]) -> list[str]:
        """Return the classes that are not of the template."""
        template = EXERCISES / self.file.name
        given = algorithms(template) if template.is_file() else []
        return [name for name in known if name not in given]

    def _recording(self) -> Path | None:
        if self.out is None or self.case is None:
            return None
        name = "".join(c if c.isalnum() else "-" for c in self.case.name).strip("-")
        return self.out / f"lecture{self.lecture}-{name}.jsonl"


def _network(given: Hostile | None, devices: int, seed: int) -> Network | None:
    if given is None:
        return None
    return Network.parse(given(devices, seed) if callable(given) else given, "a case of the suite")
