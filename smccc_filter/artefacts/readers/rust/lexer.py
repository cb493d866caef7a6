"""Rust into tokens: nested comments, raw strings, lifetimes, numbers with digits apart and suffixes.

A number becomes a hexadecimal one, as C would write it, so that one evaluator serves both languages. Any bytes give
tokens, and what rustc would not take is told.
"""

import re

from smccc_filter.artefacts.readers.source.tokens import NUMBER, LexedSource, Token

_TOKEN = re.compile(
    r"""
    (?P<space>     \s+ | //[^\n]* )
  | (?P<open>      /\* )
  | (?P<string>    (?:b|c|br|cr|r)?"(?<=r")(?:[^"]*"|.*)
                 | (?:br|cr|r)(?P<mark>\#+)"(?:.*?"(?P=mark)|.*)
                 | [bc]?"(?:[^"\\]|\\.)*"?
                 | b?'(?:\\.[^'\n]{0,10}|[^'\\\n])' )
  | (?P<lifetime>  '\w+ )
  | (?P<number>    \d\w*(?:\.\d\w*)? )
  | (?P<name>      (?:r\#)?[^\W\d]\w* )
  | (?P<punctuation> \.\.= | \.\.\. | <<= | >>= | :: | -> | => | \.\. | << | >> | && | \|\| | [-+*/%&|^<>=!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_INTEGER = re.compile(r"(?:0x([0-9a-fA-F_]+)|0b([01_]+)|0o([0-7_]+)|([0-9][0-9_]*))(?:[ui](?:8|16|32|64|128|size))?")
_BASES = (16, 2, 8, 10)
_LONGEST = 64
"""Digits of a number; one that is longer stays as it is, and fits nothing."""


def lex(text: str) -> LexedSource:
    """Cut a whole file into tokens."""
    tokens: list[Token] = []
    at = 0
    while match := _TOKEN.match(text, at):
        kind, at = match.lastgroup, match.end()
        if kind == "open":
            end = _comment_end(text, match.start())
            if end is None:
                return LexedSource(tuple(tokens), match.start())
            at = end
        elif kind is not None and kind != "space":
            word = match.group()
            integer = _integer(word) if kind == NUMBER else word
            tokens.append(Token(kind if integer else "malformed", integer or word, match.start(), at))
    return LexedSource(tuple(tokens), None)


def _comment_end(text: str, start: int) -> int | None:
    depth = 0
    for match in _COMMENT.finditer(text, start):
        depth += 1 if match.group() == "/*" else -1
        if not depth:
            return match.end()
    return None


def _integer(word: str) -> str | None:
    """Return an integer as C writes it; ``None`` for a word that is none in Rust, whatever C makes of it."""
    match = _INTEGER.fullmatch(word)
    if match is None:
        return None
    digits, base = next((group, base) for group, base in zip(match.groups(), _BASES, strict=True) if group)
    digits = digits.replace("_", "")
    return f"0x{int(digits, base):X}" if 0 < len(digits) <= _LONGEST else None
