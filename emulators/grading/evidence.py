"""The evidence for a failure: the events that lead to it in words, its recording, the commands."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from emulators.check.property import Violation
from emulators.errors import safe_str
from emulators.grading.graded_run import GradedRun, graded_run
from emulators.grading.verdict import Evidence
from emulators.kernel.clock import seconds
from emulators.runner import EXERCISES, RunConfig
from emulators.trace.events import Event, RawEvent
from emulators.usage import PROGRAM

LINES = 12
"""Events that are shown before the one that completes a failure, at most."""
_HIDDEN = frozenset({"todo"})
_Key = tuple[str, int, object, int]


def evidence(run: GradedRun, context: str, recording: Path | None) -> Evidence:
    """Return what shows the failure of a run; record it again for a replay where there is a place.

    `context` says how many runs failed.
    """
    replay = ""
    if recording is not None:
        recording.parent.mkdir(parents=True, exist_ok=True)
        graded_run(run.config, record=recording)
        replay = _command(recording, run.config)
    return Evidence(
        run=f"{described(run.config)}; {context}",
        lines=tuple(excerpt(run)),
        recording=recording,
        replay=replay,
        window=f"{replay} --gui" if replay else "",
    )


def described(config: RunConfig) -> str:
    """Return a run in a few words."""
    return f"{config.algorithm}, {config.type}, {config.devices} devices, seed {config.seed}"


def _command(recording: Path, config: RunConfig) -> str:
    parts = ["python3", PROGRAM, "--replay", _shown(recording)]
    if config.exercises != EXERCISES:
        parts += ["--exercises", _shown(config.exercises)]
    return shlex.join(parts)


def _shown(path: Path) -> str:
    """Return a path as it is typed from here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return path.as_posix() if relative.startswith(os.pardir) else Path(relative).as_posix()


# -- the trace in words


def excerpt(run: GradedRun) -> list[str]:
    """Return the events that lead to the failure, the guilty ones marked with ``>``."""
    guilty = _guilty(run.violations[0]) if run.violations else set()
    events = [event for event in list(run.trace)[: run.length] if event.kind not in _HIDDEN]
    shown = events[-LINES:]
    before = [event for event in events[:-LINES] if _key(event) in guilty][-LINES:]
    moment = _Moment(run.config.type == "sync")
    lines = [_line(event, guilty, moment) for event in before]
    if len(events) > len(shown) + len(before):
        lines.append("  …")
    return lines + [_line(event, guilty, moment) for event in shown if event.kind != "round"]


def _guilty(violation: Violation) -> set[_Key]:
    return {_key(event) for event in violation.events}


def _key(event: RawEvent) -> _Key:
    kind, time, device, subject = event
    return kind, time, device, id(subject)


class _Moment:
    """Says when an event happened: in rounds of a sync network, else in virtual seconds."""

    def __init__(self, in_rounds: bool) -> None:
        self._in_rounds = in_rounds

    def of(self, event: Event) -> str:
        time = seconds(event.time)
        return f"round {round(time * 10)}" if self._in_rounds else f"{time:.3f} s"


def _line(event: Event, guilty: set[_Key], moment: _Moment) -> str:
    mark = ">" if _key(event) in guilty else " "
    who = "" if event.device is None else f"device {event.device} "
    return f"{mark} {moment.of(event):>9}  {who}{_what(event)}"


_VERBS = {
    "send": "sends",
    "receive": "receives",
    "undeliverable": "sends to nobody",
    "enter": "enters the critical section",
    "leave": "leaves the critical section",
    "end": "ends",
    "crash": "crashes",
    "restart": "restarts",
    "lose": "message lost:",
    "duplicate": "message duplicated:",
    "delay": "message delayed:",
}


def _what(event: Event) -> str:
    verb = _VERBS.get(event.kind, event.kind)
    if event.envelope is not None:
        return f"{verb} {safe_str(event.message)}"
    if event.kind == "fail":
        return f"fails: {event.subject.problem}"
    if event.kind == "log":
        return f"says: {safe_str(event.subject)}"
    return verb if event.subject is None else f"{verb} {safe_str(event.subject)}"
