"""How a stand-in for a module is made: the real one's names, some of them replaced."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def overlay(real: ModuleType, replacements: dict[str, Any]) -> ModuleType:
    """Return a new module with the names of `real`, of which `replacements` take some."""
    module = ModuleType(real.__name__, real.__doc__)
    for name, value in vars(real).items():
        if not (name.startswith("__") and name.endswith("__")):
            setattr(module, name, value)
    for name, value in replacements.items():
        setattr(module, name, value)
    module.__dict__["__virtual__"] = True
    return module
