"""What may be typed, and what is said where it is wrong: one line, status 2, nothing run."""

import io

import pytest

from emulators import runner
from emulators.lectures import LECTURES
from tests.framework.commands import PING, command, refusal, write_exercise

OTHER = ("--lecture", "4", "--algorithm", "Bully")


def test_a_run_that_is_done_has_status_0() -> None:
    assert command(*PING).status == 0


def test_no_subcommand_means_run() -> None:
    assert command("run", *PING, "--json").status == command(*PING, "--json").status == 0


HELP = command("--help")


def test_asking_for_help_is_no_error() -> None:
    assert (HELP.status, HELP.err) == (0, "")


@pytest.mark.parametrize(
    "option",
    [
        "--help",
        "--lecture",
        "--algorithm",
        "--type",
        "--devices",
        "--seed",
        "--max-rounds",
        "--max-time",
        "--max-messages",
        "--latency",
        "--fifo",
        "--record",
        "--replay",
        "--pace",
        "--set",
        "--quiet",
        "--json",
        "--exercises",
        "--list",
        "--check-determinism",
    ],
)
def test_help_names_the_option(option: str) -> None:
    assert option in HELP.out


def test_help_says_what_the_exit_statuses_mean() -> None:
    text = HELP.out[HELP.out.index("Exit status") :]
    assert all(f"{status} " in text for status in (0, 1, 2, 130))


# -- names that do not exist


def test_an_unknown_lecture_is_refused_with_those_that_exist() -> None:
    assert refusal("--lecture", "99", "--algorithm", "PingPong") == (
        f"there is no lecture 99; there are {', '.join(map(str, LECTURES))}"
    )


def test_a_lecture_without_an_exercise_says_so() -> None:
    assert "lecture 3 has no exercise in this framework" in refusal(
        "--lecture", "3", "--algorithm", "Anything"
    )


def test_an_unknown_algorithm_is_refused_with_those_of_the_lecture() -> None:
    line = refusal("--lecture", "11", "--algorithm", "Nothing")
    assert line == (
        "lecture 11 has no algorithm 'Nothing'; there are ChordNode, ChordClient, ChordNetwork"
    )


@pytest.mark.parametrize("typed", ["PinPong", "pingpong", "PingPnog"])
def test_a_misspelt_algorithm_gets_did_you_mean(typed: str) -> None:
    assert "(did you mean PingPong?)" in refusal("--lecture", "0", "--algorithm", typed)


def test_an_algorithm_of_another_lecture_says_where_it_is() -> None:
    assert "it belongs to lecture 10 (exercise10.py)" in refusal(
        "--lecture", "11", "--algorithm", "BlockchainNetwork"
    )


def test_the_home_of_an_algorithm_is_looked_for_in_the_folder_of_the_student(tmp_path) -> None:
    device = "from emulators.Device import Device\nclass Mine(Device): pass\n"
    options = write_exercise(tmp_path, device)
    write_exercise(tmp_path, device.replace("Mine", "Theirs"), "exercise1.py")
    assert "it belongs to lecture 1" in refusal(*options, "--algorithm", "Theirs")


def test_a_file_with_a_syntax_error_elsewhere_does_not_hide_the_home(tmp_path) -> None:
    device = "from emulators.Device import Device\nclass Mine(Device): pass\n"
    options = write_exercise(tmp_path, device)
    write_exercise(tmp_path, "class Broken(", "exercise1.py")
    write_exercise(tmp_path, device.replace("Mine", "Theirs"), "exercise2.py")
    assert "it belongs to lecture 2" in refusal(*options, "--algorithm", "Theirs")


def test_an_unknown_type_is_refused_with_those_that_exist() -> None:
    line = refusal(*PING, "--type", "carrier-pigeon")
    assert line.startswith("there is no network type 'carrier-pigeon'; there are sync, async")


def test_a_misspelt_type_gets_did_you_mean() -> None:
    assert refusal(*PING, "--type", "asnyc").endswith("did you mean async?")


def test_a_misspelt_option_gets_did_you_mean() -> None:
    assert refusal(*PING, "--devcies", "3") == (
        "unknown argument --devcies (did you mean --devices?); "
        "exercise_runner.py --help shows all options"
    )


def test_a_misspelt_option_with_equals_gets_did_you_mean() -> None:
    assert "did you mean --max-rounds?" in refusal(*PING, "--mx-rounds=3")


def test_a_misspelt_command_gets_did_you_mean() -> None:
    line = refusal("rnu", *PING)
    assert line.startswith("there is no command 'rnu'")
    assert line.endswith("did you mean run?")


@pytest.mark.parametrize("name", ["lecture", "algorithm"])
def test_what_is_missing_is_shown_by_an_example(name: str) -> None:
    given = ["--lecture", "0"] if name == "algorithm" else ["--algorithm", "PingPong"]
    line = refusal(*given)
    assert line.startswith(f"--{name} is missing, as in: exercise_runner.py --lecture 0 ")


def test_nothing_at_all_gets_an_example() -> None:
    assert "as in: exercise_runner.py --lecture 0 --algorithm PingPong" in refusal()


# -- values


@pytest.mark.parametrize("number", [1, 0, -3])
def test_fewer_than_2_devices_are_refused(number: int) -> None:
    assert refusal(*PING, "--devices", number) == (
        f"a network needs at least 2 devices, not {number}"
    )


@pytest.mark.parametrize(
    ("lecture", "algorithm", "devices"),
    [
        (8, "GfsNetwork", 5),
        (9, "MapReduceNetwork", 5),
        (10, "BlockchainNetwork", 5),
        (11, "ChordNetwork", 3),
    ],
)
def test_an_algorithm_says_how_many_devices_it_needs(
    lecture: int, algorithm: str, devices: int
) -> None:
    line = refusal("--lecture", lecture, "--algorithm", algorithm, "--devices", devices)
    assert line.startswith(f"{algorithm} needs ")
    assert line.endswith(f"; this run has {devices}")


@pytest.mark.parametrize("option", ["--lecture", "--devices", "--seed", "--max-rounds"])
@pytest.mark.parametrize("value", ["three", "2.5", ""])
def test_what_is_no_whole_number_is_refused(option: str, value: str) -> None:
    line = refusal(*PING, f"{option}={value}")
    assert line.startswith(f"argument {option}: {value!r} is not a whole number")


@pytest.mark.parametrize("option", ["--max-rounds", "--max-messages"])
def test_a_limit_of_nothing_is_refused(option: str) -> None:
    assert refusal(*PING, option, "0").startswith(f"argument {option}: 0 is not positive")


@pytest.mark.parametrize("option", ["--max-time", "--pace", "--latency"])
@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_what_is_no_number_of_seconds_is_refused(option: str, value: str) -> None:
    line = refusal(*PING, f"{option}={value}")
    assert line.startswith(f"argument {option}: {value!r} is not a number of seconds")


def test_a_latency_has_its_lowest_first() -> None:
    assert "'0.5:0.1': the lowest comes first" in refusal(*PING, "--latency", "0.5:0.1")


def test_an_option_without_its_value_is_refused() -> None:
    assert refusal("--lecture", "0", "--algorithm").startswith(
        "argument --algorithm: expected one argument"
    )


# -- --set


def test_a_constant_can_be_set() -> None:
    default, changed = (
        command(*OTHER, "--json", *more).out for more in ((), ("--set", "STARTER=0"))
    )
    assert default.partition('"statistics"')[2] != changed.partition('"statistics"')[2]


def test_a_misspelt_constant_gets_did_you_mean() -> None:
    assert refusal(*OTHER, "--set", "ANSWER_ROUND=2") == (
        "--set ANSWER_ROUND: the exercise has no constant of that name; did you mean ANSWER_ROUNDS?"
    )


@pytest.mark.parametrize("text", ["STARTER", "=3", "two words=3"])
def test_a_setting_is_name_equals_value(text: str) -> None:
    assert f"{text!r} is not NAME=VALUE" in refusal(*OTHER, "--set", text)


# -- files


def test_a_folder_that_does_not_exist_is_refused(tmp_path) -> None:
    assert refusal(*PING, "--exercises", tmp_path / "none") == (
        f"there is no folder {tmp_path / 'none'}"
    )


def test_a_folder_without_the_file_of_the_lecture_is_refused(tmp_path) -> None:
    assert refusal(*PING, "--exercises", tmp_path) == (
        f"there is no file {tmp_path / 'demo.py'}, which lecture 0 needs"
    )


def test_a_class_that_is_no_device_is_refused() -> None:
    assert refusal("--lecture", "0", "--algorithm", "PingMessage") == (
        "PingMessage is no device: a class to run extends Device; there are PingPong"
    )


def test_a_value_that_is_no_device_is_refused(tmp_path) -> None:
    options = write_exercise(tmp_path, "Number = 5\n")
    assert refusal(*options, "--algorithm", "Number") == (
        "Number is no device: a class to run extends Device"
    )


def test_a_file_without_any_device_says_so(tmp_path) -> None:
    options = write_exercise(tmp_path, "pass\n")
    assert refusal(*options, "--algorithm", "PingPong") == (
        "lecture 0 has no algorithm 'PingPong', nor any other device class"
    )


def test_a_syntax_error_is_named_by_file_line_and_text(tmp_path) -> None:
    options = write_exercise(tmp_path, "x = 1\nfor device in range(3)\n    pass\n")
    line = refusal(*options, "--algorithm", "PingPong")
    assert line.startswith(f"{tmp_path / 'demo.py'}, line 2: ")
    assert line.endswith(": for device in range(3)")


def test_a_syntax_error_in_a_helper_is_named_by_its_own_file(tmp_path) -> None:
    write_exercise(tmp_path, "x = = 1\n", "helper.py")
    options = write_exercise(tmp_path, "import helper\nclass PingPong: pass\n")
    assert refusal(*options, "--algorithm", "PingPong").startswith(
        f"{tmp_path / 'helper.py'}, line 1: "
    )


def test_wrong_indentation_is_named_by_its_line(tmp_path) -> None:
    options = write_exercise(tmp_path, "if True:\npass\n")
    assert "demo.py, line 2: expected an indented block" in refusal(
        *options, "--algorithm", "PingPong"
    )


def test_a_file_that_is_no_text_is_refused(tmp_path) -> None:
    options = write_exercise(tmp_path, "")
    (tmp_path / "demo.py").write_bytes(b"x = '\xff\xfe'\n")
    assert "demo.py" in refusal(*options, "--algorithm", "PingPong")


def test_a_file_with_a_null_byte_is_refused(tmp_path) -> None:
    options = write_exercise(tmp_path, "x = 1\0\n")
    told = refusal(*options, "--algorithm", "PingPong")
    assert "demo.py" in told
    assert "line None" not in told


def test_an_import_that_fails_is_named_by_file_and_line(tmp_path) -> None:
    options = write_exercise(tmp_path, "x = 1\nimport nonesuch\nclass PingPong: pass\n")
    line = refusal(*options, "--algorithm", "PingPong")
    assert line == (
        f"{tmp_path / 'demo.py'}, line 2, in <module>: the file cannot be loaded: "
        "ModuleNotFoundError: No module named 'nonesuch'; install it with pip, or put the file "
        "beside this one"
    )


@pytest.mark.parametrize("statement", ["1 / 0", "undefined", "raise SystemExit(5)", "exit()"])
def test_an_exception_of_the_module_is_named_by_file_and_line(tmp_path, statement: str) -> None:
    options = write_exercise(tmp_path, f"class PingPong: pass\n\n{statement}\n")
    line = refusal(*options, "--algorithm", "PingPong")
    assert line.startswith(f"{tmp_path / 'demo.py'}, line 3, in <module>: ")


def test_a_run_on_a_full_disk_prints_its_results_and_what_is_missing(tmp_path, monkeypatch) -> None:
    class FullDisk(io.BytesIO):
        def write(self, data) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, "opened_to_write", lambda path: FullDisk())
    status, out, err = command(*PING, "--record", tmp_path / "run.jsonl")
    assert status == 1
    assert "Device 0: got 2 of 2 pongs" in out
    assert "it could not be recorded to its end: No space left on device" in err


def test_a_name_of_pythons_own_is_no_constant() -> None:
    assert "no constant of that name" in refusal(*PING, "--set", "__name__=1")


def test_a_time_beyond_all_measure_is_refused() -> None:
    assert "'1e30' is too long" in refusal(*PING, "--latency", "1e30")


def test_a_recording_that_cannot_be_written_is_refused(tmp_path) -> None:
    assert refusal(*PING, "--record", tmp_path / "none" / "file").startswith("cannot write ")


def test_a_recording_never_replaces_another_file(tmp_path) -> None:
    file = tmp_path / "homework.py"
    file.write_text("important")
    assert refusal(*PING, "--record", file) == (
        f"{file} exists and is no recording: choose another name"
    )
    assert file.read_text() == "important"


def test_a_recording_replaces_another_recording(tmp_path) -> None:
    file = tmp_path / "run"
    assert [command(*PING, "--record", file).status for _ in range(2)] == [0, 0]


def test_a_bad_input_leaves_an_older_recording_as_it_is(tmp_path) -> None:
    file = tmp_path / "run"
    command(*PING, "--record", file)
    before = file.read_bytes()
    refusal(*PING, "--record", file, "--devices", "1")
    refusal("--lecture", "0", "--algorithm", "PingMessage", "--record", file)
    assert file.read_bytes() == before


def test_a_part_of_the_framework_with_its_name_misspelt_is_recognised(tmp_path) -> None:
    options = write_exercise(tmp_path, "import emulators.device\nclass PingPong: pass\n")
    assert refusal(*options, "--algorithm", "PingPong").endswith("did you mean emulators.Device?")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--check-determinism", "--record", "run.jsonl"), "--record means nothing with --check-d"),
        (("--check-determinism", "--check", "all"), "--check means nothing with --check-determ"),
        (("--json", "--pace", "1"), "--pace means nothing with --json"),
        (("--json", "--gui"), "--gui means nothing with --json"),
        (("--hosts", "hosts.toml"), "with --type zeromq"),
        (("--index", "0"), "with --type zeromq"),
        (("--remote",), "--remote is for stepping"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(options, told: str) -> None:
    assert told in refusal(*PING, *options)


@pytest.mark.parametrize(
    ("command_line", "told"),
    [
        ("explore --lecture 0 --algorithm PingPong --depth x", "--depth: 'x' is not a whole numb"),
        ("explore --lecture 0 --algorithm PingPong --budget nan", "--budget: 'nan' is not a numb"),
        ("explore --lecture 0 --algorithm PingPong --save no/such", "there is no folder no"),
        ("game --nope", "unknown argument --nope"),
        ("game --lecture 3", "the game is that of lecture 15"),
        ("sweep --lecture 0 --algorithm PingPong --seeds", "argument --seeds: expected one"),
    ],
)
def test_what_is_wrong_in_other_commands_is_one_line_too(command_line: str, told: str) -> None:
    assert told in refusal(*command_line.split())


def test_a_file_that_is_not_there_is_not_graded(tmp_path) -> None:
    told = refusal("grade", "--lecture", 1, "--exercises", tmp_path)
    assert told == f"there is no file {tmp_path / 'exercise1.py'}, which lecture 1 needs"
