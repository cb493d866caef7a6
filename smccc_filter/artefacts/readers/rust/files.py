"""Several Rust files that are given together: each is a module of its own, and sees what others declare ``pub``.

Where the modules of a crate are is not known, so that a path into another file is told by its last name.
"""

from bisect import bisect_right

from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustScope

FILE = "<"
"""What the name of the module around a file begins with, where there are several files."""
_BEFORE_NAME = frozenset(
    ("const", "static", "mut", "fn", "unsafe", "async", "struct", "enum", "union", "type", "trait", "mod")
)


class RustFiles:
    """The files of one source; none where it is one file."""

    def __init__(self, declarations: RustDeclarations) -> None:
        self.declarations = declarations
        self.source = declarations.source
        self.modules = [
            scope
            for item in declarations.root.items.values()
            for definition in item
            if definition.name.startswith(FILE) and (scope := declarations.modules.get(definition.value.start))
        ]
        """The module around each file, where there are several."""
        self._starts = [scope.braces.start for scope in self.modules]

    def file_at(self, at: int) -> int:
        """Return the number of the file in which a token stands; -1 where there is one file."""
        return bisect_right(self._starts, at) - 1

    def linked(self, path: tuple[str, ...], at: int, kinds: set[str]) -> RustDefinition | None:
        """Return what another file has under the name at the end of a path; ``None`` where none has it.

        Where the modules of a crate are is not known; so the name must be that of one item, or of one member of a type.
        Raises LookupError where it is that of several.
        """
        here = self.file_at(at)
        name = path[-1]
        found = [
            item
            for scope in self.modules
            if self.file_at(scope.braces.start) != here
            for item in scope.items.get(name, ())
            if item.kind in kinds and item.kind != "import" and self._is_seen(item, path)
        ]
        if len(path) > 1 and not found:
            found = [item for item in self.declarations.members.get((path[-2], name), ()) if item.kind in kinds]
        if len(found) > 1:
            raise LookupError(f"`{name}` can be one of several things in these files")
        return found[0] if found else None

    def _is_seen(self, item: RustDefinition, path: tuple[str, ...]) -> bool:
        """Tell whether an item is ``pub``, or is named by a path that need not care."""
        before = item.at - 1
        while self.source.text(before) in _BEFORE_NAME:
            before -= 1
        is_pub = self.source.text(before) == "pub" or self.source.text(self.source.open(before) - 1) == "pub"
        return is_pub or path[0] in {"super", "self", "crate"}

    def has_globs(self, at: int) -> bool:
        """Tell whether a name may come from another file without being named there."""
        scope: RustScope | None = self.declarations.scope_of[at] if self.modules else None
        while scope and not scope.globs:
            scope = scope.parent
        return scope is not None
