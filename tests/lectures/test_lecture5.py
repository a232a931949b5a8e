"""Lecture 5: multicast. What each class promises is judged at the application above it.

Given complete, and not to be broken, is all but three classes: FifoTOSEQMulticast is the task,
FifoOverlapMulticast and ISISMulticast are the bonus.
"""

from emulators.check.lectures import promised
from emulators.grading import case

GIVEN = (
    "BasicMulticast",
    "ReliableMulticast",
    "ReliableIPMulticast",
    "TOSEQMulticast",
    "COMulticast",
)
SHORT = {"max_rounds": 60, "max_time": 6}
OVERTAKING = {"latency": (0, 0.3), "types": ("async",), "max_time": 10}
LATE = {"latency": (0, 1), "types": ("async",), "max_time": 12}  # so that orders are broken easily


def something_is_delivered(run):
    """The contents reach the applications."""
    if not any(char.isdigit() and char != "0" for text in run.results for char in text):
        return "no application is given any content"
    if run.statistics.received == 0:
        return "no message is received"
    return None


@case(GIVEN, given=True, hint="the rules stand in the docstring of the class")
def test_a_given_multicast_keeps_its_promise(submission):
    """{algorithm}: it keeps what it promises."""
    names = promised(5, submission.algorithm)
    submission.runs(devices=(2, 4), seeds=3, **SHORT).satisfy(*names)
    submission.runs(devices=(3,), seeds=3, **LATE).satisfy(*names)


# -- task 3


@case(
    "FifoTOSEQMulticast",
    task="3",
    hint="what is held back must be let go at some time: who takes another look, and when?",
)
def test_everything_is_delivered_once(submission):
    """FifoTOSEQMulticast: every content is delivered by all devices, once."""
    once = ("integrity", "validity", "agreement")
    submission.runs(devices=(2, 4), seeds=5, **SHORT).satisfy(*once, something_is_delivered)
    submission.runs(devices=(3,), seeds=10, **OVERTAKING).satisfy(*once, something_is_delivered)


@case(
    "FifoTOSEQMulticast",
    points=2,
    task="3",
    needs=[test_everything_is_delivered_once],
    hint="who gives the numbers, and does everybody deliver in their order?",
)
def test_the_order_is_total(submission):
    """FifoTOSEQMulticast: all devices deliver in the same order."""
    submission.runs(devices=(2, 4), seeds=5, **SHORT).satisfy("total_order")
    submission.runs(devices=(3, 5), seeds=8, **LATE).satisfy("total_order")


@case(
    "FifoTOSEQMulticast",
    points=3,
    task="3",
    needs=[test_everything_is_delivered_once],
    hint="a sender numbers its contents: which one may be given a place next?",
)
def test_the_total_order_is_fifo(submission):
    """FifoTOSEQMulticast: what one device sends is delivered in the order in which it was sent."""
    submission.runs(devices=(2, 4), seeds=5, **SHORT).satisfy("fifo")
    submission.runs(devices=(3, 5), seeds=8, **LATE).satisfy("fifo")


# -- bonus: task 4, groups that overlap


@case(
    "FifoOverlapMulticast",
    bonus=True,
    task="4",
    hint="a device must not wait for what goes to a group that it does not belong to",
)
def test_nobody_waits_for_another_group(submission):
    """FifoOverlapMulticast: all members of a group deliver what is sent to it, once."""
    submission.runs(devices=(3, 6), seeds=5, **SHORT).satisfy(
        "integrity", "validity", "agreement", something_is_delivered
    )


@case(
    "FifoOverlapMulticast",
    bonus=True,
    points=2,
    task="4",
    needs=[test_nobody_waits_for_another_group],
    hint="what has the sender sent before, and to which of my groups?",
)
def test_fifo_holds_between_groups(submission):
    """FifoOverlapMulticast: each sender's contents come in order, whichever group they go to."""
    submission.runs(devices=(3, 6), seeds=5, **SHORT).satisfy("fifo")
    submission.runs(devices=(3, 6), seeds=8, **LATE).satisfy("fifo")


# -- bonus: task 5, ISIS with ties


@case("ISISMulticast", bonus=True, task="5", hint="is what is agreed, and smallest, delivered?")
def test_isis_delivers_everything_once(submission):
    """ISISMulticast: every content is delivered by all devices, once."""
    once = ("integrity", "validity", "agreement")
    submission.runs(devices=(2, 4), seeds=5, **SHORT).satisfy(*once, something_is_delivered)


@case(
    "ISISMulticast",
    bonus=True,
    points=2,
    task="5",
    needs=[test_isis_delivers_everything_once],
    hint="two messages with the same number: what else does a Vote carry that could decide?",
)
def test_isis_is_total_though_numbers_tie(submission):
    """ISISMulticast: all devices deliver in the same order, also when numbers are equal."""
    submission.runs(devices=(2, 3, 5), seeds=8, **SHORT).satisfy("total_order")
    submission.runs(devices=(3, 5), seeds=8, **LATE).satisfy("total_order")
