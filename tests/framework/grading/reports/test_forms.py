"""Every form of a report fits what its readers document."""

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from emulators.errors import UsageError
from emulators.grading.reports import as_json, classroom, gradescope, junit, page
from emulators.grading.reports.files import write
from tests.framework.grading.submitting import handed_in, report


@pytest.fixture
def failed(tmp_path):
    return report(handed_in(tmp_path, says="f'<b>&\\x01{self.index}'"))


@pytest.fixture
def passed(tmp_path):
    return report(handed_in(tmp_path))


# -- JSON


def test_json_has_points_and_all_cases(failed):
    told = json.loads(as_json.text(failed))
    assert (told["version"], told["lecture"], told["points"], told["most"]) == (1, 0, 0, 2)
    assert told["counts"] == {"failed": 1, "could not run": 1}
    assert [one["name"] for one in told["cases"]] == ["all_say_the_same", "all_say_seven"]
    assert told["cases"][0]["evidence"]["events"]


def test_json_is_the_same_for_the_same_submission(tmp_path):
    first, second = (report(handed_in(tmp_path, says="self.index")) for _ in range(2))
    assert as_json.text(first) == as_json.text(second)


# -- JUnit XML: the schema of Surefire (surefire-test-report.xsd), as far as it is used


def test_junit_counts_what_it_lists(failed):
    root = ET.fromstring(junit.text(failed))
    assert root.tag == "testsuites"
    (suite,) = root
    assert set(suite.attrib) == {"name", "tests", "failures", "errors", "skipped", "time"}
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases)) == "2"
    for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(count) == str(len(suite.findall(f"testcase/{tag}")))


def test_junit_cases_have_name_class_and_time(failed):
    for case in ET.fromstring(junit.text(failed)).iter("testcase"):
        assert set(case.attrib) == {"name", "classname", "time"}
        assert float(case.get("time")) >= 0
        assert len(case) <= 1


def test_junit_says_what_failed_in_characters_that_xml_has(failed):
    failure = ET.fromstring(junit.text(failed)).find("testsuite/testcase/failure")
    assert failure.get("message").startswith("failed: the devices say")
    assert "<b>&\ufffd0" in failure.get("message")


def test_what_is_not_yet_implemented_is_skipped(tmp_path):
    told = junit.text(report(handed_in(tmp_path, "todo('say it')")))
    assert [one.tag for one in ET.fromstring(told).iterfind("testsuite/testcase/*")] == [
        "skipped"
    ] * 2


# -- Gradescope: "Autograder Specifications", output format


_VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
_OF_REPORT = {
    "score": (int, float),
    "execution_time": int,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
_OF_TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}


@pytest.mark.parametrize("which", ["failed", "passed"])
def test_gradescope_has_known_fields_of_their_types(which, request):
    told = json.loads(gradescope.text(request.getfixturevalue(which)))
    assert all(isinstance(value, _OF_REPORT[name]) for name, value in told.items())
    assert told["visibility"] in _VISIBILITIES
    assert {told[name] for name in told if name.endswith("_format")} <= _FORMATS
    for test in told["tests"]:
        assert all(isinstance(value, _OF_TEST[name]) for name, value in test.items())
        assert test["status"] in ("passed", "failed")


def test_gradescope_adds_a_bonus_on_top(passed):
    told = gradescope.as_dict(passed)
    assert told["score"] == sum(test["score"] for test in told["tests"]) == 3
    assert sum(test["max_score"] for test in told["tests"]) == 2


# -- GitHub Classroom: the result of an autograder, version 1


@pytest.mark.parametrize("which", ["failed", "passed"])
def test_classroom_has_the_fields_of_version_1(which, request):
    told = json.loads(classroom.text(request.getfixturevalue(which)))
    assert set(told) == {"version", "status", "max_score", "tests"}
    assert (told["version"], told["max_score"]) == (1, 2)
    assert told["status"] == {"failed": "fail", "passed": "pass"}[which]
    for test in told["tests"]:
        assert {"name", "status", "score", "message", "test_code"} <= set(test)
        assert test["status"] in ("pass", "fail", "error")


# -- HTML


class _Reader(HTMLParser):
    VOID = frozenset({"meta", "rect", "path", "circle", "polygon"})

    def __init__(self):
        super().__init__()
        self.open, self.text, self.attributes = [], "", []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_page_is_whole_and_asks_for_nothing_from_elsewhere(failed):
    reader = _Reader()
    reader.feed(page.text(failed))
    assert reader.open == []
    assert "script" not in page.text(failed)
    assert not [one for one in reader.attributes if one[0] in ("src", "href")]
    assert "the devices say <b>&" in reader.text


def test_the_page_has_colours_for_light_and_dark(passed):
    assert "prefers-color-scheme: dark" in page.text(passed)


def test_pictures_on_a_page_do_not_share_names(tmp_path):
    told = report(handed_in(tmp_path, says="self.index"))
    text = page.text(type(told)(told.submission, told.verdicts * 2))
    assert text.count("id=") == len({part.split('"')[1] for part in text.split("id=")[1:]})


# -- files


def test_a_file_that_cannot_be_written_is_one_line(passed, tmp_path):
    with pytest.raises(UsageError, match="cannot write"):
        write(passed, "json", tmp_path)
