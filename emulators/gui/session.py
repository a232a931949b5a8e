"""What all views share: one run, where it stands, what is selected; a method for every button.

Signals tell what has happened. No view knows the worker or the run itself, and every method can be
called without a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from emulators.errors import Place, UsageError
from emulators.gui import themes
from emulators.gui.garbage import collector
from emulators.gui.snapshot import DeviceView, EventRow, MessageInTransit, Snapshot
from emulators.gui.themes import Theme
from emulators.gui.worker import Worker
from emulators.remote import Doubles, Remote
from emulators.runner import RunConfig
from emulators.stepping.predicates import parse

NONE = -1
"""The row or device that is selected while none is."""

FOLLOWED = 4.0
"""Steps per second up to which an eye can follow single messages."""


class Session(QObject):
    """A run to walk through.

    `events` are those of the present branch up to where it stands; `snapshot` is None until the
    run is loaded. Invariant: after `moved`, `events` is the trace of the run, row by row.
    """

    moved = pyqtSignal(object)
    busy = pyqtSignal(bool)
    running = pyqtSignal(bool)
    failed = pyqtSignal(str)
    noted = pyqtSignal(str)
    selected = pyqtSignal(int)
    device_selected = pyqtSignal(int)
    message_selected = pyqtSignal(int)
    pick_wanted = pyqtSignal()
    saved = pyqtSignal(str)
    opened = pyqtSignal(object)
    export_wanted = pyqtSignal(str)
    compared = pyqtSignal(object)
    breakpoints_changed = pyqtSignal(object)
    theme_changed = pyqtSignal(object)
    remote_changed = pyqtSignal(bool)
    finished = pyqtSignal()
    _stepped = pyqtSignal()
    _stepped_back = pyqtSignal()

    def __init__(self, config: RunConfig, path: Path | None = None, theme: str = "light") -> None:
        super().__init__()
        self.config = config
        self.snapshot: Snapshot | None = None
        self.events: list[EventRow] = []
        self.selected_row = NONE
        self.selected_device = NONE
        self.selected_message = 0
        self.breakpoints: tuple[str, ...] = ()
        self.miniatures: dict[int, Snapshot] = {}
        self.theme: Theme = themes.theme(theme)
        self.is_running = False
        self.is_busy = False
        self._wants_to_run = False
        self._closed = False
        self._asked = 0
        self._speed = self._pace = 4.0
        self._remote = Remote(self._stepped.emit, self._stepped_back.emit)
        self._doubles = Doubles()
        self._stepped.connect(lambda: self._press("remote", "step"))
        self._stepped_back.connect(lambda: self._press("remote", "back"))
        self._worker = Worker(config, path)
        self._worker.told.connect(self._on_told)

    def start(self) -> None:
        """Load the run; `moved` tells when it is there."""
        self._set_busy(True)
        collector().hold()
        self._worker.start()

    # -- moving

    def step(self) -> None:
        """Make one step: a message is sent or received."""
        self._press("window", "step")

    def back(self) -> None:
        """Go one step back."""
        self._press("window", "back")

    def go_to(self, position: int) -> None:
        """Go to a position of the present branch."""
        self._ask("go_to", position)

    def run(self, speed: float | None = None) -> None:
        """Go on by itself, in steps per second; 0 is as fast as possible."""
        self._speed = self._speed if speed is None else speed
        self._wants_to_run = True
        self._run_at(self._speed)

    def _run_at(self, pace: float) -> None:
        self._pace = pace
        self._ask("run", pace)

    def set_speed(self, speed: float) -> None:
        """Run at this speed from now on."""
        self._speed = speed
        if self._wants_to_run:
            self._run_at(speed)

    @property
    def speed(self) -> float:
        """Steps per second while running."""
        return self._speed

    @property
    def is_hurried(self) -> bool:
        """Whether the run goes on faster than an eye can follow its messages."""
        return self.is_running and not 0 < self._pace <= FOLLOWED

    def pause(self) -> None:
        """Stop running; whatever takes long is interrupted."""
        self._wants_to_run = False
        self._ask("pause")
        self._worker.interrupt()

    def toggle_running(self) -> None:
        """Run or pause."""
        if self._wants_to_run or self.is_running:
            self.pause()
        else:
            self.run()

    def fast_forward(self, on: bool) -> None:
        """Run as fast as possible as long as it is on."""
        if on:
            self._run_at(0.0)
        else:
            self.pause()

    def next_of_device(self) -> None:
        """Go to the next event of the selected device."""
        if self.selected_device == NONE:
            self.noted.emit("Select a device first: click it, or choose it in the list of devices")
        else:
            self._ask("next_of_device", self.selected_device)

    def run_until(self, text: str) -> None:
        """Go on until a condition holds (see emulators/stepping/predicates.py)."""
        if self._readable(text):
            self._ask("run_until", text)

    def finish(self) -> None:
        """Go to the end of the run."""
        self._ask("finish")

    def restart(self, new_seed: bool = False) -> None:
        """Begin again, with the same seed or a new one."""
        self._ask("restart", new_seed)

    def travel(self, branch: int, position: int) -> None:
        """Go to a place of any branch."""
        self._ask("travel", branch, position)

    def compare(self, one: int, other: int) -> None:
        """Put two branches side by side; `compared` brings their events."""
        self._ask("compare", one, other)

    # -- acting

    def swap(self) -> None:
        """Change between the synchronous and the asynchronous network."""
        self.act("swap", 0)

    def act(self, kind: str, subject: int = 0) -> None:
        """Do one of ``pick drop duplicate delay`` to a message, ``crash restart`` to a device."""
        self._ask("act", kind, subject)

    def pick(self, serial: int | None = None) -> None:
        """Let a message be the next that is received: this one, or the one that is selected.

        Where none is selected, `pick_wanted` asks for one.
        """
        if serial is None and any(one.serial == self.selected_message for one in self.waiting):
            serial = self.selected_message
        if serial is None:
            self.pick_wanted.emit()
        else:
            self.act("pick", serial)

    @property
    def waiting(self) -> Sequence[MessageInTransit]:
        """The messages in transit."""
        return () if self.snapshot is None else self.snapshot.waiting

    def device(self, index: int) -> DeviceView | None:
        """Return a device as it looks now."""
        devices = () if self.snapshot is None else self.snapshot.devices
        return devices[index] if 0 <= index < len(devices) else None

    # -- selecting

    def select(self, row: int) -> None:
        """Select an event, or none; its device and its message are selected with it."""
        if row == self.selected_row:
            return
        self.selected_row = row if 0 <= row < len(self.events) else NONE
        self.selected.emit(self.selected_row)
        if self.selected_row != NONE:
            event = self.events[row]
            self.select_message(event.message)
            if event.device is not None:
                self.select_device(event.device)

    def select_device(self, index: int) -> None:
        """Select a device, or none."""
        if index == self.selected_device:
            return
        self.selected_device = index
        self._ask("inspect", index)
        self.device_selected.emit(index)

    def select_message(self, serial: int) -> None:
        """Select a message by its number, or none (0)."""
        if serial != self.selected_message:
            self.selected_message = serial
            self.message_selected.emit(serial)

    # -- where running stops

    def add_breakpoint(self, text: str) -> None:
        """Stop running where a condition becomes true."""
        text = text.strip()
        if self._readable(text) and text not in self.breakpoints:
            self.breakpoints = (*self.breakpoints, text)
            self._ask("add_breakpoint", text)
            self.breakpoints_changed.emit(self.breakpoints)

    def remove_breakpoint(self, text: str) -> None:
        """Do not stop there any more."""
        self.breakpoints = tuple(one for one in self.breakpoints if one != text)
        self._ask("remove_breakpoint", text)
        self.breakpoints_changed.emit(self.breakpoints)

    def _readable(self, text: str) -> bool:
        try:
            parse(text)
        except UsageError as error:
            self.failed.emit(str(error))
            return False
        return True

    # -- files

    def save(self, path: str) -> None:
        """Write the present branch as a recording that ``--replay`` reads too."""
        self._ask("save", str(path))

    def open(self, path: str) -> None:
        """Walk through a recorded run."""
        self._ask("open", str(path))

    def export_picture(self, path: str) -> None:
        """Write what the views show as PNG or SVG; the window that has the views does it."""
        self.export_wanted.emit(str(path))

    # -- looks

    def set_theme(self, name: str) -> None:
        """Use other colours."""
        self._dress(themes.theme(name).scaled(self.theme.font_scale))

    def set_presentation(self, on: bool) -> None:
        """Use large type, or the usual one."""
        self._dress(self.theme.scaled(themes.PRESENTATION if on else 1.0))

    def _dress(self, theme: Theme) -> None:
        if theme != self.theme:
            self.theme = theme
            self.theme_changed.emit(theme)

    # -- the presenter's keys

    def set_remote(self, on: bool) -> None:
        """Listen to a presenter remote from now on, or no more; `remote_changed` tells."""
        if on:
            try:
                self._remote.start()
            except UsageError as error:
                self.failed.emit(str(error))
        else:
            self._remote.stop()
        self.remote_changed.emit(self._remote.listening)

    def _press(self, listener: str, meaning: str) -> None:
        """Do what a key means; a press that window and remote both hear counts once."""
        if not self._remote.listening or self._doubles.is_new(listener, meaning):
            self._ask(meaning)

    # -- ending

    def close(self, patience: float = 15.0) -> bool:
        """End the run and its thread; return whether it ended in time."""
        if self._closed:
            return not self._worker.thread_of_run.is_alive()
        self._remote.stop()
        ended = self._worker.stop(patience)
        if ended:
            self._closed = True
            collector().release()
            self.finished.emit()
        return ended

    def at_work_on(self) -> tuple[int | None, Place] | None:
        """Return the device and the line at which the run works, where it takes long."""
        return self._worker.at_work_on() if self.is_busy else None

    # -- the worker

    def _ask(self, name: str, *arguments: object) -> None:
        if not self._closed:
            if name not in ("pause", "inspect", "add_breakpoint", "remove_breakpoint"):
                self._set_busy(True)
            self._asked = self._worker.ask(name, *arguments)

    def _set_busy(self, on: bool) -> None:
        if on != self.is_busy:
            self.is_busy = on
            self.busy.emit(on)

    @pyqtSlot(str, object)
    def _on_told(self, what: str, value: object) -> None:
        """Do what is to be done about it; where there is nothing, tell whoever listens."""
        if self._closed:
            return
        own = getattr(self, f"_on_{what}", None) or getattr(self, what).emit
        own(value)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        del self.events[snapshot.kept :]
        self.events.extend(snapshot.events)
        self.snapshot = snapshot
        self.miniatures[snapshot.branch] = snapshot
        if self.selected_row >= len(self.events):
            self.select(NONE)
        self.moved.emit(snapshot)
        self._worker.acknowledge()

    def _on_config(self, config: RunConfig) -> None:
        self.config = config
        self.miniatures.clear()
        self.opened.emit(config)

    def _on_going(self, on: bool) -> None:
        self.is_running = on
        self._wants_to_run = self._wants_to_run and on
        self.running.emit(on)

    def _on_idle(self, done: int) -> None:
        if done == self._asked:
            self._set_busy(False)

    def _on_ended(self, value: object) -> None:
        self._set_busy(False)
