"""What is said about the properties of a run, as lines and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from emulators.check.property import Property, Violation
from emulators.check.witness import Witness
from emulators.check.words import what_happens
from emulators.errors import describe

Faults = Iterable[tuple[str, Exception]]
"""What properties have raised, with their names."""


def lines_of(
    properties: Iterable[Property], witness: Witness, faults: Faults = ()
) -> Iterator[str]:
    """Return for each property that it holds, how it is violated, or why it could not judge."""
    broken = dict(faults)
    for one in properties:
        if one.violation is not None:
            yield from violation_lines(one.violation, witness)
        elif one.name in broken:
            yield f"{one.name} could not be judged: {describe(broken[one.name])}"
            yield "  this is a mistake of the property, not of the program: please report it"
        else:
            yield f"{one.name} holds: {one.sentence}"


def violation_lines(violation: Violation, witness: Witness) -> Iterator[str]:
    """Return the reason, the guilty events in their order, and the hint."""
    yield f"{violation.property} is violated: {violation.sentence}"
    yield f"  {violation.reason}"
    for event in violation.events:
        yield f"    {witness.line(event)}"
    if violation.hint:
        yield f"  try: {violation.hint}"


def as_dict(one: Property, witness: Witness, faults: Faults = ()) -> dict[str, Any]:
    """Return a property and its verdict as plain values; `holds` is None where it is not known."""
    found = one.violation
    broken = dict(faults)
    return {
        "name": one.name,
        "sentence": one.sentence,
        "holds": None if found is None and one.name in broken else found is None,
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
