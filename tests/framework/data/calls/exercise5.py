import threading
import random
import time

from emulators.Medium import Medium
from emulators.Device import Device
from emulators.MessageStub import MessageStub


class MulticastMessage(MessageStub):
    def __init__(self, sender: int, destination: int, content):
        super().__init__(sender, destination)
        self._content = content

    def content(self):
        return self._content

    def __str__(self):
        return f"Multicast {self.source} -> {self.destination} [{self._content}]"


class MulticastListener:
    def deliver(self, content):
        raise NotImplementedError

    def forward(self, message):
        raise NotImplementedError


class Multicaster(MulticastListener):
    """application on top, speaks from a thread"""

    def __init__(self, index, multicast):
        self._index = index
        self._multicast = multicast
        self._mid = 0
        self.heard = []
        self._thread = threading.Thread(target=self.run)
        self._thread.daemon = True
        self._thread.start()

    def run(self):
        while self._mid < 3:
            time.sleep(random.uniform(0, 0.5))
            self._multicast.send((self._index, self._mid))
            self._mid += 1

    def deliver(self, content):
        self.heard.append(content)

    def forward(self, message):
        pass


class BasicMulticast(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium)
        if application is not None:
            self._application = application
        else:
            self._application = Multicaster(index, self)
        self._outbox = []

    def run(self):
        while True:
            for ingoing in self.medium().receive_all():
                self._application.deliver(ingoing.content())
                self._application.forward(ingoing)
            while len(self._outbox) > 0:
                self.send_to_all(self._outbox.pop(0))
            self.medium().wait_for_next_round()

    def send_to_all(self, content):
        message = MulticastMessage(self.index, self.index, content)
        for id in self.medium().ids():
            # the very same message again and again
            message.destination = id
            self.medium().send(message)
        message._content = "spoiled"

    def send(self, content):
        self._outbox.append(content)


class ReliableMulticast(MulticastListener, Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium, application=None):
        super().__init__(index, number_of_devices, medium)
        self._application = application if application is not None else Multicaster(index, self)
        # an inner device with our index and our medium
        self._b_multicast = BasicMulticast(index, number_of_devices, medium, self)
        self._seq_number = 0
        self._received = set()

    def send(self, content):
        self._b_multicast.send((self.index(), self._seq_number, content))
        self._seq_number += 1

    def deliver(self, message):
        (origin, number, content) = message
        if (origin, number) not in self._received:
            if origin is not self.index():
                self._b_multicast.send(message)
            self._received.add((origin, number))
            self._application.deliver(content)

    def run(self):
        self._b_multicast.run()

    def forward(self, message):
        self._application.forward(message)
