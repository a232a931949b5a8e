"""What the code of a run prints, kept with the step at which it was printed.

Printing goes through ``sys.stdout``, which all threads share: only what the thread of the run
writes is kept, everything else goes where it always went.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from threading import get_ident
from typing import Any, TextIO

from emulators.EmulatorStub import active_emulator

_MOST = 2_000_000
"""Characters that are kept; a run that prints more loses the oldest."""


class Output:
    """The text a run has printed up to where it stands.

    `steps` counts for what is printed outside every emulator.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._chunks: list[tuple[int, str]] = []
        self._size = 0
        self._text: str | None = ""
        self._streams: list[_Stream] = []

    @property
    def text(self) -> str:
        """All of it."""
        if self._text is None:
            self._text = "".join(chunk for _, chunk in self._chunks)
        return self._text

    def write(self, text: str) -> None:
        """Add what is printed now."""
        if not text:
            return
        self._chunks.append((getattr(active_emulator(), "steps", self.steps), text))
        self._text = None
        self._size += len(text)
        while self._size > _MOST:
            self._size -= len(self._chunks.pop(0)[1])

    def back_to(self, steps: int) -> None:
        """Forget what is printed only after so many steps."""
        while self._chunks and self._chunks[-1][0] >= max(steps, 1):
            self._size -= len(self._chunks.pop()[1])
            self._text = None

    def clear(self) -> None:
        """Forget everything."""
        self._chunks, self._size, self._text = [], 0, ""

    @contextlib.contextmanager
    def of_this_thread(self) -> Iterator[None]:
        """Keep what the calling thread prints until the block ends."""
        before = sys.stdout, sys.stderr
        streams = [self._in_front_of(stream) for stream in before]
        sys.stdout, sys.stderr = streams
        try:
            yield
        finally:
            sys.stdout, sys.stderr = (
                old if now is ours else now
                for old, ours, now in zip(before, streams, (sys.stdout, sys.stderr), strict=True)
            )

    def _in_front_of(self, stream: TextIO) -> _Stream:
        """Return what keeps what this thread writes, the same one each time.

        It lives as long as this output does: another thread may be in the middle of printing to it
        when the block ends, and Python's own `print` does not keep it alive.
        """
        for known in self._streams:
            if known.passes_on_to is stream and known.thread == get_ident():
                return known
        self._streams.append(_Stream(stream, self))
        return self._streams[-1]


class _Stream(io.TextIOBase):
    """Keeps what one thread writes and passes on what others write."""

    def __init__(self, stream: TextIO, output: Output) -> None:
        self.passes_on_to = stream
        self._output = output
        self.thread = get_ident()

    def write(self, text: str) -> int:
        """Keep or pass on."""
        if get_ident() != self.thread:
            return self.passes_on_to.write(text)
        self._output.write(text)
        return len(text)

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False to the run: what is kept has no colours."""
        return get_ident() != self.thread and self.passes_on_to.isatty()

    def flush(self) -> None:
        """Flush what is passed on."""
        if get_ident() != self.thread:
            self.passes_on_to.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.passes_on_to, name)
