"""The first start: what is set up, what is left alone, and what a person reads when it fails.

Most tests start a small project in a folder of its own with a `uv` that is a shell script, so that
a whole first start takes a fraction of a second and no network.
"""

import ast
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.start import bootstrap, bootstrap_texts, bootstrap_venv

ROOT = Path(bootstrap.ROOT)
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a shell script")

SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from emulators.start.bootstrap import ensure
ensure()
import thing
print("ran with", thing.__name__, sys.argv[1:])
sys.exit(7)
"""

# uv venv --allow-existing --python BASE VENV   |   uv pip install --python PYTHON PACKAGE ...
UV = """#!/bin/sh
echo "$*" >> "$0.calls"
case $1 in
venv) exec "$4" -m venv --without-pip "$5" ;;
esac
site=$(echo "${4%/bin/python}"/lib/python*/site-packages)
INSTALL
"""
WORKS = 'shift 4; for word; do echo > "$site/${word%%>*}.py"; done'
INSTALLS_NOTHING = "exit 0"
OFFLINE = "echo 'error: dns error: no name resolution'; exit 1"
FAILS = "echo 'error: disk is on fire'; exit 1"
NO_COMPILER = (
    f'case "$*" in *gadget*) echo "error: Failed to build gadget"; exit 1 ;; esac; {WORKS}'
)
HANGS = "echo 'Downloading thing (9.9 MB)'; exec sleep 100"


class Project:
    """A folder with a script that needs `thing`, and a stand-in for uv."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.uv = root / "bin" / "uv"
        for name in ("emulators/start", "tests", "bin"):
            (root / name).mkdir(parents=True)
        shutil.copyfile(ROOT / "emulators" / "__init__.py", root / "emulators" / "__init__.py")
        for source in (ROOT / "emulators" / "start").glob("*.py"):
            shutil.copyfile(source, root / "emulators" / "start" / source.name)
        (root / "go.py").write_text(SCRIPT)
        self.require("thing>=1\ngadget  # optional: a part\n")
        self.uv_does(WORKS)

    def require(self, lines: str) -> None:
        (self.root / "requirements.txt").write_text(lines)

    def uv_does(self, install: str) -> None:
        self.uv.write_text(UV.replace("INSTALL", install))
        self.uv.chmod(0o755)

    def installs(self) -> list[str]:
        calls = (self.root / "bin" / "uv.calls").read_text().splitlines()
        return [call.rpartition("python ")[2] for call in calls if call.startswith("pip")]

    def popen(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PATH": f"{self.uv.parent}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.Popen(
            [sys.executable, "go.py", *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> tuple[int, str, str]:
        with self.popen(*arguments) as process:
            out, err = process.communicate()
        return process.returncode, out, err

    def only_uv(self) -> None:
        """Take away the second way, so that no test falls back to pip and the network."""
        module = self.root / "emulators" / "start" / "bootstrap_venv.py"
        source = module.read_text(encoding="utf-8")
        module.write_text(source.replace('importable("ensurepip")', "False"), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.only_uv()
    return made


def failure_of(action: Callable[[], object]) -> str:
    """Give the one line with which setting up ends."""
    with pytest.raises(bootstrap.SetupError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_old_python_is_told_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (9, 8))
    monkeypatch.setattr(sys, "argv", ["dir/exercise_runner.py", "--lecture", "0"])
    with pytest.raises(SystemExit) as exit_:
        bootstrap.ensure()
    line = capsys.readouterr().err
    assert exit_.value.code == 2
    assert line.startswith("exercise_runner.py needs Python 9.8 or newer, this is 3.")
    assert line.endswith("exercise_runner.py --lecture 0\n")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "name",
    [
        "emulators/__init__.py",
        "emulators/start/__init__.py",
        "emulators/start/bootstrap.py",
        "tests/__main__.py",
        "exercise_runner.py",
        "exercise_runner_overlay.py",
    ],
)
def test_what_an_old_python_reads_it_can_read(name: str) -> None:
    path = ROOT / name
    if path.exists():
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("group", ["run", "test"])
def test_where_the_packages_are_there_nothing_heavy_is_loaded(group: str) -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        f"from emulators.start.bootstrap import ensure; ensure({group!r})\n"
        "print(*set(sys.modules) - before)"
    )
    loaded = set(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split())
    assert "emulators.start.bootstrap" in loaded
    heavy = {"subprocess", "shutil", "pathlib", "re", "typing", "pytest", "greenlet"}
    assert not loaded & {*heavy, "emulators.start.bootstrap_venv"}


def test_a_folder_that_a_package_left_behind_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("left-behind>=1\npytest\n")
    (tmp_path / "left_behind").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert bootstrap.missing(str(tmp_path), "run") == ["left_behind"]


@posix
def test_the_first_start_sets_up_and_runs_the_same_command(project: Project) -> None:
    code, out, err = project.start("--lecture", "a b")
    assert (code, out) == (7, "ran with thing ['--lecture', 'a b']\n")
    assert f"requirements.txt go into {project.root / '.venv'}." in err
    assert "Ready after" in err


@posix
def test_the_second_start_installs_nothing_and_says_nothing(project: Project) -> None:
    project.start()
    assert project.start() == (7, "ran with thing []\n", "")
    assert project.installs() == ["thing>=1 gadget"]


@posix
def test_changed_requirements_are_installed(project: Project) -> None:
    project.start()
    project.require("thing>=2\n")
    assert project.start()[0] == 7
    assert project.installs() == ["thing>=1 gadget", "thing>=2"]


@posix
def test_a_package_that_is_new_is_installed_from_inside(project: Project) -> None:
    project.start()
    project.require("thing>=1\nother\n")
    python = str(project.root / ".venv" / "bin" / "python")
    path = f"{project.uv.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    assert subprocess.call([python, "go.py"], cwd=project.root, env=environment) == 7
    assert project.installs()[1:] == ["thing>=1 other"]


@posix
def test_a_package_that_was_lost_is_brought_back(project: Project) -> None:
    project.start()
    for path in project.root.glob(".venv/lib/*/site-packages/thing.py"):
        path.unlink()
    assert project.start()[0] == 7
    assert len(project.installs()) == 2


@posix
def test_an_interpreter_that_is_gone_is_replaced(project: Project) -> None:
    project.start()
    (project.root / ".venv" / "bin" / "python").unlink()
    assert project.start()[0] == 7


@posix
def test_an_interrupted_start_ends_with_one_line_and_is_repaired(project: Project) -> None:
    project.uv_does(HANGS)
    with project.popen() as process:
        assert process.stderr
        for line in process.stderr:
            if line == "  downloading thing (9.9 MB)\n":
                break
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == (
            "Setting up was interrupted; the same command starts it again.\n"
        )
    assert process.returncode == 130
    rubbish = project.root / ".venv" / "half" / "installed"
    rubbish.mkdir(parents=True)
    project.uv_does(WORKS)
    assert project.start()[0] == 7
    assert not rubbish.exists()


@posix
def test_starts_at_the_same_time_set_up_once(project: Project) -> None:
    (project.root / ".venv").mkdir()
    with bootstrap_venv.held(project.root / ".venv" / "bootstrap.lock"):
        both = [project.popen(), project.popen()]
        waiting = [process.stderr.readline() for process in both if process.stderr]
    ends = [process.communicate()[0] for process in both]
    assert waiting == ["Another command is setting up here; waiting for it.\n"] * 2
    assert ends == ["ran with thing []\n"] * 2
    assert len(project.installs()) == 1


@posix
def test_what_cannot_be_imported_after_installing_is_named_and_nothing_loops(
    project: Project,
) -> None:
    project.uv_does(INSTALLS_NOTHING)
    code, _, err = project.start("--lecture", "0")
    last = err.splitlines()[-1]
    assert code == 2
    assert f"{project.root / '.venv'} is set up, but thing cannot be imported there;" in last
    assert last.endswith("go.py --lecture 0")
    assert len(project.installs()) == 1


@posix
@pytest.mark.parametrize(
    ("install", "line"),
    [
        (OFFLINE, "No connection to the package index, which a first start needs"),
        (FAILS, "The packages could not be installed: error: disk is on fire"),
    ],
)
def test_a_failed_installation_ends_with_one_line_and_the_log(
    project: Project, install: str, line: str
) -> None:
    project.uv_does(install)
    code, _, err = project.start("--lecture", "0")
    last = err.splitlines()[-1]
    log = project.root / ".venv" / "bootstrap.log"
    assert code == 2
    assert last.startswith(f"{line} (details: {log}); then type again: ")
    assert last.endswith("go.py --lecture 0")
    assert "error: " in log.read_text()
    assert "Traceback" not in err


@posix
def test_after_a_failed_installation_the_next_start_goes_on(project: Project) -> None:
    project.uv_does(OFFLINE)
    project.start()
    project.uv_does(WORKS)
    assert project.start()[0] == 7


@posix
def test_an_optional_package_may_fail(project: Project) -> None:
    project.uv_does(NO_COMPILER)
    code, _, err = project.start()
    assert code == 7
    assert "again, without the optional packages" in err
    assert project.installs() == ["thing>=1 gadget", "thing>=1"]


@posix
def test_pip_is_tried_where_uv_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def run(self: bootstrap_venv.Setup, command: list[str]) -> tuple[int, str]:
        tried.append(" ".join(command))
        return int(command[0] == "/bin/uv"), "error: no"

    monkeypatch.setattr(bootstrap_venv.Setup, "_run", run)
    monkeypatch.setattr(bootstrap_venv.shutil, "which", lambda name: f"/bin/{name}")
    setup = bootstrap_venv.Setup(str(tmp_path), "run")
    assert setup.install(setup.ways(), ["thing"]) == ""
    steps = re.findall("uv venv|-m venv|-m pip", "\n".join(tried))
    assert steps == ["uv venv", "-m venv", "-m pip"]


@pytest.mark.parametrize(
    ("apt", "advice"),
    [(None, "install one of them, then type again: "), ("/usr/bin/apt-get", "-venv && ")],
)
def test_a_python_without_venv_is_told_what_to_install(
    project: Project, monkeypatch: pytest.MonkeyPatch, apt: str | None, advice: str
) -> None:
    monkeypatch.setattr(bootstrap_venv, "importable", lambda name: False)
    monkeypatch.setattr(
        bootstrap_venv.shutil, "which", lambda name: apt if name == "apt-get" else None
    )
    line = failure_of(lambda: bootstrap_venv.Setup(str(project.root), "run").move_into(""))
    assert "(no venv with ensurepip, no uv); " in line
    assert advice in line
    assert not (project.root / ".venv").exists()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EROFS, "-m venv ~/venv-teaching && ~/venv-teaching/bin/pip install -r "),
        (errno.EACCES, "-m venv ~/venv-teaching && ~/venv-teaching/bin/pip install -r "),
        (errno.ENOSPC, "; make room for 500 MB, then type again: "),
    ],
)
def test_where_nothing_can_be_written_the_way_out_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    line = failure_of(lambda: bootstrap_venv.Setup(str(project.root), "run").move_into(""))
    assert line.startswith(f"Cannot write {project.root / '.venv'} ({os.strerror(number)}); ")
    assert advice in line


def test_what_only_older_pythons_need_is_not_missed_by_newer_ones(tmp_path: Path) -> None:
    lines = [f'{name}>=1; python_version < "3.{minor}"' for name, minor in (("a", 10), ("b", 99))]
    (tmp_path / "requirements.txt").write_text("\n".join(lines))
    assert bootstrap.requirement_lines(str(tmp_path), "run") == lines[1:]


def test_a_project_without_its_requirements_is_named(tmp_path: Path) -> None:
    line = failure_of(lambda: bootstrap.missing(str(tmp_path), "run"))
    assert line.startswith(f"{tmp_path / 'requirements.txt'} cannot be read; ")


def test_without_exec_the_exit_status_is_passed_on() -> None:
    with pytest.raises(SystemExit) as exit_:
        bootstrap_venv.pass_on([sys.executable, "-c", "raise SystemExit(5)"], dict(os.environ))
    assert exit_.value.code == 5


def test_a_failed_build_is_not_mistaken_for_a_missing_network() -> None:
    output = "WARNING: Retrying ... NewConnectionError\nerror: subprocess-exited-with-error"
    assert not bootstrap_texts.is_offline(output)
