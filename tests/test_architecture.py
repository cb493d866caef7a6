"""The folder listing is the architecture: imports look down only, and every library stays in its room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smccc_filter

PACKAGE = Path(smccc_filter.__file__).parent
NAME = "smccc_filter"

FLOORS = (
    {"function_id", "intervals", "uapi", "places", "suggest", "source"},
    {"diagnostics", "registry"},
    {"policy", "kernel"},
    {"resolve", "guest"},
    {"checks", "backends"},
    {"pipeline", "probe"},
    {"reports"},
    {"cli", "commands", "__main__"},
)
"""Rooms by floor, from the ground up."""

SAME_FLOOR = {
    ("intervals", "function_id"),  # a set of IDs knows how many there are
    ("source", "places"),  # the reader says where things stand
    ("source", "suggest"),  # a quotation is cut to what fits in a message
    ("cli", "commands"),  # the entry point runs what was asked for, imported then
    ("commands", "cli"),  # exit statuses
    ("__main__", "cli"),
}

ROOMS_OF = {
    "ruamel": {"source"},
    "_ruamel_yaml": {"source"},
    "pydantic": {"policy"},
    "pydantic_core": {"policy"},
    "rich": {"reports", "commands"},
    "click": {"cli", "commands"},
}
"""Where a library may be imported."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_look_down_only(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        assert not list(imported(path))
        return
    here = room(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != NAME or len(parts) == 1 or not is_room(parts[1]):
            continue
        there = parts[1]
        if there != here and (here, there) not in SAME_FLOOR:
            assert floor(there) < floor(here), f"{here} (floor {floor(here)}) imports {there} (floor {floor(there)})"


def is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    for name in imported(path):
        rooms = ROOMS_OF.get(name.split(".")[0])
        assert rooms is None or room(path) in rooms, f"{name} in {path}"


def test_every_room_has_a_floor() -> None:
    rooms = {room(path) for path in modules()} - {"__init__"}
    assert rooms == set().union(*FLOORS)


def test_no_exception_is_idle() -> None:
    used = {
        (room(path), name.split(".")[1])
        for path in modules()
        for name in imported(path)
        if name.startswith(f"{NAME}.") and path != PACKAGE / "__init__.py"
    }
    assert used >= SAME_FLOOR
