"""Reading books and writing results for lecture 9; not here: how books are unpacked (unpack.py)."""

import os
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ex9data.unpack import BOOKS, PROJECT, BooksError, ensure_books


def books_folder(folder: str) -> Path:
    """The folder with the books; our own collection is unpacked on first use.

    A relative name is meant relative to the project, wherever a run was started.
    """
    path = PROJECT / folder
    if path == BOOKS:
        return ensure_books()
    if not path.is_dir():
        raise BooksError(f"There is no folder {path}. BOOKS_FOLDER names a folder with .txt files.")
    return path


def text_files(folder: Path) -> list[str]:
    """The names of all text files in a folder, in the same order on every computer."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() == ".txt" and not path.name.startswith(".")
    )


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file, and a complaint: empty where all is well.

    A file with wrong bytes is read as Latin-1, which knows every byte. One that cannot be read
    gives an empty text. Neither stops a run.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        return "", f"{path.name} is left out: {problem.strerror}"
    try:
        text, complaint = content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as problem:
        complaint = f"{path.name} is not UTF-8 (see byte {problem.start}): read as Latin-1"
        text = content.decode("latin-1")
    return unicodedata.normalize("NFC", text), complaint  # a letter and its accent are one


def results_folder(folder: str) -> Path:
    """Where results go: the folder of that name, or a temporary one where it cannot be written."""
    path = PROJECT / folder
    try:
        path.mkdir(parents=True, exist_ok=True)
        if os.access(path, os.W_OK):
            return path
    except OSError:
        pass
    path = Path(tempfile.gettempdir()) / f"mapreduce-results-{getattr(os, 'getuid', int)()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_counts(folder: str, filename: str, counts: Mapping[str, int]) -> None:
    """Writes one line "word count" for each word, in the order of the words."""
    path = results_folder(folder) / filename
    temporary = path.with_name(f".{filename}-{os.getpid()}")
    lines = "".join(f"{word} {counts[word]}\n" for word in sorted(counts))
    temporary.write_bytes(lines.encode("utf-8"))
    temporary.replace(path)  # a reader finds the old file or the new one, never half of it


def read_counts(folder: str, filename: str) -> Counter[str]:
    """The counts that were written under that name."""
    lines = (results_folder(folder) / filename).read_bytes().decode("utf-8").splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines)
    return Counter({word: int(count) for word, count in pairs})
