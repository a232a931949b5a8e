"""The window: puts the views together, and forwards what the actions ask for. No logic of a run."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QEvent, QSize, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QMenu,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from emulators.diagram.network import LAYOUTS
from emulators.gui import themes
from emulators.gui.actions import TOOLBAR_GAPS, Actions, Entry
from emulators.gui.files import ask_for
from emulators.gui.icons import icon
from emulators.gui.network_view import NetworkView
from emulators.gui.panels import Panels
from emulators.gui.parts import Banner, takes_return
from emulators.gui.picture import export
from emulators.gui.run_bar import RunBar
from emulators.gui.session import NONE, Session
from emulators.gui.snapshot import Snapshot
from emulators.gui.spacetime_view import CLOCKS, SpaceTimeView
from emulators.gui.themes import Theme
from emulators.gui.timeline import Timeline
from emulators.runner import RunConfig

_LOOK = 700
"""Milliseconds after which the window says what the run is busy with."""
_CLOSING = 0.4
_WIDTH, _HEIGHT = 1280, 720


class MainWindow(QMainWindow):
    """A run in pictures and panels, and everything one can do with it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        session.theme_changed.connect(_dress_application)  # before all views, which measure type
        _dress_application(session.theme)
        self.actions_table = Actions(self._call, self)
        self.banner = Banner()
        self.network = NetworkView(session, session.theme)
        self.network.motion.is_on = True
        self.spacetime = SpaceTimeView(session, session.theme)
        self.timeline = Timeline(session)
        self.run_bar = RunBar(session)
        self.panels = Panels(session)
        self._failures = 0
        self._clocks, self._layout = CLOCKS[0], LAYOUTS[0]
        self._build_centre()
        self._build_toolbar()
        self._build_menus()
        self._build_status()
        self._look = QTimer(self)
        self._look.setInterval(_LOOK)
        self._look.timeout.connect(self._say_busy)
        self._connect()
        self.resize(_WIDTH, _HEIGHT)
        self._on_opened(session.config)
        self._dress(session.theme)

    # -- building

    def _build_centre(self) -> None:
        for view, name in ((self.network, "Network"), (self.spacetime, "Space-time diagram")):
            if not view.accessibleName():
                view.setAccessibleName(name)
        self.pictures = QSplitter(Qt.Orientation.Horizontal)
        self.pictures.addWidget(self.network)
        self.pictures.addWidget(self.spacetime)
        self.pictures.setStretchFactor(0, 2)
        self.pictures.setStretchFactor(1, 3)
        self.pictures.setSizes([400, 560])
        self.pictures.setChildrenCollapsible(False)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.pictures, 1)
        layout.addWidget(self.timeline)
        line = self.fontMetrics().height()
        height, width = min(13 * line, _HEIGHT // 3), min(23 * line, _WIDTH // 3)
        sizes = [_HEIGHT - height, height]
        left = _splitter(Qt.Orientation.Vertical, centre, self.panels.bottom, sizes)
        sizes = [_WIDTH - width, width]
        whole = _splitter(Qt.Orientation.Horizontal, left, self.panels.side, sizes)
        self.setCentralWidget(whole)

    def _build_toolbar(self) -> None:
        self.toolbar = QToolBar("Actions", self)
        self.toolbar.setObjectName("toolbar")
        self.toolbar.setMovable(False)
        self.toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        for entry, action in self.actions_table:
            self.addAction(action)
            if not entry.toolbar:
                continue
            if entry.id in TOOLBAR_GAPS:
                self.toolbar.addSeparator()
            self.toolbar.addAction(action)
        self.addToolBar(self.toolbar)
        self.addToolBarBreak()
        self.addToolBar(self.run_bar)

    def _build_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        self.menus: dict[str, QMenu] = {}
        for entry, action in sorted(self.actions_table, key=lambda one: _MENUS.index(one[0].menu)):
            if entry.menu not in self.menus:
                made = bar.addMenu(f"&{entry.menu}")
                assert made is not None
                self.menus[entry.menu] = made
            self.menus[entry.menu].addAction(action)

    def _build_status(self) -> None:
        bar = self.statusBar()
        assert bar is not None
        self.status = bar
        self.listening = QLabel()
        self.listening.setAccessibleName("Presenter remote")
        bar.addPermanentWidget(self.listening)
        self.where = QLabel()
        self.where.setAccessibleName("Where the run stands")
        bar.addPermanentWidget(self.where)

    def _connect(self) -> None:
        session = self.session
        session.moved.connect(self._on_moved)
        session.failed.connect(lambda text: self.banner.say(text, session.theme))
        session.noted.connect(lambda text: self.banner.say(text, session.theme, bad=False))
        session.saved.connect(
            lambda path: self.banner.say(f"Saved as {path}", session.theme, bad=False)
        )
        session.opened.connect(self._on_opened)
        session.pick_wanted.connect(self.show_queue)
        session.export_wanted.connect(self._on_export)
        session.theme_changed.connect(self._dress)
        session.remote_changed.connect(self._on_remote)
        session.running.connect(self._on_running)
        session.busy.connect(self._on_busy)

    # -- what actions ask for

    def _call(self, entry: Entry, on: bool) -> None:
        owner, _, name = entry.method.rpartition(".")
        target: Any = self if owner == "window" else self.session
        arguments = (on,) if entry.checked else entry.arguments
        getattr(target, name)(*arguments)

    def show_queue(self) -> None:
        """Show the messages in transit, the keyboard in their list."""
        self.panels.show_queue()

    def show_events(self) -> None:
        """Show the table of events."""
        self.panels.show_panel("Events")

    def show_history(self) -> None:
        """Show the tree of what was tried."""
        self.panels.show_panel("History")

    def show_breakpoints(self) -> None:
        """Show where running stops."""
        self.panels.show_panel("Breakpoints")

    def show_side(self, on: bool) -> None:
        """Show or hide the panels at the side."""
        self.panels.side.setVisible(on)

    def show_bottom(self, on: bool) -> None:
        """Show or hide the panels at the bottom."""
        self.panels.bottom.setVisible(on)

    def show_controls(self) -> None:
        """Show the page of all controls."""
        self.panels.show_panel("Controls")

    def focus_until(self) -> None:
        """Go to the line for a condition."""
        self.run_bar.setVisible(True)
        self.run_bar.until.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def act_on_message(self, kind: str) -> None:
        """Drop, duplicate or delay the selected message."""
        if any(one.serial == self.session.selected_message for one in self.session.waiting):
            self.session.act(kind, self.session.selected_message)
        else:
            self.show_queue()

    def act_on_device(self, kind: str) -> None:
        """Crash or restart the selected device."""
        if self.session.selected_device == NONE:
            self.session.noted.emit("Select a device first")
        else:
            self.session.act(kind, self.session.selected_device)

    def present(self, on: bool) -> None:
        """Show nothing but the diagrams, in large type; or everything."""
        self.panels.hide_all(on)
        for part in (self.menuBar(), self.run_bar, self.toolbar):
            if part is not None:
                part.setVisible(not on)
        self.session.set_presentation(on)

    def next_clocks(self) -> None:
        """Show the next kind of clocks in the diagram: none, Lamport, vector."""
        self._clocks = CLOCKS[(CLOCKS.index(self._clocks) + 1) % len(CLOCKS)]
        self.spacetime.show_clocks(self._clocks)

    def follow(self, on: bool) -> None:
        """Keep the newest event of the diagram in sight, or not."""
        self.spacetime.follow = on

    def show_whole(self) -> None:
        """Make the whole run fit into the diagram."""
        self.spacetime.show_all()

    def animate(self, on: bool) -> None:
        """Let messages be seen on their way, or not."""
        self.network.motion.is_on = on

    def next_layout(self) -> None:
        """Put the devices of the network in the next layout."""
        self._layout = LAYOUTS[(LAYOUTS.index(self._layout) + 1) % len(LAYOUTS)]
        self.network.arrange(self._layout)

    def next_theme(self) -> None:
        """Use the next theme."""
        names = themes.NAMES
        self.session.set_theme(names[(names.index(self.session.theme.name) + 1) % len(names)])

    def next_panel(self) -> None:
        """Move the keyboard to the next panel."""
        places = [self.network, self.spacetime, self.timeline.slider, *self.panels.places()]
        shown = [place for place in places if place.isVisible()]
        focus = QApplication.focusWidget()
        here = [n for n, place in enumerate(shown) if place is focus or place.isAncestorOf(focus)]
        shown[(here[0] + 1 if here else 0) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def ask_save(self) -> None:
        """Ask for a file and save the run."""
        ask_for(self, "Save the run", "Runs (*.jsonl)", self.session.save, "run.jsonl")

    def ask_open(self) -> None:
        """Ask for a file and open the run."""
        ask_for(self, "Open a run", "Runs (*.jsonl);;All files (*)", self.session.open)

    def ask_picture(self) -> None:
        """Ask for a file and export the picture."""
        kinds = "Pictures (*.png *.svg)"
        ask_for(self, "Export a picture", kinds, self.session.export_picture, "run.png")

    def _on_export(self, path: str) -> None:
        problem = export([self.network, self.spacetime], path, self.session.theme)
        if problem:
            self.session.failed.emit(problem)
        else:
            self.session.saved.emit(path)

    # -- what has happened

    def _on_opened(self, config: RunConfig) -> None:
        self.setWindowTitle(
            f"Lecture {config.lecture}: {config.algorithm}, {config.devices} devices"
        )

    def _on_moved(self, snapshot: Snapshot) -> None:
        kind = "sync" if snapshot.synchronous else "async"
        parts = [f"step {snapshot.position}", snapshot.when, kind, f"seed {snapshot.seed}"]
        if snapshot.ended:
            parts.insert(0, "the run is over")
        self.where.setText("  ·  ".join(parts) + "  ")
        failures = len(snapshot.failures)
        if failures > self._failures:
            self.banner.say(snapshot.failures[-1], self.session.theme)
        elif failures < self._failures:
            self.banner.hide()
        self._failures = failures

    def _on_remote(self, on: bool) -> None:
        """Show that keys are listened to, as long as they are."""
        self.listening.setText("● the presenter remote listens  " if on else "")
        self.listening.setStyleSheet(f"color: {self.session.theme.error}; font-weight: bold")
        self.actions_table["remote"].setChecked(on)

    def _on_running(self, on: bool) -> None:
        run = self.actions_table["run"]
        run.setIconText("Pause" if on else "Run")
        run.setIcon(icon("pause" if on else "run", self.session.theme))

    def _on_busy(self, on: bool) -> None:
        if on:
            self._look.start()
        else:
            self._look.stop()
            self.status.clearMessage()

    def _say_busy(self) -> None:
        """Say what takes so long: a device that computes, at a line of the student's file."""
        found = self.session.at_work_on()
        if found is None or self.session.is_running:
            self.status.showMessage("working …")
        else:
            device, place = found
            who = "The file" if device is None else f"Device {device}"
            self.status.showMessage(f"{who} is at work at {place}")

    def _dress(self, theme: Theme) -> None:
        size = round(self.fontMetrics().height() * 1.3)
        self.toolbar.setIconSize(QSize(size, size))
        self.actions_table.dress(theme)
        self.banner.dress(theme)
        self._on_running(self.session.is_running)

    # -- keys and closing

    def event(self, event: QEvent | None) -> bool:
        """Stop fast-forward when the window loses the keyboard while its key is held."""
        if event is not None and event.type() == QEvent.Type.WindowDeactivate:
            self.actions_table["fast"].setChecked(False)
        return super().event(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """End fast-forward when its key is let go."""
        if event is not None and event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self.actions_table["fast"].setChecked(False)
        super().keyReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Finish with Return where no panel uses it; put the message away with Escape."""
        key = None if event is None else event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not takes_return(self.focusWidget()):
            self.actions_table["end"].trigger()
        if key == Qt.Key.Key_Escape:
            self._escape()
        super().keyPressEvent(event)

    def _escape(self) -> None:
        """Put away one thing: the message, the presentation mode, the selection."""
        if not self.banner.isHidden():
            self.banner.hide()
        elif self.actions_table["present"].isChecked():
            self.actions_table["present"].setChecked(False)
        else:
            self.session.select(NONE)
            self.session.select_message(0)
            self.session.select_device(NONE)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """End the run with the window."""
        self.hide()
        self._look.stop()
        self.session.close(_CLOSING)
        super().closeEvent(event)


def _dress_application(theme: Theme) -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication):
        themes.dress(application, theme)


def _splitter(
    direction: Qt.Orientation, first: QWidget, second: QWidget, sizes: list[int]
) -> QSplitter:
    """Put two widgets beside each other; the first takes what room there is."""
    made = QSplitter(direction)
    made.addWidget(first)
    made.addWidget(second)
    made.setStretchFactor(0, 1)
    made.setStretchFactor(1, 0)
    made.setSizes(sizes)
    made.setChildrenCollapsible(False)
    return made


_MENUS = ("File", "Run", "Network", "View", "Theme", "Help")
