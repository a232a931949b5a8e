"""Where a search goes on from: not from states that are pruned; from the first ones of a stage.

Both are conditions over devices. A stage is reached in the states in which its condition is met,
one stage after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulators.explore.conditions import Condition, Invariant, Sights, Watching


class Pruned(Watching):
    """Remembers whether one of some conditions was met."""

    name = "pruned"

    def __init__(self, sights: Sights, places: Sequence[int], in_rounds: bool = False) -> None:
        super().__init__(sights, in_rounds)
        self.pruned = False
        self._places = tuple(places)

    def judge(self) -> None:
        """Look whether a condition is met."""
        self.pruned = self.pruned or any(self.speaks(place) for place in self._places)


class Staged(Watching):
    """Counts the stages that were reached."""

    name = "staged"

    def __init__(self, sights: Sights, places: Sequence[int], in_rounds: bool = False) -> None:
        super().__init__(sights, in_rounds)
        self.reached = 0
        self._places = tuple(places)

    def judge(self) -> None:
        """Look whether the next stage is reached."""
        while self.reached < len(self._places) and self.speaks(self._places[self.reached]):
            self.reached += 1


def watchers(sights: Sights, in_rounds: bool) -> list[Watching]:
    """Return what looks at all devices on behalf of conditions, each for its role."""
    places: dict[str, list[int]] = {"": [], "goal": [], "prune": [], "stage": []}
    for place, condition in enumerate(sights.conditions):
        places[condition.role].append(place)
    found: list[Watching] = [
        Invariant(sights, place, in_rounds) for place in (*places[""], *places["goal"])
    ]
    if places["prune"]:
        found.append(Pruned(sights, places["prune"], in_rounds))
    if places["stage"]:
        found.append(Staged(sights, places["stage"], in_rounds))
    return found


def bounds(conditions: Sequence[Condition], stage: int) -> Iterator[str]:
    """Return what prunes and stages have left out, and which goals were not reached.

    `stage` is how many stages were reached.
    """
    stages = [one.text for one in conditions if one.role == "stage"]
    for one in conditions:
        if one.role == "prune":
            yield f"not gone on from where {one.text}"
    for place, text in enumerate(stages):
        if place < stage:
            yield f"gone on only from the first states in which {text}"
    if stage < len(stages):
        yield f"the stage {stages[stage]} was never reached"
