"""The cuts of snapshots, drawn through the lanes (Chandy and Lamport 1985; [CDK] 14.5).

A cut joins the places where the devices have recorded their states. What lies to the left of it is
before the cut; a message that goes from its right to its left would make it inconsistent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from emulators.diagram.asked import RowLike
from emulators.diagram.parts import Cut, View
from emulators.diagram.plane import Point

_OVER = 0.42
"""How far a cut goes beyond its first and its last lane, as a share of a lane."""


class Cuts:
    """Which devices have recorded their states for which snapshots, and in which rows."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, int]] = {}

    def add(self, at: int, row: RowLike) -> None:
        """Take the event of a device that records its state; its text ends with the snapshot."""
        if row.device is not None:
            self._rows.setdefault(row.text.rpartition(" ")[2], {}).setdefault(row.device, at)

    def keep(self, rows: int) -> None:
        """Forget everything from a row on."""
        kept = {
            snapshot: {device: at for device, at in found.items() if at < rows}
            for snapshot, found in self._rows.items()
        }
        self._rows = {snapshot: found for snapshot, found in kept.items() if found}

    def within(self, first: float, last: float) -> Iterator[tuple[str, dict[int, int]]]:
        """Return the snapshots whose cuts reach into the rows, with the rows of the devices."""
        for snapshot, found in self._rows.items():
            rows = sorted(found.values())
            if rows[0] <= last and bisect_left(rows, first) < len(rows):
                yield snapshot, found


def cut_lines(cuts: Cuts, first: float, last: float, view: View) -> Iterator[Cut]:
    """Return the cuts in sight; one is in pieces where a device between has not recorded."""
    for snapshot, found in cuts.within(first, last):
        for number, run in enumerate(_neighbors(sorted(found))):
            points = [Point(view.x(found[device]), view.y(device)) for device in run]
            over = _OVER * view.lane
            start = Point(points[0].x, points[0].y - over)
            end = Point(points[-1].x, points[-1].y + over)
            yield Cut(f"snapshot {snapshot}" if not number else "", (start, *points, end))


def _neighbors(devices: list[int]) -> Iterator[list[int]]:
    """Return the devices in groups of those that follow each other."""
    group: list[int] = []
    for device in devices:
        if group and device != group[-1] + 1:
            yield group
            group = []
        group.append(device)
    if group:
        yield group
