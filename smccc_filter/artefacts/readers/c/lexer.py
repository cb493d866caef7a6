"""C and C++ into tokens: comments, strings, numbers and lines that go on after a backslash, as a compiler takes them.

Any bytes give tokens. What no compiler would take (a comment without an end), and what compilers take in different ways
(a trigraph, a carriage return alone), is told, so that nobody takes the tokens for all that the file can mean.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS, PUNCTUATION, Token, Tokens

NEWLINE = "newline"
"""Ends a preprocessor line; no other line matters in C."""

_SPLICE = re.compile(r"\\[ \t\f\v]*(?:\r\n|\n)")
_TOKEN = re.compile(
    r"""
    (?P<space>     [ \t\f\v\r]+ | //[^\n]* | /\*.*?\*/ )
  | (?P<newline>   \n )
  | (?P<open>      /\* )
  | (?P<string>    (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s"]{0,16})\((?:.*?\)(?P=mark)"|.*))
                 | (?:u8|[uUL])?"(?:[^"\\\n\r]|\\[^\n\r])*"?
                 | (?:u8|[uUL])?'(?:[^'\\\n\r]|\\[^\n\r])*'? )
  | (?P<number>    \.?\d(?:[eEpP][+-]|'?\w|\.)* )
  | (?P<name>      [^\W\d]\w* )
  | (?P<trigraph>  \?\?[=/'()!<>-] )
  | (?P<digraph>   %:%: | %: | <:(?!:[^:>]) | :> | <% | %> )
  | (?P<punctuation> <<= | >>= | \.\.\. | -> | << | >> | \#\# | :: | && | \|\| | \+\+ | -- | [-+*/%&|^<>=!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ODD = frozenset({"open", "trigraph", "digraph", "string"})
_DIGRAPHS = {"%:%:": "##", "%:": "#", "<:": "[", ":>": "]", "<%": "{", "%>": "}"}
_DOUBTS = re.compile(
    r"""
    (?P<cr>      \r(?!\n) )
  | (?P<nul>     \0 )
  | (?P<splice>  \?\?/ )
  | (?P<header>  include(?:_next)? [ \t]* <[^>\n"]* /[/*] )
    """,
    re.VERBOSE,
)
_WHY = {
    "cr": "a carriage return without a line feed ends a line for some compilers only",
    "nul": "a NUL byte is read in different ways by compilers",
    "splice": "`??/` is a backslash for some compilers only",
    "header": "the name of a header looks like a comment",
}


class LexedC(NamedTuple):
    """The tokens of a file.

    ``unfinished`` is the offset of a comment that has no end, or of the first token too many, ``None`` where there is
    neither. ``doubts`` has what compilers read in different ways: start, end, and why.
    """

    tokens: Tokens
    unfinished: int | None
    doubts: tuple[tuple[int, int, str], ...]


def lex(text: str, first: int = 0, most: int = MOST_TOKENS) -> LexedC:
    """Cut a whole file into at most ``most`` tokens and the ends of its lines; ``first`` is the offset of the text.

    Offsets are those of ``text`` as it is, lines joined or not.
    A string without an end goes on to the end of its line, as for gcc: no pattern here may try a line twice.
    """
    cuts = [match.span() for match in _SPLICE.finditer(text)]
    joined = _SPLICE.sub("", text) if cuts else text
    place = _Places(cuts).original if cuts else None
    tokens: list[Token] = []
    doubts = list(_doubts(text, first))
    last = 0
    for match in _TOKEN.finditer(joined):
        kind = match.lastgroup
        if kind == "space" or kind is None:
            continue
        start, end = match.span()
        if place is not None:
            start, end = place(start), place(end - 1) + 1
        start = last if start == last else start  # one number for two tokens
        last = end
        word = match.group()
        if kind in _ODD:
            if kind == "open":
                return LexedC(tokens, first + start, tuple(doubts))
            if kind == "trigraph":
                doubts.append((first + start, first + end, f"`{word}` is another character for some compilers"))
            elif kind == "digraph":
                kind, word = PUNCTUATION, _DIGRAPHS[word]
            elif match["raw"] and re.search(r'[\\\n]|".*"', text[start + 1 : end].partition('"')[2]):
                doubts.append((first + start, first + end, "a raw string is no string for some compilers"))
        if len(tokens) == most:
            return LexedC(tokens, first + start, tuple(doubts))
        tokens.append(Token(kind, word, first + start, first + end))
    return LexedC(tokens, None, tuple(doubts))


def _doubts(text: str, first: int) -> Iterator[tuple[int, int, str]]:
    for match in _DOUBTS.finditer(text):
        yield first + match.start(), first + match.end(), _WHY[match.lastgroup or ""]


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
