"""The items of a Rust source that entries are made of: structs, constants and functions, and the type of each."""

from collections.abc import Mapping
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.functions import LONGEST_DECLARATION, FunctionBody, SourceFunction
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import (
    CLOSING,
    NAME,
    Tokens,
    bracket_pairs,
    is_punctuation,
    pieces,
)


class RustConstant(NamedTuple):
    """One ``const`` or ``static``: indices of its expression; ``key`` begins with its type where it has one."""

    key: str
    start: int
    end: int


class RustItems(NamedTuple):
    """The items that a source declares; indices are into ``tokens``, in which ``Self`` is the name of its type.

    ``closing`` maps each opening bracket to the one that closes it, ``filters`` has the names of types that are an
    entry, and ``macros`` the braces of each ``macro_rules!``.
    """

    tokens: Tokens
    closing: Mapping[int, int]
    filters: frozenset[str]
    constants: tuple[RustConstant, ...]
    bodies: tuple[FunctionBody, ...]
    macros: tuple[tuple[int, int], ...]


def items_of(tokens: Tokens) -> RustItems:
    """Find the items of a source, also in modules and functions."""
    collector = _ItemCollector(tokens)
    collector.collect()
    return RustItems(
        collector.tokens,
        collector.closing,
        frozenset(collector.filters),
        tuple(collector.constants),
        tuple(collector.bodies),
        tuple(collector.macros),
    )


class _ItemCollector:
    """Collects the items in the order of the source, because a type's other name stands behind the type."""

    def __init__(self, tokens: Tokens) -> None:
        self.closing = bracket_pairs(tokens)
        self.owners = _owners(tokens, self.closing)
        self.tokens = _with_self(tokens, self.owners)
        self.filters = {STRUCT}
        self.constants: list[RustConstant] = []
        self.bodies: list[FunctionBody] = []
        self.macros: list[tuple[int, int]] = []

    def collect(self) -> None:
        for at, token in enumerate(self.tokens):
            if token.kind != NAME or at + 2 >= len(self.tokens):
                continue
            match token.text:
                case "struct":
                    self._struct(at + 1)
                case "as" | "type":
                    self._alias(at)
                case "const" | "static":
                    self._constant(at + 1, self.owners[at])
                case "fn":
                    self._function(at + 1, self.owners[at])
                case "macro_rules" if (brace := at + 3) in self.closing:
                    self.macros.append((brace, self.closing[brace]))

    def _struct(self, at: int) -> None:
        """Note a struct that has the fields of an entry."""
        brace = at + 1
        end = self.closing.get(brace)
        if end is None or not is_punctuation(self.tokens[brace], "{") or end - brace > LONGEST_DECLARATION:
            return
        names = set()
        for piece in pieces(self.tokens[brace + 1 : end]):
            colon = next((i for i, token in enumerate(piece) if is_punctuation(token, ":")), 0)
            if colon:
                names.add(piece[colon - 1].text)
        if set(VALUE_FIELDS) <= names and len(names) <= len(STRUCT_FIELDS):
            self.filters.add(self.tokens[at].text)

    def _alias(self, at: int) -> None:
        """Note another name: ``use kvm_bindings::kvm_smccc_filter as Range``, ``type Range = kvm_smccc_filter``."""
        tokens = self.tokens
        if tokens[at].text == "as":
            if at and tokens[at - 1].text in self.filters and tokens[at + 1].kind == NAME:
                self.filters.add(tokens[at + 1].text)
            return
        stop = min(at + LONGEST_DECLARATION, len(tokens))
        end = next((i for i in range(at, stop) if is_punctuation(tokens[i], ";")), at)
        if is_punctuation(tokens[at + 2], "=") and tokens[end - 1].text in self.filters:
            self.filters.add(tokens[at + 1].text)

    def _constant(self, at: int, owner: str | None) -> None:
        """Note ``NAME: TYPE = ...;`` that stands behind ``const`` or ``static``."""
        tokens = self.tokens
        if tokens[at].kind == NAME and tokens[at].text == "mut":
            at += 1
        if tokens[at].kind != NAME or not is_punctuation(tokens[at + 1], ":"):
            return
        begin, end = None, at + 2
        while end < len(tokens) and not is_punctuation(tokens[end], ";"):
            if begin is None and is_punctuation(tokens[end], "="):
                begin = end + 1
            text = tokens[end].text
            if text in CLOSING.values() or (text in CLOSING and end not in self.closing):
                return
            end = self.closing.get(end, end) + 1
        if begin is not None:
            name = tokens[at].text
            self.constants.append(RustConstant(f"{owner}::{name}" if owner else name, begin, end))

    def _function(self, at: int, owner: str | None) -> None:
        """Note a function with a body."""
        tokens, closing = self.tokens, self.closing
        bracket = at + 1
        limit = min(at + LONGEST_DECLARATION, len(tokens))
        while bracket < limit and not is_punctuation(tokens[bracket], "("):
            bracket += 1
        end = closing.get(bracket)
        if bracket >= limit or end is None:
            return
        names = [_parameter(piece) for piece in pieces(tokens[bracket + 1 : end])]
        brace = end + 1
        while brace < len(tokens) and not is_punctuation(tokens[brace], "{") and not is_punctuation(tokens[brace], ";"):
            brace = closing.get(brace, brace) + 1
        if brace in closing and is_punctuation(tokens[brace], "{"):
            method = names[:1] == ["self"]
            name = tokens[at].text
            key = f".{name}" if method else f"{owner}::{name}" if owner else name
            self.bodies.append(FunctionBody(SourceFunction(key, tuple(names[method:])), brace, closing[brace]))


def _owners(tokens: Tokens, closing: Mapping[int, int]) -> list[str | None]:
    """Return for each token the type in whose ``impl`` it stands."""
    result: list[str | None] = []
    around: list[tuple[int, str]] = []
    begins: dict[int, str] = {}
    for at, token in enumerate(tokens):
        while around and at >= around[-1][0]:
            around.pop()
        if at in begins:
            around.append((closing[at], begins[at]))
        elif token.kind == NAME and token.text == "impl":
            brace, name = _impl(tokens, at + 1)
            if name and brace in closing:
                begins[brace] = name
        result.append(around[-1][1] if around else None)
    return result


def _impl(tokens: Tokens, at: int) -> tuple[int, str]:
    """Return the brace and the type of an ``impl``; no type where this is none."""
    name, angles = "", 0
    for i in range(at, min(at + LONGEST_DECLARATION, len(tokens))):
        token = tokens[i]
        if is_punctuation(token, "{"):
            return i, name
        if token.text in {";", ")", "impl"}:
            break
        angles += (token.text == "<") - (token.text == ">") - 2 * (token.text == ">>")
        if token.kind == NAME and not angles:
            name = "" if token.text == "for" else name if token.text == "where" else token.text
    return -1, ""


def _with_self(tokens: Tokens, owners: list[str | None]) -> Tokens:
    """Put the type's name in place of ``Self``."""
    return tuple(
        token._replace(text=owner) if owner and token.kind == NAME and token.text == "Self" else token
        for token, owner in zip(tokens, owners, strict=True)
    )


def _parameter(piece: Tokens) -> str:
    """Return the name that a parameter binds, ``self`` for a method's own."""
    colon = next((i for i, token in enumerate(piece) if is_punctuation(token, ":")), len(piece))
    return next((token.text for token in reversed(piece[:colon]) if token.kind == NAME), "_")
