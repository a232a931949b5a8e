"""How devices of several machines find each other: whoever starts first waits for the others.

Each greets all others, who answer; the greeting carries the sender's clock, so that all clocks of a
run are set to the one that is ahead, and a digest of the exercise file, which has to be the same.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import msgspec

from emulators.kernel.clock import seconds
from emulators.transports.codec import Malformed
from emulators.transports.wire import Frame, Wire


class Greeting(IntEnum):
    """What a greeting says; it stands where a message has how much longer it shall take."""

    HELLO = 0  # I am here: answer me
    ANSWER = 1  # I am here, too
    BYE = 2  # I have ended: do not miss me


_encode = msgspec.msgpack.encode
_program_of: Callable[[Any], str] = msgspec.msgpack.Decoder(str).decode


class Meeting:
    """Who is here and who is not, as one device knows it.

    `program` is the digest of its exercise file. `note` takes what shall stand in the report;
    `clock` returns the time of the run in ticks.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        program: str,
        clock: Callable[[], int],
        note: Callable[[str], object],
    ) -> None:
        self.absent = set(range(number_of_devices)) - {index}
        self.wire: Wire | None = None
        self._began = False
        self._others = sorted(self.absent)
        self._program = program
        self._clock = clock
        self._note = note
        self._strangers: set[str] = set()
        self._different: set[int] = set()
        self._left: set[int] = set()

    def greet(self, greeting: Greeting, others: list[int] | None = None) -> None:
        """Send a greeting to some devices, or to all."""
        assert self.wire is not None
        program = msgspec.Raw(_encode(self._program))
        for other in self._others if others is None else others:
            self.wire.send(other, _encode(Frame(0, self._clock(), greeting, program)))

    def greeted(self, sender: int, frame: Frame) -> None:
        """Take a greeting; raises `Malformed` for what is none."""
        try:
            greeting, program = Greeting(frame.delay), _program_of(frame.message)
        except ValueError as error:
            raise Malformed(str(error)) from None
        if program != self._program:
            self._warn(sender)
        elif greeting is Greeting.BYE:
            self._left.add(sender)
        else:
            self._come(sender)
        if greeting is Greeting.HELLO:
            self.greet(Greeting.ANSWER, [sender])

    def _warn(self, sender: int) -> None:
        if sender not in self._different:
            self._different.add(sender)
            self._note(f"Device {sender} runs another version of the exercise file")

    def _come(self, sender: int) -> None:
        self._left.discard(sender)
        if sender in self.absent:
            self.absent.discard(sender)
            if self._began:
                self._note(f"Device {sender} has come at {self._now():.1f} s")

    def begin(self) -> None:
        """Note who has not come, because the device goes on without them."""
        self._began = True
        for other in sorted(self.absent):
            self._note(f"Device {other} is missing: it has not come by {self._now():.1f} s")

    def _now(self) -> float:
        return seconds(self._clock())

    # -- what a wire tells, from a thread of its own

    def missing(self, index: int, lost: bool) -> None:
        """Note that a device is lost, or back."""
        if index in self._left or index in self.absent:
            return
        if lost:
            self._note(f"Device {index} is missing since {self._now():.1f} s")
        else:
            self._note(f"Device {index} is back at {self._now():.1f} s")

    def refused(self, address: str) -> None:
        """Note that somebody was refused, once for each address."""
        if address not in self._strangers and len(self._strangers) < _MOST_STRANGERS:
            self._strangers.add(address)
            self._note(f"Refused a stranger from {address}: its key is not known here")


_MOST_STRANGERS = 20
