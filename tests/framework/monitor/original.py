"""A process of another make, written from the documented format alone: no repetition, no copies.

It knows requests and tokens and ignores all else. An idle holder serves a request when it has
executed the next time, or when it is asked to with `give`. It shares no code with ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable


class Original:
    """Process `number` (from 1) of `processes`; `publish` sends bytes to everybody."""

    def __init__(self, number: int, processes: int, publish: Callable[[bytes], None]) -> None:
        self.number = number
        self.processes = processes
        self.publish = publish
        self.rn = [0] * processes
        self.has_token = number == 1
        self.queue: list[int] = []
        self.ln = [0] * processes
        self.state = b""
        self.waiting = False

    def receive(self, frame: bytes) -> None:
        (kind,) = struct.unpack_from(">i", frame)
        if kind == 0:
            _, sender, rn = struct.unpack(">3i", frame)
            self.rn[sender - 1] = max(self.rn[sender - 1], rn)
        elif kind == self.number:
            (size,) = struct.unpack_from(">i", frame, 4)
            self.queue = list(struct.unpack_from(f">{size}i", frame, 8))
            at = 8 + 4 * size
            self.ln = list(struct.unpack_from(f">{self.processes}i", frame, at))
            self.state = frame[at + 4 * self.processes :]
            self.has_token = True
            self.waiting = False

    def ask(self) -> None:
        """Want the token."""
        if not self.has_token and not self.waiting:
            self.waiting = True
            self.rn[self.number - 1] += 1
            self.publish(struct.pack(">3i", 0, self.number, self.rn[self.number - 1]))

    def release(self, state: bytes) -> None:
        """Leave the critical section with a new state."""
        self.state = state
        self.ln[self.number - 1] = self.rn[self.number - 1]
        for index in range(self.processes):
            if self.rn[index] == self.ln[index] + 1 and index + 1 not in self.queue:
                self.queue.append(index + 1)
        if self.queue:
            self.send(self.queue.pop(0))

    def send(self, recipient: int) -> None:
        numbers = [recipient, len(self.queue), *self.queue, *self.ln]
        self.publish(struct.pack(f">{len(numbers)}i", *numbers) + self.state)
        self.has_token = False
