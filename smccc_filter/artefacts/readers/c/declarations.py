"""The types and functions that a C source declares, as far as an entry can hide in them.

``struct kvm_smccc_filter`` is Linux's; our own header, and some VMMs, declare a struct of the same fields.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.functions import LONGEST_DECLARATION, FunctionBody, SourceFunction
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import NAME, Tokens, bracket_pairs, is_punctuation, pieces

REGISTER_FIELDS = ("id", "value")
"""Of the struct in which our own header has the registers."""
_TRANSPARENT = {"extern", "namespace", "class"}
"""What may stand before a brace around functions."""
_NO_FUNCTION = {"__attribute__", "__declspec", "alignas", "if", "for", "while", "switch", "return", "sizeof"}


class CDeclarations(NamedTuple):
    """The declarations of a source; indices are into its tokens.

    ``filters`` and ``registers`` map the names of types to their fields in order. ``closing`` maps each opening bracket
    to the one that closes it, and ``members`` is nonzero at each token inside the declaration of a struct.
    """

    filters: Mapping[str, tuple[str, ...]]
    registers: Mapping[str, tuple[str, ...]]
    closing: Mapping[int, int]
    members: bytes
    bodies: tuple[FunctionBody, ...]


def declarations_of(tokens: Tokens) -> CDeclarations:
    """Find the types and the functions of a source."""
    closing = bracket_pairs(tokens)
    types = _TypeCollector(tokens, closing)
    types.collect()
    bodies = tuple(_bodies(tokens, closing))
    return CDeclarations(types.filters, types.registers, closing, bytes(types.members), bodies)


class _TypeCollector:
    """Collects the types in the order of the source, because an alias is one of a type that stands before it."""

    def __init__(self, tokens: Tokens, closing: Mapping[int, int]) -> None:
        self.tokens = tokens
        self.closing = closing
        self.filters: dict[str, tuple[str, ...]] = {STRUCT: STRUCT_FIELDS}
        self.registers: dict[str, tuple[str, ...]] = {}
        self.members = bytearray(len(tokens))
        self._covered = 0

    def collect(self) -> None:
        for i, token in enumerate(self.tokens):
            if token.kind == NAME and token.text in {"struct", "class"}:
                self._collect(i + 1, is_typedef=i > 0 and self.tokens[i - 1].text == "typedef")

    def _collect(self, at: int, *, is_typedef: bool) -> None:
        """Take what stands behind ``struct``: a declaration, or a name of one before."""
        names = self._names(at)
        at += len(names)
        is_brace = at < len(self.tokens) and is_punctuation(self.tokens[at], "{")
        end = self.closing.get(at) if is_brace else None
        if end is not None:
            if end > self._covered:
                self.members[at:end] = b"\1" * (end - at)
                self._covered = end
            if end - at < LONGEST_DECLARATION:
                aliases = self._names(end + 1) if is_typedef else []
                self._declare([*names, *aliases], _members(self.tokens[at + 1 : end]))
        elif names and is_typedef:
            for alias in self._names(at):
                for known in (self.filters, self.registers):
                    if names[0] in known:
                        known[alias] = known[names[0]]

    def _names(self, at: int) -> list[str]:
        """Return the name that stands somewhere, if any does."""
        return [token.text for token in self.tokens[at : at + 1] if token.kind == NAME]

    def _declare(self, names: list[str], members: tuple[str, ...]) -> None:
        if set(VALUE_FIELDS) <= set(members) and len(members) <= len(STRUCT_FIELDS):
            self.filters.update(dict.fromkeys(names, members))
        elif members == REGISTER_FIELDS:
            self.registers.update(dict.fromkeys(names, members))


def _members(tokens: Tokens) -> tuple[str, ...]:
    """Return the names of a struct's members: of each declaration what stands last before its brackets."""
    names = []
    for declaration in pieces(tokens, ";"):
        bracket = next((i for i, token in enumerate(declaration) if is_punctuation(token, "[")), len(declaration))
        if bracket and declaration[bracket - 1].kind == NAME:
            names.append(declaration[bracket - 1].text)
    return tuple(names)


def _bodies(tokens: Tokens, closing: Mapping[int, int]) -> Iterator[FunctionBody]:
    """Find the function definitions, also within ``extern "C"``, a namespace or a class."""
    at = begin = 0
    while at < len(tokens):
        token = tokens[at]
        if is_punctuation(token, ";") or is_punctuation(token, "}"):
            begin = at + 1
        elif is_punctuation(token, "{"):
            words = {word.text for word in tokens[begin:at]}
            if words & _TRANSPARENT and "(" not in words:
                begin = at + 1
            else:
                end = closing.get(at, len(tokens))
                function = _function(tokens, begin, at, closing)
                if function:
                    yield FunctionBody(function, at, end)
                at = end
                begin = end + 1
        at += 1


def _function(tokens: Tokens, begin: int, brace: int, closing: Mapping[int, int]) -> SourceFunction | None:
    """Return the function that the tokens between ``begin`` and its brace declare."""
    at = begin
    while at < brace:
        if is_punctuation(tokens[at], "="):
            return None
        if is_punctuation(tokens[at], "("):
            end = closing.get(at, brace)
            before = tokens[at - 1]
            if at > begin and before.kind == NAME and before.text not in _NO_FUNCTION:
                names = [_parameter(piece) for piece in pieces(tokens[at + 1 : end])]
                return SourceFunction(before.text, () if names == ["void"] else tuple(names))
            at = end
        at += 1
    return None


def _parameter(declaration: Tokens) -> str:
    """Return the name of a parameter: the last word before its brackets."""
    bracket = next((i for i, token in enumerate(declaration) if is_punctuation(token, "[")), len(declaration))
    return next((token.text for token in reversed(declaration[:bracket]) if token.kind == NAME), "...")
