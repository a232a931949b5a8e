"""What a submission has changed in the framework is named."""

import json

import pytest

from emulators.grading import judging
from emulators.grading.many.integrity import changed, state
from emulators.grading.verdict import Verdict


@pytest.fixture
def before():
    return state()


def test_nothing_has_changed(before):
    assert changed(before) == []


def test_a_function_that_was_replaced(before, monkeypatch):
    monkeypatch.setattr(judging, "judged", lambda *_: None)
    assert changed(before) == ["emulators.grading.judging.judged"]


def test_a_property_that_was_replaced(before, monkeypatch):
    monkeypatch.setattr(Verdict, "points", property(lambda self: 100))
    assert changed(before) == ["emulators.grading.verdict.Verdict.points"]


def test_code_that_was_exchanged(before, monkeypatch):
    monkeypatch.setattr(judging.judged, "__code__", (lambda case, submission: None).__code__)
    assert changed(before) == ["emulators.grading.judging.judged"]


def test_a_function_of_python(before, monkeypatch):
    monkeypatch.setattr(json, "dumps", lambda value: "{}")
    assert changed(before) == ["json.dumps"]
