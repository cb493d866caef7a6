"""What the names in an entry stand for: an enumerator or a constant of the file itself, else what Linux calls so.

A name that the file declares in any other way, twice, or where it does not hold, has no value here.
"""

from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.contexts import READ_AFTER, READ_BEFORE, CContexts, is_type_name
from smccc_filter.artefacts.readers.c.declarations import CDeclarations
from smccc_filter.artefacts.readers.c.language import ACTION_ENUM, QUALIFIERS, STORAGE, TYPES
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.expression import NO_CONSTANTS, U64_MAX, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.linux import MACROS, redefined, value_of
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER, Token, Tokens

DEEPEST = 32
"""Constants made of one another."""
MOST_USES = 10_000
"""Of a constant in a function."""
_BEFORE_TAG = frozenset({"struct", "union", "enum", "class", "goto"})
HINT = "write the number, or a constant that is declared once"


class _Declared(NamedTuple):
    """What a file gives a name: from where to where it holds, and the expression to which ``plus`` is added."""

    start: int
    end: int
    expression: Tokens
    plus: int
    most: int


class CConstants:
    """Finds the values of names; each is computed once."""

    def __init__(self, source: CStructure, declared: CDeclarations, contexts: CContexts) -> None:
        self.source = source
        self.declared = declared
        self.contexts = contexts
        self.heads = {function.head for function in declared.functions}
        self.functions = {function.body.function.key for function in declared.functions}
        self._origins: dict[int, tuple[int, int]] = {}
        """Of each enumerator: the index of the last one that has an expression, or of the brace, and what it adds."""
        self._known: dict[str, _Declared | UnreadableError | None] = {}
        self._values: dict[str, int | UnreadableError] = {}
        self.taken: dict[str, int] = {}
        """Where the file declares each name that stands for a number in an entry."""
        self.redefined: dict[str, tuple[str, str]] = {}
        """Names of Linux that the file gives another value: message and hint."""
        self._find_enumerators()

    def resolved(self, tokens: Tokens, at: int, parameters: Sequence[str], depth: int = 0) -> Tokens:
        """Replace the file's own names by numbers, as they are at the token ``at``. Raises UnreadableError."""
        result = []
        for i, token in enumerate(tokens):
            found = token
            if token.kind == NAME and token.text not in parameters and token.text not in TYPES:
                is_call = i + 1 < len(tokens) and tokens[i + 1].text == "("
                if is_call and token.text in MACROS:
                    self._refuse_function(token)
                else:
                    value = self._value(token, at, depth)
                    if value is not None:
                        found = token._replace(kind=NUMBER, text=hex(value))
            result.append(found)
        return result

    def _refuse_function(self, token: Token) -> None:
        """Raise UnreadableError where a macro of Linux is a function of the file."""
        if token.text in self.functions or any(not self._is_use(i) for i in self.source.uses(token.text)):
            raise UnreadableError(token, f"`{token.text}` is declared in this file, and no macro of Linux", HINT)

    def _value(self, token: Token, at: int, depth: int) -> int | None:
        """Return the value of a name; ``None`` where the file does not declare it."""
        name = token.text
        if name not in self._known:
            self._known[name] = self._declaration(name)
        found = self._known[name]
        if found is None:
            return None
        if isinstance(found, UnreadableError):
            raise UnreadableError(token, found.message, found.hint)
        if not found.start < at <= found.end:
            raise UnreadableError(token, f"`{name}` is declared elsewhere in this file, and not here", HINT)
        if name not in self._values:
            self._values[name] = UnreadableError(token, f"`{name}` is made of too many constants", HINT)
            if depth <= DEEPEST:
                self._values[name] = self._computed(token, found, depth)
        value = self._values[name]
        if isinstance(value, UnreadableError):
            raise UnreadableError(token, value.message, value.hint)
        return value

    def _computed(self, token: Token, found: _Declared, depth: int) -> int | UnreadableError:
        try:
            value = found.plus
            if found.expression:
                tokens = self.resolved(found.expression, found.start, (), depth + 1)
                gate = next((part.gate for part in found.expression if part.gate), None)
                if gate:
                    return UnreadableError(token, f"`{gate.text}` decides what `{token.text}` is", HINT)
                value += evaluate(tokens, NO_CONSTANTS, token, U64_MAX if found.most > 0xFFFFFFFF else 0xFFFFFFFF)
        except UnreadableError as error:
            return UnreadableError(token, f"what `{token.text}` is can't be computed: {error.message}", HINT)
        if value > found.most:
            return UnreadableError(token, f"{value:#x} does not fit the type of `{token.text}`", HINT)
        known = value_of(token.text)
        if known is not None and known != value:
            self.redefined[token.text] = redefined(token.text, value, known)
        return value

    def _declaration(self, name: str) -> _Declared | UnreadableError | None:
        """Return what the file gives a name."""
        places = [i for i in self.source.uses(name) if not self._is_use(i)]
        if not places:
            return None
        if len(places) > 1:
            return UnreadableError(self.source.at(places[1]), f"`{name}` is declared more than once in this file", HINT)
        (at,) = places
        found = self._enumerator(at) if at in self._origins else self._variable(at)
        if found is None:
            message = f"`{name}` is declared in this file as something whose value is not known"
            return UnreadableError(self.source.at(at), message, HINT)
        self.taken[name] = at
        return found

    def _is_use(self, i: int) -> bool:
        """Tell whether a name is used, or names a member or a label, and is not declared."""
        source = self.source
        before, after = source.mark(i - 1), source.mark(i + 1)
        if i in self._origins or self.contexts.names_something(i):
            return False
        is_label = after == ":" and before in {";", "{", "}"}
        if is_label or before in {".", "->"} or source.word(i - 1) in _BEFORE_TAG:
            return True
        if self.declared.members[i]:
            return source.word(i - 1) != "const"
        if source.word(i - 1):
            return source.word(i - 1) in {"return", "case", "else", "sizeof", "do"} and after not in {"=", "["}
        if before not in READ_BEFORE | {")", "&", "::"} or after not in READ_AFTER | {"("}:
            return False
        return not self._may_be_declared(i, before)

    def _may_be_declared(self, i: int, before: str) -> bool:
        """Tell whether punctuation before a name leaves open that the name is declared."""
        source = self.source
        around = source.around(i)
        if around in self.heads:
            return True
        if before == ",":
            return (around < 0 or source.mark(around) == "{") and not self._is_in_list(i)
        if before == "(" and source.mark(i + 1) == ")":
            word = source.word(i - 2)
            return word in TYPES or word in QUALIFIERS or word in STORAGE or is_type_name(word)
        return before in {"*", "&"} and self._may_be_type(i - 2)

    def _is_in_list(self, i: int) -> bool:
        """Tell whether the brace around a name begins a list of values."""
        opened = self.source.around(i)
        if opened < 0 or self.source.mark(opened) != "{":
            return False
        before = self.source.word(opened - 1), self.source.word(opened - 2)
        is_cpp_list = before[1] not in _BEFORE_TAG and any(word in self.declared.filters for word in before)
        return is_cpp_list or self.source.mark(opened - 1) in {"=", ",", "{", ")", "]"}

    def _may_be_type(self, i: int) -> bool:
        """Tell whether what stands before ``*`` may be a type."""
        before = self.source.at(i)
        if before.kind != NAME:
            return before.text in {"*", "&"}
        if before.text in TYPES or before.text in QUALIFIERS:
            return True
        return self.source.mark(i - 1) in {";", "{", "}", "(", ","} or self.source.word(i - 1) in _BEFORE_TAG | {
            "const"
        }

    def _enumerator(self, at: int) -> _Declared | None:
        origin, plus = self._origins[at]
        brace = self.source.around(at)
        start, end = self.source.scope(brace)
        if self.source.at(at).gate:
            return None
        expression: Tokens = ()
        if origin != brace:
            stop = self.source.end_of_item(origin + 2)
            expression = self.source.tokens[origin + 2 : stop]
            if not expression:
                return None
        return _Declared(max(start, at), end, expression, plus, 0xFFFFFFFF)

    def _variable(self, at: int) -> _Declared | None:
        """Take ``static const uint32_t name = value;`` and ``constexpr auto name{value};``."""
        source = self.source
        words = []
        i = at - 1
        while source.word(i) or (source.mark(i) == "::" and source.word(i - 1) == "std"):
            words.append(source.word(i))
            i -= 1
        is_const = {"const", "constexpr"} & set(words) and not {"volatile", "extern", "typedef"} & set(words)
        if not is_const or any(token.gate for token in source.tokens[i + 1 : at + 1]):
            return None
        plain = [word for word in reversed(words) if word not in {*QUALIFIERS, *STORAGE, "std", ""}]
        width = self.declared.width(plain)
        if plain == ["enum", ACTION_ENUM] or (not plain and "auto" in words):
            width = 32
        first, stop = at + 2, source.end_of_item(at + 1)
        after = source.mark(stop)
        if source.mark(at + 1) == "{":
            stop = source.closing.get(at + 1, stop)
            after = source.mark(stop + 1)
        elif source.mark(at + 1) != "=":
            return None
        if width is None or after not in {",", ";"} or stop <= first:
            return None
        block = source.block(at)
        if block and not {"static", "constexpr"} & set(words) and not self._is_left_alone(at, block):
            return None
        start, end = source.scope(at)
        return _Declared(start, end, source.tokens[first:stop], 0, (1 << width) - 1)

    def _is_left_alone(self, at: int, block: tuple[int, int]) -> bool:
        """Tell whether nothing changes a constant on the stack, and no jump goes past it."""
        name = self.source.word(at)
        uses = self.source.uses(name, *block)
        return (
            len(uses) <= MOST_USES
            and not self.source.may_be_jumped_past(at)
            and all(i == at or self.contexts.is_read(i, i + 1, frozenset()) for i in uses)
        )

    def _find_enumerators(self) -> None:
        source = self.source
        for at in source.uses("enum"):
            brace = at + 1
            while source.word(brace) or source.mark(brace) == ":":
                brace += 1
            end = source.closing.get(brace)
            if source.mark(brace) != "{" or end is None:
                continue
            i, origin, plus = brace + 1, brace, 0
            while i < end:
                name = source.word(i)
                if source.mark(i + 1) == "=":
                    origin, plus = i, 0
                if name:
                    self._origins[i] = (origin, plus)
                plus += 1
                i = source.end_of_item(i + 1) + 1
