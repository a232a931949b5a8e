"""A suite asks about all schedules, as far as a budget goes."""

import pytest

from emulators.grading import Submission, case
from emulators.grading.mutants import SOLUTIONS, mutants
from emulators.grading.verdict import CouldNotRun, Failed, NotYetImplemented
from emulators.runner import opened


@case("RicartAgrawala", given=True, hint="who lets whom go first?")
def test_nobody_meets(submission):
    """RicartAgrawala: no schedule lets two devices in."""
    submission.schedules(states=2_000).satisfy("mutual_exclusion")


(NOBODY_MEETS,) = test_nobody_meets.grading_cases
del test_nobody_meets  # it is no test of ours


def judge(folder, out=None):
    submission = Submission(4, folder, out=out)
    NOBODY_MEETS.judge(submission.judged_by(NOBODY_MEETS))


@pytest.fixture
def wrong(tmp_path):
    mutant = next(one for one in mutants(4) if one.name == "tie_break_by_stamp_only")
    return mutant.write(tmp_path)


def test_what_is_right_passes():
    judge(SOLUTIONS)


def test_a_schedule_that_violates_a_property_fails_the_submission(wrong):
    with pytest.raises(Failed) as failed:
        judge(wrong)
    assert "critical section" in failed.value.happened


def test_the_evidence_is_a_recording_that_opens(wrong, tmp_path):
    with pytest.raises(Failed) as failed:
        judge(wrong, tmp_path / "out")
    evidence = failed.value.evidence
    assert evidence.run == "RicartAgrawala, one of all schedules, 2 devices"
    assert f"--replay {evidence.recording.as_posix()}" in evidence.replay.replace("'", "")
    opened(evidence.recording, wrong)[1].close()


def test_the_verdict_is_the_same_each_time(wrong):
    said = []
    for _ in range(2):
        with pytest.raises(Failed) as failed:
            judge(wrong)
        said.append((failed.value.happened, failed.value.evidence.lines))
    assert said[0] == said[1]


def test_a_search_that_cannot_tell_fails_nobody(tmp_path):
    source = (SOLUTIONS / "exercise4.py").read_text(encoding="utf-8")
    shared = "\n\nSEEN = []\n\n\nclass RicartAgrawala(RicartAgrawala):\n    def run(self):\n"
    source += shared + "        SEEN.append(self.index)\n        super().run()\n"
    (tmp_path / "exercise4.py").write_text(source, encoding="utf-8")
    judge(tmp_path)


def test_a_class_that_is_missing_is_still_to_be_written(tmp_path):
    (tmp_path / "exercise4.py").write_text("", encoding="utf-8")
    with pytest.raises(NotYetImplemented):
        judge(tmp_path)


def test_a_file_that_cannot_be_loaded_could_not_run(tmp_path):
    source = (SOLUTIONS / "exercise4.py").read_text(encoding="utf-8")
    (tmp_path / "exercise4.py").write_text(source + "\n1 / 0\n", encoding="utf-8")
    with pytest.raises(CouldNotRun):
        judge(tmp_path)
