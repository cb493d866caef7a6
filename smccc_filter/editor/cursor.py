"""Where in a policy a place is, while the text is being written and may be no YAML at all.

A person who types wants help exactly where the text is broken. So this looks at no tree: it goes from the item of a
list that the place is in, or else from the key at top level above it, to the place, and notes indentation, brackets and
keys on the way.
"""

import re
from typing import NamedTuple

from smccc_filter.language.places import Offsets
from smccc_filter.language.policy.language import fields

MAX_LOOK = 1 << 16
"""Characters of one item that are looked at before the place; a longer one is cut."""
_TOP_KEY = re.compile(r"^([A-Za-z_]+)[ \t]*:[ \t]*(?:#[^\r\n]*)?(?:[\r\n]+[ ]*(?:#[^\r\n]*)?)*", re.MULTILINE)
"""A key at top level, and what is blank or a comment behind it."""
_LETTER = re.compile(r"[\w./+-]")
_TOKEN = re.compile(
    r"""(?P<line>\r\n?|\n)(?P<margin>[ ]*)"""
    r"""|(?P<quoted>"(?:[^"\\\r\n]|\\.)*"?|'[^'\r\n]*'?)"""
    r"""|(?P<comment>(?<![^\s])\#[^\r\n]*)"""
    r"""|(?P<open>[\[{])|(?P<close>[\]}])|(?P<comma>,)"""
    r"""|(?P<colon>:(?=[\s,\]}]|$))|(?P<dash>-(?=\s|$))"""
    r"""|(?P<word>(?:[^\s,:\[\]{}"']|:(?![\s,\]}]|$)|(?<=\w)["'])+)"""
    r"""|[ \t]+|."""
)
LISTS = frozenset({"rules", "tests", "allow"})
"""Keys of lists of mappings, whose items begin with a dash."""
QUOTES = ("'", '"')
_BLOCK_TEXT = re.compile(r"[|>][-+1-9]*")


class Cursor(NamedTuple):
    """A place: the keys around it, outermost first, the word that it is in, and what stands before it.

    ``is_key`` says that a key of the innermost mapping may stand there, of which ``present`` are there already, and
    ``is_scalar`` that it is right behind a key and its colon. In ``words`` is what the item that it is in says before
    it, and in ``listed`` what of that stands under the same keys.
    """

    keys: tuple[str, ...]
    word: Offsets
    is_key: bool
    present: frozenset[str]
    words: tuple[str, ...]
    listed: frozenset[str]
    is_scalar: bool
    is_prose: bool = False

    @property
    def key(self) -> str:
        """The innermost key, empty at the top level."""
        return self.keys[-1] if self.keys else ""


class _Level:
    """A mapping or a list that has begun: the bracket, or the column of its keys, and what was read of it."""

    def __init__(self, column: int, bracket: str = "", key: str | None = None) -> None:
        self.column = column
        self.bracket = bracket
        self.key = key
        self.seen: set[str] = set()


def cursor(text: str, offset: int) -> Cursor:
    """Say where an offset is. O(n) in the text before it, of which all but its item is only searched for lines."""
    word = word_at(text, offset)
    start, first = _beginning(text, word.start)
    scan = _Scan(first, start)
    scan.read(text, start, word.start)
    return scan.cursor(word)


def word_at(text: str, offset: int) -> Offsets:
    """Return the word that an offset is in or at the end of; ranges of IDs and forms of calls are words, too."""
    start = end = offset
    while start > 0 and _LETTER.match(text[start - 1]):
        start -= 1
    while end < len(text) and _LETTER.match(text[end]):
        end += 1
    return Offsets(start, end)


def _beginning(text: str, offset: int) -> tuple[int, str | None]:
    """Return where to begin: at the last item of the list at top level, whose key is returned, or at that key."""
    top = None
    for top in _TOP_KEY.finditer(text, 0, offset):  # noqa: B007 -- the last one is wanted
        pass
    if top is None:
        return max(0, offset - MAX_LOOK), None
    if text.startswith("-", top.end()):
        first = text.rfind("\n", 0, top.end()) + 1
        items = re.compile(rf"^ {{{top.end() - first}}}-(?=\s|$)", re.MULTILINE)
        *_, last = (first, *(item.start() for item in items.finditer(text, first, offset)))
        return max(last, offset - MAX_LOOK), top[1]
    return max(top.start(), offset - MAX_LOOK), None


class _Scan:
    """What was read from ``line`` on, below the key ``first`` at top level."""

    def __init__(self, first: str | None, line: int) -> None:
        self._levels = [_Level(0, key=first)]
        self._pending: tuple[str, int] | None = None
        self._words: list[tuple[str, tuple[str, ...]]] = []
        self._text_column: int | None = None
        self._line = line
        self._is_comment = False
        self._after_colon = False

    def read(self, text: str, start: int, end: int) -> None:
        for token in _TOKEN.finditer(text, start, end):
            kind, at = token.lastgroup or "", token.start()
            if token["line"] is not None:
                self._line, self._is_comment = token.start("margin"), False
                is_blank = text.startswith(("\r", "\n", "#"), token.end())
                if not is_blank or token.end() == end:
                    self._begin_line(len(token["margin"]))
            elif self._text_column is None:
                self._take(kind, token[0], at - self._line)

    def _begin_line(self, margin: int) -> None:
        self._pending, self._after_colon = None, False
        if self._text_column is not None and margin > self._text_column:
            return
        self._text_column = None
        if not self._levels[-1].bracket:
            self._close_above(margin)

    def _close_above(self, column: int) -> None:
        while len(self._levels) > 1 and self._levels[-1].column > column:
            self._levels.pop()

    def _take(self, kind: str, said: str, column: int) -> None:
        level = self._levels[-1]
        if kind in {"word", "quoted"}:
            self._say(said, column)
            return
        if kind == "colon" and self._pending:
            self._key(*self._pending)
        elif kind == "comment":
            self._is_comment = True
        elif kind == "dash" and not level.bracket:
            self._levels.append(_Level(column + 1))
        elif kind == "open":
            self._levels.append(_Level(column, said))
        elif kind == "close" and level.bracket:
            self._levels.pop()
        elif kind == "comma" and level.bracket == "{":
            level.key = None
        if kind:
            self._pending, self._after_colon = None, kind == "colon"

    def _say(self, said: str, column: int) -> None:
        """Note a word, which may become a key. One quote alone begins the word that the place is in."""
        level = self._levels[-1]
        if not level.bracket and _BLOCK_TEXT.fullmatch(said):
            self._text_column = level.column
        if said not in QUOTES:
            self._pending = said.strip("\"'"), column
            self._words.append((said.strip("\"'"), self._keys()))

    def _key(self, key: str, column: int) -> None:
        level = self._levels[-1]
        if not level.bracket:
            if level.key is None and len(self._levels) > 1:  # the first key of an item says where the others stand
                level.column = column
            elif column > level.column:
                level = _Level(column)
                self._levels.append(level)
        level.key = key
        level.seen.add(key)

    def cursor(self, word: Offsets) -> Cursor:
        """Say where the end of what was read is, at which ``word`` begins."""
        level = self._levels[-1]
        if self._pending is None and not level.bracket and level.column == word.start - self._line:
            level.key = None  # another one begins
        keys = self._keys()
        inside = keys[-1] if keys else ""
        is_prose = self._is_comment or self._text_column is not None or self._pending is not None
        is_value = level.bracket == "[" or self._after_colon
        is_item = level.key is None or inside not in LISTS
        is_key = inside in fields() and is_item and not is_prose and not is_value
        seen = level.seen if level.key is None else set()
        words = tuple(said for said, _ in self._words)
        listed = frozenset(said for said, under in self._words if under == keys)
        return Cursor(keys, word, is_key, frozenset(seen), words, listed, self._after_colon, is_prose)

    def _keys(self) -> tuple[str, ...]:
        return tuple(level.key for level in self._levels if level.key is not None)
