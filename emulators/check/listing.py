"""Prints the properties there are, with their sentences, and those that an algorithm promises."""

from __future__ import annotations

from emulators.check.lectures import promised, properties_of, sentence_of
from emulators.lectures import LECTURES
from emulators.usage import UsageError


def print_properties(lecture: int | None, algorithm: str | None) -> None:
    """Print all properties, or those of a lecture; a star marks what `--check all` asks for."""
    if lecture is not None and lecture not in LECTURES:
        known = ", ".join(map(str, LECTURES))
        raise UsageError(f"there is no lecture {lecture}; there are {known}")
    properties = properties_of(lecture)
    stars = promised(lecture, algorithm) if lecture is not None and algorithm else ()
    width = max(map(len, properties))
    for name, make in properties.items():
        mark = "*" if name in stars else " "
        print(f"{mark} {name:{width}}  {sentence_of(make)}")
    if stars:
        print(f"* what {algorithm} promises: --check all")
