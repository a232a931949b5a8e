"""The geometry of the space-time diagram."""

import pytest

from emulators.diagram.causes import Clocks, cone
from emulators.diagram.history import History
from emulators.diagram.parts import View
from emulators.diagram.plane import Point, about
from emulators.diagram.spacetime import MOST_ARROWS, event_at, line_at, spacetime_picture
from tests.framework.diagram.rows import Script, random_run


def made(rows, devices):
    history = History(devices)
    history.extend(rows)
    return history


def view(**given):
    return View(**{"width": 800, "height": 400, "column": 20, "lane": 60} | given)


def small():
    script = Script()
    script.round()
    arrived, lost = script.send(0, 1), script.send(1, 2)
    script.send(2, 2)
    script.add("enter", 1)
    script.receive(arrived)
    script.outside("lose", lost)
    script.add("leave", 1)
    script.round()
    script.add("crash", 2)
    script.add("restart", 2)
    script.add("end", 0)
    return made(script.rows, 3)


def test_an_arrow_goes_from_send_to_receive():
    picture = spacetime_picture(small(), view())
    line = picture.lines[0]
    assert line.tail == Point(view().x(1), view().y(0))
    assert line.tip == Point(view().x(5), view().y(1))
    assert [line.fate for line in picture.lines] == ["received", "lost", "flying"]


def test_a_lost_message_ends_between_the_lanes():
    line = spacetime_picture(small(), view()).lines[1]
    assert view().y(1) < line.tip.y < view().y(2)
    assert line.tip.x == view().x(6)


def test_rounds_are_shaded_one_after_the_other():
    picture = spacetime_picture(small(), view())
    assert [(shade.text, shade.odd) for shade in picture.shades] == [("1", False), ("2", True)]
    assert picture.shades[0].x + picture.shades[0].width == picture.shades[1].x
    assert [tick.text for tick in picture.ticks] == ["round 1", "round 2"]


def test_lanes_show_who_is_inside_down_and_over():
    lanes = spacetime_picture(small(), view()).lanes
    assert lanes[1].inside == ((view().x(4), 60),)
    assert lanes[2].crashed == ((view().x(9), 20),)
    assert lanes[0].ended
    assert lanes[0].ended[0][0] == view().x(11)


def test_without_rounds_there_are_times():
    script = random_run(4, 200, rounds=False)
    ticks = spacetime_picture(made(script.rows, 4), view(), measure=about(12)).ticks
    assert ticks
    assert all(tick.text.endswith(" s") for tick in ticks)


def test_a_swap_ends_the_rounds():
    script = Script()
    script.round()
    script.send(0, 1)
    script.add("swap")
    script.send(1, 0)
    picture = spacetime_picture(made(script.rows, 2), view())
    assert [(shade.x, shade.width) for shade in picture.shades] == [(60, 40)]


@pytest.mark.parametrize("column", [2.5, 8, 30])
@pytest.mark.parametrize("left", [0, 900, 4000])
def test_exactly_the_arrows_in_sight_are_found(column, left):
    history = made(random_run(6, 400, 3).rows, 6)
    seen = view(column=column, left=left)
    everything = spacetime_picture(history, view(column=column, width=1e6))
    shift = left
    wanted = {
        line.message
        for line in everything.lines
        if line.tip.x - shift >= seen.gutter and line.tail.x - shift <= seen.width
    }
    found = {line.message for line in spacetime_picture(history, seen).lines}
    assert wanted <= found
    assert len(found - wanted) <= 4  # just outside, with an end that may reach in


def test_far_out_there_are_densities_and_no_arrows():
    history = made(random_run(5, 3000).rows, 5)
    picture = spacetime_picture(history, view(column=0.1), selected=40, cone=cone(history, 40))
    assert picture.dense
    assert not picture.lines
    assert [mark.row for mark in picture.marks] == [40]
    assert max(band.share for band in picture.bands) == 1
    assert {band.relation for band in picture.bands} <= {"past", "future", "concurrent"}
    assert len(picture.bands) <= 5 * (800 / 3 + 2)


def test_too_many_arrows_become_densities():
    script = Script()
    sent = [script.send(0, 1) for _ in range(3 * MOST_ARROWS)]
    for serial in sent:
        script.receive(serial)
    history = made(script.rows, 2)
    middle = view(left=3 * MOST_ARROWS * 20 - 300)
    assert spacetime_picture(history, middle).dense


def test_past_future_and_concurrent_are_told_apart():
    history = made(random_run(4, 120, 2).rows, 4)
    selected = next(row for row in range(60, 200) if history.rows[row].kind == "receive")
    seen = view(left=selected * 20 - 400)
    picture = spacetime_picture(history, seen, cone=cone(history, selected), selected=selected)
    relations = {mark.relation for mark in picture.marks}
    assert {"selected", "past", "future", "concurrent"} <= relations
    assert sum(mark.relation == "selected" for mark in picture.marks) == 1
    [own] = [line for line in picture.lines if line.message == history.rows[selected].message]
    assert own.relation == "past"


@pytest.mark.parametrize("show", ["lamport", "vector"])
def test_clocks_do_not_overlap(show):
    history = made(random_run(5, 80, 2).rows, 5)
    picture = spacetime_picture(
        history, view(), clocks=Clocks(history), show=show, measure=about(12)
    )
    ends = {}
    labels = [mark for mark in picture.marks if mark.label]
    assert labels
    for mark in labels:
        assert ends.get((mark.device, mark.below), 0) <= mark.center.x
        ends[mark.device, mark.below] = mark.center.x + about(12)(mark.label)


def test_what_lies_at_a_point():
    picture = spacetime_picture(small(), view())
    mark = picture.marks[0]
    assert event_at(picture, mark.center) == mark.row
    assert event_at(picture, Point(799, 399)) is None
    line = picture.lines[0]
    middle = Point((line.tail.x + line.tip.x) / 2, (line.tail.y + line.tip.y) / 2)
    assert line_at(picture, middle) == line
    assert event_at(picture, middle) == line.start_row


def test_lanes_out_of_sight_are_left_out():
    history = made(random_run(50, 300).rows, 50)
    picture = spacetime_picture(history, view(lane=30, top=300))
    assert [lane.device for lane in picture.lanes] == list(range(10, 23))


def test_an_empty_history_has_an_empty_picture():
    picture = spacetime_picture(History(3), view())
    assert len(picture.lanes) == 3
    assert not picture.lines
    assert not picture.marks


def test_a_partition_is_shaded_from_its_beginning_to_its_healing():
    script = Script()
    script.round()
    script.add("partition", None, "0 | 1")
    script.send(0, 0)
    script.add("heal", None, "0 | 1")
    script.send(0, 1)
    look = view()
    (split,) = spacetime_picture(made(script.rows, 2), look).splits
    assert (split.x, split.x + split.width) == (look.x(1), look.x(3))
    assert split.text == "partition 0 | 1"


def test_a_partition_that_has_not_healed_is_shaded_up_to_the_present():
    script = Script()
    script.add("partition", None, "0 | 1")
    script.send(0, 0)
    picture = spacetime_picture(made(script.rows, 2), view())
    assert picture.splits[0].x + picture.splits[0].width == picture.cursor


def test_a_corrupted_message_is_marked_at_its_sender():
    script = Script()
    sent = script.send(0, 1)
    script.outside("corrupt", sent)
    picture = spacetime_picture(made(script.rows, 2), view())
    assert [(mark.kind, mark.device) for mark in picture.marks] == [("send", 0), ("corrupt", 0)]
