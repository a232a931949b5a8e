"""A path through the states of a synchronous network as a script, and who leads a run along it.

A synchronous run decides little: which message a device gets where several have arrived, and what
it draws. A script has these decisions in their order, and says at last how many rounds there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulators.explore.cells import State
from emulators.explore.lockstep import Lockstep
from emulators.explore.network import Move
from emulators.explore.script import Act, Script
from emulators.explore.solo import DRAWN, TASKS, Output
from emulators.explore.steps import OffScript
from emulators.simulation import Simulation
from emulators.untimed import OF_WORK, Bounds, alternative


class _Writer:
    """Follows a path, and knows the number that each message has in a run."""

    def __init__(self, network: Lockstep) -> None:
        self._network = network
        self.acts: list[Act] = []
        self._sent = 0
        self._local = [0] * network.devices
        self._shared = 0
        self._now: list[list[tuple[int, int]]] = [[] for _ in range(network.devices)]
        self._later: list[list[tuple[int, int]]] = [[] for _ in range(network.devices)]
        self.rounds = 0

    def birth(self, device: int, path: tuple[int, ...]) -> None:
        """Write how a device is built."""
        step = self._network.automata[device].birth(self._shared)
        self._local[device], self._shared = step.target, step.shared
        self._send(step.outputs)
        self.turn(device, path)

    def hand_out(self) -> None:
        """Let the next round begin."""
        self.rounds += 1
        for device, later in enumerate(self._later):
            self._now[device] += later
            later.clear()

    def turn(self, device: int, path: Sequence[int]) -> None:
        """Write the turn of a device."""
        for answer in path:
            code = answer // TASKS
            if code >= 0:
                self._receive(device, code)
            elif code <= DRAWN:
                self.acts.append(Act("draw", device, 0, DRAWN - code))
            step = self._network.automata[device].step(self._local[device], answer, self._shared)
            self._local[device], self._shared = step.target, step.shared
            self._send(step.outputs)

    def _receive(self, device: int, message: int) -> None:
        now = self._now[device]
        serial = now.pop([number for number, _ in now].index(message))[1]
        if now:  # of one message, nothing is decided
            self.acts.append(Act("message", device, 0, serial))

    def _send(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if output.kind in ("send", "undeliverable"):
                self._sent += 1
            if output.kind == "send":
                destination = self._network.mail.destinations[output.subject]
                self._later[destination].append((output.subject, self._sent))


def written_in_rounds(
    network: Lockstep, initial: State, path: Sequence[State], moves: Sequence[Move]
) -> Script:
    """Return a path as a script."""
    writer = _Writer(network)
    for device, answers in enumerate(network.births[initial]):
        writer.birth(device, answers)
    writer.hand_out()
    turn = network.devices
    for move, after in zip(moves, path[1:], strict=False):
        writer.turn(move.device, move.label[1])
        if not after[turn]:
            writer.hand_out()
    return (*writer.acts, Act("rounds", 0, 0, writer.rounds))


class LockstepLeader:
    """Decides as a script says, and for the first alternative when it is over.

    Raises `OffScript` where that is not possible.
    """

    def __init__(self, script: Script, bounds: Bounds) -> None:
        self._acts = [act for act in script if act.kind != "rounds"][::-1]
        self._bounds = bounds
        self._worked: dict[int, int] = {}
        self._work: int | None = None
        self.emulator: Simulation | None = None

    @property
    def done(self) -> bool:
        """Whether everything has happened."""
        return not self._acts

    def lead(self, emulator: Simulation) -> None:
        """Take the decisions of a run; of its workers, have so many work as the bounds say."""
        self.emulator = emulator
        draw = emulator.draw

        def drawn(count: int) -> int:
            return draw(count) if count != OF_WORK else self._drawn_work(draw)

        emulator.draw = drawn  # type: ignore[method-assign]

    def _drawn_work(self, draw: Callable[[int], int]) -> int:
        assert self.emulator is not None
        task = self.emulator.scheduler.task()
        index = task.owner.index if task is not None else -1

        def decide(count: int) -> int:
            self._work = None
            return draw(count)

        def decided(value: int) -> int:
            self._work = value
            return draw(OF_WORK)

        had, most = self._worked.get(index, 0), self._bounds.work
        if most is not None and had >= most:
            return decided(0)
        drawn = decided(1) if self._bounds.eager else decide(OF_WORK)
        self._worked[index] = had + drawn
        return drawn

    def below(self, count: int) -> int:
        """Return what the script says."""
        if self._work is not None:
            work, self._work = self._work, None
            return work
        if not self._acts:
            return 0
        act = self._acts.pop()
        if act.kind == "message":
            return self._place(act, count)
        return alternative(self._number(act), count, self._bounds.most)

    def _place(self, act: Act, count: int) -> int:
        """Return where the message lies that a device is to get."""
        assert self.emulator is not None
        inbox = [envelope[1] for envelope in self.emulator.ports[act.device].inbox]
        if act.subject not in inbox or count != len(inbox):
            raise OffScript(f"the run has other messages where the script has {act}")
        return inbox.index(act.subject)

    def _number(self, act: Act) -> int:
        if act.kind != "draw" or act.subject is None:
            raise OffScript(f"the run draws where the script has {act}")
        return act.subject

    def _next_number(self) -> int:
        return self._number(self._acts.pop()) if self._acts else 0

    def random(self) -> float:
        """Return what the script says."""
        return self._next_number() / self._bounds.most

    def bits(self, count: int) -> int:
        """Return what the script says."""
        return alternative(self._next_number(), 1 << count, self._bounds.most)

    def between(self, low: int, high: int) -> Callable[[], int]:
        """Return a function that takes the shortest time."""
        return lambda: low


def rounds_in(script: Script) -> Any:
    """Return how many rounds a script has."""
    return script[-1].subject
