"""What the pictures say in words: tooltips, captions, texts of menus."""

from __future__ import annotations

from emulators.gui.snapshot import DeviceView, EventRow, MessageInTransit


def device_text(view: DeviceView) -> str:
    """Return what is to be known of a device at a glance."""
    states = [
        word
        for word, holds in (
            ("crashed", view.crashed),
            ("ended", view.ended and not view.crashed),
            ("in the critical section", view.inside),
        )
        if holds
    ]
    lines = [", ".join([f"Device {view.index}", *states])]
    if view.text and view.text != str(view.index):
        lines.append(view.text)
    if view.place is not None:
        lines.append(f"at {view.place}")
    return "\n".join(lines)


def message_text(message: MessageInTransit) -> str:
    """Return what is to be known of a message in transit."""
    ready = "can be received now" if message.ready else "in flight"
    way = f"{message.source} → {message.destination}"
    return f"Message {message.serial}, {way}, {ready}\n{message.text}"


_VERBS = {"send": "sends", "receive": "receives", "undeliverable": "sends to nobody"}


def event_text(row: EventRow) -> str:
    """Return an event of a message in one line."""
    return f"{row.device} {_VERBS.get(row.kind, row.kind)} {row.text}"


def short(text: str, most: int = 60) -> str:
    """Return a text that is not too long for a menu."""
    return text if len(text) <= most else text[: most - 1] + "…"


def following(numbers: list[int], here: int, step: int) -> int | None:
    """Return the number after or before this one, in a circle; None where there are none."""
    if here in numbers:
        return numbers[(numbers.index(here) + step) % len(numbers)]
    return numbers[min(0, step)] if numbers else None
