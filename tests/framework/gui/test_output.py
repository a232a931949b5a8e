"""What a run prints: kept for its thread, passed on for all others."""

import io
import sys
import threading
import weakref

from emulators.gui.output import Output


def test_what_this_thread_prints_is_kept_and_what_others_print_is_passed_on(monkeypatch) -> None:
    outside = io.StringIO()
    monkeypatch.setattr(sys, "stdout", outside)
    output = Output()
    with output.of_this_thread():
        print("kept")
        other = threading.Thread(target=print, args=("passed on",))
        other.start()
        other.join()
    print("afterwards")
    assert output.text == "kept\n"
    assert outside.getvalue() == "passed on\nafterwards\n"


def test_who_is_still_printing_when_the_block_ends_does_not_lose_the_stream() -> None:
    output = Output()
    with output.of_this_thread():
        stream = weakref.ref(sys.stdout)
    assert stream() is not None
    with output.of_this_thread():
        assert sys.stdout is stream()
