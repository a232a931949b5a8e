"""What is known of one graded submission: kept in a file, made into a report."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from emulators.grading.case import Case
from emulators.grading.judging import REPORT
from emulators.grading.report import Report
from emulators.grading.submission import Submission
from emulators.grading.verdict import Evidence, Outcome, Verdict

VERSION = 1
_HARMLESS = frozenset(
    {"svg", "g", "rect", "path", "polygon", "circle", "text", "clipPath", "tspan"}
)


@dataclass
class Record:
    """One graded submission. `verdicts` are plain values, as as_json.py makes them.

    `problem` says why cases are missing, `offences` what it tried that is not allowed, `wall` what
    was around its process. `recordings` are texts by the names of their files.
    """

    name: str
    digest: str
    lecture: int
    wall: str
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    offences: list[str] = field(default_factory=list)
    done: bool = False
    recordings: dict[str, str] = field(default_factory=dict)

    def save(self, path: Path, key: str) -> None:
        """Write the record; `key` says for what it holds."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in asdict(self).items() if name != "recordings"}
        text = json.dumps({"version": VERSION, "key": key, **kept}, indent=1, ensure_ascii=False)
        partial = path.with_suffix(".partial")
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)

    def report(self, cases: list[Case], recordings: Path | None = None) -> Report:
        """Return the record as a report; the cases and their points are those of the suite."""
        known = {verdict.get("name"): verdict for verdict in self.verdicts}
        verdicts = (self._verdict(case, known.get(case.name), recordings) for case in cases)
        left_out = {case.name for case in cases if case.given} - set(known)
        kept = [one for one in verdicts if self.problem or one.case.name not in left_out]
        return Report(Submission(self.lecture, Path(self.name)), tuple(kept))

    def _verdict(self, case: Case, known: Any, recordings: Path | None) -> Verdict:
        if known is None:
            reason = self.problem or "no verdict was given"
            return Verdict(case, Outcome.COULD_NOT_RUN, reason)
        outcome = Outcome(known["outcome"])
        return Verdict(
            case,
            outcome,
            str(known["happened"]),
            str(known["expected"]),
            REPORT if outcome is Outcome.FRAMEWORK_ERROR else str(known["hint"]),
            _evidence(known, recordings),
            tuple(map(str, known["details"])),
            float(known["seconds"]),
        )


def loaded(path: Path, key: str) -> Record | None:
    """Return a record that was kept, or None where there is none for the same key."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept.pop("version") != VERSION or kept.pop("key") != key:
            return None
        return Record(**kept)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _evidence(known: dict[str, Any], recordings: Path | None) -> Evidence | None:
    given = known.get("evidence")
    if not given:
        return None
    name = Path(given["recording"] or "").name
    recording = recordings / name if recordings is not None and name else None
    return Evidence(
        str(given["run"]),
        tuple(map(str, given["events"])),
        recording,
        *_commands(recording),
        picture=harmless(str(known.get("picture", ""))),
    )


def _commands(recording: Path | None) -> tuple[str, str]:
    if recording is None or not recording.is_file():
        return "", ""
    replay = f"python3 exercise_runner.py --replay {recording.as_posix()} --exercises FOLDER"
    return replay, f"{replay} --gui"


def harmless(picture: str) -> str:
    """Return a picture, or nothing where it has more in it than shapes and texts."""
    try:
        root = ET.fromstring(picture)
    except ET.ParseError:
        return ""
    for element in root.iter():
        tag = re.sub(r"^\{http://www\.w3\.org/2000/svg\}", "", element.tag)
        names = {name.lower() for name in element.attrib}
        if tag not in _HARMLESS or any(n.startswith("on") or "href" in n for n in names):
            return ""
    return picture
