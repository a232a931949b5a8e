"""Several processes come to the answer of one."""

import pytest

from emulators.errors import UsageError
from emulators.explore.answer import BOUNDED, HOLDS, VIOLATED
from emulators.explore.cells import Faults
from emulators.explore.jumps import OWN, Layout
from emulators.explore.parallel import Parallel
from emulators.explore.search import Limits
from emulators.explore.worker import PART, Worker, homes
from tests.framework.explore.asking import CRASH, ONCE, ask
from tests.framework.explore.plain import network
from tests.framework.explore.test_against_plain_search import program


def seen(answer):
    return answer.verdict, answer.states, answer.moves, answer.depth


@pytest.mark.parametrize("jobs", [2, 3])
def test_all_states_are_seen_once(jobs):
    asked = {"strategy": "bfs", "bounds": ONCE}
    one = ask("RicartAgrawala", **asked)
    assert one.verdict == HOLDS
    assert seen(ask("RicartAgrawala", jobs=jobs, **asked)) == seen(one)


def test_devices_may_crash_in_several_processes():
    asked = {"strategy": "bfs", "faults": CRASH, "checks": ("mutual_exclusion",)}
    assert seen(ask("Centralised", jobs=2, **asked)) == seen(ask("Centralised", **asked))


@pytest.mark.parametrize("checks", [(), ("device[0].grants < 2",)], ids=["rest", "condition"])
def test_a_violation_has_the_same_length(checks):
    asked = {"strategy": "bfs", "bounds": ONCE, "checks": checks}
    one, two = ask("Maekawa", 2, **asked), ask("Maekawa", 2, jobs=2, **asked)
    assert one.verdict == two.verdict == VIOLATED
    assert one.counterexample.violation.property == two.counterexample.violation.property
    assert one.counterexample.events == two.counterexample.events


def test_the_same_is_found_again():
    found = [ask("Maekawa", 2, strategy="bfs", jobs=2).counterexample.lines for _ in range(2)]
    assert found[0] == found[1]


def test_a_limit_ends_all_processes():
    answer = ask("SuzukiKasami", strategy="bfs", jobs=2, depth=4)
    assert (answer.verdict, answer.depth) == (BOUNDED, 4)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"strategy": "random"}, "only breadth-first"),
        ({"checks": ("can_finish",)}, "--jobs 2: not with"),
    ],
    ids=str,
)
def test_what_needs_one_process_is_refused(asked, words):
    with pytest.raises(UsageError, match=words):
        ask("TokenRing", jobs=2, **asked)


def stopped(meanwhile):
    """Search with two processes; return why it ended."""
    made = network(program(1, 2, 2), 2, Faults(), fifo=False, reduced=True)
    search = Parallel(made, lambda state, at_rest: "", Limits(), lambda *_: meanwhile(search), 2)
    ended = search.run().ended
    made.close()
    return ended


def test_an_interrupt_ends_all_processes():
    def interrupt(search):
        raise KeyboardInterrupt

    assert stopped(interrupt) == "interrupted"


def test_a_process_that_is_gone_ends_the_search_with_an_answer():
    assert stopped(lambda search: search.helpers[1].process.kill()) == "gone"


def test_a_worker_says_what_it_lacks_and_tries_again():
    worker = Worker(0, 1, Layout(1, patient=True, faults=False))
    worker.frontier = [5]
    worker.parents[5] = -1
    asked, left, *_ = worker.know([], [])
    assert (asked, left) == ([(OWN, 0, 5, 0), (1, 0, 5, 0)], 1)
    asked, left, *_ = worker.know([(asked[0], ((2, (), 0),))], [])
    assert (asked, left, worker.parents) == ([], 0, {5: -1, 7: 5})


def test_states_are_shared_out_evenly():
    counted = [homes(3).count(worker) for worker in range(3)]
    assert sum(counted) == PART + 1
    assert max(counted) - min(counted) < 40
