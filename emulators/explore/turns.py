"""The usual way to search: a little breadth first, then walks, then breadth first to the end.

A mistake in a small program is found by the first, with the shortest run there is; a mistake deep
in a large one by the second. What a walk finds is made short, and then breadth first may still find
something shorter. States and moves are counted and not seconds, so the answer is the same anywhere,
unless the budget ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from emulators.explore.answer import BOUNDED, UNKNOWN, VIOLATED, Answer, Counterexample
from emulators.explore.lockstep_playing import recorded_in_rounds
from emulators.explore.lockstep_walking import walked_in_rounds
from emulators.explore.playing import led, recorded
from emulators.explore.question import Question
from emulators.explore.reducing import Reducer
from emulators.explore.search import Progress
from emulators.explore.steps import Follower, Steps
from emulators.explore.walking import Walked, walked
from emulators.runner import RunConfig

FIRST = 5_000
"""States of the first search."""
MOVES, FEW_MOVES = 200_000, 10_000
"""Moves of the walks; fewer where a search is not possible, as that will be the answer."""
_A_WALK = 200
"""Moves for which a walk in rounds stands."""
SHORTER = 30_000
"""States of the search for a shorter run than the one that a walk has found."""
_SHARE = 0.3
"""The part of the budget that the first search may take, and that walks may."""

Search = Callable[[Question], Answer]


def in_turns(question: Question, search: Search, progress: Progress) -> Answer:
    """Return the answer to a question; `search` answers those that have a strategy."""
    if question.goals or question.marks():  # what matters is said
        return search(replace(question, strategy="bfs"))
    began = time.monotonic()
    question = replace(question, strategy="bfs")
    states = FIRST if question.states is None else min(FIRST, question.states)
    first = search(replace(question, states=states, jobs=1, seconds=_share(question)))
    if first.interrupted or question.depth is not None or not _is_open(first):
        return first
    if question.in_rounds:
        return _after_walks_in_rounds(question, first, search, progress, began)
    walks = _walks(question, first, progress)
    if walks.found is not None:
        return _found(question, first, walks, search)
    return _rest(question, first, search, walks.walks, began)


def _rest(question: Question, first: Answer, search: Search, walks: int, began: float) -> Answer:
    """Return what the search comes to that goes on to the end."""
    rest = first
    if first.verdict == BOUNDED and (question.states is None or question.states > FIRST):
        left = question.seconds and max(1.0, question.seconds - time.monotonic() + began)
        rest = search(replace(question, seconds=left))
    rest.walks = walks
    return rest


def _after_walks_in_rounds(
    question: Question, first: Answer, search: Search, progress: Progress, began: float
) -> Answer:
    assert first.run is not None
    until = _soon(question)
    run, walks = walked_in_rounds(
        first.run,
        question.asked_of_walks,
        _moves(question, first) // _A_WALK,
        until,
        lambda walks, moves: progress(first.states, 0, walks),
    )
    if run is None:
        return _rest(question, first, search, walks, began)
    example = Counterexample(run.violations[0], (), first.run, run.lines, run.events)
    example.decisions, example.rounds = run.decisions, run.rounds
    answer = replace(first, verdict=VIOLATED, because=[], counterexample=example)
    answer.walks, answer.strategy = walks, "bfs and walks"
    save(question, example)
    return answer


def _is_open(first: Answer) -> bool:
    """Whether there is more to look at: states that were not reached, or devices that cannot be."""
    return first.verdict == UNKNOWN or (
        first.verdict == BOUNDED and first.ended in ("states", "time")
    )


def _moves(question: Question, first: Answer) -> int:
    """Return how many moves may be walked."""
    most = MOVES if question.moves is None else question.moves
    return min(most, FEW_MOVES) if first.verdict == UNKNOWN else most


def _share(question: Question) -> float | None:
    """Return how many seconds each of the first two may take."""
    return question.seconds and _SHARE * question.seconds


def _soon(question: Question) -> float | None:
    """Return until when walks may go on, in monotonic time."""
    share = _share(question)
    return share and time.monotonic() + share


def _walks(question: Question, first: Answer, progress: Progress) -> Walked:
    until = _soon(question)
    assert first.run is not None
    try:
        return walked(
            first.run,
            question.asked_of_walks,
            _moves(question, first),
            until,
            lambda walks, moves: progress(first.states, moves // max(1, walks), walks),
            question.timeouts,
        )
    except KeyboardInterrupt:
        return Walked()


def _found(question: Question, first: Answer, walks: Walked, search: Search) -> Answer:
    """Return the answer that a walk has found, as short as it gets."""
    assert walks.found is not None
    assert first.run is not None
    run = Reducer(first.run, question.asked_of_walks, walks.found).reduced()
    answer = search(replace(question, states=SHORTER, save=None, jobs=1))
    known = answer.counterexample
    name = run.violations[0].property
    if known is None or known.violation.property != name or known.events > run.events:
        example = led_along(first.run, question, run.steps, name)
        if example is None:
            return Answer(UNKNOWN, ["what a walk has found does not happen once more"])
        answer = replace(answer, verdict=VIOLATED, because=[], counterexample=example)
    answer.walks, answer.strategy = walks.walks, "bfs and walks"
    if answer.counterexample is not None:
        save(question, answer.counterexample)
    return answer


def led_along(
    config: RunConfig, question: Question, steps: Steps, name: str = ""
) -> Counterexample | None:
    """Return the run along steps as a counterexample, or None where it violates nothing.

    Raises `OffScript` where a step is not possible.
    """
    chooser = Follower(steps, question.bounds, strict=True)
    run = led(config, chooser, question.asked_of_walks, moves=len(steps) - 1, told=True)
    violation = run.violation(name)
    if violation is None:
        return None
    return Counterexample(
        violation, run.steps, config, run.lines, run.events, decisions=run.decisions
    )


def save(question: Question, example: Counterexample) -> None:
    """Write a run down where that is asked for."""
    path = question.save
    if path is not None:
        config = replace(example.config, checks=tuple(question.events))
        if question.in_rounds:
            example.config = recorded_in_rounds(config, example.decisions, example.rounds, path)
        else:
            example.config = recorded(config, example.decisions, example.moves, path)
        example.recording = path
