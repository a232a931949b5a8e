"""Prints the properties there are, with their sentences, and those that an algorithm promises."""

from __future__ import annotations

from emulators.check.lectures import IN_LECTURES, PROPERTIES, Offer, promised, properties_of
from emulators.lectures import LECTURES
from emulators.usage import UsageError


def print_properties(lecture: int | None, algorithm: str | None) -> None:
    """Print all properties, or those of a lecture; a star marks what `--check all` asks for."""
    if lecture is None:
        _print_all()
        return
    if lecture not in LECTURES:
        known = ", ".join(map(str, LECTURES))
        raise UsageError(f"there is no lecture {lecture}; there are {known}")
    stars = promised(lecture, algorithm) if algorithm else ()
    _print(properties_of(lecture, algorithm or ""), stars)
    if stars:
        print(f"* what {algorithm} promises: --check all")


def _print_all() -> None:
    print("Of any program:")
    _print(PROPERTIES)
    for lecture, offers in IN_LECTURES.items():
        print(f"Of lecture {lecture}:")
        _print(offers)


def _print(offers: dict[str, Offer], stars: tuple[str, ...] = ()) -> None:
    for name, offer in offers.items():
        number = "=N" if offer.numbered else ""
        print(f"{'*' if name in stars else ' '} {name + number:22}{offer.kind.sentence}")
