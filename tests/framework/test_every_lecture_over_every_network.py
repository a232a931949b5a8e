"""Whatever an exercise does over a hostile network, the framework stays sound.

Templates and reference solutions of all lectures, sync and async, over each shipped scenario: no
failure of ours, and each message is received, lost, undeliverable or still on its way.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from pathlib import Path

import pytest

from emulators.network.scenario import Network, scenario_names
from emulators.runner import Result, prepared
from emulators.usage import UsageError
from tests.framework.recordings import Case, cases
from tests.framework.soundness import watched

LECTURES = sorted({case.lecture for case in cases()})
NEEDS_OTHERS = ("BlockchainClient", "SignedBlockchainClient", "ChordNode")
"""Classes that a network makes with more arguments than the framework gives."""


def over(case: Case, name: str, scratch: Path) -> Result:
    """Run a case over a scenario, short and silently."""
    config = replace(case.config(scratch), devices=5, network=Network.load(name))
    nowhere = io.StringIO()
    with (
        watched() as faults,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        prepared(config, quiet=True) as made,
    ):
        result = made.go()
        result.emulator.print_result()
    assert not faults or case.algorithm in NEEDS_OTHERS, (str(case), faults)
    return result


def check(case: Case, name: str, scratch: Path) -> None:
    try:
        result = over(case, name, scratch)
    except UsageError as error:  # a lecture that needs more devices, or another kind of them
        if "this run has 5" not in str(error):
            raise
        return
    counted = result.statistics
    in_transit = len(result.emulator.in_transit())
    assert counted.sent + counted.duplicated == (
        counted.received + counted.lost + counted.undeliverable + in_transit
    )


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_lecture_stays_sound_in_chaos(lecture: int, tmp_path: Path) -> None:
    for case in cases():
        if case.lecture == lecture:
            check(case, "chaos", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in scenario_names() if name != "chaos"])
def test_every_lecture_stays_sound(name: str, tmp_path: Path) -> None:
    for case in cases():
        check(case, name, tmp_path)
