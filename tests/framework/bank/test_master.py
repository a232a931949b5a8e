"""The script language: what each command does and prints, and what is said of a misuse."""

import re

import pytest

from tests.running import run

START = "StartMaster\nCreateNode 1 1000\nCreateNode 2 500\nCreateNode 3 0\n"
KINDS = ["sync", "async"]
NOT_COMPLETE = (
    "line 6: snapshot 1 is not complete: node 1 waits for the token of channel 2 -> 1; "
    "ReceiveAll brings it; the script goes on"
)


def played(script, kind="sync", seed=1, start=START, **options):
    """Run a script; what it printed after its first commands."""
    text = start + script
    devices = 2 + text.count("CreateNode")
    result = run(
        13, "Bank", kind, devices, seed, solution=True, settings={"SCRIPT": text}, **options
    )
    assert (result.failures, result.ended) == ([], "done")
    printed = result.output.splitlines()
    results = [number for number, line in enumerate(printed) if is_result(line)]
    return printed[start.count("\n") : min(results, default=len(printed))]


def is_result(line):
    return re.match(r"Node \d+: balance", line)


def answers(script, *arguments, **options):
    """What was printed beside the commands themselves."""
    commands = [line.partition("#")[0].strip() for line in script.splitlines()]
    return [line for line in played(script, *arguments, **options) if line not in commands]


def test_a_command_is_printed_before_it_is_done():
    assert played("Send 3 1 5\nKillAll") == [
        "Send 3 1 5",
        "ERR_SEND node 3 has 0, not 5",
        "KillAll",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_transfer_is_received_from_its_channel(kind):
    assert answers("Send 1 2 30\nSend 1 2 40\nReceive 2 1\nReceive 2 1", kind) == [
        "1 Transfer 30",
        "1 Transfer 40",
    ]


def test_without_a_sender_any_channel_is_received_from():
    script = "Send 1 3 30\nSend 2 3 40\nReceive 3\nReceive 3"
    seen = {tuple(answers(script, seed=seed)) for seed in range(20)}
    first, second = "1 Transfer 30", "2 Transfer 40"
    assert seen == {(first, second), (second, first)}


@pytest.mark.parametrize("kind", KINDS)
def test_receive_all_empties_every_channel(kind):
    found = answers("Send 1 2 30\nSend 2 1 40\nSend 1 3 5\nReceiveAll\nReceive 2 1", kind)
    assert sorted(found[:3]) == ["1 Transfer 30", "1 Transfer 5", "2 Transfer 40"]
    assert found[3:] == ["line 9: channel 1 -> 2 is empty; the script goes on"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_shows_money_on_its_way(kind):
    script = "Send 2 1 100\nBeginSnapshot 1\nReceiveAll\nCollectState\nPrintSnapshot"
    found = answers(script, kind)
    assert found[0] == "Started by Node 1"
    assert (
        found[-10:]
        == [
            "---Node states",
            "Node 1 = 1000",
            "Node 2 = 400",
            "Node 3 = 0",
            "---Channel states",
            "channel(1->2) = 0",
            "channel(1->3) = 0",
            "channel(2->1) = 100",
            "channel(2->3) = 0",
            "channel(3->1) = 0",
            "channel(3->2) = 0",
        ][-10:]
    )


def test_the_first_token_of_a_node_is_printed_and_no_other():
    found = answers("BeginSnapshot 1\nReceiveAll")
    tokens = [line for line in found if "SnapshotToken" in line]
    assert len(tokens) == 2  # of nodes 2 and 3; six were received
    assert all(re.fullmatch(r"\d SnapshotToken -1", line) for line in tokens)


def test_snapshots_overlap_and_have_numbers():
    script = """BeginSnapshot 1
        Send 1 2 10
        BeginSnapshot 1
        BeginSnapshot 2
        ReceiveAll
        CollectState 1
        CollectState 2
        CollectState
        PrintSnapshot 1
        PrintSnapshot 3"""
    found = answers(script)
    assert found[:3] == [
        "Started by Node 1",
        "Started by Node 1 (snapshot 2)",
        "Started by Node 2 (snapshot 3)",
    ]
    assert "Node 1 = 1000" in found
    assert "Node 1 = 990" in found
    assert not any(line.startswith("line") for line in found)


def test_an_idle_bank_has_a_right_snapshot():
    found = answers("BeginSnapshot 3\nReceiveAll\nCollectState\nPrintSnapshot")
    assert [line for line in found if line.startswith("Node")] == [
        "Node 1 = 1000",
        "Node 2 = 500",
        "Node 3 = 0",
    ]


def test_a_bank_of_one_node_is_its_own_snapshot():
    start = "StartMaster\nCreateNode 5 70\n"
    found = answers("BeginSnapshot 5\nCollectState\nPrintSnapshot", start=start)
    assert found == ["Started by Node 5", "---Node states", "Node 5 = 70", "---Channel states"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("Send 1 9 5", "there is no node 9; there are: 1, 2, 3"),
        ("Send 1 1 5", "node 1 has no channel to itself"),
        ("Send 1 2 0", "0 is no amount to send: it is at least 1"),
        ("Send 1 2 -5", "-5 is no amount: a whole number from 0 up is wanted"),
        ("Receive 1 2", "channel 2 -> 1 is empty"),
        ("Receive 1", "all channels to node 1 are empty"),
        ("CreateNode 1 5", "there is a node 1 already"),
        ("StartMaster", "the master is started already"),
        ("BeginSnapshot 4", "there is no node 4; there are: 1, 2, 3"),
        ("CollectState", "no snapshot has begun: BeginSnapshot comes first"),
        ("PrintSnapshot", "no snapshot has begun: BeginSnapshot comes first"),
        ("Collect", "there is no command Collect; did you mean CollectState?"),
    ],
)
def test_a_misuse_is_one_line_and_the_script_goes_on(command, reason):
    found = played(f"{command}\nSend 3 1 5")
    assert found == [
        command,
        f"line 5: {reason}; the script goes on",
        "Send 3 1 5",
        "ERR_SEND node 3 has 0, not 5",
    ]


def test_a_snapshot_that_is_not_complete_is_not_collected():
    assert answers("BeginSnapshot 1\nCollectState\nPrintSnapshot\nPrintSnapshot 2") == [
        "Started by Node 1",
        NOT_COMPLETE,
        "line 7: snapshot 1 is not collected: CollectState comes first; the script goes on",
        "line 8: there is no snapshot 2; the last one is 1; the script goes on",
    ]


def test_no_node_joins_while_a_snapshot_is_taken():
    script = "BeginSnapshot 1\nCreateNode 4 7\nReceiveAll\nCreateNode 4 7\nSend 4 1 7\nReceive 1 4"
    found = answers(script)
    assert "line 6: snapshot 1 is not complete: no node can join before it is" in found[1]
    assert found[-1] == "4 Transfer 7"


def test_start_master_comes_first():
    assert played("Send 1 2 3\nStartMaster", start="CreateNode 1 5\n") == [
        "line 1: StartMaster has to come first, not CreateNode; the script ends here"
    ]


def test_nothing_follows_kill_all():
    assert played("KillAll\nSend 1 2 3\nReceiveAll") == [
        "KillAll",
        "Send 1 2 3",
        "line 6: KillAll has closed the bank, nothing can follow it: Send; the script ends here",
    ]


def test_devices_that_no_node_needs_stand_idle():
    settings = {"SCRIPT": START}
    result = run(13, "Bank", devices=9, solution=True, settings=settings)
    assert result.ended == "done"
    assert result.output.count(": balance") == 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_large_script_ends(kind):
    lines = ["StartMaster", *(f"CreateNode {node} 1000" for node in range(20))]
    for number in range(1000):
        lines.append(f"Send {number % 20} {(number * 7 + 1) % 20} {number % 50 + 1}")
        if number % 3 == 0:
            lines.append(f"Receive {(number * 7 + 1) % 20}")
        if number % 100 == 50:
            lines.append(f"BeginSnapshot {number % 17}")
    lines.append("ReceiveAll")
    for snapshot in range(1, 11):
        lines += [f"CollectState {snapshot}", f"PrintSnapshot {snapshot}"]
    settings = {"SCRIPT": "\n".join(lines)}
    result = run(13, "Bank", kind, 22, solution=True, settings=settings)
    assert (result.failures, result.ended) == ([], "done")
    assert len(re.findall("together 20000 of 20000", result.output)) == 10
