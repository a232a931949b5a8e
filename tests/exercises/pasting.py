"""A template with the classes of the reference solution pasted below its own, as a student does."""

import ast

from tests.running import EXERCISES, SOLUTIONS

# What is called in the other generation: of a device, and of a network that was given its index.
CALLED = {
    *("self.index", "self.number_of_devices", "self.medium", "self.has_work"),
    *("self.medium.ids", "self._network.index"),
}


def pasted(file: str, calls: bool = False) -> str:
    """The source: the template, then the solution without its imports from the template.

    With `calls` the pasted part is of the generation that writes ``self.index()``.
    """
    template = (EXERCISES / f"{file}.py").read_text(encoding="utf-8")
    solution = ast.parse((SOLUTIONS / f"{file}.py").read_text(encoding="utf-8"))
    below = _Below().visit(solution)
    if calls:
        below = _Calls().visit(below)
    return f"{template}\n\n{ast.unparse(ast.fix_missing_locations(below))}\n"


def _is_template(module: str | None) -> bool:
    return (module or "").startswith("exercises.")


class _Below(ast.NodeTransformer):
    """Makes names that a solution imports from its template those of its own file."""

    def __init__(self) -> None:
        self._modules: set[str] = set()  # given in: import exercises.exercise6 as given
        self._names: dict[str, str] = {}  # Template in: from … import Gossip as Template

    def visit_Import(self, node: ast.Import) -> ast.Import | None:
        ours = [alias for alias in node.names if _is_template(alias.name)]
        self._modules |= {alias.asname or alias.name for alias in ours}
        return None if ours else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if not _is_template(node.module):
            return node
        self._names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        return None

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            return ast.Name(node.attr, node.ctx)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Hand a constant on to the template: it is the same one now."""
        target = self.visit(node.targets[0])
        if isinstance(target, ast.Name) and ast.unparse(target) == ast.unparse(node.value):
            return ast.Pass()
        return self.generic_visit(node)


class _Calls(ast.NodeTransformer):
    """Writes ``self.index()`` and ``self.medium().ids()`` in place of the properties."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        is_called = ast.unparse(node) in CALLED and isinstance(node.ctx, ast.Load)
        node = self.generic_visit(node)
        return ast.Call(node, [], []) if is_called else node
