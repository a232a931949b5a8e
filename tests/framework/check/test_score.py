"""What a run of a replicated object is worth."""

from emulators.check.score import Score
from emulators.kernel.clock import ROUND


def scored(*answers):
    """Make a score of reads by one client each, which take two rounds; None is no answer."""
    score = Score()
    for client, answer in enumerate(answers):
        score.invoke(client, "write", client)
        if answer is not None:
            score.respond(client, time=2 * ROUND)
    return score


def test_points_are_the_share_of_operations_that_were_answered():
    points = scored(1, 1, 1, None).points()
    assert (points.answered, points.operations, points.points) == (3, 4, 75)


def test_latency_is_counted_in_rounds_of_those_that_were_answered():
    points = scored(1, None).points()
    assert (points.mean_latency, points.longest_latency) == (2.0, 2.0)


def test_an_inconsistent_register_has_no_points():
    score = scored(1)
    score.invoke(1, "read")
    score.respond(1, "what nobody wrote")
    assert score.points().points == 0
    assert next(score.lines()).startswith(
        "Consistency: NOT linearizable: read -> what nobody wrote"
    )


def test_messages_of_ignored_types_are_not_counted():
    score = Score(ignored=(int,))
    score.invoke(1, "read")
    for kind in (int, str, str):
        score.on_send(("send", 0, 1, (0, 1, 1, 2, kind, {}, True, 0)))
    assert score.points().messages_each == 2.0


def test_without_any_operation_there_is_no_score():
    (line,) = Score().lines()
    assert line.startswith("Score: not known")
