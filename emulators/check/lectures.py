"""Which properties there are, and which of them the algorithms of a lecture promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from emulators.catalogue import closest
from emulators.check.linearizable import Linearizable
from emulators.check.liveness import Deadlock, MessageBudget, Termination
from emulators.check.mutex import EntryOrder, EveryoneEnters, Fairness, MutualExclusion
from emulators.check.order import Causal, Fifo, TotalOrder
from emulators.check.property import Property
from emulators.usage import UsageError

Maker = Callable[..., Property]

PROPERTIES: dict[str, Maker] = {
    made.name: made
    for made in (
        MutualExclusion,
        Deadlock,
        EveryoneEnters,
        Fairness,
        EntryOrder,
        Fifo,
        Causal,
        TotalOrder,
        Termination,
        MessageBudget,
        Linearizable,
    )
}
"""Properties that need to know no algorithm: they can be asked of any program."""

NUMBERED = frozenset({"message_budget", "everyone_enters", "fairness"})
"""Those that take a number: ``message_budget=18``."""

_MUTEX = ("mutual_exclusion", "deadlock", "everyone_enters", "fairness")
_PROMISED: dict[int, dict[str, tuple[str, ...]]] = {
    4: {
        "Pinger": ("termination",),
        "ChangRoberts": ("termination",),
        "Bully": ("termination",),
        "RicartAgrawala": (*_MUTEX, "entry_order"),
        "": _MUTEX,
    },
    15: {"": ("linearizable",)},
}
"""For each lecture the properties of its algorithms; "" stands for all others."""


def properties_of(lecture: int | None) -> dict[str, Maker]:
    """Return all properties that can be asked of the programs of a lecture."""
    return PROPERTIES


def sentence_of(make: Maker) -> str:
    """Return the sentence of the property that is made."""
    made: Any = getattr(make, "func", make)
    sentence: str = made.sentence
    return sentence


def promised(lecture: int, algorithm: str) -> tuple[str, ...]:
    """Return what an algorithm promises, found by its name or a part of it."""
    known = _PROMISED.get(lecture, {})
    names = [name for name in known if name and name in algorithm]
    best = max(names, key=len, default="")
    return known.get(best, ())


def chosen(wanted: Iterable[str], lecture: int, algorithm: str) -> list[Property]:
    """Return new properties for what was typed: names, ``name=number``, ``all``.

    Raises `UsageError` for a name that does not exist, with what was probably meant.
    """
    names = [name.strip() for text in wanted for name in text.split(",")]
    expanded = [
        one for name in names for one in (_all(lecture, algorithm) if name == "all" else [name])
    ]
    return [_made(name, properties_of(lecture)) for name in dict.fromkeys(expanded)]


def _all(lecture: int, algorithm: str) -> tuple[str, ...]:
    names = promised(lecture, algorithm)
    if not names:
        raise UsageError(
            f"--check all: lecture {lecture} names no properties for {algorithm}; "
            "--check list shows those that can be asked of any program"
        )
    return names


def _made(text: str, known: dict[str, Maker]) -> Property:
    name, equals, number = text.partition("=")
    if name not in known:
        hint = closest(name, known)
        raise UsageError(
            f"--check: there is no property {name!r}"
            + (f"; did you mean {hint}?" if hint else "")
            + f"; there are {', '.join(known)}"
        )
    if equals and name not in NUMBERED:
        raise UsageError(f"--check {text}: {name} takes no number")
    if equals and not number.isdecimal():
        raise UsageError(f"--check {text}: a whole number follows the =, as in {name}=10")
    if not equals and name == "message_budget":
        raise UsageError("--check message_budget: how many? as in --check message_budget=18")
    return known[name](int(number)) if equals else known[name]()
