"""The reviewed list of mutants that change nothing that can be seen: module, function, change and reason."""

from collections.abc import Collection
from pathlib import Path

from ruamel.yaml import YAML

LIST = Path(__file__).with_name("equivalent.yaml")

Name = tuple[str, str, str]
"""The module, function and change of a mutant."""


def equivalents(path: Path = LIST) -> dict[Name, str]:
    """Return the reason for each mutant of the list."""
    data: dict[str, dict[str, dict[str, str]]] = YAML(typ="safe").load(path) or {}
    return {
        (module, function, change): reason
        for module, functions in data.items()
        for function, changes in functions.items()
        for change, reason in changes.items()
    }


def gone(listed: Collection[Name], modules: Collection[str], existing: Collection[Name]) -> list[Name]:
    """Return the mutants of the list that ought to be in these modules and do not exist."""
    return sorted(name for name in listed if name[0] in modules and name not in existing)
