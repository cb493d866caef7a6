"""The function definitions of a C source, with their parameters and the types to which arguments are converted."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.functions import FunctionBody, SourceFunction
from smccc_filter.artefacts.readers.source.tokens import NAME, Tokens, is_punctuation, pieces

Width = Callable[[Sequence[str]], int | None]
"""Gives the bits of an integer type by its words, ``None`` for any other type."""
_NO_FUNCTION = {"__attribute__", "__declspec", "alignas", "if", "for", "while", "switch", "return", "sizeof"}


class CFunction(NamedTuple):
    """A function definition: indices of its name, of the bracket before its parameters, and of its braces."""

    body: FunctionBody
    name: int
    head: int


def functions_of(structure: CStructure, width: Width) -> Iterator[CFunction]:
    """Find the function definitions, also within ``extern "C"``, a namespace or a class."""
    before = 0
    for start, end in structure.blocks:
        begin = start
        while begin > before and structure.mark(begin - 1) not in {";", "}", "{"}:
            begin -= 1
        found = _function(structure, width, begin, start)
        if found:
            function, name, head = found
            yield CFunction(FunctionBody(function, start, end), name, head)
        before = end


def _function(structure: CStructure, width: Width, begin: int, brace: int) -> tuple[SourceFunction, int, int] | None:
    """Return the function that the tokens between ``begin`` and its brace declare, and where its head is."""
    at = begin
    while at < brace:
        if structure.mark(at) == "=":
            return None
        if structure.mark(at) == "(":
            end = structure.closing.get(at, brace)
            before = structure.word(at - 1)
            if at > begin and before and before not in _NO_FUNCTION:
                parts = pieces(structure.tokens[at + 1 : end])
                names = tuple(parameter(piece) for piece in parts)
                if names == ("void",):
                    return SourceFunction(before, ()), at - 1, at
                return SourceFunction(before, names, tuple(_type(piece, width) for piece in parts)), at - 1, at
            at = end
        at += 1
    return None


def parameter(declaration: Tokens) -> str:
    """Return the name of a parameter: the last word before its brackets."""
    bracket = next((i for i, token in enumerate(declaration) if is_punctuation(token, "[")), len(declaration))
    return next((token.text for token in reversed(declaration[:bracket]) if token.kind == NAME), "...")


def _type(declaration: Tokens, width: Width) -> str:
    """Return the type to which an argument is converted: a known one for an integer, else its words."""
    words = [token.text for token in declaration if token.kind == NAME][:-1]
    if not words or len(words) + 1 != len(declaration):
        return "pointer"
    bits = width(words)
    return f"u{bits}" if bits else " ".join(words)
