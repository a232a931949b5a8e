"""A path through the states of a network as a run: what happens, act by act, and the run itself.

A path names moves and messages by numbers that mean something in one search only. A script says
what any untimed run of the same program can be told to do: which device goes on, with which of the
messages sent so far. Playing it is the proof: whatever a search finds is run once more, without its
tables, before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emulators.explore.cells import GONE, State
from emulators.explore.network import Move, Network
from emulators.explore.solo import ALARM, DRAWN, GO, NOTHING, SEVERAL, TASKS, Output
from emulators.explore.steps import Chooser, OffScript
from emulators.untimed import Bounds, Option, UntimedEmulator


class Act(NamedTuple):
    """One thing that happens.

    `kind` is that of an `Option` (``go``, ``nothing``, ``message``, ``alarm``, ``lose``,
    ``duplicate``, ``crash``), or ``draw`` with a number, or ``stay`` and ``crash here`` before a
    message is sent. `subject` is the number of a message of the run.
    """

    kind: str
    device: int
    task: int = 0
    subject: int | None = None


Script = tuple[Act, ...]


class _Writer:
    """Follows a path, and knows the number that each message has in a run."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.acts: list[Act] = []
        self.sent = 0
        self.local = [0] * network.devices
        self.shared = 0
        self.crashes = network.rules.faults.crashes
        self.allowed: int | None = None  # messages that a device sends before it crashes
        self.waiting: list[list[tuple[int, int]]] = [[] for _ in range(network.devices)]

    def birth(self, device: int, path: tuple[int, ...]) -> None:
        """Write how a device is built."""
        step = self.network.automata[device].birth(self.shared)
        self.local[device], self.shared = step.target, step.shared
        self._send(device, step.outputs, born=True)
        self._run(device, path, born=True)

    def move(self, move: Move) -> None:
        """Write a move."""
        device, (kind, *rest) = move
        if kind == "run":
            self._run(device, rest[0])
        elif kind == "crash":
            self._crash(device, *rest)
        else:
            self._fault(kind, device, rest[0])

    def _run(self, device: int, path: Sequence[int], born: bool = False) -> None:
        for answer in path:
            self.acts += self._acts(device, answer)
            step = self.network.automata[device].step(self.local[device], answer, self.shared)
            self.local[device], self.shared = step.target, step.shared
            if not self._send(device, step.outputs, born):
                return

    def _acts(self, device: int, answer: int) -> list[Act]:
        code, task = divmod(answer, TASKS)
        received = self.network.mail.received(code)
        acts = [Act("message", device, task, self._take(device, one)) for one in received]
        if code >= 0:
            return acts
        if code <= SEVERAL:
            return [*acts, Act("nothing", device, task)]
        if code <= DRAWN:
            return [Act("draw", device, task, DRAWN - code)]
        return [Act({GO: "go", NOTHING: "nothing", ALARM: "alarm"}[code], device, task)]

    def _take(self, device: int, message: int) -> int:
        waiting = self.waiting[device]
        place = [number for number, _ in waiting].index(message)
        return waiting.pop(place)[1]

    def _send(self, device: int, outputs: Sequence[Output], born: bool = False) -> bool:
        """Number what is sent; return False where the device crashes before a message."""
        for output in outputs:
            if output.kind not in ("send", "undeliverable"):
                continue
            if self.crashes and not born and self.network.rules.where.may_crash(device):
                crashes = self.allowed == 0 and output.kind == "send"
                self.acts.append(Act("crash here" if crashes else "stay", device))
                if crashes:
                    return False
            self.sent += 1
            if output.kind == "send":
                self.allowed = None if self.allowed is None else self.allowed - 1
                destination = self.network.mail.destinations[output.subject]
                self.waiting[destination].append((output.subject, self.sent))
        return True

    def _crash(self, device: int, path: tuple[int, ...], sends: int) -> None:
        if not path:
            self.acts.append(Act("crash", device))
        else:
            self.allowed = sends
            self._run(device, path)
            self.allowed = None
        self.crashes -= 1
        self.local[device] = GONE

    def _fault(self, kind: str, device: int, message: int) -> None:
        waiting = self.waiting[device]
        place = [number for number, _ in waiting].index(message)
        serial = waiting[place][1]
        self.acts.append(Act(kind, device, 0, serial))
        if kind == "lose":
            waiting.pop(place)
        else:
            self.sent += 1
            waiting.append((message, self.sent))


def written(network: Network, initial: State, moves: Sequence[Move]) -> Script:
    """Return a path as a script."""
    writer = _Writer(network)
    for device, path in enumerate(network.births[initial]):
        writer.birth(device, path)
    for move in moves:
        writer.move(move)
    return tuple(writer.acts)


class Leader(Chooser):
    """Decides as a script says. Raises `OffScript` where that is not possible."""

    def __init__(self, script: Script, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._acts = list(script)[::-1]

    @property
    def done(self) -> bool:
        """Whether everything has happened."""
        return not self._acts

    def _next(self, what: str) -> Act:
        if not self._acts:
            raise OffScript(f"the run decides on {what} where the script has ended")
        return self._acts.pop()

    def move(self, emulator: UntimedEmulator, menu: Sequence[Option], count: int) -> int:
        """Return the place of what the script says."""
        wanted = Option(*self._next("a move"))
        if wanted not in menu:
            raise OffScript(f"{wanted} is not possible; possible are {menu}")
        return menu.index(wanted)

    def crashes(self, sends: int) -> bool:
        """Return whether the script says so."""
        act = self._next("a crash")
        if act.kind not in ("stay", "crash here"):
            raise OffScript(f"the run sends a message where the script has {act}")
        return act.kind == "crash here"

    def draw(self, count: int) -> int:
        """Return what the script says."""
        act = self._next("a draw")
        if act.kind != "draw" or act.subject is None:
            raise OffScript(f"the run draws where the script has {act}")
        return act.subject


def moves_in(script: Script) -> int:
    """Return how many times a script decides what happens next."""
    return sum(act.kind not in ("draw", "stay", "crash here") for act in script)
