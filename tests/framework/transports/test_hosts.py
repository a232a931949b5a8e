"""Devices on several machines: who is where, who may join, and who is missing.

Here all machines are this one: every device is a command of its own, and they meet on loopback.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.framework.commands import command, refusal
from tests.framework.transports.real import TALKERS, Started, started

DEMO = ("--lecture", "0", "--algorithm", "PingPong", "--type", "zeromq")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses just now."""
    with ExitStack() as stack:
        made = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in made]


def hosts_file(folder: Path, devices: int = 3, keys: str | None = None) -> Path:
    """Write a file of hosts that are all on this machine."""
    addresses = [f'"127.0.0.1:{port}"' for port in free_ports(devices)]
    file = folder / "hosts.toml"
    more = "" if keys is None else f'keys = "{keys}"\n'
    file.write_text(f"devices = [{', '.join(addresses)}]\n{more}")
    return file


@contextmanager
def everybody(file: Path, indices: list[int], *options: str) -> Iterator[list[Started]]:
    """Start the same command for several devices, in the order given."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                started("--type", "zeromq", "--hosts", str(file), "--index", str(index), *options)
            )
            for index in indices
        ]


PING = ("--lecture", "0", "--algorithm", "Pinger", "--max-time", "60")
TALK = ("--lecture", "0", "--algorithm", "Talker", "--quiet")


def test_devices_find_each_other_whoever_starts_first(tmp_path: Path) -> None:
    with everybody(hosts_file(tmp_path), [2, 0, 1], *PING) as runs:
        done = [run.rest() for run in runs]
    assert [status for status, _, _ in done] == [0, 0, 0], done
    assert "Device 0 got 2 answers" in done[1][1]
    assert "Device 2 runs here, at 127.0.0.1:" in done[0][1]


def test_devices_with_keys_find_each_other(tmp_path: Path) -> None:
    assert command("keys", tmp_path / "keys", "--devices", 3).status == 0
    with everybody(hosts_file(tmp_path, keys="keys"), [0, 1, 2], *PING) as runs:
        done = [run.rest() for run in runs]
    assert [status for status, _, _ in done] == [0, 0, 0], done
    assert "Device 0 got 2 answers" in done[0][1]
    assert "Dropped" not in done[0][1]


def test_a_stranger_is_refused_and_the_others_go_on_without(tmp_path: Path) -> None:
    for folder in ("keys", "others"):
        command("keys", tmp_path / folder, "--devices", 2)
    file = hosts_file(tmp_path, 2, keys="keys")
    (tmp_path / "others" / "device-0.public").write_text(
        (tmp_path / "keys" / "device-0.public").read_text()
    )
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(file.read_text().replace('"keys"', '"others"'))
    with (
        everybody(file, [0], *TALK, "--max-time", "1") as (honest,),
        everybody(wrong, [1], *TALK, "--max-time", "30"),
    ):
        honest.until("Refused a stranger from 127.0.0.1: its key is not known here")
        status, out, err = honest.rest()
    assert status == 0, err
    assert "Device 1 is missing: it has not come by" in out
    assert "Device 0 heard []" in out


def test_the_parts_of_all_machines_are_joined_to_one_recording(tmp_path: Path) -> None:
    parts = [tmp_path / f"part-{index}" for index in range(3)]
    file = hosts_file(tmp_path)
    with ExitStack() as stack:
        runs = [
            stack.enter_context(
                started(
                    *PING,
                    "--type",
                    "zeromq",
                    "--hosts",
                    str(file),
                    "--index",
                    str(index),
                    "--record",
                    str(parts[index]),
                )
            )
            for index in (1, 2, 0)
        ]
        assert [run.rest()[0] for run in runs] == [0, 0, 0]
    run = tmp_path / "run.jsonl"
    done = command("join", run, *parts)
    assert done.status == 0, done.err
    again = command("--exercises", TALKERS, "--replay", run, "--quiet")
    assert again.status == 0, again.err
    assert "Device 0 got 2 answers" in again.out
    assert refusal("join", tmp_path / "no", *parts[:2]) == "the part of device 2 is missing"
    assert "are both of device 0" in refusal("join", tmp_path / "no", parts[0], parts[0])
    assert "is no part of a run" in refusal("join", tmp_path / "no", file)
    assert "the recording comes first" in refusal("join", parts[0], *parts)
    assert refusal("join").startswith("join: the following arguments are required")


@pytest.mark.slow
def test_a_device_that_comes_late_gets_what_was_sent_to_it(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 3)
    with everybody(file, [0, 1], *TALK, "--max-time", "20") as (one, two):
        one.until("Device 2 is missing: it has not come by")
        with everybody(file, [2], *TALK, "--max-time", "5") as (late,):
            late.until("device 2 hears [01]")
            late.until("device 2 hears [01]")
            one.until("Device 2 has come at")
            one.until("device 0 hears 2")
            for run in (one, two, late):
                run.process.send_signal(signal.SIGINT)
            assert {run.rest()[0] for run in (one, two, late)} == {130}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_a_device_that_is_killed_and_started_again_is_missing_in_between(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 2)
    with everybody(file, [0, 1], *TALK, "--max-time", "60") as (one, two):
        one.until("device 0 hears 1")
        two.process.kill()
        one.until("Device 1 is missing since")
        with everybody(file, [1], *TALK, "--max-time", "60") as (again,):
            one.until("Device 1 is back at")
            again.until("device 1 hears 0")
            one.process.send_signal(signal.SIGINT)
            status, out, _ = one.rest()
    assert status == 130
    assert re.search(r"Device 1 is missing since [0-9.]+ s\n\tDevice 1 is back at [0-9.]+ s", out)


def test_another_version_of_the_exercise_is_told(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 2)
    other = tmp_path / "other"
    other.mkdir()
    source = (TALKERS / "demo.py").read_text()
    (other / "demo.py").write_text(source + "\n# changed\n")
    with (
        everybody(file, [0], *TALK, "--max-time", "1") as (one,),
        started(
            "--type",
            "zeromq",
            "--hosts",
            str(file),
            "--index",
            "1",
            *TALK,
            "--exercises",
            str(other),
            "--max-time",
            "30",
        ),
    ):
        one.until("Device 1 runs another version of the exercise file")
        one.process.send_signal(signal.SIGINT)
        one.rest()


# -- what is refused


def test_without_keys_only_loopback_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "hosts.toml"
    file.write_text('devices = ["192.0.2.1:5550", "192.0.2.2:5550"]')
    told = refusal(*DEMO, "--hosts", file, "--index", 0)
    assert "tcp://192.0.2.1:5550 is no loopback address" in told
    assert "make keys with exercise_runner.py keys" in told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("devices = 3", "devices is a list of at least 2 addresses"),
        ('devices = ["a:1"]', "devices is a list of at least 2 addresses"),
        ('devices = ["a:1", "b"]', "'b' is no address; HOST:PORT"),
        ('devices = ["a:1", "b:x"]', "'b:x' is no address"),
        ('devices = ["a:1", "b:70000"]', "'b:70000' is no address"),
        ('devices = ["a:1", 5]', "5 is no address"),
        ('devices = ["a:1", "a:1"]', "the address a:1 stands there twice"),
        ('device = ["a:1", "b:1"]', "unknown key device (did you mean devices?)"),
        ('devices = ["a:1", "b:1"]\nkeys = 1', "keys is 1; it is the folder with the keys"),
        ("devices = [", "is no TOML"),
    ],
)
def test_a_wrong_file_of_hosts_is_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "hosts.toml"
    file.write_text(text)
    assert says in refusal(*DEMO, "--hosts", file, "--index", 0)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot read the hosts" in refusal(*DEMO, "--hosts", tmp_path / "no", "--index", 0)


def test_an_index_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 2)
    told = refusal(*DEMO, "--hosts", file, "--index", 2)
    assert told == "--index: there is no device 2; there are 0 to 1"


def test_hosts_and_index_belong_together(tmp_path: Path) -> None:
    assert "belong together" in refusal(*DEMO, "--index", 0)
    file = hosts_file(tmp_path, 2)
    assert "with --type zeromq" in refusal(*DEMO[:4], "--type", "process", "--hosts", file)


def test_an_address_in_use_is_refused(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 2)
    port = int(file.read_text().split(":")[1].split('"')[0])
    with socket.create_server(("127.0.0.1", port)):
        told = refusal(*DEMO, "--hosts", file, "--index", 0)
    assert told.startswith(f"cannot listen at tcp://127.0.0.1:{port}")


# -- keys


def test_secret_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    command("keys", tmp_path / "keys", "--devices", 2)
    names = sorted(path.name for path in (tmp_path / "keys").iterdir())
    assert names == ["device-0.public", "device-0.secret", "device-1.public", "device-1.secret"]
    if os.name == "posix":
        mode = (tmp_path / "keys" / "device-0.secret").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    command("keys", tmp_path, "--devices", 2)
    assert "device-0.public exists already" in refusal("keys", tmp_path, "--devices", 2)


def test_a_key_that_is_missing_or_none_is_named(tmp_path: Path) -> None:
    file = hosts_file(tmp_path, 2, keys="keys")
    told = refusal(*DEMO, "--hosts", file, "--index", 0)
    assert "cannot read the key" in told
    assert told.endswith("exercise_runner.py keys makes keys")
    command("keys", tmp_path / "keys", "--devices", 2)
    (tmp_path / "keys" / "device-1.public").write_text("short")
    assert "device-1.public is no key" in refusal(*DEMO, "--hosts", file, "--index", 0)


def test_wrong_arguments_of_keys_are_one_clear_line() -> None:
    assert refusal("keys").startswith("keys: the following arguments are required")
    assert "at least 2 devices" in refusal("keys", "somewhere", "--devices", 1)
