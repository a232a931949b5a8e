"""The book collection of lecture 9: how it is made, unpacked and read."""

import errno
import hashlib
import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from ex9data import make_books
from ex9data.files import read_counts, read_text, results_folder, text_files, write_counts
from ex9data.unpack import ARCHIVE, PROJECT, BooksError, ensure_books, read_archive

# Of the archive, as `sha256sum ex9data/books.zip` prints it.
ARCHIVE_SHA256 = "1d99cf18e8cb42fc81d497452da9fca4db84a9e2c5ec5f6701d12b832cdb7d03"


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    return make_books.make_books()


def archive_of(folder: Path, **texts: str) -> Path:
    archive = folder / "some.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
    return archive


# -- making


def test_the_generator_writes_the_committed_archive_byte_for_byte(books, tmp_path):
    make_books.write_zip(books, tmp_path / "books.zip")
    assert (tmp_path / "books.zip").read_bytes() == ARCHIVE.read_bytes()
    assert hashlib.sha256(ARCHIVE.read_bytes()).hexdigest() == ARCHIVE_SHA256


def test_there_are_20_books_of_about_2_megabytes(books):
    assert len(books) == 20
    assert 1_900_000 < sum(map(len, books.values())) < 2_100_000
    assert ARCHIVE.stat().st_size < 750_000


def test_words_come_as_often_as_zipf_says(books):
    text = b" ".join(books.values()).decode("utf-8").lower()
    counts = Counter("".join(c if c.isalpha() else " " for c in text).split())
    often = [count for _, count in counts.most_common()]
    assert 15_000 < len(often) <= 20_000 + 4  # "chapter" and "by" are no invented words
    for rank in (10, 100, 1_000):  # the word of rank r comes about 1/r as often as the first
        assert 0.3 < often[rank - 1] * rank / often[0] < 3


def test_books_have_chapters_punctuation_and_a_few_accents(books):
    for content in books.values():
        text = content.decode("utf-8")
        assert "\nChapter 1\n" in text
        assert {".", ",", "?", "“", "é"} <= set(text)
        assert sum(c > "\x7f" for c in text) < len(text) / 10
        assert max(map(len, text.split("\n"))) <= 80


# -- unpacking


def test_books_are_unpacked_on_first_use(books, tmp_path):
    folder = ensure_books(tmp_path / "deep" / "books")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == books
    assert os.listdir(folder.parent) == ["books"]  # nothing temporary stays


def test_a_folder_with_texts_is_left_as_it_is(tmp_path):
    (tmp_path / "mine.TXT").write_text("my own words", encoding="utf-8")
    assert ensure_books(tmp_path) == tmp_path
    assert os.listdir(tmp_path) == ["mine.TXT"]


def test_an_empty_folder_gets_the_books(books, tmp_path):
    (tmp_path / "books").mkdir()
    assert set(os.listdir(ensure_books(tmp_path / "books"))) == set(books)


def test_a_folder_with_other_files_is_not_touched(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"")
    with pytest.raises(BooksError, match=r"there already, without any \.txt file"):
        ensure_books(tmp_path)
    assert os.listdir(tmp_path) == ["picture.png"]


def test_several_processes_may_unpack_at_once(books, tmp_path):
    command = [sys.executable, str(ARCHIVE.with_name("unpack.py")), str(tmp_path / "books")]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert {path.name: path.read_bytes() for path in (tmp_path / "books").iterdir()} == books
    assert os.listdir(tmp_path) == ["books"]


def test_who_comes_second_takes_the_books_of_the_first(tmp_path, monkeypatch):
    rename = Path.rename

    def another_was_faster(path: Path, target: Path) -> Path:
        target.mkdir()
        (target / "first.txt").write_text("first", encoding="utf-8")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", another_was_faster)
    assert os.listdir(ensure_books(tmp_path / "books")) == ["first.txt"]
    assert os.listdir(tmp_path) == ["books"]


def test_a_read_only_project_gives_one_clear_line(tmp_path, monkeypatch):
    def refuse(path: Path, *args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(BooksError) as caught:
        ensure_books(tmp_path / "books")
    line = str(caught.value)
    assert "\n" not in line
    assert "Read-only file system" in line
    assert "unpack.py FOLDER" in line
    assert "--set BOOKS_FOLDER=FOLDER" in line


@pytest.mark.parametrize("name", ["../escape.txt", "/etc/escape.txt", "a/b.txt", "run.py", ".txt"])
def test_an_archive_with_unsafe_names_is_refused(name, tmp_path):
    archive = archive_of(tmp_path, **{name: "text"})
    with pytest.raises(BooksError, match="unsafe name"):
        ensure_books(tmp_path / "books", archive)
    assert os.listdir(tmp_path) == ["some.zip"]


def test_an_archive_that_is_too_big_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ex9data.unpack.LARGEST_COLLECTION", 10)
    with pytest.raises(BooksError, match="more than 10 bytes"):
        read_archive(archive_of(tmp_path, **{"a.txt": "12345678901"}))


@pytest.mark.parametrize("damage", ["missing", "no archive", "cut off", "changed"])
def test_a_damaged_archive_gives_one_clear_line(damage, tmp_path):
    content = bytearray(ARCHIVE.read_bytes())
    content[5000] ^= 255
    wrong = {"no archive": b"words", "cut off": ARCHIVE.read_bytes()[:9999], "changed": content}
    archive = tmp_path / "wrong.zip"
    if damage in wrong:
        archive.write_bytes(wrong[damage])
    with pytest.raises(BooksError, match=r"make_books\.py") as caught:
        ensure_books(tmp_path / "books", archive)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "books").exists()


# -- reading and writing


def test_only_visible_text_files_count_as_books(tmp_path):
    for name in ("b.txt", "a.TXT", ".hidden.txt", "notes.md"):
        (tmp_path / name).write_bytes(b"")
    assert text_files(tmp_path) == ["a.TXT", "b.txt"]


@pytest.mark.parametrize(
    ("content", "text", "complaint"),
    [
        ("déjà".encode(), "déjà", ""),
        (b"\xef\xbb\xbfbom", "bom", ""),
        ("de\u0301ja\u0300".encode(), "déjà", ""),
        ("déjà".encode("latin-1"), "déjà", "a.txt is not UTF-8 (see byte 1): read as Latin-1"),
    ],
)
def test_a_text_is_read_whatever_its_bytes(content, text, complaint, tmp_path):
    (tmp_path / "a.txt").write_bytes(content)
    assert read_text(tmp_path / "a.txt") == (text, complaint)


def test_a_file_that_cannot_be_read_is_left_out(tmp_path):
    (tmp_path / "folder.txt").mkdir()
    text, complaint = read_text(tmp_path / "folder.txt")
    assert text == ""
    assert complaint.startswith("folder.txt is left out: ")


def test_counts_are_read_as_they_were_written(tmp_path):
    counts = Counter({"été": 3, "a": 12})
    write_counts(str(tmp_path), "counts.txt", counts)
    assert (tmp_path / "counts.txt").read_bytes() == "a 12\nété 3\n".encode()
    assert read_counts(str(tmp_path), "counts.txt") == counts
    assert os.listdir(tmp_path) == ["counts.txt"]


def test_results_belong_to_the_project_wherever_a_run_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert results_folder("ex9data/results") == PROJECT / "ex9data" / "results"


def test_results_go_to_a_temporary_folder_where_the_project_cannot_be_written(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("ex9data.files.os.access", lambda path, mode: False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    write_counts("ex9data/results", "counts.txt", {"word": 1})
    assert read_counts("ex9data/results", "counts.txt") == {"word": 1}
    assert list(tmp_path.rglob("counts.txt"))
