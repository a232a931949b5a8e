"""A lost token is found out, and made again once: a census among those that are there.

The token is lost when whoever had it last is gone, or when nobody has claimed it for the detection
time. Then the first process (by index) that is alive takes a census. A ballot is a number that no
other process uses, larger than all known (as in Paxos, Lamport 1998). Whoever answers promises to
take no token and no copy until it knows how the census ended, so a token that is still on its way
cannot be used at the same time as a new one.

- Somebody has the token: the census ends, and everything stays as it was.
- Nobody has: all that are not gone have said so, or a majority of them within the detection time.
  The new token has the newest state that one of them knows. In a majority there is one that knows
  the last execution that was reported as done (see protocol.py).

A process that was silent only, and still has the old token, must not be believed any more. Other
programs know no epochs, so the epoch is in LN: the new token's entry for its maker is larger by
2**20 for each ballot, so that it is newer than any older one. Everybody here drops what is older.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from emulators.monitor.actions import Note
from emulators.monitor.wire import (
    LARGEST,
    Answer,
    Body,
    Census,
    Copy,
    Frame,
    Renewed,
    Result,
    Token,
)

if TYPE_CHECKING:
    from emulators.monitor.protocol import Protocol

_EPOCH = 20
"""An epoch is 2**20 in the sum of LN: an old token is taken for newer after so many executions."""
_MOST_ASIDE = 64


class Recovery:
    """What one process knows of the token's whereabouts, and its part in a census.

    `pending`: a census goes on, so tokens and copies are put aside. `holder` had the token last, as
    far as is known.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.pending = False
        self.holder: int | None = None
        self.promised = 0  # the largest ballot that we have answered
        self._suspect_at = inf  # when the token counts as lost
        self._answers: dict[int, Answer] | None = None  # in a census of our own
        self._patience_ends = inf  # of a census of our own: then a majority is enough
        self._asked = 0.0
        self._aside: list[tuple[Frame, int | None]] = []

    @property
    def knows_token(self) -> bool:
        """Whether this process knows that there is, or was, a token in use."""
        return self._suspect_at != inf

    # -- signs of the token

    def claimed(self, holder: int, now: float) -> None:
        """Somebody has the token, or it was sent there."""
        self.holder = holder
        if not self.pending:
            self._suspect_at = now + self._detection

    def heard_of_token(self, now: float) -> None:
        """Somebody knows of a token: from now on it can be missed."""
        if not self.knows_token:
            self._suspect_at = now + self._detection

    def ended(self, index: int, now: float) -> None:
        """A process has ended. If it had the token, that is lost."""
        if index == self.holder:
            self.holder = None
            self._suspect_at = now
            self.tick(now)
        elif self._answers is not None:
            self._conclude(now)

    @property
    def _detection(self) -> float:
        return self._protocol.timing.detection

    def _due(self, now: float) -> float:
        """Return when we take a census, unless somebody before us does."""
        before = [index for index in self._protocol.peers.alive(now) if index < self._protocol.me]
        return self._suspect_at + len(before) * self._detection

    def deadline(self) -> float:
        """Return when `tick` has something to do next; a lost token is looked for at each beat."""
        return inf if self._answers is None else self._asked + self._protocol.timing.repeat

    def tick(self, now: float) -> None:
        """Take a census if the token is lost; go on with one that is slow."""
        if self._answers is not None:
            self._go_on(now)
            return
        protocol = self._protocol
        if protocol.holds or not protocol.ready or now < self._due(now):
            return
        if self.holder is not None and protocol.peers.foreign(self.holder):
            self._suspect_at = now + self._detection  # it will not say so, but there it is
            return
        self._start(now)

    # -- taking a census

    def _start(self, now: float) -> None:
        protocol = self._protocol
        largest = max(self.promised, protocol.newest.age >> _EPOCH)
        self.promised = (largest // protocol.number + 1) * protocol.number + protocol.me
        self.pending = True
        self._answers = {}
        self._patience_ends = now + self._detection
        self._asked = now
        protocol.do(Note("the token is missing: asking everybody"))
        protocol.publish(Census(protocol.me, self.promised))
        self._conclude(now)

    def _go_on(self, now: float) -> None:
        if now >= self._asked + self._protocol.timing.repeat:
            self._asked = now
            self._protocol.publish(Census(self._protocol.me, self.promised))
        self._conclude(now)

    def on_answer(self, answer: Answer, now: float) -> None:
        """Count an answer to our census."""
        if self._answers is None or answer.ballot != self.promised:
            return
        larger = max(answer.promised, answer.body.age >> _EPOCH)
        if larger > self.promised:
            self.promised = larger
            self._give_way(now)
        elif answer.holds:
            self._found(answer.sender, now)
        else:
            self._answers[answer.sender] = answer
            self._conclude(now)

    def _give_way(self, now: float) -> None:
        """Somebody else takes a census: wait for its end, and see to it that there is one."""
        self._answers = None
        self._suspect_at = now + self._detection

    def _conclude(self, now: float) -> None:
        """Make a new token if it is certain enough that there is none."""
        assert self._answers is not None
        peers = self._protocol.peers
        known = {index for answer in self._answers.values() for index in answer.members}
        known = (known | set(peers.members()) | set(self._answers)) - {self._protocol.me}
        asked = {index for index in known if not peers[index].gone}
        answered = asked & set(self._answers)
        if answered < asked:
            is_majority = (len(answered) + 1) * 2 > len(asked) + 1
            if now < self._patience_ends or not is_majority:
                return
        newest = self._newest()
        holder = newest.holder
        if holder is not None and peers.foreign(holder):
            self._found(holder, now)
        else:
            self._renew(newest.body, now)

    def _newest(self) -> Answer:
        """Return the answer with the newest body, our own among them."""
        assert self._answers is not None
        answers = [self._own_answer(self.promised), *self._answers.values()]
        return max(answers, key=lambda answer: answer.body.age)

    def _found(self, holder: int, now: float) -> None:
        self._protocol.publish(Result(self._protocol.me, self.promised))
        self._answers = None
        self.pending = False
        self.claimed(holder, now)
        self._take_up(now)

    def _renew(self, newest: Body, now: float) -> None:
        """Make the token again, with the newest state, and keep it."""
        protocol = self._protocol
        answers, self._answers = self._answers or {}, None
        for answer in answers.values():
            protocol.rn = list(map(max, protocol.rn, answer.rn))
        ln = list(newest.ln)
        ln[protocol.me] += (self.promised - (newest.age >> _EPOCH)) << _EPOCH
        if ln[protocol.me] > LARGEST:
            raise OverflowError("the epochs are used up: start all processes anew")
        body = Body((), tuple(ln), newest.state)
        self.pending = False
        self._aside.clear()
        protocol.renew(body)
        protocol.do(Note("the token was lost with its holder, and is made again", warning=True))
        protocol.publish(Renewed(protocol.me, self.promised, body))
        protocol.serve(now)

    # -- taking part in one

    def _own_answer(self, ballot: int) -> Answer:
        protocol = self._protocol
        return Answer(
            protocol.me,
            ballot,
            self.promised,
            protocol.holds,
            self.holder,
            tuple(protocol.peers.members()),
            tuple(protocol.rn),
            protocol.newest,
        )

    def on_census(self, census: Census, now: float) -> None:
        """Answer, and promise to take nothing up before the end, unless the token is here."""
        protocol = self._protocol
        if not protocol.ready:
            protocol.holds = False  # others knew a token before we were there
        if census.ballot > self.promised:
            self.promised = census.ballot
            self._give_way(now)
            self.pending = not protocol.holds
        protocol.publish(self._own_answer(census.ballot), census.sender)

    def on_result(self, result: Result, now: float) -> None:
        """The census has found the token."""
        if result.ballot >= self.promised:
            self.pending = False
            self._suspect_at = now + self._detection
            self._take_up(now)

    def on_renewed(self, renewed: Renewed, now: float) -> None:
        """The census has found none: there is a new one."""
        if renewed.ballot >= self.promised:
            self.promised = renewed.ballot
            self.pending = False
            self._answers = None
            self._protocol.handle(Copy(renewed.sender, True, renewed.body), now, renewed.sender)
            self._take_up(now)

    def sets_aside(self, frame: Token | Copy, sender: int | None) -> bool:
        """Keep a frame for later if it must not be believed now; return whether."""
        if self.pending:
            self._aside = [*self._aside[1 - _MOST_ASIDE :], (frame, sender)]
        return self.pending

    def _take_up(self, now: float) -> None:
        aside, self._aside = self._aside, []
        for frame, sender in aside:
            self._protocol.handle(frame, now, sender)
