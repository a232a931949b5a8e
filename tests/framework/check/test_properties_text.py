"""The page about properties has them all, as they are."""

import pytest

from emulators.check.lectures import IN_LECTURES, PROPERTIES, Offer, lectures_of
from tests.framework.commands import ROOT

TEXT = (ROOT / "docs/properties.md").read_text(encoding="utf-8")


def name_of(name: str, offer: Offer) -> str:
    return f"`{name}=N`" if offer.numbered else f"`{name}`"


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_general_property_has_a_line(name: str) -> None:
    lectures = ", ".join(map(str, lectures_of(name)))
    offer = PROPERTIES[name]
    assert f"| {name_of(name, offer)} | {offer.kind.sentence} | {lectures} |\n" in TEXT


@pytest.mark.parametrize("lecture", IN_LECTURES)
def test_the_properties_of_a_lecture_have_lines(lecture: int) -> None:
    for name, offer in IN_LECTURES[lecture].items():
        if name in PROPERTIES and offer.kind is PROPERTIES[name].kind:
            continue  # the general one over another view
        line = f" | {name_of(name, offer)} | {offer.kind.sentence} |"
        lectures = next(row for row in TEXT.splitlines() if row.endswith(line))
        assert str(lecture) in lectures.removesuffix(line).strip("| ").split(", ")
