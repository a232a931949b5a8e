"""A network from the command line: options, scenarios, recordings, stepping."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulators.network.scenario import Network, scenario_names
from emulators.runner import RunConfig, in_steps
from emulators.trace.log import encoded, line_of
from tests.framework.commands import command, refusal

PING = ("--lecture", "0", "--algorithm", "PingPong", "--devices", "4", "--seed", "1")
GOSSIP = ("--lecture", "1", "--algorithm", "Gossip", "--devices", "4", "--seed", "3")


def statistics(*options: object) -> dict[str, int]:
    answer = command(*PING, *options, "--json")
    assert answer.status in (0, 1), answer.err
    found: dict[str, int] = json.loads(answer.out)["statistics"]
    return found


def test_the_shipped_scenarios_are_listed_with_their_titles() -> None:
    answer = command("--network", "list")
    assert answer.status == 0
    assert [line.split()[0] for line in answer.out.splitlines()] == scenario_names()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_options_change_the_network(kind: str) -> None:
    counted = statistics("--type", kind, "--loss", 1, "--duplicate", 1, "--max-rounds", 20)
    assert counted["received"] == 0
    assert counted["lost"] == counted["messages"] + counted["duplicated"] > 0


def test_a_latency_counts_rounds_in_sync() -> None:
    usual = statistics("--type", "sync")
    late = statistics("--type", "sync", "--latency", "3:3")
    assert late["rounds"] > usual["rounds"]


def test_crashes_of_the_command_line_are_added_to_those_of_a_scenario() -> None:
    counted = statistics("--network", "one-crash", "--crash", "0@1", "--crash", "1@2:3")
    assert counted["crashes"] >= 2
    assert counted["restarts"] == 1


def test_a_scenario_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("loss = 1.0\n")
    assert statistics("--network", file)["received"] == 0


def test_the_screen_tells_what_happened_to_messages_and_devices() -> None:
    options = ("--network", "chaos", "--type", "async", "--max-time", "4")
    out = command(*GOSSIP, *options).out
    for words in ("## PARTITION", "## HEALED", "Crash device", "Restart device", "Pause device"):
        assert words in out
    assert "Lose GossipMessage 3 -> 0: 3 (on its way)" in out


def test_a_run_without_a_network_is_told_as_ever() -> None:
    assert "Network:" not in command(*PING).out


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--loss", "2"], "'2' is not a probability from 0 to 1"),
        (["--duplicate", "x"], "'x' is not a number from 0 to 1"),
        (["--topology", "rinf"], "did you mean ring?"),
        (["--topology", "ring:2"], "ring takes no parameter"),
        (["--topology", "nowhere.txt"], "cannot read the topology nowhere.txt"),
        (["--crash", "2"], "--crash: '2' is not DEVICE@WHEN[:RECOVERY]"),
        (["--crash", "x@2"], "--crash: 'x@2' is not"),
        (["--crash", "1@soon"], "--crash: '1@soon' is not"),
        (["--network", "lossi"], "did you mean lossy?"),
        (["--network", "nowhere.toml"], "cannot read the network nowhere.toml"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(options: list[str], complaint: str) -> None:
    assert complaint in refusal(*PING, *options)


def test_a_device_that_does_not_exist_is_refused() -> None:
    assert refusal(*PING, "--crash", "7@3") == (
        "[[crash]] names device 7; there are devices 0 to 3"
    )


# -- recordings


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("name", scenario_names())
def test_a_recording_needs_no_scenario_to_be_replayed(kind: str, name: str, tmp_path: Path) -> None:
    file, again = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    scenario = tmp_path / "scenario.toml"
    source = Path(__file__).parents[2] / "emulators" / "network" / "scenarios" / f"{name}.toml"
    scenario.write_bytes(source.read_bytes())
    options = ("--type", kind, "--max-rounds", 30)
    command(*GOSSIP, *options, "--network", scenario, "--record", file)
    scenario.unlink()
    assert "departs" not in command("--replay", file, "--record", again).err
    assert file.read_bytes() == again.read_bytes()


def test_a_replay_over_another_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    command(*PING, "--loss", "0.5", "--record", file)
    assert "was recorded with another network" in refusal("--replay", file, "--loss", "0.6")


def test_a_replay_with_the_same_network_is_not_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    command(*PING, "--loss", "0.5", "--record", file)
    assert command("--replay", file, "--loss", "0.5").status == 0


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_same_seed_gives_the_same_run(kind: str) -> None:
    answer = command(*GOSSIP, "--type", kind, "--network", "chaos", "--check-determinism")
    assert answer.out.splitlines()[-1].startswith("Deterministic")


# -- in steps


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_stepping_back_over_a_hostile_network_is_exact(kind: str) -> None:
    config = RunConfig(5, "BasicMulticast", kind, 4, 2, network=Network.load("chaos"))
    _, stepper = in_steps(config)
    stepper.go_to(30)
    there = [encoded([line_of(event)]) for event in stepper.trace]
    for _ in range(12):
        stepper.back()
    stepper.go_to(30)
    assert [encoded([line_of(event)]) for event in stepper.trace] == there
    stepper.close()


def test_a_person_may_act_on_what_a_partition_holds() -> None:
    held = {"groups": [[0]], "start": 0, "heal": "50r", "hold": True}
    network = Network.parse({"partition": [held]})
    _, stepper = in_steps(RunConfig(0, "PingPong", "sync", 2, 1, network=network))
    stepper.step()
    waiting = stepper.waiting()
    assert [one.ready for one in waiting] == [False]
    stepper.act("drop", waiting[0].serial)
    assert stepper.waiting() == []
    stepper.close()


def test_a_device_that_a_person_restarts_is_reached_again() -> None:
    network = Network.parse({"crash": [{"device": 1, "at": 2, "recovery": 50}]})
    _, stepper = in_steps(RunConfig(5, "BasicMulticast", "sync", 3, 2, network=network))
    stepper.run_until(lambda event: event.time >= 300_000)
    stepper.act("restart", 1)
    assert stepper.run_until(lambda event: event.kind == "receive" and event.device == 1)
    stepper.close()


def test_a_run_goes_on_after_a_swap_in_the_middle_of_a_scenario() -> None:
    config = RunConfig(5, "BasicMulticast", "sync", 4, 2, network=Network.load("chaos"))
    _, stepper = in_steps(config)
    for _ in range(3):
        stepper.go_to(stepper.position + 8)
        stepper.act("swap")
    stepper.finish()
    kinds = {event.kind for event in stepper.trace}
    assert {"partition", "heal", "crash"} <= kinds
    stepper.close()


def test_a_byzantine_class_of_the_exercise_folder_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "demo.py").write_text(
        "from emulators.Device import Device\n"
        "from emulators.network.byzantine import Liar\n"
        "class Quiet(Liar):\n"
        "    def sends(self, message):\n"
        "        return []\n"
        "from exercises.demo import PingMessage, PingPong as Original\n"
        "class PingPong(Original):\n"
        "    pass\n"
    )
    scenario = tmp_path / "liar.toml"
    scenario.write_text('[[byzantine]]\ndevice = 0\nclass = "demo:Quiet"\n')
    options = ("--exercises", tmp_path, "--network", scenario, "--max-rounds", 10, "--json")
    counted = json.loads(command(*PING, *options).out)["statistics"]
    assert counted["sent_by_device"][0] == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere:Liar", "cannot be loaded: ModuleNotFoundError"),
        ("emulators.network.byzantine:Lair", "there is no class Lair; did you mean Liar?"),
    ],
)
def test_a_byzantine_class_that_cannot_be_loaded_is_refused(
    name: str, complaint: str, tmp_path: Path
) -> None:
    scenario = tmp_path / "liar.toml"
    scenario.write_text(f'[[byzantine]]\ndevice = 0\nclass = "{name}"\n')
    assert complaint in refusal(*PING, "--network", scenario)
