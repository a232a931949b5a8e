"""What is said about the properties of a run, as lines and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from emulators.check.property import Property, Violation
from emulators.check.witness import Witness
from emulators.check.words import what_happens


def lines_of(properties: Iterable[Property], witness: Witness) -> Iterator[str]:
    """Return for each property that it holds, or how it is violated."""
    for one in properties:
        if one.violation is None:
            yield f"{one.name} holds: {one.sentence}"
        else:
            yield from violation_lines(one.violation, witness)


def violation_lines(violation: Violation, witness: Witness) -> Iterator[str]:
    """Return the reason, the guilty events in their order, and the hint."""
    yield f"{violation.property} is violated: {violation.sentence}"
    yield f"  {violation.reason}"
    for event in violation.events:
        yield f"    {witness.line(event)}"
    if violation.hint:
        yield f"  try: {violation.hint}"


def as_dict(one: Property, witness: Witness) -> dict[str, Any]:
    """Return a property and its verdict as plain values."""
    found = one.violation
    return {
        "name": one.name,
        "sentence": one.sentence,
        "holds": found is None,
        "reason": found.reason if found else "",
        "hint": found.hint if found else "",
        "events": [_event(event, witness) for event in found.events] if found else [],
    }


def _event(event: Any, witness: Witness) -> dict[str, Any]:
    place = witness.place(event)
    return {
        "kind": event[0],
        "time": event[1],
        "when": witness.when(event),
        "device": event[2],
        "text": what_happens(event),
        "file": place.file if place else None,
        "line": place.line if place else None,
    }
