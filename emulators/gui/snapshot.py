"""What the worker tells the window after every move: plain, immutable values, nothing of the run.

Rows are numbered as in the trace of the present branch: row r is its r-th event, rounds included.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.errors import Place


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the trace. `message` is the number of the message it is about, 0 for none."""

    row: int
    kind: str
    time: int
    device: int | None
    message: int = 0
    source: int | None = None
    destination: int | None = None
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class MessageInTransit:
    """A message that was sent and not received. `ready`: its device could receive it now."""

    serial: int
    source: int
    destination: int
    type: str
    text: str
    ready: bool


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as the window shows it. `changed`: attributes that the last move changed."""

    index: int
    text: str
    color: str
    shape: str
    ended: bool
    crashed: bool
    inside: bool
    place: Place | None
    state: tuple[tuple[str, str], ...]
    changed: frozenset[str]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch of the history tree; `steps` is how far it was walked."""

    number: int
    parent: int
    at: int
    steps: int
    title: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the run stands.

    `events` are those after the first `kept` ones: after going back, `kept` is smaller than what
    the window has, which then forgets the rest. `edges` are the channels of a restricted network,
    `places` where its devices stand, `splits` the groups of the partitions that hold.
    """

    position: int
    ended: bool
    time: int
    round: int
    synchronous: bool
    when: str
    kept: int
    events: tuple[EventRow, ...]
    devices: tuple[DeviceView, ...]
    waiting: tuple[MessageInTransit, ...]
    failures: tuple[str, ...]
    branches: tuple[BranchView, ...]
    branch: int
    output: str
    seed: int
    edges: tuple[tuple[int, int], ...] | None = None
    places: tuple[tuple[float, float], ...] = ()
    splits: tuple[tuple[tuple[int, ...], ...], ...] = ()
