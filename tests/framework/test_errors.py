"""How a failure is put into words: where, what, what to try."""

import sys
import sysconfig
from pathlib import Path

import pytest

from emulators import errors
from emulators.errors import (
    Failure,
    Place,
    StudentError,
    Unresponsive,
    describe,
    grouped,
    place_of_error,
    place_of_frame,
    place_of_function,
    safe_str,
    shown_path,
)
from tests.framework.commands import ROOT

HERE = Path(__file__).relative_to(ROOT).as_posix()


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def raised(function) -> BaseException:
    """Return what a function raises."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        function()
    return caught.value


# -- places


def test_an_error_has_the_innermost_place_in_a_students_file() -> None:
    place = place_of_error(raised(lambda: int("x" + str(1 / 0))))
    assert place is not None
    assert (place.file, place.function) == (HERE, "<lambda>")
    assert "1 / 0" in place.source


def test_an_error_in_a_library_is_placed_where_the_student_called_it() -> None:
    import json

    place = place_of_error(raised(lambda: json.loads("{")))
    assert place is not None
    assert (place.file, place.function) == (HERE, "<lambda>")


def test_an_error_in_the_framework_is_placed_where_the_student_called_it() -> None:
    from emulators.kernel.choices import Recording

    place = place_of_error(raised(lambda: Recording(None).below(3)))  # type: ignore[arg-type]
    assert place is not None
    assert place.file == HERE


def test_an_error_in_the_framework_alone_has_no_place() -> None:
    error = StudentError("made here, raised nowhere")
    assert place_of_error(error) is None


def test_a_syntax_error_is_placed_where_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "homework.py"
    file.write_text("x = 1\ny = = 2\n")
    error = raised(lambda: compile(file.read_text(), str(file), "exec"))
    assert str(place_of_error(error)).startswith(f"{file}, line 2")


def test_a_frame_has_the_innermost_place_in_a_students_file() -> None:
    place = place_of_frame(sys._getframe())
    assert place is not None
    assert place.function == "test_a_frame_has_the_innermost_place_in_a_students_file"
    assert place_of_frame(None) is None


def test_a_function_has_the_place_where_it_begins() -> None:
    place = place_of_function(raised)
    assert place is not None
    assert place.source.startswith("def raised")
    assert place_of_function(len) is None


def test_a_path_below_the_working_directory_is_shown_relative() -> None:
    assert shown_path(__file__) == HERE
    assert (
        shown_path(str(ROOT.parent / "elsewhere.py")) == (ROOT.parent / "elsewhere.py").as_posix()
    )


def test_a_place_of_a_file_that_is_gone_has_no_source() -> None:
    assert Place("gone.py", 3, "run").source == ""


def test_the_library_and_the_framework_are_not_the_student() -> None:
    assert errors.is_own(errors.__file__)
    assert errors.is_library(sysconfig.get_paths()["stdlib"] + "/json/decoder.py")
    assert errors.is_library("<string>")
    assert not errors.is_own(__file__)
    assert not errors.is_library(__file__)


# -- reports

PLACE = Place(HERE, 1, "run")


def test_a_report_has_everything_in_a_fixed_order() -> None:
    failure = Failure(
        1, "in round 3", "it broke", PLACE, "Hello 0 -> 1", "mend it", ["device 2 waits"]
    )
    assert str(failure).splitlines() == [
        "Device 1 failed in round 3: it broke",
        f"  at {HERE}, line 1, in run",
        f"      {PLACE.source}",
        "  device 2 waits",
        "  last message received: Hello 0 -> 1",
        "  try: mend it",
    ]


def test_a_report_says_nothing_of_what_is_not_known() -> None:
    assert str(Failure(None, "at 2 virtual seconds", "it broke")) == (
        "The run failed at 2 virtual seconds: it broke"
    )


def test_failures_with_the_same_problem_and_place_are_one_report() -> None:
    same = [Failure(device, "in round 1", "it broke", PLACE) for device in range(3)]
    other = Failure(3, "in round 1", "it bent", PLACE)
    first, second = grouped([*same, other])
    assert first.endswith("\n  the same in device 1 in round 1, 2 in round 1")
    assert second.startswith("Device 3 failed")


def test_very_many_failures_are_still_one_short_report() -> None:
    (report,) = grouped(Failure(device, "in round 1", "it broke") for device in range(100))
    assert report.endswith("5 in round 1 and 94 more")


# -- words


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("two\nlines"), "ValueError: two lines"),
        (AssertionError(), "AssertionError"),
        (KeyError("name"), "KeyError: 'name'"),
        (StudentError("a rule was broken"), "a rule was broken"),
        (Unresponsive(), "it runs on and on without touching the medium (an endless loop?)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_exception_is_described_in_one_line(error: BaseException, text: str) -> None:
    assert describe(error) == text


class Broken:
    def __str__(self) -> str:
        raise ValueError("no words")


def test_a_text_that_cannot_be_made_is_replaced_by_why() -> None:
    assert safe_str(Broken()) == "<Broken: its __str__ raises ValueError: no words>"
    assert safe_str("two\nlines") == "two lines"
