"""Lecture 4: mutual exclusion and election.

Five mutex algorithms and two elections are given complete: they shall not be broken. The tasks are
the bonus (a token ring that survives failures) and the extracurricular one (work that goes on
beside).
"""

from collections import Counter

from emulators.check.mutex import EveryoneEnters, Fairness, MutualExclusion
from emulators.Device import WorkerDevice
from emulators.grading import case
from emulators.kernel.clock import ticks

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
    submission.schedules(devices=2, states=2_000).satisfy("mutual_exclusion")


@case(
    LIVE,
    given=True,
    needs=[test_never_two_are_inside],
    hint="follow the request of the device that waits: who got it, and who never answered?",
)
def test_everyone_gets_in(submission):
    """{algorithm}: every device that wants to enter gets in, again and again (ME2)."""
    submission.runs(devices=(2, 3, 5), seeds=4, max_rounds=300, max_time=30).satisfy(
        EveryoneEnters, Fairness, everyone_works
    )


def all_name_the_largest(run):
    """All devices name the same leader, the one with the largest index."""
    largest = run.config.devices - 1
    for index, text in enumerate(run.results):
        if run.number_printed(index) != largest:
            return f"device {index} prints “{text.strip()}”; the leader is device {largest}"
    return None


@case(ELECTIONS, given=True, hint="who tells the others, and who has heard it when the run ends?")
def test_all_agree_on_the_largest(submission):
    """{algorithm}: all devices name the same leader, the largest index."""
    submission.runs(devices=(2, 3, 5, 8), seeds=10).satisfy(all_name_the_largest)


# -- bonus: a token ring that survives failures

RING = "HeartbeatTokenRing"
LATE = 30  # virtual seconds after which everything has to be repaired
MINUTE = {"max_time": 60, "max_messages": 100_000}


def crash(*moments):
    """What a scenario says when device seed, seed + 1 … of a ring crash at these moments."""

    def scenario(devices, seed):
        return {
            "crash": [
                {"device": (seed + number) % devices, "at": f"{moment + 0.13 * seed:.2f}s"}
                for number, moment in enumerate(moments)
            ]
        }

    return scenario


def those_that_live_go_on(run):
    """The devices that have not failed work on, each of them."""
    gone = {event.device for event in run.trace.of("crash", "end")}
    late = {event.device for event in run.trace.of("enter") if event.time > ticks(LATE)}
    for device in run.devices:
        if device._id not in gone | late:
            failed = f"; failed: {sorted(gone)}" if gone else ""
            return f"device {device._id} does not enter any more after {LATE} s{failed}"
    return None


def newcomer(run):
    """The device that says nothing in the first second, and works later; None where all speak."""
    spoke = {}
    for event in run.trace.of("send"):
        spoke.setdefault(event.device, event.time)
    late = [device for device, time in spoke.items() if time > ticks(1)]
    return next((one for one in late if any(e.device == one for e in run.trace.of("enter"))), None)


@case(RING, bonus=True, points=1, task="5.1", hint="does a heartbeat take the place of a token?")
def test_the_ring_works_while_nobody_fails(submission):
    """While nobody fails, every device works again and again, and never two at once."""
    submission.runs(seeds=4, **MINUTE).satisfy(MutualExclusion, those_that_live_go_on)


@case(
    RING,
    bonus=True,
    points=2,
    task="5.2",
    needs=[test_the_ring_works_while_nobody_fails],
    hint="two things have to be repaired when a device fails: the ring, and perhaps the token",
)
def test_the_ring_survives_a_failure(submission):
    """When a device fails, with the token or without it, the others go on."""
    submission.runs(devices=(3, 5), seeds=8, network=crash(2), **MINUTE).satisfy(
        those_that_live_go_on
    )


@case(
    RING,
    bonus=True,
    points=2,
    task="5.2",
    needs=[test_the_ring_survives_a_failure],
    hint="who makes the new token, and what happens to an old one that turns up again?",
)
def test_a_lost_token_is_replaced_by_one_only(submission):
    """After failures there is one new token: never are two devices inside."""
    submission.runs(devices=(4, 6), seeds=6, network=crash(1, 8), **MINUTE).satisfy(
        MutualExclusion, those_that_live_go_on
    )


def late_start(devices, seed):
    """The last device is not there before the eighth second."""
    return {
        "crash": [
            {
                "device": devices - 1,
                "at": "0s",
                "recovery": f"{8 + 0.17 * seed:.2f}s",
                "inbox": "lost",
            }
        ]
    }


@case(
    RING,
    bonus=True,
    points=2,
    task="5.3",
    needs=[test_the_ring_works_while_nobody_fails],
    hint="how do the others hear of a new device, and how does it learn who else is there?",
)
def test_a_new_device_joins_the_ring(submission):
    """A device that starts late joins the ring: it works, and so do all others."""
    own = submission.runs(types=("async",), devices=(5,), seeds=2, **MINUTE)
    if all(newcomer(run) is not None for run in own):
        return  # the submission brings its own newcomer, and the runs above were all right
    submission.runs(devices=(3, 5), seeds=4, network=late_start, **MINUTE).satisfy(
        MutualExclusion, those_that_live_go_on
    )


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
