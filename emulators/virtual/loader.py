"""An exercise file in a fresh namespace, with the stand-ins inside.

Every run loads the file anew, so class variables and module globals start clean: restart, replay
and exploration depend on it. Helper modules beside the file are loaded the same way.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from emulators.kernel.carrier import Killed
from emulators.virtual.asking import ask
from emulators.virtual.modules import FROM_SOURCE, WITHOUT, VirtualModules, deterministic_hash

PROJECT = Path(__file__).resolve().parent.parent.parent
"""The folder of the framework; ``exercises`` lies there."""
_PACKAGE = "exercises"


Program = dict[Path, CodeType]
"""The code of the files that a run consists of, as they were when it first began."""


class Loader:
    """Loads exercise files of one folder for one run.

    With a `program`, files that are in it are not read again, however they have changed; others
    are added to it.
    """

    def __init__(self, folder: Path | None = None, program: Program | None = None) -> None:
        self._program: Program = {} if program is None else program
        self.folder = (folder or PROJECT / _PACKAGE).resolve()
        self._virtual = VirtualModules()
        self._loaded: dict[Path, ModuleType] = {}
        self._builtins = dict(vars(builtins))
        self._builtins["__import__"] = self._import
        self._builtins["hash"] = deterministic_hash
        self._builtins["input"] = ask
        self._packages: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        """Return the module of the file ``name.py``, run in a fresh namespace.

        Raises whatever the file raises, and FileNotFoundError where there is none.
        """
        return self._load(self.folder / f"{name}.py", f"{_PACKAGE}.{name}")

    def modules(self) -> list[ModuleType]:
        """Return the exercise modules that were loaded for this run."""
        return [made for made in self._loaded.values() if _is_exercise(made.__name__)]

    @contextmanager
    def registered(self) -> Iterator[None]:
        """Show the exercise modules in ``sys.modules``: pickle and inspect look there."""
        with ExitStack() as stack:
            for module in self.modules():
                stack.enter_context(_registered(module.__name__, module))
            yield

    # -- running a file

    def _load(self, path: Path, name: str, package: bool = False) -> ModuleType:
        if path in self._loaded:
            return self._loaded[path]
        if path not in self._program:
            self._program[path] = compiled(path)
        code = self._program[path]
        module = ModuleType(name)
        module.__file__ = str(path)
        module.__package__ = name if package else name.rpartition(".")[0]
        if package:
            module.__path__ = [str(path.parent)]
        module.__dict__["__builtins__"] = self._builtins
        self._loaded[path] = module
        with _registered(name, module):
            try:
                exec(code, module.__dict__)
            except BaseException:
                del self._loaded[path], self._program[path]
                raise
        return module

    # -- what `import` means inside

    def _import(
        self,
        name: str,
        names: dict[str, Any] | None = None,
        inner_names: dict[str, Any] | None = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> ModuleType:
        if level:
            package = (names or {}).get("__package__") or ""
            name = importlib.util.resolve_name("." * level + name, package)
        importer = (names or {}).get("__file__", "")
        module = self._find(name, importer)
        if module is None:
            return builtins.__import__(name, names, inner_names, fromlist, 0)
        if fromlist:
            for part in fromlist:
                self._attach(module, name, part, importer)
            return module
        return self._top(name, module, importer)

    def _top(self, name: str, module: ModuleType, importer: str) -> ModuleType:
        """Return the module that ``import a.b.c`` binds: a, with b and c inside."""
        while "." in name:
            name, _, child = name.rpartition(".")
            parent = self._find(name, importer) or self._package(name)
            setattr(parent, child, module)
            module = parent
        return module

    def _exercises(self) -> ModuleType:
        """Return the package of all exercises: empty, since its modules are of this run."""
        if _PACKAGE not in self._packages:
            package = self._packages[_PACKAGE] = ModuleType(_PACKAGE)
            package.__path__ = [str(self.folder), str(PROJECT / _PACKAGE)]
        return self._packages[_PACKAGE]

    def _package(self, name: str) -> ModuleType:
        if name not in self._packages:
            real = sys.modules.get(name)
            package = ModuleType(name)
            package.__dict__.update(vars(real) if real else {})
            self._packages[name] = package
        return self._packages[name]

    def _attach(self, module: ModuleType, name: str, part: str, importer: str) -> None:
        if part != "*" and not hasattr(module, part):
            child = self._find(f"{name}.{part}", importer)
            if child is not None:
                setattr(module, part, child)

    def _find(self, name: str, importer: str) -> ModuleType | None:
        """Return the module of this run for a name, or None where the ordinary one will do."""
        if name in WITHOUT:
            raise ImportError(f"{name} knows only real threads", name=name)
        if name in self._virtual or name in FROM_SOURCE or name.startswith("concurrent.futures."):
            return self.library(name)
        if name == _PACKAGE:
            return self._exercises()
        return self._beside(name, importer)

    def library(self, name: str) -> ModuleType | None:
        """Return what stands in for a module of the standard library, or None."""
        if name in self._virtual:
            return self._virtual[name]
        if name not in FROM_SOURCE and not name.startswith("concurrent.futures."):
            return None
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        package = spec.submodule_search_locations is not None
        module = self._load(Path(spec.origin), name, package)
        if name == "concurrent.futures._base":
            module.LOGGER.addFilter(_is_no_end)
        if name == "concurrent":
            module.futures = self.library("concurrent.futures")  # type: ignore[attr-defined]
        return module

    def _beside(self, name: str, importer: str) -> ModuleType | None:
        inside = name.removeprefix(f"{_PACKAGE}.")
        relative = Path(*inside.split("."))
        folders = [self.folder]
        if name != inside:
            folders.append(PROJECT / _PACKAGE)
        for folder in folders:
            for path in (folder / relative.with_suffix(".py"), folder / relative / "__init__.py"):
                if path.is_file() and str(path) != importer:
                    return self._load(path, name, path.name == "__init__.py")
        return None


def _is_exercise(name: str) -> bool:
    return name not in FROM_SOURCE and not name.startswith("concurrent.")


def _is_no_end(record: Any) -> bool:
    """Return whether a line of a log tells of something else than the end of a run."""
    return not (record.exc_info and isinstance(record.exc_info[1], Killed))


_shown: dict[str, list[ModuleType | None]] = {}
"""By name: what was imported the ordinary way, and the modules of the runs that are at work."""


@contextmanager
def _registered(name: str, module: ModuleType) -> Iterator[None]:
    """Show the module in ``sys.modules`` while its file runs: dataclasses and enums look there.

    Runs beside each other may end in any order: the youngest of those that go on is shown, and
    after the last one what was there before the first.
    """
    shown = _shown.setdefault(name, [sys.modules.get(name)])
    shown.append(module)
    sys.modules[name] = module
    try:
        yield
    finally:
        last = len(shown) - 1 - shown[::-1].index(module)
        del shown[last]
        rest = shown[-1]
        if len(shown) == 1:
            _shown.pop(name, None)
        if rest is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = rest


def compiled(path: Path) -> CodeType:
    """Return the code of a source file; compiled again only when the file changed."""
    status = path.stat()
    return _compiled(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _compiled(path: Path, changed: int, size: int) -> CodeType:
    return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
