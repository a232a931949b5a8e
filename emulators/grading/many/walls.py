"""What the system itself puts around a process: namespaces without network, and hidden folders."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from emulators.virtual.loader import PROJECT

BUBBLEWRAP, NAMESPACES, NONE = "bubblewrap", "namespaces", "limits only"
_UNSHARE = [
    "unshare",
    "--user",
    "--map-root-user",
    "--net",
    "--ipc",
    "--pid",
    "--fork",
    "--kill-child",
]
_BWRAP = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
HIDDEN = (PROJECT / "tests" / "solutions", PROJECT / "tests" / "mutants")


@lru_cache(maxsize=1)
def strongest() -> str:
    """Return the strongest wall that this machine permits, found out by trying."""
    if sys.platform == "linux":
        if _works([*_BWRAP, "--dev", "/dev", "--proc", "/proc", "true"]):
            return BUBBLEWRAP
        if _works([*_UNSHARE, "true"]):
            return NAMESPACES
    return NONE


def _works(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def behind(wall: str, command: list[str], own: Path, hidden: Iterable[Path] = ()) -> list[str]:
    """Return a command that does another one behind a wall.

    It may write below `own` only; `hidden` folders, the solutions and what else is temporary are
    empty for it. Without bubblewrap nothing is hidden.
    """
    if wall == NAMESPACES:
        return [*_UNSHARE, *command]
    if wall != BUBBLEWRAP:
        return command
    parts = [*_BWRAP, "--dev", "/dev", "--proc", "/proc"]
    for folder in _existing([*_temporary(), *HIDDEN, *hidden]):
        parts += ["--tmpfs", str(folder)]
    return [*parts, "--bind", str(own), str(own), "--chdir", str(own / "work"), "--", *command]


def _temporary() -> list[Path]:
    """Return the folder of temporary files, unless Python or the framework lies in it."""
    folder = Path(tempfile.gettempdir()).resolve()
    needed = [PROJECT, Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable)]
    return [] if any(folder in path.resolve().parents for path in needed) else [folder]


def _existing(folders: Iterable[Path]) -> list[Path]:
    """Return the folders that there are; what holds the framework itself stays visible."""
    resolved = [folder.resolve() for folder in folders if folder.is_dir()]
    return [one for one in resolved if one != PROJECT and one not in PROJECT.parents]
