"""The submissions of a class: a folder or a zip archive each, packed so that they can travel."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emulators.errors import UsageError

MOST_BYTES = 50_000_000
MOST_FILES = 2_000
_NOT_THEIRS = frozenset({"__pycache__", "__MACOSX", ".git", ".venv", "node_modules"})


class Unreadable(Exception):
    """A submission cannot be unpacked; the text says why."""


@dataclass(frozen=True)
class Entry:
    """One submission: its name, and its files as pairs of a path and the bytes.

    `problem` says why there are none.
    """

    name: str
    files: tuple[tuple[str, bytes], ...] = ()
    problem: str = ""

    @property
    def digest(self) -> str:
        """A digest of the files: the same files, the same digest."""
        digest = hashlib.sha256(self.problem.encode())
        for path, data in self.files:
            digest.update(f"{path}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()[:16]

    def write(self, folder: Path) -> None:
        """Write the files below a folder."""
        for path, data in self.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def entries(folder: Path) -> Iterator[Path]:
    """Return the folders and archives of a class, in the order of their names.

    Raises `UsageError` where there is none.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    found = [
        path
        for path in sorted(folder.iterdir(), key=lambda path: (path.stem, path.name))
        if not path.name.startswith((".", "__")) and (path.is_dir() or path.suffix == ".zip")
    ]
    if not found:
        raise UsageError(f"{folder} has no submissions: a folder or a zip archive for each student")
    _check_names(found)
    return iter(found)


def _check_names(found: Iterable[Path]) -> None:
    seen: dict[str, Path] = {}
    for path in found:
        name = name_of(path)
        if name in seen:
            raise UsageError(f"{seen[name].name} and {path.name} are of the same student: keep one")
        seen[name] = path


def name_of(path: Path) -> str:
    """Return the name of a submission."""
    return path.name if path.is_dir() else path.stem


def read(path: Path, file: str) -> Entry:
    """Return a submission with the files beside its exercise file, wherever in it that stands."""
    try:
        files = dict(_in_folder(path) if path.is_dir() else _in_archive(path))
    except (Unreadable, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        return Entry(name_of(path), problem=f"{path.name} cannot be read: {error}")
    home = _home(files, file)
    if home is None:
        return Entry(name_of(path), problem=f"{path.name} has no file {file}")
    inside = {
        PurePosixPath(name).relative_to(home).as_posix(): data
        for name, data in files.items()
        if home in PurePosixPath(name).parents
    }
    return Entry(name_of(path), tuple(sorted(inside.items())))


def _home(files: dict[str, bytes], file: str) -> PurePosixPath | None:
    """Return the folder of the exercise file that lies highest."""
    homes = [path.parent for path in map(PurePosixPath, files) if path.name == file]
    order = sorted(homes, key=lambda home: (len(home.parts), home.name != "exercises", str(home)))
    return order[0] if order else None


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    size = number = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or not _NOT_THEIRS.isdisjoint(relative.parts):
            continue
        size, number = size + path.stat().st_size, number + 1
        _check_size(size, number)
        yield relative.as_posix(), path.read_bytes()


def _in_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _check_size(sum(member.file_size for member in members), len(members))
        for member in members:
            name = PurePosixPath(member.filename.replace("\\", "/"))
            if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
                raise Unreadable(f"it has a file {member.filename} outside of itself")
            if _NOT_THEIRS.isdisjoint(name.parts):
                yield name.as_posix(), _content(archive, member)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a member: not more than its entry says."""
    with archive.open(member) as file:
        return file.read(member.file_size)


def _check_size(size: int, number: int) -> None:
    if size > MOST_BYTES or number > MOST_FILES:
        raise Unreadable(f"it has more than {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB")
