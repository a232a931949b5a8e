"""Many runs: the smallest and shortest that fails is what a student gets to see."""

from emulators.grading import case
from emulators.grading.case import cases_of
from emulators.program import RunConfig
from tests.framework.grading.submitting import handed_in, verdicts


def test_runs_are_ordered_by_size_then_seed(tmp_path):
    runs = handed_in(tmp_path).runs("PingPong", devices=(3, 2), seeds=2)
    order = [(one.devices, one.seed, one.type) for one in runs.configs]
    assert order == [(n, s, t) for n in (2, 3) for s in (1, 2) for t in ("sync", "async")]


def test_seeds_of_a_submission_replace_those_of_a_case(tmp_path):
    assert len(handed_in(tmp_path, seeds=5).runs("PingPong", types=("sync",), devices=(2,))) == 5


def test_seeds_in_turns_are_one_run_each(tmp_path):
    runs = handed_in(tmp_path, seeds=5, in_turns=True).runs("PingPong", devices=(2, 3))
    order = [(one.devices, one.type, one.seed) for one in runs.configs]
    assert sorted(order, key=lambda run: run[2]) == [
        (2, "sync", 1),
        (2, "async", 2),
        (3, "sync", 3),
        (3, "async", 4),
        (2, "sync", 5),
    ]


def test_the_fewest_devices_that_fail_are_reported(tmp_path):
    says = "self.index if self.number_of_devices == 3 else 7"
    first, _ = verdicts(handed_in(tmp_path, says=says))
    assert "3 devices" in first.evidence.run
    assert first.evidence.run.endswith("4 of 4 such runs fail")


def test_the_shortest_run_is_reported(tmp_path):
    more = "[self.medium.send(MessageStub(0, 0)) for _ in range(9 if self.medium.now < 2 else 0)]"
    first, _ = verdicts(handed_in(tmp_path, f"import sys; {more}", says="self.index"))
    assert first.evidence is not None


@case("PingPong")
def test_the_first(submission):
    """The first run is blamed."""
    for run in submission.runs(types=("sync",), devices=(2,), seeds=3):
        if run.config.seed == 2:
            event = next(run.trace.of("send"))
            raise submission.runs().blame(run, violation=run.wrong("it is the second", event))


def test_a_case_may_blame_a_run_itself(tmp_path):
    (verdict,) = verdicts(handed_in(tmp_path), cases_of(test_the_first))
    assert verdict.happened == "it is the second"
    assert "seed 2" in verdict.evidence.run
    assert verdict.evidence.lines[-1].startswith(">")


test_the_first.__test__ = False


def test_a_network_may_depend_on_devices_and_seed(tmp_path):
    def scenario(devices, seed):
        return {"crash": [{"device": seed % devices, "at": "1s"}]}

    runs = handed_in(tmp_path).runs("PingPong", types=("sync",), network=scenario, seeds=2)
    config: RunConfig = runs.configs[1]
    assert (config.devices, config.seed, config.network.crashes[0].device) == (2, 2, 0)
