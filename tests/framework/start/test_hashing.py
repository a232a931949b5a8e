"""Sets of text keep their order in every process: Python is restarted once with fixed hashes."""

from pathlib import Path

from emulators.start.hashing import KEEP
from tests.framework.commands import process, write_exercise

EXERCISE = """
import os, sys
from emulators.Device import Device
from emulators.MessageStub import MessageStub

WORDS = [f"word {number}" for number in range(50)]

class Words(Device):
    def run(self):
        for word in set(WORDS):
            self.medium.log(word)

    def print_result(self):
        print("hash of text:", hash("word"), hash(("a", 1)))
        print("argv:", sys.argv)
        print("hashes:", os.environ["PYTHONHASHSEED"])
"""


def printed(folder: Path, hash_seed: str, *options: str, **environment: str) -> list[str]:
    """Run the exercise in a process that starts with hashes of its own."""
    given = ["exercise_runner.py", *write_exercise(folder, EXERCISE), "--algorithm", "Words"]
    environment["PYTHONHASHSEED"] = hash_seed
    done = process(*given, "--seed", "1", *options, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if "elapsed" not in line]


def test_a_run_is_the_same_whatever_hashes_python_would_draw(tmp_path: Path) -> None:
    assert len({tuple(printed(tmp_path, seed)) for seed in ("random", "1", "2", "0")}) == 1


def test_the_command_line_survives_the_restart(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    folder.mkdir()
    out = "\n".join(printed(folder, "1"))
    assert f"{str(folder)!r}, '--lecture', '0'" in out
    assert "hashes: 0" in out


def test_whoever_wants_to_keeps_the_hashes_as_they_are(tmp_path: Path) -> None:
    out = printed(tmp_path, "1", **{KEEP: "1"})
    assert "hashes: 1" in out


def test_hash_of_a_text_is_fixed_even_without_a_restart(tmp_path: Path) -> None:
    one, other = (
        [line for line in printed(tmp_path, seed, **{KEEP: "1"}) if line.startswith("hash of")]
        for seed in ("1", "2")
    )
    assert one == other


def test_the_order_of_a_set_shows_that_a_restart_is_needed(tmp_path: Path) -> None:
    one, other = (
        [line for line in printed(tmp_path, seed, **{KEEP: "1"}) if "word" in line]
        for seed in ("1", "2")
    )
    assert one != other
