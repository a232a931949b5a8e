"""Runs that never happened, as rows: random ones for the geometry, small ones written by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

TICKS = 100_000


@dataclass(frozen=True)
class Row:
    row: int
    kind: str
    time: int
    device: int | None
    message: int = 0
    source: int | None = None
    destination: int | None = None
    type: str = ""
    text: str = ""


@dataclass(frozen=True)
class Device:
    index: int
    text: str = ""
    color: str = ""
    shape: str = ""
    ended: bool = False
    crashed: bool = False
    inside: bool = False


@dataclass(frozen=True)
class Message:
    serial: int
    source: int
    destination: int
    text: str = "Note()"
    ready: bool = False


class Script:
    """Writes rows, one event a call."""

    def __init__(self, kind: type = Row) -> None:
        self.kind = kind
        self.rows: list = []
        self.time = 0
        self.serial = 0
        self.sent: dict[int, tuple[int, int, str]] = {}

    def add(self, kind: str, device: int | None = None, text: str = "") -> None:
        self.rows.append(self.kind(len(self.rows), kind, self.time, device, text=text))

    def round(self) -> None:
        self.time += TICKS
        count = sum(row.kind == "round" for row in self.rows) + 1
        self.add("round", None, f"Round {count}")

    def send(self, source: int, destination: int, text: str = "Note()", kind: str = "send") -> int:
        self.serial += 1
        self.sent[self.serial] = (source, destination, text)
        device = destination if kind == "duplicate" else source
        self._message(kind, device, self.serial)
        return self.serial

    def receive(self, serial: int) -> None:
        self._message("receive", self.sent[serial][1], serial)

    def outside(self, kind: str, serial: int) -> None:
        self._message(kind, self.sent[serial][1], serial)

    def _message(self, kind: str, device: int, serial: int) -> None:
        source, destination, text = self.sent[serial]
        row = Row(
            len(self.rows), kind, self.time, device, serial, source, destination, "Note", text
        )
        self.rows.append(self.kind(**vars(row)))


def random_run(
    devices: int, messages: int, seed: int = 1, *, rounds: bool = True, kind: type = Row
) -> Script:
    """Every device sends to drawn ones; messages overtake, a few are lost, some stay in flight."""
    draw = random.Random(seed)
    script = Script(kind)
    flying: list[int] = []
    inside: int | None = None
    for number in range(messages):
        if rounds and number % (2 * devices) == 0:
            script.round()
        script.time += 0 if rounds else draw.randrange(1, 9000)
        source = draw.randrange(devices)
        text = f"Note({source}, {number})" if number % 5 else f"Note({source}, 'a longer text')"
        flying.append(script.send(source, draw.randrange(devices), text))
        while flying and draw.random() < 0.46 + 0.05 * (len(flying) > 2 * devices):
            serial = flying.pop(draw.randrange(len(flying)))
            script.outside("lose", serial) if draw.random() < 0.03 else script.receive(serial)
        if draw.random() < 0.08:
            script.add(
                "leave" if inside is not None else "enter", inside if inside is not None else source
            )
            inside = None if inside is not None else source
    return script


def waiting(script: Script, kind: type = Message) -> list:
    """Return the messages that were sent and neither received nor lost."""
    gone = {row.message for row in script.rows if row.kind in ("receive", "lose")}
    return [
        kind(serial, *ends, ready=serial % 2 == 0)
        for serial, ends in script.sent.items()
        if serial not in gone
    ]


__all__ = ["Device", "Message", "Row", "Script", "random_run", "replace", "waiting"]
