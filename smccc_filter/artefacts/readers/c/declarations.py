"""The types and functions of a C source, as far as an entry can hide in them.

``struct kvm_smccc_filter`` is Linux's; our own header, and some VMMs, declare a struct of the same fields.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.functions import LONGEST_DECLARATION, FunctionBody, SourceFunction
from smccc_filter.artefacts.readers.source.linux import STRUCT, STRUCT_FIELDS, VALUE_FIELDS
from smccc_filter.artefacts.readers.source.tokens import NAME, Token, Tokens, bracket_pairs, is_punctuation, pieces

REGISTER_FIELDS = ("id", "value")
"""Of the struct in which our own header has the registers."""
_TRANSPARENT = {"extern", "namespace", "class"}
"""What may stand before a brace around functions."""
_NO_FUNCTION = {"__attribute__", "__declspec", "alignas", "if", "for", "while", "switch", "return", "sizeof"}


class CDeclarations(NamedTuple):
    """What the source declares; indices are into its tokens.

    ``filters`` and ``registers`` have the names of types with their fields in order. ``closing`` has for each bracket
    what closes it, and ``members`` is nonzero at each token inside the declaration of a struct.
    """

    filters: dict[str, tuple[str, ...]]
    registers: dict[str, tuple[str, ...]]
    closing: dict[int, int]
    members: bytearray
    bodies: list[FunctionBody]


def declarations_of(tokens: list[Token]) -> CDeclarations:
    """Find the types and the functions of a source."""
    closing = bracket_pairs(tokens)
    declared = CDeclarations(
        {STRUCT: STRUCT_FIELDS}, {}, closing, bytearray(len(tokens)), list(_bodies(tokens, closing))
    )
    _types(tokens, declared)
    return declared


def _types(tokens: list[Token], declared: CDeclarations) -> None:
    covered = 0
    for i, token in enumerate(tokens):
        if token.kind != NAME or token.text not in {"struct", "class"}:
            continue
        at = i + 1
        names = [tokens[at].text] if at < len(tokens) and tokens[at].kind == NAME else []
        at += len(names)
        is_typedef = i > 0 and tokens[i - 1].text == "typedef"
        end = declared.closing.get(at) if at < len(tokens) and is_punctuation(tokens[at], "{") else None
        if end is not None:
            if end > covered:
                declared.members[at:end] = b"\1" * (end - at)
                covered = end
            if is_typedef:
                names += [after.text for after in tokens[end + 1 : end + 2] if after.kind == NAME]
            if end - at < LONGEST_DECLARATION:
                _declare(declared, names, _members(tokens[at + 1 : end]))
        elif names and is_typedef and at < len(tokens) and tokens[at].kind == NAME:
            for known in (declared.filters, declared.registers):
                if names[0] in known:
                    known[tokens[at].text] = known[names[0]]


def _declare(declared: CDeclarations, names: list[str], members: tuple[str, ...]) -> None:
    if set(VALUE_FIELDS) <= set(members) and len(members) <= len(STRUCT_FIELDS):
        declared.filters.update(dict.fromkeys(names, members))
    elif members == REGISTER_FIELDS:
        declared.registers.update(dict.fromkeys(names, members))


def _members(tokens: list[Token]) -> tuple[str, ...]:
    """Return the names of a struct's members: of each declaration what stands last before its brackets."""
    names = []
    for declaration in pieces(tokens, ";"):
        bracket = next((i for i, token in enumerate(declaration) if is_punctuation(token, "[")), len(declaration))
        if bracket and declaration[bracket - 1].kind == NAME:
            names.append(declaration[bracket - 1].text)
    return tuple(names)


def _bodies(tokens: list[Token], closing: dict[int, int]) -> Iterator[FunctionBody]:
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


def _function(tokens: list[Token], begin: int, brace: int, closing: dict[int, int]) -> SourceFunction | None:
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
