"""Two machines with a cable between them that is really cut: network namespaces of Linux."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.framework.commands import command
from tests.framework.transports.real import Started

PREFIX = f"t{os.getpid()}"
ENDS = {0: ("10.213.7.1", f"{PREFIX}a"), 1: ("10.213.7.2", f"{PREFIX}b")}


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def why_not() -> str:
    """Return why no namespaces can be made here, or nothing."""
    if sys.platform != "linux":
        return "network namespaces are of Linux"
    if shutil.which("ip") is None:
        return "the command ip is not installed"
    try:
        ip("netns", "add", f"{PREFIX}x")
        ip("netns", "delete", f"{PREFIX}x")
    except subprocess.CalledProcessError as error:
        return f"making network namespaces is not permitted here: {error.stderr.strip()}"
    return ""


@pytest.fixture(scope="module")
def cable() -> Iterator[None]:
    """Two namespaces with a cable between them."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    for _, name in ENDS.values():
        ip("netns", "add", name)
    try:
        (_, one), (_, other) = ENDS.values()
        ip("link", "add", "cable", "netns", one, "type", "veth", "peer", "cable", "netns", other)
        for address, name in ENDS.values():
            ip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
            ip("-n", name, "link", "set", "cable", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for _, name in ENDS.values():
            ip("netns", "delete", name)


def device(index: int, file: Path) -> Started:
    """Start a device on its machine."""
    return Started(
        *("--lecture", "0", "--algorithm", "Talker", "--quiet", "--type", "zeromq"),
        *("--hosts", str(file), "--index", str(index), "--max-time", "120"),
        within=("ip", "netns", "exec", ENDS[index][1]),
    )


@pytest.mark.slow
def test_devices_whose_cable_is_cut_go_on_and_find_each_other_again(
    cable: None, tmp_path: Path
) -> None:
    command("keys", tmp_path / "keys", "--devices", 2)
    file = tmp_path / "hosts.toml"
    addresses = ", ".join(f'"{address}:5550"' for address, _ in ENDS.values())
    file.write_text(f'devices = [{addresses}]\nkeys = "keys"\n')
    runs = [device(index, file) for index in ENDS]
    try:
        runs[0].until("device 0 hears 1")
        runs[1].until("device 1 hears 0")
        ip("-n", ENDS[0][1], "link", "set", "cable", "down")
        runs[0].until("Device 1 is missing since")
        runs[1].until("Device 0 is missing since")
        ip("-n", ENDS[0][1], "link", "set", "cable", "up")
        runs[0].until("Device 1 is back at")
        runs[1].until("Device 0 is back at")
        for run in runs:
            run.process.send_signal(signal.SIGINT)
        assert [run.rest()[0] for run in runs] == [130, 130]
    finally:
        for run in runs:
            run.process.kill()
            run.process.communicate()
