"""The table of a sweep: a row for each point, for each measure mean ± deviation and range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.sweeps.grid import Point
from emulators.sweeps.measures import Summary


@dataclass(frozen=True)
class Row:
    """One point: what was measured in its runs, and what others have published."""

    point: Point
    runs: int
    measures: Mapping[str, Summary]
    published: Mapping[str, float] = field(default_factory=dict)
    failed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values, each measure by its name."""
        return {
            "devices": self.point.devices,
            "settings": dict(self.point.settings),
            "runs": self.runs,
            "failed": self.failed,
            **{name: told.as_dict() for name, told in self.measures.items()},
            "published": dict(self.published),
        }


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """Return the table, line by line; its columns are as wide as they have to be."""
    cells = [_heading(rows[0]), *map(_cells, rows)]
    if not any(row.published for row in rows):
        cells = [row[:-1] for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _heading(row: Row) -> list[str]:
    measures = [part for name in row.measures for part in (name, "range")]
    return ["devices", *row.point.settings, *measures, "published"]


def _cells(row: Row) -> list[str]:
    cells = [str(row.point.devices), *map(str, row.point.settings.values())]
    for told in row.measures.values():
        cells += [f"{told.mean:.1f} ± {told.sd:.1f}", f"{told.min:g} to {told.max:g}"]
    figures = [f"{figure:g} {name}" for name, figure in row.published.items()]
    return [*cells, ", ".join(figures)]
