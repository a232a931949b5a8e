"""Points, shapes, colours, and text that has to fit."""

import math

from hypothesis import given
from hypothesis import strategies as st

from emulators.diagram.plane import (
    Box,
    Point,
    about,
    arrow_head,
    bent,
    color_of,
    curve,
    elided,
    ink_on,
    outline,
    stretch,
)


@given(st.text(max_size=40), st.floats(0, 300))
def test_shortened_text_fits(text, width):
    measure = about(10)
    shown = elided(text, width, measure)
    assert measure(shown) <= width or text == shown == ""
    assert shown == text or shown == "" or text.startswith(shown[:-1])


def test_boxes():
    box = Box(0, 0, 10, 10)
    assert box.meets(Box(9, 9, 5, 5))
    assert not box.meets(Box(10, 0, 5, 5))
    assert box.holds(Point(10, 10))
    assert Box(1, 1, 2, 2).within(box)
    assert not Box(9, 1, 2, 2).within(box)


def test_shapes_stay_within_their_reach():
    for shape in ("square", "diamond", "triangle", "hexagon", "star", "octagon"):
        corners = outline(shape, Point(0, 0), 10)
        assert max(math.hypot(*corner) for corner in corners) <= 10 * stretch(shape) + 1e-9
    assert outline("circle", Point(0, 0), 10) == outline("who knows", Point(0, 0), 10) == ()


def test_curves_begin_and_end_at_their_ends():
    one, other = Point(0, 0), Point(10, 0)
    control = bent(one, other, 0.2)
    assert control.y == 2
    assert curve(one, control, other, 0) == one
    assert curve(one, control, other, 1) == other
    assert arrow_head(other, one, 5)[0] == other


def test_colors_by_name():
    assert color_of(" Dark Green ") == "#1f6b42"
    assert color_of("#abc") == "#aabbcc"
    assert color_of("#ABCDEF") == "#abcdef"
    assert color_of('"/><script>') == color_of("#12345") == color_of("") == ""


def test_ink_is_read_on_its_ground():
    assert ink_on("#ffffff") == ink_on("#f2c230") == "#111111"
    assert ink_on("#000000") == ink_on("#274c9b") == "#ffffff"
