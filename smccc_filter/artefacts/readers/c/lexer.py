"""C and C++ into tokens: comments, strings, numbers and lines that go on after a backslash, as a compiler takes them.

Any bytes give tokens. What no compiler would take (a comment without an end) is told, so that nobody mistakes the rest
of such a file for all there is.
"""

import re
from bisect import bisect_right

from smccc_filter.artefacts.readers.source.tokens import LexedSource, Token

NEWLINE = "newline"
"""Ends a preprocessor line; no other line matters in C."""

_SPLICE = re.compile(r"\\[ \t]*(?:\r\n|\n|\r)")
_TOKEN = re.compile(
    r"""
    (?P<space>     [ \t\f\v]+ | //[^\n\r]* | /\*.*?\*/ )
  | (?P<newline>   \r\n | \n | \r )
  | (?P<open>      /\* )
  | (?P<string>    (?:u8|[uUL])?R"(?P<mark>[^()\\\s"]{0,16})\((?:.*?\)(?P=mark)"|.*)
                 | (?:u8|[uUL])?"(?:[^"\\\n\r]|\\[^\n\r])*"?
                 | (?:u8|[uUL])?'(?:[^'\\\n\r]|\\[^\n\r])*'? )
  | (?P<number>    \.?\d(?:[eEpP][+-]|'?\w|\.)* )
  | (?P<name>      [^\W\d]\w* )
  | (?P<punctuation> <<= | >>= | \.\.\. | -> | << | >> | \#\# | :: | && | \|\| | \+\+ | -- | [-+*/%&|^<>=!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)


def lex(text: str) -> LexedSource:
    """Cut a whole file into tokens and the ends of its lines; offsets are those of ``text``, lines joined or not.

    A string without an end goes on to the end of its line, as for gcc: no pattern here may try a line twice.
    """
    cuts = [match.span() for match in _SPLICE.finditer(text)]
    joined = _SPLICE.sub("", text) if cuts else text
    place = _Places(cuts).original
    tokens: list[Token] = []
    for match in _TOKEN.finditer(joined):
        kind = match.lastgroup
        if kind == "open":
            return LexedSource(tuple(tokens), place(match.start()))
        if kind is not None and kind != "space":
            tokens.append(Token(kind, match.group(), place(match.start()), place(match.end() - 1) + 1))
    return LexedSource(tuple(tokens), None)


class _Places:
    """Turns offsets in a text whose joined lines are one into offsets of the text as it was."""

    def __init__(self, cuts: list[tuple[int, int]]) -> None:
        self._at: list[int] = []
        self._removed: list[int] = []
        removed = 0
        for start, end in cuts:
            self._at.append(start - removed)
            removed += end - start
            self._removed.append(removed)

    def original(self, offset: int) -> int:
        i = bisect_right(self._at, offset)
        return offset + self._removed[i - 1] if i else offset
