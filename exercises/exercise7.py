"""Lecture 7: replication, and the Bully algorithm that chooses a new primary.

In passive replication one device, the primary, does the work and the others are backups. When the
primary fails, the backups must agree on which of them takes its place: an election.

The Bully algorithm (Garcia-Molina 1982; [CDK] 15.3, page 660): the living device with the
largest index becomes the leader, by telling all smaller ones to be quiet.

- Whoever notices that there is no leader starts an ELECTION: it asks all devices with a larger
  index. The largest of all need not ask anybody: it announces itself at once.
- A device asked by a smaller one sends an ANSWER ("be quiet, I am alive") and starts an election
  of its own, unless it has done so already.
- Who gets an answer is quiet and waits for the announcement of a leader.
- Who gets no answer for PATIENCE rounds is the largest one alive: it announces itself as
  COORDINATOR to all smaller devices.
- Who hears of a coordinator has found its leader, and is done.
- Who hears of no coordinator for several times PATIENCE rounds starts an election, or starts it
  again: whoever took over must have failed.

"Silent for PATIENCE rounds" has to mean "failed". That is true if the delay of messages has a
bound, as in the sync network, or in async with the usual latency.

Messages: `Vote`. What it means is in its two fields and in who sent it:

| message     | `vote()`            | `decided()` | from                 |
| ----------- | ------------------- | ----------- | -------------------- |
| election    | index of the sender | False       | a smaller device     |
| answer      | index of the sender | False       | a larger device      |
| coordinator | index of the leader | True        | the leader           |

Given: the message, `largest`, the frame of `run`. To do: `start_election`, `handle_vote` and
`check_silence`. Look for `todo(`.

    python3 exercise_runner.py --lecture 7 --algorithm Bully --type sync --devices 5
    python3 exercise_runner.py --lecture 7 --algorithm Bully --type async --devices 5
    python3 exercise_runner.py --lecture 7 --algorithm Bully --devices 5 --set FAILED=4
"""

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

# Each of these can be changed for a run: --set STARTER=3
STARTER = 0  # the device that notices first that there is no leader; -1: all at the same time
FAILED = -1  # the device that has failed and does nothing; -1: all are alive
PATIENCE = 25  # rounds of silence after which the larger devices count as failed


class Vote(MessageStub):
    """An election, an answer or the announcement of a coordinator: see the table above."""

    def __init__(self, sender: int, destination: int, vote: int, decided: bool):
        super().__init__(sender, destination)
        self._vote = vote
        self._decided = decided

    def vote(self):
        return self._vote

    def decided(self):
        return self._decided

    def __str__(self):
        if self._decided:
            meaning = f"coordinator is {self._vote}"
        else:
            meaning = "election" if self.source < self.destination else "answer"
        return f"Vote {self.source} -> {self.destination}: {meaning}"


class Bully(Device):
    """The Bully algorithm. To complete."""

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self._leader = None  # the index of the leader, when it is known
        self._election = False  # have I started an election?
        self._shut_up = False  # did a larger device answer?
        self._silence = 0  # rounds since something happened in my election

    def largest(self):
        """Whether no device has a larger index than this one."""
        return self.index == max(self.medium.ids)

    def run(self):
        if self.index == FAILED:
            return
        if STARTER in (self.index, -1):
            self.start_election()
        while self._leader is None:
            self.medium.wait_for_next_round()
            for vote in self.medium.receive_all():
                self.handle_vote(vote)
            self._silence += 1
            self.check_silence()

    def start_election(self):
        """Ask all larger devices; the largest one announces itself."""
        # TODO: send the right votes, and note that an election was started: _election,
        # _shut_up and _silence. The announcement is needed in check_silence as well.
        todo("Bully.start_election: ask the larger devices")

    def handle_vote(self, message: Vote):
        """Do what the message asks for: it is an election, an answer or a coordinator."""
        # TODO: see the rules and the table at the top of this file.
        todo("Bully.handle_vote: react to an election, an answer, a coordinator")

    def check_silence(self):
        """See whether somebody must have failed. Called once per round."""
        # TODO: I asked, and nobody answered for PATIENCE rounds: I am the leader. No coordinator
        # came for several times PATIENCE rounds: start an election.
        todo("Bully.check_silence: become the leader, or start again")

    def print_result(self):
        leader = "knows no leader" if self._leader is None else f"the leader is {self._leader}"
        print(f"Device {self.index}: {leader}")
