"""What every node of the bank can do: it has channels, obeys the master, and writes records."""

from __future__ import annotations

from typing import Any

from emulators.bank.messages import Command, Reply
from emulators.Device import Device
from emulators.MessageStub import MessageStub

_MOST_AMOUNT = 100


class Record:
    """What a node writes down for one snapshot.

    `balance`: its own. `channels`: for each node, the amounts that were on their way from there.
    `open`: the channels that are still being recorded; the record is complete when there is none.
    """

    def __init__(self, balance: int, sources: list[int]) -> None:
        self.balance = balance
        self.channels: dict[int, list[int]] = {source: [] for source in sources}
        self.open = set(sources)


class Node(Device):
    """A node of the bank. What it does with money and tokens is up to the exercise.

    In a script a message waits in its channel until the master says Receive. Without a script a
    node sends money by itself, and takes every message as soon as it arrives.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        self.number = index  # of the node, in a script
        self.balance = 0
        self.others: list[int] = []  # the other nodes: there is a channel to and from each
        self.records: dict[int, Record] = {}  # snapshot -> what is written down for it
        self._commanders: list[int] = []  # in a script, master and observer
        self._is_created = False
        self._sent: list[int] = []  # destinations of what was sent since the last reply
        self._seen: set[int] = set()  # snapshots of which a token has come, or begun here
        self._cuts: set[int] = set()  # snapshots whose cut was noted
        self._transfers_left = 0
        self._master = index
        self._is_open = True

    # -- for the exercise

    def record(self, snapshot: int) -> None:
        """Write down the balance, and begin to record all incoming channels. The cut is here."""
        self.records[snapshot] = Record(self.balance, self.others)
        self._note_cuts()

    def send_money(self, destination: int, amount: int) -> None:
        """Send `amount` to another node, which has to be there."""
        raise NotImplementedError

    def handle(self, message: MessageStub) -> None:
        """Handle a transfer or a token that is taken out of a channel."""
        raise NotImplementedError

    def begin_snapshot(self, snapshot: int) -> None:
        """Be the first node that records its state."""
        raise NotImplementedError

    # -- the loop

    def run(self) -> None:
        """Obey, and take messages, until the bank is closed."""
        self._count_what_is_sent()
        while self._is_open:
            message = self._next()
            if isinstance(message, Command):
                getattr(self, f"_{message.name.lower()}")(message, *message.arguments)
            elif message is not None:
                self._take(message)
            else:
                self._transfer_now_and_then()
                self.medium.wait_for_next_round()

    def _count_what_is_sent(self) -> None:
        """Let the medium tell where messages go: the master has to know which channels are empty.

        A node is free to send in its own way, so this cannot be left to a method of ours.
        """
        send = self.medium.send

        def counted(message: MessageStub) -> None:
            if not isinstance(message, (Command, Reply)):
                self._sent.append(int(message.destination))
            send(message)

        self.medium.send = counted  # type: ignore[method-assign]

    def _next(self) -> Any:
        """Return a message; None where none has arrived and there is still money to send.

        In a script only commands are received: what comes from other nodes stays in its channel.
        """
        if self._commanders:
            return self.medium.wait_for_message_from(self._commanders)
        if self._transfers_left:
            return self.medium.receive()
        return self.medium.wait_for_message()

    def _take(self, message: Any) -> list[Any]:
        """Handle what comes out of a channel; return its class, its number, and if it is new."""
        amount, snapshot = getattr(message, "amount", None), getattr(message, "snapshot", -1)
        is_first = amount is None and snapshot not in self._seen
        self.handle(message)
        self._note_cuts()
        if amount is None:
            self._seen.add(snapshot)
        return [type(message).__name__, snapshot if amount is None else amount, is_first]

    def _note_cuts(self) -> None:
        """Tell the trace where the cut of a new snapshot passes."""
        for snapshot in self.records.keys() - self._cuts:
            self._cuts.add(snapshot)
            self.medium.cut(snapshot)

    def _reply(self, command: Command, *values: Any) -> None:
        sent, self._sent = self._sent, []
        self.medium.send(Reply(self.index, command.source, command.name, list(values), sent))

    # -- commands: each is answered by a reply of its name

    def _create(
        self, command: Command, number: int, balance: int, others: list[int], by: list[int]
    ) -> None:
        """Begin. `by` are master and observer in a script, otherwise nobody."""
        self._commanders = by
        self._is_created = True
        self.number = number
        self.balance = balance
        self.others = list(others)
        self._reply(command)

    def _connect(self, command: Command, other: int) -> None:
        self.others.append(other)
        self._reply(command)

    def _send(self, command: Command, destination: int, amount: int) -> None:
        """Send money; reply with the balance where it is too small."""
        if amount > self.balance:
            self._reply(command, False, self.balance)
            return
        self.send_money(destination, amount)
        self._reply(command, True, self.balance)

    def _receive(self, command: Command, source: int) -> None:
        """Take a message out of a channel, as soon as it has arrived."""
        message = self.medium.wait_for_message_from([source])
        self._reply(command, *self._take(message))

    def _begin(self, command: Command, snapshot: int) -> None:
        self.begin_snapshot(snapshot)
        self._note_cuts()
        self._seen.add(snapshot)
        self._reply(command)

    def _collect(self, command: Command, snapshot: int) -> None:
        """Reply with what is written down: snapshot, anything?, balance, channels, open ones."""
        record = self.records.get(snapshot)
        if record is None:
            self._reply(command, snapshot, False, 0, [], [])
            return
        channels = [[source, *amounts] for source, amounts in sorted(record.channels.items())]
        still_open = sorted(set(record.open) & set(self.others))
        self._reply(command, snapshot, True, record.balance, channels, still_open)

    def _go(self, command: Command, transfers: int) -> None:
        self._transfers_left = transfers
        self._master = command.source
        self._reply(command)
        if not transfers:
            self._say_done()

    def _kill(self, command: Command) -> None:
        self._is_open = False

    # -- without a script

    def _transfer_now_and_then(self) -> None:
        """Send money to a drawn node in every second round."""
        emulator = self.medium._emulator
        if emulator.draw(2):
            self._transfers_left -= 1
            if self.balance > 0:
                other = self.others[emulator.draw(len(self.others))]
                self.send_money(other, 1 + emulator.draw(min(self.balance, _MOST_AMOUNT)))
            if not self._transfers_left:
                self._say_done()

    def _say_done(self) -> None:
        self.medium.send(Reply(self.index, self._master, "Done", [], []))

    def appearance(self) -> dict[str, str]:
        """Show the balance; yellow while a record is not complete."""
        records = len([record for record in self.records.values() if record.open])
        return {"text": f"{self.number}: {self.balance}", "color": "yellow" if records else ""}

    def print_result(self) -> None:
        """Print the balance, if the node was created."""
        if self._is_created:
            print(f"Node {self.number}: balance {self.balance}")
