"""Draws the clock exercise of lecture 5 and its solution from a real run, as two SVG files.

    python3 docs/lectures/pictures/make_clock_exercise.py [--seed S] [--folder FOLDER]

Three devices send, receive and do something of their own now and then. The run is recorded, each
of its events becomes a point, and the clocks are computed from the points alone.
"""

import argparse
import random
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from emulators.start.bootstrap import ensure  # noqa: E402

if __name__ == "__main__":
    ensure()

from emulators.AsyncEmulator import AsyncEmulator  # noqa: E402
from emulators.Device import Device  # noqa: E402
from emulators.limits import Limits  # noqa: E402
from emulators.MessageStub import MessageStub  # noqa: E402
from emulators.trace.events import Trace  # noqa: E402

DEVICES, STEPS, SEED = 3, 4, 6
LEFT, TOP, RIGHT, COLUMN, ROW = 100, 60, 40, 62, 100


# --- the run ------------------------------------------------------------------------------------


class Note(MessageStub):
    """A message that can be told from all others."""

    def __init__(self, sender, destination, number):
        super().__init__(sender, destination)
        self.number = number


class Talker(Device):
    """A device that takes what has arrived, then sends, does something of its own, or rests."""

    def run(self):
        """Act a few times, then only receive."""
        for step in range(STEPS):
            self.medium.receive_all()
            self.act(random.choice(["send", "send", "internal", "rest"]), step)
            self.medium.wait_for_next_round()
        while True:
            self.medium.receive_all()
            self.medium.wait_for_next_round()

    def act(self, what, step):
        """Do what was drawn."""
        if what == "send":
            other = random.choice([device for device in self.medium.ids if device != self.index])
            self.medium.send(Note(self.index, other, (self.index, step)))
        elif what == "internal":
            self.medium.log("internal")


@dataclass
class Point:
    """One event. `cause` is the send of the message that a receive takes."""

    device: int
    kind: str
    number: tuple | None = None
    cause: "Point | None" = None
    name: str = ""
    lamport: int = 0
    vector: tuple = ()


def points_of_run(seed):
    """The events of a run, in the order in which they happened."""
    trace = Trace()
    emulator = AsyncEmulator(
        DEVICES, Talker, seed=seed, quiet=True, limits=Limits(time=2), observers=[trace]
    )
    with redirect_stdout(StringIO()):
        emulator.run()
    points, sends = [], {}
    for event in trace.of("send", "receive", "log"):
        point = Point(event.device, event.kind, event.message.number if event.message else None)
        if event.kind == "send":
            sends[point.number] = point
        elif event.kind == "receive":
            point.cause = sends[point.number]
        points.append(point)
    return points


def set_clocks(points):
    """Name the points and compute their clocks. A cause always stands before its effect."""
    before = {device: Point(device, "start", vector=(0,) * DEVICES) for device in range(DEVICES)}
    for number, point in enumerate(points):
        causes = [before[point.device]] + ([point.cause] if point.cause else [])
        point.name = chr(ord("a") + number)
        point.lamport = max(cause.lamport for cause in causes) + 1
        vectors = [cause.vector for cause in causes]
        vector = [max(entries) for entries in zip(*vectors, strict=True)]
        vector[point.device] += 1
        point.vector = tuple(vector)
        before[point.device] = point


# --- the picture --------------------------------------------------------------------------------

HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>{title}</title>
<style>
  text {{ font: 14px sans-serif; fill: #1a1a1a }}
  .clock, .halo {{ font-size: 12px; text-anchor: middle }}
  .halo {{ stroke: #ffffff; stroke-width: 4px }}
  line {{ stroke: #1a1a1a; stroke-width: 1.5 }}
  .message {{ stroke: #0b5cad; marker-end: url(#arrow) }}
  circle {{ fill: #1a1a1a }}
</style>
<marker id="arrow" viewBox="0 0 10 10" refX="15" refY="5" markerWidth="7" markerHeight="7"
  orient="auto"><path d="M 0 0 L 10 5 L 0 10 z" fill="#0b5cad"/></marker>
<rect width="{width}" height="{height}" fill="#ffffff"/>
"""


def draw(points, solution):
    """The picture as text: time goes to the right, a line for each device."""
    width = LEFT + COLUMN * len(points) + RIGHT
    height = TOP + ROW * (DEVICES - 1) + 60
    places = {
        id(point): (LEFT + COLUMN * (column + 0.5), TOP + ROW * point.device)
        for column, point in enumerate(points)
    }
    title = "Events of three devices" + (" with Lamport and vector clocks" if solution else "")
    lines = [HEAD.format(width=width, height=height, title=title)]
    for device in range(DEVICES):
        y = TOP + ROW * device
        lines.append(f'<text x="15" y="{y + 5}">device {device}</text>')
        lines.append(f'<line x1="{LEFT}" y1="{y}" x2="{width - RIGHT}" y2="{y}"/>')
    for point in points:
        if point.cause:
            (x1, y1), (x2, y2) = places[id(point.cause)], places[id(point)]
            lines.append(f'<line class="message" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>')
    for point in points:
        x, y = places[id(point)]
        lines.append(f'<circle cx="{x}" cy="{y}" r="5"/>')
        if solution:
            lines.extend(labels(point, x, y))
    return "\n".join([*lines, "</svg>", ""])


def labels(point, x, y):
    """Name and Lamport clock above the point, vector clock below it."""
    vector = ",".join(map(str, point.vector))
    for style in ("halo", "clock"):
        yield f'<text class="{style}" x="{x}" y="{y - 12}">{point.name}: {point.lamport}</text>'
        yield f'<text class="{style}" x="{x}" y="{y + 22}">({vector})</text>'


def main():
    """Write both pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, default=HERE)
    arguments = parser.parse_args()
    points = points_of_run(arguments.seed)
    set_clocks(points)
    for file, solution in (("clock_exercise", False), ("clock_exercise_solution", True)):
        path = arguments.folder / f"{file}.svg"
        path.write_text(draw(points, solution), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
