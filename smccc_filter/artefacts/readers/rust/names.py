"""What a name of a Rust source means where it stands: by scopes, modules and imports, as rustc resolves it.

What the file defines wins over Linux's names. A name that can be two things, or that a macro may bind, is told.
"""

from smccc_filter.artefacts.readers.rust.declarations import RustDeclarations
from smccc_filter.artefacts.readers.rust.files import RustFiles
from smccc_filter.artefacts.readers.rust.macros import RENAME, RustMacroNames
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, RustScope
from smccc_filter.artefacts.readers.source.expression import UnreadableError

MOST_STEPS = 16
"""Imports that stand for one another."""
MOST_REBOUND = 64
"""Bindings of one name in one block that are looked at."""
_TYPES = {"type", "module", "import"}
_VALUES = {"constant", "function", "import", "unknown"}
_Container = RustScope | str
"""Where members are: a module, or the name of a type."""


class RustNames:
    """Resolves names of one source."""

    def __init__(self, declarations: RustDeclarations) -> None:
        self.declarations = declarations
        self.source: RustTokens = declarations.source
        self._meanings: dict[tuple[tuple[str, ...], int], RustDefinition | None] = {}
        self.files = RustFiles(declarations)
        self.macros = RustMacroNames(self.files)
        self._is_crate = any(definition.kind == "function" for definition in declarations.root.items.get("main", ()))

    def path_start(self, last: int) -> int:
        """Return the index of the first segment of the path whose last segment is at ``last``."""
        first = last
        while self.source.text(first - 1) == "::" and self.source.is_name(first - 2):
            first -= 2
        return first

    def meaning(self, first: int, last: int) -> RustDefinition | None:
        """Return what the path from ``first`` to ``last`` is bound to as a value; ``None`` where not in this file.

        Raises UnreadableError where it could be several things.
        """
        path = tuple(self.source.text(at) for at in range(first, last + 1, 2))
        depends_on_place = path[0] in self.declarations.local_names or path[0] == "Self"
        if depends_on_place or self.source.text(first - 1) == "::":
            return self._checked(path, first)
        key = (path, id(self.declarations.scope_of[first]))
        if key not in self._meanings:
            self._meanings[key] = self._checked(path, first)
        return self._meanings[key]

    def _checked(self, path: tuple[str, ...], first: int) -> RustDefinition | None:
        """Return what a path means, and let no macro bind it to something else. Raises UnreadableError."""
        self.macros.must_not_be_given(path, first)
        if self.source.text(first - 1) == "::" and self.source.text(first - 2) == ">":
            raise UnreadableError(self.source.tokens[first], f"which `{path[-1]}` this is depends on types", RENAME)
        found = self._meaning(path, first)
        if found is not None and self.files.file_at(found.at) != self.files.file_at(first):
            self.macros.must_not_be_given((found.name,), found.at)
        if found is None or not found.stop:
            self.macros.must_not_be_in_rules(path)
        return found

    def _meaning(self, path: tuple[str, ...], first: int) -> RustDefinition | None:
        try:
            if path[0] == "Self" and first in self.declarations.owners and len(path) == 2:
                return self._member(self.declarations.owners[first], path[1], _VALUES)
            return self._walk(path, first, 0, _VALUES)
        except LookupError as error:
            raise UnreadableError(self.source.tokens[first], str(error.args[0]), RENAME) from None

    def _walk(self, path: tuple[str, ...], at: int, depth: int, kinds: set[str]) -> RustDefinition | None:
        """Return what a path means at a token. Raises LookupError with the reason where that is not clear."""
        if depth > MOST_STEPS or not path:
            raise LookupError("this name is imported through too many others")
        if len(path) == 1:
            found = self._followed(self._lexical(path[0], at, kinds), depth, kinds)
            return self.files.linked(path, at, kinds) if found is None and self.files.has_globs(at) else found
        if self.files.modules and path[0] == "crate":
            return self.files.linked(path, at, kinds)
        if path[0] == "crate" and not self._is_crate and set(path[1:]) & self.declarations.declared.keys():
            raise LookupError("`crate` may be this file or another one")
        container = self._container(path[0], at, depth)
        for segment in path[1:-1]:
            if isinstance(container, RustScope) and segment == "super":
                container = _module_around(container.parent)
            elif container is not None:
                found = self._followed(self._member(container, segment, _TYPES), depth, _TYPES)
                container = self._inside(found)
        if container is None:
            return self.files.linked(path, at, kinds) if self.files.modules else None
        return self._followed(self._member(container, path[-1], kinds), depth, kinds)

    def _followed(self, found: RustDefinition | None, depth: int, kinds: set[str]) -> RustDefinition | None:
        """Return what an import stands for, anything else as it is; the import itself where that is in no file here."""
        if found is None or found.kind != "import":
            return found
        gate = self.source.gate(found.at)
        if gate:
            raise LookupError(f"`{gate.text}` decides about `{found.name}`, and this file does not decide it")
        if not found.path:
            raise LookupError(f"the path of `{found.name}` is too long")
        if found.path == (found.name,) or self._first_is_itself(found):
            return found
        return self._walk(found.path, found.at, depth + 1, kinds) or found

    def _first_is_itself(self, found: RustDefinition) -> bool:
        first = self._lexical(found.path[0], found.at, _TYPES) if found.path[0] not in _ROOTS else None
        return first is not None and first.at == found.at

    def _container(self, name: str, at: int, depth: int) -> _Container | None:
        """Return the module or type that the first segment of a path means; ``None`` where it is not in this file."""
        module = _module_around(self.declarations.scope_of[at])
        if name == "self":
            return module
        if name == "super":
            return _module_around(module.parent) if module else None
        if name == "crate":
            return self.declarations.root if self._is_crate else None
        if name == "Self" and at in self.declarations.owners:
            return self.declarations.owners[at]
        return self._inside(self._followed(self._lexical(name, at, _TYPES), depth, _TYPES))

    def _inside(self, found: RustDefinition | None) -> _Container | None:
        if found is None or found.kind == "import":
            return None
        if found.kind == "module":
            return self.declarations.modules.get(found.value.start) if found.value.stop else None
        if found.kind == "type":
            return found.name
        raise LookupError(f"`{found.name}` can be several things here")

    def _member(self, container: _Container, name: str, kinds: set[str]) -> RustDefinition | None:
        if isinstance(container, str):
            return self._one(self.declarations.members.get((container, name), []), name, kinds)
        found = container.items.get(name, [])
        if found:
            return self._one(found, name, kinds)
        return self._through_globs(container, name, kinds)

    def _one(self, found: list[RustDefinition], name: str, kinds: set[str]) -> RustDefinition:
        fitting = [definition for definition in found if definition.kind in kinds]
        if len(fitting) != 1:
            raise LookupError(
                f"`{name}` is defined {len(fitting)} times here" if fitting else f"`{name}` can't be found in this file"
            )
        return fitting[0]

    def _lexical(self, name: str, at: int, kinds: set[str]) -> RustDefinition | None:
        """Return what a single name means: the innermost local, item or glob around it."""
        scope: RustScope | None = self.declarations.scope_of[at]
        locals_seen = kinds is _VALUES
        foreign = False
        while scope:
            local = self._local(scope, name, at) if locals_seen else None
            if local:
                return local
            if name in scope.generics and kinds is _TYPES:
                raise LookupError(f"`{name}` can be any type")
            items = [item for item in scope.items.get(name, ()) if item.kind in kinds]
            if items:
                if foreign or len(items) > 1:
                    raise LookupError(f"`{name}` can be one of several things here")
                return items[0]
            globbed = self._through_globs(scope, name, kinds)
            if globbed:
                return globbed
            locals_seen = locals_seen and scope.kind != "function"
            if scope.kind == "module":
                return None
            foreign = foreign or bool(scope.globs)
            scope = scope.parent
        return None

    def _local(self, scope: RustScope, name: str, at: int) -> RustDefinition | None:
        bound = scope.locals.get(name, [])
        for i, definition in enumerate(reversed(bound)):
            if i > MOST_REBOUND:
                raise LookupError(f"`{name}` is bound too often in one block")
            if definition.start <= at < definition.stop:
                return definition
        return None

    def _through_globs(self, scope: RustScope, name: str, kinds: set[str]) -> RustDefinition | None:
        """Return what a ``use path::*`` of a scope brings in from this file."""
        if name not in self.declarations.declared:
            return None
        found: dict[int, RustDefinition] = {}
        for path in scope.globs[:MOST_REBOUND]:
            if path[:1] == ("crate",) and not self._is_crate and self._is_module_item(name):
                raise LookupError(f"`{name}` may be that of this file or one that `crate` brings in")
            container = self._glob_container(path, scope)
            if isinstance(container, RustScope):
                items = [item for item in container.items.get(name, ()) if item.kind in kinds]
            else:
                items = list(self.declarations.members.get((container or "", name), ()))
            found.update({item.at: item for item in items})
        if len(found) > 1 or len(scope.globs) > MOST_REBOUND:
            raise LookupError(f"`{name}` can be one of several things here")
        return next(iter(found.values()), None)

    def _is_module_item(self, name: str) -> bool:
        return any(definition.owner is None for definition in self.declarations.declared[name])

    def _glob_container(self, path: tuple[str, ...], scope: RustScope) -> _Container | None:
        if not path:
            return None
        container = self._plain_container(path[0], scope)
        for segment in path[1:]:
            if container is None:
                return None
            if isinstance(container, str):
                raise LookupError("a glob can't be followed")  # noqa: TRY004 -- of the source that is read
            if segment == "super":
                container = _module_around(container.parent)
                continue
            items = [item for item in container.items.get(segment, ()) if item.kind in _TYPES]
            container = self._inside(self._followed(items[0], 1, _TYPES)) if len(items) == 1 else None
        return container

    def _plain_container(self, name: str, scope: RustScope) -> _Container | None:
        """Return the module or type that a glob's first segment means, without looking through globs again."""
        module = _module_around(scope)
        if name == "self":
            return module
        if name == "super":
            return _module_around(module.parent) if module else None
        if name == "crate":
            return self.declarations.root if self._is_crate else None
        around: RustScope | None = scope
        while around:
            items = [item for item in around.items.get(name, ()) if item.kind in _TYPES]
            if items:
                return self._inside(self._followed(items[0], 1, _TYPES))
            around = None if around.kind == "module" else around.parent
        return None


_ROOTS = {"self", "super", "crate", "Self"}


def _module_around(scope: RustScope | None) -> RustScope | None:
    while scope and scope.kind != "module":
        scope = scope.parent
    return scope
