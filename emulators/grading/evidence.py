"""The evidence for a failure: the events that lead to it in words, its recording, the commands."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulators.check.witness import Witness
from emulators.check.words import what_happens
from emulators.grading.graded_run import GradedRun, graded_run, identity
from emulators.grading.picture import diagram
from emulators.grading.verdict import Evidence
from emulators.runner import EXERCISES, RunConfig
from emulators.trace.events import Event
from emulators.usage import PROGRAM
from emulators.virtual.loader import PROJECT

LINES = 12
"""Events that are shown before the one that completes a failure, at most."""
_HIDDEN = frozenset({"todo", "round"})
_OF_CODE = frozenset({"send", "receive"})


def evidence(run: GradedRun, context: str, recording: Path | None) -> Evidence:
    """Return what shows the failure of a run; record it again for a replay where there is a place.

    `context` says how many runs failed.
    """
    replay = ""
    if run.hangs:
        recording = None
        replay = _same_run(run.config)
    if recording is not None:
        recording.parent.mkdir(parents=True, exist_ok=True)
        replay = replay_of(recording, run.config)
    witness = Witness()
    if not run.hangs:
        graded_run(run.config, record=recording, observers=[witness])
    return Evidence(
        run=f"{described(run.config)}; {context}",
        lines=tuple(excerpt(run, witness)),
        recording=recording,
        replay=replay,
        window=f"{replay} --gui" if replay else "",
        picture=diagram(list(run.trace)[: run.length], run.config.devices),
    )


def described(config: RunConfig) -> str:
    """Return a run in a few words."""
    return f"{config.algorithm}, {config.type}, {config.devices} devices, seed {config.seed}"


def replay_of(recording: Path, config: RunConfig) -> str:
    """Return the command that runs a recording again."""
    parts = ["python3", _shown(PROJECT / PROGRAM), "--replay", _shown(recording)]
    return shlex.join([*parts, *_folder(config), *_checks(config)])


def _same_run(config: RunConfig) -> str:
    """Return the command for a run that is not worth a recording, or nothing for a special one."""
    plain = RunConfig(config.lecture, config.algorithm, config.type, config.devices, config.seed)
    if replace(config, exercises=EXERCISES, checks=()) != plain:
        return ""
    what = ("lecture", "algorithm", "type", "devices", "seed")
    parts = [part for name in what for part in (f"--{name}", str(getattr(config, name)))]
    return shlex.join(
        ["python3", _shown(PROJECT / PROGRAM), *parts, *_folder(config), *_checks(config)]
    )


def _checks(config: RunConfig) -> list[str]:
    return ["--check", ",".join(config.checks)] if config.checks else []


def _folder(config: RunConfig) -> list[str]:
    return [] if config.exercises == EXERCISES else ["--exercises", _shown(config.exercises)]


def _shown(path: Path) -> str:
    """Return a path as it is typed from here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return path.as_posix() if relative.startswith(os.pardir) else Path(relative).as_posix()


# -- the trace in words


def excerpt(run: GradedRun, witness: Witness) -> list[str]:
    """Return the events that lead to the failure, the guilty ones marked with ``>``.

    A witness of the same run knows the lines of code behind them.
    """
    guilty = set(map(identity, run.violations[0].events)) if run.violations else set()
    events = [event for event in list(run.trace)[: run.length] if event.kind not in _HIDDEN]
    shown = events[-LINES:]
    before = [event for event in events[:-LINES] if identity(event) in guilty][-LINES:]
    lines = [_line(event, guilty, witness) for event in before]
    if len(events) > len(shown) + len(before):
        lines.append("  …")
    return lines + [_line(event, guilty, witness) for event in shown]


def _line(event: Event, guilty: set[Any], witness: Witness) -> str:
    mark = ">" if identity(event) in guilty else " "
    what = _what(event)
    place = witness.place(event)
    where = f"  (line {place.line})" if place and event.kind in _OF_CODE else ""
    return f"{mark} {witness.when(event):>9}  {what}{where}"


def _what(event: Event) -> str:
    if event.kind == "fail":
        return str(event.subject.headline)
    return what_happens(event)
