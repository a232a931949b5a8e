"""Snapshots are judged: consistent cuts, exact channels, no money made or lost."""

import pytest

from emulators.check.snapshot import ChannelStates, Conservation, ConsistentCut
from emulators.trace.events import KINDS, listen
from tests.exercises.pasting import pasted
from tests.running import run

ALL = [Conservation, ConsistentCut, ChannelStates]
FREE = {"BALANCE": 200, "TRANSFERS": 12, "SNAPSHOTS": 4}
SCRIPT = """StartMaster
CreateNode 7 100
CreateNode 8 100
CreateNode 9 0
Send 7 8 10
BeginSnapshot 8
Send 7 8 20
Send 8 9 5
Receive 9 8
Receive 9 8
Receive 8 7
Receive 8 7
ReceiveAll
CollectState
"""


def reason(judge, result):
    """What a property says about a run; nothing where it holds."""
    judge = judge()
    heard = {kind: [] for kind in KINDS}
    listen(heard, judge)
    for event in result.trace:
        for hear in heard[event.kind]:
            hear(tuple(event))
    return "" if judge.violation is None else judge.violation.reason


def wrong(tmp_path, *edits, **options):
    """Run the solution with a mistake in it."""
    text = pasted("exercise13")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "exercise13.py").write_text(text, encoding="utf-8")
    return run(13, "Bank", exercises=tmp_path, **{"devices": 6, "type": "async", **options})


def caught(judge, tmp_path, *edits):
    """What a property says about the first run that shows a mistake."""
    for seed in range(20):
        found = reason(judge, wrong(tmp_path, *edits, seed=seed, settings=FREE))
        if found:
            return found
    return ""


@pytest.mark.parametrize("judge", ALL)
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("settings", [FREE, {"SCRIPT": SCRIPT}], ids=["free", "script"])
def test_the_solution_takes_right_snapshots(judge, kind, settings):
    for seed in range(5):
        result = run(13, "Bank", kind, 6, seed, solution=True, settings=settings)
        assert reason(judge, result) == ""
        assert "together" in result.output
        assert "not complete" not in result.output


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        (Conservation, "the bank has 800"),
        (ConsistentCut, "after its record, and node"),
        (ChannelStates, "was on its way"),
    ],
)
def test_without_fifo_every_property_is_violated_at_some_seed(judge, words):
    settings = {**FREE, "FIFO": False}
    runs = (
        run(13, "Bank", "async", 6, seed, solution=True, settings=settings) for seed in range(9)
    )
    found = [reason(judge, result) for result in runs]
    assert any(words in text for text in found)


def test_money_that_is_not_recorded_is_lost(tmp_path):
    edit = ("record.channels[message.source].append(message.amount)", "pass")
    assert caught(Conservation, tmp_path, edit).endswith("was lost")
    assert "nothing, but" in caught(ChannelStates, tmp_path, edit)


def test_money_that_is_recorded_after_the_token_is_made(tmp_path):
    edit = ("if message.source in record.open:", "if message.source in record.channels:")
    assert caught(Conservation, tmp_path, edit).endswith("was made")


def test_the_names_in_a_reason_are_those_of_the_script(tmp_path):
    edit = ("record.channels[message.source].append(message.amount)", "pass")
    result = wrong(tmp_path, edit, devices=5, settings={"SCRIPT": SCRIPT})
    assert reason(ChannelStates, result) == (
        "snapshot 1: the state of channel 7 -> 8 is nothing, but 10, 20 was on its way"
    )


def test_a_record_that_is_complete_too_early_is_named(tmp_path):
    start = "self.record(snapshot)\n"
    edit = (start, f"{start}        self.records[snapshot].open.clear()\n")
    script = SCRIPT.replace("BeginSnapshot 8\n", "BeginSnapshot 8\nCollectState\n")
    result = wrong(tmp_path, edit, devices=5, settings={"SCRIPT": script})
    assert reason(ChannelStates, result) == (
        "snapshot 1: channel 7 -> 8 is complete before both ends have recorded"
    )


def test_no_arrow_crosses_a_cut_the_wrong_way_in_a_script():
    """Received before the own cut means sent before the other cut: as a picture shows it."""
    result = run(13, "Bank", "async", 5, 1, solution=True, settings={"SCRIPT": SCRIPT})
    events = list(result.trace)
    cut = {event.device: place for place, event in enumerate(events) if event.kind == "cut"}
    sent = {}
    for place, event in enumerate(events):
        if event.kind in ("send", "receive") and type(event.message).__name__ == "Transfer":
            if event.kind == "send":
                sent[event.subject[1]] = place < cut[event.device]
            elif place < cut[event.device]:
                assert sent[event.subject[1]]
    assert len(cut) == 3
    assert set(sent.values()) == {True, False}


def test_a_fork_goes_on_by_itself():
    result = run(13, "Bank", "async", 5, 1, solution=True, settings=FREE)
    judge = Conservation()
    heard = {kind: [] for kind in KINDS}
    listen(heard, judge)
    events = [tuple(event) for event in result.trace]
    for event in events[:60]:
        for hear in heard[event[0]]:
            hear(event)
    fork = judge.fork()
    assert fork.state() == judge.state()
    for event in events[60:]:
        for hear in heard[event[0]]:
            hear(event)
    assert fork.state() != judge.state()
