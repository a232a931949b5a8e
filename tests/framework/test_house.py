"""The rules of the house, each held by the tool that knows it (configured in pyproject.toml)."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:work|root)/")


def run_tool(*command: str) -> None:
    """Run a module of this Python in the project's folder; what it finds is the failure."""
    tool = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert tool.returncode == 0, tool.stdout


def project_files() -> list[str]:
    """List every file that git has or would take, as a path from the project's folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        output = subprocess.check_output(command, cwd=ROOT, text=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return sorted(name for name in set(output.split("\0")) if (ROOT / name).is_file())


def test_ruff_finds_nothing() -> None:
    run_tool("ruff", "check", "--quiet")


def test_every_file_is_formatted() -> None:
    run_tool("ruff", "format", "--check", "--quiet", "--diff")


def test_emulators_are_typed_strictly() -> None:
    run_tool("mypy", "--strict", "emulators")


def test_imports_go_down_only() -> None:
    code = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"
    lint = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_no_two_paths_differ_in_case_only() -> None:
    paths = {Path(name) for name in project_files()}
    paths |= {parent for path in paths for parent in path.parents}
    folded = Counter(str(path).casefold() for path in paths)
    assert [path for path, count in folded.items() if count > 1] == []


def test_no_text_names_a_path_of_one_machine() -> None:
    found = []
    for name in project_files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content and MACHINE_PATH.search(content):
            found.append(name)
    assert found == []


def test_every_module_of_emulators_opens_with_a_docstring() -> None:
    modules = sorted((ROOT / "emulators").rglob("*.py"))
    bare = [str(path) for path in modules if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert bare == []
