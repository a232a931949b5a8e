"""A session without a run: it says what a test wants and remembers what it was asked for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from PyQt6.QtCore import QObject, pyqtSignal

from emulators.gui.snapshot import DeviceView, EventRow, MessageInTransit, Snapshot
from tests.framework.diagram.rows import Script, random_run, waiting

LIGHT = {
    "window": "#f3f4f6",
    "surface": "#ffffff",
    "text": "#1b1f24",
    "muted": "#59636e",
    "accent": "#1d5fd1",
    "sender": "#2e9e44",
    "receiver": "#d64545",
    "both": "#e8b900",
    "idle": "#d3dbe6",
    "inside": "#8a3ffc",
    "waiting": "#d97700",
    "lost": "#b3261e",
    "crashed": "#6b7280",
    "lane": "#b4bdc8",
    "round_shade": "#eef1f5",
    "past": "#1d5fd1",
    "future": "#b8500a",
    "concurrent": "#8b949e",
    "selection": "#1d5fd1",
    "error": "#b3261e",
}
DARK = LIGHT | {
    "window": "#15181c",
    "surface": "#1e2227",
    "text": "#e8eaed",
    "muted": "#9aa4b1",
    "accent": "#6ea8fe",
    "sender": "#4cc46a",
    "receiver": "#ff6b6b",
    "both": "#ffd43b",
    "idle": "#465160",
    "inside": "#c792ea",
    "waiting": "#ffb454",
    "lost": "#ff8f8f",
    "crashed": "#7d8590",
    "lane": "#4a5460",
    "round_shade": "#252a31",
    "past": "#6ea8fe",
    "future": "#ffa657",
    "concurrent": "#77818d",
    "selection": "#6ea8fe",
    "error": "#ff7b72",
}


def theme(name="light", font_scale=1.0):
    return SimpleNamespace(**(DARK if name == "dark" else LIGHT), font_scale=font_scale)


class FakeSession(QObject):
    moved = pyqtSignal(object)
    selected = pyqtSignal(int)
    device_selected = pyqtSignal(int)
    message_selected = pyqtSignal(int)
    theme_changed = pyqtSignal(object)

    def __init__(self):
        super().__init__()
        self.snapshot = None
        self.events = []
        self.selected_row = self.selected_device = -1
        self.selected_message = 0
        self.is_hurried = False
        self.asked = []

    # -- what views ask for

    def select(self, row):
        self.selected_row = row
        self.selected.emit(row)

    def select_device(self, index):
        self.selected_device = index
        self.device_selected.emit(index)

    def select_message(self, serial):
        self.selected_message = serial
        self.message_selected.emit(serial)

    def act(self, kind, subject=0):
        self.asked.append((kind, subject))

    def go_to(self, position):
        self.asked.append(("go_to", position))

    # -- what tests do

    def stand_at(self, rows, devices, messages=()):
        """Move to where exactly these rows have happened."""
        rows = list(rows)
        kept = 0
        while kept < min(len(rows), len(self.events)) and rows[kept] == self.events[kept]:
            kept += 1
        self.events = rows
        self.snapshot = replace(snapshot(kept, rows[kept:], devices, messages), position=len(rows))
        self.moved.emit(self.snapshot)


def snapshot(kept, events, devices, messages=()):
    return Snapshot(
        position=0,
        ended=False,
        time=events[-1].time if events else 0,
        round=1,
        synchronous=True,
        when="in round 1",
        kept=kept,
        events=tuple(events),
        devices=tuple(devices),
        waiting=tuple(messages),
        failures=(),
        branches=(),
        branch=1,
        output="",
        seed=1,
    )


def device(index, text="", **looks):
    given = {"color": "", "shape": "", "ended": False, "crashed": False, "inside": False} | looks
    return DeviceView(index, text, **given, place=None, state=(), changed=frozenset())


def message(serial, source, destination, text="Note()", ready=False):
    return MessageInTransit(serial, source, destination, "Note", text, ready)


def script():
    return Script(EventRow)


def some_run(devices, messages, seed=1, rounds=True):
    """Return the rows, devices and messages in transit of a run that was made up."""
    made = random_run(devices, messages, seed, rounds=rounds, kind=EventRow)
    texts = ["leader 2", "waiting for 3 votes of the coterie", "idle", "", "token"]
    shapes = ["", "square", "diamond", "", "hexagon"]
    views = [
        device(
            index,
            texts[index % 5],
            shape=shapes[index % 5],
            inside=index == 2,
            crashed=index == 3 and devices > 3,
            ended=index == 5,
        )
        for index in range(devices)
    ]
    return made.rows, views, waiting(made, message)
