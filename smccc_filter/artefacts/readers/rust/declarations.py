"""The items and bindings of a whole Rust source, found in one pass over its tokens."""

from collections import defaultdict
from collections.abc import Iterable

from smccc_filter.artefacts.readers.rust import bindings, heads
from smccc_filter.artefacts.readers.rust.imports import imported
from smccc_filter.artefacts.readers.rust.language import KNOWN_MACROS
from smccc_filter.artefacts.readers.rust.lexer import KEYWORDS
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import (
    RustBinding,
    RustDefinition,
    RustFunction,
    RustMacro,
    RustScope,
    ScopeKind,
    Stretch,
)

DEEPEST = 100
"""Blocks inside one another that are looked at."""
_CONDITION_END = frozenset(("{", ";", "if", "while", "match"))


class RustDeclarations:
    """Everything that a source declares. Built by its one pass; nothing is added afterwards.

    ``scope_of`` has the scope of each token. ``members`` are constants, functions and variants by type and name.
    ``bound`` maps the index of a ``=`` or ``in`` to what is bound to the value behind it. ``owners`` has the type that
    each ``Self`` means. ``trouble`` is the first place that can't be followed, with the reason.
    """

    def __init__(self, source: RustTokens) -> None:
        self.source = source
        self.root = RustScope("module", Stretch(-1, len(source)), None)
        self.scope_of: list[RustScope] = []
        self.functions: list[RustFunction] = []
        self.members: defaultdict[tuple[str, str], list[RustDefinition]] = defaultdict(list)
        self.bindings: set[int] = set()
        self.local_names: set[str] = set()
        self.impls: list[heads.RustMembers] = []
        self.types: list[heads.RustType] = []
        self.macros: list[RustMacro] = []
        self.uses: list[Stretch] = []
        self.bound: dict[int, RustBinding] = {}
        self.owners: dict[int, str] = {}
        self.declared: defaultdict[str, list[RustDefinition]] = defaultdict(list)
        self.modules: dict[int, RustScope] = {}
        self.trouble: tuple[int, str] | None = None
        self._scope = self.root
        self._skip = self._opaque = -1
        self._pending: dict[int, tuple[ScopeKind, str, RustFunction | None]] = {}
        self.traits: set[str] = set()
        self._generics: dict[int, frozenset[str]] = {}
        self._hidden: dict[int, tuple[RustDefinition, ...]] = {}
        self._conditions: dict[int, Stretch] = {}
        for at in range(len(source)):
            self._look(at)

    def define(self, definition: RustDefinition, scope: RustScope | None = None) -> None:
        """Bind a name in a scope, by default the one here; a type's member is found through its type only."""
        scope = scope or self._scope
        self.bindings.add(definition.at)
        in_trait = scope.kind == "members" and scope.name in self.traits and definition.kind == "constant"
        if (definition.at < self._opaque or in_trait) and definition.kind != "unknown":
            definition = definition._replace(kind="unknown")
        if definition.stop:
            self.local_names.add(definition.name)
            scope.locals.setdefault(definition.name, []).append(definition)
            return
        self.declared[definition.name].append(definition)
        if scope.kind == "members":
            self.members[scope.name, definition.name].append(definition)
        else:
            scope.items.setdefault(definition.name, []).append(definition)

    def function_at(self, at: int) -> RustFunction | None:
        """Return the innermost function around a token."""
        scope: RustScope | None = self.scope_of[at]
        while scope and scope.kind != "function":
            scope = scope.parent
        return scope.function if scope else None

    def _look(self, at: int) -> None:
        while at >= self._scope.braces.stop and self._scope.parent:
            self._scope = self._scope.parent
        self.scope_of.append(self._scope)
        if at < self._skip:
            return
        text = self.source.text(at)
        if text == "{":
            self._enter(at)
        elif text == "=>":
            stop = self._around_stop(at)
            self._define_all(bindings.unknown(self.source, bindings.arm(self.source, at), at, stop))
        elif text == "|" and (pattern := bindings.closure(self.source, at)):
            self._define_all(bindings.unknown(self.source, pattern, pattern.stop, self._around_stop(at)))
        elif self.source.is_name(at):
            self._word(at, text)

    def _word(self, at: int, text: str) -> None:  # noqa: C901, PLR0912 -- one case for each word that declares
        match text:
            case "let":
                self._let(at)
            case "fn" if self.source.is_name(at + 1):
                self._function(at + 1)
            case "const" | "static" if self.source.text(at - 1) != "*":
                self._constant(at)
            case "mod" if self.source.is_name(at + 1):
                self._module(at + 1)
            case "for":
                self._loop(at)
            case "if" | "while" | "match":
                self._condition(at)
            case "use":
                self._use(at + 1)
            case "impl" | "trait":
                self._members(at)
            case "struct" | "enum" | "type" if self.source.is_name(at + 1):
                self._type(at + 1)
            case "union" if self.source.is_name(at + 1) and self.source.text(at + 2) in {"{", "<"}:
                self._type(at + 1)
            case "Self":
                self._self(at)
            case "extern" if self.source.text(at + 2) == "{":
                self._pending[at + 2] = ("block", "extern", None)
            case _ if self.source.text(at + 1) == "!" and text not in KEYWORDS:
                self._macro(at, text)

    def _enter(self, at: int) -> None:
        kind, name, function = self._pending.pop(at, ("block", "", None))
        if name == "extern":
            return
        if self._scope.depth >= DEEPEST:
            self._tell(at, "blocks inside one another are too deep to be followed")
            return
        scope = RustScope(kind, Stretch(at, self.source.close(at)), self._scope, name)
        scope.function = function
        scope.generics = self._generics.pop(at, frozenset())
        scope.condition = self._conditions.pop(at, None)
        for definition in self._hidden.pop(at, ()):
            self.bindings.add(definition.at)
            self.local_names.add(definition.name)
            scope.locals.setdefault(definition.name, []).append(definition)
        if kind == "module":
            self.modules[at] = scope
        self._scope = scope

    def _condition(self, at: int) -> None:
        stop = self._scope.braces.stop
        block = self.source.find(at + 1, stop, _CONDITION_END)
        if self.source.text(block) == "match":  # `if match a { ... } {`
            inner = self.source.find(block + 1, stop, _CONDITION_END)
            block = self.source.find(self.source.close(inner) + 1, stop, _CONDITION_END)
        if self.source.text(block) == "{":
            self._conditions[block] = Stretch(at + 1, block)
        elif self.source.text(block) in {"if", "while", "match"}:
            self._tell(at, "a condition in a condition can't be followed")

    def _tell(self, at: int, message: str) -> None:
        self.trouble = self.trouble or (at, message)

    def _around_stop(self, at: int) -> int:
        """Return where the innermost bracket around a token ends."""
        around = self.source.around[at]
        return self.source.closing[around] if around >= 0 else len(self.source)

    def _define_all(self, definitions: Iterable[RustDefinition]) -> None:
        for definition in definitions:
            self.define(definition)

    def _let(self, at: int) -> None:
        definitions, equals = bindings.let(self.source, at, self._scope.braces.stop)
        self._define_all(definitions)
        if equals >= 0:
            self.bound[equals] = RustBinding(Stretch(at + 1, equals), tuple(definitions), loop=False)

    def _loop(self, at: int) -> None:
        found = bindings.loop(self.source, at, self._scope.braces.stop)
        if found:
            pattern, value, body = found
            definitions = bindings.elements(self.source, pattern, value, body)
            self._define_all(definitions)
            self.bound[value.start - 1] = RustBinding(pattern, definitions, loop=True)

    def _constant(self, at: int) -> None:
        owner = self._scope.name if self._scope.kind == "members" else None
        definition = heads.constant_at(self.source, at, self._scope.braces.stop, owner)
        if definition:
            self.define(definition)
            if definition.kind == "constant" and (owner is None or owner not in self.traits):
                pattern = Stretch(definition.at, definition.at + 1)
                self.bound[definition.value.start - 1] = RustBinding(pattern, (definition,), loop=False)

    def _function(self, name: int) -> None:
        owner = self._scope.name if self._scope.kind == "members" else None
        head = heads.function_at(self.source, name, self._scope.braces.stop, owner)
        if head is None:
            self._tell(name, "the head of this function is too long to be followed")
            return
        function = head.function
        self.functions.append(function)
        self.define(RustDefinition("function", function.name, name, owner=owner))
        if function.body.stop:
            self._pending[function.body.start] = ("function", function.name, function)
            self._generics[function.body.start] = head.generics
            self._hidden[function.body.start] = head.bound

    def _module(self, name: int) -> None:
        definition = RustDefinition("module", self.source.text(name), name)
        if self.source.text(name + 1) == "{":
            self._pending[name + 1] = ("module", definition.name, None)
            definition = definition._replace(value=Stretch(name + 1, self.source.close(name + 1)))
        self.define(definition)

    def _use(self, start: int) -> None:
        end = self.source.find(start, self._scope.braces.stop, frozenset(";"))
        self.uses.append(Stretch(start, end))
        for name, at, path in imported(self.source, start, end):
            if name == "*":
                self._scope.globs.append(path)
            else:
                self.define(RustDefinition("import", name, at, path=path))
        self._skip = end

    def _members(self, at: int) -> None:
        members = heads.members_at(self.source, at)
        if members and members.braces.start not in self._pending:
            self._pending[members.braces.start] = ("members", members.owner, None)
            self._generics[members.braces.start] = members.generics
            self.impls.append(members)
            if self.source.text(at) == "trait":
                self.traits.add(members.owner)
                self.define(RustDefinition("type", members.owner, at + 1))

    def _type(self, name: int) -> None:
        found = heads.type_at(self.source, name, self._scope.braces.stop)
        self.types.append(found)
        self.define(RustDefinition("type", found.name, name))
        if found.word == "enum" and self.source.text(found.body.start) == "{":
            for variant in heads.variants(self.source, found):
                self.declared[variant.name].append(variant)
                self.members[found.name, variant.name].append(variant)
        self._skip = max(self._skip, found.body.stop)

    def _self(self, at: int) -> None:
        scope: RustScope | None = self._scope
        while scope and scope.kind != "members":
            scope = scope.parent
        if scope:
            self.owners[at] = scope.name

    def _macro(self, at: int, name: str) -> None:
        source, defined = self.source, name == "macro_rules"
        bracket = at + 2 + defined
        if bracket >= len(source) or source.closing[bracket] < 0:
            return
        body = Stretch(bracket, source.closing[bracket])
        self.macros.append(RustMacro(source.text(at + 2) if defined else name, at, body, defined))
        if defined:
            self._skip = body.stop
        elif name not in KNOWN_MACROS:
            self._opaque = max(self._opaque, body.stop)
