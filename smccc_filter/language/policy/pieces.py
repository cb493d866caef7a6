"""A large document cut into policies of a bounded size, which together have every part of it.

What checks the shape holds every mistake of a document at once, half a kilobyte each: of 16 MiB that would be
gigabytes. A piece has a mistake exactly where the document has one. Of a part that is too large for the piece it
belongs to, its first item is there, and the others are in pieces of their own.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from smccc_filter.language.places import Path
from smccc_filter.language.policy.language import EVERY_CALL, VERSION, fields

MOST_VALUES = 5000
"""Values that stay together."""
_CONTAINERS = (dict, list)
_NEEDED: dict[str, dict[str, object]] = {
    "": {"version": VERSION, "name": "a"},
    "rules": {"action": "deny"},
    "vmm": {"implements": EVERY_CALL},
    "allow": {"code": "A305", "reason": "a"},
    "tests": {"call": "a", "expect": "deny"},
}
"""What a mapping can't be without, by the key under which it stands."""


class DocumentPiece(NamedTuple):
    """A policy with the part of a document that stands at ``path``, from item ``first`` on, and nothing else."""

    data: Mapping[str, Any]
    path: Path
    first: int

    def place(self, found: Path) -> Path | None:
        """Return the path in the document of a path in the piece; ``None`` for what is not of the part."""
        depth = len(self.path)
        if depth == 0:
            return found
        if len(found) <= depth:
            return None
        step = found[depth]
        return (*self.path, step + self.first if isinstance(step, int) else step, *found[depth + 1 :])


def pieces(data: dict[str, Any]) -> Iterator[DocumentPiece]:
    """Yield the pieces: first the document, whole where it is small."""
    yield DocumentPiece(_light(data), (), 0)
    for path, first, part in _rest(data, ()):
        yield DocumentPiece(_wrapped(path, part), path, first)


def _light(value: Any) -> Any:  # noqa: ANN401 -- any YAML value
    """Return a value with the first item alone of its heavy lists, and with few unknown keys in its heavy mappings."""
    if not _is_heavy(value):
        return value
    if isinstance(value, list):
        return [_light(value[0])]
    left_out = set(_left_out(value))
    return {key: _light(child) for key, child in value.items() if key not in left_out}


def _rest(value: Any, path: Path) -> Iterator[tuple[Path, int, Any]]:  # noqa: ANN401
    """Yield what ``_light`` leaves out of a value: path, number of the first item, and items or entries."""
    if not _is_heavy(value):
        return
    if isinstance(value, dict):
        left_out = _left_out(value)
        for start in range(0, len(left_out), MOST_VALUES):
            yield path, 0, {key: _light(value[key]) for key in left_out[start : start + MOST_VALUES]}
        for key in _known().intersection(value):
            yield from _rest(value[key], (*path, key))
        return
    yield from _rest(value[0], (*path, 0))
    first, room, items = 1, MOST_VALUES, list[Any]()
    for number, item in enumerate(value[1:], 1):
        weight = _weight(item)
        if weight > room and items:
            yield path, first, items
            first, room, items = number, MOST_VALUES, []
        room -= weight
        items.append(_light(item) if weight > MOST_VALUES else item)
        if weight > MOST_VALUES:
            yield from _rest(item, (*path, number))
    if items:
        yield path, first, items


def _wrapped(path: Path, part: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a policy in which a part stands at its path, in lists as the first item."""
    wrapped = {**_needed(path), **part} if isinstance(part, dict) else part
    for depth in reversed(range(len(path))):
        step = path[depth]
        wrapped = [wrapped] if isinstance(step, int) else {**_needed(path[:depth]), step: wrapped}
    return dict(wrapped)


def _needed(path: Path) -> dict[str, object]:
    """Return what the mapping at a path can't be without."""
    return _NEEDED.get(next((step for step in reversed(path) if isinstance(step, str)), ""), {})


def _left_out(mapping: dict[str, Any]) -> list[str]:
    """Return the keys of a heavy mapping that no field has, but for the first."""
    return [key for key in mapping if key not in _known()][MOST_VALUES:]


def _is_heavy(value: Any) -> bool:  # noqa: ANN401
    return _weight(value) > MOST_VALUES


def _weight(value: Any) -> int:  # noqa: ANN401
    """Count the values in a value, those of a heavy one not to the end."""
    if not isinstance(value, _CONTAINERS):
        return 1
    weight = 1 + len(value)
    for child in value.values() if isinstance(value, dict) else value:
        if weight > MOST_VALUES:
            break
        if isinstance(child, _CONTAINERS):
            weight += _weight(child) - 1
    return weight


@cache
def _known() -> frozenset[str]:
    return frozenset(name for names in fields().values() for name in names)
