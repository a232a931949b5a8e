"""Stable storage of a device that is a process: what its class declares as `stable`, as bytes.

The supervisor of the run keeps it, because nothing else survives a process that is killed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulators.hostile.lives import stable_names, unfit_for_storage
from emulators.transports.codec import Codec, Unfit


class Storage:
    """Hands on the stable attributes of a device through `keep`, whenever they have changed."""

    def __init__(self, codec: Codec, keep: Callable[[bytes], object]) -> None:
        self._codec = codec
        self._keep = keep
        self._kept = b""
        self._unfit: set[str] = set()

    def look(self, device: Any) -> None:
        """Hand on what has changed; raises `StudentError`, once, for what cannot be kept."""
        values, problem = {}, None
        for name in stable_names(device):
            try:
                values[name] = self._codec.packed(getattr(device, name))
            except Unfit:
                if name not in self._unfit:
                    self._unfit.add(name)
                    problem = unfit_for_storage(device, name)
        if values:
            kept = self._codec.packed(values)
            if kept != self._kept:
                self._kept = kept
                self._keep(kept)
        if problem is not None:
            raise problem


def restore(device: Any, codec: Codec, kept: bytes) -> None:
    """Give a device what the life before it has kept."""
    if kept:
        for name, value in codec.unpacked(kept).items():
            setattr(device, name, codec.unpacked(value))
