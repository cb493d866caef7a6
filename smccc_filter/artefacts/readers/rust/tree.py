"""What a Rust source declares, and where each name is seen: definitions, scopes and functions, by token index."""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

DefinitionKind = Literal[
    "constant", "variable", "parameter", "function", "module", "import", "type", "element", "unknown"
]
ScopeKind = Literal["module", "function", "members", "block"]


class Stretch(NamedTuple):
    """Tokens from ``start`` to before ``stop``."""

    start: int
    stop: int


def around(stretches: Sequence[Stretch], at: int) -> int | None:
    """Return which of some ascending stretches that do not overlap holds a token; ``None`` where none does."""
    i = bisect_right(stretches, (at, sys.maxsize)) - 1
    return i if i >= 0 and at < stretches[i].stop else None


NOTHING = Stretch(0, 0)


class RustDefinition(NamedTuple):
    """One name and what it is bound to; ``at`` is the index of the name, by which two are told apart.

    ``value`` is the expression of a constant or variable, ``type`` what is written behind the colon. It is seen from
    ``start`` to before ``stop``. ``mutable`` says that what it holds can change. ``path`` is what an import names;
    ``owner`` the type in whose ``impl`` it stands, ``place`` a parameter's number. An ``element`` is what a ``for``
    binds to each element of ``value``, or, where ``place`` is one, to that part of it. Any other pattern, or a macro,
    binds what is ``unknown``.
    """

    kind: DefinitionKind
    name: str
    at: int
    value: Stretch = NOTHING
    type: Stretch = NOTHING
    start: int = 0
    stop: int = 0
    mutable: bool = False
    path: tuple[str, ...] = ()
    owner: str | None = None
    place: int = -1


class RustFunction(NamedTuple):
    """A function with a body or without: ``parameters`` without ``self``, and the indices of its body's braces."""

    name: str
    at: int
    owner: str | None
    receiver: RustDefinition | None
    parameters: tuple[RustDefinition, ...]
    returns: Stretch
    body: Stretch


class RustMacro(NamedTuple):
    """A macro that is called or, where ``defined``, declared: its name, and the brackets behind it."""

    name: str
    at: int
    body: Stretch
    defined: bool


class RustBinding(NamedTuple):
    """A pattern and the names that it binds; ``pattern`` is that of a loop or a ``let``."""

    pattern: Stretch
    definitions: tuple[RustDefinition, ...]
    loop: bool


class RustScope:
    """A block, a function, a module or the members of a type: what its braces hold, and the scope around them.

    ``items`` are seen in all of it; ``locals`` from where they are bound on, and not in functions inside.
    ``generics`` are types that its head leaves open.
    ``condition`` is what stands between ``if`` or ``while`` and the block.
    """

    def __init__(self, kind: ScopeKind, braces: Stretch, parent: "RustScope | None", name: str = "") -> None:
        self.kind = kind
        self.braces = braces
        self.parent = parent
        self.name = name
        self.depth: int = parent.depth + 1 if parent else 0
        self.items: dict[str, list[RustDefinition]] = {}
        self.locals: dict[str, list[RustDefinition]] = {}
        self.generics: frozenset[str] = frozenset()
        self.globs: list[tuple[str, ...]] = []
        self.function: RustFunction | None = None
        self.condition: Stretch | None = None
