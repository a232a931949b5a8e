"""A real run becomes a simulated one: its recording runs in the simulator, event for event."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from emulators.runner import opened, save
from emulators.trace.log import Line, Recorded
from emulators.transports.history import History, Kind
from emulators.transports.merging import Merged
from tests.framework.commands import FAILURES, Answer, command
from tests.framework.transports.real import TALKERS, started
from tests.framework.transports.test_processes import SOLUTIONS, real


def lines(file: Path) -> list[Line]:
    with contextlib.closing(Recorded(file)) as recorded:
        return list(recorded.lines())


def replayed(file: Path, folder: Path) -> Answer:
    return command("--exercises", folder, "--replay", file, "--quiet")


def results(answer: Answer) -> str:
    """Return what the devices printed as their results."""
    return answer.out.partition("Results\n")[2].partition("Statistics\n")[0]


@pytest.mark.parametrize(
    ("lecture", "algorithm", "devices", "kind"),
    [
        (1, "Gossip", 4, "process"),
        (4, "RicartAgrawala", 3, "zeromq"),
        (5, "ISISMulticast", 3, "process"),  # with threads
        (6, "PAXOS", 5, "zeromq"),
        (8, "GfsNetwork", 6, "process"),  # with class variables
        (10, "SignedBlockchainNetwork", 4, "process"),  # with draws of many bits
        (11, "ChordNetwork", 5, "process"),  # with globals
        (13, "Bank", 5, "zeromq"),
    ],
)
def test_a_real_run_of_a_lecture_runs_again_in_the_simulator(
    tmp_path: Path, lecture: int, algorithm: str, devices: int, kind: str
) -> None:
    file = tmp_path / "run.jsonl"
    options = ("--devices", devices, "--max-time", 2, "--record", file)
    done = real(algorithm, *options, kind=kind, folder=SOLUTIONS, lecture=lecture)
    assert done.status == 0, done.err
    again = replayed(file, SOLUTIONS)
    assert again.status == 0, again.err
    assert results(again) == results(done)
    assert len(lines(file)) > 10


@pytest.mark.parametrize(
    "options",
    [
        ("--loss", "0.3"),
        ("--latency", "0.01:0.2"),
        ("--latency", "0.01:0.2", "--fifo"),
        ("--duplicate", "0.5", "--loss", "0.3"),
        ("--crash", "1@0.3s"),
        ("--crash", "1@0.3s:0.3s", "--crash", "2@0.5s:0.1s"),
    ],
    ids=" ".join,
)
def test_faults_happen_again_at_the_same_events(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "run.jsonl"
    done = real("Talker", "--max-time", 1.5, "--record", file, *options)
    assert done.status == 0, done.err
    again = replayed(file, TALKERS)
    assert again.status == 0, again.err
    kinds = {line.e for line in lines(file)}
    found = {"--loss": "lose", "--crash": "crash", "--duplicate": "duplicate"}
    assert found.get(options[0], "send") in kinds


def test_a_drawn_topology_is_the_same_in_each_process_and_in_the_simulator(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    options = ("--devices", 5, "--topology", "random:0.2", "--record", file)
    done = results(real("Repeater", *options))
    near = [json.loads(re.findall(r"\[.*?\]", line)[0]) for line in done.splitlines()]
    assert all(one in near[other] for one, others in enumerate(near) for other in others)
    assert any(len(others) < 4 for others in near)
    assert results(replayed(file, TALKERS)) == done


def test_stable_storage_is_the_same_in_the_simulator(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    counted = ("--lecture", "0", "--algorithm", "Counter", "--type", "process", "--quiet")
    with started(*counted, "--crash", "1@0.5s:0.1s", "--record", str(file)) as run:
        run.until("Restart device 1")
        line = run.until("device 1 goes on from")
        run.process.send_signal(signal.SIGINT)
        run.rest()
    again = replayed(file, TALKERS)
    assert "departs" not in again.err
    assert line in again.out


@pytest.mark.parametrize(
    "algorithm",
    ["Divides", "DividesInThread", "DividesInConstructor", "SendsToNobody", "SendsGenerator"],
)
def test_a_failure_happens_again_at_the_same_event(tmp_path: Path, algorithm: str) -> None:
    file = tmp_path / "run.jsonl"
    real(algorithm, "--record", file, folder=FAILURES)
    again = replayed(file, FAILURES)
    assert (again.status, "departs" in again.err) == (1, False), again.err
    assert "Device 1 failed" in again.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_of_a_process_that_was_killed_everything_is_known_that_others_could_see(
    tmp_path: Path,
) -> None:
    file = tmp_path / "run.jsonl"
    talk = ("--lecture", "0", "--algorithm", "Talker", "--type", "process", "--quiet")
    with started(*talk, "--max-time", "2", "--record", str(file)) as run:
        pids = run.pids(3)
        run.until("device 0 hears 1")
        os.kill(pids[1], signal.SIGKILL)
        run.rest()
    again = replayed(file, TALKERS)
    assert again.status == 0, again.err
    assert any(line.e == "crash" and line.d == 1 for line in lines(file))


def test_an_interrupted_run_is_recorded_as_far_as_it_came(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    talk = ("--lecture", "0", "--algorithm", "Talker", "--type", "process", "--quiet")
    with started(*talk, "--max-time", "60", "--record", str(file)) as run:
        run.until("device 0 hears 1")
        run.process.send_signal(signal.SIGINT)
        run.rest()
    again = replayed(file, TALKERS)
    assert "departs" not in again.err
    assert lines(file)[-1].s[0] == "interrupted"


def test_a_changed_program_departs_and_the_replay_says_where(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    real("Drawer", "--record", file)
    source = (TALKERS / "demo.py").read_text(encoding="utf-8")
    (tmp_path / "demo.py").write_text(source.replace("range(3)", "range(2)"), encoding="utf-8")
    again = replayed(file, tmp_path)
    assert again.status == 1
    assert "the run departs from the recording at event" in again.err


def test_a_recorded_real_run_can_be_recorded_again_from_its_replay(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    real("Talker", "--max-time", 0.7, "--record", first)
    done = command("--exercises", TALKERS, "--replay", first, "--record", second, "--quiet")
    assert done.status == 0, done.err
    assert [line for line in lines(second) if line.e != "finish"] == [
        line for line in lines(first) if line.e != "finish"
    ]


def test_properties_judge_a_real_run() -> None:
    options = ("--devices", 3, "--max-time", 2, "--check", "mutual_exclusion")
    done = real("RicartAgrawala", *options, folder=SOLUTIONS, lecture=4)
    assert done.status == 0, done.err
    assert "mutual_exclusion holds" in done.out
    done = real("EntersTogether", *options, folder=FAILURES)
    assert done.status == 1
    assert "mutual_exclusion is violated" in done.out


def test_properties_see_what_devices_tell_their_application() -> None:
    options = ("--devices", 5, "--max-time", 20, "--check", "all")
    done = real("PAXOS", *options, folder=SOLUTIONS, lecture=6)
    assert done.status == 0, done.out + done.err
    assert "termination holds" in done.out


# -- in steps


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short real run."""
    file = tmp_path_factory.mktemp("real") / "run.jsonl"
    real("Talker", "--max-time", 0.7, "--record", file)
    return file


def test_a_real_run_can_be_stepped_backwards(recorded: Path) -> None:
    _, stepper = opened(recorded, TALKERS)
    assert stepper.ended
    events = [line for line in lines(recorded) if line.e in ("send", "receive")]
    assert stepper.position == len(events) + 1
    while stepper.position > len(events) - 5:
        stepper.back()
    last = stepper.last
    assert last is not None
    assert (last.kind, last.time) == (
        events[stepper.position - 1].e,
        events[stepper.position - 1].t,
    )
    stepper.close()


def test_whoever_acts_in_a_real_run_goes_on_in_a_simulated_one(
    recorded: Path, tmp_path: Path
) -> None:
    config, stepper = opened(recorded, TALKERS)
    stepper.go_to(4)
    dropped = stepper.waiting()[0].serial
    stepper.act("drop", dropped)
    stepper.go_to(60)
    assert len(stepper.branches()) == 2
    assert stepper.position == 60
    assert dropped not in {e.subject[1] for e in stepper.trace.of("receive")}
    save(config, stepper, tmp_path / "branch.jsonl")
    stepper.close()
    again = replayed(tmp_path / "branch.jsonl", TALKERS)
    assert "departs" not in again.err


# -- order


def test_the_order_of_a_recording_agrees_with_happened_before(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    real("Talker", "--max-time", 1, "--record", file)
    seen: set[int] = set()
    last: dict[int, int] = {}
    for line in lines(file)[:-1]:
        assert line.t >= last.get(line.d, 0)
        last[line.d] = line.t
        if line.e == "send":
            seen.add(line.m)
        if line.e == "receive":
            assert line.m in seen


def history(index: int, events: list[tuple[str, int, tuple[int, int] | None]]) -> list[bytes]:
    """Return the history of a device, made by hand."""
    pieces: list[bytes] = []
    made = History(index, 2, pieces.append)
    made.began(0)
    for kind, time, message in events:
        sender, number = message or (index, 0)
        envelope = (time, number, sender, 1 - sender, Envelope, {}, True, time)
        if kind == "receive":
            made.arrival(sender, number, time, None)
        made.on_event((kind, time, index, envelope if message else None))
    made.publish()
    return pieces


class Envelope:
    """Stands for a class of messages."""


def test_an_order_against_the_vector_clocks_is_found() -> None:
    sent = history(0, [("send", 20, (0, 1))])
    received = history(1, [("receive", 11, (0, 1))])
    ordered = Merged({(0, 0): sent, (1, 0): received}, 2, [])
    assert ordered.inconsistent() == ""  # the clock of the message was not handed on
    wrong = Merged({(0, 0): sent, (1, 0): knowing(received)}, 2, [])
    assert "knows what device [0] does later" in wrong.inconsistent()


def knowing(pieces: list[bytes]) -> list[bytes]:
    """Return a history whose events know one event of device 0."""
    import msgspec

    records = [record for piece in pieces for record in msgspec.msgpack.decode(piece)]
    for record in records:
        if record[0] == Kind.EVENT:
            record[4][0] = 1
    return [msgspec.msgpack.encode(records)]
