"""The algorithm of the monitor, without clock, threads and sockets: events in, actions out.

Suzuki and Kasami, "A distributed mutual exclusion algorithm", ACM TOCS 3(4), 1985, with the state
in the token, as in lecture 14. Whoever runs a `Protocol` tells it what happens and when (`now`, in
seconds of any clock that does not go back) and does what `take` returns. Rules beyond the paper:

- Every execution makes LN of its process larger, also one that needed no request. So the sum of LN,
  the age, orders all bodies of the token. An older token than the newest body known is dropped.
- Everybody hears every token, and keeps its body as a copy. A token that nobody waits for stays,
  and a `Copy` of it goes out. An execution is done when a majority of the members has a copy.
- A request is repeated, and so is a token that its recipient does not acknowledge.
- A predicate that was false is asked again only after the state has changed (or after `patience`).

What happens when the token is lost is in recovery.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from emulators.monitor.actions import Action, Done, Enter, Note, Send, Ticket
from emulators.monitor.commits import Commits
from emulators.monitor.peers import Peers
from emulators.monitor.recovery import Recovery
from emulators.monitor.timing import Timing
from emulators.monitor.wire import (
    LARGEST,
    Ack,
    Answer,
    Ask,
    Beat,
    Body,
    Census,
    Control,
    Copy,
    Frame,
    Goodbye,
    Grant,
    Hello,
    Malformed,
    Request,
    Token,
    decoded,
    frame_of_control,
    frame_of_request,
    frame_of_token,
)


@dataclass
class _Sent:
    """A token that was handed on, until its recipient says that it is there."""

    token: Token
    at: float


class Protocol:
    """One process of a monitor of `number` processes; index 0 has the token in the beginning.

    `state` is the first state, the same in all processes. `incarnation` is another number in each
    life of a process. All indices begin with 0. `deaf`: a frame that is sent to a process of
    another make may get lost until `hears` says that it does not: it gets no token before.
    """

    def __init__(
        self,
        me: int,
        number: int,
        state: bytes,
        now: float,
        *,
        incarnation: int = 0,
        timing: Timing | None = None,
        deaf: bool = False,
    ) -> None:
        self.me = me
        self.number = number
        self.timing = timing or Timing()
        self.peers = Peers(me, number, self.timing.detection, self.timing.presume, deaf)
        self.rn = [0] * number
        self.newest = Body((), (0,) * number, state)
        self.holds = me == 0
        self.ready = False
        self.leaving = False
        self.recovery = Recovery(self)
        self._incarnation = incarnation
        self._tickets: list[Ticket] = []
        self._inside: Ticket | None = None
        self._asked: float | None = None  # when the request that is open was last sent
        self._sent: _Sent | None = None
        self._taken = self._last_sent = -1  # age of the token when it last came and left
        self._commits = Commits()
        self._begin_at = now + self.timing.start
        self._beat_at = now
        self._actions: list[Action] = []
        self.tick(now)

    # -- what the user of a protocol does

    def take(self) -> list[Action]:
        """Return what is to be done, in this order, and forget it."""
        actions, self._actions = self._actions, []
        return actions

    def want(self, now: float) -> Ticket:
        """Wait for a turn: `Enter` comes with the ticket that is returned."""
        ticket = Ticket()
        self._tickets.append(ticket)
        self.serve(now)
        return ticket

    def waiting(self) -> list[Ticket]:
        """Return the tickets whose turn has not come."""
        return list(self._tickets)

    def withdraw(self, ticket: Ticket, now: float) -> None:
        """Wait no longer; if its turn has come, it is over."""
        if ticket in self._tickets:
            self._tickets.remove(ticket)
        elif ticket is self._inside:
            self.unchanged(ticket, now)

    def executed(self, ticket: Ticket, state: bytes, now: float) -> None:
        """The task was executed, and this is the state now. `Done` comes when that is safe."""
        if self._left(ticket):
            self.do(Done(ticket, lost=True))
        else:
            if self.rn[self.me] == self.newest.ln[self.me] and self.peers.members():
                self._count_request()  # other programs need not know that there was none
            self._serve_own(state)
            self._commits.add(ticket, self.rn[self.me], now)
            if not self._hand_on(now):
                self.publish(Copy(self.me, True, self.newest))
        self._settle()
        self.serve(now)

    def refused(self, ticket: Ticket, now: float) -> None:
        """The predicate was false: the ticket waits for another state."""
        ticket.vain, ticket.vain_since = self.newest.state, now
        self._tickets.append(ticket)
        self.unchanged(ticket, now)

    def unchanged(self, ticket: Ticket, now: float) -> None:
        """The turn is over, and the state is as it was."""
        if not self._left(ticket):
            self._serve_own(self.newest.state)
            self._hand_on(now)
        self.serve(now)

    def leave(self, now: float) -> None:
        """Go: hand the token to whoever is there. `finished` says when that is done."""
        self.leaving = True
        self.serve(now)

    def goodbye(self) -> None:
        """Tell the others that this process will not be back."""
        self.publish(Goodbye(self.me, self.holds))

    @property
    def finished(self) -> bool:
        """Whether this process can go without loss: it has nothing that others may need."""
        if not self.leaving or self._inside is not None:
            return False
        others = [index for index in self.peers if not self.peers[index].gone]
        awaited = self._asked is not None and any(map(self.peers.foreign, others))
        looking = self.recovery.pending
        busy = self.holds or self._sent is not None or bool(self._commits) or awaited or looking
        return not busy or not others

    # -- what happens to a process

    def receive(self, data: bytes, now: float, sender: int | None = None) -> None:
        """A frame has arrived; `sender` is the process at the other end, where that is known."""
        try:
            frame = decoded(data, self.number, self.me)
            if frame is not None:
                sender = _sender(frame, sender, self.me)
        except Malformed as error:
            self.do(Note(f"dropped a frame of {len(data)} bytes: {error}", warning=True))
            return
        if sender is not None:
            self.peers.heard(sender, now)
        if frame is not None:
            self.handle(frame, now, sender)

    def handle(self, frame: Frame, now: float, sender: int | None) -> None:
        """Do what a frame asks for."""
        _HANDLERS[type(frame)](self, frame, now, sender)
        self._get_ready(now)
        self.serve(now)

    def hears(self, index: int, now: float) -> None:
        """Frames reach a process from now on."""
        self.peers[index].deaf = False
        self.serve(now)

    def lost(self, index: int, now: float) -> None:
        """It is certain that a process is gone."""
        if index in self.peers and not self.peers[index].gone:
            self.peers[index].gone = True
            self._end_of(index, now)

    def tick(self, now: float) -> None:
        """Time has passed; to be called at the `deadline` at the latest."""
        for index in self.peers.presumed(now):
            self._end_of(index, now)
        self._get_ready(now)
        if now >= self._beat_at:
            self._beat(now)
        self._repeat(now)
        self.recovery.tick(now)
        self.serve(now)

    def _get_ready(self, now: float) -> None:
        """Begin as soon as everybody has answered, or when it takes too long."""
        if not self.ready and (self.peers.met() or now >= self._begin_at):
            self.ready = True
            self._beat_at = now

    def deadline(self) -> float:
        """Return when `tick` has something to do next."""
        repeat = self.timing.repeat
        times = [self._beat_at, self.recovery.deadline(), self._commits.since + repeat]
        if not self.ready:
            times.append(self._begin_at)
        if self._asked is not None:
            times.append(self._asked + repeat)
        if self._sent is not None:
            times.append(self._sent.at + repeat)
        if self._may_move():
            times += [
                one.vain_since + self.timing.patience
                for one in self._tickets
                if one.vain is not None
            ]
        return min(times)

    # -- turns

    def serve(self, now: float) -> None:
        """Let somebody in, here or elsewhere; or ask for the token if somebody here waits."""
        if not self._may_move():
            return
        ticket = self._next_ticket(now)
        if not self.holds:
            if ticket is not None:
                self._count_request()
                self._ask(now)
        elif ticket is not None:
            self._tickets.remove(ticket)
            self._inside = ticket
            self.do(Enter(ticket, self.newest.state))
        elif self._hand_on(now):
            pass
        elif self.leaving:
            self._hand_on_unasked(now)

    def _may_move(self) -> bool:
        """Return whether something can be done here before a frame comes or a turn ends."""
        idle = self.ready and self._inside is None and not self.recovery.pending
        return idle and (self.holds or self._asked is None)

    def _next_ticket(self, now: float) -> Ticket | None:
        state, patience = self.newest.state, self.timing.patience
        for ticket in self._tickets:
            changed = ticket.vain is None or ticket.vain != state
            if changed or now - ticket.vain_since >= patience:
                return ticket
        return None

    def _left(self, ticket: Ticket) -> bool:
        """Note that a turn is over; return whether the token was lost in it."""
        self._inside = None
        superseded, ticket.superseded = ticket.superseded, False
        return superseded

    # -- the rules of Suzuki and Kasami

    def _count_request(self) -> None:
        """Take the next request number."""
        number = max(self.rn[self.me], self.newest.ln[self.me]) + 1
        if number > LARGEST:
            raise OverflowError("the request numbers are used up: start all processes anew")
        self.rn[self.me] = number

    def _ask(self, now: float) -> None:
        self._asked = now
        self.do(Send(frame_of_request(Request(self.me, self.rn[self.me]))))

    def _on_request(self, request: Request, now: float, sender: int | None) -> None:
        self.rn[request.sender] = max(self.rn[request.sender], request.number)

    def _on_token(self, token: Token, now: float, sender: int | None) -> None:
        age = token.body.age
        is_mine = token.recipient == self.me
        if age < self.newest.age or (is_mine and age <= self._last_sent):
            if is_mine and age > self._taken:
                self.do(Note("dropped a token that is out of date", warning=True))
        elif self.learn(token.body, of_other_make=not self._is_ours(sender)):
            self.recovery.claimed(token.recipient, now)
            if is_mine:
                self.holds = True
                self._taken = age
                self._asked = None
                self.recovery.resume(now)
        self._acknowledge(sender)

    def _serve_own(self, state: bytes) -> None:
        """Note in the token that our request is served, and that the requests of the gone are."""
        ln = list(self.newest.ln)
        ln[self.me] = self.rn[self.me]
        for index in self.peers:
            if self.peers[index].gone:
                ln[index] = max(ln[index], self.rn[index])
        self.newest = Body(self.newest.queue, tuple(ln), state)
        self.newest = replace(self.newest, queue=tuple(self._line()))

    def _line(self) -> list[int]:
        """Return who waits for the token: those in its queue first, then in index order."""
        rn, ln = self.rn, self.newest.ln
        waiting = [index for index in self.peers if rn[index] > ln[index]]
        first = [index for index in self.newest.queue if index in waiting]
        return first + [index for index in waiting if index not in first]

    def _hand_on(self, now: float) -> bool:
        """Send the token to the first who waits and can be reached; return whether there is one."""
        if self.recovery.pending:
            return False
        for index in self._line():
            if self.peers.may_hold(index, now):
                self._send_token(index, now)
                return True
        return False

    def _hand_on_unasked(self, now: float) -> None:
        """Send the token to anybody of ours, because this process leaves."""
        alive = self.peers.alive(now)
        if alive:
            self._send_token(min(alive, key=lambda index: (index < self.me, index)), now)

    def _send_token(self, recipient: int, now: float) -> None:
        if self._taken == self.newest.age:  # it was not used, and must not leave as it has come
            if self.rn[self.me] == self.newest.ln[self.me]:
                self._count_request()
            self._serve_own(self.newest.state)
        line = [index for index in self._line() if index != recipient]
        self.newest = replace(self.newest, queue=tuple(line))
        token = Token(recipient, self.newest)
        self.holds = False
        self._last_sent = self.newest.age
        self._sent = _Sent(token, now) if self.peers[recipient].ours else None
        self.recovery.claimed(recipient, now)
        self.do(Send(frame_of_token(token)))

    # -- copies: what is known of the newest token

    def learn(self, body: Body, of_other_make: bool = False) -> bool:
        """Take over a body unless a newer one is known, or promised; return whether it was."""
        if body.age < self.newest.age or (self.holds and body.age == self.newest.age):
            return False
        if not of_other_make and not self.recovery.believes(body):
            return False
        self.believe(body)
        return True

    def believe(self, body: Body) -> None:
        """Take over a body as the newest one."""
        if self.holds and body.age > self.newest.age:
            self.supersede()
        self.newest = body
        self.rn = list(map(max, self.rn, body.ln))
        for index in body.queue:  # its request has reached somebody, if not us
            self.rn[index] = max(self.rn[index], min(body.ln[index] + 1, LARGEST))
        if self._sent is not None and body.age > self._sent.token.body.age:
            self._sent = None
        for ticket in self._commits.lost(body.ln[self.me]):
            self.do(Done(ticket, lost=True))
        if self._asked is not None and body.ln[self.me] >= self.rn[self.me]:
            self._asked = None  # our request is struck out: the next one will be new

    def begin(self, body: Body) -> None:
        """Have the token, in a new epoch."""
        self.newest = body
        self.rn = list(map(max, self.rn, body.ln))
        self.holds = True
        self._asked = self._sent = None

    def supersede(self) -> None:
        """Give up the token: there is a newer one."""
        self.holds = False
        if self._inside is not None:
            self._inside.superseded = True
        text = "the token here is out of date: the others took this process for dead"
        self.do(Note(text, warning=True))

    def _is_ours(self, index: int | None) -> bool:
        return index is not None and self.peers[index].ours

    def _acknowledge(self, sender: int | None) -> None:
        """Tell a sender of ours how much of its work is safe here."""
        if sender is not None and self._is_ours(sender):
            self.publish(Ack(self.me, self.newest.ln[sender], self._taken), sender)

    def _on_copy(self, copy: Copy, now: float, sender: int | None) -> None:
        is_newer = copy.body.age > self.newest.age  # if not, it may have been sent on since
        if self.learn(copy.body) and copy.holds and is_newer:
            self.recovery.claimed(copy.sender, now)
        self._acknowledge(copy.sender)

    def _on_ack(self, ack: Ack, now: float, sender: int | None) -> None:
        self._commits.acknowledged(ack.sender, ack.number)
        sent = self._sent
        if sent and sent.token.recipient == ack.sender and ack.taken >= sent.token.body.age:
            self._sent = None
        self._settle()

    def _settle(self) -> None:
        """Report the executions of which a majority of the members has a copy."""
        for ticket in self._commits.safe(self.peers.members()):
            self.do(Done(ticket))

    # -- who is there

    def _on_hello(self, hello: Hello, now: float, sender: int | None) -> None:
        self._alive(hello.sender, hello.incarnation, now)
        self.publish(self._own_beat(), hello.sender)

    def _on_beat(self, beat: Beat, now: float, sender: int | None) -> None:
        self._alive(beat.sender, beat.incarnation, now)
        if not self.ready and beat.seen:
            self.holds = False  # this process is not in its first life
        pending = self.recovery.pending
        if beat.age > self.newest.age:
            if self.holds:
                self.supersede()
            self.publish(Ask(self.me), beat.sender)
        elif beat.holds and beat.age == self.newest.age and not (self.holds or pending):
            self.recovery.claimed(beat.sender, now)
        if beat.seen:
            self.recovery.heard_of_token(now)

    def _on_ask(self, ask: Ask, now: float, sender: int | None) -> None:
        self.publish(Copy(self.me, self.holds and self.ready, self.newest), ask.sender)

    def _on_goodbye(self, goodbye: Goodbye, now: float, sender: int | None) -> None:
        self.peers.left(goodbye.sender)
        if not goodbye.holds:
            self.recovery.handed_on(goodbye.sender, now)
        self._end_of(goodbye.sender, now)

    def _alive(self, index: int, incarnation: int, now: float) -> None:
        is_new = not self.peers[index].ours
        if self.peers.lives(index, incarnation):
            self._end_of(index, now)
        if is_new and self.holds and self.ready:
            self.publish(Copy(self.me, True, self.newest), index)

    def _end_of(self, index: int, now: float) -> None:
        """A process, or an earlier life of it, has ended."""
        self.do(Note(f"process {index} is gone"))
        self._commits.forget(index)
        if self._sent is not None and self._sent.token.recipient == index:
            self._sent = None
        if not self.holds:
            self.recovery.ended(index, now)
        self._settle()
        self.serve(now)

    def _own_beat(self) -> Beat:
        holds = self.holds and self.ready
        seen = holds or self.recovery.knows_token
        return Beat(self.me, self._incarnation, self.newest.age, holds, seen)

    def _beat(self, now: float) -> None:
        timing = self.timing
        if self.ready:
            self.publish(self._own_beat())
            self._beat_at = now + timing.beat
        else:
            self.publish(Hello(self.me, self._incarnation))
            self._beat_at = now + min(timing.beat, timing.repeat)

    def _repeat(self, now: float) -> None:
        """Send again what was not answered in time."""
        late = now - self.timing.repeat
        if self._asked is not None and self._asked <= late:
            self._ask(now)
        if self._sent is not None and self._sent.at <= late:
            self._sent.at = now
            self.do(Send(frame_of_token(self._sent.token)))
        if self._commits.since <= late:
            self._commits.repeated(now)
            self.publish(Copy(self.me, self.holds, self.newest))

    # -- what comes out

    def publish(self, control: Control, to: int | None = None) -> None:
        """Send a frame of ours, to one or to all."""
        self.do(Send(frame_of_control(control, to), to))

    def do(self, action: Action) -> None:
        """Add something that is to be done."""
        self._actions.append(action)


def _sender(frame: Frame, sender: int | None, me: int) -> int | None:
    """Return who has sent a frame; raise `Malformed` where it says something impossible."""
    said = None if isinstance(frame, Token) else frame.sender
    if said == me:
        raise Malformed("it says that it comes from this process")
    if said is not None and sender is not None and said != sender:
        raise Malformed(f"it says that it comes from process {said}, and comes from {sender}")
    return said if sender is None else sender


_Handler = Callable[[Protocol, Any, float, "int | None"], None]
_HANDLERS: dict[type[Frame], _Handler] = {
    Request: Protocol._on_request,
    Token: Protocol._on_token,
    Hello: Protocol._on_hello,
    Beat: Protocol._on_beat,
    Copy: Protocol._on_copy,
    Ack: Protocol._on_ack,
    Ask: Protocol._on_ask,
    Goodbye: Protocol._on_goodbye,
    Census: lambda one, frame, now, sender: one.recovery.on_census(frame, now),
    Answer: lambda one, frame, now, sender: one.recovery.on_answer(frame, now),
    Grant: lambda one, frame, now, sender: one.recovery.on_grant(frame, now),
}
