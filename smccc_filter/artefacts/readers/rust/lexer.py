"""Rust into tokens: nested comments, raw strings, lifetimes, raw names, and numbers as they are written.

Any bytes give tokens, and what rustc would not take is told.
"""

import re
import unicodedata

from smccc_filter.artefacts.readers.source.tokens import MOST_TOKENS, NAME, PUNCTUATION, STRING, LexedSource, Token

_TOKEN = re.compile(
    r"""
    (?P<bracket>   [;,(){}\[\]] )
  | (?P<space>     [\t\n\v\f\r \x85\u200e\u200f\u2028\u2029]+ | //[^\n]* )
  | (?P<open>      /\* )
  | (?P<string>    (?:br|cr|r)"(?:[^"]*"|.*)
                 | (?:br|cr|r)(?P<mark>\#+)"(?:.*?"(?P=mark)|.*)
                 | [bc]?"(?:[^"\\]|\\.)*"?
                 | b?'(?:\\u\{[\da-fA-F_]*\}|\\x[\da-fA-F]{2}|\\.|[^'\\\n])' )
  | (?P<lifetime>  '\w+ )
  | (?P<number>    [0-9]\w*(?:\.[0-9]\w*)? )
  | (?P<name>      (?:r\#)?[^\W\d]\w* )
  | (?P<punctuation> \.\.= | \.\.\. | <<= | >>= | :: | -> | => | \.\. | << | >> | && | \|\| | [-+*/%&|^<>=!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_SHEBANG = re.compile(r"#!(?!\s*\[)[^\n]*")
_CLOSED_STRING = re.compile(r"""(?:br|cr|r)(\#*)".*"\1|[bc]?"(?:[^"\\]|\\.)*"|b?'.*'""", re.DOTALL)
RAW = "r#"
KEYWORDS = frozenset(
    {
        *("as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern"),
        *("false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref"),
        *("return", "self", "Self", "static", "struct", "super", "trait", "true", "try", "type", "unsafe", "use"),
        *("where", "while", "yield"),
    }
)
"""Words that name nothing, unless ``r#`` is before them."""


def lex(text: str, first: int = 0, most: int = MOST_TOKENS) -> LexedSource:
    """Cut a whole file into tokens; ``unfinished`` is also where there are more than ``most``.

    ``first`` is the offset of the text.
    """
    tokens: list[Token] = []
    shebang = _SHEBANG.match(text)
    matches = _TOKEN.finditer(text, shebang.end() if shebang else 0)
    while match := next(matches, None):
        kind = match.lastgroup
        if kind == "space" or kind is None:
            continue
        start = match.start()
        if kind == "open":
            end = _comment_end(text, start)
            if end is None:
                return LexedSource(tuple(tokens), first + start)
            matches = _TOKEN.finditer(text, end)
            continue
        word = match.group()
        if kind == "bracket":
            kind = PUNCTUATION
        elif kind == NAME:
            word = _plain(word)
        elif kind == STRING and not _CLOSED_STRING.fullmatch(word):
            return LexedSource(tuple(tokens), first + start)
        if len(tokens) >= most:
            return LexedSource(tuple(tokens), first + start)
        tokens.append(Token(kind, word, first + start, first + match.end()))
    return LexedSource(tuple(tokens), None)


def _comment_end(text: str, start: int) -> int | None:
    depth = 0
    for match in _COMMENT.finditer(text, start):
        depth += 1 if match.group() == "/*" else -1
        if not depth:
            return match.end()
    return None


def _plain(word: str) -> str:
    """Return a name as rustc compares it: ``r#base`` is ``base``, and letters are composed."""
    if word.startswith(RAW) and word[2:] not in KEYWORDS:
        word = word[2:]
    return word if word.isascii() else unicodedata.normalize("NFC", word)
