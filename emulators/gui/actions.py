"""ONE table of everything a person can do: toolbar, menus and the page of controls come from it.

`method` is called on the session, or on the window where it begins with ``window.``. An action that
`holds` is on as long as its key is pressed; one that is `checked` goes on and off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QAction, QKeySequence

from emulators.gui import themes
from emulators.gui.icons import icon
from emulators.gui.themes import Theme


@dataclass(frozen=True)
class Entry:
    """One row of the table. `short` is what stands under the icon in the toolbar."""

    id: str
    text: str
    short: str
    keys: tuple[str, ...]
    tip: str
    method: str
    menu: str
    toolbar: bool = True
    checked: bool = False
    holds: bool = False
    begins_on: bool = False
    arguments: tuple[Any, ...] = ()


def _theme(name: str, number: int) -> Entry:
    title = themes.theme(name).title
    keys = (f"Ctrl+{number}",)
    tip = f"Use the colours of the theme “{title}”"
    return Entry(f"theme-{name}", title, title, keys, tip, "set_theme", "Theme", False,
                 arguments=(name,))  # fmt: skip


# fmt: off
TABLE: tuple[Entry, ...] = (
    Entry("back", "Step back", "Back", ("B",),
          "Go one step back: before the last message was sent or received", "back", "Run"),
    Entry("step", "Step", "Step", ("Space",),
          "One step: a message is sent or received", "step", "Run"),
    Entry("run", "Run / pause", "Run", ("R", "F5"),
          "Go on by itself at the chosen speed, or pause; stops at breakpoints",
          "toggle_running", "Run"),
    Entry("fast", "Fast-forward", "Fast", ("F",),
          "Go on as fast as possible while the key is held, or until the next click",
          "fast_forward", "Run", checked=True, holds=True),
    Entry("next", "Next event of the selected device", "Next", ("N",),
          "Go on to the next message that the selected device sends or receives",
          "next_of_device", "Run"),
    Entry("end", "Leave stepping and finish", "End", ("Return", "Enter"),
          "Go to the end of the run", "finish", "Run"),
    Entry("until", "Run until …", "Until", ("U",),
          "Write a condition: a message type, a round, an expression over the devices",
          "window.focus_until", "Run", toolbar=False),
    Entry("start", "To the beginning", "Start", ("Ctrl+Home",),
          "Go back to the beginning of this branch", "go_to", "Run", toolbar=False,
          arguments=(0,)),
    Entry("restart", "Restart", "Restart", ("Ctrl+R",),
          "Begin again with the same seed and without interference; the old way stays in History",
          "restart", "Run"),
    Entry("new-seed", "Restart with a new seed", "New seed", ("Ctrl+Shift+R",),
          "Begin again with another seed", "restart", "Run", arguments=(True,)),
    Entry("swap", "Swap sync / async", "Swap", ("E",),
          "Change between the synchronous and the asynchronous network", "swap", "Network"),
    Entry("queue", "Show messages in transit", "Queue", ("Tab",),
          "Show the messages that were sent and not received", "window.show_queue", "Network"),
    Entry("pick", "Pick the next message", "Pick", ("S",),
          "Let the selected message in transit be the next that is received", "pick", "Network"),
    Entry("drop", "Drop the selected message", "Drop", ("Delete",),
          "Lose the selected message in transit", "window.act_on_message", "Network",
          toolbar=False, arguments=("drop",)),
    Entry("duplicate", "Duplicate the selected message", "Duplicate", ("Ctrl+D",),
          "Put a second copy of the selected message on its way", "window.act_on_message",
          "Network", toolbar=False, arguments=("duplicate",)),
    Entry("delay", "Delay the selected message", "Delay", ("Ctrl+L",),
          "Let the selected message arrive later", "window.act_on_message", "Network",
          toolbar=False, arguments=("delay",)),
    Entry("crash", "Crash the selected device", "Crash", ("Ctrl+K",),
          "Let the selected device stop working", "window.act_on_device", "Network",
          toolbar=False, arguments=("crash",)),
    Entry("revive", "Restart the selected device", "Revive", ("Ctrl+Shift+K",),
          "Let the selected device begin anew", "window.act_on_device", "Network",
          toolbar=False, arguments=("restart",)),
    Entry("messages", "Show all messages", "Messages", ("M",),
          "Show the table of all events of this run", "window.show_events", "View"),
    Entry("history", "Show the history", "History", ("H",),
          "Show the tree of everything that was tried", "window.show_history", "View",
          toolbar=False),
    Entry("breakpoints", "Breakpoints", "Breaks", ("Ctrl+B",),
          "Show and change where running stops", "window.show_breakpoints", "View"),
    Entry("save", "Save the run …", "Save", ("Ctrl+S",),
          "Write this run, with all that was done to it, to a file", "window.ask_save", "File"),
    Entry("open", "Open a run …", "Open", ("Ctrl+O",),
          "Walk through a run that was saved or recorded", "window.ask_open", "File"),
    Entry("picture", "Export a picture …", "Picture", ("Ctrl+P",),
          "Write what the diagrams show as PNG or SVG", "window.ask_picture", "File"),
    Entry("close", "Close", "Close", ("Ctrl+W", "Ctrl+Q"),
          "End the run and close the window", "window.close", "File", toolbar=False),
    Entry("clocks", "Clocks: none, Lamport, vector", "Clocks", ("L",),
          "Show no clocks, Lamport clocks or vector clocks in the diagram", "window.next_clocks",
          "View", toolbar=False),
    Entry("follow", "Follow the newest event", "Follow", ("Ctrl+F",),
          "Keep the newest event of the diagram in sight", "window.follow", "View",
          toolbar=False, checked=True, begins_on=True),
    Entry("whole", "Show the whole run", "Whole", ("0",),
          "Make the whole run fit into the diagram", "window.show_whole", "View", toolbar=False),
    Entry("motion", "Watch messages move", "Motion", ("A",),
          "Let a message be seen on its way, when you step by hand or run slowly",
          "window.animate", "View", toolbar=False, checked=True, begins_on=True),
    Entry("layout", "Next layout of the network", "Layout", ("G",),
          "Devices in a circle, a line, a star or a grid", "window.next_layout", "View",
          toolbar=False),
    Entry("present", "Presentation mode", "Present", ("F11",),
          "Large type, and nothing but the diagrams", "window.present", "View", checked=True),
    Entry("theme", "Next theme", "Theme", ("T",),
          "Light, dark, high contrast, colour-blind-safe", "window.next_theme", "View"),
    Entry("remote", "Presenter remote", "Remote", ("F9",),
          "Step with a presenter's keys while the slides have the focus; listens only while on",
          "set_remote", "View", toolbar=False, checked=True),
    Entry("panel", "Next panel", "Panel", ("F6",),
          "Move the keyboard to the next panel", "window.next_panel", "View", toolbar=False),
    Entry("side", "Panels at the side", "Side", ("F7",),
          "Show or hide devices, messages in transit and inspector", "window.show_side", "View",
          toolbar=False, checked=True, begins_on=True),
    Entry("bottom", "Panels at the bottom", "Bottom", ("F8",),
          "Show or hide events, history, output, breakpoints and controls",
          "window.show_bottom", "View", toolbar=False, checked=True, begins_on=True),
    Entry("controls", "Controls", "Controls", ("F1",),
          "Show all actions and their keys", "window.show_controls", "Help", toolbar=False),
    *(_theme(name, number) for number, name in enumerate(themes.NAMES, start=1)),
)
# fmt: on
TOOLBAR_GAPS = ("swap", "messages", "save", "present")
"""In the toolbar a line stands before these."""


def shortcut_text(entry: Entry) -> str:
    """Return the keys of an action in words."""
    keys = [
        QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in entry.keys
    ]
    return " or ".join(keys) + (" (hold)" if entry.holds else "")


class Actions(QObject):
    """The actions of one window, by their ids; `call` does what an entry says."""

    def __init__(self, call: Callable[[Entry, bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._made: dict[str, QAction] = {entry.id: self._make(entry, call) for entry in TABLE}

    def _make(self, entry: Entry, call: Callable[[Entry, bool], None]) -> QAction:
        action = QAction(entry.text, self)
        action.setObjectName(entry.id)
        action.setIconText(entry.short)
        if entry.id != "end":  # Return belongs to some panels: the window hands on the others'
            action.setShortcuts([QKeySequence(key) for key in entry.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{entry.tip}\n{shortcut_text(entry)}")
        action.setStatusTip(entry.tip)
        action.setCheckable(entry.checked)
        action.setChecked(entry.begins_on)
        action.setAutoRepeat(entry.id in ("step", "back"))
        if entry.checked:
            action.toggled.connect(lambda on: call(entry, on))
        else:
            action.triggered.connect(lambda: call(entry, True))
        return action

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def __iter__(self) -> Iterator[tuple[Entry, QAction]]:
        return ((entry, self._made[entry.id]) for entry in TABLE)

    def dress(self, theme: Theme) -> None:
        """Draw the icons in the colours of a theme."""
        for entry, action in self:
            if entry.toolbar:
                action.setIcon(icon(entry.id, theme))


def controls_as_html(theme: Theme) -> str:
    """Return the page of all controls."""
    rows = "".join(
        f"<tr><td><b>{shortcut_text(entry)}</b>&nbsp;&nbsp;</td><td>{entry.text}</td>"
        f"<td><span style='color:{theme.muted}'>&nbsp;&nbsp;{entry.tip}</span></td></tr>"
        for entry in TABLE
    )
    return f"<h3>Controls</h3><table cellspacing='2'>{rows}</table>"
