"""The macros of a C source, expanded where they are used.

Each use gets the definition that holds at its place, as often as it takes. What can't be followed (a macro that quotes
or pastes, one that may be undefined, one that doubles without end) stays as a token that says so.
"""

from bisect import bisect_right
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    OPAQUE,
    OpenCondition,
    Token,
    Tokens,
    is_punctuation,
    matching,
    pieces,
)

MOST_TOKENS = 1 << 18
"""That all macros of a file together may expand to."""
DEEPEST = 24
"""Macros inside macros, and in their arguments."""


class Macro(NamedTuple):
    """One ``#define``; ``parameters`` is ``None`` for a macro without brackets."""

    parameters: tuple[str, ...] | None
    body: Tokens
    kind: str
    """``NAME`` where it can be expanded, else ``UNSURE`` or ``OPAQUE``."""
    gate: OpenCondition | None


Definitions = dict[str, list[tuple[int, Macro | None]]]
"""Each name's definitions, with the index of the first token for which one holds; ``None`` where it is undefined."""


class MacroExpander:
    """Replaces macros by what they stand for, arguments put in, as often as it takes."""

    def __init__(self, tokens: Tokens, macros: Definitions) -> None:
        self.tokens = tokens
        self.macros = macros
        self.left = MOST_TOKENS

    def expanded(self) -> Tokens:
        """Return the tokens without the macros that could be expanded."""
        if not self.macros:
            return self.tokens
        result: list[Token] = []
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind != NAME or token.text not in self.macros:
                result.append(token)
                at += 1
                continue
            end = self._end(self.tokens, at, at)
            result += self._expand(self.tokens[at:end], at, frozenset(), 0)
            at = end
        return result

    def _macro(self, name: str, at: int) -> Macro | None:
        """Return the definition that holds for the token at ``at`` of the file."""
        definitions = self.macros.get(name, [])
        i = bisect_right(definitions, at, key=lambda definition: definition[0])
        return definitions[i - 1][1] if i else None

    def _end(self, tokens: Tokens, i: int, at: int) -> int:
        """Return where the use of a macro that begins at ``i`` ends: after its name, or after its arguments."""
        macro = self._macro(tokens[i].text, at)
        if macro and macro.parameters is not None and i + 1 < len(tokens) and is_punctuation(tokens[i + 1], "("):
            return min(matching(tokens, i + 1) + 1, len(tokens))
        return i + 1

    def _expand(self, tokens: Tokens, at: int, hidden: frozenset[str], depth: int) -> list[Token]:
        """Expand what is used at ``at`` of the file; ``hidden`` are the macros that this is part of."""
        result: list[Token] = []
        i = 0
        while i < len(tokens):
            token = tokens[i]
            macro = self._macro(token.text, at) if token.kind == NAME and token.text not in hidden else None
            if macro is None or (macro.parameters is not None and self._end(tokens, i, at) == i + 1):
                result.append(token)
                i += 1
                continue
            end = self._end(tokens, i, at)
            if macro.kind != NAME or depth > DEEPEST or self.left <= 0:
                kind = macro.kind if macro.kind != NAME else OPAQUE
                result.append(token._replace(kind=kind, gate=token.gate or macro.gate))
                result += tokens[i + 1 : end]
            else:
                result += self._replaced(tokens[i:end], macro, at, hidden, depth + 1)
            i = end
        return result

    def _replaced(self, use: Tokens, macro: Macro, at: int, hidden: frozenset[str], depth: int) -> list[Token]:
        name = use[0]
        arguments: dict[str, list[Token]] = {}
        if macro.parameters is not None:
            given = pieces(use[2:-1])
            if len(given) != len(macro.parameters):
                return [name._replace(kind=OPAQUE), *use[1:]]
            for parameter, argument in zip(macro.parameters, given, strict=True):
                arguments[parameter] = self._expand(argument, at, hidden, depth)
        body: list[Token] = []
        for token in macro.body:
            if token.kind == NAME and token.text in arguments:
                body += arguments[token.text]
            else:
                body.append(token._replace(start=name.start, end=use[-1].end, gate=name.gate))
            if len(body) > self.left:
                self.left = 0
                return [name._replace(kind=OPAQUE), *use[1:]]
        self.left -= len(body)
        return self._expand(body, at, hidden | {name.text}, depth)
