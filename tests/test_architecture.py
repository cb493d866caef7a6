"""The folder listing is the architecture: imports look down only, and each third-party package has its rooms."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import smccc_filter
from smccc_filter.analysis import checks

PACKAGE = Path(smccc_filter.__file__).parent

FLOORS = (
    ("words",),
    ("smccc",),
    ("diagnostics", "kvm", "language"),
    ("resolve", "guest"),
    ("checks", "backends", "readers", "traces"),
    ("pipeline", "probe"),
    ("authoring",),
    ("reports",),
    ("cli", "commands", "__main__"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

SAME_FLOOR = {
    ("kvm", "diagnostics"): "the errors of KVM are said as findings say them",
    ("language", "kvm"): "the schema offers the known releases",
    ("diagnostics", "language"): "a finding has a place in a text",
    ("readers", "backends"): "our own artefacts are read by the decoders that prove them",
    ("__main__", "cli"): "`python -m smccc_filter` is the console script",
    ("cli", "commands"): "a command's module is imported when it runs",
    ("commands", "cli"): "commands return its exit statuses",
}
"""Who may look sideways, and why."""

THIRD_PARTY = {
    "click": {"cli", "commands"},
    "pydantic": {"language"},
    "pydantic_core": {"language"},
    "rich": {"reports", "commands"},
    "ruamel": {"language"},
}
"""Which rooms may import a package."""


class Import(NamedTuple):
    """One import, wherever in a file it stands: the room it is in and the full name of what it asks for."""

    room: str
    module: str
    where: str


def imports_of(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    room = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for node in ast.walk(tree):
        where = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            yield from (Import(room, alias.name, where) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}: a relative import hides where it looks"
            yield from (Import(room, f"{node.module}.{alias.name}", where) for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "import_module":
            yield Import(room, _prefix(node.args[0]), where)


def _prefix(argument: ast.expr) -> str:
    """Return what is known of the name of a module that is imported by name."""
    first = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
    assert isinstance(first, ast.Constant)
    assert isinstance(first.value, str)
    return first.value


FILES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [found for path in FILES for found in imports_of(path)]
OWN = [
    (found, found.module.split(".")[1])
    for found in IMPORTS
    if found.module.startswith("smccc_filter.") and found.module != "smccc_filter.__version__"
]


def test_every_room_has_a_floor() -> None:
    rooms = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in FILES}
    assert rooms - {"__init__"} <= set(FLOOR)


def test_the_imports_are_found() -> None:
    assert len(OWN) > 200
    assert {found.module.split(".")[0] for found in IMPORTS} >= set(THIRD_PARTY)


def test_imports_look_down_only() -> None:
    up = [found for found, asked in OWN if FLOOR[asked] > FLOOR[found.room]]
    assert up == []


def test_imports_on_one_floor_stay_in_their_room_or_have_a_reason() -> None:
    sideways = {
        (found.room, asked) for found, asked in OWN if FLOOR[asked] == FLOOR[found.room] and asked != found.room
    }
    assert sideways == set(SAME_FLOOR)


def test_third_party_packages_keep_to_their_rooms() -> None:
    astray = [found for found in IMPORTS if found.room not in THIRD_PARTY.get(found.module.split(".")[0], {found.room})]
    assert astray == []


def test_nothing_else_is_imported() -> None:
    known = {*sys.stdlib_module_names, *THIRD_PARTY, "smccc_filter"}
    assert [found for found in IMPORTS if found.module.split(".")[0] not in known] == []


def test_the_package_itself_imports_nothing() -> None:
    assert list(imports_of(PACKAGE / "__init__.py")) == []


CHECKS = [
    import_module(f"smccc_filter.analysis.checks.{path.stem}")
    for path in sorted((PACKAGE / "checks").glob("[a-z]*.py"))
]
GROUPS = "PRAKFG"
"""First letters of codes, in the order in which a policy is looked at."""


def name_of(check: object) -> str:
    assert isinstance(check, ModuleType)
    return check.__name__.rpartition(".")[2]


def test_every_check_is_in_the_list_and_nothing_else() -> None:
    by_themselves = [name_of(module) for module in CHECKS if hasattr(module, "CODE") or hasattr(module, "check")]
    assert sorted(name_of(check) for check in checks.ALL) == by_themselves


def test_codes_and_names_are_unique_and_codes_ascend() -> None:
    codes = [check.CODE for check in checks.ALL]
    assert all(re.fullmatch(f"[{GROUPS}][1-9][0-9]{{2}}", code) for code in codes)
    assert codes == sorted(set(codes), key=lambda code: (GROUPS.index(code[0]), code))
    assert len({check.NAME for check in checks.ALL}) == len(codes)


each_check = pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.CODE)


@each_check
def test_a_check_is_named_as_its_file(check: checks.Check) -> None:
    assert name_of(check) == check.NAME.replace("-", "_")


@each_check
def test_a_check_has_its_manual(check: checks.Check) -> None:
    summary, blank, *rest = (check.__doc__ or "").split("\n")
    assert summary.endswith(".")
    assert blank == ""
    paragraphs = "\n".join(rest).strip().split("\n\n")
    instead = [paragraph for paragraph in paragraphs if paragraph.startswith("Instead: ")]
    assert len(instead) == 1
    assert paragraphs[0] is not instead[0], "first say why the kernel or the guest cares"


def modules_after(program: str, *arguments: str) -> set[str]:
    """Run a program in a fresh interpreter that nobody measures; return the first names of what it imported."""
    ending = "\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program + ending, *arguments]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=bare)
    return {name.partition(".")[0] for name in done.stderr.split()}


COSTLY = {"pydantic", "pydantic_core", "ruamel", "_ruamel_yaml", "rich"}
HEAVY = {"asyncio", "concurrent", "email", "http", "multiprocessing", "unittest", "urllib"}
"""Standard library that a start would be felt of."""
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
