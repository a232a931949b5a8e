"""Figures that others have published, to be shown beside ours."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.sweeps.grid import Point

_SANDERS = {
    (25, 0.2): 11,
    (25, 0.5): 19,
    (25, 0.8): 31,
    (64, 0.2): 45,
    (64, 0.5): 68,
    (64, 0.8): 88,
}
"""Relinquish events in 100 rounds, by devices and P: single runs of the lecture's model."""


def published(lecture: int, algorithm: str, rounds: int | None, point: Point) -> Mapping[str, int]:
    """Return the published figures of one point, by measure; empty where there are none."""
    if (lecture, algorithm, rounds) != (16, "Sanders", 100):
        return {}
    others = {name: value for name, value in point.settings.items() if name != "P"}
    figure = _SANDERS.get((point.devices, point.settings.get("P", 0.2)))
    return {} if figure is None or others else {"relinquishes": figure}
