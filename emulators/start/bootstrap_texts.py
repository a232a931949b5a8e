"""What the bootstrap tells a person: each failure is one line that ends with what to type next.

Here: sentences, and how a tool's output is read. Not here: anything that is done.
"""

import errno
import os
import shutil
import sys
from pathlib import Path

from emulators.start.bootstrap import shell_line

OFFLINE = (
    "name resolution",
    "newconnectionerror",
    "max retries exceeded",
    "connecttimeouterror",
    "getaddrinfo failed",
    "proxyerror",
    "dns error",
    "error sending request",
    "network is unreachable",
)
NOT_OFFLINE = ("subprocess-exited-with-error", "failed to build", "failed building")


def typed() -> str:
    """Give the command as it was typed."""
    return shell_line(sys.orig_argv)


def announcement(files: list[str], venv: Path) -> str:
    """Say what will be done, where, and about how long it takes."""
    return (
        f"Setting up, once: the packages of {' and '.join(files)} go into {venv}.\n"
        "This takes about a minute, longer on a slow connection."
    )


def progress(line: str) -> str:
    """Make one short line of a tool's line that says what takes long; else nothing."""
    words = line.split()
    if words[:1] == ["Downloading"] and words[-1].lower().endswith(("mb)", "mib)")):
        name = words[1].rpartition("/")[2].partition("-")[0]
        return f"  downloading {name} {' '.join(words[2:])}"
    return "  unpacking" if words[:2] == ["Installing", "collected"] else ""


def is_offline(output: str) -> bool:
    """Tell whether a tool failed because it reached no package index."""
    text = output.lower()
    built = any(sign in text for sign in NOT_OFFLINE)
    return not built and any(sign in text for sign in OFFLINE)


def not_installed(output: str, log: Path) -> str:
    """Say why the packages are not there."""
    what = "The packages could not be installed: " + _reason(output)
    if is_offline(output):
        what = "No connection to the package index, which a first start needs"
    return f"{what} (details: {log}); then type again: {typed()}"


def _reason(output: str) -> str:
    """Pick the one line of a tool's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "× "))]
    return (errors or lines)[-1][:200]


def still_missing(venv: Path, names: list[str]) -> str:
    """Say that installing went well and importing does not."""
    what = f"{venv} is set up, but {', '.join(names)} cannot be imported there"
    return f"{what}; delete that folder, then type again: {typed()}"


def cannot_write(venv: Path, error: OSError, requirements: list[Path]) -> str:
    """Say why `.venv` cannot be written, and how to use an environment elsewhere."""
    what = f"Cannot write {error.filename or venv} ({error.strerror})"
    if error.errno == errno.ENOSPC:
        return f"{what}; make room for 500 MB, then type again: {typed()}"
    home = "~/venv-teaching"
    python = shell_line([Path(sys.executable).name])
    install = " ".join("-r " + shell_line([str(path)]) for path in requirements)
    return (
        f"{what}; for an environment elsewhere type: "
        f"{python} -m venv {home} && {home}/bin/pip install {install} "
        f"&& {home}/bin/python {shell_line(sys.orig_argv[1:])}"
    )


def no_venv() -> str:
    """Say what this Python lacks and how to get it."""
    what = "This Python cannot make an environment (no venv with ensurepip, no uv)"
    if not shutil.which("apt-get"):
        return f"{what}; install one of them, then type again: {typed()}"
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    install = f"{'' if root else 'sudo '}apt-get install -y {package}"
    return f"{what}; type: {install} && {typed()}"
