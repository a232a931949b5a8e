"""What does not come back is waited for once."""

import pytest

from emulators.errors import Unresponsive
from emulators.gui.patience import Patience


class Endless:
    asked = 0

    def __str__(self):
        Endless.asked += 1
        raise Unresponsive


def test_what_did_not_come_back_is_not_asked_again_until_it_may_be_mended():
    patience, before = Patience(), Endless.asked
    for _ in range(3):
        with pytest.raises(Unresponsive):
            patience.ask(Endless, "text", lambda: str(Endless()))
    assert Endless.asked == before + 1
    assert patience.ask(Endless, "state", lambda: 3) == 3
    patience.renew()
    assert patience.ask(Endless, "text", lambda: "mended") == "mended"
