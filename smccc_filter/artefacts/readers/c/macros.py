"""The macros of a C source, expanded where they are used, as the standard has it.

Each use gets the definition that holds at its place. A token remembers the macros that it came from and never becomes
one of them again (Dave Prosser's algorithm, which the standard describes in prose). What can't be followed (a macro
that may be undefined, one that doubles without end) stays as a token that says so.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.substitution import NO_MACROS, Hidden, Item, arguments_of, substituted
from smccc_filter.artefacts.readers.source.tokens import (
    NAME,
    OPAQUE,
    UNSURE,
    OpenCondition,
    Token,
    Tokens,
    is_punctuation,
)

MOST_TOKENS = 1 << 16
"""That all macros of a file together may expand to."""
DEEPEST = 12
"""Macros in arguments of macros."""
LONGEST = 32
"""Macros that stand for one another."""


class Macro(NamedTuple):
    """One ``#define``.

    ``parameters`` is ``None`` for a macro without brackets, and ends with ``__VA_ARGS__`` for ``...``. ``kind`` is
    ``NAME`` where the macro can be expanded, else ``UNSURE`` or ``OPAQUE``.
    """

    parameters: tuple[str, ...] | None
    body: Tokens
    kind: str
    gate: OpenCondition | None


Definitions = dict[str, list[tuple[int, Macro | None]]]
"""Each name's definitions, with the index of the first token for which one holds; ``None`` where it is undefined."""


def unsure_bodies(tokens: Tokens, macros: Definitions) -> Iterator[Tokens]:
    """Yield all that the macros may stand for which are not expanded, and the macros in them."""
    waiting = list(dict.fromkeys(token.text for token in tokens if token.kind in {UNSURE, OPAQUE}))
    seen = set(waiting)
    while waiting:
        for _, macro in macros.get(waiting.pop(), []):
            if macro is not None:
                yield macro.body
                inner = {token.text for token in macro.body if token.text in macros} - seen
                waiting += inner
                seen |= inner


class MacroExpander:
    """Replaces macros by what they stand for, arguments put in, as often as it takes.

    ``left`` is how many tokens all macros together may still expand to.
    """

    def __init__(self, tokens: Tokens, macros: Definitions, left: int = MOST_TOKENS) -> None:
        self.tokens = tokens
        self.macros = macros
        self.left = left
        self._changes = sorted(at for definitions in macros.values() for at, _ in definitions)

    def expanded(self) -> Tokens:
        """Return the tokens without the macros that could be expanded."""
        if not self.macros:
            return self.tokens
        result: list[Token] = []
        stream = _Stream(self.tokens)
        while stream.at < len(self.tokens):
            at = stream.at
            token = self.tokens[at]
            if token.kind != NAME or token.text not in self.macros:
                result.append(token)
                stream.at += 1
                continue
            result += [expanded for expanded, _ in self._expand(stream, at, 0)]
        return result

    def _macro(self, name: str, at: int) -> Macro | None:
        """Return the definition that holds for the token at ``at`` of the file."""
        definitions = self.macros.get(name)
        if definitions is None:
            return None
        i = bisect_right(definitions, at, key=lambda definition: definition[0])
        return definitions[i - 1][1] if i else None

    def _expand(self, stream: "_Stream", at: int, depth: int) -> list[Item]:
        """Expand the next token, which is used at ``at`` of the file, until nothing of it is left to expand."""
        result: list[Item] = []
        item = stream.take()
        while item is not None:
            token, hidden = item
            macro = self._macro(token.text, at) if token.kind == NAME and token.text not in hidden else None
            if macro is None or (macro.parameters is not None and not stream.is_call()):
                result.append(item)
            elif macro.kind != NAME or depth > DEEPEST or len(hidden) > LONGEST or self.left <= 0:
                result.append(_unknown(item, macro))
            else:
                self._replace(result, stream, item, macro, at=at, depth=depth)
            item = stream.take() if stream.pending else None
        return result

    def _replace(  # noqa: PLR0913 -- one use of one macro
        self, result: list[Item], stream: "_Stream", use: Item, macro: Macro, *, at: int, depth: int
    ) -> None:
        """Put what a macro stands for at the front of the stream."""
        token, hidden = use
        last = token
        given: dict[str, list[Item]] | None = {}
        taken: list[Item] = []
        if macro.parameters is not None:
            call = stream.take_call()
            if call is None:
                self.left = 0
                result.append(_unknown(use, macro))
                return
            taken = call
            if not taken:
                result.append(use)
                return
            self.left -= len(taken) if depth else 0  # what is in the arguments is gone through once a depth
            last = taken[-1][0]
            hidden &= taken[-1][1]
            given = arguments_of(macro.parameters, taken)
        is_one = depth > 0 or bisect_right(self._changes, at) == bisect_right(self._changes, stream.at - 1)
        body = None
        if given is not None and is_one:
            body = substituted(macro.body, given, lambda items: self._argument(items, at, depth), self.left)
        if body is None or len(body) > self.left:  # what is in the arguments took its part
            self.left -= len(taken) + len(macro.body)  # who writes such uses into one another gets no farther
            result.append(_unknown(use, macro))
            stream.put(taken)
            return
        self.left -= len(body) + 1
        hidden |= {token.text}
        stream.put([_placed(item, token, last, hidden) for item in body])

    def _argument(self, items: list[Item], at: int, depth: int) -> list[Item]:
        """Expand an argument for itself."""
        if not any(token.kind == NAME and token.text in self.macros for token, _ in items):
            return items
        stream = _Stream(())
        stream.put(items)
        return self._expand(stream, at, depth + 1)


class _Stream:
    """Tokens yet to expand: ``pending`` of macros, the next one last, and then those of the file from ``at`` on."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.at = 0
        self.pending: list[Item] = []
        self._is_open = False
        """Whether a bracket was met that nothing closes; then nothing closes one before it either."""

    def put(self, items: Sequence[Item]) -> None:
        self.pending += reversed(items)

    def take(self) -> Item | None:
        if self.pending:
            return self.pending.pop()
        if self.at >= len(self.tokens):
            return None
        self.at += 1
        return self.tokens[self.at - 1], NO_MACROS

    def is_call(self) -> bool:
        """Tell whether arguments follow."""
        if self.pending:
            return is_punctuation(self.pending[-1][0], "(")
        return self.at < len(self.tokens) and is_punctuation(self.tokens[self.at], "(")

    def take_call(self) -> list[Item] | None:
        """Take brackets and all between them; nothing where they are not closed, ``None`` where that is too much."""
        taken: list[Item] = []
        depth = 0
        while not self._is_open and (item := self.take()) is not None:
            taken.append(item)
            if len(taken) > MOST_TOKENS:
                self.put(taken)
                return None
            if is_punctuation(item[0], "("):
                depth += 1
            elif is_punctuation(item[0], ")"):
                depth -= 1
                if not depth:
                    return taken
        self._is_open = True
        self.put(taken)
        return []


def _unknown(use: Item, macro: Macro) -> Item:
    token, hidden = use
    kind = macro.kind if macro.kind != NAME else OPAQUE
    return token._replace(kind=kind, gate=token.gate or macro.gate), hidden


def _placed(item: Item, use: Token, last: Token, hidden: Hidden) -> Item:
    """Give a token of a macro's body the place of the macro's use."""
    token, before = item
    if token.start < 0:
        token = token._replace(start=use.start, end=max(last.end, use.end), gate=use.gate)
    return token, before | hidden if before else hidden
