"""What the examples share: each process of an example is a real one, started from here."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def free_addresses(count: int) -> list[str]:
    """Return addresses on this computer that nobody uses."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"localhost:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def run(processes: int, part: Callable[[int, list[str]], None]) -> int:
    """Run ``part(index, addresses)`` in as many processes; print their output in index order.

    The example starts itself again for each of them, with the index and the addresses behind its
    name. Returns the exit status.
    """
    from emulators.monitor.endpoint import zmq_module
    from emulators.monitor.errors import MonitorError
    from emulators.start.bootstrap import ensure

    ensure()  # the packages of the framework are there, or are set up now
    try:
        zmq_module()
    except MonitorError as error:
        print(error, file=sys.stderr)
        return 2
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        part(int(sys.argv[1]), sys.argv[2:])
        return 0
    addresses = free_addresses(processes)
    started = [
        subprocess.Popen([sys.executable, sys.argv[0], str(index), *addresses], stdout=-1)
        for index in range(processes)
    ]
    for one in started:
        output, _ = one.communicate()
        print(output.decode(), end="")
    return max(one.returncode for one in started)
