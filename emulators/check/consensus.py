"""Consensus: agreement, validity, integrity, and that everybody decides ([CDK] 15.5.1).

Who proposes and who decides is told by the application's calls, ``initial_value`` and
``consensus_reached(value)``; a function `decided` of a device can say it instead, at the end of a
run (None: nothing decided). `faulty` devices may do and say what they like, and so may a device
that crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING, Any

from emulators.check.property import Property, frozen
from emulators.check.published import field, is_a
from emulators.check.words import devices, listed
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation


class Consensus(Property):
    """What properties of consensus share: who proposed what, and who decided what."""

    calls = ("initial_value", "consensus_reached")

    def __init__(
        self, decided: Callable[[Any], Any] | None = None, faulty: Collection[int] = ()
    ) -> None:
        super().__init__()
        self._decided = decided
        self.faulty = set(faulty)
        self.proposals: dict[int, Hashable] = {}
        self.decisions: dict[int, Hashable] = {}
        self._events: dict[int, RawEvent] = {}

    def on_crash(self, event: RawEvent) -> None:
        """Ask nothing more of a device that crashes."""
        self.faulty.add(event[2])

    def on_call(self, event: RawEvent) -> None:
        """Note a proposal or a decision."""
        _, _, device, (name, value) = event
        if device in self.faulty:
            return
        if name == "initial_value":
            self.proposals.setdefault(device, frozen(value))
        elif name == "consensus_reached":
            self._decide(device, frozen(value), event)

    def _decide(self, device: int, value: Hashable, *event: RawEvent) -> None:
        self.decides(device, value, *event)
        self.decisions.setdefault(device, value)
        if event:
            self._events.setdefault(device, event[0])

    def decides(self, device: int, value: Hashable, *event: RawEvent) -> None:
        """Judge a decision; `decisions` holds those before it."""

    def end(self, run: Simulation) -> None:
        """Ask the devices where the application was not heard."""
        for device in run.devices if self._decided else ():
            value = self._decided(device) if self._decided else None
            if value is not None and device._id not in self.faulty:
                self._decide(device._id, frozen(value))


class Agreement(Consensus):
    """No two correct devices decide differently, and none decides twice differently."""

    name = "agreement"
    sentence = "All correct devices that decide, decide the same value."

    def decides(self, device: int, value: Hashable, *event: RawEvent) -> None:
        """Compare with all decisions before."""
        for other, theirs in self.decisions.items():
            if theirs != value:
                self.violated(
                    f"device {device} decides {value!r}, device {other} has decided {theirs!r}",
                    *([self._events[other]] if other in self._events else []),
                    *event,
                    hint=f"see what device {device} had not heard, or had counted differently",
                )


class Validity(Consensus):
    """What is decided was proposed by some device."""

    name = "validity"
    sentence = "A value that is decided was proposed."

    def decides(self, device: int, value: Hashable, *event: RawEvent) -> None:
        """Compare with all proposals."""
        if self.proposals and value not in self.proposals.values():
            self.violated(
                f"device {device} decides {value!r}; proposed were "
                f"{listed(sorted(set(map(repr, self.proposals.values()))))}",
                *event,
                hint="a value that stands for nothing, such as a default, was decided",
            )


class ByzantineIntegrity(Consensus):
    """Where all correct devices propose one value, they decide it.

    `proposers` are those whose proposals count: the commander alone among Byzantine generals. A
    faulty one proposes nothing, and then nothing is asked.
    """

    name = "byzantine_integrity"
    sentence = "Where all correct devices propose the same value, they decide it."

    def __init__(
        self,
        decided: Callable[[Any], Any] | None = None,
        faulty: Collection[int] = (),
        proposers: Collection[int] | None = None,
    ) -> None:
        super().__init__(decided, faulty)
        self._proposers = proposers

    def decides(self, device: int, value: Hashable, *event: RawEvent) -> None:
        """Compare with what all propose, where they are of one mind."""
        everybody = range(self.number_of_devices)
        proposers = set(everybody if self._proposers is None else self._proposers)
        if self._proposers is None:
            proposers -= self.faulty
        proposed = {self.proposals.get(one) for one in proposers}
        if proposers <= self.proposals.keys() and len(proposed) == 1 and value not in proposed:
            self.violated(
                f"device {device} decides {value!r}, although {devices(proposers)} proposed "
                f"{proposed.pop()!r}",
                *event,
                hint=f"count the votes that device {device} had: how many lies outweigh the rest?",
            )


class Decision(Consensus):
    """Termination of consensus: a decision, not the end of `run`."""

    name = "termination"
    sentence = "Every correct device decides."

    def end(self, run: Simulation) -> None:
        """Name those that have not decided."""
        super().end(run)
        silent = set(run.ids) - self.decisions.keys() - self.faulty
        if silent:
            stood = run.standing.get(min(silent))
            self.violated(
                f"{devices(silent)} had not decided when the run was over",
                hint=f"device {min(silent)} stood at {stood}: what did it wait for?"
                if stood
                else f"device {min(silent)} returned without a decision",
            )


class OneChosen(Property):
    """Paxos: no two values are chosen (Lamport, "Paxos made simple", 2001, section 2.2).

    A value is chosen when more than half of `acceptors` (all devices where None) have said
    AcceptMessage for it under one number, whoever knows it.
    """

    name = "one_value_chosen"
    sentence = "Only one value is ever accepted by a majority."

    def __init__(self, acceptors: Collection[int] | None = None) -> None:
        super().__init__()
        self._acceptors = acceptors
        self.accepted: dict[tuple[Hashable, Hashable], set[int]] = {}
        self.chosen: list[tuple[Hashable, Hashable]] = []
        self._events: dict[tuple[Hashable, Hashable], list[RawEvent]] = {}

    def on_send(self, event: RawEvent) -> None:
        """Count who accepts what."""
        if not is_a(event[3], "AcceptMessage"):
            return
        number, value = (frozen(field(event[3], name)) for name in ("uid", "value"))
        said = self.accepted.setdefault((number, value), set())
        if event[2] in said:
            return
        said.add(event[2])
        self._events.setdefault((number, value), []).append(event)
        acceptors = self._acceptors or range(self.number_of_devices)
        if len(said) == len(acceptors) // 2 + 1:
            self._choose(number, value)

    def _choose(self, number: Hashable, value: Hashable) -> None:
        for before, other in self.chosen:
            if other != value:
                self.violated(
                    f"{value!r} is chosen under number {number} by "
                    f"{devices(self.accepted[number, value])}, after {other!r} was chosen under "
                    f"number {before} by {devices(self.accepted[before, other])}",
                    *self._events[before, other],
                    *self._events[number, value],
                    hint="a proposer has to take over the newest value that its majority accepted, "
                    "and an acceptor keeps its promise",
                )
        self.chosen.append((number, value))


class OwnNumbers(Property):
    """Paxos: numbers of proposals are unique (Lamport 2001, section 2.4)."""

    name = "own_numbers"
    sentence = "No two devices propose under the same number."

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[Hashable, int] = {}
        self._events: dict[Hashable, RawEvent] = {}

    def on_send(self, event: RawEvent) -> None:
        """Compare who uses a number."""
        if not is_a(event[3], "PrepareMessage"):
            return
        number, device = frozen(field(event[3], "uid")), event[2]
        owner = self.owners.setdefault(number, device)
        self._events.setdefault(number, event)
        if owner != device:
            self.violated(
                f"device {device} proposes under number {number}, which device {owner} has used",
                self._events[number],
                event,
                hint="let the number say whose it is, as in round * number_of_devices + index",
            )
