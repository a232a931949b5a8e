"""A coroutine on a greenlet: resumed, suspended, killed, looked at."""

from contextlib import suppress

import pytest

from emulators.kernel.carrier import GreenletCarrier, Killed


@pytest.fixture
def carrier() -> GreenletCarrier:
    return GreenletCarrier()


def test_nothing_runs_before_the_first_resume(carrier):
    seen = []
    carrier.spawn(lambda: seen.append("ran"))
    assert seen == []


def test_a_suspended_function_goes_on_where_it_stood(carrier):
    seen = []

    def function():
        seen.append("before")
        carrier.suspend()
        seen.append("after")

    coroutine = carrier.spawn(function)
    coroutine.resume()
    assert seen == ["before"]
    coroutine.resume()
    assert seen == ["before", "after"]


def test_two_functions_take_turns(carrier):
    seen = []

    def function(name):
        for number in range(3):
            seen.append(f"{name}{number}")
            carrier.suspend()

    one, other = carrier.spawn(lambda: function("a")), carrier.spawn(lambda: function("b"))
    for _ in range(3):
        one.resume()
        other.resume()
    assert seen == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_killing_runs_the_finally_blocks(carrier):
    seen = []

    def function():
        try:
            carrier.suspend()
        finally:
            seen.append("finally")

    def body():
        with suppress(Killed):
            function()

    coroutine = carrier.spawn(body)
    coroutine.resume()
    assert coroutine.kill()
    assert seen == ["finally"]


def test_no_except_exception_catches_the_exit(carrier):
    seen = []

    def function():
        try:
            carrier.suspend()
        except Exception:
            seen.append("caught")

    coroutine = carrier.spawn(function)
    coroutine.resume()
    with pytest.raises(Killed):
        coroutine.kill()
    assert seen == []


def test_a_function_that_swallows_the_exit_has_not_ended(carrier):
    def function():
        try:
            carrier.suspend()
        except BaseException:
            carrier.suspend()

    coroutine = carrier.spawn(function)
    coroutine.resume()
    assert not coroutine.kill()
    coroutine.resume()
    assert coroutine.kill()


def test_killing_what_never_began_runs_nothing(carrier):
    seen = []
    coroutine = carrier.spawn(lambda: seen.append("ran"))
    assert coroutine.kill()
    assert seen == []


def test_the_frame_is_where_the_function_stands(carrier):
    def function():
        carrier.suspend()

    coroutine = carrier.spawn(function)
    coroutine.resume()
    frame = coroutine.frame()
    assert frame is not None
    assert frame.f_code is function.__code__


def test_there_is_no_frame_before_the_beginning_and_after_the_end(carrier):
    coroutine = carrier.spawn(lambda: None)
    assert coroutine.frame() is None
    coroutine.resume()
    assert coroutine.frame() is None
