"""A case: one sentence that is to hold for a submission, what it is worth, and what it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.grading.submission import Submission

Judge = Callable[["Submission"], Any]
_ATTRIBUTE = "grading_cases"


@dataclass(frozen=True)
class Case:
    """One case of a suite.

    `algorithm` is the published name of the class that is judged. `given` marks code that the
    template has complete: it is worth no points, but shall not be broken. `needs` are the names of
    the cases that must pass first. `parts` are the methods that it is about, all where it is empty:
    what is still to be done elsewhere does not matter to it.
    """

    name: str
    sentence: str
    judge: Judge
    algorithm: str
    points: float = 1
    bonus: bool = False
    given: bool = False
    hint: str = ""
    task: str = ""
    needs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence


def case(
    of: str | Sequence[str],
    *,
    points: float = 1,
    bonus: bool = False,
    given: bool = False,
    hint: str = "",
    task: str = "",
    needs: Iterable[Judge] = (),
    parts: Sequence[str] = (),
) -> Callable[[Judge], Judge]:
    """Make a test function a case about an algorithm, or one about each of several.

    The docstring of the function is the sentence that a student reads; ``{algorithm}`` in it stands
    for the name. `points` are those of each case, `bonus` points come on top of the full grade.
    `needs` are test functions of the same file, standing above, that must pass first: of the same
    algorithm where they judge it. `parts` are the methods that it is about, where a template leaves
    more open than these. `task` is the number in the text of the lecture.
    """
    names = (of,) if isinstance(of, str) else tuple(of)

    def mark(judge: Judge) -> Judge:
        sentence = inspect.getdoc(judge)
        if not sentence:
            raise TypeError(f"{judge.__name__} has no docstring: the sentence that it judges")
        made = [
            Case(
                name=_name(judge, name, len(names)),
                sentence=sentence.partition("\n\n")[0].replace("{algorithm}", name),
                judge=judge,
                algorithm=name,
                points=0 if given else points,
                bonus=bonus,
                given=given,
                hint=hint,
                task=task,
                needs=tuple(one.name for need in needs for one in _needed(need, name)),
                parts=tuple(parts),
            )
            for name in names
        ]
        setattr(judge, _ATTRIBUTE, made)
        return judge

    return mark


def _name(judge: Judge, algorithm: str, siblings: int) -> str:
    name = judge.__name__.removeprefix("test_")
    return f"{name}[{algorithm}]" if siblings > 1 else name


def _needed(judge: Judge, algorithm: str) -> list[Case]:
    """Return the cases of a function that another case needs: the one of its algorithm, or all."""
    made = cases_of(judge)
    if not made:
        raise TypeError(f"needs: {judge.__name__} is no case")
    return [one for one in made if one.algorithm == algorithm] or made


def cases_of(judge: object) -> list[Case]:
    """Return the cases that were made of a function: none where it is none."""
    return list(getattr(judge, _ATTRIBUTE, ()))


def cases_in(suite: ModuleType) -> list[Case]:
    """Return the cases of a suite in the order of its file."""
    return [
        made
        for name, value in vars(suite).items()
        if name.startswith("test_")
        for made in cases_of(value)
    ]
