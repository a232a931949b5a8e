"""``--type process``: devices in processes of their own, and what happens when these misbehave."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from emulators.transports import pipes, supervisor
from tests.framework.commands import FAILURES, ROOT, Answer, command, refusal, write_exercise
from tests.framework.test_student_failures import line_of
from tests.framework.transports.real import TALKERS, started

SOLUTIONS = ROOT / "tests" / "solutions"
both = pytest.mark.parametrize("kind", ["process", "zeromq"])
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def real(
    algorithm: str,
    *options: object,
    kind: str = "process",
    folder: Path = TALKERS,
    lecture: int = 0,
) -> Answer:
    """Run devices in real processes, quietly."""
    return command(
        *("--exercises", folder, "--lecture", lecture, "--algorithm", algorithm),
        *("--type", kind, "--seed", 1, "--quiet", *options),
    )


# -- programs for the simulator, as they are


@both
def test_the_demo_runs_as_it_does_in_the_simulator(kind: str) -> None:
    done = command("--lecture", 0, "--algorithm", "PingPong", "--type", kind, "--seed", 1)
    assert done.status == 0, done.err
    assert f"in a network of type [{kind}] using 3 devices" in done.out
    assert done.out.count("Send PingMessage") == done.out.count("Receive PingMessage") == 4
    assert "Device 0: got 2 of 2 pongs\nDevice 1: got 1 ping and answered it\n" in done.out
    assert "Total 4 messages" in done.out


@both
@pytest.mark.parametrize(
    ("lecture", "algorithm", "devices", "says"),
    [
        (1, "Gossip", 4, "Device 3: knows 4 of 4 secrets"),
        (4, "RicartAgrawala", 3, "Device 2: entries"),
        (6, "PAXOS", 5, "decided"),
        (7, "Bully", 4, "the leader is 3"),
        (8, "GfsNetwork", 6, "Device 5"),
        (13, "Bank", 5, "together 3000 of 3000"),
    ],
)
def test_a_reference_solution_runs(
    lecture: int, algorithm: str, devices: int, says: str, kind: str
) -> None:
    options = ("--devices", devices, "--max-time", 3)
    done = real(algorithm, *options, kind=kind, folder=SOLUTIONS, lecture=lecture)
    assert done.status == 0, done.out + done.err
    assert says in done.out
    assert "Dropped" not in done.out


@pytest.mark.parametrize("generation", ["calls", "properties"])
def test_files_of_both_generations_run(generation: str) -> None:
    folder = ROOT / "tests" / "framework" / "data" / generation
    done = real("Gossip", "--max-time", 20, folder=folder, lecture=1)
    assert done.status == 0, done.out + done.err
    assert re.search("Total [1-9]", done.out)


def test_results_are_printed_in_index_order_and_statistics_have_their_shape() -> None:
    made = json.loads(real("Drawer", "--json").out)
    assert [line.split(" drew")[0] for line in made["results"]] == [
        "Device 0",
        "Device 1",
        "Device 2",
    ]
    assert made["ended"] == "done"
    assert made["statistics"]["messages"] == made["statistics"]["dropped"].get("any", 0) == 0
    assert made["statistics"]["sent_by_device"] == [0, 0, 0]


def test_a_seed_gives_every_device_draws_of_its_own_and_the_same_again() -> None:
    once, again = (json.loads(real("Drawer", "--json").out)["results"] for _ in range(2))
    assert once == again
    assert len({line.partition("drew")[2] for line in once}) == 3


def test_what_is_defined_in_the_file_can_be_pickled() -> None:
    done = real("Pickler")
    assert done.out.count("has a copy of True, 7") == 3, done.out + done.err


def test_sleeping_is_real() -> None:
    done = real("Sleeper")
    assert done.out.count("slept well: True") == 3, done.out + done.err


@both
def test_large_messages_arrive_in_order_at_a_device_that_reads_late(kind: str) -> None:
    done = real("Flooding", "--devices", 2, "--max-time", 60, kind=kind)
    assert "in order: True" in done.out, done.out + done.err


def test_lost_messages_are_counted() -> None:
    made = json.loads(real("Talker", "--loss", 1, "--max-time", 0.5, "--json").out)
    counted = made["statistics"]
    assert counted["messages"] == counted["lost"] > 0
    assert counted["received"] == 0


def test_a_latency_delays_every_message() -> None:
    made = json.loads(real("Talker", "--latency", "100:100", "--max-time", 0.5, "--json").out)
    assert made["statistics"]["in_flight"] == made["statistics"]["messages"] > 0


def test_a_latency_of_a_scenario_delays_every_message(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text('latency = {model = "exponential", mean = "1000s"}')
    options = ("--network", tmp_path / "net.toml", "--max-time", 0.5)
    counted = json.loads(real("Talker", *options, "--json").out)["statistics"]
    assert counted["received"] < counted["messages"] / 10


def test_messages_are_doubled_and_the_statistics_agree() -> None:
    done = real("Repeater", "--duplicate", 1, "--json")
    made = json.loads(done.out)
    assert made["statistics"]["duplicated"] == made["statistics"]["messages"] == 30
    assert made["statistics"]["in_flight"] == 0
    assert "Device 0: [1, 2], [0, 0, 0, 0, 1, " in made["results"][0]


def test_a_topology_has_only_its_channels() -> None:
    done = real("Repeater", "--topology", "line")
    assert "Device 0: [1], [0, 1, 2, 3, 4]\nDevice 1: [0, 2], [0, 0, 1, 1, " in done.out
    done = real("Talker", "--topology", "line", "--max-time", 0.5)
    assert re.search("it sent a message to device 2, which is no neighbor: Hello 0 -> 2", done.err)
    assert "Device 0 heard [1]\n" in done.out


def test_what_devices_log_goes_to_files(tmp_path: Path) -> None:
    done = real("Repeater", "--log", tmp_path)
    assert done.status == 0, done.err
    logged = (tmp_path / "device-1.log").read_text().splitlines()
    assert len(logged) == 10
    assert re.fullmatch(r"[0-9.]+ s, device 1: got 0", logged[0])


# -- when something is wrong


def test_a_run_ends_at_its_limit_with_everybodys_results() -> None:
    done = real("Talker", "--max-time", 1)
    assert done.status == 0, done.err
    assert "Stopped at the limit of 1 seconds; --max-time sets another" in done.out
    assert "Device 0 heard [1, 2]\nDevice 1 heard [0, 2]\nDevice 2 heard [0, 1]\n" in done.out


def test_a_failure_names_device_file_and_line() -> None:
    done = real("Divides", folder=FAILURES)
    assert done.status == 1
    assert re.search(r"Device 1 failed at [0-9.]+ seconds: ZeroDivisionError", done.err)
    line = line_of("Divides.go_wrong", "1 / 0")
    assert f"data/failures/demo.py, line {line}, in go_wrong\n      1 / 0" in done.err
    assert done.out.count("was here") == 3


def test_a_device_that_cannot_be_built_keeps_all_from_running() -> None:
    done = real("DividesInConstructor", folder=FAILURES)
    assert done.status == 1
    assert "Device 1 failed in its constructor: ZeroDivisionError" in done.err
    assert "Total 0 messages" in done.out


def test_a_message_that_cannot_travel_is_an_error_that_names_the_field() -> None:
    done = real("SendsGenerator", folder=FAILURES)
    assert "its field 'content' holds a generator" in done.err


@pytest.mark.slow
def test_an_endless_loop_is_found() -> None:
    done = real("Loops", "--max-time", 60, folder=FAILURES)
    assert "it runs on and on without touching the medium (an endless loop?)" in done.err


def test_a_device_that_ends_its_process_is_missing_and_the_others_go_on() -> None:
    done = real("Exits", "--max-time", 1)
    assert done.status == 1
    assert "its process ended by itself with status 7; it is missing since then" in done.err
    assert "Device 1: no result, its process is gone" in done.out
    assert "Device 2 heard [0]" in done.out


def test_devices_that_all_wait_for_ever_are_a_deadlock() -> None:
    done = real("AllWait", "--max-time", 60, folder=FAILURES)
    assert done.status == 1
    assert "all devices wait for ever (deadlock)" in done.err
    assert "device 2 waits for a message at " in done.err
    source = (FAILURES / "demo.py").read_text(encoding="utf-8").splitlines()
    where = source.index("class AllWait(Greeter):") + 3
    assert f"demo.py, line {where}, in run\n" in done.err


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("[[partition]]\nstart = 1\ngroups = [[0], [1, 2]]", "real processes have no partition"),
        ("[[pause]]\ndevice = 1\nfactor = 2", "real processes have no pause"),
        ("[[crash]]\ndevice = 1\nat = 1\ninbox = 'kept'", "was not received is lost with it"),
        ("[[crash]]\ndevice = 7\nat = 1", "there are devices 0 to 2"),
    ],
    ids=["partition", "pause", "inbox", "device"],
)
def test_what_only_a_simulated_network_can_do_is_refused(
    tmp_path: Path, lines: str, says: str
) -> None:
    (tmp_path / "net.toml").write_text(lines)
    network = ("--network", tmp_path / "net.toml")
    told = refusal("--lecture", 0, "--algorithm", "PingPong", "--type", "process", *network)
    assert says in told


@pytest.mark.parametrize("option", ["--pace=1", "--gui", "--check-determinism"])
def test_options_that_need_virtual_time_are_refused(option: str) -> None:
    told = refusal("--lecture", 0, "--algorithm", "PingPong", "--type", "process", option)
    assert told.startswith(option.partition("=")[0])
    assert "--replay FILE" in told


def test_a_file_that_cannot_be_loaded_is_refused_in_one_line(tmp_path: Path) -> None:
    where = write_exercise(tmp_path, "class Gossip:\n    pass\nraise OSError('no disk')\n")
    told = refusal(*where, "--algorithm", "Gossip", "--type", "process")
    assert "the file cannot be loaded: OSError: no disk" in told


# -- processes that are killed, held, or left alone


TALK = ("--lecture", "0", "--algorithm", "Talker", "--type", "process", "--quiet")


@posix
def test_a_device_that_is_killed_is_missing_and_the_others_go_on() -> None:
    with started(*TALK, "--max-time", "3") as run:
        os.kill(run.pids(3)[1], signal.SIGKILL)
        status, out, err = run.rest()
    assert status == 1
    assert "its process was ended by the signal SIGKILL; it is missing since then" in err
    assert re.search(r"Device 0 heard \[.*2\]", out)
    assert "Device 1: no result, its process is gone" in out


def test_a_planned_crash_kills_the_process_and_is_no_failure() -> None:
    done = real("Talker", "--crash", "1@0.3s", "--max-time", 1)
    assert done.status == 0, done.err
    assert "Crash device 1" in done.out
    assert re.search("Network: .*crash", done.out)
    assert "Device 2 heard [0" in done.out


@posix
def test_an_order_to_a_process_that_has_just_died_does_not_end_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = supervisor.Supervisor._gone

    def too_late(self: supervisor.Supervisor, child: supervisor.Child) -> None:
        child.orders.send(pipes.Ping(0))
        gone(self, child)

    monkeypatch.setattr(supervisor.Supervisor, "_gone", too_late)
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as a command line has it
    try:
        done = real("Talker", "--crash", "1@0.2s", "--max-time", 1)
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert done.status == 0, done.err


def test_stable_storage_survives_a_killed_process() -> None:
    counted = ("--lecture", "0", "--algorithm", "Counter", "--type", "process", "--quiet")
    with started(*counted, "--crash", "1@1s:0.1s", "--max-time", "60") as run:
        run.until("Restart device 1")
        assert int(run.until("device 1 goes on from").split()[-1]) > 2
        run.process.send_signal(signal.SIGINT)
        status, out, err = run.rest()
    assert status == 130, err
    assert "Device 1 counted: True" in out


def test_a_crash_that_keeps_no_storage_begins_from_nothing(tmp_path: Path) -> None:
    crash = "[[crash]]\ndevice = 'last'\nat = '0.5s'\nrecovery = '0.1s'\nstorage = 'none'"
    (tmp_path / "net.toml").write_text(crash)
    counted = ("--lecture", "0", "--algorithm", "Counter", "--type", "process", "--quiet")
    with started(*counted, "--network", str(tmp_path / "net.toml"), "--max-time", "60") as run:
        run.until("Restart device 2")
        assert run.until("device 2 goes on from").endswith("from 1\n")


def test_what_cannot_be_kept_in_stable_storage_is_said_once() -> None:
    done = real("Forgetful", "--crash", "1@0.5s:0.1s", "--max-time", 0.6)
    assert done.status == 1
    says = "its stable attribute 'lines' holds a generator, which cannot be kept over a crash"
    assert done.err.count(says) == 1


def test_a_device_that_comes_back_is_heard_again() -> None:
    with started(*TALK, "--crash", "1@0.3s:0.3s", "--max-time", "20") as run:
        run.pids(3)
        run.until("Restart device 1")
        run.until("device 1 is process")
        run.until("device 1 hears [02]")
        run.until("device 1 hears [02]")
        run.process.send_signal(signal.SIGINT)
        status, out, err = run.rest()
    assert status == 130, err
    assert "Device 1 heard [0, 2]" in out


@posix
def test_ctrl_c_gives_everybodys_results_so_far() -> None:
    with started(*TALK, "--max-time", "100") as run:
        run.pids(3)
        run.process.send_signal(signal.SIGINT)
        status, out, err = run.rest()
    assert status == 130, err
    assert "Execution Interrupted" in out
    assert re.search(r"Device 0 heard .*\nDevice 1 heard .*\nDevice 2 heard ", out)
    assert "Traceback" not in err


@posix
@pytest.mark.slow
def test_a_device_that_is_held_does_not_hold_the_others() -> None:
    with started(*TALK, "--max-time", "5") as run:
        os.kill(run.pids(3)[1], signal.SIGSTOP)
        status, out, err = run.rest()
    assert status == 1
    assert re.search(r"Device 1 has not answered since [0-9.]+ s", out)
    assert "its process did not stop within 4 seconds and was killed" in err
    assert "Device 2 heard [0" in out


@posix
def test_no_process_outlives_a_supervisor_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with started(*TALK, "--max-time", "100") as run:
        os.kill(run.pids(3)[2], signal.SIGSTOP)
        run.process.kill()
        run.rest()  # returns when no process holds the streams any more
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_devices_that_wait_use_no_processor() -> None:
    done = real("Silent")
    assert done.status == 0, done.err
    assert done.out.count("used less than a fiftieth: True") == 3, done.out
