"""One run from its configuration: fresh namespaces, settings, limits, what comes of it."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.kernel.choices import Seeded
from emulators.kernel.tasks import running
from emulators.runner import RunConfig, config_of, digest, header_of, prepared
from emulators.usage import UsageError

EXERCISE = """
from emulators.Device import Device

LIMIT = 3
NAMES = ["a", "b"]
seen = []

class Counter(Device):
    STEP = 2
    built = 0

    def __init__(self, index, number_of_devices, medium):
        super().__init__(index, number_of_devices, medium)
        Counter.built += 1
        seen.append(index)

    def run(self):
        for _ in range(LIMIT):
            self.medium.wait_for_next_round()

class Quick(Counter):
    STEP = 5
"""


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    """A run of the class above."""
    (tmp_path / "demo.py").write_text(EXERCISE)
    return RunConfig(0, "Counter", "sync", 3, 1, tmp_path)


def result_of(config: RunConfig):
    with prepared(config, quiet=True) as made:
        return made.go()


def test_a_run_that_ends_by_itself_is_done(config: RunConfig) -> None:
    assert result_of(config).ended == "done"


def test_every_run_has_a_namespace_of_its_own(config: RunConfig) -> None:
    first, second = result_of(config).module, result_of(config).module
    assert first.seen == second.seen == [0, 1, 2]
    assert first.Counter.built == second.Counter.built == 3
    assert first.seen is not second.seen


def test_a_seed_is_drawn_where_none_is_given(config: RunConfig) -> None:
    seeds = {result_of(replace(config, seed=None)).seed for _ in range(3)}
    assert len(seeds) == 3


def test_a_setting_changes_a_constant_of_the_module(config: RunConfig) -> None:
    result = result_of(replace(config, settings={"LIMIT": 9}))
    assert result.statistics.rounds == 10


def test_a_setting_changes_a_constant_of_every_class_that_has_it(config: RunConfig) -> None:
    module = result_of(replace(config, settings={"STEP": 7})).module
    assert (module.Counter.STEP, module.Quick.STEP) == (7, 7)


@pytest.mark.parametrize("name", ["Counter", "Device", "nothing"])
def test_what_is_no_constant_cannot_be_set(config: RunConfig, name: str) -> None:
    with pytest.raises(UsageError, match="no constant of that name"):
        result_of(replace(config, settings={name: 1}))


def test_a_run_is_current_only_while_it_lasts(config: RunConfig) -> None:
    with prepared(config, quiet=True) as made:
        assert running() is made.emulator.scheduler
    assert running() is None


def test_runs_may_be_nested(config: RunConfig) -> None:
    with prepared(config, quiet=True) as outer:
        inner = result_of(config)
        assert running() is outer.emulator.scheduler
        assert outer.go().ended == inner.ended == "done"


def test_two_runs_beside_each_other_do_not_meet(config: RunConfig) -> None:
    results = []
    threads = [threading.Thread(target=lambda: results.append(result_of(config))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.module.seen for result in results] == [[0, 1, 2]] * 2


def test_choices_may_come_from_elsewhere(config: RunConfig) -> None:
    asked = []

    def choices(seed: int) -> Seeded:
        asked.append(seed)
        return Seeded(seed)

    with prepared(config, quiet=True, choices=choices) as made:
        made.go()
    assert asked == [1]


def test_a_run_can_be_had_with_its_trace(config: RunConfig) -> None:
    with prepared(config, quiet=True, trace=True) as made:
        made.go()
    assert made.trace is not None
    assert [event.kind for event in made.trace].count("end") == 3


# -- limits


@pytest.mark.parametrize(
    ("network", "limits"),
    [("sync", (1000, None, 100_000)), ("async", (None, 100.0, 100_000))],
)
def test_a_lecture_limits_rounds_or_time_whatever_the_network_counts(
    config: RunConfig, network: str, limits: tuple
) -> None:
    found = replace(config, type=network).limits
    assert (found.rounds, found.time, found.messages) == limits


def test_a_limit_of_ones_own_replaces_that_of_the_lecture(config: RunConfig) -> None:
    found = replace(config, max_rounds=7, max_messages=9).limits
    assert (found.rounds, found.time, found.messages) == (7, None, 9)


def test_a_limit_of_time_alone_replaces_that_of_rounds(config: RunConfig) -> None:
    found = replace(config, max_time=3.0).limits
    assert (found.rounds, found.time) == (None, 3.0)


# -- what a recording says of its run


@pytest.mark.parametrize("network", ["sync", "async"])
def test_a_configuration_survives_its_recording(config: RunConfig, network: str) -> None:
    original = replace(
        config,
        type=network,
        settings={"LIMIT": 4},
        fifo=True,
        max_messages=50,
        latency=(0.1, 0.2) if network == "async" else config.latency,
    )
    read = config_of(header_of(original), config.exercises)
    assert read.limits == original.limits
    assert replace(read, max_rounds=None, max_time=None) == original


def test_a_digest_is_of_the_text_and_not_of_its_line_breaks(config: RunConfig) -> None:
    before = digest(config)
    file = config.exercises / "demo.py"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert digest(config) == before
    file.write_bytes(file.read_bytes() + b"#")
    assert digest(config) != before
