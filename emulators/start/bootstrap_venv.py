"""The slow half of the bootstrap: make `.venv`, fill it, repair it, restart the command in it.

Here: `Setup`, which is loaded only where packages are missing (bootstrap.py finds that out).
Not here: what a person reads when it fails (bootstrap_texts.py), any package, the framework.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from emulators.start import bootstrap_texts as texts
from emulators.start.bootstrap import (
    REQUIREMENTS,
    STATE,
    SetupError,
    importable,
    is_optional,
    missing,
    requirement_lines,
    say,
    shell_line,
)

# What a restarted command is told: the packages were there, or they were installed just now.
FOUND, INSTALLED = "found", "installed"

Command = list[str]


class Way(NamedTuple):
    """A tool that is there: how it makes an environment and how it installs into one."""

    name: str
    make: Command
    install: Command


class Setup:
    """The `.venv` of one project folder and what has to be in it for one group of commands."""

    def __init__(self, root: str, group: str) -> None:
        self.root = root
        self.group = group
        self.venv = Path(root, ".venv")
        self.log = self.venv / "bootstrap.log"
        self.lock = self.venv / "bootstrap.lock"
        self.half_made = self.venv / "bootstrap.half-made"
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def move_into(self, state: str) -> NoReturn:
        """Start the command again in `.venv`, which is made or repaired where it has to be."""
        if state == INSTALLED:
            names = missing(self.root, self.group)
            raise SetupError(texts.still_missing(self.venv, names))
        broken_stamp = ""
        if self.complete():
            if state != FOUND and not self._inside():
                with contextlib.suppress(OSError):  # its interpreter is of another machine
                    self._restart(FOUND)
            broken_stamp = self._stamp()
        try:
            self._set_up(broken_stamp)
        except OSError as error:
            files = [Path(self.root, name) for name in REQUIREMENTS[self.group]]
            raise SetupError(texts.cannot_write(self.venv, error, files)) from error
        self._restart(INSTALLED)

    def complete(self) -> bool:
        """Tell whether `.venv` was filled with what the requirements of the group say now."""
        whole = self.python.exists() and not self.half_made.exists()
        return whole and self._stamp().startswith(self._fingerprint(self.group))

    def _inside(self) -> bool:
        return os.path.realpath(sys.prefix) == os.path.realpath(self.venv)

    def _marker(self, group: str) -> Path:
        return self.venv / f"bootstrap.{group}"

    def _stamp(self) -> str:
        """Read what the last set-up left: the fingerprint and when it ended; else nothing."""
        marker = self._marker(self.group)
        return marker.read_text(encoding="utf-8") if marker.exists() else ""

    def _fingerprint(self, group: str) -> str:
        lines = requirement_lines(self.root, group)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _set_up(self, broken_stamp: str) -> None:
        """Fill `.venv`; the one with `broken_stamp` is complete in name only and starts anew."""
        ways = self.ways()
        self.venv.mkdir(exist_ok=True)
        with held(self.lock):
            if self.complete() and self._stamp() != broken_stamp:
                return  # done by another command that started at the same time
            began = time.time()
            say(texts.announcement(REQUIREMENTS[self.group], self.venv))
            if broken_stamp or self.half_made.exists() or not self.python.exists():
                self._clear()
            self._fill(ways)
            self._sign()
            say(f"Ready after {time.time() - began:.0f} s.")

    def ways(self) -> list[Way]:
        """List the tools that are there, the fastest first."""
        base = self._base()
        python, venv = str(self.python), str(self.venv)
        ways = []
        uv = shutil.which("uv")
        if uv:
            make = [uv, "venv", "--allow-existing", "--python", base, venv]
            ways.append(Way("uv", make, [uv, "pip", "install", "--python", python]))
        if importable("venv") and importable("ensurepip"):
            pip = [python, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
            ways.append(Way("pip", [base, "-m", "venv", venv], [*pip, "--retries", "2"]))
        if not ways:
            raise SetupError(texts.no_venv())
        return ways

    def _base(self) -> str:
        """Find the interpreter that stays when `.venv` is cleared from inside."""
        base = getattr(sys, "_base_executable", "") or sys.executable
        follow = self._inside() and os.name != "nt"  # before Python 3.11 only the link tells
        return os.path.realpath(base) if follow else base

    def _clear(self) -> None:
        for entry in self.venv.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != self.lock:
                entry.unlink()

    def _fill(self, ways: list[Way]) -> None:
        """Install everything, or where that fails everything but what is optional.

        The file `half_made` stays behind only where this is interrupted.
        """
        self.half_made.touch()
        failure = self.install(ways, self._packages(optional=True))
        if failure and not texts.is_offline(failure):
            say("  again, without the optional packages")
            failure = self.install(ways, self._packages(optional=False))
        self.half_made.unlink()
        if failure:
            raise SetupError(texts.not_installed(failure, self.log))

    def _packages(self, optional: bool) -> list[str]:
        lines = requirement_lines(self.root, self.group)
        kept = [line for line in lines if optional or not is_optional(line)]
        return [line.partition("#")[0].strip() for line in kept]

    def install(self, ways: list[Way], packages: list[str]) -> str:
        """Install by the first way that works and return nothing, else what the last printed."""
        output = ""
        for way in ways:
            say(f"  with {way.name}")
            failed, output = self._run(way.make)
            if not failed:
                failed, output = self._run(way.install + packages)
            if not failed:
                return ""
        return output or "it printed nothing"

    def _run(self, command: Command) -> tuple[int, str]:
        """Run a tool; all it prints goes to the log, what takes long also to the terminal."""
        environment = dict(os.environ, PIP_USER="0", PYTHONUNBUFFERED="1")
        with self.log.open("ab", buffering=0) as log:
            log.write(f"\n$ {shell_line(command)}\n".encode())
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            lines = []
            for line in _lines(process):
                log.write(line)
                lines.append(line.decode(errors="replace"))
                progress = texts.progress(lines[-1])
                if progress:
                    say(progress)
        return process.returncode, "".join(lines)

    def _sign(self) -> None:
        """Write down what is in `.venv` now, for each group that is served by it."""
        here = set(REQUIREMENTS[self.group])
        for group in [group for group, files in REQUIREMENTS.items() if here.issuperset(files)]:
            stamp = f"{self._fingerprint(group)} {time.time_ns()}\n"
            self._marker(group).write_text(stamp, encoding="utf-8")

    def _restart(self, state: str) -> NoReturn:
        """Become the same command in `.venv`; on Windows run it there and pass its status on."""
        command = [str(self.python), *sys.orig_argv[1:]]
        sys.stdout.flush()
        environment = {**os.environ, STATE: state}
        if os.name == "nt":
            pass_on(command, environment)
        os.execve(command[0], command, environment)


def pass_on(command: Command, environment: dict[str, str]) -> NoReturn:
    """Run a command to its end and exit as it does."""
    process = subprocess.Popen(command, env=environment)
    while process.poll() is None:
        with contextlib.suppress(KeyboardInterrupt):  # the command has got it too
            process.wait()
    sys.exit(process.returncode)


def _lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield what a process prints until it ends; end it where the reader is interrupted."""
    try:
        yield from process.stdout or ()
    except BaseException:
        process.terminate()
        raise
    finally:
        process.wait()


@contextlib.contextmanager
def held(lock: Path) -> Iterator[None]:
    """Be the only command that sets up; the system frees the lock where its holder dies."""
    with lock.open("ab") as file:
        if not _locked(file.fileno()):
            say("Another command is setting up here; waiting for it.")
            while not _locked(file.fileno()):
                time.sleep(0.2)
        yield


def _locked(lock: int) -> bool:
    """Take the lock where it is free; a file system that knows no locks counts as free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True
