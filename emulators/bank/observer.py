"""The observer: lets a node begin a snapshot, and collects what all of them have written down."""

from __future__ import annotations

from typing import Any

from emulators.bank.messages import Asking, Command, Reply


class Observer(Asking):
    """Does what the master says, one command after the other."""

    def run(self) -> None:
        """Obey until the bank is closed."""
        while True:
            command = self.next_message()
            if not isinstance(command, Command):
                continue
            if command.name == "Kill":
                return
            values, sent = getattr(self, f"_{command.name.lower()}")(*command.arguments)
            self.medium.send(Reply(self.index, command.source, command.name, values, sent))

    def appearance(self) -> dict[str, str]:
        """Show what it is."""
        return {"text": "observer", "shape": "diamond"}

    def _begin(self, snapshot: int, node: int) -> tuple[list[Any], list[int]]:
        """Let a node begin; return what it sent."""
        return [], self.ask(node, "Begin", snapshot).sent

    def _start(self, snapshot: int, node: int) -> tuple[list[Any], list[int]]:
        """Let a node begin without waiting for it, so that snapshots overlap."""
        self.medium.send(Command(self.index, node, "Begin", [snapshot]))
        return [], []

    def _collect(
        self, snapshot: int, nodes: list[int], patience: int
    ) -> tuple[list[Any], list[int]]:
        """Ask all nodes for their records; who is not complete is asked again, for some rounds.

        Returns what each of them replied: is there a record, its balance, its channels, those open.
        """
        replies = []
        for node in nodes:
            _, is_there, *values = self.ask(node, "Collect", snapshot).values
            while patience and not (is_there and not values[-1]):
                patience -= 1
                self.medium.wait_for_next_round()
                _, is_there, *values = self.ask(node, "Collect", snapshot).values
            replies.append([node, is_there, *values])
        return replies, []
