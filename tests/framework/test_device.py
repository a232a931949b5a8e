"""The base classes of devices and messages, and the ways to import them."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from emulators.Device import Device, WorkerDevice
from emulators.MessageStub import MessageStub
from tests.framework.making import both, loaded, run

PUBLISHED = [
    "AsyncEmulator",
    "Device",
    "EmulatorStub",
    "Medium",
    "MessageStub",
    "SteppingEmulator",
    "SyncEmulator",
]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_module_is_a_file_that_holds_the_class_of_its_name(name):
    module = importlib.import_module(f"emulators.{name}")
    assert Path(module.__file__).name == f"{name}.py"
    assert getattr(module, name).__module__ == f"emulators.{name}"


def test_every_published_name_is_imported_as_student_files_do(tmp_path):
    module = loaded(
        tmp_path,
        exercise1="""
import math, random, sys, time, os, hashlib, threading, queue, enum, copy
from abc import abstractmethod
from collections import Counter
from enum import Enum
from threading import Lock, Thread
from typing import Optional

from emulators.AsyncEmulator import AsyncEmulator
from emulators.Device import Device, WorkerDevice
from emulators.EmulatorStub import EmulatorStub
from emulators.Medium import Medium
from emulators.MessageStub import MessageStub
from emulators.SteppingEmulator import SteppingEmulator
from emulators.SyncEmulator import SyncEmulator
from cryptography.hazmat.primitives import hashes

def digest(text):
    made = hashes.Hash(hashes.SHA256())
    made.update(text)
    return made.finalize().hex()
""",
    )
    assert issubclass(module.WorkerDevice, module.Device)
    assert module.digest(b"abc").startswith("ba7816bf")


def test_star_imports_bring_the_classes(tmp_path):
    source = """
from emulators.Device import *
from emulators.MessageStub import *
class Kind(WorkerDevice):
    def run(self):
        self.sent = MessageStub(self.index, 0)
"""
    assert issubclass(loaded(tmp_path, exercise1=source).Kind, WorkerDevice)


def test_the_package_imports_nothing():
    code = "import sys, emulators; print([n for n in sys.modules if n.startswith('emulators.')])"
    root = Path(__file__).resolve().parents[2]
    found = subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True)
    assert found.strip() == "[]"


@both
def test_a_class_may_extend_the_module_of_a_class(emulator, tmp_path):
    module = loaded(
        tmp_path,
        exercise1="""
from emulators import Device, Medium, MessageStub

class GossipMessage(MessageStub):
    def __init__(self, sender: int, destination: int, secrets):
        super().__init__(sender, destination)
        self.secrets = secrets

class Gossip(Device):
    def __init__(self, index: int, number_of_devices: int, medium: Medium):
        super().__init__(index, number_of_devices, medium)
        self.secrets = {index}

    def run(self):
        right = (self.index + 1) % self.number_of_devices
        self.medium.send(GossipMessage(self.index, right, self.secrets))
        self.secrets |= self.medium.wait_for_message().secrets
""",
    )
    ran = run(emulator, module.Gossip, 3)
    assert issubclass(module.Gossip, Device)
    assert issubclass(module.GossipMessage, MessageStub)
    assert [made.secrets for made in ran.devices] == [{0, 2}, {0, 1}, {1, 2}]


def test_the_published_private_attributes_are_there():
    made = WorkerDevice(1, 3, None)
    known = ("_id", "_number_of_devices", "_medium", "_has_work", "_finished")
    assert [getattr(made, name) for name in known] == [1, 3, None, False, False]


@both
def test_a_device_that_has_returned_is_finished(emulator):
    class Kind(Device):
        def run(self):
            self.before = self._finished

    (made,) = run(emulator, Kind, 1).devices
    assert (made.before, made._finished) == (False, True)


def test_an_attribute_that_is_missing_is_named():
    with pytest.raises(AttributeError, match="'Device' object has no attribute 'nothing'"):
        Device(0, 1, None).nothing  # noqa: B018


def test_a_device_without_run_is_told_so():
    with pytest.raises(NotImplementedError, match=r"Device has no method run\(self\)"):
        Device(0, 1, None).run()


def test_both_ends_of_a_message_can_be_set_again():
    message = MessageStub(0, 1)
    message.source, message.destination = 2, 3
    assert (message.source, message.destination) == (2, 3)
    assert (message._source, message._destination) == (2, 3)


def test_a_message_says_where_it_goes():
    assert str(MessageStub(0, 1)) == "MessageStub 0 -> 1"
