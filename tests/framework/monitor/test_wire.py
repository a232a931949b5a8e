"""The documented frames byte by byte, and what is no frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.monitor.wire import (
    Ack,
    Answer,
    Ask,
    Beat,
    Body,
    Census,
    Copy,
    Goodbye,
    Grant,
    Hello,
    Malformed,
    Request,
    Token,
    decoded,
    frame_of_control,
    frame_of_request,
    frame_of_token,
    hears,
    topics,
)

GOLDEN = [
    (Request(0, 1), "00000000 00000001 00000001"),
    (Request(2, 258), "00000000 00000003 00000102"),
    (Token(1, Body((), (1, 0, 0), bytes.fromhex("00000007"))),
     "00000002 00000000 00000001 00000000 00000000 00000007"),
    (Token(0, Body((2, 1), (5, 6, 70000), b"xyz")),
     "00000001 00000002 00000003 00000002 00000005 00000006 00011170 78797a"),
    (Token(2, Body((), (0, 0, 2**31 - 1), b"")),
     "00000003 00000000 00000000 00000000 7fffffff"),
]  # fmt: skip
BODY = Body((2, 0), (1, 2, 3), b"state")
CONTROLS = [
    Hello(1, 2**31 - 1),
    Beat(2, 5, 2**40, True, False),
    Copy(1, True, BODY),
    Ack(1, 2**31 - 1, -1),
    Ask(2),
    Census(1, 77),
    Answer(2, 77, 78, False, None, (0, 1), (4, 5, 6), BODY),
    Answer(2, 77, 78, True, 1, (), (4, 5, 6), BODY),
    Grant(1, 77),
    Goodbye(1, True),
]


def encoded(frame):
    return frame_of_request(frame) if isinstance(frame, Request) else frame_of_token(frame)


@pytest.mark.parametrize(("frame", "golden"), GOLDEN, ids=[golden[:26] for _, golden in GOLDEN])
def test_a_documented_frame_has_the_documented_bytes(frame, golden):
    data = bytes.fromhex(golden)
    assert encoded(frame) == data
    assert decoded(data, 3, 0) == frame


indices = st.integers(0, 4)
numbers = st.integers(0, 2**31 - 1)
bodies = st.builds(
    Body,
    st.lists(indices, unique=True).map(tuple),
    st.tuples(*[numbers] * 5),
    st.binary(max_size=30),
)


@given(st.one_of(st.builds(Request, indices, numbers), st.builds(Token, indices, bodies)))
def test_a_frame_comes_back_as_it_was(frame):
    assert decoded(encoded(frame), 5, 0) == frame


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: type(one).__name__)
def test_a_frame_of_ours_comes_back_for_the_one_it_is_for(control):
    assert decoded(frame_of_control(control), 3, 0) == control
    assert decoded(frame_of_control(control, 0), 3, 0) == control
    assert decoded(frame_of_control(control, 1), 3, 0) is None


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: type(one).__name__)
def test_a_frame_of_ours_is_neither_a_request_nor_a_token_of_the_documented_format(control):
    for to in (None, 0, 1, 2):
        first = int.from_bytes(frame_of_control(control, to)[:4], "big", signed=True)
        assert first < 0


def test_a_process_subscribes_to_requests_tokens_and_what_is_for_it():
    def heard(frame, me):
        return any(frame.startswith(topic) for topic in topics(me, 300))

    assert heard(frame_of_request(Request(1, 1)), 0)
    assert heard(frame_of_token(Token(1, BODY)), 0)
    assert heard(frame_of_token(Token(299, BODY)), 0)
    assert heard(frame_of_control(Ask(1)), 0)
    assert heard(frame_of_control(Ask(1), 0), 0)
    assert not heard(frame_of_control(Ask(1), 2), 0)


def test_our_own_subscriptions_do_not_pass_for_those_of_another_make():
    assert not any(hears(topic, index) for topic in topics(1, 300) for index in range(300))
    assert hears(b"", 1)
    assert hears(bytes.fromhex("00000002"), 1)
    assert not hears(bytes.fromhex("00000002"), 2)


def data(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "0 bytes are too few"),
        (b"\0\0\0", "3 bytes are too few"),
        (data("00000000 00000001"), "8 bytes are too few"),
        (data("00000000 00000001 00000001 00"), "1 bytes too many"),
        (data("00000000 00000000 00000001"), "the sender is 0, and there are processes 1 to 3"),
        (data("00000000 00000004 00000001"), "the sender is 4"),
        (data("00000000 00000001 ffffffff"), "RN is -1"),
        (data("00000004 00000000 00000000 00000000 00000000"), "a token for process 4"),
        (data("00000001 00000000 00000000 00000000"), "16 bytes are too few"),
        (data("00000001 ffffffff 00000000 00000000 00000000"), "a number of processes is -1"),
        (data("00000001 7fffffff 00000000 00000000 00000000"), "2147483647 processes are listed"),
        (data("00000001 00000001 00000009 00000000 00000000 00000000"), "a listed process is 9"),
        (data("00000001 00000002 00000002 00000002 00000000 00000000 00000000"), "queued twice"),
        (data("00000001 00000000 ffffffff 00000000 00000000"), "LN has the entry -1"),
        (data("ffffffff 00000063 00000001"), "no frame is of kind 99"),
        (data("ffffffff 00000005 00000007"), "the sender is 7"),
    ],
    ids=lambda value: value.hex() or "empty" if isinstance(value, bytes) else "",
)
def test_what_is_no_frame_is_refused_with_the_reason(frame, reason):
    with pytest.raises(Malformed, match=reason):
        decoded(frame, 3, 0)


@given(st.binary(max_size=80), st.integers(1, 5))
def test_any_bytes_are_a_frame_or_malformed(noise, processes):
    try:
        decoded(noise, processes, 0)
    except Malformed as error:
        assert str(error)  # noqa: PT017


@given(st.sampled_from(CONTROLS), st.integers(0, 60))
def test_a_frame_that_is_cut_off_is_malformed_or_another_frame(control, length):
    whole = frame_of_control(control)
    try:
        decoded(whole[: min(length, len(whole))], 3, 0)
    except Malformed as error:
        assert str(error)  # noqa: PT017
