"""Lecture 5: multicast.

One device sends a content, every device of the group delivers it, the sender too. The classes
differ in what they promise about the deliveries:

    BasicMulticast         nothing: what arrives is delivered, in the order in which it arrives
    ReliableMulticast      all or none: what one working device delivers, all of them deliver
    IPMulticast            not even that: some devices miss the message
    ReliableIPMulticast    reliable over IPMulticast: who misses a message asks for it; FIFO as well
    TOSEQMulticast         total order (all deliver in the same order), made by a sequencer
    ISISMulticast          total order, made by a vote
    COMulticast            causal order: a reply is delivered after what it replies to
    FifoGroupMulticast     FIFO order (each sender's contents as it sent them) in each of two groups

How they are stacked. Contents go down by `send` and up by `deliver`. A message of a kind that a
multicast does not know goes up by `forward`: so NACK, Resend and Vote get where they belong.

    Multicaster            the application: sends at random times, writes down what it is given
        |  send(content)                  ^  deliver(content), forward(message)
    TOSEQMulticast, ...    a device: numbers, holds back, delivers in the right order
        |  send(content)                  ^  deliver(content), forward(message)
    BasicMulticast         an inner device with the same index and medium: a message for each device
        |  medium.send(message)           ^  medium.receive_all()

Receive and deliver are two events: a message is received when it arrives, its content is delivered
when the application is given it. In between it is held back.

Message types: MulticastMessage carries a content. NACK asks for a missing message, Resend brings
it. Vote proposes a place in the order. Order is not a message but a content: it gives a place.

Sources: [CDK] = Coulouris, Dollimore, Kindberg, Blair: Distributed Systems, 5th ed., section 15.4.
Sequencer: Kaashoek et al. 1989. ISIS: Birman and Joseph 1987. Causal order: Birman, Schiper and
Stephenson 1991.

Given: all of the table above, but ISISMulticast only as long as no two messages tie. To do:
    FifoTOSEQMulticast     make the total order a FIFO order too
    FifoOverlapMulticast   bonus: keep FIFO order between two groups that overlap
    ISISMulticast          bonus: ties

Run it (the applications never stop, so a run ends at its limit):
    python3 exercise_runner.py --lecture 5 --algorithm TOSEQMulticast --type async --devices 4
"""

import random
import threading
import time
from collections import Counter

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.todo import todo

# --- the interface between an application and a multicast ---------------------------------------


class MulticastMessage(MessageStub):
    """Carries a content, which the multicast does not look into."""

    def __init__(self, sender: int, destination: int, content):
        super().__init__(sender, destination)
        self._content = content

    def content(self):
        return self._content

    def __str__(self):
        return f"MulticastMessage {self.source} -> {self.destination}: {self._content}"


class MulticastListener:
    """What stands above a multicast: an application, or another multicast."""

    def deliver(self, content) -> None:
        """The multicast hands up a content."""
        raise NotImplementedError

    def forward(self, message) -> None:
        """The multicast hands up a message of a kind that it does not know."""
        raise NotImplementedError

    def summary(self) -> str:
        """What print_result says about this listener."""
        return type(self).__name__


class MulticastService:
    """What stands below an application: a multicast."""

    def send(self, content) -> None:
        """Give this content to every device of the group."""
        raise NotImplementedError


class Multicaster(MulticastListener):
    """The application: a thread that sends at random times. "2#1" is the first content of device 2.

    `history` lists what happened here: ("send", content) and ("deliver", content).
    """

    CONTENTS = 0  # how many contents each device sends; 0: it never stops
    PAUSE = 0.5  # how long it waits before each of them, on average, in virtual seconds

    def __init__(self, index, multicast: MulticastService):
        self._index = index
        self._multicast = multicast
        self._mid = 0
        self.history = []
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()

    def run(self) -> None:
        while self.CONTENTS == 0 or self._mid < self.CONTENTS:
            time.sleep(random.uniform(0, 2 * self.PAUSE))
            self._mid += 1
            content = f"{self._index}#{self._mid}"
            self.note("send", content)
            self._multicast.send(content)

    def deliver(self, content) -> None:
        self.note("deliver", content)

    def note(self, event: str, content) -> None:
        self.history.append((event, content))
        self._multicast.medium.log(f"{event} {content}")

    def forward(self, message) -> None:
        """No kind of message is left that the application would know."""

    def delivered(self) -> list[str]:
        return [content for event, content in self.history if event == "deliver"]

    def overtaken(self) -> int:
        """How many contents came after a later one of their sender. In FIFO order: none."""
        newest = {}
        overtaken = 0
        for content in self.delivered():
            sender, number = map(int, content.split("#"))
            overtaken += number < newest.get(sender, 0)
            newest[sender] = max(number, newest.get(sender, 0))
        return overtaken

    def summary(self) -> str:
        delivered = self.delivered()
        first = " ".join(delivered[:12]) + (" ..." if len(delivered) > 12 else "")
        return (
            f"sent {self._mid}, delivered {len(delivered)}, overtaken {self.overtaken()}: {first}"
        )


# --- basic multicast ----------------------------------------------------------------------------


class BasicMulticast(Device, MulticastService):
    """Sends one message to each device, itself included, and delivers what arrives.

    Validity and integrity hold ([CDK] 15.4.1): every device delivers each content once, as long as
    no message is lost and the sender does not crash half way.
    """

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: MulticastListener | None = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._outbox = []
        self._application = Multicaster(index, self) if application is None else application

    def run(self) -> None:
        while True:
            for ingoing in self.medium.receive_all():
                self.handle_ingoing(ingoing)
            while self._outbox:
                self.send_to_all(self._outbox.pop(0))
            self.medium.wait_for_next_round()

    def handle_ingoing(self, ingoing: MessageStub) -> None:
        if isinstance(ingoing, MulticastMessage):
            self._application.deliver(ingoing.content())
        else:
            self._application.forward(ingoing)

    def send_to_all(self, content) -> None:
        for device in self.medium.ids:
            self.medium.send(MulticastMessage(self.index, device, content))

    def send(self, message) -> None:
        """May be called at any time, also by a thread: `run` sends when its turn comes."""
        self._outbox.append(message)

    def print_result(self) -> None:
        print(f"Device {self.index}: {self._application.summary()}")


class LayeredMulticast(MulticastListener, MulticastService, Device):
    """What the multicasts below share: an application above them, a basic multicast under them."""

    def __init__(
        self,
        index: int,
        number_of_devices: int,
        medium: Medium,
        application: MulticastListener | None = None,
    ):
        super().__init__(index, number_of_devices, medium)
        self._b_multicast = BasicMulticast(index, number_of_devices, medium, application=self)
        self._application = Multicaster(index, self) if application is None else application

    def run(self) -> None:
        self._b_multicast.run()

    def forward(self, message) -> None:
        self._application.forward(message)

    def print_result(self) -> None:
        print(f"Device {self.index}: {self._application.summary()}")


# --- reliable multicast -------------------------------------------------------------------------


class ReliableMulticast(LayeredMulticast):
    """Reliable multicast by relaying: n messages from each of n devices for one content.

    [CDK] figure 15.9:
        to send m:                         B-multicast m (it carries its sender and number)
        B-deliver m for the first time:    if I am not its sender, B-multicast m; then deliver m
        B-deliver m again:                 nothing

    Whoever delivers has relayed before: so all working devices deliver it, even if the sender
    crashed before its message had gone to all.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._seq_number = 0
        self._received = set()

    def send(self, content) -> None:
        self._seq_number += 1
        self._b_multicast.send(((self.index, self._seq_number), content))

    def deliver(self, message) -> None:
        message_id, content = message
        if message_id in self._received:
            return
        self._received.add(message_id)
        sender, _ = message_id
        if sender != self.index:
            self._b_multicast.send_to_all(message)
        self._application.deliver(content)


class NACK(MessageStub):
    """Negative acknowledgement: "your message with this number did not reach me"."""

    def __init__(self, sender: int, destination: int, seq_number: int):
        super().__init__(sender, destination)
        self._seq_number = seq_number

    def seq_number(self):
        return self._seq_number

    def __str__(self):
        return f"NACK {self.source} -> {self.destination}: number {self._seq_number} is missing"


class Resend(MessageStub):
    """The answer to a NACK: the whole message once more."""

    def __init__(self, sender: int, destination: int, message):
        super().__init__(sender, destination)
        self._message = message

    def message(self):
        return self._message

    def __str__(self):
        return f"Resend {self.source} -> {self.destination}: {self._message}"


class IPMulticast(BasicMulticast):
    """Stands for IP multicast, which loses messages: some devices receive one, others do not."""

    LOSS = 0.1  # the probability that a device does not get its copy

    def send_to_all(self, content) -> None:
        for device in self.medium.ids:
            if random.random() < self.LOSS:
                self.medium.log(f"the copy for device {device} gets lost: {content}")
            else:
                self.medium.send(MulticastMessage(self.index, device, content))


class ReliableIPMulticast(LayeredMulticast):
    """Reliable multicast over IP multicast: nobody relays, who misses a message asks for it.

    [CDK] 15.4.2: every message carries its number, and for each other device the number that its
    sender has delivered from that device. A message is delivered when its number is the next one of
    its sender. Any number in a message that is larger than what I have received shows me that
    something is missing: I send a NACK to its sender, who answers with Resend.

    Two limits: somebody must go on sending, or nobody notices that the last message is lost; and a
    sender that has crashed cannot send again.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._b_multicast = IPMulticast(index, number_of_devices, medium, application=self)
        self._sent = 0
        self._seq_numbers = [0] * number_of_devices  # how many were delivered from each device
        self._received = {}  # (sender, number) -> message; kept, because it may be asked for
        self._missed = Counter()  # (sender, number) -> how often it was found missing

    def send(self, content) -> None:
        self._sent += 1
        n_seq = list(self._seq_numbers)
        n_seq[self.index] = self._sent
        message = (self.index, n_seq, content)
        self._received[self.index, self._sent] = message
        self._b_multicast.send(message)

    def deliver(self, message) -> None:
        sender, n_seq, _ = message
        self._received[sender, n_seq[sender]] = message
        self.try_deliver()
        self.nack_missing(n_seq)

    def try_deliver(self) -> None:
        for sender in range(self.number_of_devices):
            while (sender, self._seq_numbers[sender] + 1) in self._received:
                self._seq_numbers[sender] += 1
                _, _, content = self._received[sender, self._seq_numbers[sender]]
                self._application.deliver(content)

    def nack_missing(self, n_seq: list[int]) -> None:
        for sender, newest in enumerate(n_seq):
            for number in range(self._seq_numbers[sender] + 1, newest + 1):
                if (sender, number) not in self._received:
                    self.nack(sender, number)

    def nack(self, sender: int, number: int) -> None:
        """Ask at once, later only each n-th time: a message that is late may still come."""
        if self._missed[sender, number] % self.number_of_devices == 0:
            self.medium.send(NACK(self.index, sender, number))
        self._missed[sender, number] += 1

    def forward(self, message) -> None:
        if isinstance(message, NACK):
            wanted = self._received[self.index, message.seq_number()]
            self.medium.send(Resend(self.index, message.source, wanted))
        elif isinstance(message, Resend):
            self.deliver(message.message())
        else:
            super().forward(message)


# --- total order --------------------------------------------------------------------------------


class Order:
    """A content that says: the message with this id has this place in the order."""

    def __init__(self, message_id: (int, int), order: int):
        self._message_id = message_id
        self._order = order

    def order(self):
        return self._order

    def message_id(self):
        return self._message_id

    def __repr__(self):
        return f"Order({self._message_id} is number {self._order})"


class TOSEQMulticast(LayeredMulticast):
    """Total order by a sequencer: device 0 numbers all messages.

    [CDK] figure 15.13:
        to send m:                         B-multicast m (it carries its sender and number)
        sequencer, B-deliver m:            B-multicast Order(m, s), s = s + 1
        all, B-deliver m or an Order:      hold it back; deliver the message with the number that is
                                           next here, as soon as both it and its Order have arrived

    A total order, but not a FIFO order: the sequencer numbers in the order of arrival.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._l_seq = 0  # local number: how many messages I have sent
        self._g_seq = 0  # global number: which message is to be delivered next
        self._s_seq = 0  # at the sequencer: which number is to be given next
        self._order = {}  # global number -> message id
        self._received = {}  # message id -> content

    def send(self, content) -> None:
        self._l_seq += 1
        self._b_multicast.send(((self.index, self._l_seq), content))

    def deliver(self, message) -> None:
        if isinstance(message, Order):
            self._order[message.order()] = message.message_id()
        else:
            message_id, content = message
            self._received[message_id] = content
            if self.index == 0:
                self.give_order(message_id)
        self.try_deliver()

    def give_order(self, message_id: (int, int)) -> None:
        """Only at the sequencer: this message gets the next number."""
        self._b_multicast.send(Order(message_id, self._s_seq))
        self._s_seq += 1

    def try_deliver(self) -> None:
        while self._g_seq in self._order and self._order[self._g_seq] in self._received:
            content = self._received.pop(self._order.pop(self._g_seq))
            self._g_seq += 1
            self._application.deliver(content)


class FifoTOSEQMulticast(TOSEQMulticast):
    """Total order that is a FIFO order too."""

    def give_order(self, message_id: (int, int)) -> None:
        # TODO: contents of one sender shall be delivered in the order in which it sent them.
        #       This is one of several places where you can see to it.
        todo("total order that is FIFO order too")
        super().give_order(message_id)


class Vote(MessageStub):
    """A proposal: the message with this id could have this place. `order` is (number, proposer)."""

    def __init__(self, sender: int, destination: int, order: (int, int), message_id: (int, int)):
        super().__init__(sender, destination)
        self._order = order
        self._message_id = message_id

    def order(self):
        return self._order

    def message_id(self):
        return self._message_id

    def __str__(self):
        return (
            f"Vote {self.source} -> {self.destination}: "
            f"{self._message_id} as number {self._order[0]}"
        )


class ISISMulticast(LayeredMulticast):
    """Total order by a vote of all devices, without a sequencer.

    [CDK] figure 15.14; A is the largest number agreed so far, P the largest that I have proposed:
        to send m:                      B-multicast m (it carries its sender and number)
        B-deliver m:                    P = max(A, P) + 1; hold m back under P; send P to m's sender
        votes for m from all devices:   B-multicast Order(m, the largest of them)
        B-deliver Order(m, a):          A = max(A, a); m is now held back under a, and agreed
        the smallest held back message: deliver it if it is agreed; otherwise wait

    The agreed number is never smaller than a proposed one, so nothing can come in before an agreed
    message that is the smallest. No Order overtakes its message: my vote is needed for it.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._l_seq = 0  # local number: how many messages I have sent
        self._g_seq = 0  # global number: how many messages were delivered here
        self._a_seq = 0  # A of the rules
        self._p_seq = 0  # P of the rules
        self._hb_q = {}  # held back: message id -> content
        self._order = {}  # message id -> the number under which it is held back
        self._agreed = set()  # ids of the held back messages whose number is agreed
        self._votes = {}  # id of a message of mine -> the votes for it

    def send(self, content) -> None:
        self._l_seq += 1
        self._b_multicast.send(((self.index, self._l_seq), content))

    def deliver(self, message) -> None:
        if isinstance(message, Order):
            self.agree(message.message_id(), message.order())
        else:
            message_id, content = message
            self.propose(message_id, content)

    def propose(self, message_id: (int, int), content) -> None:
        self._p_seq = max(self._a_seq, self._p_seq) + 1
        self._hb_q[message_id] = content
        self._order[message_id] = self._p_seq
        sender, _ = message_id
        self.medium.send(Vote(self.index, sender, (self._p_seq, self.index), message_id))

    def forward(self, message) -> None:
        if not isinstance(message, Vote):
            super().forward(message)
            return
        votes = self._votes.setdefault(message.message_id(), [])
        votes.append(message.order())
        if len(votes) == self.number_of_devices:
            self._b_multicast.send(self.count_votes(message.message_id()))

    def count_votes(self, message_id: (int, int)) -> Order:
        number, _ = max(self._votes.pop(message_id))
        return Order(message_id, number)

    def agree(self, message_id: (int, int), order: int) -> None:
        # TODO: two messages can get the same number, and then each device delivers first what it
        #       received first. How, and when, do you notice a tie? How do you break it?
        todo("ISIS: what if two messages get the same number?")
        self._a_seq = max(self._a_seq, order)
        self._order[message_id] = order
        self._agreed.add(message_id)
        self.try_deliver()

    def try_deliver(self) -> None:
        while self._hb_q:
            smallest = min(self._hb_q, key=lambda message_id: self._order[message_id])
            if smallest not in self._agreed:
                return
            self._agreed.remove(smallest)
            del self._order[smallest]
            self._g_seq += 1
            self._application.deliver(self._hb_q.pop(smallest))


# --- causal order -------------------------------------------------------------------------------


class COMulticast(LayeredMulticast):
    """Causal order by vector timestamps that count deliveries.

    [CDK] figure 15.15; V[k] is the number of contents delivered here from device k:
        to send m:         B-multicast m with V, where my own entry counts what I have sent
        B-deliver (W, m):  hold it back. From sender j it is next when W[j] = V[j] + 1 (nothing of
                           its sender is missing) and W[k] <= V[k] for all others (nothing that its
                           sender had delivered is missing). Then deliver it, V[j] = V[j] + 1

    One difference: in the book a device delivers its own content when it sends it; here it treats
    its own like everybody's, when it arrives.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        self._l_seq = 0  # local number: how many messages I have sent
        self._n_vect = [0] * number_of_devices  # V of the rules
        self._hb_q = []

    def send(self, content) -> None:
        self._l_seq += 1
        vec = list(self._n_vect)
        vec[self.index] = self._l_seq
        self._b_multicast.send((self.index, vec, content))

    def deliver(self, message) -> None:
        self._hb_q.append(message)
        self.try_deliver()

    def try_deliver(self) -> None:
        while (message := self.next_message()) is not None:
            sender, _, content = message
            self._hb_q.remove(message)
            self._n_vect[sender] += 1
            self._application.deliver(content)

    def next_message(self):
        """A held back message that may be delivered now, or None."""
        ready = (message for message in self._hb_q if self.is_next(message[1], message[0]))
        return next(ready, None)

    def is_next(self, vec, index):
        """Is a message with timestamp vec from device index the next one to be delivered?"""
        others = (device for device in range(self.number_of_devices) if device != index)
        return vec[index] == self._n_vect[index] + 1 and all(
            vec[device] <= self._n_vect[device] for device in others
        )


# --- groups that overlap ------------------------------------------------------------------------


class FifoGroupMulticast(BasicMulticast):
    """Two groups, each of two thirds of the devices; the middle third belongs to both.

    FIFO order inside each group ([CDK] 15.4.3): a message carries its group and how many messages
    its sender has sent to that group; it is delivered when that is the next number. Between the two
    groups there is no order at all.
    """

    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium, application)
        devices = sorted(medium.ids)
        size = (2 * number_of_devices + 2) // 3
        self._groups = {"low": devices[:size], "high": devices[-size:]}
        self._sent = {"low": 0, "high": 0}
        self._delivered = Counter()  # (sender, group) -> how many were delivered
        self._hb_q = []

    def my_groups(self) -> list[str]:
        return [group for group, members in self._groups.items() if self.index in members]

    def send(self, content) -> None:
        """To one of my groups, drawn at random."""
        group = random.choice(self.my_groups())
        self._sent[group] += 1
        self._outbox.append((group, self.stamp(group), content))

    def send_to_all(self, content) -> None:
        group, _, _ = content
        for device in self._groups[group]:
            self.medium.send(MulticastMessage(self.index, device, content))

    def handle_ingoing(self, ingoing: MessageStub) -> None:
        if isinstance(ingoing, MulticastMessage):
            self._hb_q.append((ingoing.source, *ingoing.content()))
            self.try_deliver()
        else:
            self._application.forward(ingoing)

    def try_deliver(self) -> None:
        while (message := self.next_message()) is not None:
            sender, group, _, content = message
            self._hb_q.remove(message)
            self._delivered[sender, group] += 1
            self._application.deliver(content)

    def next_message(self):
        """A held back message that may be delivered now, or None."""
        ready = (message for message in self._hb_q if self.is_next(*message[:3]))
        return next(ready, None)

    def stamp(self, group: str) -> dict[str, int]:
        """What a message to this group carries."""
        return {group: self._sent[group]}

    def is_next(self, sender: int, group: str, stamp: dict[str, int]) -> bool:
        return stamp[group] == self._delivered[sender, group] + 1


class FifoOverlapMulticast(FifoGroupMulticast):
    """FIFO order for each sender, whichever groups it sends to."""

    def is_next(self, sender: int, group: str, stamp: dict[str, int]) -> bool:
        # TODO: a device in both groups may get the sender's second content before the first, if
        #       they went to different groups. What must a message carry? When is it the next one?
        todo("FIFO order between groups that overlap")
        return super().is_next(sender, group, stamp)
