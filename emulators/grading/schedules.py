"""All schedules of one algorithm, as far as a budget goes: what no number of runs can promise.

The budget is counted in states and moves and not in seconds, so a verdict is the same on every
machine. Only a run that violates something fails a submission; that a search could not tell, or did
not come to the end, never does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulators.errors import UsageError
from emulators.explore.answer import Counterexample, Line
from emulators.explore.explorer import explore
from emulators.grading.case import Case
from emulators.grading.evidence import LINES, replay_of
from emulators.grading.verdict import CouldNotRun, Evidence, Failed
from emulators.runner import RunConfig


@dataclass
class Schedules:
    """A search through the schedules of an algorithm; `asked` are fields of a `Question`.

    `recording` is the file for a run that fails.
    """

    config: RunConfig
    recording: Path | None = None
    case: Case | None = None
    asked: dict[str, Any] = field(default_factory=dict)

    def satisfy(self, *checks: str) -> None:
        """Demand that no schedule violates one of the properties, or makes a device fail.

        `checks` are names as after ``--check``. Raises `Failed`, or `CouldNotRun` where the file
        cannot be loaded.
        """
        if self.recording is not None:
            self.recording.parent.mkdir(parents=True, exist_ok=True)
        try:
            answer = explore(self.config, checks=checks, save=self.recording, **self.asked)
        except UsageError as error:
            raise CouldNotRun(str(error)) from None
        example = answer.counterexample
        if example is not None:
            violation = example.violation
            hint = violation.hint or (self.case.hint if self.case else "")
            raise Failed(violation.reason, violation.sentence, hint, _evidence(example))


def _evidence(example: Counterexample) -> Evidence:
    config, recording = example.config, example.recording
    replay = replay_of(recording, config) if recording is not None else ""
    return Evidence(
        run=f"{config.algorithm}, one of all schedules, {config.devices} devices",
        lines=tuple(map(_shown, example.lines[-LINES:])),
        recording=recording,
        replay=replay,
        window=f"{replay} --gui" if replay else "",
    )


def _shown(line: Line) -> str:
    where = f"  (line {line.place.line})" if line.place is not None else ""
    return f"  {line.text}{where}"
