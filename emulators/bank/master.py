"""The master: does what the script says, or lets the nodes run freely where there is none.

The script language is that of a course at the University of Texas. Each command is printed before
it is done. What cannot be done is said in one line with the number of the line, and the script
goes on with the next one, unless nothing can follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

from emulators.bank.messages import Asking, Command
from emulators.bank.script import Line, parsed

PATIENCE = 500
"""Rounds that the observer waits for records to be complete, where the nodes run freely."""


Lack = tuple[int, bool, list[int]]
"""A node whose record is not complete, whether it has one, and the channels that are open."""


class Misuse(Exception):
    """A command that cannot be done. `ends`: neither can those that follow."""

    def __init__(self, text: str, ends: bool = False) -> None:
        super().__init__(text)
        self.ends = ends


@dataclass
class Snapshot:
    """What the master knows of a snapshot: who began it, who takes part, and what was collected.

    `money` is what all nodes together had when they were created.
    """

    starter: int
    nodes: list[int]
    money: int
    balances: dict[int, int] = field(default_factory=dict)
    channels: dict[tuple[int, int], int] = field(default_factory=dict)
    is_collected: bool = False

    def collect(self, replies: list[Any]) -> list[Lack]:
        """Keep what the nodes replied if it is complete; else return what is not."""
        lacking = []
        for node, is_there, balance, channels, still_open in replies:
            if not is_there or still_open:
                lacking.append((node, is_there, still_open))
            self.balances[node] = balance
            for source, *amounts in channels:
                self.channels[source, node] = sum(amounts)
        self.is_collected = not lacking
        return lacking

    @property
    def total(self) -> int:
        """All money of the snapshot, in nodes and in channels."""
        return sum(self.balances.values()) + sum(self.channels.values())


class Master(Asking):
    """Gives one command after the other, each when the one before is done.

    `script` is a text; where it is empty, `number` nodes have `balance` each, send `transfers`
    amounts each, and `snapshots` snapshots are taken meanwhile.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Any,
        *,
        observer: int,
        script: str = "",
        balance: int = 1000,
        transfers: int = 10,
        snapshots: int = 3,
    ) -> None:
        super().__init__(index, number_of_devices, medium)
        self._observer = observer
        self._script = script
        self._free = (balance, transfers, snapshots)
        self._nodes: dict[int, int] = {}  # the number of a node in the script -> its device
        self._numbers: dict[int, int] = {}  # the other way round
        self._waiting: dict[tuple[int, int], int] = {}  # messages in the channel between devices
        self._snapshots: list[Snapshot] = []
        self._money = 0
        self._is_started = False
        self._is_over = False

    def run(self) -> None:
        """Do the script, or let the nodes run freely; then close the bank."""
        if self._script:
            self._do_script()
        else:
            self._run_freely(*self._free)
        if not self._is_over:
            self._close()

    def _close(self) -> None:
        self._is_over = True
        for device in self.medium.ids:
            if device != self.index:
                self.medium.send(Command(self.index, device, "Kill", []))

    def _draw(self, count: int) -> int:
        return self.medium._emulator.draw(count)

    # -- the script

    def _do_script(self) -> None:
        for line in parsed(self._script):
            print(line.text)
            try:
                self._do(line)
            except Misuse as misuse:
                then = "the script ends here" if misuse.ends else "the script goes on"
                print(f"line {line.number}: {misuse}; {then}")
                if misuse.ends:
                    return

    def _do(self, line: Line) -> None:
        if self._is_over:
            raise Misuse(f"KillAll has closed the bank, nothing can follow it: {line.name}", True)
        if line.problem:
            raise Misuse(line.problem)
        if not self._is_started and line.name != "StartMaster":
            raise Misuse(f"StartMaster has to come first, not {line.name}", True)
        getattr(self, f"_{_snake(line.name)}")(*line.arguments)

    def _start_master(self) -> None:
        if self._is_started:
            raise Misuse("the master is started already")
        self._is_started = True

    def _create_node(self, number: int, balance: int) -> None:
        if number in self._nodes:
            raise Misuse(f"there is a node {number} already")
        self._check_nothing_is_open()
        device = len(self._nodes)
        others, by = list(self._nodes.values()), [self.index, self._observer]
        self.ask(device, "Create", number, balance, others, by if self._script else [])
        for other in self._nodes.values():
            self.ask(other, "Connect", device)
        self._nodes[number], self._numbers[device] = device, number
        self._money += balance

    def _check_nothing_is_open(self) -> None:
        """Refuse a new node while a snapshot is taken: it would have half of its channels in it."""
        for number, snapshot in enumerate(self._snapshots, start=1):
            if not snapshot.is_collected and self._lacking(number, replace(snapshot)):
                raise Misuse(f"snapshot {number} is not complete: no node can join before it is")

    def _node(self, number: int) -> int:
        """Return the device of a node; raise `Misuse` for a node that does not exist."""
        if number not in self._nodes:
            known = ", ".join(map(str, sorted(self._nodes))) or "none"
            raise Misuse(f"there is no node {number}; there are: {known}")
        return self._nodes[number]

    def _ends(self, sender: int, receiver: int) -> tuple[int, int]:
        source, destination = self._node(sender), self._node(receiver)
        if source == destination:
            raise Misuse(f"node {sender} has no channel to itself")
        return source, destination

    def _note_sent(self, source: int, sent: list[int]) -> None:
        for destination in sent:
            channel = (source, destination)
            self._waiting[channel] = self._waiting.get(channel, 0) + 1

    def _send(self, sender: int, receiver: int, amount: int) -> None:
        source, destination = self._ends(sender, receiver)
        if amount < 1:
            raise Misuse(f"{amount} is no amount to send: it is at least 1")
        reply = self.ask(source, "Send", destination, amount)
        self._note_sent(source, reply.sent)
        if not reply.values[0]:
            print(f"ERR_SEND node {sender} has {reply.values[1]}, not {amount}")

    def _receive(self, receiver: int, sender: int | None = None) -> None:
        destination = self._node(receiver)
        if sender is not None:
            source, _ = self._ends(sender, receiver)
            if not self._waiting.get((source, destination)):
                raise Misuse(f"channel {sender} -> {receiver} is empty")
            self._take(source, destination)
            return
        channels = [channel for channel in self._full() if channel[1] == destination]
        if not channels:
            raise Misuse(f"all channels to node {receiver} are empty")
        self._take(*channels[self._draw(len(channels))])

    def _receive_all(self) -> None:
        while full := self._full():
            self._take(*full[self._draw(len(full))])

    def _full(self) -> list[tuple[int, int]]:
        """Return the channels with messages."""
        return sorted(channel for channel, count in self._waiting.items() if count)

    def _take(self, source: int, destination: int) -> None:
        """Let a node take a message out of a channel, and print what it is."""
        reply = self.ask(destination, "Receive", source)
        self._waiting[source, destination] -= 1
        self._note_sent(destination, reply.sent)
        kind, value, is_first = reply.values
        sender = self._numbers[source]
        if kind != "SnapshotToken":
            print(f"{sender} {kind} {value}")
        elif is_first:
            print(f"{sender} {kind} -1{_which(value)}")

    # -- snapshots; their numbers count from 1

    def _begin_snapshot(self, number: int) -> None:
        node = self._node(number)
        self._snapshots.append(Snapshot(node, list(self._nodes.values()), self._money))
        reply = self.ask(self._observer, "Begin", len(self._snapshots), node)
        self._note_sent(node, reply.sent)
        print(f"Started by Node {number}{_which(len(self._snapshots))}")

    def _snapshot(self, number: int | None) -> tuple[int, Snapshot]:
        """Return a snapshot by its number, or the last one."""
        if not self._snapshots:
            raise Misuse("no snapshot has begun: BeginSnapshot comes first")
        number = len(self._snapshots) if number is None else number
        if not 1 <= number <= len(self._snapshots):
            raise Misuse(f"there is no snapshot {number}; the last one is {len(self._snapshots)}")
        return number, self._snapshots[number - 1]

    def _collect_state(self, number: int | None = None) -> None:
        number, snapshot = self._snapshot(number)
        lacking = self._lacking(number, snapshot)
        if lacking:
            lack = self._lack(*lacking[0])
            raise Misuse(f"snapshot {number} is not complete: {lack}; ReceiveAll brings it")

    def _lacking(self, number: int, snapshot: Snapshot, patience: int = 0) -> list[Lack]:
        """Let the observer collect a snapshot; return which records are not complete."""
        asked = self.ask(self._observer, "Collect", number, snapshot.nodes, patience)
        return snapshot.collect(asked.values)

    def _lack(self, node: int, is_there: bool, still_open: list[int]) -> str:
        name = self._numbers[node]
        if not is_there:
            return f"node {name} has not recorded its balance"
        return (
            f"node {name} waits for the token of channel {self._numbers[still_open[0]]} -> {name}"
        )

    def _print_snapshot(self, number: int | None = None) -> None:
        number, snapshot = self._snapshot(number)
        if not snapshot.is_collected:
            raise Misuse(f"snapshot {number} is not collected: CollectState comes first")
        devices = [self._nodes[name] for name in sorted(self._nodes)]
        devices = [device for device in devices if device in snapshot.nodes]
        print("---Node states")
        for device in devices:
            print(f"Node {self._numbers[device]} = {snapshot.balances[device]}")
        print("---Channel states")
        for one, other in permutations(devices, 2):
            amount = snapshot.channels.get((one, other), 0)
            print(f"channel({self._numbers[one]}->{self._numbers[other]}) = {amount}")

    def _kill_all(self) -> None:
        self._close()

    # -- without a script

    def _run_freely(self, balance: int, transfers: int, snapshots: int) -> None:
        for node in range(self.number_of_devices - 2):
            self._create_node(node, balance)
        for node in self._nodes:
            self.ask(node, "Go", transfers)
        for _ in range(snapshots):
            for _ in range(self._draw(5)):
                self.medium.wait_for_next_round()
            node = self._draw(len(self._nodes))
            self._snapshots.append(Snapshot(node, list(self._nodes.values()), self._money))
            start = [len(self._snapshots), node]
            self.medium.send(Command(self.index, self._observer, "Start", start))
        self._wait_until_all_are_done()
        for number, snapshot in enumerate(self._snapshots, start=1):
            self._lacking(number, snapshot, PATIENCE)

    def _wait_until_all_are_done(self) -> None:
        done = 0
        while done < len(self._nodes):
            done += getattr(self.next_message(), "name", "") == "Done"

    def appearance(self) -> dict[str, str]:
        """Show what it is."""
        return {"text": "master", "shape": "square"}

    def print_result(self) -> None:
        """Print a line for each snapshot: what was in the nodes, what in the channels."""
        for number, snapshot in enumerate(self._snapshots, start=1):
            print(f"Snapshot {number}, begun by node {self._numbers[snapshot.starter]}: ", end="")
            if not snapshot.is_collected:
                print("not complete")
                continue
            nodes, total = sum(snapshot.balances.values()), snapshot.total
            print(f"{nodes} in nodes, {total - nodes} in channels, together {total}", end="")
            print(f" of {snapshot.money}")


def _which(snapshot: int) -> str:
    """Tell snapshots apart, from the second one on."""
    return "" if snapshot == 1 else f" (snapshot {snapshot})"


def _snake(name: str) -> str:
    """Return ``create_node`` for ``CreateNode``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
