"""The first step of every command: the packages it needs are there, or are set up in `.venv`.

Here: `ensure`, which does nothing where the packages can be imported. Where they cannot,
bootstrap_venv.py makes `.venv` beside the scripts and starts the same command again in it.
Not here: anything of the framework, and any package: only the standard library is there yet.
The file keeps to what Python 3.6 can read, so that an old Python gets a sentence, not a traceback.
"""

import os
import sys

OLDEST = (3, 10)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REQUIREMENTS = {
    "run": ["requirements.txt"],
    "test": ["requirements.txt", os.path.join("tests", "requirements.txt")],
}
IMPORT_NAMES = {
    "import-linter": "importlinter",
    "pytest-qt": "pytestqt",
    "pytest-xdist": "xdist",
    "types-greenlet": "greenlet",
}
STATE = "TEACHING_FRAMEWORK_BOOTSTRAP"  # the variable that tells a restarted command what was done


class SetupError(Exception):
    """Setting up cannot go on; the text is one line that ends with what to type next."""


def ensure(group: str = "run") -> None:
    """Return where the packages of `group` can be imported; else set them up and restart.

    Without a group no package is needed; an old Python gets its sentence all the same.
    """
    state = os.environ.pop(STATE, "")
    try:
        _check_version(sys.version_info[:2])
        if group and missing(ROOT, group):
            from emulators.start.bootstrap_venv import Setup

            Setup(ROOT, group).move_into(state)
    except SetupError as error:
        say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        say("Setting up was interrupted; the same command starts it again.")
        sys.exit(130)


def _check_version(version: "tuple[int, int]") -> None:
    if version < OLDEST:
        name = os.path.basename(sys.argv[0])
        needs = "%s needs Python %d.%d or newer, this is %d.%d" % (name, *OLDEST, *version)
        raise SetupError("%s; %s" % (needs, _newer_python()))


def _newer_python() -> str:
    """Say what to type instead, for a Python that is too old."""
    import shutil

    for minor in range(20, OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        if shutil.which(name):
            return "type: " + shell_line([name, *sys.argv])
    return "install a newer one, then type: " + shell_line(["python3", *sys.argv])


def missing(root: str, group: str) -> "list[str]":
    """Name what cannot be imported of the requirements of `group`, without importing any of it."""
    lines = [line for line in requirement_lines(root, group) if not is_optional(line)]
    names = [_distribution(line) for line in lines]
    imports = [IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names]
    return [name for name in imports if not importable(name)]


def importable(name: str) -> bool:
    """Tell whether a module can be found; it is not imported."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(name)
    return spec is not None and spec.origin is not None  # a folder left behind has no origin


def requirement_lines(root: str, group: str) -> "list[str]":
    """Read the requirement files of `group`: one line for each package, with its comment."""
    lines = []
    for name in REQUIREMENTS[group]:
        path = os.path.join(root, name)
        try:
            with open(path, encoding="utf-8") as file:
                lines += [line.strip() for line in file]
        except OSError:
            raise SetupError(path + " cannot be read; get the whole project again") from None
    return [line for line in lines if line and not line.startswith("#") and _is_needed(line)]


def _is_needed(line: str) -> bool:
    """Tell whether a package is needed by this Python: one may be for older ones only."""
    _, mark, minor = line.partition('; python_version < "3.')
    return not mark or sys.version_info < (3, int(minor.partition('"')[0]))


def is_optional(line: str) -> bool:
    """Tell whether all but a part of the framework works without this package."""
    return "# optional" in line


def _distribution(line: str) -> str:
    for mark in "#;<>=!~[ ":
        line = line.partition(mark)[0]
    return line


def shell_line(words: "list[str]") -> str:
    """Join words so that the line can be typed."""
    import shlex

    return " ".join(shlex.quote(word) for word in words)


def say(text: str) -> None:
    """Tell the person at the terminal; the command's own output stays as it is."""
    print(text, file=sys.stderr, flush=True)
