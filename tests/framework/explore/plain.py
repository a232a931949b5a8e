"""Searching without tables: every schedule is a run of its own, from the beginning.

What the explorer leaves out, joins or remembers must not change what can come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from emulators.explore.cells import Faults, State
from emulators.explore.conditions import Condition, Invariant, Sights
from emulators.explore.lockstep import Lockstep
from emulators.explore.network import Network, Rules
from emulators.explore.scenario import Scenario
from emulators.explore.shared import Shared
from emulators.explore.solo import SoloMedium, World
from emulators.kernel.choices import Choices
from emulators.kernel.tasks import Scheduler
from emulators.Medium import Medium
from emulators.stepping.stepper import silent
from emulators.SyncEmulator import SyncEmulator
from emulators.untimed import Bounds, Plan, UntimedEmulator, UntimedScheduler

Outcome = tuple[Any, ...]


class TooMany(Exception):
    """There are more schedules than anybody wants to go through."""


class _Prefix:
    """Decides as it is told, and then always for the first alternative; remembers how many."""

    def __init__(self, prefix: list[int]) -> None:
        self.taken: list[tuple[int, int]] = []
        self._prefix = prefix

    def below(self, count: int) -> int:
        place = len(self.taken)
        value = self._prefix[place] if place < len(self._prefix) else 0
        self.taken.append((value, count))
        return value

    def between(self, low: int, high: int) -> Callable[[], int]:
        return lambda: low

    def random(self) -> float:
        return self.below(Bounds().most) / Bounds().most

    bits = None


def schedules(run: Callable[[Choices], Any], most: int) -> Iterator[Any]:
    """Return what comes of a run for each way to decide. Raises `TooMany`."""
    prefix: list[int] = []
    for _ in range(most):
        choices: Any = _Prefix(prefix)
        yield run(choices)
        taken = choices.taken
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        prefix = [value for value, _ in taken[:-1]] + [taken[-1][0] + 1]
    raise TooMany


def outcomes_of_runs(
    kind: Any,
    devices: int,
    faults: Faults,
    fifo: bool,
    most: int = 30_000,
    look: Callable[[list[Any]], Any] = bool,
    scenario: Scenario | None = None,
) -> set[Outcome]:
    """Return all outcomes, one run for each schedule; `look` at the devices when all wait."""
    scenario = scenario or Scenario(faults)

    def run(choices: Choices) -> Outcome:
        emulator = UntimedEmulator(
            devices,
            kind,
            scheduler=UntimedScheduler(choices),
            plan=Plan(Bounds(), *scenario.faults, where=scenario.where),
            network=scenario.network,
            quiet=True,
            reports=False,
            fifo=fifo,
        )
        emulator.all_wait = lambda present: look([*present.values()])
        with silent():
            emulator.run()
        crashed = [port.ended and port.main is None for port in emulator.ports.values()]
        return tuple(
            "crashed" if gone else device.outcome()
            for gone, device in zip(crashed, emulator.devices, strict=True)
        )

    return set(schedules(run, most))


def outcomes_in_rounds(
    kind: Any, devices: int, fifo: bool, most: int, scenario: Scenario | None = None
) -> set[Outcome]:
    """Return all outcomes in a synchronous network, one run for each schedule."""

    def run(choices: Choices) -> Outcome:
        emulator = SyncEmulator(
            devices,
            kind,
            scheduler=Scheduler(choices),
            quiet=True,
            reports=False,
            fifo=fifo,
            network=scenario.network if scenario is not None else None,
        )
        with silent():
            emulator.run()
        return tuple(device.outcome() for device in emulator.devices)

    return set(schedules(run, most))


def lockstep(kind: Any, devices: int, fifo: bool, scenario: Scenario | None = None) -> Lockstep:
    """Return the states of a program in a synchronous network."""
    scenario = scenario or Scenario(Faults())
    placed, liars = scenario.placed(kind, devices)
    graph = scenario.graph(devices)
    world = World(placed, devices, watched=True, synchronous=True, graph=graph, liars=liars)
    return Lockstep(world, Shared([]), [], Rules(fifo, ordered=scenario.ordered(devices)))


def network(
    kind: Any,
    devices: int,
    faults: Faults,
    fifo: bool,
    reduced: bool,
    lazy: bool = False,
    look: Callable[[list[Any]], Any] | None = None,
    scenario: Scenario | None = None,
    several: bool = False,
) -> Network:
    """Return the states of a program, perhaps with an invariant."""
    sights = Sights([Condition(look, devices)], devices) if look is not None else None
    judges = [Invariant(sights, 0)] if sights is not None else []
    scenario = scenario or Scenario(faults)
    placed, liars = scenario.placed(kind, devices)
    medium = SoloMedium if reduced else Medium
    graph = scenario.graph(devices)
    world = World(
        *(placed, devices, medium),
        watched=True,
        lazy=lazy,
        several=several,
        graph=graph,
        liars=liars,
    )
    timed = several or any(
        "listen for a time" in plan for plan in getattr(kind, "plans", ())
    )  # else it would not be reduced
    ordered = scenario.ordered(devices)
    rules = Rules(fifo, timed, scenario.faults, scenario.where, ordered)
    return Network(world, Shared([]), judges, rules, reduced=reduced, sights=sights)


def reachable(made: Network, most: int = 200_000) -> dict[State, bool]:
    """Return all states, and whether nothing can happen there."""
    found: dict[State, bool] = {}
    todo = list(made.initial())
    while todo:
        state = todo.pop()
        if state in found:
            continue
        after = made.expand(state)
        found[state] = made.resting
        todo += after
        if len(found) > most:
            raise TooMany
    return found


def outcomes_of_states(made: Network) -> set[Outcome]:
    """Return all outcomes, by the states in which nothing can happen any more."""
    found = set()
    for state, at_rest in reachable(made).items():
        if at_rest:
            ways = [
                {_outcome(made, device, edge.own) for edge in edges}
                for device, edges in enumerate(made.settled(state))
            ]
            found |= set(product(*ways))
    return found


def _outcome(made: Network, device: int, cell: int) -> Any:
    local, _ = made.cells[device].contents[cell]
    if local < 0:
        return "crashed"
    solo = made.automata[device].rebuilt(local)
    try:
        return solo.device.outcome()
    finally:
        solo.stop()
