"""What a property is: an observer of a run that can say in words how the run violates it.

A property is a monitor in the sense of runtime verification (Leucker and Schallhart 2009): a
function of the events so far, with a state of its own. It sees and never changes a run. A search
forks it, compares its state and asks it at every event; a run asks it at its end.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.trace.events import Observer, RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


@dataclass(frozen=True)
class Violation:
    """One violation: the reason in terms of devices, messages and rounds, and the guilty events.

    `events` are copies of the events that show it, the last one completes it; `sentence` is what
    should have held. `hint` says what to look at, or nothing.
    """

    property: str
    sentence: str
    reason: str
    events: tuple[RawEvent, ...] = ()
    hint: str = ""


class Property(Observer):
    """One property of runs. A subclass has a `name`, a `sentence`, and ``on_<kind>(event)``.

    What it remembers are plain values, so that `fork` and `state` are cheap and right. It calls
    `violated` where the run breaks it; the first violation is the one that is reported.
    """

    name = ""
    """As on the command line: ``mutual_exclusion``."""
    sentence = ""
    """In English: ``At most one device is in the critical section.``"""

    def __init__(self) -> None:
        self.violation: Violation | None = None

    def begin(self, number_of_devices: int) -> None:
        """Get ready for a run of so many devices; called once, before the first event."""

    def end(self, run: Simulation) -> None:
        """Judge what can only be judged when a run is over (liveness, results)."""

    def violated(self, reason: str, *events: RawEvent, hint: str = "") -> None:
        """Note the first violation."""
        if self.violation is None:
            self.violation = Violation(self.name, self.sentence, reason, events, hint)

    # -- for a search

    def fork(self) -> Property:
        """Return an independent copy, to be told of another future."""
        return copy.deepcopy(self)

    def state(self) -> Hashable:
        """Return all that the property's further judgement depends on.

        Two copies with equal states judge every future alike; times and serial numbers do not
        belong in it where they do not matter.
        """
        return tuple(sorted((name, _frozen(value)) for name, value in vars(self).items()))


def _frozen(value: Any) -> Hashable:
    """Return a hashable stand-in for plain values and collections of them."""
    if isinstance(value, dict):
        return frozenset((_frozen(key), _frozen(item)) for key, item in value.items())
    if isinstance(value, (set, frozenset)):
        return frozenset(map(_frozen, value))
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    hash(value)
    return value  # type: ignore[no-any-return]
