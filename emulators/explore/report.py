"""An answer in words, for a terminal and as plain values."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulators.errors import Place
from emulators.explore.answer import REACHED, VIOLATED, Answer, Counterexample
from emulators.usage import PROGRAM


def lines(answer: Answer) -> Iterator[str]:
    """Return an answer as it is printed."""
    yield f"Asked: {', '.join(answer.asked)}"
    example = answer.counterexample
    yield f"Answer: {_headline(answer)}"
    for reason in answer.because:
        yield f"  {reason}"
    if example is not None:
        yield from _of_example(example)
    yield f"Seen: {seen(answer)}"


def _headline(answer: Answer) -> str:
    example = answer.counterexample
    if answer.verdict in (VIOLATED, REACHED) and example is not None:
        return f"{answer.verdict}: {example.violation.sentence}"
    return answer.verdict


def seen(answer: Answer) -> str:
    """Return how much was looked at."""
    walks = f" in {answer.walks:,} walks" if answer.walks else ""
    rate = answer.states / answer.seconds if answer.seconds else 0.0
    return (
        f"{answer.states:,} states{walks}, {answer.moves:,} moves between them, "
        f"up to {answer.depth} deep; {answer.strategy}, {answer.seconds:.1f} s, "
        f"{rate:,.0f} states/s"
    )


def _of_example(example: Counterexample) -> Iterator[str]:
    yield f"  {example.violation.reason}"
    if example.violation.hint:
        yield f"  try: {example.violation.hint}"
    yield f"The run, {example.events} messages sent or received:"
    width = max((len(line.text) for line in example.lines), default=0)
    for number, line in enumerate(example.lines, start=1):
        yield f"  {number:3}  {line.text:{min(width, 60)}}  {where(line.place)}".rstrip()
    if example.change:
        yield f"It would not have happened {example.change}."
    if example.recording is not None:
        yield from commands(example.recording, example.config.exercises)


def where(place: Place | None) -> str:
    """Return a line of the student's code, with its text."""
    if place is None:
        return ""
    return f"{Path(place.file).name}:{place.line}  {place.source}"


def commands(recording: Path, exercises: Path) -> Iterator[str]:
    """Return how to see the run again."""
    from emulators.runner import EXERCISES

    folder = "" if exercises == EXERCISES else f" --exercises {shlex.quote(str(exercises))}"
    name = shlex.quote(str(recording))
    yield "See it again:"
    yield f"  python3 {PROGRAM}{folder} --replay {name}"
    yield f"  python3 {PROGRAM}{folder} --replay {name} --type stepping   (in steps, backwards too)"


def as_dict(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain values."""
    example = answer.counterexample
    return {
        "verdict": answer.verdict,
        "because": answer.because,
        "asked": answer.asked,
        "strategy": answer.strategy,
        "states": answer.states,
        "moves": answer.moves,
        "depth": answer.depth,
        "walks": answer.walks,
        "seconds": round(answer.seconds, 3),
        "counterexample": None if example is None else _example_as_dict(example),
    }


def _example_as_dict(example: Counterexample) -> dict[str, Any]:
    violation = example.violation
    return {
        "property": violation.property,
        "sentence": violation.sentence,
        "reason": violation.reason,
        "hint": violation.hint,
        "messages": example.events,
        "events": [
            {
                "text": line.text,
                "file": line.place.file if line.place else None,
                "line": line.place.line if line.place else None,
            }
            for line in example.lines
        ],
        "change": example.change,
        "schedule": example.schedule,
        "recording": str(example.recording) if example.recording else None,
    }
