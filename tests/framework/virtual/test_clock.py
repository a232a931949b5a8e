"""``time`` and ``datetime`` on the virtual clock."""

# ruff: noqa: DTZ002, DTZ003, DTZ005, DTZ006, DTZ011, DTZ012
import datetime as dt
import os
import time
from datetime import date, timedelta
from datetime import datetime as moment
from time import monotonic, sleep

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device
from tests.framework.making import both, device, run

REAL = {"monotonic": time.monotonic, "time": time.time}  # where no stand-in takes their place


def of(function, emulator=AsyncEmulator):
    """Return what a function returns within a run."""

    class Kind(Device):
        def run(self):
            self.result = function()

    (made,) = run(emulator, Kind, 1).devices
    return made.result


@both
def test_sleeping_costs_no_real_time(emulator):
    @device
    def kind(self):
        time.sleep(50)

    before = REAL["monotonic"]()
    ran = run(emulator, kind)
    assert ran.simulation.scheduler.now >= 50_000_000
    assert REAL["monotonic"]() - before < 40


@both
def test_devices_sleep_side_by_side(emulator):
    log = []

    @device
    def kind(self):
        for _ in range(2):
            sleep(1 + self.index)
            log.append(self.index)

    run(emulator, kind, 2)
    assert log == [0, 1, 0, 1]


def test_the_clock_shows_what_was_slept():
    def measured():
        before = monotonic()
        sleep(2.5)
        return monotonic() - before

    assert of(measured) == pytest.approx(2.5, abs=0.01)


@pytest.mark.parametrize("name", ["monotonic", "perf_counter", "process_time", "thread_time"])
def test_every_clock_is_the_virtual_one(name):
    def measured():
        clock = getattr(time, name)
        before = clock()
        sleep(3)
        nanoseconds = getattr(time, f"{name}_ns")
        return clock() - before, nanoseconds() / 1e9 - before

    assert of(measured) == (pytest.approx(3, abs=0.01), pytest.approx(3, abs=0.01))


def test_every_run_begins_on_the_same_day():
    assert of(lambda: time.strftime("%Y-%m-%d %H:%M", time.localtime())) == "2024-01-01 00:00"
    assert of(lambda: moment.now().year) == 2024
    assert of(lambda: date.today()) == dt.date(2024, 1, 1)


def test_waiting_for_the_clock_in_a_loop_comes_to_an_end():
    def busy():
        end = time.time() + 1
        turns = 0
        while time.time() < end:
            turns += 1
        return turns

    assert 100 < of(busy) <= 1000


@both
def test_reading_the_clock_lets_the_others_run(emulator):
    flag = []

    @device
    def kind(self):
        if self.index == 0:
            while not flag:
                time.time()
        else:
            sleep(1)
            flag.append(True)

    assert run(emulator, kind).simulation.all_terminated


@both
def test_sleeping_for_no_time_lets_the_others_run(emulator):
    flag = []

    @device
    def kind(self):
        if self.index == 0:
            while not flag:
                sleep(0)
        else:
            sleep(1)
            flag.append(True)

    assert run(emulator, kind).simulation.all_terminated


def test_sleeping_less_than_nothing_is_an_error():
    def wrong():
        with pytest.raises(ValueError, match="non-negative"):
            sleep(-1)
        return True

    assert of(wrong)


@both
def test_sleeping_in_a_constructor_does_nothing(emulator):
    class Kind(Device):
        def __init__(self, index, number_of_devices, medium):
            super().__init__(index, number_of_devices, medium)
            time.sleep(5)
            self.began = time.monotonic()

        def run(self):
            pass

    assert [made.began for made in run(emulator, Kind).devices] == [0, 0]


def test_outside_a_run_the_clock_is_the_real_one():
    of(lambda: time.time())
    assert abs(time.time() - REAL["time"]()) < 1000
    assert time.sleep.__module__ == "time"


# -- dates


@pytest.fixture
def in_new_york(monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no tzset")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


DATES = {
    "now": lambda: str(moment.now())[:16],
    "utcnow": lambda: str(moment.utcnow())[:16],
    "today": lambda: str(moment.today())[:16],
    "of a moment": lambda: str(moment.fromtimestamp(time.time()))[:16],
    "in a zone": lambda: str(moment.now(dt.timezone.utc))[:16],
    "as a zone": lambda: str(moment.now().astimezone())[:16],
    "local": lambda: time.strftime("%Y-%m-%d %H:%M", time.localtime()),
    "and back": lambda: str(moment.fromtimestamp(time.mktime(time.localtime())))[:16],
    "via timestamp": lambda: str(moment.fromtimestamp(moment.now().timestamp()))[:16],
    "from text": lambda: str(moment.fromisoformat("2024-01-01 00:00"))[:16],
}


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("shown", DATES.values(), ids=DATES)
def test_dates_are_the_same_in_every_time_zone(shown):
    assert of(shown) == "2024-01-01 00:00"


@pytest.mark.usefixtures("in_new_york")
def test_there_is_one_time_zone_in_a_run():
    assert of(lambda: (time.tzname, time.timezone, str(date.fromtimestamp(0)))) == (
        ("UTC", "UTC"),
        0,
        "1970-01-01",
    )


def test_a_date_of_a_run_is_a_date():
    def checks():
        now = moment.now()
        later = now + timedelta(days=1)
        return (
            isinstance(now, date),
            isinstance(now, moment),
            isinstance(later, moment),
            isinstance(REAL_DATE[0], moment),
            isinstance(date.today(), moment),
            now < later,
            type(date.today() - date(2023, 12, 31)) is timedelta,
        )

    assert of(checks) == (True, True, True, True, False, True, True)


REAL_DATE = [dt.datetime(2000, 1, 1)]  # noqa: DTZ001


def test_an_own_kind_of_date_takes_no_other_for_its_own():
    def checks():
        class Birthday(date):
            pass

        return isinstance(date.today(), Birthday), isinstance(Birthday(2000, 1, 1), date)

    assert of(checks) == (False, True)


def test_the_rest_of_the_module_is_there():
    assert of(lambda: time.struct_time) is time.struct_time
    assert of(lambda: time.asctime(time.gmtime(0))) == "Thu Jan  1 00:00:00 1970"
    assert of(lambda: time.ctime())[-4:] == "2024"
    assert of(lambda: os.name) == os.name
