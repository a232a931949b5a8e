"""Files that were imported the ordinary way and handed to an emulator."""

import importlib
import itertools
import os
import queue
import random
import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from emulators.AsyncEmulator import AsyncEmulator
from emulators.virtual.loader import PROJECT
from tests.framework.making import Note, both, device, run

REAL = {"time": time, "threading": threading, "random": random, "queue": queue}

HEAD = "from emulators.Device import Device\nfrom emulators.MessageStub import MessageStub\n"
SLEEPER = HEAD + "import time\nclass Kind(Device):\n    def run(self):\n        time.sleep(50)\n"


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Return a function that writes files into folders of their own and imports one of them."""
    names = []

    def write(name, source, folder="files"):
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        (path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(path))
        names.append(name)
        return importlib.import_module(name)

    yield write
    for name in names:
        sys.modules.pop(name, None)


def slept(ran):
    assert ran.problems == []
    return ran.simulation.scheduler.now / 1e6


# -- which files


@both
def test_a_class_of_an_imported_file_runs_on_virtual_time(emulator, imported):
    assert slept(run(emulator, imported("student_a", SLEEPER).Kind)) >= 50


@both
@pytest.mark.parametrize(
    "wrap",
    [
        lambda kind: lambda index, number, medium: kind(index, number, medium),
        lambda kind: partial(kind),
        lambda kind: type("Network", (), {"__new__": lambda cls, *args: kind(*args)}),
        lambda kind: type("Derived", (kind,), {}),
    ],
    ids=["function", "partial", "network", "derived"],
)
def test_a_class_may_be_wrapped_in_another_file(emulator, imported, wrap):
    assert slept(run(emulator, wrap(imported("student_b", SLEEPER).Kind))) >= 50


@both
def test_a_file_may_get_its_devices_from_another_folder(emulator, imported):
    imported("student_c", SLEEPER, "one")
    network = "class Network:\n    def __new__(cls, *args): return Kind(*args)\n"
    module = imported("student_d", f"from student_c import Kind\n{network}", "other")
    assert slept(run(emulator, module.Network)) >= 50


@both
def test_helpers_beside_the_file_see_the_stand_ins_too(emulator, imported):
    imported("student_helper", "import time\ndef rest(): time.sleep(50)")
    source = HEAD + "import student_helper\nclass Kind(Device):\n    def run(self):\n        "
    module = imported("student_e", source + "student_helper.rest()")
    assert slept(run(emulator, module.Kind)) >= 50


def test_the_real_modules_are_back_after_a_run(imported):
    module = imported("student_f", SLEEPER + "from random import randint\nfrom queue import Queue")
    run(AsyncEmulator, module.Kind)
    assert module.time is REAL["time"]
    assert module.randint == REAL["random"].randint
    assert module.Queue is REAL["queue"].Queue


@both
def test_the_real_modules_are_back_after_a_run_that_was_interrupted(emulator, imported):
    source = HEAD + "import time\nclass Kind(Device):\n    def run(self):\n        raise stop"
    module = imported("student_g", source)
    module.stop = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        run(emulator, module.Kind)
    assert module.time is REAL["time"]


def test_between_building_and_running_the_modules_are_real(imported):
    module = imported("student_h", SLEEPER)
    AsyncEmulator(2, module.Kind, seed=1, quiet=True)
    assert module.time is REAL["time"]


def test_neither_the_library_nor_the_framework_is_changed():
    before = dict(vars(threading)), dict(vars(queue)), dict(vars(Note))
    seen = []

    @device
    def kind(self):
        real = REAL["threading"], REAL["queue"]
        seen.append((dict(vars(real[0])), dict(vars(real[1])), dict(vars(Note))))

    run(AsyncEmulator, kind, 1)
    assert seen == [before]


def test_a_script_may_run_its_own_devices(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f"""{HEAD}
import time
from emulators.AsyncEmulator import AsyncEmulator

class Kind(Device):
    def run(self):
        time.sleep(50)
    def print_result(self):
        print(f"Device {{self.index}} slept")

if __name__ == "__main__":
    emulator = AsyncEmulator(2, Kind, quiet=True)
    emulator.run()
    emulator.print_result()
"""
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, str(script)]
    output = subprocess.check_output(command, env=environment, text=True, timeout=40)
    assert output.split("\n") == ["Device 0 slept", "Device 1 slept", ""]


# -- what was made while the file was imported


@both
@pytest.mark.parametrize("where", ["global", "class variable"])
@pytest.mark.parametrize(
    "made",
    [
        "threading.Lock()",
        "threading.RLock()",
        "threading.Semaphore()",
        "threading.BoundedSemaphore(1)",
        "threading.Condition()",
    ],
)
def test_a_lock_that_was_made_at_import_blocks_devices_and_not_the_run(
    emulator, imported, made, where
):
    place = f"lock = {made}" if where == "global" else "lock = None"
    own = f"    lock = {made}" if where != "global" else "    lock = lock"
    source = f"""{HEAD}
import threading, time
{place}
class Kind(Device):
{own}
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.mine = {"lock" if where == "global" else "Kind.lock"}
    def run(self):
        with self.mine:
            began = time.monotonic()
            time.sleep(5)
            self.inside = (began, time.monotonic())
"""
    module = imported("student_i", source)
    ran = run(emulator, module.Kind, 3)
    assert ran.problems == []
    inside = [made.inside for made in ran.devices]
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(inside))
    assert type(vars(module)["lock"]).__module__ in ("_thread", "threading", "builtins")


@both
def test_an_event_that_was_made_at_import_is_waited_for(emulator, imported):
    source = f"""{HEAD}
import threading, time
ready = threading.Event()
class Kind(Device):
    def run(self):
        if self.index == 0:
            time.sleep(5)
            ready.set()
        ready.wait()
        self.woke = time.monotonic()
"""
    ran = run(emulator, imported("student_j", source).Kind)
    assert all(made.woke >= 5 for made in ran.devices)


@both
@pytest.mark.parametrize("kind", ["Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"])
def test_a_queue_that_was_made_at_import_is_waited_for(emulator, imported, kind):
    source = f"""{HEAD}
import queue, time
box = queue.{kind}()
class Kind(Device):
    def run(self):
        if self.index == 0:
            time.sleep(5)
            box.put("item")
        else:
            self.got = box.get(), box.empty()
"""
    ran = run(emulator, imported("student_k", source).Kind)
    assert ran.devices[1].got == ("item", True)


def test_what_was_put_into_a_queue_at_import_is_there(imported):
    source = f"""{HEAD}
import queue
box = queue.Queue(5)
box.put(1)
box.put(2)
class Kind(Device):
    def run(self):
        self.got = box.get(), box.get(), box.maxsize
"""
    module = imported("student_l", source)
    for _ in range(2):
        assert run(AsyncEmulator, module.Kind, 1).devices[0].got == (1, 2, 5)


def test_what_was_made_at_import_is_new_in_each_run(imported):
    source = f"""{HEAD}
import threading
lock = threading.Lock()
class Kind(Device):
    def run(self):
        self.free = lock.acquire(blocking=False)
"""
    module = imported("student_m", source)
    assert [run(AsyncEmulator, module.Kind, 1).devices[0].free for _ in "ab"] == [True, True]


@both
def test_a_class_that_extends_thread_is_a_task_of_its_device(emulator, imported):
    source = f"""{HEAD}
import threading, time
from threading import Thread
class Listener(threading.Thread):
    def __init__(self, medium):
        super().__init__(daemon=True)
        self.medium, self.got = medium, []
    def run(self):
        while True:
            message = self.medium.receive()
            if message:
                self.got.append(message.source)
            time.sleep(0.01)
class Patient(Listener):
    pass
class Kind(Device):
    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        self.listener = Patient(medium)
        self.listener.start()
    def run(self):
        self.medium.send(MessageStub(self.index, 1 - self.index))
        for _ in range(10):
            self.medium.wait_for_next_round()
"""
    module = imported("student_n", source)
    ran = run(emulator, module.Kind)
    assert ran.problems == []
    assert [made.listener.got for made in ran.devices] == [[1], [0]]
    assert module.Listener.__bases__ == (REAL["threading"].Thread,)


@both
def test_an_imported_file_gives_the_same_trace_for_the_same_seed(emulator, imported):
    source = f"""{HEAD}
import random, threading, time, uuid, queue
from concurrent.futures import ThreadPoolExecutor
class Kind(Device):
    def run(self):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(self.talk, range(4)))
    def talk(self, number):
        time.sleep(random.random())
        self.medium.send(MessageStub(self.index, random.choice(self.medium.ids)))
        self.medium.log(str(uuid.uuid4()) + str(time.time()))
"""
    module = imported("student_o", source)
    assert run(emulator, module.Kind, 3).events == run(emulator, module.Kind, 3).events
