"""What runs in the process of one submission: reads a job, judges, tells each verdict as it comes.

Started by box.py as ``python -m emulators.grading.many.inside``. The job is a line of JSON on the
standard input; every line of the answer, on what was the standard output, begins with the secret
of the job. A case is judged in a thread of its own: no frame of this file can be reached from it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from emulators import watchdog
from emulators.grading.case import Case
from emulators.grading.judging import Judging, judged
from emulators.grading.many import integrity
from emulators.grading.many.confinement import Confinement, Limits
from emulators.grading.reports.as_json import as_case
from emulators.grading.submission import Submission
from emulators.grading.suites import suite
from emulators.grading.verdict import Outcome, Verdict

_STACK = 16 * 2**20


def main() -> int:
    """Judge one submission."""
    job = json.loads(sys.stdin.readline())
    answer = _private_output()
    secret = job.pop("secret")

    def tell(kind: str, value: Any) -> None:
        answer.write(json.dumps([secret, kind, value]) + "\n")
        answer.flush()

    folder = Path(job["folder"])
    cases = suite(job["lecture"])
    submission = Submission(job["lecture"], folder, seeds=job["seeds"], out=Path(job["out"]))
    _load_all()
    confinement = Confinement(folder, Path(job["scratch"]))
    limits = Limits(**job["limits"])
    limits.begin()
    watchdog.shorten(limits.patience)
    before = integrity.state()
    confinement.begin()
    watchdog.last_words = lambda place: tell("stuck", str(place))
    told = 0
    for verdict in Judging(cases, submission, _in_a_thread).verdicts():
        touched = integrity.changed(before)
        if touched:
            tell("tampered", touched[:10])
            break
        tell("offences", confinement.offences[told:])
        told = len(confinement.offences)
        tell("verdict", {**as_case(verdict), "seconds": verdict.seconds, **_picture(verdict)})
    tell("done", None)
    answer.flush()
    os._exit(0)  # what the submission has registered for the end is not asked


def _private_output() -> Any:
    """Return the standard output for ourselves, and leave nothing in its place."""
    private = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    sys.stdin.close()
    return os.fdopen(private, "w", encoding="utf-8")


def _load_all() -> None:
    """Import what is imported late, before anything is compared or forbidden."""
    import emulators.check.lectures
    import emulators.grading.picture
    import emulators.network.scenario
    import emulators.stepping.stepper
    import emulators.trace.log
    import emulators.virtual.loader  # noqa: F401


def _picture(verdict: Verdict) -> dict[str, str]:
    return {"picture": verdict.evidence.picture} if verdict.evidence else {}


def _in_a_thread(case: Case, submission: Submission) -> Verdict:
    verdicts: list[Verdict] = []
    threading.stack_size(_STACK)
    thread = threading.Thread(target=lambda: verdicts.append(judged(case, submission)), daemon=True)
    thread.start()
    thread.join()
    if verdicts:
        return verdicts[0]
    return Verdict(case, Outcome.FAILED, "the submission ended the judging of this case")


if __name__ == "__main__":
    sys.exit(main())
