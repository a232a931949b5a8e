"""A lost token is found out, and made again once: a census among those that are there.

The token is missing when whoever had it last is gone, or when nobody has claimed it for the
detection time. Then the first process (by index) that is alive takes a census, with a ballot that
no other process uses and that is larger than all known, as in Paxos (Lamport 1998). Whoever answers
promises to believe no token of a lower epoch any more, and tells the newest body that it knows. The
census decides when all that are not gone have answered, or a majority in the detection time:

- Who has the token, and knows of nothing newer than anybody else: it may go on, in the new epoch.
- Nobody: the one who asked makes the token again, in the new epoch, from the newest body.

An execution is reported as done when a majority has a copy (protocol.py). Two majorities have a
process in common, so a new token knows all that was done. And of two tokens at most one can find a
majority: nothing that is done with the other one counts.

Other programs know no epochs, so the epoch is in LN: it is the age of a body, the sum of LN,
divided by 2**20. Whoever begins an epoch makes its own entry larger. To a process of another make
that is a process with many requests. Such a process promises nothing: its token is believed if it
is newer than all that is known here.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from emulators.monitor.actions import Note
from emulators.monitor.wire import LARGEST, Answer, Body, Census, Copy, Grant

if TYPE_CHECKING:
    from emulators.monitor.protocol import Protocol

_EPOCH = 20


def epoch(body_or_age: Body | int) -> int:
    """Return the epoch of a body, or of its age."""
    age = body_or_age if isinstance(body_or_age, int) else body_or_age.age
    return age >> _EPOCH


def in_epoch(body: Body, number: int, index: int) -> Body:
    """Return a body as process `index` takes it into an epoch; raise OverflowError at the last."""
    ln = list(body.ln)
    ln[index] += (number - epoch(body)) << _EPOCH
    if ln[index] > LARGEST:
        raise OverflowError("the epochs are used up: start all processes anew")
    return replace(body, ln=tuple(ln))


class Recovery:
    """What one process knows of the token's whereabouts, and its part in a census.

    `holder` had the token last, as far as is known. `promised` is the largest ballot that was
    answered: bodies of lower epochs are not believed.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.holder: int | None = None
        self.promised = 0
        self._suspect_at = inf  # when the token counts as missing
        self._answers: dict[int, Answer] | None = None  # in a census of our own
        self._patience_ends = inf  # of a census of our own: then a majority is enough
        self._asked = 0.0

    @property
    def knows_token(self) -> bool:
        """Whether this process knows that there is, or was, a token in use."""
        return self._suspect_at != inf

    @property
    def pending(self) -> bool:
        """Whether a promise was made, and it is not known yet what came of the census."""
        return self.promised > epoch(self._protocol.newest)

    def believes(self, body: Body) -> bool:
        """Return whether a body is of an epoch that this process may believe."""
        return epoch(body) >= self.promised

    # -- signs of the token

    def claimed(self, holder: int, now: float) -> None:
        """Somebody has the token, or it was sent there."""
        self.holder = holder
        self._answers = None
        self._suspect_at = now + self._detection

    def heard_of_token(self, now: float) -> None:
        """Somebody knows of a token: from now on it can be missed."""
        if not self.knows_token:
            self._suspect_at = now + self._detection

    def handed_on(self, index: int, now: float) -> None:
        """A process has handed on the token before it left, if it had it."""
        if index == self.holder:
            self.holder = None
            self._suspect_at = now + self._detection

    def ended(self, index: int, now: float) -> None:
        """A process has ended. If it had the token, that is lost."""
        if index == self.holder:
            self.holder = None
            self._suspect_at = now
        self.tick(now)

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
        """Take a census if the token is missing; go on with one that is slow."""
        protocol = self._protocol
        if self._answers is not None:
            self._go_on(now)
        elif not protocol.ready or (protocol.holds and not self.pending) or now < self._due(now):
            pass
        elif self.holder is not None and protocol.peers.foreign(self.holder):
            self._suspect_at = now + self._detection  # it will not say so, but there it is
        else:
            self._start(now)

    # -- taking a census

    def _start(self, now: float) -> None:
        protocol = self._protocol
        largest = max(self.promised, epoch(protocol.newest) + 1)
        self.promised = (largest // protocol.number + 1) * protocol.number + protocol.me
        self._answers = {}
        self._patience_ends = now + self._detection
        protocol.do(Note("the token is missing: asking everybody"))
        self._ask(now)
        self._conclude(now)

    def _ask(self, now: float) -> None:
        self._asked = now
        self._protocol.publish(Census(self._protocol.me, self.promised))

    def _go_on(self, now: float) -> None:
        if now >= self._asked + self._protocol.timing.repeat:
            self._ask(now)
        self._conclude(now)

    def on_answer(self, answer: Answer, now: float) -> None:
        """Count an answer to our census."""
        if self._answers is None or answer.ballot != self.promised:
            return
        if answer.promised > self.promised:
            self._promise(answer.promised, now)
        elif epoch(answer.body) >= self.promised - 1:  # an epoch runs over into the next one
            self.promised = epoch(answer.body) + 1
            self._start(now)
        else:
            self._answers[answer.sender] = answer
            self._conclude(now)

    def _promise(self, ballot: int, now: float) -> None:
        """Give way to a larger ballot, and see to it that something comes of it."""
        self.promised = ballot
        self._answers = None
        self._suspect_at = now + self._detection

    def _conclude(self, now: float) -> None:
        """Decide who has the token, if it is certain enough."""
        if self._answers is None:
            return
        protocol = self._protocol
        answers = [self._own_answer(self.promised), *self._answers.values()]
        newest = max(answers, key=lambda one: (one.body.age, one.holds))
        if not self._enough(newest.holds, now):
            return
        for answer in answers:
            protocol.rn = list(map(max, protocol.rn, answer.rn))
        if newest.holds and newest.sender != protocol.me:
            self._answers = None
            self._suspect_at = now + self._detection
            protocol.publish(Grant(protocol.me, self.promised), newest.sender)
        elif newest.holder is not None and protocol.peers.foreign(newest.holder):
            self.claimed(newest.holder, now)
        else:
            self._begin_epoch(newest.body, now, is_new=not newest.holds)

    def _enough(self, found: bool, now: float) -> bool:
        """Return whether all have answered, or a majority when that must do."""
        assert self._answers is not None
        peers = self._protocol.peers
        known = {index for answer in self._answers.values() for index in answer.members}
        known = (known | set(peers.members()) | set(self._answers)) - {self._protocol.me}
        asked = {index for index in known if not peers[index].gone}
        answered = asked & set(self._answers)
        is_majority = (len(answered) + 1) * 2 > len(asked) + 1
        return answered == asked or (is_majority and (found or now >= self._patience_ends))

    def _begin_epoch(self, body: Body, now: float, is_new: bool) -> None:
        """Have the token, in the epoch that was promised last; tell everybody."""
        protocol = self._protocol
        if is_new:
            protocol.believe(body)  # before our entry in LN grows: work of ours may be lost
            protocol.do(Note("the token was lost with its holder, and is made again", warning=True))
        protocol.begin(in_epoch(body, self.promised, protocol.me))
        self.claimed(protocol.me, now)
        protocol.publish(Copy(protocol.me, True, protocol.newest))
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
        """Answer, and promise to believe nothing older than what comes of it."""
        if not self._protocol.ready:
            self._protocol.holds = False  # others knew a token before we were there
        if census.ballot > self.promised:
            self._promise(census.ballot, now)
        self._protocol.publish(self._own_answer(census.ballot), census.sender)

    def on_grant(self, grant: Grant, now: float) -> None:
        """Go on with the token that is here, if no larger ballot was promised since."""
        if grant.ballot == self.promised:
            self.resume(now)

    def resume(self, now: float) -> None:
        """Go on with the token that is here, in the epoch that was promised last."""
        if self._protocol.holds and self.pending:
            self._begin_epoch(self._protocol.newest, now, is_new=False)
