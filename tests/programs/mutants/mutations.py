"""Finds what can be changed in a module: the mutants, and the suites of statements that tests can be seen to run."""

import ast
import re
from collections import Counter
from copy import copy
from difflib import unified_diff
from typing import Any, NamedTuple

from tests.programs.mutants.changes import TEXT, TEXTS, changes, said

IMPORTED = -1
"""The suite of whatever runs when a module is imported."""

SUITES = ("body", "orelse", "finalbody")
UNMUTATED = {"annotation", "returns"}
UNSEEN = re.compile("_?[A-Z][a-z]|__")
"""How names of types begin, and of what only the interpreter and tools read."""


class Slot(NamedTuple):
    """Where a node hangs: the field of its parent, and its place in the field; None where that is no list."""

    parent: ast.AST
    field: str
    place: int | None = None

    def get(self) -> Any:  # noqa: ANN401 (a node of any kind)
        """Return what hangs there."""
        held = getattr(self.parent, self.field)
        return held if self.place is None else held[self.place]

    def put(self, new: ast.AST) -> None:
        """Hang something else there."""
        if self.place is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.place] = new


class Mutant(NamedTuple):
    """One change of one module.

    ``function`` is the qualified name of the function or class that it is in, and ``change`` says what becomes what;
    both stay as they are when lines move. ``suite`` numbers the suite of statements, or is IMPORTED.
    """

    module: str
    function: str
    change: str
    suite: int
    slot: Slot
    new: ast.AST
    statement: ast.stmt

    @property
    def name(self) -> tuple[str, str, str]:
        """What the list of equivalent mutants knows it by."""
        return self.module, self.function, self.change

    def apply(self) -> None:
        """Change the module's tree."""
        self.slot.put(self.new)

    def diff(self) -> str:
        """Return the statement as it was and as it is, as a diff."""
        old = ast.unparse(self.statement)
        node = self.slot.get()
        self.apply()
        new = ast.unparse(self.statement)
        self.slot.put(node)
        lines = unified_diff(old.splitlines(), new.splitlines(), f"{self.module}: {self.function}", lineterm="", n=1)
        return "\n".join(lines)


class Suite(NamedTuple):
    """A list of statements inside a function, which run one after the other; ``body`` is the tree's own list."""

    number: int
    function: str
    body: list[ast.stmt]


class ModuleMutants:
    """Walks a module's tree once; has its ``mutants`` and its ``suites`` after that."""

    def __init__(self, module: str, tree: ast.Module, *, texts: bool) -> None:
        """Walk; ``texts`` says whether strings are programs, which are mutated too."""
        self.module, self._texts = module, texts
        self.mutants: list[Mutant] = []
        self.suites: list[Suite] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self._function, self._suite, self._returns_bool = "", IMPORTED, False
        self._statement: ast.stmt = ast.Pass()
        self._statements(tree, "body")

    def _statements(self, owner: ast.AST, field: str) -> None:
        """Go through a list of statements, each of which is in a suite of its own where a function has them."""
        outer = self._suite
        body: list[ast.stmt] = getattr(owner, field)
        if not body:
            return
        if self._suite != IMPORTED or isinstance(owner, ast.FunctionDef):
            self._suite = len(self.suites)
            self.suites.append(Suite(self._suite, self._function, body))
        for place, statement in enumerate(body):
            self._statement = statement
            if not _is_unmutated(statement):
                self._node(Slot(owner, field, place))
        self._suite = outer

    def _node(self, slot: Slot) -> None:
        node = slot.get()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._definition(node)
            return
        statement = self._statement
        for what, new in changes(node):
            self._add(what or f"{said(node)} -> {said(new)}", slot, new)
        if isinstance(node, ast.Return) and node.value:
            self._returned(node, node.value)
        if isinstance(node, ast.Dict | ast.Set | ast.List) or (isinstance(node, ast.Tuple) and self._suite == IMPORTED):
            self._members(slot, node)
        if self._texts and isinstance(node, ast.Constant) and isinstance(node.value, str):
            self._text(slot, node.value)
        for field, value in ast.iter_fields(node):
            if field in SUITES and isinstance(value, list):
                self._statements(node, field)
            elif isinstance(value, list):
                self._items(node, field, value)
            elif isinstance(value, ast.AST) and field not in UNMUTATED:
                self._node(Slot(node, field))
            self._statement = statement
        self._condition(node)

    def _items(self, node: ast.AST, field: str, items: list[Any]) -> None:
        for place, item in enumerate(items):
            if isinstance(item, ast.keyword) and item.arg == "strict":
                continue  # a guard of zip against bugs
            if isinstance(item, ast.ExceptHandler | ast.match_case):
                self._arm(item)
            elif isinstance(item, ast.AST):
                self._node(Slot(node, field, place))

    def _arm(self, arm: ast.ExceptHandler | ast.match_case) -> None:
        """Go through an arm of ``try`` or ``match``; which exceptions it takes stays."""
        if isinstance(arm, ast.match_case):
            for node in ast.walk(arm.pattern):
                if isinstance(node, ast.MatchValue):
                    self._node(Slot(node, "value"))
        if isinstance(arm, ast.match_case) and arm.guard:
            self._condition(arm)
            self._node(Slot(arm, "guard"))
        self._statements(arm, "body")

    def _definition(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        outer, returned, suite = self._function, self._returns_bool, self._suite
        self._function = f"{outer}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef):
            self._returns_bool = isinstance(node.returns, ast.Name) and node.returns.id == "bool"
            for field in ("defaults", "kw_defaults"):
                for index, default in enumerate(getattr(node.args, field)):
                    if default:
                        self._node(Slot(node.args, field, index))
        self._statements(node, "body")
        self._function, self._returns_bool, self._suite = outer, returned, suite

    def _add(self, change: str, slot: Slot, new: ast.AST) -> None:
        change = " ".join(change.split())
        self._seen[self._function, change] += 1
        count = self._seen[self._function, change]
        numbered = f"{change} (no. {count})" if count > 1 else change
        self.mutants.append(Mutant(self.module, self._function, numbered, self._suite, slot, new, self._statement))

    def _condition(self, node: ast.AST) -> None:
        """Take a branch always or never."""
        slots = []
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            slots = [Slot(node, "test")]
        elif isinstance(node, ast.match_case):
            slots = [Slot(node, "guard")]
        elif isinstance(node, ast.comprehension):
            slots = [Slot(node, "ifs", index) for index in range(len(node.ifs))]
        for slot in slots:
            for value in (False,) if isinstance(node, ast.While) else (True, False):
                self._add(f"if {said(slot.get())} -> if {value}", slot, ast.Constant(value))

    def _returned(self, node: ast.Return, value: ast.expr) -> None:
        slot = Slot(node, "value")
        is_empty = isinstance(value, ast.Tuple | ast.List) and not value.elts
        if is_empty or (isinstance(value, ast.Constant) and (not value.value or value.value is True)):
            return  # None would be the same to almost everybody, and truth values are changed as constants
        for other in (True, False) if self._returns_bool else (None,):
            self._add(f"return {said(value)} -> return {other}", slot, ast.Constant(other))

    def _members(self, slot: Slot, node: ast.Dict | ast.Set | ast.List | ast.Tuple) -> None:
        members: list[Any] = node.values if isinstance(node, ast.Dict) else node.elts
        if len(members) < 2 or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return
        for index, member in enumerate(members):
            new = copy(node)
            named = member
            if isinstance(node, ast.Dict):
                named = node.keys[index] or member
                new.keys = node.keys[:index] + node.keys[index + 1 :]  # type: ignore[union-attr]
                new.values = node.values[:index] + node.values[index + 1 :]  # type: ignore[union-attr]
            else:
                new.elts = node.elts[:index] + node.elts[index + 1 :]  # type: ignore[union-attr]
            self._add(f"without {said(named)}", slot, new)

    def _text(self, slot: Slot, text: str) -> None:
        for found in TEXT.finditer(text):
            start, stop = found.span()
            new = text[:start] + TEXTS[found[0]] + text[stop:]
            line = text[text.rfind("\n", 0, start) + 1 :].partition("\n")[0].strip()
            self._add(f"`{found[0]}` -> `{TEXTS[found[0]]}` in text `{line}`", slot, ast.Constant(new))
        lines = text.splitlines(keepends=True)
        for index, line in enumerate(lines if len(lines) > 1 else ()):
            if line.strip():
                rest = "".join(lines[:index] + lines[index + 1 :])
                self._add(f"text without `{line.strip()}`", slot, ast.Constant(rest))


def _is_unmutated(statement: ast.stmt) -> bool:
    """Tell whether a statement is for readers and type checkers only."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Assert):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return bool(UNSEEN.match(statement.targets[0].id))
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"
