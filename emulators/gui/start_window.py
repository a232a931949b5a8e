"""The start window: choose what to run, start any number of runs, read what they print."""

from __future__ import annotations

import random
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from emulators.catalogue import algorithms
from emulators.errors import UsageError
from emulators.gui import themes
from emulators.gui.parts import Banner, Button, Roomy
from emulators.gui.runs import RunView
from emulators.gui.settings import settings
from emulators.lectures import LECTURES, Lecture
from emulators.runner import EXERCISES, RunConfig, check

TYPES = (
    ("sync", "Synchronous: in rounds"),
    ("async", "Asynchronous: messages overtake"),
    ("stepping", "Stepping: in a window of its own"),
)
_ROLE = Qt.ItemDataRole.UserRole


class StartWindow(QWidget):
    """What to run on the left, what was run on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Distributed systems: start a run")
        self.theme = themes.theme(str(settings().value("theme", themes.NAMES[0])))
        self.folder = EXERCISES
        self.banner = Banner(self)
        self._make_fields()
        self._lay_out()
        self.resize(1120, 680)
        self._remember()
        self.lectures.currentItemChanged.connect(lambda item, before: self._on_lecture())
        self.start_button.clicked.connect(self.start)
        self.seed_button.clicked.connect(self._new_seed)
        self.folder_button.clicked.connect(self._ask_folder)
        self.theme_box.activated.connect(self._on_theme)
        self.tabs.tabCloseRequested.connect(self._close_tab)

    # -- building

    def _make_fields(self) -> None:
        self.lectures = QListWidget()
        self.lectures.setItemDelegate(Roomy(self.lectures))
        self.algorithm = QComboBox()
        self.type = QComboBox()
        for name, title in TYPES:
            self.type.addItem(title, name)
        self.devices = QSpinBox()
        self.devices.setRange(2, 100_000)
        self.devices.setValue(3)
        self.seed = QLineEdit()
        self.seed.setPlaceholderText("a new one for every run")
        self.seed_button = Button("Draw")
        self.options = QLineEdit()
        self.options.setPlaceholderText("--fifo   --latency 0:0.5   --max-rounds 50")
        self.quiet = QCheckBox("Results only, no single messages")
        self.folder_button = Button("…")
        self.folder_label = QLabel()
        self.folder_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.theme_box = QComboBox()
        for name in themes.NAMES:
            self.theme_box.addItem(themes.theme(name).title, name)
        self.start_button = Button("Start")
        self.start_button.setDefault(True)
        self.tabs = QTabWidget()
        self.tabs.setTabsClosable(True)
        self.tabs.setDocumentMode(True)
        for lecture in LECTURES.values():
            item = QListWidgetItem(f"{lecture.number:\u2007>2}   {lecture.title}", self.lectures)
            item.setData(_ROLE, lecture.number)
            if not lecture.file:
                item.setToolTip("There is no exercise in this framework: see its text")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._row(form, "&Algorithm", self.algorithm, "A class of the exercise file")
        self._row(form, "&Network", self.type, "How time passes")
        self._row(form, "&Devices", self.devices, "How many devices there are")
        self._row(form, "&Seed", self.seed, "The same seed gives the same run", self.seed_button)
        self._row(form, "&Options", self.options, "More options, as on the command line")
        self._row(form, "", self.quiet, "Print results and statistics only")
        self._row(form, "&Folder", self.folder_label, "Of the exercise files", self.folder_button)
        self._row(form, "&Colours", self.theme_box, "The theme of the windows")
        name(self.lectures, "Lectures", "All lectures with their titles")
        name(self.start_button, "Start", "Start a run; any number can run at the same time")
        name(self.seed_button, "Draw a seed", "Draw a seed that stays for the next runs")
        name(self.folder_button, "Another folder", "Take the exercise files of another folder")
        name(self.tabs, "Runs", "What the runs print")
        heading = QLabel("&Lectures")
        heading.setBuddy(self.lectures)
        left = QWidget()
        column = QVBoxLayout(left)
        column.addWidget(heading)
        column.addWidget(self.lectures, 1)
        column.addLayout(form)
        column.addWidget(self.start_button)
        self.split = QSplitter()
        self.split.addWidget(left)
        self.split.addWidget(self._right())
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([420, 700])
        self.split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.banner)
        layout.addWidget(self.split, 1)

    def _right(self) -> QWidget:
        right = QWidget()
        self.hint = QLabel("Choose an algorithm and press Start.\nIts output appears here.")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setEnabled(False)
        column = QVBoxLayout(right)
        column.addWidget(self.hint, 1)
        column.addWidget(self.tabs, 1)
        self.tabs.hide()
        return right

    def _row(
        self, form: QFormLayout, title: str, field: QWidget, tip: str, beside: QWidget | None = None
    ) -> None:
        name(field, title.replace("&", "") or "Results only", tip)
        if beside is None:
            form.addRow(title, field)
            return
        line = QHBoxLayout()
        line.addWidget(field, 1)
        line.addWidget(beside)
        label = QLabel(title)
        label.setBuddy(beside if isinstance(field, QLabel) else field)
        form.addRow(label, line)

    # -- what is chosen

    @property
    def lecture(self) -> Lecture:
        """The chosen lecture."""
        item = self.lectures.currentItem()
        return LECTURES[0 if item is None else item.data(_ROLE)]

    def config(self) -> RunConfig:
        """Return what is chosen; raise `UsageError` where it makes no sense."""
        seed = self.seed.text().strip()
        if seed and not seed.lstrip("-").isdigit():
            raise UsageError(f"{seed!r} is no seed: a seed is a whole number")
        config = RunConfig(
            self.lecture.number,
            self.algorithm.currentText(),
            self.type.currentData(),
            self.devices.value(),
            int(seed) if seed else None,
            self.folder,
        )
        check(config)
        return config

    def arguments(self) -> list[str]:
        """Return the chosen run as arguments of the command line."""
        config = self.config()
        made = ["--lecture", str(config.lecture), "--algorithm", config.algorithm]
        made += ["--type", config.type, "--devices", str(config.devices)]
        if config.seed is not None:
            made += ["--seed", str(config.seed)]
        if config.exercises != EXERCISES:
            made += ["--exercises", str(config.exercises)]
        if self.quiet.isChecked() and config.type != "stepping":
            made.append("--quiet")
        return made + self.options.text().split()

    def _on_lecture(self) -> None:
        """Offer the algorithms found in the file of the lecture."""
        self.algorithm.clear()
        lecture = self.lecture
        self.start_button.setEnabled(bool(lecture.file))
        if not lecture.file:
            self._say(f"Lecture {lecture.number} has no exercise here: {lecture.title}", bad=False)
            return
        path = self.folder / f"{lecture.file}.py"
        try:
            found = algorithms(path)
        except SyntaxError as error:
            text = f": {error.text.strip()}" if error.text else ""
            self._say(f"{path.name}, line {error.lineno}: {error.msg}{text}")
            return
        except OSError:
            self._say(f"There is no file {path}")
            return
        self.banner.hide()
        self.algorithm.addItems(found)
        if not found:
            self._say(f"{path.name} has no class that extends Device", bad=False)

    def _say(self, text: str, bad: bool = True) -> None:
        self.banner.say(text, self.theme, bad)

    # -- buttons

    def start(self) -> RunView | None:
        """Start the chosen run; return its view, or None where something is wrong."""
        try:
            arguments = self.arguments()
        except UsageError as error:
            self._say(str(error))
            return None
        self.banner.hide()
        view = RunView(arguments, self.theme, self)
        title = f"{self.algorithm.currentText()} {self.type.currentData()}"
        self.hint.hide()
        self.tabs.show()
        self.tabs.setCurrentIndex(self.tabs.addTab(view, f"{title} …"))
        view.ended.connect(lambda status: self._on_ended(view, title, status))
        self._keep()
        view.start()
        return view

    def _on_ended(self, view: RunView, title: str, status: int) -> None:
        mark = "✓" if status == 0 else "✗"
        self.tabs.setTabText(self.tabs.indexOf(view), f"{title} {mark}")

    def _close_tab(self, index: int) -> None:
        view = self.tabs.widget(index)
        self.tabs.removeTab(index)
        if isinstance(view, RunView):
            view.end_now()
            view.deleteLater()
        if not self.tabs.count():
            self.tabs.hide()
            self.hint.show()

    def _new_seed(self) -> None:
        self.seed.setText(str(random.getrandbits(32)))

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, "Folder of the exercise files", str(self.folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.set_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def set_folder(self, folder: str) -> None:
        """Take the exercise files of a folder."""
        self.folder = Path(folder)
        self.folder_label.setText(self.folder.name)
        self.folder_label.setToolTip(str(self.folder))
        self._on_lecture()

    def _on_theme(self, index: int) -> None:
        self.theme = themes.theme(self.theme_box.itemData(index))
        settings().setValue("theme", self.theme.name)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            themes.dress(application, self.theme)
        self.banner.dress(self.theme)

    # -- what is remembered

    def _keep(self) -> None:
        kept = settings()
        kept.setValue("lecture", self.lecture.number)
        kept.setValue("algorithm", self.algorithm.currentText())
        kept.setValue("type", self.type.currentData())
        kept.setValue("devices", self.devices.value())
        kept.setValue("seed", self.seed.text())
        kept.setValue("options", self.options.text())
        kept.setValue("quiet", int(self.quiet.isChecked()))
        kept.setValue("folder", str(self.folder))
        kept.sync()

    def _remember(self) -> None:
        kept = settings()
        folder = Path(str(kept.value("folder", str(EXERCISES))))
        number = _number(kept.value("lecture"), 0)
        rows = [row for row in range(self.lectures.count())
                if self.lectures.item(row).data(_ROLE) == number]  # type: ignore[union-attr]  # fmt: skip
        self.lectures.setCurrentRow(rows[0] if rows else 0)
        self.set_folder(str(folder if folder.is_dir() else EXERCISES))
        self.algorithm.setCurrentText(str(kept.value("algorithm", "")))
        self.type.setCurrentIndex(max(0, self.type.findData(kept.value("type", "sync"))))
        self.devices.setValue(_number(kept.value("devices"), 3))
        self.seed.setText(str(kept.value("seed", "")))
        self.options.setText(str(kept.value("options", "")))
        self.quiet.setChecked(bool(_number(kept.value("quiet"), 0)))
        self.theme_box.setCurrentIndex(self.theme_box.findData(self.theme.name))

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """End what still runs."""
        self._keep()
        for index in range(self.tabs.count()):
            view = self.tabs.widget(index)
            if isinstance(view, RunView):
                view.end_now()
        super().closeEvent(event)


def name(widget: QWidget, title: str, tip: str) -> None:
    """Say what a widget is, to the eye and to the ear."""
    widget.setAccessibleName(title)
    widget.setAccessibleDescription(tip)
    if not widget.toolTip():
        widget.setToolTip(tip)


def _number(value: object, otherwise: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return otherwise
