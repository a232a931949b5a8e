"""The option `--script`."""

from tests.framework.commands import ROOT, command, refusal

BANK = ("--exercises", ROOT / "tests" / "solutions", "--lecture", 13, "--algorithm", "Bank")
SCRIPT = "StartMaster\nCreateNode 1 10\nCreateNode 2 0\nSend 1 2 4\nReceive 2 1\n"


def write(folder, text):
    path = folder / "script.txt"
    path.write_bytes(text.encode())
    return path


def test_a_script_runs_with_as_many_devices_as_it_needs(tmp_path):
    answer = command(*BANK, "--script", write(tmp_path, SCRIPT), "--quiet")
    assert answer.status == 0
    assert "using 4 devices" in answer.out
    assert "1 Transfer 4" in answer.out.splitlines()


def test_a_recording_needs_no_script(tmp_path):
    path, record = write(tmp_path, SCRIPT), tmp_path / "run.jsonl"
    first = command(*BANK, "--script", path, "--record", record, "--seed", 1)
    path.unlink()
    again = command(*BANK[:2], "--replay", record)
    assert again.status == 0
    assert "1 Transfer 4" in again.out.splitlines()
    assert first.out.count("\n") == again.out.count("\n")


def test_an_empty_script_is_a_script(tmp_path):
    answer = command(*BANK, "--script", write(tmp_path, ""), "--quiet")
    assert answer.status == 0
    assert "Node" not in answer.out


def test_a_script_is_for_the_bank_only(tmp_path):
    line = refusal("--lecture", 0, "--algorithm", "PingPong", "--script", write(tmp_path, SCRIPT))
    assert line == "--script: only lecture 13 has scripts"


def test_a_script_that_is_not_there_is_named(tmp_path):
    assert "cannot read the script" in refusal(*BANK, "--script", tmp_path / "none.txt")


def test_a_script_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "script.txt"
    path.write_bytes(b"\xff\xfe\x00")
    assert "is no text in UTF-8" in refusal(*BANK, "--script", path)


def test_too_few_devices_for_a_script_are_refused(tmp_path):
    line = refusal(*BANK, "--script", write(tmp_path, SCRIPT), "--devices", 3)
    assert "at least 4 devices: 2 nodes, an observer and a master" in line
