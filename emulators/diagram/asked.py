"""What a picture asks of devices, messages and events, whoever keeps them."""

from __future__ import annotations

from typing import Protocol


class DeviceLike(Protocol):
    """A device as it is shown."""

    @property
    def index(self) -> int:
        """Its number."""

    @property
    def text(self) -> str:
        """What stands beside it."""

    @property
    def color(self) -> str:
        """A colour of its own, or nothing."""

    @property
    def shape(self) -> str:
        """The name of its shape."""

    @property
    def ended(self) -> bool:
        """Whether its program has returned."""

    @property
    def crashed(self) -> bool:
        """Whether it has crashed."""

    @property
    def inside(self) -> bool:
        """Whether it is in the critical section."""


class MessageLike(Protocol):
    """A message in transit."""

    @property
    def serial(self) -> int:
        """Its number."""

    @property
    def source(self) -> int:
        """The device that sent it."""

    @property
    def destination(self) -> int:
        """The device that it goes to."""

    @property
    def text(self) -> str:
        """Its content."""

    @property
    def ready(self) -> bool:
        """Whether it could be received now."""


class RowLike(Protocol):
    """An event of a run; its place in the list is its row."""

    @property
    def kind(self) -> str:
        """One of the kinds of events."""

    @property
    def time(self) -> int:
        """When it happened, in ticks."""

    @property
    def device(self) -> int | None:
        """Where it happened, if at a device."""

    @property
    def message(self) -> int:
        """The number of the message it is about, or 0."""

    @property
    def source(self) -> int | None:
        """The sender of that message."""

    @property
    def destination(self) -> int | None:
        """The receiver of that message."""

    @property
    def type(self) -> str:
        """The class of that message."""

    @property
    def text(self) -> str:
        """Its content, or what else the event tells."""
