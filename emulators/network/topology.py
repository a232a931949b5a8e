"""Who has a channel to whom: complete, ring, line, star, grid, tree, random, geometric, a list."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from emulators.kernel.choices import Choices
from emulators.network.table import Table, Unfit, entry, index, number, one_of, shown
from emulators.usage import UsageError, closest

Edge = tuple[int, int]
SHAPES = ("complete", "ring", "line", "star", "grid", "tree", "random", "geometric", "edges")
_PARAMETER = {"random": "probability", "geometric": "radius", "tree": "arity"}
_DEFAULTS = {"random": 0.3, "geometric": 0.4, "tree": 2}


@dataclass(frozen=True)
class Graph:
    """The channels of a run, both directions of each; `positions` in a unit square, or none."""

    devices: int
    shape: str
    edges: tuple[Edge, ...]
    positions: tuple[tuple[float, float], ...] = ()
    neighbors: dict[int, list[int]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[int, set[int]] = {device: set() for device in range(self.devices)}
        for one, other in self.edges:
            found[one].add(other)
            found[other].add(one)
        object.__setattr__(self, "neighbors", {one: sorted(of) for one, of in found.items()})

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """Where devices stand in a picture, in a unit square; nothing for a circle."""
        return self.positions or tuple(_PLACES.get(self.shape, _in_a_circle)(self))


def _in_a_circle(graph: Graph) -> Iterator[tuple[float, float]]:
    """Return nothing: a circle is what a picture does anyway."""
    return iter(())


def _in_a_line(graph: Graph) -> Iterator[tuple[float, float]]:
    return ((at / max(1, graph.devices - 1), 0.5) for at in range(graph.devices))


def _around_the_first(graph: Graph) -> Iterator[tuple[float, float]]:
    yield 0.5, 0.5
    for at in range(graph.devices - 1):
        angle = 2 * math.pi * at / (graph.devices - 1)
        yield 0.5 + 0.5 * math.sin(angle), 0.5 - 0.5 * math.cos(angle)


def _in_rows(graph: Graph) -> Iterator[tuple[float, float]]:
    side = _side(graph.devices)
    rows = max(1, math.ceil(graph.devices / side) - 1)
    return ((at % side / max(1, side - 1), at // side / rows) for at in range(graph.devices))


def _in_levels(graph: Graph) -> Iterator[tuple[float, float]]:
    """Put each device of a tree below the one that is nearer to the root."""
    depth = [0]
    for device in range(1, graph.devices):
        depth.append(depth[graph.neighbors[device][0]] + 1)
    width, seen = Counter(depth), Counter[int]()
    for level in depth:
        seen[level] += 1
        yield (seen[level] - 0.5) / width[level], level / max(1, depth[-1])


_PLACES: dict[str, Callable[[Graph], Iterator[tuple[float, float]]]] = {
    "line": _in_a_line,
    "star": _around_the_first,
    "grid": _in_rows,
    "tree": _in_levels,
}


def _edges(value: Any) -> tuple[Edge, ...]:
    if not isinstance(value, (list, tuple)):
        raise Unfit("a list of pairs of devices, as [[0, 1], [1, 2]]")
    return tuple(map(_edge, value))


def _edge(pair: Any) -> Edge:
    try:
        one, other = map(index, pair)
    except (Unfit, TypeError, ValueError):
        raise UsageError(f"{shown(pair)} is no pair of two devices, as [0, 1]") from None
    if one == other:
        raise UsageError(f"{shown(pair)}: a device has no channel to itself")
    return one, other


@dataclass(frozen=True)
class Topology(Table):
    """A shape, and what it needs: `probability` (random), `radius` (geometric), `arity` (tree).

    Random: each channel is there with `probability` (Gilbert 1959), and some more connect the
    parts. Geometric: devices stand at drawn places of a unit square and reach those within
    `radius`.
    """

    shape: str = entry(one_of(*SHAPES))
    probability: float = entry(number(0, 1), _DEFAULTS["random"])
    radius: float = entry(number(0, 2), _DEFAULTS["geometric"])
    arity: float = entry(number(1, 100), float(_DEFAULTS["tree"]))
    edges: tuple[Edge, ...] = entry(_edges, ())

    def problem(self) -> str:
        """Return which key does not belong to the shape, or nothing."""
        belongs = {"shape", "edges" if self.shape == "edges" else _PARAMETER.get(self.shape, "")}
        more = [key for key in self.plain() if key not in belongs]
        if self.shape == "edges" and not self.edges:
            return "a topology of edges needs the key edges, as [[0, 1], [1, 2]]"
        return f"the shape {self.shape} has no key {more[0]}" if more else ""

    def graph(self, devices: int, choices: Choices) -> Graph | None:
        """Return the channels among so many devices; None where everybody reaches everybody."""
        if self.shape == "complete":
            return None
        if self.shape == "geometric":
            return self._geometric(devices, choices)
        if self.shape == "random":
            return Graph(devices, "random", _random(devices, self.probability, choices))
        return Graph(devices, self.shape, tuple(self._regular(devices)))

    def _regular(self, devices: int) -> Iterable[Edge]:
        if self.shape == "edges":
            return self.edges
        line = [(one, one + 1) for one in range(devices - 1)]
        shapes: dict[str, Iterable[Edge]] = {
            "line": line,
            "ring": [*line, (0, devices - 1)] if devices > 2 else line,
            "star": [(0, other) for other in range(1, devices)],
            "tree": [((one - 1) // int(self.arity), one) for one in range(1, devices)],
            "grid": _grid(devices),
        }
        return shapes[self.shape]

    def _geometric(self, devices: int, choices: Choices) -> Graph:
        draw = choices.random
        places = tuple((draw(), draw()) for _ in range(devices))
        edges = tuple(
            (one, other)
            for one, other in combinations(range(devices), 2)
            if math.dist(places[one], places[other]) <= self.radius
        )
        return Graph(devices, "geometric", edges, places)


def _side(devices: int) -> int:
    """Return how many devices stand in a row of a grid."""
    return math.isqrt(max(0, devices - 1)) + 1


def _grid(devices: int) -> Iterator[Edge]:
    side = _side(devices)
    for one in range(devices):
        if (one + 1) % side and one + 1 < devices:
            yield one, one + 1
        if one + side < devices:
            yield one, one + side


def _random(devices: int, probability: float, choices: Choices) -> tuple[Edge, ...]:
    """Draw each edge, then join what is not connected: drawn ends of the first part and another."""
    draw = choices.random
    edges = [edge for edge in combinations(range(devices), 2) if draw() < probability]
    first, *others = _parts(devices, edges)
    for other in others:
        one, two = first[choices.below(len(first))], other[choices.below(len(other))]
        edges.append((min(one, two), max(one, two)))
        first = first + other
    return tuple(sorted(edges))


def _parts(devices: int, edges: list[Edge]) -> list[list[int]]:
    """Return the connected parts of a graph, each in the order of its devices."""
    part = {device: [device] for device in range(devices)}
    for one, other in edges:
        a, b = part[one], part[other]
        if a is not b:
            small, large = sorted((a, b), key=len)
            large += small
            part.update(dict.fromkeys(small, large))
    return [sorted(found) for found in {id(found): found for found in part.values()}.values()]


def topology(value: Any) -> Topology:
    """Read a topology: a table, or text as ``ring``, ``random:0.3``, ``geometric:0.4``."""
    if isinstance(value, dict):
        given = {"shape": "edges", **value} if "edges" in value else value
        return Topology.read(given, "topology")
    if not isinstance(value, str):
        raise Unfit(f"one of {', '.join(SHAPES[:-1])}, or a table")
    shape, colon, parameter = value.partition(":")
    if shape not in SHAPES[:-1]:
        hint = closest(shape, SHAPES[:-1])
        did = f" (did you mean {hint}?)" if hint else ""
        raise Unfit(f"one of {', '.join(SHAPES[:-1])}{did}")
    if not colon:
        return Topology(shape)
    name = _PARAMETER.get(shape)
    try:
        amount = float(parameter)
    except ValueError:
        amount = math.nan
    if name is None or math.isnan(amount):
        raise Unfit(f"a topology: {shape} " + (f"takes a {name}" if name else "takes no parameter"))
    return Topology.read({"shape": shape, name: amount}, "topology")


def read_edges(path: Path) -> Topology:
    """Read a file with a channel in each line, two indices; ``#`` begins a comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"cannot read the topology {path}: {problem}") from None
    edges = []
    for number_of_line, line in enumerate(lines, start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or not all(word.isdecimal() for word in words):
            raise UsageError(
                f"{path}, line {number_of_line}: {shown(line.strip())} is no channel: "
                "two indices of devices, as in 0 1"
            )
        try:
            edges.append(_edge([int(word) for word in words]))
        except UsageError as error:
            raise UsageError(f"{path}, line {number_of_line}: {error}") from None
    return Topology.read({"shape": "edges", "edges": edges}, str(path))
