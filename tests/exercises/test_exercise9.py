"""Lecture 9: the word count by MapReduce equals an independent count."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from emulators.errors import UsageError
from ex9data.files import read_counts
from ex9data.unpack import PROJECT, ensure_books
from exercises import exercise9 as template
from tests.running import run

NETWORKS = ("sync", "async")
TEXTS = {  # small books, for runs with many sizes and seeds
    "a.txt": "One word, two words: three WORDS!\n",
    "b.txt": "Déjà vu? Déjà lu; été – hiver.\n" * 3,
    "c.txt": "",
    "d.txt": "the the the The THE\nand 1984 x2y don't_stop\n",
    "e.txt": " ".join(f"{a}{b}" for a in "klmnprst" for b in "aeiou"),
    "f.txt": "“Words,” she said… “words — words!”",
    "g.txt": "one",
}


@pytest.fixture
def small(tmp_path):
    """Settings for a run over the small books."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {"BOOKS_FOLDER": str(folder), "RESULTS_FOLDER": str(tmp_path / "results")}


def independent_count(folder: str | Path) -> Counter[str]:
    """Counts letter by letter, without the exercise and without regular expressions."""
    counts = Counter()
    for path in Path(folder).iterdir():
        text = path.read_text(encoding="utf-8").lower()
        counts.update("".join(c if c.isalpha() else " " for c in text).split())
    return counts


def counted(result, settings) -> Counter[str]:
    """What stands in the result files of a run."""
    counts = Counter()
    for filename in result.devices[0].result_files:
        counts.update(read_counts(settings["RESULTS_FOLDER"], filename))
    return counts


def solve(network, devices, partitions, settings, seed=1, **options):
    settings = {**settings, "NUMBER_OF_PARTITIONS": partitions}
    return run(
        9,
        "MapReduceNetwork",
        network,
        devices=devices,
        seed=seed,
        solution=True,
        settings=settings,
        **options,
    )


def rounds_of(result) -> int:
    return sum(event.kind == "round" for event in result.trace)


# -- the promise: every word of every book is counted once


@pytest.mark.parametrize("network", NETWORKS)
def test_the_count_over_all_books_equals_an_independent_count(network, tmp_path):
    settings = {"RESULTS_FOLDER": str(tmp_path)}
    result = solve(network, 8, 3, settings)
    assert (result.failures, result.ended, result.todos) == ([], "done", [])
    counts = counted(result, settings)
    assert counts == independent_count(ensure_books())
    assert counts.total() > 250_000
    words = [len(read_counts(str(tmp_path), name)) for name in result.devices[0].result_files]
    assert max(words) < 1.1 * min(words)  # the partitions are about equally large


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("devices", "partitions"),
    [(6, 1), (6, 2), (6, 3), (9, 6), (20, 2), (50, 1), (50, 3), (50, 40), (50, 47)],
)
def test_any_number_of_mappers_and_reducers_gives_the_same_count(
    network, devices, partitions, small
):
    result = solve(network, devices, partitions, small)
    assert (result.failures, result.ended) == ([], "done")
    assert len(result.devices[0].result_files) == partitions
    assert counted(result, small) == independent_count(small["BOOKS_FOLDER"])


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_a_hundred_seeds_give_the_same_count(network, small):
    expected = independent_count(small["BOOKS_FOLDER"])
    for seed in range(100):
        result = solve(network, (6, 7, 10, 16, 50)[seed % 5], 1 + seed % 3, small, seed)
        assert (seed, result.failures, result.ended) == (seed, [], "done")
        assert (seed, counted(result, small)) == (seed, expected)


def test_messages_that_overtake_each_other_by_far_do_no_harm(small):
    for seed in range(20):
        result = solve("async", 9, 3, small, seed, latency=(0, 5))
        assert (seed, result.failures, result.ended) == (seed, [], "done")
        assert counted(result, small) == independent_count(small["BOOKS_FOLDER"])


def test_each_word_stands_in_one_result_file_only(small):
    result = solve("async", 9, 4, small)
    files = [
        set(read_counts(small["RESULTS_FOLDER"], filename))
        for filename in result.devices[0].result_files
    ]
    assert sum(map(len, files)) == len(set().union(*files))
    assert result.devices[0].result_files == [f"counts-{i}-of-4.txt" for i in range(4)]


def test_only_some_of_the_books_can_be_counted(tmp_path):
    settings = {"RESULTS_FOLDER": str(tmp_path), "NUMBER_OF_BOOKS": 2}
    result = solve("sync", 6, 2, settings)
    books = sorted(ensure_books().iterdir())[:2]
    assert result.devices[0].books == [path.name for path in books]
    assert len(counted(result, settings)) < len(independent_count(ensure_books()))


# -- what the given parts do


def test_no_counts_pass_through_the_master(small):
    result = solve("sync", 9, 3, small)
    received = {
        type(event.message).__name__
        for event in result.trace
        if event.kind == "receive" and event.device == 1
    }
    assert received == {
        "ClientJobStartMessage",
        "MappingDoneMessage",
        "ReducingDoneMessage",
        "QuitMessage",
    }


def test_files_are_dealt_out_evenly(small):
    result = solve("async", 7, 2, small)  # 3 mappers, 7 files
    assert [device.M_number_files for device in result.devices[2:5]] == [3, 2, 2]


def test_more_mappers_need_fewer_rounds(small):
    rounds = [rounds_of(solve("sync", devices, 2, small)) for devices in (6, 7, 11)]
    assert rounds == sorted(set(rounds), reverse=True)


def test_the_partition_of_a_word_is_the_same_in_every_process():
    program = (
        "from exercises.exercise9 import MapReduceWorker as W\n"
        "w = W(2, 6, None); w.number_partitions = 7\n"
        "print([w.mapper_partition_function(x) for x in 'one two déjà hu stan'.split()])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert all(0 <= partition < 7 for partition in eval(outputs.pop()))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_file_that_is_not_utf8_is_named_and_the_run_goes_on(network, small):
    Path(small["BOOKS_FOLDER"], "old.txt").write_bytes("naïveté".encode("latin-1"))
    result = solve(network, 6, 2, small)
    assert (result.failures, result.ended) == ([], "done")
    assert "old.txt is not UTF-8" in result.output
    assert counted(result, small)["naïveté"] == 1


def test_a_file_that_cannot_be_read_is_named_and_the_run_goes_on(small):
    Path(small["BOOKS_FOLDER"], "folder.txt").mkdir()
    result = solve("sync", 6, 2, small)
    assert (result.failures, result.ended) == ([], "done")
    assert "folder.txt is left out" in result.output


def test_a_folder_without_books_ends_with_no_words(tmp_path):
    settings = {"BOOKS_FOLDER": str(tmp_path), "RESULTS_FOLDER": str(tmp_path / "results")}
    result = solve("async", 6, 2, settings)
    assert (result.failures, result.ended) == ([], "done")
    assert "no .txt files in" in result.output
    assert counted(result, settings) == {}


def test_a_folder_that_does_not_exist_is_named(small):
    result = solve("sync", 6, 2, {**small, "BOOKS_FOLDER": "no/such/folder"})
    assert str(PROJECT / "no/such/folder") in result.failures[0].text
    assert "There is no folder" in result.failures[0].text


@pytest.mark.parametrize(("partitions", "devices"), [(4, 7), (9, 12)])
def test_more_partitions_than_reducers_are_refused_with_the_number_of_devices_it_takes(
    partitions, devices, small
):
    with pytest.raises(UsageError, match=f"needs at least {devices} devices.*this run has 6"):
        solve("sync", 6, partitions, small)
    with pytest.raises(ValueError, match=f"so {devices} devices would do"):
        template.check_size(4, partitions)


def test_a_job_without_partitions_is_refused(small):
    result = solve("sync", 6, 0, small)
    assert "0 partitions do not fit 4 workers" in result.failures[0].text


def test_the_result_lines_say_what_came_out(small):
    result = solve("async", 7, 2, small)
    total = independent_count(small["BOOKS_FOLDER"]).total()
    assert f"Client 0: 7 books, {total} words" in result.output
    assert "Master 1: 3 mappers, 2 reducers, 2 of them have finished" in result.output
    assert "fetched from 3 of 3 mappers" in result.output


# -- the template


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("devices", [6, 50])
def test_the_template_runs_to_its_limit_and_says_what_is_missing(network, devices, small):
    result = run(9, "MapReduceNetwork", network, devices=devices, seed=3, settings=small)
    assert result.failures == []
    assert result.ended.startswith("limit")
    assert sorted(text.split(":")[0] for text in result.todos) == [
        "do_some_work, reducer",
        "handle_ingoing, reducer",
        "mapper_shuffle",
    ]
    assert "Client 0: no results" in result.output


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_the_template_runs_on_a_hundred_seeds(network, small):
    for seed in range(100):
        result = run(
            9,
            "MapReduceNetwork",
            network,
            devices=(6, 8, 12, 20, 50)[seed % 5],
            seed=seed,
            settings=small,
            max_rounds=20,
            max_time=2,
        )
        assert (seed, result.failures) == (seed, [])
        assert result.ended.startswith("limit")
