"""Lecture 7, reference solution: the Bully algorithm."""

import exercises.exercise7 as given
from exercises.exercise7 import PATIENCE, Vote


class Bully(given.Bully):
    """The living device with the largest index becomes the leader."""

    def start_election(self):
        """Ask all larger devices. The largest one knows the result already."""
        self._election = True
        self._shut_up = False
        self._silence = 0
        if self.largest():
            self.announce()
        for i in self.medium.ids:
            if i > self.index:
                self.medium.send(Vote(self.index, i, self.index, False))

    def announce(self):
        """Tell all smaller devices that I am the leader."""
        self._leader = self.index
        for i in self.medium.ids:
            if i < self.index:
                self.medium.send(Vote(self.index, i, self.index, True))

    def handle_vote(self, message: Vote):
        if self._leader is not None:
            return
        if message.decided():
            # A coordinator: found.
            self._leader = message.vote()
        elif message.vote() < self.index:
            # An election: be quiet, I am alive; and an election of my own, unless it is going on.
            self.medium.send(Vote(self.index, message.source, self.index, False))
            if not self._election:
                self.start_election()
        else:
            # An answer: somebody larger takes over.
            self._shut_up = True
            self._silence = 0

    def check_silence(self):
        if self._leader is not None:
            return
        if self._election and not self._shut_up and self._silence > PATIENCE:
            # I asked, and nobody larger is alive.
            self.announce()
        elif self._silence > 4 * PATIENCE:
            # Somebody larger was alive, and failed before it could announce a leader.
            self.start_election()


class BullyWithLateFailure(Bully):
    """The largest device answers for a few rounds, and fails before it announces itself."""

    def announce(self):
        if not self.largest():
            super().announce()

    def check_silence(self):
        if not self.largest():
            super().check_silence()
        elif self._silence > 5:
            self._leader = self.index  # ends its run: it has failed
