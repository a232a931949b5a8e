"""What the tests of the suites share: the verdicts on a submission."""

from emulators.grading.judging import Judging
from emulators.grading.submission import Submission
from emulators.grading.suites import suite
from emulators.grading.verdict import Outcome

__all__ = ["Outcome", "judging", "told"]


def judging(lecture, folder, **options):
    return Judging(suite(lecture), Submission(lecture, folder, **options))


def told(verdicts):
    """The verdicts as a text, for the message of a test that fails."""
    return "\n".join(f"{one.case.name}: {one.outcome}: {one.happened}" for one in verdicts)
