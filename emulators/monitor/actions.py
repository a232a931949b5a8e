"""What a protocol wants done by whoever runs it: frames to send, tickets to let in, notes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Ticket:
    """Somebody in this process waits to execute a task.

    `vain` is the state with which its predicate was false, and `vain_since` when that was.
    """

    vain: bytes | None = None
    vain_since: float = 0.0
    superseded: bool = field(default=False, repr=False)


@dataclass(frozen=True)
class Send:
    """Publish a frame; `to` is the one process that it is for, or None."""

    frame: bytes
    to: int | None = None


@dataclass(frozen=True)
class Enter:
    """The ticket's turn has come: the token is here, and this is the state."""

    ticket: Ticket
    state: bytes


@dataclass(frozen=True)
class Done:
    """What the ticket did is safe with the others; or `lost`, and must not count as done."""

    ticket: Ticket
    lost: bool = False


@dataclass(frozen=True)
class Note:
    """Something that a log should have. `warning`: it should not have happened."""

    text: str
    warning: bool = False


Action = Send | Enter | Done | Note
