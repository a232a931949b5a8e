"""Conditions in one line, such as ``device[2].leader == 2``: read, checked, never executed.

A condition is asked after every message. It sees and changes nothing: it has no calls but those of
a few functions, properties of a device run on a shadow without a medium, and a look into a
dictionary never adds to it. What is not known yet does not hold. Here: the language and what its
names stand for. Not here: how expressions are worked out, see reading.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from emulators.catalogue import closest
from emulators.errors import Unresponsive, UsageError, describe
from emulators.kernel.clock import seconds
from emulators.stepping.looking import MISSING
from emulators.stepping.reading import Expression, Moment
from emulators.trace.events import Event

if TYPE_CHECKING:
    from emulators.SteppingEmulator import SteppingEmulator

Source = Callable[["SteppingEmulator", "Event | None"], Any]
"""What a name stands for at an event of a run."""


def violated(emulator: SteppingEmulator) -> list[str]:
    """Return the names of the properties that the run has violated so far."""
    if emulator.ended:
        emulator.judge()
    return [one.name for one in emulator.properties if one.violation is not None]


def _of_envelope(name: str) -> Source:
    def read(emulator: SteppingEmulator, event: Event | None) -> Any:
        envelope = event.envelope if event is not None else None
        return MISSING if envelope is None else getattr(envelope, name)

    return read


NAMES: dict[str, Source] = {
    "device": lambda emulator, event: {device._id: device for device in emulator.devices},
    "devices": lambda emulator, event: emulator.devices,
    "event": lambda emulator, event: event,
    "failures": lambda emulator, event: len(emulator.failures),
    "kind": lambda emulator, event: event.kind if event is not None else MISSING,
    "message": lambda emulator, event: event.message if event is not None else MISSING,
    "receiver": _of_envelope("destination"),
    "round": lambda emulator, event: emulator.number_of_rounds,
    "sender": _of_envelope("sender"),
    "step": lambda emulator, event: emulator.steps,
    "time": lambda emulator, event: seconds(emulator.scheduler.now),
    "violated": lambda emulator, event: violated(emulator),
}
"""The names of conditions."""

MOMENTARY = frozenset({"event", "kind", "message", "receiver", "sender"})
"""Names that speak of the last message, not of a state that lasts."""
EXAMPLE = "as in: device[2].leader == 2, round >= 5, message.type == 'Vote'"

_PHRASES = (
    (re.compile(r"round\s+(\d+)"), "round >= {}"),
    (re.compile(r"time\s+(\d+(?:\.\d+)?)"), "time >= {}"),
    (re.compile(r"step\s+(\d+)"), "step >= {}"),
    (re.compile(r"device\s+(\d+)"), "event.device == {}"),
    (re.compile(r"failures?()"), "failures > 0"),
    (re.compile(r"violated\s+([a-z_]+)"), "{!r} in violated"),
    (re.compile(r"([A-Z]\w*)"), "message.type == {!r}"),
)
"""Short forms: ``round 5``, ``device 2`` (sends or receives), ``Vote`` (a type of message)."""


class Predicate:
    """Holds or not after an event; raises nothing while a run goes on.

    `trouble` says what kept it from being worked out: None < 3, an attribute that nobody has. After
    trouble that costs too much it is `broken` and always holds, so that the run stops.
    """

    def __init__(self, text: str, expression: Expression) -> None:
        self.text = text
        self.momentary = bool(expression.names & MOMENTARY)
        self.broken = False
        self._expression = expression
        self._trouble = ""
        self._found: set[str] = set()
        self._unknown: set[str] = set()

    def __call__(self, emulator: SteppingEmulator, event: Event | None) -> bool:
        """Return whether the condition holds now."""
        if self.broken:
            return True
        moment = Moment({name: self._source(name, emulator, event) for name in self._names})
        try:
            value = self._expression.read(moment)
            holds = value is not MISSING and bool(value)
        except (Exception, SystemExit, Unresponsive) as error:
            self.broken = isinstance(error, (moment.TooMuch, Unresponsive))
            moment.trouble = moment.trouble or describe(error)
            holds = self.broken
        self._trouble = moment.trouble
        self._found |= moment.found
        self._unknown |= moment.unknown
        return holds

    @property
    def _names(self) -> set[str]:
        return self._expression.names

    def _source(self, name: str, emulator: SteppingEmulator, event: Event | None) -> Any:
        return lambda: NAMES[name](emulator, event)

    def check(self, emulator: SteppingEmulator) -> None:
        """Raise `UsageError` for a device that this run does not have."""
        known = emulator.ids
        for index in self._expression.indices:
            if index not in known:
                raise UsageError(
                    f"the condition {self.text}: there is no device {index!r}; "
                    f"there are 0 to {len(known) - 1}"
                )

    def trouble(self, emulator: SteppingEmulator) -> str:
        """Return why the condition could not be worked out, or nothing."""
        for name in sorted(self._unknown - self._found):
            hint = closest(name, _attributes(emulator))
            return f"nothing ever had an attribute {name!r}" + (
                f" (did you mean {hint}?)" if hint else ""
            )
        return self._trouble


def _attributes(emulator: SteppingEmulator) -> list[str]:
    names: dict[str, None] = {}
    for device in emulator.devices:
        names |= dict.fromkeys(vars(device))
    return list(names)


def parse(text: str, names: Mapping[str, Source] = NAMES) -> Predicate:
    """Return a condition that is written in one line; raise `UsageError` for what is none."""
    text = text.strip()
    if not text:
        raise UsageError(f"a condition is missing, {EXAMPLE}")
    full = text
    for phrase, meaning in _PHRASES:
        match = phrase.fullmatch(text)
        if match is not None and text not in ("True", "False", "None"):
            full = meaning.format(match[1])
    return Predicate(text, Expression(full, names))
