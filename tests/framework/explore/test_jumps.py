"""States as whole numbers: they lead where the network's moves lead."""

import pytest

from emulators.explore.cells import Faults
from emulators.explore.jumps import MASK, packed, unpacked
from tests.framework.explore.plain import network, reachable
from tests.framework.explore.test_against_plain_search import program


def test_a_state_is_what_it_was_when_it_is_unpacked():
    state = (3, 0, MASK, 7, 1)
    assert unpacked(packed(state), 5) == state


def test_a_cell_with_too_large_a_number_is_more_than_memory_holds():
    with pytest.raises(MemoryError):
        packed((MASK + 1,))


@pytest.mark.parametrize("faults", [Faults(), Faults(1, 0, 1), Faults(0, 1, 0)], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_states_lead_where_moves_lead(seed, faults):
    made = network(program(seed, 3, 2), 3, faults, fifo=seed % 2 == 0, reduced=seed % 3 > 0)
    for state, resting in list(reachable(made).items())[:300]:
        assert made.expand(state) == [after for _, after in made.moves(state)]
        assert made.resting == resting
    made.close()
