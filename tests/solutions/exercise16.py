"""Lecture 16, reference solution: Sanders' algorithm on channels that lose messages.

    ReliableSanders     reliable channels below the algorithm: numbers, answers, repetition

Answers to the questions about Sanders:

- Any two coteries intersect. Two devices of one column share it. Of two different columns only one
  can be the last, shorter one. The other has all rows; where it crosses the row of the other device
  stands a member of both coteries.
- ME1: each member of the intersection says Yes to one device at a time. It says Yes to another one
  only after Release or Relinquish, and who relinquishes is not inside and has one vote too few.
- ME2: the request with the smallest (timestamp, index) of all gets every vote. A voter either has
  given its vote to it, or has asked for the vote back; who waits gives it back, who is inside
  leaves. A later request has a larger timestamp, so each request is the smallest at some time.
- Late messages do no harm. An Inquire of an old request has an old timestamp. An Inquire that
  overtakes its own Yes makes the number of votes one too small until the Yes comes, never too
  large. A new Request that overtakes the Release of the one before waits in the queue.
- One lost message stops it: a voter whose Yes, Relinquish or Release is lost never votes again, and
  every coterie has a member in the coterie of those that wait for it.

Why the channel below is reliable: a message is sent again until it is answered, so one copy arrives
(stubborn link); the receiver knows the numbers it has handled, so it handles one copy only (perfect
link). [Cachin, Guerraoui, Rodrigues: Introduction to Reliable and Secure Distributed Programming,
2.4.] Received itself is never answered or repeated: if it is lost, the message comes again and is
answered again.
"""

import exercises.exercise16 as template
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from exercises.exercise16 import Maekawa, Received, Sanders

__all__ = ["Maekawa", "ReliableSanders", "Sanders"]

RESEND_AFTER = template.RESEND_AFTER
DELAY = template.DELAY
DELAY_PROBABILITY = template.DELAY_PROBABILITY
MEASURES = template.MEASURES


class ReliableSanders(Sanders):
    """Numbers what it sends, repeats it until it is answered, and drops second copies."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.number = 0  # of our last message
        self.unanswered: dict[int, tuple[int, MessageStub]] = {}  # number -> when sent, message
        self.handled: set[tuple[int, int]] = set()  # (source, number)

    def send(self, message: MessageStub):
        if message.destination != self.index:
            self.number += 1
            message.number = self.number
            self.unanswered[self.number] = (self.current, message)
        super().send(message)

    def messages(self):
        self.send_again()
        for message in super().messages():
            if isinstance(message, Received):
                self.unanswered.pop(message.number, None)
            elif message.source == self.index or self.is_new(message):
                yield message

    def send_again(self):
        for number, (sent, message) in self.unanswered.items():
            if self.current - sent >= RESEND_AFTER:
                self.unanswered[number] = (self.current, message)
                self.medium.send(message)

    def is_new(self, message: MessageStub) -> bool:
        """Answer a message from the network, and say whether it is the first copy."""
        self.medium.send(Received(self.index, message.source, message.number))
        name = (message.source, message.number)
        if name in self.handled:
            return False
        self.handled.add(name)
        return True
