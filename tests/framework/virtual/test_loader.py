"""Exercise files in a fresh namespace, with the stand-ins inside."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulators.virtual.loader import PROJECT, Loader
from tests.framework.making import both, loaded, run

DEVICE = "from emulators.Device import Device\nfrom emulators.MessageStub import MessageStub\n"


def device_that(*lines: str, above: str = "") -> str:
    """Return an exercise file whose only device does this."""
    body = "\n".join(f"        {line}" for line in lines)
    return f"{DEVICE}{above}\nclass Kind(Device):\n    def run(self):\n{body}\n"


# -- a fresh namespace


@both
def test_class_variables_and_globals_start_clean_in_each_run(emulator, tmp_path):
    above = "all_nodes = []\ncount = 0\nclass Network:\n    server = None\n"
    source = device_that(
        "global count",
        "count += 1",
        "all_nodes.append(self.index)",
        "self.first = Network.server is None",
        "Network.server = self",
        above=above,
    )
    for _ in range(2):
        module = loaded(tmp_path, exercise1=source)
        ran = run(emulator, module.Kind, 3)
        assert (module.count, module.all_nodes) == (3, [0, 1, 2])
        assert [made.first for made in ran.devices] == [True, False, False]


def test_a_file_is_loaded_once_by_one_loader(tmp_path):
    (tmp_path / "exercise1.py").write_text("value = []")
    loader = Loader(tmp_path)
    assert loader.load("exercise1") is loader.load("exercise1")
    assert loader.load("exercise1") is not Loader(tmp_path).load("exercise1")


def test_a_file_that_was_changed_is_read_again(tmp_path):
    assert loaded(tmp_path, exercise1="value = 1").value == 1
    assert loaded(tmp_path, exercise1="value = 1 + 1").value == 2


def test_loading_leaves_no_module_behind(tmp_path):
    before = set(sys.modules)
    loaded(tmp_path, helper="", exercise1="import helper")
    assert not {name for name in set(sys.modules) - before if "helper" in name or "exer" in name}


def test_a_module_knows_its_name_and_file(tmp_path):
    module = loaded(tmp_path, exercise1="name, file = __name__, __file__")
    assert module.name == "exercises.exercise1"
    assert module.file == str(tmp_path / "exercise1.py")


def test_a_main_block_is_not_run(tmp_path):
    module = loaded(tmp_path, exercise1="ran = False\nif __name__ == '__main__':\n    ran = True")
    assert module.ran is False


def test_what_a_file_raises_comes_out(tmp_path):
    with pytest.raises(ZeroDivisionError):
        loaded(tmp_path, exercise1="1 / 0")
    with pytest.raises(SyntaxError) as caught:
        loaded(tmp_path, exercise1="x = 1\nclass :")
    assert caught.value.lineno == 2
    with pytest.raises(FileNotFoundError):
        loaded(tmp_path, "exercise2")


def test_a_file_that_failed_can_be_loaded_when_it_is_mended(tmp_path):
    loader = Loader(tmp_path)
    path = tmp_path / "exercise1.py"
    path.write_text("1 / 0")
    with pytest.raises(ZeroDivisionError):
        loader.load("exercise1")
    path.write_text("value = 'mended'")
    assert loader.load("exercise1").value == "mended"


@pytest.mark.parametrize(
    "head",
    [
        b"\xef\xbb\xbf",
        b"# -*- coding: latin-1 -*-\n",
        b"\r\n",
        b"from __future__ import annotations\n",
    ],
)
def test_files_are_read_as_python_reads_them(tmp_path, head):
    text = "name = 'Gr\xfc\xdfe'\r\n"
    encoding = "latin-1" if b"latin" in head else "utf-8"
    (tmp_path / "exercise1.py").write_bytes(head + text.encode(encoding))
    assert Loader(tmp_path).load("exercise1").name == "Gr\xfc\xdfe"


# -- what an import finds


IMPORTS = {
    "import helper": "helper.value",
    "import helper as other": "other.value",
    "from helper import value": "value",
    "from helper import value as other": "other",
    "from helper import *": "value",
    "import exercises.helper": "exercises.helper.value",
    "import exercises.helper as other": "other.value",
    "from exercises import helper": "helper.value",
    "from exercises.helper import value": "value",
    "from exercises.helper import *": "value",
    "from . import helper": "helper.value",
    "from .helper import value": "value",
    "import importlib; helper = __import__('helper')": "helper.value",
}


@pytest.mark.parametrize(("statement", "value"), IMPORTS.items(), ids=list(IMPORTS))
def test_a_helper_beside_the_exercise_is_found(tmp_path, statement, value):
    helper = "import random\nvalue = random"
    module = loaded(tmp_path, helper=helper, exercise1=f"{statement}\nfound = {value}")
    assert hasattr(module.found, "__virtual__")


def test_a_helper_is_fresh_in_each_run_and_the_same_within_one(tmp_path):
    sources = {
        "helper": "values = []",
        "other": "import helper\nhelper.values.append('other')",
        "exercise1": "import helper, other\nfrom exercises.helper import values",
    }
    first, second = loaded(tmp_path, **sources), loaded(tmp_path, **sources)
    assert first.values is first.helper.values
    assert first.values == second.values == ["other"]
    assert first.values is not second.values


def test_helpers_may_import_each_other(tmp_path):
    sources = {
        "one": "import two\ndef f(): return two.value",
        "two": "import one\nvalue = 2\ndef g(): return one.f()",
    }
    assert loaded(tmp_path, exercise1="from two import g\nvalue = g()", **sources).value == 2


def test_a_folder_of_helpers_is_found(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .clock import now")
    (folder / "clock.py").write_text("import time\nnow = time")
    source = "import tools.clock\nfrom tools import now, clock\nsame = tools.clock is clock"
    module = loaded(tmp_path, exercise1=source)
    assert module.same
    assert hasattr(module.now, "__virtual__")


def test_a_helper_of_ones_own_comes_before_the_template(tmp_path):
    module = loaded(
        tmp_path,
        exercise4="class Bully: mine = True",
        exercise7="from exercises.exercise4 import Bully",
        name="exercise7",
    )
    assert module.Bully.mine


def test_a_template_is_found_where_there_is_none_of_ones_own(tmp_path):
    module = loaded(tmp_path, exercise1="from exercises.demo import PingPong")
    assert module.PingPong.__name__ == "PingPong"


def test_a_file_does_not_import_itself_instead_of_the_library(tmp_path):
    module = loaded(tmp_path, "string", string="import string\nvalue = string.digits")
    assert module.value == "0123456789"


def test_other_modules_are_the_real_ones(tmp_path):
    module = loaded(tmp_path, exercise1="import sys, dataclasses\nimport os.path")
    assert module.sys is sys
    assert module.dataclasses is dataclasses
    assert module.os.path.join("a", "b")


def test_a_missing_module_is_missed_as_usual(tmp_path):
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        loaded(tmp_path, exercise1="import no_such_module")
    with pytest.raises(ImportError, match="no_such_name"):
        loaded(tmp_path, helper="", exercise1="from helper import no_such_name")


# -- the stand-ins


STAND_INS = ["time", "datetime", "random", "secrets", "uuid", "threading"]


@pytest.mark.parametrize("name", STAND_INS)
@pytest.mark.parametrize("form", ["import {0} as found", "import {0}; found = {0}"])
def test_the_modules_that_break_determinism_have_stand_ins(tmp_path, name, form):
    module = loaded(tmp_path, exercise1=form.format(name))
    assert hasattr(module.found, "__virtual__")


@both
@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("import time", "time.sleep(50)"),
        ("import time as t", "t.sleep(50)"),
        ("from time import sleep", "sleep(50)"),
        ("from time import sleep as nap", "nap(50)"),
        ("from time import *", "sleep(50)"),
        ("import threading", "threading.Event().wait(50)"),
        ("from threading import *", "Event().wait(50)"),
        ("import exercises.helper", "exercises.helper.rest()"),
        ("from helper import rest", "rest()"),
        ("", "__import__('time').sleep(50)"),
        ("", "from time import sleep; sleep(50)"),
    ],
)
def test_sleeping_is_virtual_however_it_was_imported(emulator, tmp_path, statement, call):
    helper = "from time import sleep\ndef rest(): sleep(50)"
    source = device_that(call, "self.done = True", above=statement)
    ran = run(emulator, loaded(tmp_path, helper=helper, exercise1=source).Kind)
    assert [made.done for made in ran.devices] == [True, True]
    assert ran.simulation.scheduler.now >= 50_000_000


@both
def test_a_function_that_imports_when_it_is_called_gets_stand_ins(emulator, tmp_path):
    source = device_that("import random, helper", "self.drawn = random.random(), helper.draw()")
    helper = "def draw():\n    from random import random\n    return random()"
    ran = [run(emulator, loaded(tmp_path, helper=helper, exercise1=source).Kind) for _ in "ab"]
    assert [made.drawn for made in ran[0].devices] == [made.drawn for made in ran[1].devices]


def test_draws_while_a_file_is_loaded_are_those_of_an_unseeded_program_outside_a_run(tmp_path):
    source = "import random\nvalue = random.random()"
    assert loaded(tmp_path, exercise1=source).value != loaded(tmp_path, exercise1=source).value


def test_the_real_modules_are_left_alone(tmp_path):
    import random as real

    loaded(tmp_path, exercise1="import random\nrandom.choice = None\nrandom.seed(1)")
    assert callable(real.choice)


# -- what looks into sys.modules


LOOKING = """
import copy, dataclasses, enum, typing
@dataclasses.dataclass
class Block:
    number: int
    previous: 'Block | None' = None
class Role(enum.Enum):
    LEADER = 1
Pair = typing.NamedTuple('Pair', [('a', int), ('b', 'Block')])
same = copy.deepcopy(Block(1, Block(0))) == Block(1, Block(0))
"""


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_dataclasses_enums_and_copies_work(tmp_path, future):
    module = loaded(tmp_path, exercise1=future + LOOKING)
    assert module.same
    assert module.Role(1) is module.Role.LEADER


def test_registered_modules_can_be_pickled_and_inspected(tmp_path):
    source = LOOKING + (
        "import inspect, pickle\n"
        "def looked():\n"
        "    back = pickle.loads(pickle.dumps(Block(1, Block(0))))\n"
        "    return back, pickle.loads(pickle.dumps(Role.LEADER)) is Role.LEADER, "
        "inspect.getsource(Role), typing.get_type_hints(Pair)['b'] is Block\n"
    )
    (tmp_path / "exercise1.py").write_text(source)
    loader = Loader(tmp_path)
    module = loader.load("exercise1")
    with loader.registered():
        back, same, text, hint = module.looked()
    assert back == module.Block(1, module.Block(0))
    assert (same, text, hint) == (True, "class Role(enum.Enum):\n    LEADER = 1\n", True)
    assert sys.modules.get(module.__name__) is not module


# -- hashes


def test_hashes_are_the_same_in_every_process(tmp_path):
    (tmp_path / "exercise1.py").write_text(
        "values = [hash('abc'), hash(b'abc'), hash(('a', (1, None))), hash(frozenset('ab'))]"
    )
    code = (
        "import pathlib, sys; from emulators.virtual.loader import Loader; "
        "print(Loader(pathlib.Path(sys.argv[1])).load('exercise1').values)"
    )
    printed = {
        subprocess.check_output(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_equal_values_have_equal_hashes(tmp_path):
    source = """
equal = [(1, 1.0), (1, True), ("ab", "a" + "b"), ((1, "a"), (1.0, "a")), (None, None)]
equal += [(frozenset("ab"), frozenset("ba")), (2**61 - 1, 0)]
same = [hash(one) == hash(other) for one, other in equal]
"""
    assert loaded(tmp_path, exercise1=source).same == [True] * 7


def test_what_has_no_hash_has_none(tmp_path):
    for value in ("[]", "([],)", "{}"):
        with pytest.raises(TypeError, match="unhashable"):
            loaded(tmp_path, exercise1=f"hash({value})")


def test_a_hash_of_a_students_own_is_kept(tmp_path):
    source = "class Key:\n    def __hash__(self): return 7\nvalue = hash(Key())"
    assert loaded(tmp_path, exercise1=source).value == 7


def test_runs_beside_each_other_leave_nothing_in_sys_modules(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("x = 1\n")
    one, other = Loader(tmp_path), Loader(tmp_path)
    one.load("beside")
    other.load("beside")
    first, second = one.registered(), other.registered()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert "exercises.beside" not in sys.modules
