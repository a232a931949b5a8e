"""Lecture 15: the servers, the game, the reference solution, and registers that are wrong."""

import pytest

from emulators.console import command_line
from emulators.errors import UsageError
from tests.running import run

KINDS = ["sync", "async"]
LEVELS = range(1, 7)
BRIEF = {"OPERATIONS_PER_CLIENT": 4}


def played(algorithm="ReplicationNetwork", kind="async", devices=8, seed=1, **settings):
    """Run an algorithm of the reference solutions; nothing may fail."""
    result = run(15, algorithm, kind, devices, seed, solution=True, settings=settings)
    assert (result.failures, result.ended) == ([], "done")
    return result


def points(result):
    return result.devices[0].score.points()


def of_level(level, **more):
    return {"level": level, **more}


# -- the servers


SERVERS = """
from exercises.exercise15 import *
class Question(ServerMessage): pass
class Special(Question): pass
class Answer(ServerMessage):
    def __init__(self, text):
        super().__init__()
        self.text = text
class Base(Server):
    ticks = 0
    @endpoint(Question)
    def process_question(self, request):
        return Answer(f"base {self.index}")
    @every(5)
    def tick(self):
        self.ticks += 1
class Answering(Base):
    def process_question(self, request):
        self.pause(10 * self.index)
        return Answer(f"slow {self.index}") if self.index != 3 else None
class Asking(Base):
    def work(self):
        self.late = self.send_message(2, Question(), 5).wait()
        requests = [self.send_message(one, Special(), 60) for one in (1, 2, 3)]
        began = self.medium.now
        self.first = [answer.text for answer in wait_any(requests)]
        self.two = [answer.text for answer in wait_any(requests, 2)]
        self.all = [answer.text for answer in wait_all(requests)]
        self.base = self.send_message(0, Question()).wait().text
        for index in range(4):
            self.send_message(index, QuitMessage())
        self.pause(5)
        self.stop()
class Quitting(Answering):
    @endpoint(QuitMessage)
    def quit(self, message):
        self.stop()
class Mixed:
    def __new__(cls, index, number_of_devices, medium):
        return (Quitting if index else Asking)(index, number_of_devices, medium)
class Deaf(Server):
    def work(self):
        self.send_message(1 - self.index, Question()).wait()
        self.stop()
class Plain(Server):
    @endpoint(Question)
    def process(self, request):
        return 5
    def work(self):
        self.send_message(1 - self.index, Question()).wait()
        self.stop()
"""


@pytest.fixture
def servers(tmp_path):
    (tmp_path / "exercise15.py").write_text(SERVERS, encoding="utf-8")
    return lambda algorithm, kind="async", devices=4: run(
        15, algorithm, kind, devices, exercises=tmp_path, settings={"level": 1}, max_time=100
    )


@pytest.mark.parametrize("kind", KINDS)
def test_one_waits_for_one_for_some_and_for_all_answers(servers, kind):
    asking = servers("Mixed", kind).devices[0]
    assert asking.late is None
    assert asking.first == ["slow 1"]
    assert asking.two == asking.all == ["slow 1", "slow 2"]


@pytest.mark.parametrize("kind", KINDS)
def test_endpoints_are_inherited_and_a_method_of_the_same_name_takes_their_place(servers, kind):
    result = servers("Mixed", kind)
    assert result.devices[0].base == "base 0"
    assert result.devices[0].first == ["slow 1"]


@pytest.mark.parametrize("kind", KINDS)
def test_timers_go_on_while_handlers_wait(servers, kind):
    result = servers("Mixed", kind)
    assert all(device.ticks > 5 for device in result.devices)


def test_a_message_without_an_endpoint_is_a_failure_that_says_what_to_write(servers):
    result = servers("Deaf", devices=2)
    assert "mark the method that handles it with @endpoint(Question)" in result.failures[0].text


def test_an_answer_that_is_no_message_is_a_failure_that_names_the_method(servers):
    result = servers("Plain", devices=2)
    assert "process returned 5, which is no ServerMessage" in result.failures[0].text


def test_a_request_that_comes_twice_is_handled_once():
    result = played(level=6, seed=3)
    doubled = [event for event in result.trace if event.kind == "duplicate"]
    assert doubled
    writes = [event for event in result.trace.of("send") if "WriteRequest" in str(event.message)]
    forwarded = [event.message.value for event in writes if event.device == 0]
    assert len(forwarded) == len(set(forwarded))


# -- the template


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("devices", [5, 8, 50])
def test_the_template_ends_and_says_what_is_missing(kind, devices):
    result = run(15, "ReplicationNetwork", kind, devices=devices, settings=BRIEF)
    assert (result.ended, result.failures, len(result.todos)) == ("done", [], 2)
    assert points(result).answered == 0
    assert "Score: 0 of 100" in result.output


def test_a_client_whose_message_is_lost_goes_on_after_its_timeout():
    result = played(level=3, seed=2)
    lost = {event.message.source for event in result.trace.of("lose") if event.device == 0}
    assert lost & {1, 2, 3}
    assert points(result).operations == 90
    assert points(result).answered < 90


@pytest.mark.parametrize("clients", [1, 5])
def test_the_number_of_clients_can_be_set(clients):
    result = played(devices=clients + 4, NUMBER_OF_CLIENTS=clients, **BRIEF)
    assert points(result).operations == 4 * clients
    assert points(result).points == 100


@pytest.mark.parametrize(
    ("devices", "settings", "text"),
    [
        (4, {}, "at least 5 devices: a gateway, 3 clients, a node"),
        (9, {"NUMBER_OF_CLIENTS": 6}, "1 to 5 clients"),
        (8, {"level": 7}, "no scenario game-7"),
    ],
)
def test_what_cannot_be_played_is_refused(devices, settings, text):
    with pytest.raises(UsageError, match=text):
        run(15, "ReplicationNetwork", devices=devices, settings=settings)


def test_a_leader_gets_all_requests_once_it_has_announced_itself(tmp_path):
    (tmp_path / "exercise15.py").write_text(
        "import exercises.exercise15 as given\n"
        "from exercises.exercise15 import *\n"
        "class Leading(Node):\n"
        "    def work(self):\n"
        "        if self.index == 5:\n"
        "            self.send_message(0, LeaderMessage())\n"
        "class LeaderNetwork(ReplicationNetwork):\n"
        "    node = Leading\n",
        encoding="utf-8",
    )
    settings = {"ROUTING": "leader", **BRIEF}
    result = run(15, "LeaderNetwork", "sync", 8, exercises=tmp_path, settings=settings)
    sent = [event.message for event in result.trace.of("send") if event.device == 0]
    asked = [one.destination for one in sent if "Request" in type(one).__name__]
    assert set(asked[3:]) == {5}


def test_devices_show_their_state():
    result = played(level=1, **BRIEF)
    gateway, client, node = (result.devices[index].appearance() for index in (0, 1, 7))
    assert gateway["text"] == "gateway"
    assert client["text"] == result.devices[1].last != "nothing yet"
    assert node["text"] == str(result.devices[7].value) != "None"


# -- the reference solution


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_majority_with_write_back_is_linearizable_on_every_level(level, kind):
    for seed in range(20):
        result = played(kind=kind, devices=7 + seed % 4, seed=seed, level=level)
        assert points(result).conflict == (), seed
        assert points(result).answered > 30


@pytest.mark.parametrize("kind", KINDS)
def test_without_faults_everything_is_answered(kind):
    assert points(played(kind=kind, level=1)).points == 100


def test_a_minority_that_crashed_stops_nobody_who_asks_another_node():
    result = played(level=4, kind="sync", devices=9)
    last = max(event.time for event in result.trace.of("respond"))
    (crash,) = result.trace.of("crash")
    assert last > 2 * crash.time


def test_two_writes_at_one_node_get_different_stamps():
    from tests.solutions import exercise15 as solution

    node = solution.Node(4, 8, None)
    assert node.next_stamp((3, 7)) == (4, 4)
    assert node.next_stamp((3, 7)) == (5, 4)


def test_a_node_keeps_the_greater_stamp_and_confirms_both():
    from tests.solutions import exercise15 as solution

    node = solution.Node(4, 8, None)
    for stamp, value in (((2, 5), "new"), ((2, 4), "old")):
        assert node.process_store(solution.StoreRequest(stamp, value)) is not None
    assert (node.stamp, node.value) == ((2, 5), "new")


# -- registers that are wrong


@pytest.mark.parametrize(
    ("algorithm", "kind", "devices", "level", "seeds"),
    [
        ("WriteAllNetwork", "sync", 8, 2, [1, 2, 3]),
        ("WriteAllNetwork", "async", 8, 2, [1, 2, 3]),
        ("WriteAllNetwork", "async", 8, 3, [1, 2, 3]),
        ("WrongMajorityNetwork", "async", 8, 2, [1, 2, 3]),
        ("NoWriteBackNetwork", "sync", 7, 2, [2, 3, 4]),
    ],
)
def test_a_wrong_register_is_found_out_within_three_seeds(algorithm, kind, devices, level, seeds):
    conflicts = [
        points(played(algorithm, kind, devices, seed, level=level)).conflict for seed in seeds
    ]
    found = [conflict for conflict in conflicts if conflict]
    assert found
    assert all(3 <= len(conflict) <= 6 for conflict in found)


def test_an_even_number_of_nodes_is_needed_to_beat_the_wrong_majority():
    for seed in range(5):
        result = played("WrongMajorityNetwork", devices=9, seed=seed, level=2)
        assert points(result).conflict == ()


def test_a_conflict_is_shown_on_a_timeline_and_costs_all_points():
    output = played("WriteAllNetwork", seed=1, level=2).output
    assert "NOT linearizable: read -> None of client 2 does not fit" in output
    assert "client 3  write 301 -> ?  |-------------->" in output
    assert "Score: 0 of 100" in output


def test_a_conflict_violates_the_property(capsys):
    arguments = ["--exercises", "tests/solutions", "--lecture", "15", "--devices", "8", "--quiet"]
    arguments += ["--algorithm", "WriteAllNetwork", "--type", "async", "--set", "level=2"]
    assert command_line.main([*arguments, "--seed", "1", "--check", "linearizable"]) == 1
    assert "linearizable is violated: The operations of the clients fit" in "".join(
        capsys.readouterr()
    )


# -- the game


def test_the_whole_game_is_one_command(capsys):
    arguments = ["game", "--exercises", "tests/solutions", "--seeds", "1", "--set"]
    assert command_line.main([*arguments, "OPERATIONS_PER_CLIENT=4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[2:8]] == list("123456")
    assert all("1 of 1" in line for line in lines[2:8])


def test_a_lost_game_says_how_to_see_it_again(capsys):
    arguments = ["game", "--exercises", "tests/solutions", "--algorithm", "WriteAllNetwork"]
    assert command_line.main([*arguments, "--seeds", "1", "--set", "level=2"]) == 1
    output = capsys.readouterr().out
    assert "Level 2, seed 1, is not linearizable" in output
    assert "add --set level=2 --seed 1 to a run" in output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--set", "level=9"], "there is no level 9; there are 1, 2, 3, 4, 5, 6"),
        (["--seeds", "none"], "a number of runs from 1 up"),
        (["--type", "stepping"], "--type sync or async"),
        (["--pace", "1"], "--pace is of one run"),
    ],
)
def test_a_game_that_cannot_be_played_is_refused_in_one_line(arguments, text, capsys):
    assert command_line.main(["game", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert text in line
