"""Lecture 16: mutual exclusion with coteries.

Sanders' algorithm and Maekawa's are given complete: they shall not be broken. The task is the
channel below: the algorithm goes on although messages are lost.
"""

from collections import Counter

from emulators.check.mutex import EveryoneEnters, Fairness
from emulators.grading import case

LONG = {"max_rounds": 400, "max_time": 40, "max_messages": 10_000}
LOSSY = {"max_rounds": 1000, "max_time": 100, "max_messages": 20_000}
RELIABLE = "ReliableSanders"


def everyone_enters_again_and_again(run):
    """Every device enters, and there are entries until the end of the run."""
    entered = Counter(event.device for event in run.trace.of("enter"))
    never = [index for index in range(run.config.devices) if not entered[index]]
    last = max((event.time for event in run.trace.of("enter")), default=0)
    if last < run.statistics.time / 2:
        return (
            f"after {entered.total()} entries nobody enters any more, "
            f"and {run.statistics.lost} messages were lost in this run"
        )
    if never:
        return f"device {never[0]} never enters, and all others have {entered.total()} entries"
    return None


def the_network_is_not_flooded(run):
    """What is answered is not sent again: the messages do not become more and more."""
    half = run.statistics.time / 2
    sent = Counter(event.time > half for event in run.trace.of("send"))
    if sent[True] > 2 * sent[False]:
        return (
            f"{sent[False]} messages are sent in the first half of the run, "
            f"and {sent[True]} in the second one"
        )
    return None


# -- given


@case(
    ("Sanders", "Maekawa"),
    given=True,
    hint="any two coteries need a device in common, and a device has one vote",
)
def test_never_two_are_inside(submission):
    """{algorithm}: at most one device is inside, and any two have asked a common device (ME1)."""
    runs = submission.runs(devices=(2, 4, 7, 9), seeds=4, max_rounds=150, max_time=15)
    runs.satisfy("mutual_exclusion", "coteries")


@case(
    "Sanders",
    given=True,
    needs=[test_never_two_are_inside],
    hint="a voter that has said Yes too early has to ask for its vote, and the one that waits "
    "has to give it back",
)
def test_everyone_gets_in(submission):
    """Sanders: every device gets in, again and again (ME2)."""
    submission.runs(devices=(2, 4, 7, 9), seeds=4, **LONG).satisfy(
        EveryoneEnters, Fairness, everyone_enters_again_and_again
    )


@case("Sanders", given=True, hint="the queue of a voter is ordered by (timestamp, index)")
def test_the_oldest_request_gets_the_vote(submission):
    """Sanders: a voter says Yes to the oldest request that it knows of."""
    runs = submission.runs(devices=(4, 9), seeds=4, max_rounds=150, max_time=15)
    runs.satisfy("oldest_first")


# -- task 4: lost messages


@case(
    RELIABLE,
    task="4.2",
    hint="two devices can use the same number; what a device sends to itself has none",
)
def test_the_channel_changes_nothing(submission):
    """ReliableSanders: where nothing is lost, every device gets in, and never two at once."""
    runs = submission.runs(devices=(2, 4, 9), seeds=4, **LONG)
    runs.satisfy("mutual_exclusion", everyone_enters_again_and_again)


@case(
    RELIABLE,
    task="4.2",
    needs=[test_the_channel_changes_nothing],
    hint="an answer can be lost, so a second copy is answered too; an answer is not answered",
)
def test_what_is_answered_is_not_sent_again(submission):
    """ReliableSanders: a message is sent again only until it is answered."""
    for loss in (0, 0.3):
        runs = submission.runs(devices=(4,), seeds=4, network={"loss": loss}, **LONG)
        runs.satisfy(the_network_is_not_flooded)


@case(
    RELIABLE,
    points=2,
    task="4.2",
    needs=[test_what_is_answered_is_not_sent_again],
    hint="one copy may be lost, the next one too, and the answer as well",
)
def test_it_goes_on_when_messages_are_lost(submission):
    """ReliableSanders: with every tenth or every third message lost, every device gets in."""
    for loss in (0.1, 0.33):
        runs = submission.runs(devices=(4, 9), seeds=4, network={"loss": loss}, **LOSSY)
        runs.satisfy("mutual_exclusion", everyone_enters_again_and_again)


@case(
    RELIABLE,
    points=2,
    task="4.2",
    needs=[test_what_is_answered_is_not_sent_again],
    hint="what is sent again keeps its number, and its receiver remembers what it has handled",
)
def test_a_second_copy_changes_nothing(submission):
    """ReliableSanders: a message that comes twice is handled once; never are two inside."""
    twice = {"duplicate": 0.4, "loss": 0.05}
    runs = submission.runs(devices=(4, 9), seeds=5, network=twice, **LOSSY)
    runs.satisfy("mutual_exclusion", everyone_enters_again_and_again)
