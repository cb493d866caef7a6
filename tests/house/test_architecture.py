"""The folder listing is the architecture: imports look down only, and each third-party package has its rooms."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import smccc_filter
from tests.paths import ROOT

PACKAGE = Path(smccc_filter.__file__).parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table(header: str) -> list[list[str]]:
    """Return the rows of the table of CONTRIBUTING that has this header, without their quotes."""
    _, found, rest = CONTRIBUTING.partition(f"{header}\n")
    assert found, f"CONTRIBUTING lost its table {header}"
    _, *rows = rest.split("\n\n", 1)[0].splitlines()
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows]


class Wing(NamedTuple):
    """A row of the table of wings: the files and folders that make one wing, and the floor it is on."""

    floor: int
    rooms: frozenset[str]


WINGS = [
    Wing(int(floor), frozenset(rooms.split(", "))) for floor, rooms, _ in table("| floor | wing | what it knows |")
]
WING = {room: wing for wing in WINGS for room in wing.rooms}
THIRD_PARTY = {
    package: tuple(rooms.split(", "))
    for packages, rooms in table("| package | only in |")
    for package in packages.split(", ")
}
"""Which rooms may import a package."""


class Import(NamedTuple):
    """One import, wherever in a file it stands: the module it is in, and the full name of what it asks for."""

    module: str
    asked: str
    where: str


def room_of(module: str) -> str:
    """Return the first name below the package, empty for the package's own face."""
    return module.split(".")[1] if "." in module else ""


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in FILES.items()}


def imports_of(module: str) -> Iterator[Import]:
    for node in ast.walk(TREES[module]):
        where = f"{module}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name, where) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}: a relative import hides where it looks"
            yield from (Import(module, f"{node.module}.{alias.name}", where) for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "import_module":
            yield Import(module, _prefix(node.args[0]), where)


def _prefix(argument: ast.expr) -> str:
    """Return what is known of the name of a module that is imported by name."""
    first = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
    assert isinstance(first, ast.Constant)
    assert isinstance(first.value, str)
    return first.value


IMPORTS = [found for module in FILES for found in imports_of(module)]
OWN = [found for found in IMPORTS if found.asked.startswith("smccc_filter.")]
INSIDE = [found for found in OWN if room_of(found.module)]
"""Imports among the wings; the public face, which stands above them all, is no wing."""


def test_every_room_belongs_to_one_wing() -> None:
    rooms = [room for wing in WINGS for room in wing.rooms]
    assert sorted(rooms) == sorted({room_of(module) for module in FILES} - {""})


def test_the_imports_are_found() -> None:
    assert len(OWN) > 200
    assert {found.asked.split(".")[0] for found in IMPORTS} >= set(THIRD_PARTY)


def test_imports_look_down_only() -> None:
    """A wing looks into itself and below: not up, and not at a neighbour on its floor."""
    wings = [(found, WING[room_of(found.module)], WING[room_of(found.asked)]) for found in INSIDE]
    assert [found for found, own, asked in wings if asked is not own and asked.floor >= own.floor] == []


def test_nobody_imports_the_public_face() -> None:
    face = re.compile(r"smccc_filter(\.__\w+__)?")
    assert [found for found in IMPORTS if room_of(found.module) and face.fullmatch(found.asked)] == []


def test_no_two_files_import_each_other_not_even_around_corners() -> None:
    arrows: dict[str, set[str]] = {module: set() for module in FILES}
    for found in OWN:
        asked = found.asked if found.asked in FILES else found.asked.rpartition(".")[0]
        if asked in FILES and asked != found.module:
            arrows[found.module].add(asked)
    TopologicalSorter(arrows).prepare()  # raises CycleError, which names the files


def test_third_party_packages_keep_to_their_rooms() -> None:
    def is_at_home(found: Import) -> bool:
        rooms = THIRD_PARTY.get(found.asked.split(".")[0])
        return rooms is None or f"{found.module}.".startswith(tuple(f"smccc_filter.{room}." for room in rooms))

    assert [found for found in IMPORTS if not is_at_home(found)] == []


def test_nothing_else_is_imported() -> None:
    known = {*sys.stdlib_module_names, *THIRD_PARTY, "smccc_filter"}
    assert [found for found in IMPORTS if found.asked.split(".")[0] not in known] == []


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield every class of the package with its module."""
    for module, tree in TREES.items():
        yield from ((module, node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def test_no_two_modules_define_a_public_class_of_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for module, node in classes():
        if not node.name.startswith("_"):
            homes.setdefault(node.name, []).append(module)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}


MUTABLE = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter"}


def is_frozen(node: ast.ClassDef) -> bool:
    """Tell whether a class says that its values never change: a NamedTuple, or a frozen dataclass."""
    bases = {ast.unparse(base) for base in node.bases}
    return "NamedTuple" in bases or any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_what_is_frozen_holds_nothing_that_can_be_mutated() -> None:
    fields = [
        (module, node.name, ast.unparse(field.annotation), ast.unparse(field.target))
        for module, node in classes()
        if is_frozen(node)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    ]
    assert len(fields) > 100
    assert [field for field in fields if MUTABLE & set(re.findall(r"\w+", field[2]))] == []


def test_no_module_keeps_what_it_was_asked() -> None:
    """A name of a module is bound once, and a container that can be mutated is not changed by functions.

    Of what a pure function returns a ``@cache`` may keep a copy: that is no state, for nobody can tell.
    """
    kept = []
    for module, tree in TREES.items():
        assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and node.value]
        mutable = {
            target.id
            for node in assigned
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and is_mutable(node.value)
        }
        kept += [f"{module}: {name}" for name in mutable & changed_names(tree)]
        kept += [f"{module}:{node.lineno}" for node in ast.walk(tree) if isinstance(node, ast.Global)]
    assert kept == []


def is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in MUTABLE
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


CHANGING = {"append", "extend", "insert", "pop", "popitem", "remove", "clear", "update", "add", "discard", "setdefault"}


def changed_names(tree: ast.Module) -> set[str]:
    """Return the names whose values functions change in place."""
    changed = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            at: ast.expr | None = None
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                at = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
                at = node.func.value
            if isinstance(at, ast.Name):
                changed.add(at.id)
    return changed


def modules_after(program: str, *arguments: str) -> set[str]:
    """Run a program in a fresh interpreter that nobody measures; return the first names of what it imported."""
    ending = "\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program + ending, *arguments]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
    return {name.partition(".")[0] for name in done.stderr.split()}


COSTLY = {"pydantic", "pydantic_core", "ruamel", "_ruamel_yaml", "rich"}
SERVER = {"pygls", "lsprotocol", "attrs", "cattrs"}
HEAVY = {"asyncio", "concurrent", "email", "http", "multiprocessing", "unittest", "urllib", *SERVER}
"""What a start would be felt of: standard library, and what only the language server needs."""
RUN = "import sys; from smccc_filter.cli import run; assert run(sys.argv[1:]) == 0"


def test_the_command_line_alone_imports_nothing_costly() -> None:
    assert not modules_after("import smccc_filter.cli") & (COSTLY | HEAVY)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_nothing_costly(option: str) -> None:
    assert not modules_after(RUN, option) & (COSTLY | HEAVY)


def test_validate_needs_neither_pydantic_itself_nor_rich(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nname: a\nrules: [{action: deny, calls: [TRNG_RND, TRNG_VERSION]}]\n")
    imported = modules_after(RUN, "validate", str(policy))
    assert {"pydantic_core", "ruamel"} <= imported
    assert not imported & ({"pydantic", "rich"} | HEAVY)
