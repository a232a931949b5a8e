"""Shared states of the examples: any class that becomes bytes and is made again from them."""

import json
import struct


class IntList:
    """A list of whole numbers."""

    def __init__(self) -> None:
        self.values: list[int] = []

    def serialize(self) -> bytes:
        """Return four bytes for each number."""
        return struct.pack(f">{len(self.values)}i", *self.values)

    def deserialize(self, data: bytes) -> None:
        """Become the list that these bytes were made of."""
        self.values = list(struct.unpack(f">{len(data) // 4}i", data))


class Record:
    """Named values of any kind that JSON knows; a subclass gives them as attributes."""

    def serialize(self) -> bytes:
        """Return the attributes as JSON."""
        return json.dumps(vars(self), sort_keys=True).encode()

    def deserialize(self, data: bytes) -> None:
        """Become the record that these bytes were made of."""
        vars(self).update(json.loads(data))
