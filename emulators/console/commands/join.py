"""`exercise_runner.py join`: the parts of a run on several machines become one recording."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from emulators.runner import opened_to_write
from emulators.trace.log import write
from emulators.transports.merging import Merged
from emulators.transports.parts import joined
from emulators.usage import PROGRAM, UsageError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"join: {message}; {PROGRAM} join FILE PART PART …")


def main(arguments: list[str]) -> int:
    """Join the parts that the arguments name; return the exit status."""
    parser = _Parser(
        prog=f"{PROGRAM} join",
        description="Makes one recording of what several machines have recorded.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the recording to write")
    parser.add_argument("parts", type=Path, nargs="+", metavar="PART", help="one of each device")
    options = parser.parse_args(arguments)
    if options.file in options.parts:
        raise UsageError(f"join: {options.file} is a part; the recording comes first")
    header, ended, histories = joined(options.parts)
    merged = Merged(histories, header.devices, [])
    header.options |= {"lives": [life.plain() for life in merged.lives], "end": merged.end}
    with opened_to_write(options.file) as file:
        write(file, header, merged.lines(ended))
    if problem := merged.inconsistent():
        raise UsageError(f"join: the parts do not fit together: {problem}")
    print(f"{options.file}: {len(merged.items)} decisions and events of {header.devices} devices")
    print(f"Run it again: {PROGRAM} --replay {options.file}")
    return 0
