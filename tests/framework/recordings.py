"""Short recordings of everything that can be run: each class of each lecture, both networks.

As a program, `python -m tests.framework.recordings FOLDER`, it prints a digest of each as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from emulators.catalogue import algorithms
from emulators.lectures import LECTURES
from emulators.runner import RunConfig, prepared
from tests.framework.commands import ROOT

FOLDERS = {"template": ROOT / "exercises", "solution": ROOT / "tests" / "solutions"}
DEVICES = 6


class Case(NamedTuple):
    """One class of one exercise file in one type of network."""

    folder: str
    lecture: int
    algorithm: str
    network: str

    def __str__(self) -> str:
        return "-".join(map(str, self))

    def config(self, scratch: Path, seed: int = 7) -> RunConfig:
        """Return a short run of it; what it writes goes to `scratch`."""
        books = {"NUMBER_OF_BOOKS": 2, "BOOKS_FOLDER": str(books_in(scratch))}
        return RunConfig(
            self.lecture,
            self.algorithm,
            self.network,
            DEVICES,
            seed,
            FOLDERS[self.folder],
            max_rounds=30 if self.network == "sync" else None,
            max_time=3.0 if self.network == "async" else None,
            max_messages=500,
            settings={**books, "RESULTS_FOLDER": str(scratch / "results")}
            if self.lecture == 9
            else {},
        )


def books_in(scratch: Path) -> Path:
    """Return a folder with two small books."""
    folder = scratch / "books"
    if not folder.is_dir():
        folder.mkdir()
        for name in ("one", "two"):
            (folder / f"{name}.txt").write_text(f"the words of book {name}\n" * 9)
    return folder


def cases() -> Iterator[Case]:
    """Return everything that can be run."""
    for folder, path in FOLDERS.items():
        for lecture in LECTURES.values():
            file = path / f"{lecture.file}.py"
            for algorithm in algorithms(file) if file.is_file() else ():
                for network in ("sync", "async"):
                    yield Case(folder, lecture.number, algorithm, network)


def record(config: RunConfig, file: Path) -> bytes:
    """Run and record; return the recording."""
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        prepared(config, quiet=True, record=file) as made,
    ):
        made.go()
    return file.read_bytes()


def digest(case: Case, scratch: Path) -> str:
    """Return a digest of the recording of a case."""
    return hashlib.sha256(record(case.config(scratch), scratch / "recording")).hexdigest()


def main() -> None:
    """Print the digests of all cases."""
    scratch = Path(sys.argv[1])
    json.dump({str(case): digest(case, scratch) for case in cases()}, sys.stdout)


if __name__ == "__main__":
    main()
