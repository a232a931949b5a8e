"""What a property is: an observer of a run that can say in words how the run violates it.

A property is a monitor in the sense of runtime verification (Leucker and Schallhart 2009): a
function of the events so far, with a state of its own. It sees and never changes a run. A search
forks it, compares its state and asks it at every event; a run asks it at its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.kernel.clock import seconds
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

    What it remembers are plain values in lists, sets and dictionaries, so that `fork` and `state`
    are cheap and right. What only the report needs, such as the guilty events, goes into attributes
    that begin with an underscore: they are no part of the state. It calls `violated` where the run
    breaks it; the first violation is the one that is reported.
    """

    name = ""
    """As on the command line: ``mutual_exclusion``."""
    sentence = ""
    """In English: ``At most one device is in the critical section.``"""
    calls: tuple[str, ...] = ()
    """Methods above or beside a device that the property wants to be told of: ``deliver`` …"""

    number_of_devices = 0

    def __init__(self) -> None:
        self.violation: Violation | None = None
        self._round = 0

    def on_round(self, event: RawEvent) -> None:
        """Remember the round, so that a reason can name it."""
        self._round = event[3]

    def when(self, event: RawEvent) -> str:
        """Return in words when the present event happens: in which round, or at what time."""
        if self._round:
            return f"in round {self._round}"
        return f"at {seconds(event[1]):.6g} virtual seconds"

    def begin(self, number_of_devices: int) -> None:
        """Get ready for a run of so many devices; called once, before the first event."""
        self.number_of_devices = number_of_devices

    def end(self, run: Simulation) -> None:
        """Judge what can only be judged when a run is over (liveness, results)."""

    def violated(self, reason: str, *events: RawEvent, hint: str = "") -> None:
        """Note the first violation."""
        if self.violation is None:
            self.violation = Violation(self.name, self.sentence, reason, events, hint)

    # -- for a search

    def fork(self) -> Property:
        """Return an independent copy, to be told of another future."""
        copied = object.__new__(type(self))
        copied.__dict__ = {name: _copied(value) for name, value in vars(self).items()}
        return copied

    def state(self) -> Hashable:
        """Return all that the property's further judgement depends on.

        Two copies with equal states judge every future alike; times and serial numbers do not
        belong in it where they do not matter.
        """
        return tuple(
            frozen(value) for name, value in vars(self).items() if not name.startswith("_")
        )


def _copied(value: Any) -> Any:
    """Return a copy of nested collections; what else they hold does not change and is shared."""
    if isinstance(value, dict):
        copied = value.copy()
        for key, item in copied.items():
            copied[key] = _copied(item)
        return copied
    if isinstance(value, set):
        return value.copy()
    if isinstance(value, (list, deque)):
        return type(value)(map(_copied, value))
    return value


def frozen(value: Any) -> Hashable:
    """Return a hashable stand-in for plain values and collections of them."""
    if isinstance(value, dict):
        return frozenset((frozen(key), frozen(item)) for key, item in value.items())
    if isinstance(value, (set, frozenset)):
        return frozenset(map(frozen, value))
    if isinstance(value, (list, tuple, deque)):
        return tuple(map(frozen, value))
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value  # type: ignore[no-any-return]
