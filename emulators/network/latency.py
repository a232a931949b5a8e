"""How long a message is on its way: constant, uniform, exponential, normal, sometimes late."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.kernel.choices import Choices
from emulators.kernel.clock import ROUND
from emulators.network.table import Table, Unfit, entry, one_of, probability, time
from emulators.network.units import ALLOWED, Time, in_ticks

Sampler = Callable[[], int]
"""Draws one latency, in ticks."""

_NEEDS = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "normal": ("mean", "deviation"),
    "sometimes": ("delay", "probability", "otherwise"),
}


@dataclass(frozen=True)
class Latency(Table):
    """A distribution of latencies. Which keys are needed depends on the model.

    ``constant``: `value`. ``uniform``: from `low` to `high`; whole rounds, both included, in sync.
    ``exponential``: `mean`. ``normal``: `mean`, `deviation`, cut at 0. ``sometimes``: `delay` with
    `probability`, else `otherwise`. A message takes at least one round in sync.
    """

    model: str = entry(one_of(*_NEEDS))
    value: Time | None = entry(time, None)
    low: Time | None = entry(time, None)
    high: Time | None = entry(time, None)
    mean: Time | None = entry(time, None)
    deviation: Time | None = entry(time, None)
    delay: Time | None = entry(time, None)
    probability: float | None = entry(probability, None)
    otherwise: Time | None = entry(time, None)

    def problem(self) -> str:
        """Return which key is missing or does not belong to the model, or nothing."""
        needed = _NEEDS[self.model]
        given = [name for name in self.plain() if name != "model"]
        missing = [name for name in needed if name not in given]
        more = [name for name in given if name not in needed]
        if missing:
            return f"the model {self.model} needs the key {missing[0]}"
        if more:
            return f"the model {self.model} has no key {more[0]}; it has {', '.join(needed)}"
        if self.model == "uniform" and self._time("low", True) > self._time("high", True):
            return "low is above high"
        return ""

    def _time(self, name: str, in_rounds: bool) -> int:
        return in_ticks(getattr(self, name), in_rounds)

    def sampler(self, choices: Choices, in_rounds: bool) -> Sampler:
        """Return what draws a latency in ticks: in whole rounds, or in virtual time."""
        draw = _SAMPLERS[self.model](self, choices, in_rounds)
        if not in_rounds or self.model == "uniform":
            return draw
        return lambda: max(1, (draw() + ROUND // 2) // ROUND) * ROUND

    # -- one function for each model

    def _constant(self, choices: Choices, in_rounds: bool) -> Sampler:
        value = self._time("value", in_rounds)
        return lambda: value

    def _uniform(self, choices: Choices, in_rounds: bool) -> Sampler:
        low, high = self._time("low", in_rounds), self._time("high", in_rounds)
        if not in_rounds:
            return choices.between(low, high)
        first, last = max(1, math.ceil(low / ROUND)), max(1, high // ROUND)
        return lambda: (first + choices.below(max(1, last - first + 1))) * ROUND

    def _exponential(self, choices: Choices, in_rounds: bool) -> Sampler:
        mean = self._time("mean", in_rounds)
        return lambda: round(-mean * math.log(1.0 - choices.random()))

    def _normal(self, choices: Choices, in_rounds: bool) -> Sampler:
        """Box and Muller, A note on the generation of random normal deviates, 1958."""
        mean, deviation = self._time("mean", in_rounds), self._time("deviation", in_rounds)

        def draw() -> int:
            radius = math.sqrt(-2.0 * math.log(1.0 - choices.random()))
            angle = 2.0 * math.pi * choices.random()
            return max(0, round(mean + deviation * radius * math.cos(angle)))

        return draw

    def _sometimes(self, choices: Choices, in_rounds: bool) -> Sampler:
        late, usual = self._time("delay", in_rounds), self._time("otherwise", in_rounds)
        chance = self.probability or 0.0
        return lambda: late if choices.random() < chance else usual


_SAMPLERS: dict[str, Callable[[Latency, Choices, bool], Sampler]] = {
    "constant": Latency._constant,
    "uniform": Latency._uniform,
    "exponential": Latency._exponential,
    "normal": Latency._normal,
    "sometimes": Latency._sometimes,
}


def latency(value: Any) -> Latency:
    """Read a latency: a table, a constant, or a range as text, ``"1:3"``."""
    if isinstance(value, dict):
        return Latency.read(
            {"model": "constant", **value} if "value" in value else value, "latency"
        )
    low, colon, high = value.partition(":") if isinstance(value, str) else (value, "", "")
    try:
        ends = [time(_number(part)) for part in ((low, high) if colon else (low,))]
    except Unfit:
        raise Unfit(f'{ALLOWED}, a range of these as "1:3", or a table with a model') from None
    if not colon:
        return Latency("constant", value=ends[0])
    return Latency.read({"model": "uniform", "low": ends[0], "high": ends[1]}, "latency")


def _number(part: Any) -> Any:
    try:
        return float(part) if isinstance(part, str) else part
    except ValueError:
        return part
