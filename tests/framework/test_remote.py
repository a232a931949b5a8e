"""The presenter remote: what it hears, when it listens, and what it says where it cannot."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

from emulators import remote
from emulators.errors import UsageError
from emulators.remote import Doubles, Remote, obstacle


class Listener:
    """Stands for the listener of pynput; `made` are those that were started."""

    made: ClassVar[list[Listener]] = []
    trusted = True

    def __init__(self, on_press):
        self.on_press = on_press
        self.listening = False
        self.IS_TRUSTED = Listener.trusted

    def start(self):
        self.listening = True
        Listener.made.append(self)

    def wait(self):
        pass

    def stop(self):
        self.listening = False


@pytest.fixture
def heard(monkeypatch):
    """A remote whose calls are kept, on a system where it works."""
    monkeypatch.setattr(remote, "obstacle", lambda: "")
    keyboard = ModuleType("pynput.keyboard")
    keyboard.Listener = Listener
    package = ModuleType("pynput")
    package.keyboard = keyboard
    monkeypatch.setitem(sys.modules, "pynput", package)
    monkeypatch.setitem(sys.modules, "pynput.keyboard", keyboard)
    monkeypatch.setattr(Listener, "made", [])
    monkeypatch.setattr(Listener, "trusted", True)
    calls = []
    made = Remote(lambda: calls.append("step"), lambda: calls.append("back"))
    return SimpleNamespace(remote=made, calls=calls)


def press(*names):
    for name in names:
        Listener.made[-1].on_press(SimpleNamespace(name=name) if name else object())


def test_it_never_listens_unless_switched_on(heard):
    assert not heard.remote.listening
    assert Listener.made == []
    heard.remote.stop()
    assert Listener.made == []


def test_the_keys_of_a_remote_step_and_go_back(heard):
    heard.remote.start()
    press("page_down", "right", "space", "page_up", "left")
    assert heard.calls == ["step"] * 3 + ["back"] * 2


def test_other_keys_do_nothing(heard):
    heard.remote.start()
    press("enter", "f5", "a", None)
    assert heard.calls == []


def test_switched_off_it_hears_nothing_more(heard):
    heard.remote.start()
    heard.remote.start()
    assert len(Listener.made) == 1
    heard.remote.stop()
    press("space")
    assert heard.calls == []
    assert not Listener.made[0].listening
    heard.remote.start()
    press("space")
    assert heard.calls == ["step"]


def refused(made):
    with pytest.raises(UsageError) as error:
        made.start()
    assert not made.listening
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_pynput_it_says_what_to_install(heard, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynput.keyboard", None)
    monkeypatch.delattr(sys.modules["pynput"], "keyboard")
    monkeypatch.setitem(sys.modules, "pynput", None)
    assert "pip install pynput" in refused(heard.remote)


def test_whatever_pynput_raises_is_one_line(heard, monkeypatch):
    def fail(self):
        raise OSError("no\nkeyboard")

    monkeypatch.setattr(Listener, "start", fail)
    assert refused(heard.remote) == "the remote does not work here: no keyboard"


def test_without_the_permission_of_macos_it_says_where_to_give_it(heard, monkeypatch):
    monkeypatch.setattr(Listener, "trusted", False)
    assert "Accessibility" in refused(heard.remote)
    assert not Listener.made[0].listening


@pytest.mark.parametrize(
    ("platform", "environment", "reason"),
    [
        ("linux", {}, "there is no X display"),
        ("linux", {"DISPLAY": ":0"}, ""),
        ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "on Wayland"),
        ("linux", {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, "on Wayland"),
        ("win32", {}, ""),
        ("darwin", {}, ""),
    ],
)
def test_where_it_cannot_work(platform, environment, reason):
    assert obstacle(platform, environment).startswith(reason)
    assert bool(obstacle(platform, environment)) == bool(reason)


def test_where_there_is_no_display_nothing_is_imported(monkeypatch):
    monkeypatch.setattr(remote, "obstacle", lambda: "there is no X display")
    monkeypatch.setitem(sys.modules, "pynput", None)
    assert refused(Remote(list, list)) == "the remote does not work here: there is no X display"


def test_one_press_heard_twice_is_one_press_and_two_are_two():
    now = [0.0]
    doubles = Doubles(lambda: now[0])
    assert doubles.is_new("keyboard", "step")
    assert not doubles.is_new("remote", "step")
    assert doubles.is_new("remote", "step")
    assert doubles.is_new("remote", "step")
    assert not doubles.is_new("keyboard", "step")
    assert doubles.is_new("keyboard", "back")
    now[0] = 1.0
    assert doubles.is_new("keyboard", "step")
