"""What can go wrong, in words for a student: where, what, what to try. Prints nothing itself."""

from __future__ import annotations

import linecache
import os
import re
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from emulators.usage import UsageError as UsageError  # noqa: PLC0414  (for whoever imports it here)

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = os.path.abspath(sysconfig.get_paths()["stdlib"]) + os.sep
_SITE = ("site-packages", "dist-packages")
_PORT = re.compile(r"\b\w*Port\.(?=(send|receive|wait_for_next_round)\()")
"""What Python calls the methods of a medium that is wired to a run."""


class StudentError(RuntimeError):
    """A rule of the framework was broken by the code that called it.

    `hint` says what to try.
    """

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class NotInitialised(StudentError):
    """A device or message is used whose class does not call ``super().__init__``."""


class MutualExclusionViolated(StudentError):
    """Two devices are in the critical section at the same time."""


class PollingError(StudentError):
    """A device asks for messages again and again in one synchronous round."""


class Unresponsive(BaseException):
    """Raised into student code that runs on without touching the medium.

    A BaseException, because no ``except Exception`` in that code may hide it.
    """

    hint = "let the loop end, or call self.medium.wait_for_next_round() in it"

    def __str__(self) -> str:
        return "it runs on and on without touching the medium (an endless loop?)"


@dataclass(frozen=True)
class Place:
    """A line of source code; the file is relative where it lies below the working directory."""

    file: str
    line: int
    function: str

    @property
    def source(self) -> str:
        """The text of the line, or nothing where the file cannot be read."""
        return linecache.getline(os.path.abspath(self.file), self.line).strip()

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, in {self.function}"


def _place(file: str, line: int, function: str) -> Place:
    return Place(shown_path(file), line, function)


def shown_path(file: str) -> str:
    """Return a path as it is shown: relative where it lies below the working directory."""
    path = os.path.abspath(file)
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        relative = path
    shown = path if relative.startswith(os.pardir) else relative
    return shown.replace(os.sep, "/")


def is_own(file: str) -> bool:
    """Return whether a source file belongs to this framework."""
    return os.path.abspath(file).startswith(_OWN)


def is_library(file: str) -> bool:
    """Return whether a source file belongs to Python or an installed package."""
    return file.startswith(("<", _LIBRARY)) or any(part in file for part in _SITE)


def _student_place(candidates: Iterable[tuple[str, int, str]]) -> Place | None:
    """Return the innermost place in a student's file; candidates come innermost first."""
    fallback = None
    for file, line, function in candidates:
        if is_own(file):
            continue
        if not is_library(file):
            return _place(file, line, function)
        fallback = fallback or _place(file, line, function)
    return fallback


def place_of_error(error: BaseException) -> Place | None:
    """Return where in the student's code an exception arose."""
    if isinstance(error, SyntaxError) and error.filename and not is_library(error.filename):
        return _place(error.filename, error.lineno or 0, "the file")
    return _student_place(reversed(list(_traceback_places(error.__traceback__))))


def _traceback_places(traceback: TracebackType | None) -> Iterable[tuple[str, int, str]]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield code.co_filename, traceback.tb_lineno, code.co_name
        traceback = traceback.tb_next


def place_of_function(function: object) -> Place | None:
    """Return where a function of the student's code begins."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return _student_place([(code.co_filename, code.co_firstlineno, code.co_name)])


def place_of_frame(frame: FrameType | None) -> Place | None:
    """Return where in the student's code a running or suspended function stands."""
    return _student_place(_frame_places(frame))


def _frame_places(frame: FrameType | None) -> Iterator[tuple[str, int, str]]:
    while frame is not None:  # one by one: there may be millions
        yield frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name
        frame = frame.f_back


@dataclass
class Failure:
    """What went wrong in one device (or in the run as a whole, `device` None).

    `when` is the round or the virtual time in words. After a failure that is not `fatal` the device
    goes on.
    """

    device: int | None
    when: str
    problem: str
    place: Place | None = None
    last_message: str = ""
    hint: str = ""
    details: list[str] = field(default_factory=list)
    fatal: bool = True

    @property
    def headline(self) -> str:
        """Who failed, when and why, in one line."""
        who = "The run" if self.device is None else f"Device {self.device}"
        return f"{who} failed {self.when}: {self.problem}"

    @property
    def text(self) -> str:
        """The whole report, several lines."""
        return "\n".join([self.headline, *self._rest()])

    def _rest(self) -> list[str]:
        lines = []
        if self.place is not None:
            lines.append(f"  at {self.place}")
            if self.place.source:
                lines.append(f"      {self.place.source}")
        lines += [f"  {line}" for line in self.details]
        if self.last_message:
            lines.append(f"  last message received: {self.last_message}")
        if self.hint:
            lines.append(f"  try: {self.hint}")
        return lines

    def __str__(self) -> str:
        return self.text


def grouped(failures: Iterable[Failure]) -> list[str]:
    """Return the reports, those of devices that failed in the same way as one."""
    groups: dict[tuple[str, Place | None], list[Failure]] = {}
    for failure in failures:
        groups.setdefault((failure.problem, failure.place), []).append(failure)
    return [_report_of(same) for same in groups.values()]


def _report_of(same: list[Failure]) -> str:
    first = same[0].text
    others = ", ".join(f"{failure.device} {failure.when}" for failure in same[1:6])
    more = f" and {len(same) - 6} more" if len(same) > 6 else ""
    return f"{first}\n  the same in device {others}{more}" if others else first


def describe(error: BaseException) -> str:
    """Return an exception as one line: our own rules without the name of their class."""
    if isinstance(error, (StudentError, Unresponsive)):
        return str(error)
    name = type(error).__name__
    try:
        text = _PORT.sub("Medium.", " ".join(str(error).split()))
    except Exception as other:
        text = f"(and its __str__ raises {type(other).__name__})"
    return f"{name}: {text}" if text else name


def hint_of(error: BaseException) -> str:
    """Return what to try: the hint of one of our own errors, or of what beginners run into."""
    own: str = getattr(error, "hint", "")
    if own:
        return own
    if isinstance(error, AttributeError) and error.obj is None:
        return "look whether it is None: receive() returns None when no message has arrived"
    if isinstance(error, TypeError) and "'module' object is not callable" in str(error):
        return "import the class, too: from emulators.MessageStub import MessageStub"
    if isinstance(error, TypeError) and "takes 0 positional arguments but 1 was" in str(error):
        return "write self as the first parameter of the method, as in: def run(self):"
    return ""


def safe_str(value: object) -> str:
    """Return ``str(value)`` on one line, or what its ``__str__`` raised."""
    try:
        return " ".join(str(value).split("\n"))
    except Exception as error:
        return f"<{type(value).__name__}: its __str__ raises {describe(error)}>"
