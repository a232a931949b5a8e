"""A run in real processes on the command line; what is printed around it is in console_run.py."""

from __future__ import annotations

import argparse
import contextlib
import sys

from emulators.console_run import announce, print_all, print_json, status
from emulators.errors import UsageError
from emulators.program import RunConfig
from emulators.real_runner import prepared


def run_real(options: argparse.Namespace, config: RunConfig) -> int:
    """Do a run in real processes; return the exit status."""
    _check(options)
    if options.json:
        return _run_as_json(options, config)
    with prepared(
        config, quiet=options.quiet, announce=lambda config: announce(config, None)
    ) as made:
        result = made.go()
        print_all(result, options)
    return status(result)


def _run_as_json(options: argparse.Namespace, config: RunConfig) -> int:
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr), prepared(config, quiet=True) as made:
        result = made.go()
        print_json(result, stdout)
    return status(result)


_OPTIONS = {"checks": "check", "check_determinism": "check-determinism"}


def _check(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options that a run in real time cannot have."""
    for name in ("pace", "gui", "log", "checks", "check_determinism"):
        if getattr(options, name):
            raise UsageError(
                f"--{_OPTIONS.get(name, name)} is not for real processes: record the run with "
                "--record FILE, then use --replay FILE"
            )
