"""`exercise_runner.py keys`: keys by which the devices of several machines know each other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from emulators.transports.hosts import public_file, secret_file, write_keys
from emulators.usage import PROGRAM, UsageError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"keys: {message}; {PROGRAM} keys DIR --devices N")


def main(arguments: list[str]) -> int:
    """Make the keys that the arguments ask for; return the exit status."""
    parser = _Parser(
        prog=f"{PROGRAM} keys",
        description="Makes a pair of CURVE keys for each device of a run on several machines.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the keys go")
    parser.add_argument("--devices", type=int, required=True, metavar="N", help="how many")
    options = parser.parse_args(arguments)
    if options.devices < 2:
        raise UsageError(f"a network needs at least 2 devices, not {options.devices}")
    write_keys(options.folder, options.devices)
    last = options.devices - 1
    print(f"Public keys, for every machine: {public_file(options.folder, 0)} … {last}")
    print(f"Secret keys, each only for its own machine: {secret_file(options.folder, 0)} … {last}")
    print(f'In hosts.toml: keys = "{options.folder.as_posix()}"')
    return 0
