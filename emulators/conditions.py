"""Conditions that stop a run: "until …" and breakpoints, written in one line, evaluated safely.

``Vote``                      the next message of that type (or a class that extends it)
``device 3``                  the next message that device 3 sends or receives
``round 5``                   round 5 or later;  ``time 2.5`` the same in virtual seconds
``failure``                   something went wrong
``device[2].leader == 2``     any expression over ``device``, ``message``, ``kind``, ``sender``,
                              ``receiver``, ``round``, ``time``, ``failures``

An expression is read, never executed: no calls but those of a few functions, no names but these.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from emulators.Device import Device
from emulators.errors import Failure, UsageError, describe
from emulators.kernel.clock import seconds
from emulators.kernel.tasks import Scheduler
from emulators.trace.events import Event

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "len": len,
    "max": max,
    "min": min,
    "set": set,
    "sorted": sorted,
    "sum": sum,
}
_OF_EVENT = {"message", "kind", "sender", "receiver"}
_OF_RUN = {"device", "devices", "round", "time", "failures"}
_PHRASE = re.compile(r"(round|time|device)\s+(\d+(?:\.\d+)?)")


class Observed(Protocol):
    """What a condition asks of an emulator."""

    failures: list[Failure]
    number_of_rounds: int
    scheduler: Scheduler

    @property
    def devices(self) -> list[Device]:
        """The devices, in index order."""


@dataclass(frozen=True)
class Condition:
    """Holds or not after a message event. `momentary`: it is about the event, not about a state."""

    text: str
    momentary: bool
    holds: Callable[[Observed, Event | None], bool]


def parse(text: str) -> Condition:
    """Read a condition; raise `UsageError` for what is none."""
    text = text.strip()
    phrase = _PHRASE.fullmatch(text)
    if phrase is not None:
        return _phrase(text, phrase[1], float(phrase[2]))
    if text in ("failure", "failures"):
        return Condition(text, False, lambda run, event: bool(run.failures))
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise UsageError(f"{text or 'nothing'} is no condition; {EXAMPLES}") from None
    if isinstance(tree, ast.Name) and tree.id not in _OF_EVENT | _OF_RUN:
        return Condition(text, True, lambda run, event: _is_of_type(event, text))
    _check(tree, set())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return Condition(text, bool(names & _OF_EVENT), lambda run, event: _holds(tree, run, event))


EXAMPLES = "write a message type, `round 5`, `device 2` or an expression: device[2].leader == 2"


def _phrase(text: str, word: str, number: float) -> Condition:
    if word == "round":
        return Condition(text, False, lambda run, event: run.number_of_rounds >= number)
    if word == "time":
        return Condition(text, False, lambda run, event: seconds(run.scheduler.now) >= number)
    return Condition(text, True, lambda run, event: event is not None and event.device == number)


def _is_of_type(event: Event | None, name: str) -> bool:
    envelope = None if event is None else event.envelope
    return envelope is not None and any(cls.__name__ == name for cls in envelope.cls.__mro__)


def _holds(tree: ast.expr, run: Observed, event: Event | None) -> bool:
    """Return what an expression says; what cannot be known yet does not hold."""
    try:
        return bool(_value(tree, _names(run, event)))
    except Exception:
        return False


def explain(condition: Condition, run: Observed, event: Event | None) -> str:
    """Return why a condition cannot be known at the moment, or nothing."""
    try:
        _value(ast.parse(condition.text, mode="eval").body, _names(run, event))
    except SyntaxError:
        return ""
    except Exception as error:
        return describe(error)
    return ""


def _names(run: Observed, event: Event | None) -> dict[str, Any]:
    envelope = None if event is None else event.envelope
    return {
        "device": {device._id: device for device in run.devices},
        "devices": list(run.devices),
        "round": run.number_of_rounds,
        "time": seconds(run.scheduler.now),
        "failures": len(run.failures),
        "message": None if event is None else event.message,
        "kind": None if event is None else event.kind,
        "sender": None if envelope is None else envelope.sender,
        "receiver": None if envelope is None else envelope.destination,
    }


# -- reading expressions


def _refused(what: str) -> UsageError:
    return UsageError(f"a condition has no {what}; {EXAMPLES}")


def _check(node: ast.AST, bound: set[str]) -> None:
    """Raise `UsageError` for everything that `_value` does not know."""
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        if len(node.generators) != 1 or not _targets(node):
            raise _refused("loop over more than one name")
        bound = {*bound, *_targets(node)}
    if isinstance(node, ast.Name) and node.id not in {*_OF_EVENT, *_OF_RUN, *_FUNCTIONS, *bound}:
        raise _refused(f"name {node.id!r}: there are {', '.join(sorted(_OF_RUN | _OF_EVENT))}")
    if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
        raise _refused(f"attribute {node.attr!r}")
    if isinstance(node, ast.Call) and not _is_known(node):
        raise _refused(f"call of {ast.unparse(node.func)!r}")
    if not isinstance(node, (*_READERS, *_OPERATORS, *_PARTS)):
        raise _refused(type(node).__name__)
    for child in ast.iter_child_nodes(node):
        _check(child, bound)


_PARTS = (ast.comprehension, ast.expr_context, ast.boolop, ast.Not, ast.USub)


def _is_known(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _FUNCTIONS and not call.keywords


def _targets(node: ast.GeneratorExp | ast.ListComp) -> list[str]:
    targets = [generator.target for generator in node.generators]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    return _READERS[type(node)](node, names)


def _compare(node: ast.Compare, names: dict[str, Any]) -> bool:
    left = _value(node.left, names)
    for sign, term in zip(node.ops, node.comparators, strict=True):
        right = _value(term, names)
        if not _OPERATORS[type(sign)](left, right):
            return False
        left = right
    return True


def _combine(node: ast.BoolOp, names: dict[str, Any]) -> Any:
    wanted = isinstance(node.op, ast.Or)
    value: Any = not wanted
    for term in node.values:
        value = _value(term, names)
        if bool(value) is wanted:
            break
    return value


def _calculate(node: ast.BinOp, names: dict[str, Any]) -> Any:
    left, right = _value(node.left, names), _value(node.right, names)
    if not all(isinstance(one, (int, float)) and abs(one) < 1e15 for one in (left, right)):
        raise TypeError("only numbers can be calculated with")
    return _OPERATORS[type(node.op)](left, right)


def _subscript(node: ast.Subscript, names: dict[str, Any]) -> Any:
    return _value(node.value, names)[_value(node.slice, names)]


def _unary(node: ast.UnaryOp, names: dict[str, Any]) -> Any:
    value = _value(node.operand, names)
    return not value if isinstance(node.op, ast.Not) else -value


def _call(node: ast.Call, names: dict[str, Any]) -> Any:
    assert isinstance(node.func, ast.Name)
    return _FUNCTIONS[node.func.id](*(_value(argument, names) for argument in node.args))


def _comprehension(node: ast.GeneratorExp | ast.ListComp, names: dict[str, Any]) -> list[Any]:
    (generator,) = node.generators
    (target,) = _targets(node)
    found = []
    for item in _value(generator.iter, names):
        inner = {**names, target: item}
        if all(_value(condition, inner) for condition in generator.ifs):
            found.append(_value(node.elt, inner))
    return found


_READERS: dict[type, Callable[[Any, dict[str, Any]], Any]] = {
    ast.Attribute: lambda node, names: getattr(_value(node.value, names), node.attr),
    ast.BinOp: _calculate,
    ast.BoolOp: _combine,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: lambda node, names: node.value,
    ast.GeneratorExp: _comprehension,
    ast.List: lambda node, names: [_value(item, names) for item in node.elts],
    ast.ListComp: _comprehension,
    ast.Name: lambda node, names: names[node.id],
    ast.Set: lambda node, names: {_value(item, names) for item in node.elts},
    ast.Subscript: _subscript,
    ast.Tuple: lambda node, names: tuple(_value(item, names) for item in node.elts),
    ast.UnaryOp: _unary,
}
