"""Many runs of one algorithm, and what is to hold in each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from emulators.check.property import Violation
from emulators.errors import Failure, UsageError
from emulators.grading.case import Case
from emulators.grading.effort import too_slow
from emulators.grading.evidence import evidence
from emulators.grading.graded_run import GradedRun, Judgement, graded_run
from emulators.grading.unfinished import open_parts
from emulators.grading.verdict import CouldNotRun, Failed, NotYetImplemented
from emulators.program import UnknownAlgorithm, exercise_file
from emulators.runner import EXERCISES, RunConfig

_DEADLOCK = "all devices wait for ever"


@dataclass
class Runs:
    """Runs that differ in network type, number of devices and seed, the smallest first.

    `recording` is the file for the shortest one that fails.
    """

    configs: list[RunConfig]
    recording: Path | None = None
    case: Case | None = None

    def __len__(self) -> int:
        return len(self.configs)

    def satisfy(self, *judgements: Judgement) -> None:
        """Demand that every run goes well and satisfies all judgements.

        All runs with the smallest number of devices that fails are done, and the shortest of them
        is reported. Raises `Failed`, `NotYetImplemented` or `CouldNotRun`.
        """
        by_size = groupby(self.configs, key=lambda config: config.devices)
        for _, configs in by_size:
            same = list(configs)
            failed = [run for run in self._done(same, judgements) if run.violations]
            if failed:
                shortest = min(failed, key=lambda run: run.length)
                raise self.blame(shortest, f"{len(failed)} of {len(same)} such runs fail")

    def __iter__(self) -> Iterator[GradedRun]:
        """Do the runs one after another; each is to go well."""
        for run in self._done(self.configs, ()):
            if run.violations:
                raise self.blame(run)
            yield run

    def blame(
        self,
        run: GradedRun,
        context: str = "the first that fails",
        violation: Violation | None = None,
    ) -> Failed:
        """Return what to raise because of a run: its first violation, or another one."""
        if violation is not None:
            run.violations.insert(0, violation)
        guilty = run.violations[0]
        return Failed(
            guilty.reason,
            guilty.sentence,
            guilty.hint or (self.case.hint if self.case else ""),
            evidence(run, context, self.recording),
        )

    # -- one run

    def _done(
        self, configs: Sequence[RunConfig], judgements: Sequence[Judgement]
    ) -> Iterator[GradedRun]:
        began = time.process_time()
        for number, config in enumerate(configs, start=1):
            run = _run(config, judgements, self.case)
            slow = too_slow(number, began)
            run.violations += [slow] if slow is not None else []
            yield run
            if run.hangs or slow is not None:
                return


def _run(config: RunConfig, judgements: Sequence[Judgement], case: Case | None = None) -> GradedRun:
    try:
        run = graded_run(config, judgements)
    except UnknownAlgorithm:  # a star import could have brought it
        raise NotYetImplemented(no_class(exercise_file(config), config.algorithm)) from None
    except UsageError as error:
        raise CouldNotRun(str(error)) from None
    failures = [failure for failure in run.failures if _counts(failure)]
    run.violations += [_as_violation(failure, run) for failure in failures]
    run.violations.sort(key=_moment)
    missing = _missing(run, failures, case)
    if missing:
        raise NotYetImplemented("; ".join(missing))
    return run


def no_class(file: Path, name: str, hint: str = "") -> str:
    """Say that a file has no class of that name; `hint` is what may be there in its place."""
    return (
        f"{file.name} has no class {name}"
        + (f"; did you mean {hint}?" if hint else "")
        + f" (grade a class of another name with --algorithm {name}={hint or 'NAME'})"
    )


def _missing(run: GradedRun, failures: list[Failure], case: Case | None) -> list[str]:
    """Return what is still to be written, as far as the run shows it and the case is about it."""
    parts = case.parts if case else ()
    todos = [
        text
        for text in run.todos
        if not parts or any(part in text.partition(":")[0] for part in parts)
    ]
    raised = dict.fromkeys(
        f"{one.problem} ({one.place})"
        for one in failures
        if one.problem.startswith("NotImplementedError")
    )
    given = case is not None and case.given  # what is empty there is meant to be
    if todos or raised or given or not run.violations:
        return todos or list(raised)
    path = exercise_file(run.config)
    return open_parts(EXERCISES / path.name, path)


def _moment(violation: Violation) -> float:
    """Return when a violation is complete; without events it is seen at the end only."""
    return max((event[1] for event in violation.events), default=float("inf"))


def _counts(failure: Failure) -> bool:
    """Whether a failure is one: who waits for more to serve is right to do so."""
    return failure.fatal and not failure.problem.startswith(_DEADLOCK)


def _as_violation(failure: Failure, run: GradedRun) -> Violation:
    events = tuple(tuple(event) for event in run.trace.of("fail") if event.subject is failure)
    place = f", at {failure.place}" if failure.place else ""
    return Violation(
        "no_failure",
        "The run ends without a failure.",
        f"{failure.headline}{place}",
        events,
        failure.hint,
    )
