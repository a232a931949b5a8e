"""``time`` and ``datetime`` on the virtual clock: ``sleep(10)`` costs no real time.

Reading the clock costs a little virtual time and lets others run, because some files wait in a
loop until the clock shows a certain time.
"""

from __future__ import annotations

import datetime as dt
import time as real_time
from types import ModuleType
from typing import Any

from emulators.kernel.clock import TICKS_PER_SECOND, seconds, ticks
from emulators.kernel.tasks import running
from emulators.virtual.overlay import overlay

EPOCH = 1_704_067_200
"""The date at which every run begins: 2024-01-01 00:00:00 UTC, in seconds since 1970."""


def _now() -> int | None:
    """Return the virtual time in ticks, or None outside a run. Lets others run."""
    scheduler = running()
    if scheduler is None:
        return None
    if scheduler.task() is not None:
        scheduler.pause(scheduler.reading)
    return scheduler.now


def time() -> float:
    """Return the virtual time in seconds since 1970."""
    now = _now()
    return real_time.time() if now is None else EPOCH + seconds(now)


def time_ns() -> int:
    """Return the virtual time in nanoseconds since 1970."""
    now = _now()
    return real_time.time_ns() if now is None else _nanoseconds(EPOCH * TICKS_PER_SECOND + now)


def monotonic() -> float:
    """Return the virtual time in seconds since the run began."""
    now = _now()
    return real_time.monotonic() if now is None else seconds(now)


def monotonic_ns() -> int:
    """Return the virtual time in nanoseconds since the run began."""
    now = _now()
    return real_time.monotonic_ns() if now is None else _nanoseconds(now)


def _nanoseconds(time: int) -> int:
    return time * (1_000_000_000 // TICKS_PER_SECOND)


def sleep(duration: float) -> None:
    """Suspend the calling task for virtual seconds; while devices are built, do nothing.

    No virtual time at all would let nobody else come to his turn, so ``sleep(0)`` takes a little.
    """
    scheduler = running()
    if scheduler is None:
        real_time.sleep(duration)
        return
    if duration < 0:
        raise ValueError("sleep length must be non-negative")
    if scheduler.task() is not None:
        scheduler.pause(ticks(duration) or scheduler.reading)


def gmtime(moment: float | None = None) -> real_time.struct_time:
    """Return the date of `moment`, or of now. There is one time zone in a run: UTC."""
    return real_time.gmtime(time() if moment is None else moment)


def ctime(moment: float | None = None) -> str:
    """Return the date of `moment`, or of now, as text."""
    return real_time.asctime(gmtime(moment))


def asctime(date: Any = None) -> str:
    """Return a date as text."""
    return real_time.asctime(gmtime() if date is None else date)


def strftime(form: str, date: Any = None) -> str:
    """Return a date in the given form."""
    return real_time.strftime(form, gmtime() if date is None else date)


def mktime(date: Any) -> float:
    """Return the moment of a date."""
    import calendar

    return float(calendar.timegm(date))


class _Dates(type):
    """Takes every real date for an instance of the stand-in, as it is for the real class."""

    def __instancecheck__(cls, value: object) -> bool:
        real = {date: dt.date, datetime: dt.datetime}.get(cls)
        return super().__instancecheck__(value) if real is None else isinstance(value, real)


class datetime(dt.datetime, metaclass=_Dates):  # noqa: N801
    """A date and time whose ``now`` is the virtual one; without a time zone it is UTC."""

    @classmethod
    def fromtimestamp(cls, moment: float, tz: dt.tzinfo | None = None) -> datetime:
        """Return the date and time of a moment."""
        return super().fromtimestamp(moment, tz or dt.timezone.utc).replace(tzinfo=tz)

    def timestamp(self) -> float:
        """Return the moment in seconds since 1970."""
        known = self if self.tzinfo is not None else self.replace(tzinfo=dt.timezone.utc)
        return dt.datetime.timestamp(known)

    def astimezone(self, tz: dt.tzinfo | None = None) -> datetime:
        """Return the same moment in another time zone."""
        known = self if self.tzinfo is not None else self.replace(tzinfo=dt.timezone.utc)
        return dt.datetime.astimezone(known, tz or dt.timezone.utc)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> datetime:
        """Return the present virtual date and time."""
        return cls.fromtimestamp(time(), tz)

    @classmethod
    def utcnow(cls) -> datetime:
        """Return the present virtual date and time in UTC."""
        return cls.now()

    @classmethod
    def today(cls) -> datetime:
        """Return the present virtual date and time."""
        return cls.now()


class date(dt.date, metaclass=_Dates):  # noqa: N801
    """A date whose ``today`` is the virtual one."""

    @classmethod
    def fromtimestamp(cls, moment: float) -> date:
        """Return the date of a moment."""
        then = datetime.fromtimestamp(moment)
        return cls(then.year, then.month, then.day)

    @classmethod
    def today(cls) -> date:
        """Return the present virtual date."""
        now = datetime.now()
        return cls(now.year, now.month, now.day)


def time_module() -> ModuleType:
    """Return the stand-in for ``time``."""
    names: dict[str, Any] = {
        "time": time,
        "time_ns": time_ns,
        "sleep": sleep,
        "gmtime": gmtime,
        "localtime": gmtime,
        "ctime": ctime,
        "asctime": asctime,
        "strftime": strftime,
        "mktime": mktime,
        "tzname": ("UTC", "UTC"),
        "timezone": 0,
        "altzone": 0,
        "daylight": 0,
    }
    for clock in ("monotonic", "perf_counter", "process_time", "thread_time"):
        names[clock] = monotonic
        names[f"{clock}_ns"] = monotonic_ns
    return overlay(real_time, names)


def datetime_module() -> ModuleType:
    """Return the stand-in for ``datetime``."""
    return overlay(dt, {"datetime": datetime, "date": date})
