"""A screen of its own, with somebody at its keyboard and mouse: Xvfb and xdotool.

Nothing sleeps for a fixed time: every wait is for something, and gives up at a limit.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE = 30.0
_GLANCE = 0.03
PROGRAMS = ("Xvfb", "xdotool")


def need_a_screen() -> None:
    """Skip the test where the programs are missing; where CI is set they have to be there."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        cannot(f"{' and '.join(missing)} not installed (Debian: apt-get install xvfb xdotool)")


def cannot(reason: str) -> None:
    """Skip the test, or fail it where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Return as soon as a condition holds."""
    glance = threading.Event()
    for _ in range(int(PATIENCE / _GLANCE)):
        if condition():
            return
        glance.wait(_GLANCE)
    pytest.fail(f"in {PATIENCE:g} s it did not come to this: {what}")


@contextlib.contextmanager
def a_screen() -> Iterator[Screen]:
    """Start an X server on a display that is free, and end it afterwards."""
    read, write = os.pipe()
    options = ["-screen", "0", "1600x900x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *options],
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with open(read, encoding="ascii") as answer:
            ready, _, _ = select.select([answer], [], [], PATIENCE)
            number = answer.readline().strip() if ready else ""
        assert number, "Xvfb does not start"
        yield Screen(f":{number}")
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


class Screen:
    """What xdotool does on a display."""

    def __init__(self, name: str) -> None:
        self.name = name

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a program that shows windows here."""
        return {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb", **more}

    def do(self, *words: str) -> str:
        """Let xdotool do something; return what it answers."""
        done = subprocess.run(
            ["xdotool", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """Wait for a window whose title matches; give it the keyboard and return its number."""
        found = self.do("search", "--sync", "--onlyvisible", "--name", title).split()
        assert len(found) == 1, f"windows with the title {title!r}: {found}"
        self.focus(found[0])
        return found[0]

    def focus(self, window: str) -> None:
        """Give a window the keyboard: there is no window manager that would."""
        self.do("windowfocus", "--sync", window)

    def is_shown(self, title: str) -> bool:
        """Return whether a window with such a title is to be seen."""
        return bool(self.do("search", "--onlyvisible", "--name", title))

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        self.do("key", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self.do("type", text)

    def click(self, window: str, x: int, y: int) -> None:
        """Click into a window."""
        self.do("mousemove", "--sync", "--window", window, str(x), str(y), "click", "1")

    def size(self, window: str) -> tuple[int, int]:
        """Return the width and the height of a window."""
        lines = self.do("getwindowgeometry", "--shell", window).splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return int(values["WIDTH"]), int(values["HEIGHT"])


def wait_for_end(process: int) -> None:
    """Wait until a process that is not a child of this one has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([handle], [], [], PATIENCE)
    finally:
        os.close(handle)
    assert ended, "the window's process does not end"


def is_complete(path: Path) -> bool:
    """Return whether a recording was written to its last line."""
    return path.exists() and '{"e":"finish"' in path.read_text(encoding="utf-8")
