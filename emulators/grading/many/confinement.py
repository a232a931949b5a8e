"""What the process of one submission may do: limits of the system, and rules for student code.

The rules are an audit hook (PEP 578): it cannot be taken away again, and it asks whose code is at
work. It stops what a student's file tries with ordinary Python; it is no wall against somebody who
attacks the interpreter itself. The walls are those of the system (box.py), where there are any.
"""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from emulators.virtual.loader import PROJECT

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_FORBIDDEN = (
    *("subprocess.", "socket.", "ctypes.", "os.exec", "os.posix_spawn", "os.fork", "os.system"),
    *("os.kill", "os.startfile", "os.setxattr", "pty.", "signal."),
    *("gc.get_", "sys._current_", "sys.settrace", "sys.setprofile", "sys.addaudithook"),
    *("_thread.start_", "fcntl.", "resource.", "syslog.", "winreg.", "msvcrt.", "mmap."),
    *("_winapi.", "urllib.", "ftplib.", "smtplib.", "http.", "webbrowser.", "sqlite3."),
    *("code.__new__", "os.chroot", "os.mount", "shutil.chown"),
)
"""Beginnings of the events that no exercise needs."""
_OF_PATHS = frozenset(
    {
        *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod"),
        *("os.chown", "os.truncate", "os.utime", "os.chdir", "shutil.rmtree", "shutil.move"),
        *("shutil.copyfile", "shutil.copymode", "shutil.copystat", "shutil.copytree"),
        *("shutil.make_archive", "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp"),
    }
)
_OF_FOLDERS = frozenset(
    {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "glob.glob", "pathlib.Path.glob"}
)


class Forbidden(PermissionError):
    """What student code tried is not allowed while it is graded."""


@dataclass
class Confinement:
    """The rules for one submission: it reads its folder and Python, and writes to `scratch` only.

    `offences` are what it tried, in words.
    """

    student: Path
    scratch: Path
    offences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._theirs = (_real(self.student), _real(self.scratch))
        python = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib")]
        ours = [PROJECT / "emulators", PROJECT / "ex9data"]
        self._trusted = _folders([*python, sys.prefix, sys.base_prefix, *ours])
        self._judges = _folders([PROJECT / "tests" / "lectures"])
        self._readable = (
            *_folders([*python, sys.base_prefix, *ours, PROJECT / "exercises", *self._theirs]),
            *("/usr/lib/", "/usr/share/zoneinfo/", "/etc/localtime", "/dev/null", "/dev/urandom"),
        )
        self._asking = False

    # -- the hook

    def begin(self) -> None:
        """Let the rules hold from now on, for as long as the process lives."""
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        judge = self._rule(event)
        if judge is None or self._asking:
            return
        self._asking = True
        try:
            problem = judge(arguments) if self._is_theirs(sys._getframe(1)) else ""
        finally:
            self._asking = False
        if problem:
            self.offences.append(problem)
            raise Forbidden(problem)

    def _rule(self, event: str) -> Callable[[tuple[Any, ...]], str] | None:
        if event == "open":
            return self._opening
        if event in _OF_PATHS:
            return lambda arguments: self._changing(event, arguments)
        if event in _OF_FOLDERS:
            return self._listing
        if event.startswith(_FORBIDDEN):
            return lambda arguments: f"it calls {event}, which is not allowed while it is graded"
        return None

    def _is_theirs(self, frame: FrameType | None) -> bool:
        """Whether any code at work is neither ours nor Python's: made of text, it is theirs too."""
        while frame is not None:
            file = frame.f_code.co_filename
            if not file.startswith(("<frozen ", *self._trusted, *self._judges)):
                return True
            frame = frame.f_back
        return False

    # -- the rules

    def _opening(self, arguments: tuple[Any, ...]) -> str:
        path, mode, flags = (*arguments, None, None, None)[:3]
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""  # a file that is open already
        real = _real(path)
        writes = set(mode or "") & set("wax+") or (flags or 0) & _WRITING
        if writes and not self._is_scratch(real):
            return f"it opens {_shown(path)} for writing"
        if not real.startswith(self._readable) and real not in self._theirs:
            return f"it opens {_shown(path)}"
        return ""

    def _changing(self, event: str, arguments: tuple[Any, ...]) -> str:
        paths = [one for one in arguments if isinstance(one, (str, bytes, os.PathLike))]
        if all(self._is_scratch(_real(path)) for path in paths):
            return ""
        return f"it calls {event} on {', '.join(map(_shown, paths))}"

    def _listing(self, arguments: tuple[Any, ...]) -> str:
        path = next((one for one in arguments if isinstance(one, (str, bytes, os.PathLike))), ".")
        real = _real(path) + os.sep
        return "" if real.startswith(self._readable) else f"it looks into {_shown(path)}"

    def _is_scratch(self, real: str) -> bool:
        return real == os.devnull or f"{real}{os.sep}".startswith(_folders(self._theirs))


def _folders(paths: Iterable[object]) -> tuple[str, ...]:
    """Return the beginnings of all paths in some folders, as they are written and as they are."""
    written = [str(path) for path in paths]
    return tuple(dict.fromkeys(f"{one}{os.sep}" for path in written for one in (path, _real(path))))


def _real(path: Any) -> str:
    return os.path.realpath(os.fsdecode(path))


def _shown(path: Any) -> str:
    return repr(os.fsdecode(path))[:200]


# -- limits of the system


@dataclass(frozen=True)
class Limits:
    """Seconds of processor time, real seconds, MB of memory, MB of each file.

    `patience` is how much of its usual patience the watchdog has with code that does not come back.
    """

    cpu: int = 120
    wall: int = 300
    memory: int = 2048
    file: int = 64
    patience: float = 1.0

    def begin(self) -> list[str]:
        """Set what the system can limit; return what it cannot."""
        try:
            import resource
        except ImportError:  # Windows: the real seconds remain
            return ["cpu", "memory", "file"]
        wanted = {
            "cpu": (resource.RLIMIT_CPU, self.cpu),
            "memory": (resource.RLIMIT_AS, self.memory * 2**20),
            "file": (resource.RLIMIT_FSIZE, self.file * 2**20),
            "files": (resource.RLIMIT_NOFILE, 256),
            "core": (resource.RLIMIT_CORE, 0),
        }
        return [name for name, (kind, most) in wanted.items() if not _limited(kind, most)]


def _limited(kind: int, most: int) -> bool:
    import resource

    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (ValueError, OSError):
        return False
    return True


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards, whatever was done to it."""
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
