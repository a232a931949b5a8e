"""Finds the books of lecture 9, and unpacks `books.zip` where there are none yet.

Used by the exercise file and by the runner; not here: how the books are made (make_books.py).

    python3 unpack.py            unpacks into the folder `books` beside this file
    python3 unpack.py FOLDER     unpacks into another folder
"""

import contextlib
import os
import re
import shutil
import sys
import uuid
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
ARCHIVE = HERE / "books.zip"
BOOKS = HERE / "books"

PLAIN_NAME = re.compile(r"[\w-]+\.txt")
LARGEST_COLLECTION = 50_000_000  # bytes; ours has 2 million
ARCHIVE_PROBLEMS = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


class BooksError(Exception):
    """The books cannot be had; one line says why, and what to try."""


def ensure_books(folder: str | os.PathLike[str] = BOOKS, archive: Path = ARCHIVE) -> Path:
    """The folder with the books; where it has no `.txt` file, the collection is unpacked first.

    The folder appears with all its books or not at all, so several processes may ask at once.
    """
    folder = Path(folder)
    try:
        if not has_books(folder):
            unpack(archive, folder)
    except OSError as problem:
        raise BooksError(
            f"Cannot unpack the books into {folder}: {_reason(problem)}. Unpack them "
            "elsewhere with 'python3 ex9data/unpack.py FOLDER', and add "
            "'--set BOOKS_FOLDER=FOLDER' to the run."
        ) from None
    return folder


def has_books(folder: Path) -> bool:
    """True where the folder exists and has at least one text file."""
    return folder.is_dir() and any(path.suffix.lower() == ".txt" for path in folder.iterdir())


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks beside the folder first, and gives it its name when all is there."""
    books = read_archive(archive)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    temporary.mkdir()
    try:
        for filename, content in books.items():
            (temporary / filename).write_bytes(content)
        _take_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def read_archive(archive: Path) -> dict[str, bytes]:
    """The texts by name; refuses names that lead elsewhere, and too much content."""
    try:
        with zipfile.ZipFile(archive) as packed:
            _check(packed.infolist())
            return {entry.filename: packed.read(entry) for entry in packed.infolist()}
    except ARCHIVE_PROBLEMS as problem:
        raise BooksError(
            f"Cannot read {archive}: {_reason(problem)}. "
            f"'python3 ex9data/make_books.py --folder {BOOKS}' writes the books without it."
        ) from None


def _check(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if not PLAIN_NAME.fullmatch(entry.filename):
            raise zipfile.BadZipFile(f"it holds an unsafe name, {entry.filename!r}")
    if sum(entry.file_size for entry in entries) > LARGEST_COLLECTION:
        raise zipfile.BadZipFile(f"it holds more than {LARGEST_COLLECTION:,} bytes")


def _take_place(temporary: Path, folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()  # succeeds only for an empty folder
    try:
        temporary.rename(folder)
    except OSError:
        if has_books(folder):
            return  # another process was faster, and its books are as good
        if folder.exists():
            raise FileExistsError(0, "it is there already, without any .txt file") from None
        raise


def _reason(problem: BaseException) -> str:
    reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return " ".join(reason.split())


def main() -> int:
    """Command line."""
    try:
        print(f"The books are in {ensure_books(*map(Path, sys.argv[1:2]))}")
    except BooksError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
