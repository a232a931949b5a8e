"""A run in real processes on the command line; what is printed around it is in console_run.py."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import replace

from emulators.console.console_run import announce, print_all, print_json, status
from emulators.errors import UsageError
from emulators.program import RunConfig
from emulators.real.runner import Here, prepared
from emulators.transports.hosts import Hosts


def run_real(options: argparse.Namespace, config: RunConfig) -> int:
    """Do a run in real processes; return the exit status."""
    config, here = _here(options, config)
    if options.json:
        return _run_as_json(options, config, here)
    with prepared(
        config,
        here,
        quiet=options.quiet,
        record=options.record,
        log=options.log,
        announce=lambda config: _announce(config, here),
    ) as made:
        result = made.go()
        print_all(result, options)
    return status(result)


def _announce(config: RunConfig, here: Here | None) -> None:
    announce(config, None)
    if here is not None:
        address = here.hosts.addresses[here.index].removeprefix("tcp://")
        print(f"Device {here.index} runs here, at {address}", flush=True)


def _here(options: argparse.Namespace, config: RunConfig) -> tuple[RunConfig, Here | None]:
    """Return which device runs on this machine, and the configuration of the run of all."""
    if options.hosts is None and options.index is None:
        return config, None
    if config.type != "zeromq" or options.hosts is None or options.index is None:
        raise UsageError("--hosts FILE and --index I belong together, with --type zeromq")
    if config.checks:
        raise UsageError(
            "--check judges runs that are all on one machine: record this one with --record, join "
            "the parts with exercise_runner.py join, and judge the replay"
        )
    hosts = Hosts.load(options.hosts)
    many = len(hosts.addresses)
    if options.devices not in (None, many):
        raise UsageError(f"{options.hosts} has {many} devices, not {options.devices}")
    if not 0 <= options.index < many:
        raise UsageError(f"--index: there is no device {options.index}; there are 0 to {many - 1}")
    return replace(config, devices=many), Here(hosts, options.index)


def _run_as_json(options: argparse.Namespace, config: RunConfig, here: Here | None) -> int:
    stdout = sys.stdout
    with (
        contextlib.redirect_stdout(sys.stderr),
        prepared(config, here, quiet=True, record=options.record, log=options.log) as made,
    ):
        result = made.go()
        print_json(result, stdout)
    return status(result)


def refuse_virtual(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options that a run in real time cannot have."""
    for name, why in _VIRTUAL.items():
        if getattr(options, name):
            raise UsageError(
                f"--{name.replace('_', '-')} is not for real processes, {why}: record the run with "
                "--record FILE, then use --replay FILE"
            )


_VIRTUAL = {
    "pace": "which wait for nobody",
    "gui": "which do not stop to be looked at",
    "remote": "which do not stop to be looked at",
    "check_determinism": "of which no two runs are the same",
}
