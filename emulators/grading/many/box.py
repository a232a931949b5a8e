"""One submission in a process of its own: started, fed, watched, and ended whatever it does.

Nothing that the process says is believed but which of our cases ended how; the points are ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emulators.grading.many.confinement import Limits, scratch_folder
from emulators.grading.many.entries import Entry
from emulators.grading.many.record import Record
from emulators.grading.many.walls import behind, strongest
from emulators.virtual.loader import PROJECT

_START = (
    "import sys; sys.path[0] = sys.argv.pop(); "
    "from emulators.grading.many.inside import main; sys.exit(main())"
)
_MOST_ANSWER = 30_000_000
_MOST_RECORDING = 20_000_000
_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Job:
    """One submission to be judged, complete in itself, so that it can travel to another machine."""

    lecture: int
    entry: Entry
    seeds: int | None = None
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[str, ...] = ()
    wall: str = ""


def judge(job: Job) -> Record:
    """Judge one submission; returns whatever it does."""
    wall = job.wall or strongest()
    record = Record(job.entry.name, job.entry.digest, job.lecture, wall)
    if job.entry.problem:
        record.problem = job.entry.problem
        return record
    with scratch_folder() as own:
        _furnish(own, job.entry)
        secret = secrets.token_hex(16)
        ended = _Ended(*_run(job, own, wall, secret))
        _read(_without(own, ended.answer), secret, record)
        if not record.problem and not record.done:
            record.problem = ended.reason(own, job.limits)
        record.recordings = dict(_recordings(own / "recordings", record))
    return record


def _furnish(own: Path, entry: Entry) -> None:
    for name in ("submission", "work", "recordings"):
        (own / name).mkdir()
    entry.write(own / "submission")
    with contextlib.suppress(OSError):  # Windows: without a privilege there are no links
        (own / "work" / "ex9data").symlink_to(PROJECT / "ex9data", target_is_directory=True)


# -- the process


def _run(job: Job, own: Path, wall: str, secret: str) -> tuple[bytes, int, bool]:
    """Return the answer of the process, its status, and whether it was too slow."""
    python = [sys.executable, "-s", "-B", "-c", _START, str(PROJECT)]
    command = behind(wall, python, own, [Path(path) for path in job.hidden])
    told = {
        "secret": secret,
        "lecture": job.lecture,
        "folder": str(own / "submission"),
        "scratch": str(own / "work"),
        "out": str(own / "recordings"),
        "seeds": job.seeds,
        "limits": asdict(job.limits),
    }
    with (own / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=own / "work",
            env=_environment(own),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        return _attended(process, json.dumps(told).encode() + b"\n", job.limits.wall)


def _environment(own: Path) -> dict[str, str]:
    """Return an environment that tells a submission nothing, with the same hashes for all."""
    names = ("PATH", "SYSTEMROOT", "LANG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    home = str(own / "work")
    return {**kept, "HOME": home, "TMPDIR": home, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


def _attended(
    process: subprocess.Popen[bytes], told: bytes, seconds: float
) -> tuple[bytes, int, bool]:
    assert process.stdin is not None
    timer = threading.Timer(seconds, _kill, [process])
    timer.start()
    try:
        _running.add(process)
        with contextlib.suppress(OSError):
            process.stdin.write(told)
            process.stdin.close()
        answer = _bounded(process)
        status = process.wait()
        too_slow = not timer.is_alive()
    finally:
        timer.cancel()
        _running.discard(process)
        _kill(process)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
    return answer, status, too_slow


def _bounded(process: subprocess.Popen[bytes]) -> bytes:
    """Return what the process writes, up to a bound; who writes more is ended."""
    assert process.stdout is not None
    parts, size = [], 0
    while part := process.stdout.read1(65536):  # type: ignore[attr-defined]
        parts.append(part)
        size += len(part)
        if size > _MOST_ANSWER:
            _kill(process)
            break
    return b"".join(parts)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def end_all() -> None:
    """End all processes that this one has started and still waits for."""
    for process in list(_running):
        _kill(process)


# -- what it left


@dataclass(frozen=True)
class _Ended:
    answer: bytes
    status: int
    too_slow: bool

    def reason(self, own: Path, limits: Limits) -> str:
        """Say why a process ended before it was done."""
        if self.too_slow:
            return f"it was not done after {limits.wall} s"
        if self.status == 0:
            return "it ended the process in which it was graded (os._exit?)"
        if self.status in (-9, 137, -24, 152):
            return f"it was ended by the system: more than {limits.cpu} s of processor time?"
        if self.status in (-11, 139, -6, 134):
            return "the interpreter crashed (too deep a recursion, too little memory?)"
        with contextlib.suppress(OSError):
            errors = _without(own, (own / "errors.txt").read_bytes())
            words = errors.decode("utf-8", "replace").strip().splitlines()
            if words and words[0].startswith("Timeout"):
                place = next((one for one in words if "submission" in one), "")
                return f"a call does not come back and cannot be interrupted: {place.strip()}"
            if words:
                return f"its process ended with status {self.status}: {words[-1][:300]}"
        return f"its process ended with status {self.status}"


def _without(own: Path, answer: bytes) -> bytes:
    """Return an answer without the name of the temporary folder: it is another one each time."""
    for written in (str(own), json.dumps(str(own))[1:-1]):
        answer = answer.replace(f"{written}{os.sep}".encode(), b"")
    return answer


def _read(answer: bytes, secret: str, record: Record) -> None:
    """Take from the answer what begins with the secret; anything else is not from us."""
    for line in answer.splitlines():
        try:
            given, kind, value = json.loads(line)
        except (ValueError, TypeError):
            given = None
        if given != secret:
            record.problem = "it wrote into the answer of the grader"
            return
        _TAKE[kind](record, value)


def _verdict(record: Record, value: dict[str, Any]) -> None:
    record.verdicts.append(value)


def _offences(record: Record, value: list[str]) -> None:
    record.offences = list(dict.fromkeys([*record.offences, *value]))[:20]


def _tampered(record: Record, value: list[str]) -> None:
    record.problem = f"it changes what it is graded with: {', '.join(value)}"
    record.verdicts.clear()


def _stuck(record: Record, value: str) -> None:
    record.problem = f"it cannot be interrupted at {value}: let the loop end"


def _done(record: Record, value: None) -> None:
    record.done = True


_TAKE: dict[str, Callable[[Record, Any], None]] = {
    "verdict": _verdict,
    "offences": _offences,
    "tampered": _tampered,
    "stuck": _stuck,
    "done": _done,
}


def _recordings(folder: Path, record: Record) -> Iterator[tuple[str, str]]:
    """Return the recordings that verdicts name, by their file names."""
    for verdict in record.verdicts:
        name = Path((verdict.get("evidence") or {}).get("recording") or "").name
        path = folder / name
        is_file = bool(name) and path.is_file() and not path.is_symlink()
        if is_file and path.stat().st_size <= _MOST_RECORDING:
            yield name, path.read_text("utf-8", "replace")
