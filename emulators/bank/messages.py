"""What master, observer and nodes say to each other, beside the messages of the bank itself."""

from __future__ import annotations

from typing import Any

from emulators.Device import Device
from emulators.MessageStub import MessageStub


class Command(MessageStub):
    """Do this, and reply. `name` and `arguments` are those of a method of the receiver."""

    def __init__(self, sender: int, destination: int, name: str, arguments: list[Any]) -> None:
        super().__init__(sender, destination)
        self.name = name
        self.arguments = arguments

    def __str__(self) -> str:
        words = " ".join(map(str, [self.name, *self.arguments]))
        return f"Command {self.source} -> {self.destination}: {words}"


class Reply(MessageStub):
    """What came of a command: the name of it, and plain values.

    `sent` are the destinations of the transfers and tokens that it made the node send, one each.
    """

    def __init__(
        self, sender: int, destination: int, name: str, values: list[Any], sent: list[int]
    ) -> None:
        super().__init__(sender, destination)
        self.name = name
        self.values = values
        self.sent = sent

    def __str__(self) -> str:
        words = " ".join(map(str, [self.name, *self.values]))
        return f"Reply {self.source} -> {self.destination}: {words}"


class Asking(Device):
    """A device that gives commands and waits for what comes of them."""

    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        self._kept: list[Any] = []  # what came while a reply was waited for

    def ask(self, device: int, name: str, *arguments: Any) -> Any:
        """Give a command and wait for its reply."""
        self.medium.send(Command(self.index, device, name, list(arguments)))
        while True:
            message: Any = self.medium.wait_for_message()
            if isinstance(message, Reply) and (message.source, message.name) == (device, name):
                return message
            self._kept.append(message)

    def next_message(self) -> Any:
        """Return the next message that was not waited for."""
        return self._kept.pop(0) if self._kept else self.medium.wait_for_message()
