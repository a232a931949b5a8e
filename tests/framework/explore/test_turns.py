"""The usual way to search: breadth first, walks, breadth first."""

import pytest

from emulators.explore import turns
from emulators.explore.answer import BOUNDED, HOLDS, UNKNOWN, VIOLATED
from tests.framework.explore.asking import ONCE, ask, ask_about
from tests.framework.explore.programs import mutant


@pytest.fixture
def early(monkeypatch):
    """Let walks begin soon."""
    monkeypatch.setattr(turns, "FIRST", 20)
    monkeypatch.setattr(turns, "SHORTER", 20)


def test_a_small_program_is_searched_breadth_first_only():
    answer = ask("TokenRing")
    assert (answer.verdict, answer.walks, answer.strategy) == (HOLDS, 0, "bfs")


def wrong(folder):
    return ask("RicartAgrawala", exercises=mutant(folder, 4, "answers_while_inside"))


def test_a_walk_finds_what_is_deep_and_it_becomes_short(early, tmp_path):
    answer = wrong(tmp_path)
    assert (answer.verdict, answer.strategy) == (VIOLATED, "bfs and walks")
    assert answer.counterexample.events <= 20


def test_the_same_seed_walks_to_the_same_run(early, tmp_path):
    assert len({wrong(tmp_path).counterexample.schedule for _ in range(2)}) == 1


def test_after_the_walks_the_search_goes_on_to_the_end(early, monkeypatch):
    monkeypatch.setattr(turns, "MOVES", 500)
    answer = ask("SuzukiKasami", bounds=ONCE)
    assert answer.verdict == HOLDS
    assert answer.walks > 0


def test_a_bound_of_states_is_kept(early, monkeypatch):
    monkeypatch.setattr(turns, "MOVES", 500)
    answer = ask("SuzukiKasami", bounds=ONCE, states=300)
    assert answer.verdict == BOUNDED
    assert answer.states < 600


def test_what_cannot_be_searched_is_walked(tmp_path):
    source = """
    everybody = []
    class Program(Device):
        def run(self):
            everybody.append(self.index)
            assert everybody != [1, 0]
    """
    answer = ask_about(tmp_path, source.replace("\n    ", "\n"))
    assert answer.verdict == VIOLATED


def test_what_is_right_and_cannot_be_searched_stays_unknown(tmp_path):
    source = """
    everybody = []
    class Program(Device):
        def run(self):
            everybody.append(self.index)
    """
    assert ask_about(tmp_path, source.replace("\n    ", "\n")).verdict == UNKNOWN
