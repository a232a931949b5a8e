"""MapReduce: the counts of a run against an independent count."""

from pathlib import Path
from typing import Any

import pytest

from emulators.check.mapreduce import WordCounts
from emulators.MessageStub import MessageStub
from tests.framework.check.histories import Step, device, verdict


class ClientJobStartMessage(MessageStub):
    """As in lecture 9."""


JOB: list[Step] = [("send", 0, 1, 1, {"filenames": ["a.txt", "b.txt"]}, ClientJobStartMessage)]


@pytest.fixture
def judge(tmp_path: Path) -> Any:
    """Returns the verdict for result files with these lines."""
    (tmp_path / "a.txt").write_text("One word, two words!", encoding="utf-8")
    (tmp_path / "b.txt").write_text("words", encoding="utf-8")

    def judged(*results: str) -> str:
        names = []
        for number, lines in enumerate(results):
            names.append(f"counts-{number}")
            (tmp_path / names[-1]).write_text(lines.replace(",", "\n"), encoding="utf-8")
        devices = [device(0, result_files=names), device(1)]
        return verdict(WordCounts(str(tmp_path), str(tmp_path)), JOB, devices)

    return judged


def test_right_counts_in_any_files_are_right(judge: Any) -> None:
    assert judge("one 1,two 1", "word 1,words 2") == ""


def test_the_word_that_is_most_wrong_is_named(judge: Any) -> None:
    assert judge("one 1,two 1", "words 4") == (
        "the word 'words' is counted 4 times, and is there 2 times; 2 of 4 words are wrong"
    )


def test_no_results_are_no_word_counts(judge: Any) -> None:
    assert judge() == "the client has no results when the run is over"


def test_results_that_cannot_be_read_are_said_so(judge: Any) -> None:
    assert judge("one").startswith("the results counts-0 cannot be read: ")
