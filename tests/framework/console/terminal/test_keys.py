"""Keys: what each does, fast-forward while one is held, and a real terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from queue import SimpleQueue

import pytest

from emulators.console.terminal.commands import KEYS
from emulators.console.terminal.control import ByKeys
from emulators.console.terminal.walk import Walk
from emulators.runner import RunConfig, in_steps
from emulators.virtual.loader import PROJECT


class Typist:
    """Presses keys at given times of a clock that only reading moves."""

    def __init__(self, *keys):
        self.now = 0.0
        self._keys = [(0.0, key) if isinstance(key, str) else key for key in keys]

    def read(self, timeout=None):
        if not self._keys:
            if timeout is None or self.now > 30:
                raise EOFError
            self.now += timeout
            return ""
        when, key = self._keys[0]
        if timeout is not None and when > self.now + timeout:
            self.now += timeout
            return ""
        self.now = max(self.now, when)
        self._keys.pop(0)
        return key


def walked(*keys, algorithm="PingPong", remote=()):
    config = RunConfig(0, algorithm, "stepping", 20, seed=1)
    walk = Walk(*in_steps(config, quiet=False))
    typist = Typist(*keys)
    control = ByKeys(walk, typist, pause=0.03, clock=lambda: typist.now)
    if remote:
        control.remote = SimpleQueue()
        for asked in remote:
            control.remote.put(asked)
    control.run()
    return walk


def position(*keys, **options):
    return walked(*keys, **options).stepper.position


def test_space_steps_and_b_goes_back():
    assert position("space", "space", "space") == 3
    assert position("space", "right", "page down", "b", "left") == 1
    assert position("space", "page up", "page up") == 0


def test_enter_and_the_end_of_input_leave():
    assert walked("space", "enter", "space").left
    assert walked("space", "end").left
    assert not walked("space").left


def test_tab_shows_messages_in_transit(capsys):
    walked("space", "tab")
    assert "     1  PingMessage 0 -> 1: ping" in capsys.readouterr().out


def test_s_picks_by_number_or_the_first(capsys):
    walked(*["space"] * 3, "s", "3", "enter", "s", "enter", "s", "escape")
    said = capsys.readouterr().out
    assert said.count("\tPick PingMessage") == 2
    assert "\tPick PingMessage 0 -> 3: ping" in said
    assert "\tPick PingMessage 0 -> 1: ping" in said


def test_a_number_can_be_corrected(capsys):
    walked(*["space"] * 3, "s", "9", "backspace", "backspace", "2", "enter")
    assert "\tPick PingMessage 0 -> 2: ping" in capsys.readouterr().out


def test_e_swaps(capsys):
    assert not walked("space", "e").stepper.emulator.synchronous
    assert "## NOW ASYNC ##" in capsys.readouterr().out


def test_p_shows_a_device_and_its_line(capsys):
    walked("space", "p", "enter", "p", "1", "2", "enter")
    said = capsys.readouterr().out
    assert "Device 0 stands at exercises/demo.py" in said
    assert "Device 12 has not begun" in said


def test_a_colon_takes_a_typed_command(capsys):
    assert position(":", *"crash", "enter") == 0
    assert position("space", ":", *"goto", "space", "5", "enter") == 5
    assert "crash needs more" in capsys.readouterr().out


def test_the_help_names_every_key(capsys):
    walked("?")
    said = capsys.readouterr().out
    assert all(f"  {key} " in said for key, _ in KEYS)


def test_a_key_without_meaning_is_one_line(capsys):
    assert position("z", "other", "escape") == 0
    assert "z does nothing; ? shows the keys" in capsys.readouterr().out


def test_what_cannot_be_done_is_one_line(capsys):
    walked("b", "s")
    said = capsys.readouterr().out.splitlines()
    assert "this is the beginning" in said
    assert "no message is in transit" in said


# -- fast-forward


def held(begin, end, first=0.5, rate=0.033):
    """The repetitions of a key that is held from one time to another."""
    times, now = [begin], begin + first
    while now < end:
        times.append(now)
        now += rate
    return [(when, "f") for when in times]


def test_f_goes_on_while_it_is_held_and_no_longer():
    short, long = position(*held(0, 0.7)), position(*held(0, 1.1))
    assert 25 < short < 45
    assert short + 10 < long < 70


def test_a_short_press_goes_on_until_the_next_key():
    walk = walked("f", (1.2, "space"))
    assert 30 < walk.stepper.position < 50
    assert not walk.stepper.ended


def test_f_goes_to_the_end_at_most(capsys):
    assert walked("f", (4.0, "f"), (4.1, "f"), (4.2, "space")).stepper.ended
    assert capsys.readouterr().out.count("The run is over") == 2


# -- a presenter remote beside the keyboard


def test_what_the_remote_asks_for_is_done():
    assert position((1.0, "tab"), remote=["step", "step", "back", "step"]) == 2


def test_a_press_that_both_hear_counts_once():
    assert position("space", (1.0, "space"), (2.0, "tab"), remote=["step"]) == 2
    assert position("page up", (1.0, "tab"), remote=["step", "step", "back"]) == 1


# -- a real terminal


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_keys_act_at_once_in_a_terminal_and_it_is_left_as_it_was():
    import pty
    import termios

    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    command = ["--lecture", "0", "--algorithm", "PingPong", "--type", "stepping", "--no-gui"]
    runner = subprocess.Popen(
        [sys.executable, "exercise_runner.py", *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=PROJECT,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    try:
        said = until(ours, b"all keys")
        os.write(ours, b" ")
        said += until(ours, b"0 -> 1: ping")
        os.write(ours, b"\x1b[6~")  # page down
        said += until(ours, b"0 -> 2: ping")
        os.write(ours, b"\t")
        said += until(ours, b"Messages in transit: 2")
        os.write(ours, b"\r")
        said += until(ours, b"Virtual time")
        assert runner.wait(20) == 0
    finally:
        runner.kill()
        runner.wait()
    after = termios.tcgetattr(theirs)
    os.close(ours)
    os.close(theirs)
    assert after == before
    assert b"Receive" in said
    assert b"\x1bP" not in said  # nothing is asked of the terminal


def until(terminal, text):
    said, end = b"", time.monotonic() + 20
    while text not in said:
        assert time.monotonic() < end, said
        said += os.read(terminal, 4096)
    return said
