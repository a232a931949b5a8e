"""Lecture 4: mutual exclusion and election.

Five mutex algorithms and two elections are given complete: they shall not be broken. The tasks are
the bonus (a token ring that survives failures) and the extracurricular one (work that goes on
beside).
"""

import re
from collections import Counter

from emulators.check.mutex import EveryoneEnters, MutualExclusion
from emulators.Device import WorkerDevice
from emulators.grading import case

LIVE = ("Centralised", "TokenRing", "RicartAgrawala", "SuzukiKasami")  # Maekawa can deadlock
MUTEX = (*LIVE, "Maekawa")
ELECTIONS = ("ChangRoberts", "Bully")
BESIDE = tuple(f"Async{name}" for name in LIVE)
LONG = {"max_rounds": 200, "max_time": 20}
SLOW = {"latency": (0, 0.6), **LONG}  # messages overtake each other all the time


def everyone_works(run):
    """Every device works again and again in the critical section."""
    entries = Counter(event.device for event in run.trace.of("enter"))
    for device in run.devices:
        if isinstance(device, WorkerDevice) and entries[device._id] < 2:
            times = {0: "never", 1: "once only"}[entries[device._id]]
            return f"device {device._id} has entered {times} when the run ends"
    return None


# -- given


@case(
    MUTEX,
    given=True,
    hint="what lets a device enter before the one that is inside has left?",
)
def test_never_two_are_inside(submission):
    """{algorithm}: at most one device is in the critical section (ME1)."""
    submission.runs(devices=(2, 3, 5), seeds=5, **LONG).satisfy(MutualExclusion)
    submission.runs(types=("async",), devices=(3, 6), seeds=5, **SLOW).satisfy(MutualExclusion)


@case(
    LIVE,
    given=True,
    needs=[test_never_two_are_inside],
    hint="follow the request of the device that waits: who got it, and who never answered?",
)
def test_everyone_gets_in(submission):
    """{algorithm}: every device that wants to enter gets in, again and again (ME2)."""
    submission.runs(devices=(2, 3, 5), seeds=4, max_rounds=300, max_time=30).satisfy(
        EveryoneEnters, everyone_works
    )


def all_name_the_largest(run):
    """All devices name the same leader, the one with the largest index."""
    largest = run.config.devices - 1
    for index, text in enumerate(run.results):
        named = re.findall(r"\d+|None", text.partition(":")[2])
        if named[-1:] != [str(largest)]:
            return f"device {index} prints “{text.strip()}”; the leader is device {largest}"
    return None


@case(ELECTIONS, given=True, hint="who tells the others, and who has heard it when the run ends?")
def test_all_agree_on_the_largest(submission):
    """{algorithm}: all devices name the same leader, the largest index."""
    submission.runs(devices=(2, 3, 5, 8), seeds=10).satisfy(all_name_the_largest)


# -- extracurricular: work that goes on beside


@case(
    BESIDE,
    bonus=True,
    points=1,
    task="6",
    hint="a device that works in a thread must know that it is inside, or it enters once more",
)
def test_work_beside_lets_never_two_in(submission):
    """{algorithm}: work goes on in a thread, and at most one device is inside."""
    submission.runs(devices=(2, 3, 5), seeds=5, **LONG).satisfy(MutualExclusion)


@case(
    BESIDE,
    bonus=True,
    points=1,
    task="6",
    needs=[test_work_beside_lets_never_two_in],
    hint="release() is called by another thread: which requests are answered by nobody?",
)
def test_work_beside_lets_everyone_in(submission):
    """{algorithm}: every device gets in, again and again."""
    submission.runs(devices=(2, 3, 5), seeds=5, **LONG).satisfy(EveryoneEnters, everyone_works)
