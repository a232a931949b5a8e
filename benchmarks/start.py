"""How long commands take to start, against a Python that imports three standard modules.

    python3 benchmarks start

Wall time, the best of many starts in turns: noise only ever adds. Which heavy modules a command
imports is asked of the command itself.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from benchmarks.measuring import ROOT, report

Command = Sequence[str]

RUNNER = "exercise_runner.py"
PING_PONG = (RUNNER, "--lecture", "0", "--algorithm", "PingPong", "--seed", "1", "--quiet")
COMMANDS: dict[str, Command] = {
    "argparse, json, random": ("-c", "import argparse, json, random"),
    "--list": (RUNNER, "--list"),
    "--list --lecture 4": (RUNNER, "--list", "--lecture", "4"),
    "--help": (RUNNER, "--help"),
    "a run of PingPong": PING_PONG,
}
BARS = {"--list": "3"}
HEAVY = ("PyQt6", "msgspec", "greenlet", "cryptography", "pytest", "tqdm", "pynput", "asyncio")

_PROBE = """
import runpy, sys
sys.argv[:] = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    pass
print("\\n" + " ".join(name for name in sys.modules if "." not in name))
"""


def starts(commands: Mapping[str, Command], goes: int = 30) -> dict[str, float]:
    """Return the seconds of each command, the best of `goes` rounds of turns."""
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(goes):
        for name, command in commands.items():
            began = time.perf_counter()
            _run(command)
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def _run(command: Command) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return done.stdout


def imported(command: Command) -> list[str]:
    """Return which heavy modules a command imports."""
    if not command[0].endswith(".py"):
        return []
    names = _run(["-c", _PROBE, *command]).splitlines()[-1].split()
    return [name for name in HEAVY if name in names]


def main() -> None:
    """Measure and print."""
    best = starts(COMMANDS)
    base = next(iter(COMMANDS))
    report(
        "Starts",
        ["command", "time", f"/ {base}", "bar", "heavy modules imported"],
        [
            [
                name,
                f"{seconds * 1e3:.1f} ms",
                f"{seconds / best[base]:.2f}",
                BARS.get(name, ""),
                ", ".join(imported(COMMANDS[name])) or "none",
            ]
            for name, seconds in best.items()
        ],
    )


if __name__ == "__main__":
    main()
