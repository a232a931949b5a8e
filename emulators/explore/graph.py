"""Strongly connected components: Tarjan, "Depth-first search and linear graph algorithms", 1972."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(
    nodes: Iterable[Node], after: Callable[[Node], Iterable[Node]]
) -> Iterator[list[Node]]:
    """Return the strongly connected components, those that lead to others after these."""
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    path: list[Node] = []
    on_path: set[Node] = set()
    for root in nodes:
        if root in number:
            continue
        work = [(root, iter(after(root)))]
        number[root] = low[root] = len(number)
        path.append(root)
        on_path.add(root)
        while work:
            node, rest = work[-1]
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    yield _popped(path, on_path, node)
            elif child not in number:
                number[child] = low[child] = len(number)
                path.append(child)
                on_path.add(child)
                work.append((child, iter(after(child))))
            elif child in on_path:
                low[node] = min(low[node], number[child])


def _popped(path: list[Node], on_path: set[Node], node: Node) -> list[Node]:
    found = []
    while True:
        last = path.pop()
        on_path.discard(last)
        found.append(last)
        if last == node:
            return found


def bottoms(nodes: list[Node], after: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """Return the nodes that can be come back to from wherever they lead."""
    home = {}
    for place, component in enumerate(components(nodes, after)):
        for node in component:
            home[node] = place
    leaving = {home[node] for node in nodes for child in after(node) if home[child] != home[node]}
    return [node for node in nodes if home[node] not in leaving]
