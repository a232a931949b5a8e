"""One process as its supervisor knows it."""

from __future__ import annotations

import signal
import sys
from queue import SimpleQueue

import pytest

from emulators.transports.child import launched


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_does_not_reach_a_process_that_has_just_begun() -> None:
    child = launched(0, 0, SimpleQueue())
    child.process.send_signal(signal.SIGINT)
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(60) == 1  # by itself: nobody gives it orders
    child.close()
