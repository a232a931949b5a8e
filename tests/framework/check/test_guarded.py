"""A property that makes a mistake of its own: the run goes on, and nobody else is blamed."""

import json

import pytest

from emulators.check import choosing, lectures
from emulators.check.guarded import Guarded
from emulators.check.property import Property
from tests.framework.check.histories import event
from tests.framework.commands import PING, command


class Clumsy(Property):
    """Stumbles at the first message."""

    name = "clumsy"
    sentence = "Nothing is wrong with this property."

    def on_send(self, event: object) -> None:
        raise KeyError("oops")


class Late(Property):
    """Stumbles at the end."""

    name = "clumsy"
    sentence = Clumsy.sentence

    def end(self, run: object) -> None:
        raise KeyError("oops")


def test_what_a_property_raises_is_kept_and_it_is_told_no_more() -> None:
    one = Guarded(Clumsy())
    for serial in (1, 2):
        one.on_send(event(0, "send", 0, 1, serial))  # type: ignore[attr-defined]
    assert str(one.fault) == "'oops'"


@pytest.mark.parametrize("kind", [Clumsy, Late])
def test_a_run_says_that_the_property_is_to_blame(
    kind: type[Property], monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = {"clumsy": lectures.Offer(kind, lambda constants: kind())}
    monkeypatch.setattr(choosing, "properties_of", lambda lecture, algorithm: offers)
    status, out, err = command(*PING, "--devices", 2, "--check", "clumsy")
    assert (status, err) == (1, "")
    assert "clumsy could not be judged: KeyError: 'oops'\n" in out
    assert "a mistake of the property, not of the program" in out
    _, out, _ = command(*PING, "--devices", 2, "--check", "clumsy", "--json")
    answer = json.loads(out)
    assert (answer["failures"], answer["properties"][0]["holds"]) == ([], None)
