"""The items of a Rust source that entries are made of: structs, constants and functions, and the type of each."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.source.functions import LONGEST_DECLARATION, FunctionBody, SourceFunction
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import (
    CLOSING,
    NAME,
    Token,
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
    """What the source declares; indices are into ``tokens``, in which ``Self`` is the name of its type.

    ``filters`` has the names of types that are an entry, ``macros`` the braces of each ``macro_rules!``.
    """

    tokens: list[Token]
    closing: dict[int, int]
    filters: set[str]
    constants: list[RustConstant]
    bodies: list[FunctionBody]
    macros: list[tuple[int, int]]


def items_of(tokens: list[Token]) -> RustItems:
    """Find the items of a source, also in modules and functions."""
    closing = bracket_pairs(tokens)
    owners = _owners(tokens, closing)
    items = RustItems(_with_self(tokens, owners), closing, {STRUCT}, [], [], [])
    for at, token in enumerate(items.tokens):
        if token.kind != NAME or at + 2 >= len(tokens):
            continue
        match token.text:
            case "struct":
                _struct(items, at + 1)
            case "as" | "type":
                _alias(items, at)
            case "const" | "static":
                _constant(items, at + 1, owners[at])
            case "fn":
                _function(items, at + 1, owners[at])
            case "macro_rules":
                brace = at + 3
                if brace in closing:
                    items.macros.append((brace, closing[brace]))
    return items


def _owners(tokens: list[Token], closing: dict[int, int]) -> list[str | None]:
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


def _impl(tokens: list[Token], at: int) -> tuple[int, str]:
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


def _with_self(tokens: list[Token], owners: list[str | None]) -> list[Token]:
    """Put the type's name in place of ``Self``."""
    return [
        token._replace(text=owner) if owner and token.kind == NAME and token.text == "Self" else token
        for token, owner in zip(tokens, owners, strict=True)
    ]


def _struct(items: RustItems, at: int) -> None:
    """Note a struct that has the fields of an entry."""
    brace = at + 1
    end = items.closing.get(brace)
    if end is None or not is_punctuation(items.tokens[brace], "{") or end - brace > LONGEST_DECLARATION:
        return
    names = set()
    for piece in pieces(items.tokens[brace + 1 : end]):
        colon = next((i for i, token in enumerate(piece) if is_punctuation(token, ":")), 0)
        if colon:
            names.add(piece[colon - 1].text)
    if set(VALUE_FIELDS) <= names and len(names) <= len(STRUCT_FIELDS):
        items.filters.add(items.tokens[at].text)


def _alias(items: RustItems, at: int) -> None:
    """Note another name: ``use kvm_bindings::kvm_smccc_filter as Range``, ``type Range = kvm_smccc_filter``."""
    tokens = items.tokens
    if tokens[at].text == "as":
        if at and tokens[at - 1].text in items.filters and tokens[at + 1].kind == NAME:
            items.filters.add(tokens[at + 1].text)
        return
    end = next((i for i in range(at, min(at + LONGEST_DECLARATION, len(tokens))) if is_punctuation(tokens[i], ";")), at)
    if is_punctuation(tokens[at + 2], "=") and tokens[end - 1].text in items.filters:
        items.filters.add(tokens[at + 1].text)


def _constant(items: RustItems, at: int, owner: str | None) -> None:
    """Note ``NAME: TYPE = ...;`` that stands behind ``const`` or ``static``."""
    tokens = items.tokens
    if tokens[at].kind == NAME and tokens[at].text == "mut":
        at += 1
    if tokens[at].kind != NAME or not is_punctuation(tokens[at + 1], ":"):
        return
    begin, end = None, at + 2
    while end < len(tokens) and not is_punctuation(tokens[end], ";"):
        if begin is None and is_punctuation(tokens[end], "="):
            begin = end + 1
        text = tokens[end].text
        if text in CLOSING.values() or (text in CLOSING and end not in items.closing):
            return
        end = items.closing.get(end, end) + 1
    if begin is not None:
        name = tokens[at].text
        items.constants.append(RustConstant(f"{owner}::{name}" if owner else name, begin, end))


def _function(items: RustItems, at: int, owner: str | None) -> None:
    """Note a function with a body."""
    tokens, closing = items.tokens, items.closing
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
        items.bodies.append(FunctionBody(SourceFunction(key, tuple(names[method:])), brace, closing[brace]))


def _parameter(piece: Tokens) -> str:
    """Return the name that a parameter binds, ``self`` for a method's own."""
    colon = next((i for i, token in enumerate(piece) if is_punctuation(token, ":")), len(piece))
    return next((token.text for token in reversed(piece[:colon]) if token.kind == NAME), "_")
