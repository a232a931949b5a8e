"""The cuts of snapshots, drawn through the lanes."""

from emulators.diagram.history import History
from emulators.diagram.parts import View
from emulators.diagram.spacetime import spacetime_picture
from emulators.diagram.svg import spacetime_svg
from tests.framework.diagram.rows import Script

TEXT = "records its state for snapshot"
VIEW = View(width=800, height=400, column=20, lane=60)


def cut_at(script, *devices, snapshot=1):
    for device in devices:
        script.add("cut", device, f"{TEXT} {snapshot}")


def history_of(script, devices=4):
    history = History(devices)
    history.extend(script.rows)
    return history


def cuts(script, view=VIEW):
    return spacetime_picture(history_of(script), view).cuts


def test_a_cut_joins_the_records_from_the_first_lane_to_the_last():
    script = Script()
    cut_at(script, 2, 0, 1, 3)
    (cut,) = cuts(script)
    assert cut.name == "snapshot 1"
    assert [point.x for point in cut.points[1:-1]] == [VIEW.x(row) for row in (1, 2, 0, 3)]
    assert [point.y for point in cut.points[1:-1]] == [VIEW.y(device) for device in range(4)]
    assert cut.points[0].y < VIEW.y(0)
    assert cut.points[-1].y > VIEW.y(3)


def test_where_a_device_has_not_recorded_the_cut_is_open():
    script = Script()
    cut_at(script, 0, 1, 3)
    upper, lower = cuts(script)
    assert (len(upper.points), upper.name) == (4, "snapshot 1")
    assert (len(lower.points), lower.name) == (3, "")


def test_snapshots_are_told_apart():
    script = Script()
    cut_at(script, 0, 1)
    cut_at(script, 1, 0, snapshot=2)
    assert [cut.name for cut in cuts(script)] == ["snapshot 1", "snapshot 2"]


def test_a_second_record_of_a_snapshot_moves_nothing():
    script = Script()
    cut_at(script, 0, 1)
    before = cuts(script)
    cut_at(script, 0)
    assert cuts(script) == before


def test_what_is_out_of_sight_is_not_drawn():
    script = Script()
    cut_at(script, 0, 1)
    for _ in range(100):
        script.receive(script.send(0, 1))
    assert cuts(script, View(width=400, height=400, column=20, lane=60, left=2000)) == ()


def test_a_cut_is_forgotten_with_its_events():
    script = Script()
    cut_at(script, 0, 1)
    script.send(0, 1)
    cut_at(script, 0, snapshot=2)
    history = history_of(script)
    history.keep(3)
    assert [cut.name for cut in spacetime_picture(history, VIEW).cuts] == ["snapshot 1"]
    history.keep(1)
    assert len(spacetime_picture(history, VIEW).cuts[0].points) == 3
    history.keep(0)
    assert spacetime_picture(history, VIEW).cuts == ()


def test_a_drawing_names_the_snapshot():
    class Palette:
        accent = "#123456"

    script = Script()
    cut_at(script, 0, 1)
    drawing = spacetime_svg(spacetime_picture(history_of(script), VIEW), Palette())
    assert ">snapshot 1</text>" in drawing
    assert 'stroke="#123456"' in drawing
