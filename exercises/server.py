"""The servers of lecture 15: devices that answer requests. Given; read it when you want to know.

Rules
    1. A message to a server goes to its endpoint: the method that is marked with
       @endpoint(TypeOfMessage). A class that extends a server has its endpoints, too; a method of
       the same name takes the place of the old one and needs no mark.
    2. An endpoint runs in a thread of its own, so it may wait while the server goes on to serve
       others. It returns the answer, or None: then there is no answer.
    3. send_message(receiver, message, timeout) sends a request, and its wait() returns the answer,
       or None when there was none for `timeout` rounds. wait_any and wait_all wait for several,
       and wait_until for whatever you want.
    4. A method that is marked with @every(rounds) is called again and again.
    5. A request that comes twice (the network may double it) is handled once.

Threads take turns: one runs until it waits. So between two waits nobody changes your attributes.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from emulators.Device import Device
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub

ROUND = 0.1  # virtual seconds


class ServerMessage(MessageStub):
    """A message between servers. Sender, destination and number are filled in by send_message."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self.number = 0  # of this request at its sender
        self.answers = 0  # the number of the request that this message answers

    def __str__(self) -> str:
        hidden = ("_source", "_destination", "number", "answers")
        content = [f"{name} {value}" for name, value in vars(self).items() if name not in hidden]
        ends = f"{type(self).__name__} {self.source} -> {self.destination}"
        return f"{ends}: {', '.join(content)}" if content else ends


def endpoint(message_type: type) -> Callable:
    """Mark a method of a server: it handles messages of this type."""

    def mark(method: Callable) -> Callable:
        method.message_type = message_type
        return method

    return mark


def every(rounds: float) -> Callable:
    """Mark a method of a server: it is called again and again, with so many rounds between."""

    def mark(method: Callable) -> Callable:
        method.interval = rounds
        return method

    return mark


class Request:
    """A message that was sent. `answer` is None as long as there is none."""

    def __init__(self, server: "Server", timeout: float):
        self.server = server
        self.timeout = timeout
        self.answer: Any = None

    def wait(self) -> Any:
        """Wait for the answer and return it, or None after `timeout` rounds."""
        wait_all([self])
        return self.answer


def wait_any(requests: Iterable[Request], count: int = 1) -> list:
    """Wait until `count` requests are answered, or for the longest of their timeouts.

    Returns all answers that there are.
    """
    requests = list(requests)

    def answers() -> list:
        return [request.answer for request in requests if request.answer is not None]

    if requests:
        count = min(count, len(requests))
        longest = max(request.timeout for request in requests)
        requests[0].server.wait_until(lambda: len(answers()) >= count, longest)
    return answers()


def wait_all(requests: Iterable[Request]) -> list:
    """Wait until all requests are answered, or for the longest of their timeouts."""
    requests = list(requests)
    return wait_any(requests, len(requests))


class Server(Device):
    """A device with endpoints and timers."""

    _endpoints: ClassVar[dict[type, str]] = {}
    _timers: ClassVar[dict[str, float]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        marked = [(name, m) for base in reversed(cls.__mro__) for name, m in vars(base).items()]
        cls._endpoints = {m.message_type: name for name, m in marked if hasattr(m, "message_type")}
        cls._timers = {name: m.interval for name, m in marked if hasattr(m, "interval")}

    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.stopped = False
        self._changed = threading.Condition()  # is notified of every answer
        self._requests: dict[int, Request] = {}
        self._handled: set[tuple[int, int]] = set()

    def run(self) -> None:
        for name, rounds in self._timers.items():
            self.start(self._repeat, name, rounds)
        self.start(self.work)
        while not self.stopped:
            for message in self.medium.receive_all():
                self._receive(message)
            self.medium.wait_for_next_round()

    def work(self) -> None:
        """What this server does by itself."""

    def stop(self) -> None:
        """Let `run` end."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def start(self, method: Callable, *arguments: Any) -> None:
        """Call a method in a thread of its own."""
        threading.Thread(target=method, args=arguments, daemon=True).start()

    def pause(self, rounds: float) -> None:
        """Wait; this thread only."""
        self.wait_until(lambda: self.stopped, rounds)

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until a condition holds that an answer can make true, or for `timeout` rounds."""
        with self._changed:
            return self._changed.wait_for(condition, timeout * ROUND)

    def send_message(self, receiver: int, message: ServerMessage, timeout: float = 20) -> Request:
        """Send a request; `timeout` is how many rounds its `wait` will wait for the answer."""
        request = Request(self, timeout)
        message.number = len(self._requests) + 1
        self._requests[message.number] = request
        self._send(receiver, message, 0)
        return request

    # -- inside

    def _send(self, receiver: int, message: ServerMessage, answers: int) -> None:
        message.source, message.destination = self.index, receiver
        message.answers = answers
        self.medium.send(message)

    def _receive(self, message: ServerMessage) -> None:
        if message.answers:
            with self._changed:
                self._requests[message.answers].answer = message
                self._changed.notify_all()
        elif (message.source, message.number) not in self._handled:
            self._handled.add((message.source, message.number))
            self.start(self._handle, message)

    def _handle(self, message: ServerMessage) -> None:
        kinds = [kind for kind in type(message).__mro__ if kind in self._endpoints]
        if not kinds:
            raise TypeError(
                f"{type(self).__name__} has no endpoint for {type(message).__name__}: "
                f"mark the method that handles it with @endpoint({type(message).__name__})"
            )
        name = self._endpoints[kinds[0]]
        answer = getattr(self, name)(message)
        if answer is not None:
            if not isinstance(answer, ServerMessage):
                raise TypeError(f"{name} returned {answer!r}, which is no ServerMessage, nor None")
            self._send(message.source, answer, message.number)

    def _repeat(self, name: str, rounds: float) -> None:
        while not self.stopped:
            self.pause(rounds)
            getattr(self, name)()
