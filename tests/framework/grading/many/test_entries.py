"""Submissions are found and unpacked, and nothing leaves its archive."""

import zipfile

import pytest

from emulators.errors import UsageError
from emulators.grading.many import entries
from emulators.grading.many.entries import Entry, read

FILE = "exercise1.py"


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / FILE).write_text("a = 1")
    return tmp_path


def test_folders_and_archives_in_the_order_of_their_names(folder):
    archive(folder / "zoe.zip", **{FILE: ""})
    (folder / "notes.txt").write_text("")
    (folder / ".git").mkdir()
    assert [entries.name_of(path) for path in entries.entries(folder)] == ["anna", "zoe"]


def test_two_of_the_same_name_are_refused(folder):
    archive(folder / "anna.zip", **{FILE: ""})
    with pytest.raises(UsageError, match=r"anna and anna\.zip are of the same student"):
        entries.entries(folder)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no submissions"):
        entries.entries(tmp_path)


@pytest.mark.parametrize("home", ["", "exercises/", "project-main/exercises/"])
def test_the_exercise_file_is_found_wherever_it_stands(home, tmp_path):
    path = archive(tmp_path / "a.zip", **{f"{home}{FILE}": "a", f"{home}helper.py": "b", "x/y": ""})
    files = dict(read(path, FILE).files)
    assert files[FILE] == b"a"
    assert files["helper.py"] == b"b"


def test_the_highest_exercise_file_counts(tmp_path):
    path = archive(tmp_path / "a.zip", **{f"old/{FILE}": "old", FILE: "new"})
    assert dict(read(path, FILE).files)[FILE] == b"new"


def test_the_same_files_have_the_same_digest(folder):
    path = archive(folder / "zoe.zip", **{f"deep/{FILE}": "a = 1"})
    assert read(path, FILE).digest == read(folder / "anna", FILE).digest
    assert Entry("x", ((FILE, b"a = 2"),)).digest != read(path, FILE).digest


@pytest.mark.parametrize("name", ["../x.py", "/x.py", "a/../../x.py", "C:/x.py", "..\\x.py"])
def test_an_archive_cannot_write_outside(name, tmp_path):
    entry = read(archive(tmp_path / "a.zip", **{FILE: "", name: ""}), FILE)
    assert "outside of itself" in entry.problem
    assert entry.files == ()


def test_an_archive_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "MOST_BYTES", 10)
    assert "more than" in read(archive(tmp_path / "a.zip", **{FILE: "x" * 11}), FILE).problem


def test_an_archive_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"nothing")
    assert read(tmp_path / "a.zip", FILE).problem == "a.zip cannot be read: File is not a zip file"


def test_a_submission_without_the_file_is_refused(tmp_path):
    entry = read(archive(tmp_path / "a.zip", **{"other.py": ""}), FILE)
    assert entry.problem == "a.zip has no file exercise1.py"


def test_links_are_left_out(folder):
    (folder / "anna" / "passwords").symlink_to("/etc/passwd")
    assert [name for name, _ in read(folder / "anna", FILE).files] == [FILE]
