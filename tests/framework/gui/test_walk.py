"""Walking through a run, without a window and without a thread."""

from pathlib import Path

import pytest

from emulators.errors import UsageError
from emulators.gui.rows import Rows
from emulators.gui.snapshot import EventRow
from emulators.gui.walk import Walk
from emulators.network.scenario import Network
from emulators.runner import RunConfig, in_steps
from tests.framework.gui.walking import TALK, config, go


class Shown:
    """What a window would have collected from the snapshots of a walk."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.events: list[EventRow] = []
        self.look()

    def look(self) -> None:
        go(self.walk)
        self.snapshot = self.walk.snapshot()
        del self.events[self.snapshot.kept :]
        self.events.extend(self.snapshot.events)

    def assert_is_the_trace(self) -> None:
        assert self.events == list(Rows().update(self.walk.stepper.trace)[1])


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(Walk(config(tmp_path)))


def step(shown: Shown, times: int = 1) -> None:
    for _ in range(times):
        shown.walk.step()
        shown.look()


def test_what_is_shown_equals_the_trace_wherever_one_goes(shown: Shown) -> None:
    walk = shown.walk
    moves = [
        walk.step,
        walk.step,
        walk.back,
        lambda: walk.go_to(9),
        lambda: walk.act("drop", shown.snapshot.waiting[0].serial),
        walk.step,
        lambda: walk.go_to(4),
        lambda: walk.act("duplicate", shown.snapshot.waiting[0].serial),
        lambda: walk.act("swap", 0),
        lambda: walk.act("crash", 1),
        lambda: walk.go_to(12),
        walk.back,
        lambda: walk.act("restart", 1),
        walk.finish,
        walk.back,
        lambda: walk.travel(1, 7),
        lambda: walk.restart(False),
        lambda: walk.go_to(5),
        lambda: walk.restart(True),
        walk.finish,
    ]
    for move in moves:
        move()
        shown.look()
        shown.assert_is_the_trace()
    assert shown.snapshot.ended


def test_a_step_is_one_message_and_names_what_it_changed(shown: Shown) -> None:
    step(shown)
    assert [(one.kind, one.device, one.text) for one in shown.snapshot.events] == [
        ("send", shown.events[-1].device, shown.events[-1].text)
    ]
    while shown.events[-1].kind != "receive":
        step(shown)
    receiver = shown.events[-1].device
    step(shown)
    assert receiver is not None
    assert {"heard", "leader"} >= shown.snapshot.devices[receiver].changed


def test_an_address_in_memory_is_no_change(tmp_path: Path) -> None:
    source = TALK.replace("self.leader = None", "self.leader = object()")
    shown = Shown(Walk(config(tmp_path, source)))
    step(shown, 3)
    shown.walk.back()
    shown.look()
    assert all("leader" not in device.changed for device in shown.snapshot.devices)


def test_what_is_printed_is_that_up_to_where_the_run_stands(shown: Shown) -> None:
    shown.walk.finish()
    shown.look()
    everything = shown.snapshot.output
    assert everything.count("is done") == 3
    assert "heard 4" in everything
    assert "Total 15 messages" in everything
    shown.walk.back()
    shown.look()
    assert "heard" not in shown.snapshot.output
    shown.walk.go_to(3)
    shown.look()
    assert shown.snapshot.output == ""
    shown.walk.finish()
    shown.look()
    assert _without_time(shown.snapshot.output) == _without_time(everything)


def _without_time(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "elapsed" not in line)


def test_a_run_stops_where_a_breakpoint_becomes_true_and_not_at_once_again(shown: Shown) -> None:
    shown.walk.add_breakpoint("round 3")
    shown.walk.run(0)
    shown.look()
    assert (shown.snapshot.round, shown.walk.notes) == (3, ["Breakpoint: round 3"])
    shown.walk.run(0)
    shown.look()
    assert shown.snapshot.ended


def test_a_breakpoint_on_messages_stops_at_each_of_them(shown: Shown) -> None:
    text = "message.text == 2 and kind == 'send'"
    shown.walk.add_breakpoint(text)
    stops = []
    while not shown.snapshot.ended:
        shown.walk.run(0)
        shown.look()
        stops.append(shown.events[-1].text)
    assert len(stops[:-1]) == 3
    assert all(text.endswith(": 2") for text in stops[:-1])


def test_running_until_a_device_is_in_a_state(shown: Shown) -> None:
    shown.walk.run_until("device[2].leader == 1")
    shown.look()
    assert dict(shown.snapshot.devices[2].state)["leader"] == "1"
    shown.walk.run_until("device[2].leader == 1")
    assert shown.walk.notes == ["`device[2].leader == 1` is true already"]


def test_what_never_comes_true_is_said_with_the_reason(shown: Shown) -> None:
    shown.walk.run_until("device[2].leeder == 1")
    shown.look()
    (note,) = shown.walk.notes
    assert note.startswith("the run is over; `device[2].leeder == 1` did not come true")
    assert "an attribute 'leeder' (did you mean leader?)" in note


def test_the_next_event_of_a_device(shown: Shown) -> None:
    for _ in range(4):
        shown.walk.next_of_device(1)
        shown.look()
        assert shown.events[-1].device == 1


def test_two_branches_are_compared_and_the_run_stays_where_it_was(shown: Shown) -> None:
    shown.walk.go_to(8)
    shown.look()
    shown.walk.back()
    shown.look()
    shown.walk.act("drop", shown.snapshot.waiting[0].serial)
    shown.look()
    left, right = shown.walk.compared(1, 2)
    assert left[: len(right) - 1] == right[:-1]
    assert right[-1].kind == "lose"
    shown.look()
    assert shown.snapshot.position == 7
    shown.assert_is_the_trace()


def test_a_file_changed_on_the_way_shows_as_it_is_now(tmp_path: Path) -> None:
    shown = Shown(Walk(config(tmp_path)))
    step(shown, 5)
    config(tmp_path, TALK.replace("range(5)", "range(1)"))
    shown.walk.back()
    shown.look()
    shown.assert_is_the_trace()


def test_going_back_is_exact_though_the_file_was_changed_on_the_way(tmp_path: Path) -> None:
    shown = Shown(Walk(config(tmp_path)))
    step(shown, 5)
    before = list(shown.events)
    config(tmp_path, "class Talker(")
    shown.walk.back()
    step(shown)
    assert shown.events == before


def test_a_file_broken_before_a_restart_is_said_and_mending_it_helps(tmp_path: Path) -> None:
    shown = Shown(Walk(config(tmp_path)))
    step(shown, 5)
    config(tmp_path, "class Talker(")
    with pytest.raises(UsageError, match=r"exercise1.py, line 1"):
        shown.walk.restart(False)
    with pytest.raises(UsageError):
        shown.walk.step()
    config(tmp_path)
    step(shown)
    shown.assert_is_the_trace()


def test_texts_that_raise_are_shown_as_such(tmp_path: Path) -> None:
    source = TALK.replace('return f"Hello', 'raise ValueError(1); return f"').replace(
        "self.leader = None", "self.leader = Bad()"
    )
    source += "\nclass Bad:\n    def __repr__(self):\n        return 1 / 0\n"
    source += "    def __str__(self):\n        return 1 / 0\n"
    shown = Shown(Walk(config(tmp_path, source)))
    step(shown)
    assert shown.events[-1].text == "<Hello: its __str__ raises ValueError: 1>"
    assert "ZeroDivisionError" in dict(shown.snapshot.devices[0].state)["leader"]


def test_the_looks_of_a_device_come_from_its_file(tmp_path: Path) -> None:
    source = TALK + (
        "    def appearance(self):\n"
        "        if self.index == 2: raise ValueError('none')\n"
        "        return {'text': self.index * 11, 'color': 'red', 'shape': 'square'}\n"
    )
    devices = Shown(Walk(config(tmp_path, source))).snapshot.devices
    assert (devices[1].text, devices[1].color, devices[1].shape) == ("11", "red", "square")
    assert devices[2].text == "appearance(): none"


def test_a_device_that_failed_is_not_one_that_ended(tmp_path: Path) -> None:
    source = TALK.replace('print("device"', "1 / self.index; print('device'")
    shown = Shown(Walk(config(tmp_path, source)))
    shown.walk.finish()
    shown.look()
    assert [device.failed for device in shown.snapshot.devices] == [True, False, False]
    assert "exercise1.py, line" in shown.snapshot.failures[0]


def test_a_saved_run_is_opened_where_it_was(shown: Shown, tmp_path: Path) -> None:
    shown.walk.go_to(6)
    shown.look()
    shown.walk.act("drop", shown.snapshot.waiting[0].serial)
    step(shown, 2)
    events = list(shown.events)
    shown.walk.save(tmp_path / "run.jsonl")
    shown.walk.restart(True)
    shown.walk.open(tmp_path / "run.jsonl")
    shown.look()
    assert shown.events == events
    with pytest.raises(UsageError):
        shown.walk.open(tmp_path / "none.jsonl")
    shown.look()
    assert shown.events == events


def test_many_devices_are_looked_at_one_by_one(tmp_path: Path) -> None:
    shown = Shown(Walk(config(tmp_path, devices=100)))
    assert all(not device.state for device in shown.snapshot.devices)
    shown.walk.inspect(70)
    shown.look()
    assert [device.index for device in shown.snapshot.devices if device.state] == [70]


def test_a_walk_of_an_ordinary_configuration_has_the_events_of_the_run(tmp_path: Path) -> None:
    made = config(tmp_path)
    shown = Shown(Walk(made))
    shown.walk.finish()
    shown.look()
    _, stepper = in_steps(RunConfig(1, "Talker", "stepping", 3, seed=1, exercises=tmp_path))
    stepper.finish()
    assert shown.events == list(Rows().update(stepper.trace)[1])
    stepper.close()


# -- hostile networks


def test_a_snapshot_tells_of_the_topology_and_of_partitions(tmp_path: Path) -> None:
    split = {"groups": "halves", "start": 2, "heal": 4}
    network = Network.parse({"topology": "line", "partition": [split]})
    shown = Shown(Walk(config(tmp_path, network=network)))
    assert shown.snapshot.edges == ((0, 1), (1, 2))
    assert shown.snapshot.places == ((0.0, 0.5), (0.5, 0.5), (1.0, 0.5))
    seen = set()
    while not shown.snapshot.ended:
        seen.add(shown.snapshot.splits)
        step(shown)
    assert seen == {(), (((0,), (1, 2)),)}
    texts = [row.text for row in shown.events if row.kind in ("partition", "heal")]
    assert texts == ["0 | 1 2", "0 | 1 2"]


def test_what_is_shown_over_a_hostile_network_equals_the_trace(tmp_path: Path) -> None:
    walk = Walk(config(tmp_path, network=Network.load("chaos")))
    shown = Shown(walk)
    for move in (lambda: walk.go_to(12), walk.back, walk.back, walk.step, walk.finish):
        move()
        shown.look()
        shown.assert_is_the_trace()


def test_without_a_network_a_snapshot_tells_of_no_topology(shown: Shown) -> None:
    assert (shown.snapshot.edges, shown.snapshot.places, shown.snapshot.splits) == (None, (), ())
