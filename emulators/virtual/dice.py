"""``random``, ``secrets`` and ``uuid``, drawn through the choices of the run.

``random.seed(42)`` is honoured: from then on that module draws from a generator of its own, which
is as deterministic as a run. ``random.Random(42)`` is the real thing.
"""

from __future__ import annotations

import random as real_random
import secrets as real_secrets
import uuid as real_uuid
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeVar

from emulators.kernel.choices import Choices
from emulators.kernel.tasks import running
from emulators.virtual.overlay import overlay

_Item = TypeVar("_Item")
_MOST_ALTERNATIVES = 1 << 50
"""Above this many alternatives the bits are drawn one word at a time."""


class Dice(real_random.Random):
    """A generator whose every draw is a decision of the run."""

    def __init__(self, seed: Any = None) -> None:
        self._own: real_random.Random | None = None
        super().__init__()
        self._own = None if seed is None else real_random.Random(seed)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Draw from a generator with this seed from now on; with None, from the run again."""
        self.gauss_next = None
        self._own = None if a is None else real_random.Random(a)

    def _source(self) -> Choices | real_random.Random:
        if self._own is not None:
            return self._own
        scheduler = running()
        return _real if scheduler is None else scheduler.choices

    def random(self) -> float:
        """Return a number from 0.0 up to, not including, 1.0."""
        return self._source().random()

    def getrandbits(self, k: int) -> int:
        """Return a whole number of `k` random bits."""
        source = self._source()
        return source.getrandbits(k) if isinstance(source, real_random.Random) else source.bits(k)

    def _randbelow(self, n: int) -> int:
        if n <= 1:
            return 0
        source = self._source()
        if isinstance(source, real_random.Random):
            return source.randrange(n)
        return source.below(n) if n < _MOST_ALTERNATIVES else self._wide(n)

    def _wide(self, n: int) -> int:
        bits = n.bit_length()
        while (value := self.getrandbits(bits)) >= n:
            pass
        return value

    def getstate(self) -> Any:
        """Return nothing: the state belongs to the run."""
        return self._own.getstate() if self._own else ()

    def setstate(self, state: Any) -> None:
        """Go back to a state of a generator with a seed of its own."""
        if self._own and state:
            self._own.setstate(state)


_real = real_random.Random()


class Random(real_random.Random):
    """``random.Random``; without a seed, seeded by the run."""

    def __init__(self, x: Any = None) -> None:
        super().__init__(Dice().getrandbits(64) if x is None else x)


def random_module() -> ModuleType:
    """Return the stand-in for ``random``."""
    dice = Dice()
    names: dict[str, Any] = {
        name: getattr(dice, name) for name in real_random.__all__ if hasattr(dice, name)
    }
    return overlay(real_random, {**names, "Random": Random, "SystemRandom": Dice, "_inst": dice})


def secrets_module() -> ModuleType:
    """Return the stand-in for ``secrets``."""
    dice = Dice()

    def token_bytes(nbytes: int | None = None) -> bytes:
        return dice.randbytes(32 if nbytes is None else nbytes)

    def token_hex(nbytes: int | None = None) -> str:
        return token_bytes(nbytes).hex()

    def choice(sequence: Sequence[_Item]) -> _Item:
        return dice.choice(sequence)

    return overlay(
        real_secrets,
        {
            "SystemRandom": Dice,
            "choice": choice,
            "randbelow": dice.randrange,
            "randbits": dice.getrandbits,
            "token_bytes": token_bytes,
            "token_hex": token_hex,
            "token_urlsafe": token_hex,
        },
    )


def uuid_module() -> ModuleType:
    """Return the stand-in for ``uuid``."""
    dice = Dice()

    def uuid4() -> real_uuid.UUID:
        return real_uuid.UUID(int=dice.getrandbits(128), version=4)

    def uuid1(node: int | None = None, clock_seq: int | None = None) -> real_uuid.UUID:
        return real_uuid.UUID(int=dice.getrandbits(128), version=1)

    return overlay(real_uuid, {"uuid4": uuid4, "uuid1": uuid1})
