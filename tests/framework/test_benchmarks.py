"""The benchmarks work: each measures something at a tiny size. How fast it is, they tell."""

import importlib

import pytest

from benchmarks import grading, lectures, monitor, network, recording, scale, start, throughput
from benchmarks.__main__ import NAMES
from benchmarks.measuring import in_process, rates, report, table
from emulators.AsyncEmulator import AsyncEmulator
from emulators.lectures import LECTURES
from emulators.SyncEmulator import SyncEmulator


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_named(name):
    assert callable(importlib.import_module(f"benchmarks.{name}").main)


def test_every_candidate_of_the_exchange_does_the_same_number_of_messages():
    candidates = {
        "async": throughput.ours(AsyncEmulator, 4, 40),
        "sync": throughput.ours(SyncEmulator, 4, 40),
        "threads": throughput.on_threads(4, 40),
        "SimPy": throughput.with_simpy(4, None, 40),
        "SimPy, sync": throughput.with_simpy(4, 0.1, 40),
    }
    assert {candidate() for candidate in candidates.values()} == {40}
    assert all(rate > 0 for rate in rates(candidates, goes=1).values())


@pytest.mark.parametrize("type_", ["sync", "async"])
def test_a_crowd_runs_and_what_a_message_costs_is_measured(type_):
    crowd = scale.crowd(type_, 3_000)  # more than Python's limit of recursion
    assert crowd.statistics.sent == 9_000
    assert sum(device.greetings for device in crowd.devices) > 0
    assert all(cost > 0 for cost in scale.costs(type_, (2, 5), 50, goes=1))


@pytest.mark.parametrize("emulator", [SyncEmulator, AsyncEmulator])
@pytest.mark.parametrize("name", network.NETWORKS)
def test_the_exchange_over_a_hostile_network_is_measured(emulator, name):
    assert network.exchange(emulator, 4, network.NETWORKS[name], 40)() == 40


def test_a_class_is_graded_and_measured():
    assert grading.a_class(2, 2)() == 2
    assert grading.judge_here(1) == 10


def test_a_module_is_measured_in_a_process_of_its_own():
    measured = in_process("benchmarks.scale", "sync", 5)
    assert 1e6 < measured.peak < 1e9
    assert measured.seconds > 0


@pytest.mark.parametrize("type_", ["sync", "async"])
def test_the_cost_of_recording_is_measured(type_, tmp_path):
    best = recording.costs(type_, 1_000, tmp_path / "run", goes=1)
    assert list(best) == ["plain", "recorded", "with trace", "with trace, recorded"]
    assert (tmp_path / "run").read_bytes().count(b"\n") >= 1_000


def test_a_start_imports_no_window_and_a_list_no_package():
    assert start.imported(start.COMMANDS["--list"]) == []
    assert "PyQt6" not in start.imported(start.PING_PONG)
    assert start.starts({"nothing": ("-c", "pass")}, goes=1)["nothing"] > 0


@pytest.mark.parametrize("number", [number for number, one in LECTURES.items() if one.file])
def test_every_lecture_has_an_algorithm_to_be_measured(number):
    lecture = LECTURES[number]
    file = lectures.exercises_of(lecture) / f"{lecture.file}.py"
    assert lectures.main_algorithm(lecture) in file.read_text(encoding="utf-8")


def test_a_lecture_is_measured():
    assert len(lectures.row(LECTURES[0], enough=0.0001)) == 9


@pytest.mark.slow
def test_entries_into_a_monitor_and_hops_of_a_bare_token_are_measured():
    assert all(monitor.rate(part, (20, 20)) > 0 for part in ("bare", "monitor"))


def test_tables_are_markdown(capsys):
    report("Title", ["a", "b"], [["1", "2"]])
    table("Rates", {"row": {"ours": 20.0, "theirs": 8.0}}, "theirs", {"row": "2"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == ["", "### Title", "", "| a | b |", "|---|---|"]
    assert lines[-1] == "| row | 20 | 8 | 2.50 | 2 |"
