"""How the expression of a condition is worked out: a small part of Python, with bounded cost.

An expression becomes a tree of functions. Where something is missing or cannot be computed, that
part is `MISSING`, which is neither true nor equal to anything; nothing of it stops a run.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulators.catalogue import closest
from emulators.errors import StudentError, UsageError, describe
from emulators.stepping.looking import HIDDEN, MISSING, attribute, collection, comparable, item

_MOST_TEXT = 1000
_MOST_WORK = 100_000
"""Parts of an expression that may be worked out at one event."""
_LARGEST = 1e15

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
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in collection(other),
    ast.NotIn: lambda one, other: one not in collection(other),
}
_CALCULATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class Moment:
    """One look at a run: what the names stand for now, and what the look has cost so far."""

    class TooMuch(StudentError):
        """The condition costs too much at one event."""

    def __init__(self, sources: Mapping[str, Callable[[], Any]]) -> None:
        self._sources = sources
        self.values: dict[str, Any] = {}
        self.trouble = ""
        self.missing = False
        self.found: set[str] = set()
        self.unknown: set[str] = set()
        self._work = 0

    def work(self) -> None:
        """Account for a part that is worked out."""
        self._work += 1
        if self._work > _MOST_WORK:
            raise self.TooMuch("it takes too long to work out")

    def value(self, name: str) -> Any:
        """Return what a name stands for."""
        if name not in self.values:
            self.values[name] = self._sources[name]()
        return self.values[name]


Part = Callable[[Moment], Any]


class Expression:
    """An expression that was read. Raises `UsageError` for what does not belong into one.

    `names` are those it uses, `attributes` those it asks of anything, `indices` the devices it
    names by a number.
    """

    def __init__(self, text: str, names: Mapping[str, Any]) -> None:
        self._text = text
        self._known = names
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.indices: set[Any] = set()
        try:
            self.read = self._part(_parsed(text), frozenset())
        except RecursionError:
            raise UsageError("the condition is nested too deeply") from None

    def _refuse(self, node: ast.AST, problem: str, hint: str = "") -> UsageError:
        column = getattr(node, "col_offset", 0) + 1
        meant = f" (did you mean {hint}?)" if hint else ""
        return UsageError(f"the condition {self._text}, column {column}: {problem}{meant}")

    def _part(self, node: ast.expr, bound: frozenset[str]) -> Part:
        make = _MAKERS.get(type(node))
        if make is None:
            what = _WORDS.get(type(node), f"{type(node).__name__} is")
            raise self._refuse(node, f"{what} not allowed; {_ALLOWED}")
        part = make(self, node, bound)

        def read(moment: Moment) -> Any:
            moment.work()
            try:
                value = part(moment)
            except Moment.TooMuch:
                raise
            except (Exception, SystemExit) as error:
                moment.trouble = moment.trouble or describe(error)
                value = MISSING
            moment.missing |= value is MISSING
            return value

        return read

    def _constant(self, node: ast.Constant, bound: frozenset[str]) -> Part:
        value = node.value
        if not isinstance(value, (bool, int, float, str, type(None))):
            raise self._refuse(node, f"{ast.unparse(node)} is no number and no text")
        return lambda moment: value

    def _name(self, node: ast.Name, bound: frozenset[str]) -> Part:
        name = node.id
        if name in bound:
            return lambda moment: moment.values[name]
        if name in _FUNCTIONS:
            raise self._refuse(node, f"{name} is a function: write {name}(…)")
        if name not in self._known:
            hint = closest(name, [*self._known, *bound, *_FUNCTIONS, "True", "False", "None"])
            known = ", ".join(sorted(self._known))
            raise self._refuse(node, f"there is no name {name!r}; there are {known}", hint)
        self.names.add(name)
        return lambda moment: moment.value(name)

    def _attribute(self, node: ast.Attribute, bound: frozenset[str]) -> Part:
        name = node.attr
        if name.startswith("__"):
            raise self._refuse(node, f"the attribute {name!r} is not allowed")
        if name in HIDDEN:
            raise self._refuse(node, "a condition does not touch the medium")
        owner = self._part(node.value, bound)
        self.attributes.add(name)

        def read(moment: Moment) -> Any:
            value = owner(moment)
            if value is MISSING:
                return MISSING
            found = attribute(value, name)
            (moment.unknown if found is MISSING else moment.found).add(name)
            return found

        return read

    def _subscript(self, node: ast.Subscript, bound: frozenset[str]) -> Part:
        if isinstance(node.slice, ast.Slice):
            raise self._refuse(node, f"a slice is not allowed; {_ALLOWED}")
        owner, key = self._part(node.value, bound), self._part(node.slice, bound)
        if isinstance(node.value, ast.Name) and node.value.id == "device":
            self._note_index(node.slice)
        return lambda moment: item(owner(moment), key(moment))

    def _note_index(self, node: ast.expr) -> None:
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            self.indices.add(f"-{node.operand.value!r}")
        if isinstance(node, ast.Constant):
            self.indices.add(node.value)

    def _compare(self, node: ast.Compare, bound: frozenset[str]) -> Part:
        terms = [self._part(term, bound) for term in (node.left, *node.comparators)]
        signs = [_COMPARISONS[type(sign)] for sign in node.ops]

        def read(moment: Moment) -> Any:
            left = terms[0](moment)
            for sign, term in zip(signs, terms[1:], strict=True):
                right = term(moment)
                if left is MISSING or right is MISSING:
                    return MISSING
                if not sign(*comparable(left, right)):
                    return False
                left = right
            return True

        return read

    def _combine(self, node: ast.BoolOp, bound: frozenset[str]) -> Part:
        terms = [self._part(term, bound) for term in node.values]
        last = isinstance(node.op, ast.Or)

        def read(moment: Moment) -> Any:
            value: Any = None
            for term in terms:
                value = term(moment)
                if bool(value) is last:
                    break
            return value

        return read

    def _unary(self, node: ast.UnaryOp, bound: frozenset[str]) -> Part:
        if isinstance(node.op, (ast.Invert, ast.UAdd)):
            raise self._refuse(node, f"this sign is not allowed; {_ALLOWED}")
        term = self._part(node.operand, bound)
        change = operator.not_ if isinstance(node.op, ast.Not) else operator.neg

        def read(moment: Moment) -> Any:
            value = term(moment)
            return MISSING if value is MISSING else change(value)

        return read

    def _calculate(self, node: ast.BinOp, bound: frozenset[str]) -> Part:
        sign = _CALCULATIONS.get(type(node.op))
        if sign is None:
            raise self._refuse(node, "only + - * / // % calculate")
        left, right = self._part(node.left, bound), self._part(node.right, bound)

        def read(moment: Moment) -> Any:
            values = left(moment), right(moment)
            if any(one is MISSING for one in values):
                return MISSING
            if not all(isinstance(one, (int, float)) and abs(one) < _LARGEST for one in values):
                raise StudentError("only numbers of a usual size can be calculated with")
            return sign(*values)

        return read

    def _call(self, node: ast.Call, bound: frozenset[str]) -> Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS:
            hint = closest(name, _FUNCTIONS) if name else ""
            known = ", ".join(_FUNCTIONS)
            raise self._refuse(node, f"only these can be called: {known}", hint)
        if node.keywords or any(isinstance(one, ast.Starred) for one in node.args) or not node.args:
            raise self._refuse(node, f"{name} takes values, as in {name}(…)")
        arguments = [self._elements(one, bound) for one in node.args]
        function = _FUNCTIONS[name]

        def read(moment: Moment) -> Any:
            values = [argument(moment) for argument in arguments]
            if any(value is MISSING for value in values):
                return MISSING
            return function(*values)

        return read

    def _elements(self, node: ast.expr, bound: frozenset[str]) -> Part:
        """An argument of a function: what a `for` yields is worked out one by one."""
        if isinstance(node, ast.GeneratorExp):
            return self._loop(node, bound)
        part = self._part(node, bound)

        def read(moment: Moment) -> Any:
            value = part(moment)
            simple = value is MISSING or isinstance(value, (int, float, str, type(None)))
            return value if simple else collection(value)

        return read

    def _loop(self, node: Any, bound: frozenset[str]) -> Part:
        (loop, *more) = node.generators
        if more or not isinstance(loop.target, ast.Name) or loop.is_async:
            raise self._refuse(node, "only one `for` with one name is allowed")
        target = loop.target.id
        if target in self._known or target in _FUNCTIONS:
            raise self._refuse(loop.target, f"{target!r} has a meaning already: take another name")
        items = self._part(loop.iter, bound)
        inside = bound | {target}
        conditions = [self._part(condition, inside) for condition in loop.ifs]
        element = self._part(node.elt, inside)

        def read(moment: Moment) -> Iterator[Any]:
            for one in collection(items(moment)):
                before = moment.values.get(target, MISSING)
                moment.values[target] = one
                if all(condition(moment) for condition in conditions):
                    yield element(moment)
                moment.values[target] = before

        return read

    def _list(self, node: ast.ListComp, bound: frozenset[str]) -> Part:
        loop = self._loop(node, bound)
        return lambda moment: list(loop(moment))

    def _several(self, node: Any, bound: frozenset[str]) -> Part:
        terms = [self._part(term, bound) for term in node.elts]
        kind = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
        return lambda moment: kind([term(moment) for term in terms])


def _parsed(text: str) -> ast.expr:
    if len(text) > _MOST_TEXT:
        raise UsageError(f"the condition is longer than {_MOST_TEXT} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        where = f", column {error.offset}" if error.offset else ""
        hint = " (to compare, write ==, >= or <=)" if _ASSIGNS.search(text) else ""
        raise UsageError(f"the condition {text}{where}: {error.msg}{hint}") from None
    except (ValueError, RecursionError, MemoryError):
        raise UsageError("the condition cannot be read") from None


_ASSIGNS = re.compile(r"(?<![=!<>])=(?!=)")
_ALLOWED = "a condition has names, attributes, comparisons, and, or, not, + - * / // %, any(…)"
_WORDS: dict[type, str] = {
    ast.Lambda: "a lambda is",
    ast.IfExp: "if is",
    ast.JoinedStr: "an f-string is",
    ast.NamedExpr: ":= is",
    ast.Dict: "a dictionary is",
    ast.Starred: "a star is",
    ast.GeneratorExp: "a `for` outside a function such as any(…) is",
    ast.SetComp: "a `for` in { } is",
    ast.DictComp: "a `for` in { } is",
    ast.Await: "await is",
    ast.Yield: "yield is",
    ast.YieldFrom: "yield is",
}
_MAKERS: dict[type, Callable[[Any, Any, frozenset[str]], Part]] = {
    ast.Attribute: Expression._attribute,
    ast.BinOp: Expression._calculate,
    ast.BoolOp: Expression._combine,
    ast.Call: Expression._call,
    ast.Compare: Expression._compare,
    ast.Constant: Expression._constant,
    ast.List: Expression._several,
    ast.ListComp: Expression._list,
    ast.Name: Expression._name,
    ast.Set: Expression._several,
    ast.Subscript: Expression._subscript,
    ast.Tuple: Expression._several,
    ast.UnaryOp: Expression._unary,
}
