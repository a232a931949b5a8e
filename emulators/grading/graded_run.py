"""One run of a submission, as a case sees it: what was sent, received, decided and printed."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from emulators.check.property import Property, Violation
from emulators.Device import Device
from emulators.errors import Failure
from emulators.grading.effort import Effort
from emulators.MessageStub import MessageStub
from emulators.runner import Result, Run, RunConfig, prepared
from emulators.trace.events import OF_MESSAGES, Event, RawEvent, Trace
from emulators.trace.statistics import Statistics

MOST_OUTPUT = 1_000_000
"""Characters that are kept of what a run prints."""


def identity(event: RawEvent) -> tuple[Any, ...]:
    """Return what tells an event from all others, the same in a run and in its repetition."""
    kind, time, device, subject = event
    return kind, time, device, subject[1] if kind in OF_MESSAGES else None


@dataclass
class GradedRun:
    """What came of a run.

    `ended` is ``done``, ``failed`` or ``limit: …``; `output` what was printed during the run;
    `results` what `print_result` of each device printed. `violations` are those of the properties
    that watched. `hangs`: it was stopped because it cost too much, see `effort`.
    """

    config: RunConfig
    ended: str
    devices: list[Device]
    failures: list[Failure]
    trace: Trace
    statistics: Statistics
    module: ModuleType
    output: str
    results: list[str]
    violations: list[Violation] = field(default_factory=list)
    hangs: bool = False

    def messages(self, kind: str = "send", of: str = "") -> Iterator[tuple[Event, MessageStub]]:
        """Return events of a kind with a copy of their message; only those of a class `of`."""
        for event in self.trace.of(kind):
            if not of or of in (base.__name__ for base in event.subject[4].__mro__):
                message = event.message
                assert message is not None
                yield event, message

    def number_printed(self, device: int) -> int | None:
        """Return the last number that a device prints beside its own index, or None.

        Where it prints one number only and denies nothing, this is the one, its index or not.
        """
        numbers = [int(digits) for digits in re.findall(r"\d+", self.results[device])]
        others = list(numbers)
        if device in others:
            others.remove(device)
        if others:
            return others[-1]
        denies = re.search(r"\b(no|not|none|nobody|unknown)\b", self.results[device].lower())
        return None if denies or not numbers else numbers[-1]

    def wrong(self, reason: str, *events: Event, hint: str = "") -> Violation:
        """Return what a judgement answers when the run is wrong, and which events show it."""
        return Violation("", "", reason, tuple(map(tuple, events)), hint)

    @property
    def length(self) -> int:
        """How many events it takes to see what is wrong: to the last guilty one, or all."""
        guilty = {identity(event) for one in self.violations[:1] for event in one.events}
        places = (n for n, event in enumerate(self.trace, start=1) if identity(event) in guilty)
        return max(places, default=len(self.trace))

    @property
    def todos(self) -> list[str]:
        """What the exercise said is not implemented yet, with file and line."""
        return [
            f"{text} ({Path(file).name}, line {line})"
            for _, _, _, (text, file, line) in self.trace.of("todo")
        ]


Judgement = str | Property | type[Property] | Callable[[GradedRun], "str | Violation | None"]
"""What a run is judged by: a property or its name as in `--check`, or a function that returns what
is wrong, or nothing."""


def graded_run(
    config: RunConfig,
    judgements: Sequence[Judgement] = (),
    record: Path | None = None,
    observers: Iterable[object] = (),
) -> GradedRun:
    """Run once, watched by the properties, then judged by the functions.

    Raises `UsageError` for a file that cannot be loaded, and whatever a judgement raises.
    """
    names = [one for one in judgements if isinstance(one, str)]
    config = replace(config, checks=(*config.checks, *names))
    asked = [_new(one) for one in judgements if not isinstance(one, str)]
    properties = [one for one in asked if isinstance(one, Property)]
    output = BoundedText()
    effort = Effort()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        prepared(
            config,
            observers=[effort, *observers],
            properties=properties,
            quiet=True,
            trace=True,
            record=record,
        ) as made,
    ):
        effort.watch(made.emulator.statistics, made.emulator.scheduler.stop)
        result = made.go()
        for _, fault in result.faults:
            raise fault
        printed = _printed(result)
        run = _as_graded(made, result, output.getvalue(), printed)
        run.violations += result.violations
        run.hangs = effort.reached
        if effort.violation is not None:
            run.violations.append(effort.violation)
            return run
        for judgement in asked:
            if not isinstance(judgement, Property):
                violation = _asked(judgement, run)
                run.violations += [] if violation is None else [violation]
    return run


def _new(judgement: Judgement) -> Any:
    if isinstance(judgement, Property):
        return judgement.fork()
    return judgement() if isinstance(judgement, type) else judgement


def _asked(judgement: Any, run: GradedRun) -> Violation | None:
    answer = judgement(run)
    if not answer:
        return None
    given = answer if isinstance(answer, Violation) else run.wrong(str(answer))
    sentence = " ".join((judgement.__doc__ or "").split())
    return Violation(
        given.property or getattr(judgement, "__name__", ""),
        given.sentence or sentence,
        given.reason,
        given.events,
        given.hint,
    )


def _printed(result: Result) -> list[str]:
    texts = [BoundedText() for _ in result.devices]

    def one_by_one() -> Iterator[Device]:
        for device, text in zip(result.devices, texts, strict=True):
            with contextlib.redirect_stdout(text):
                yield device

    result.emulator.print_result(one_by_one())
    return [text.getvalue() for text in texts]


def _as_graded(made: Run, result: Result, output: str, printed: list[str]) -> GradedRun:
    assert made.trace is not None
    return GradedRun(
        config=made.config,
        ended=result.ended,
        devices=result.devices,
        failures=result.failures,
        trace=made.trace,
        statistics=result.statistics,
        module=result.module,
        output=output,
        results=printed,
    )


class BoundedText(io.StringIO):
    """Keeps the first characters of what is written, and forgets the rest."""

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        room = MOST_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)
