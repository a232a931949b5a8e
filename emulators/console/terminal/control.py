"""How a person asks: by keys where there is a terminal, else by lines; and by a remote beside them.

Each ends when the person leaves or the input ends; then the run goes on by itself.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Protocol, TextIO

from emulators.console.terminal.commands import do, print_keys
from emulators.console.terminal.walk import Walk
from emulators.errors import UsageError
from emulators.remote import Doubles

_LOOK = 0.05
"""Seconds between two looks for what came from elsewhere than the keyboard."""
PAUSE = 0.03
"""Seconds between two steps of a fast-forward."""
_FIRST_REPEAT = 0.8
"""Seconds after which a key that is held has surely repeated itself."""
_GAP = 0.25
"""Seconds between two repetitions of a key that is held, at most."""

_SHORT = "Keys: space step, f fast-forward, enter finish, tab messages, b back, ? all keys"


class Keyboard(Protocol):
    """Where keys come from."""

    def read(self, timeout: float | None = None) -> str:
        """Return the name of the next key, or nothing after `timeout` seconds."""


def say(problem: object) -> None:
    """Say in one line what cannot be done."""
    print(f"{problem}", flush=True)


# -- lines


def by_lines(walk: Walk, stream: TextIO | None) -> None:
    """Do what is typed, line by line, until the person leaves or the input ends."""
    if stream is None:
        return
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    interactive = not stream.closed and stream.isatty()
    if interactive:
        print("An empty line makes one step; help shows the commands")
    while not walk.left:
        if interactive:
            print("> ", end="", flush=True)
        try:
            line = stream.readline()
        except (OSError, ValueError):
            line = ""
        if not line:
            return
        if not line.strip() and walk.stepper.ended:
            return  # so that a stream of empty lines comes to an end
        try:
            do(walk, line)
        except UsageError as error:
            say(error)
        sys.stdout.flush()


# -- keys


class ByKeys:
    """Does what is pressed. `remote` holds what a presenter remote asks for, where one is on."""

    def __init__(
        self,
        walk: Walk,
        keys: Keyboard,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.remote: SimpleQueue[str] | None = None
        self._walk = walk
        self._over = False
        self._keys = keys
        self._pause = pause
        self._clock = clock
        self._doubles = Doubles(clock)
        step, back = self._step, walk.back
        self._actions: dict[str, Callable[[], object]] = {
            **dict.fromkeys(("space", "right", "page down"), step),
            **dict.fromkeys(("b", "left", "page up"), back),
            "f": self._fast_forward,
            "enter": walk.leave,
            "end": walk.leave,
            "tab": walk.queue,
            "s": self._pick,
            "e": lambda: walk.act("swap"),
            "p": self._state,
            ":": self._command,
            "?": print_keys,
        }

    def run(self) -> None:
        """Do what is pressed until the person leaves or the keyboard is gone."""
        print(_SHORT, flush=True)
        try:
            while not self._walk.left:
                self._do(self._next())
        except EOFError:
            return

    def _do(self, key: str) -> None:
        action = self._actions.get(key)
        try:
            if action is not None:
                action()
            elif key not in ("other", "escape"):
                say(f"{key} does nothing; ? shows the keys")
        except UsageError as error:
            say(error)
        sys.stdout.flush()

    def _next(self) -> str:
        """Return the next key; what the remote also heard counts once."""
        if self.remote is None:
            return self._keys.read()
        while True:
            with contextlib.suppress(Empty):
                asked = self.remote.get_nowait()
                if self._doubles.is_new("remote", asked):
                    return "space" if asked == "step" else "b"
                continue
            key = self._keys.read(_LOOK)
            if key and self._doubles.is_new("keyboard", _MEANING.get(key, key)):
                return key

    def _step(self) -> bool:
        """Make a step; say only once that there is none, however long a key is held."""
        if not self._walk.stepper.ended:
            self._over = False
        elif self._over:
            return False
        else:
            self._over = True
        return self._walk.step()

    def _fast_forward(self) -> None:
        """Go on while the key is held; where that cannot be told, until the next key."""
        began = last = self._clock()
        repeats = False
        while self._step():
            sys.stdout.flush()
            key = self._keys.read(self._pause)
            now = self._clock()
            if key == "f" and (repeats or now - began < _FIRST_REPEAT):
                repeats, last = True, now
                while key == "f":
                    key = self._keys.read(0)
            if key or (repeats and now - last > _GAP):
                return

    def _pick(self) -> None:
        self._walk.queue()
        first = self._walk.first_waiting()
        answer = self._ask(f"Pick which message? (enter: {first}) ")
        if answer is not None:
            do(self._walk, f"pick {answer or first}")

    def _state(self) -> None:
        device = self._walk.acting_device()
        few = len(self._walk.stepper.emulator.ids) <= 10
        answer = self._ask(f"State of which device? (enter: {device}) ", most=1 if few else 9)
        if answer is not None:
            do(self._walk, f"state {answer or device}")

    def _command(self) -> None:
        answer = self._ask(":")
        if answer:
            do(self._walk, answer)

    def _ask(self, question: str, most: int = 1000) -> str | None:
        """Return what is typed until enter or `most` characters; None after escape."""
        print(question, end="", flush=True)
        answer = ""
        while len(answer) < most:
            key = self._keys.read()
            if key in ("enter", "escape", "end"):
                break
            if key == "backspace":
                if answer:
                    answer = answer[:-1]
                    print("\b \b", end="", flush=True)
            elif key == "space" or len(key) == 1:
                answer += " " if key == "space" else key
                print(answer[-1], end="", flush=True)
        else:
            key = ""
        print(flush=True)
        return None if key in ("escape", "end") else answer


_MEANING = {
    **dict.fromkeys(("space", "right", "page down"), "step"),
    **dict.fromkeys(("left", "page up"), "back"),
}
