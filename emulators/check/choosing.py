"""From what was typed after ``--check`` to properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType

from emulators.catalogue import closest
from emulators.check.lectures import IN_LECTURES, Offer, promised, properties_of
from emulators.check.property import Property
from emulators.check.published import constants_of
from emulators.usage import UsageError

Choice = tuple[Offer, tuple[int, ...]]
"""What was chosen, and the number that was given with it, if any."""


def choices(wanted: Iterable[str], lecture: int, algorithm: str) -> list[Choice]:
    """Return what names mean: ``mutual_exclusion,fifo``, ``message_budget=18``, ``all``.

    Raises `UsageError` for a name that does not exist, with what was probably meant.
    """
    known = properties_of(lecture, algorithm)
    return [_choice(name, known) for name in dict.fromkeys(_names(wanted, lecture, algorithm))]


def made(chosen: Iterable[Choice], modules: Iterable[ModuleType] = ()) -> list[Property]:
    """Return new properties for a run of exercise modules."""
    constants = constants_of(modules)
    return [offer.make(constants, *number) for offer, number in chosen]


def pardon(properties: Iterable[Property], faulty: Iterable[int]) -> None:
    """Let byzantine devices decide what they like, where a property asks for decisions."""
    for one in properties:
        pardoned = getattr(one, "faulty", None)
        if isinstance(pardoned, set):
            pardoned |= {*faulty}


def _names(wanted: Iterable[str], lecture: int, algorithm: str) -> Iterator[str]:
    for text in wanted:
        for name in map(str.strip, text.split(",")):
            if name == "all":
                yield from _all(lecture, algorithm)
            else:
                yield name


def _all(lecture: int, algorithm: str) -> tuple[str, ...]:
    names = promised(lecture, algorithm)
    if not names:
        raise UsageError(
            f"--check all: lecture {lecture} names no properties for {algorithm}; "
            f"--check list --lecture {lecture} shows those that can be asked of it"
        )
    return names


def _choice(text: str, known: dict[str, Offer]) -> Choice:
    name, equals, number = text.partition("=")
    if name not in known:
        raise UsageError(_unknown(name, known))
    offer = known[name]
    if equals and not offer.numbered:
        raise UsageError(f"--check {text}: {name} takes no number")
    if equals and not number.isdecimal():
        raise UsageError(f"--check {text}: a whole number follows the =, as in {name}=10")
    if offer.needed and not equals:
        raise UsageError(f"--check {name}: how many? as in --check {name}=18")
    return offer, (int(number),) if equals else ()


def _unknown(name: str, known: dict[str, Offer]) -> str:
    elsewhere = [lecture for lecture, offers in IN_LECTURES.items() if name in offers]
    hint = closest(name, known)
    text = f"--check: there is no property {name!r}"
    if elsewhere:
        text = f"--check: {name} is a property of lecture {', '.join(map(str, elsewhere))}"
    elif hint:
        text += f"; did you mean {hint}?"
    return f"{text}; there are {', '.join(known)}"
