"""The base of all properties: the first violation counts, forks are independent, states compare."""

from emulators.check.property import Property
from tests.framework.check.histories import Step, event, told


class Greeted(Property):
    """Everybody sends at most once."""

    name = "greeted"
    sentence = "Nobody speaks twice."

    def __init__(self) -> None:
        super().__init__()
        self.spoken: dict[int, list[int]] = {}
        self._first: dict[int, object] = {}

    def on_send(self, event: tuple[str, int, int, tuple[int, ...]]) -> None:  # type: ignore[override]
        _, _, device, envelope = event
        if device in self.spoken:
            self.violated(f"device {device} speaks twice", event)
        self.spoken.setdefault(device, []).append(envelope[3])
        self._first.setdefault(device, event)


def sent(sender: int, to: int, serial: int) -> Step:
    return ("send", sender, to, serial)


def test_the_first_violation_is_kept() -> None:
    one = told(Greeted(), [sent(0, 1, 1), sent(0, 1, 2), sent(0, 2, 3)])
    assert one.violation is not None
    assert (one.violation.property, one.violation.sentence) == ("greeted", "Nobody speaks twice.")
    assert one.violation.events[0][3][1] == 2


def test_a_fork_shares_nothing_that_changes() -> None:
    one = told(Greeted(), [sent(0, 1, 1)])
    other = one.fork()
    assert isinstance(one, Greeted)
    assert isinstance(other, Greeted)
    other.on_send(event(0, *sent(0, 2, 2)))
    assert one.spoken == {0: [1]}
    assert (one.violation, other.violation is None) == (None, False)


def test_states_are_equal_where_the_future_is_judged_alike() -> None:
    one = told(Greeted(), [sent(0, 1, 1), sent(1, 0, 2)])
    other = told(Greeted(), [("log", 0, "later"), sent(1, 0, 5), sent(0, 1, 9)])
    third = told(Greeted(), [sent(0, 1, 1)])
    assert one.state() == other.state()
    assert hash(one.state()) == hash(other.state())
    assert one.state() != third.state()
