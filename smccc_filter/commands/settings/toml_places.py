"""Where keys and values stand in a TOML document, which Python's own reader does not tell.

The document is one that ``tomllib`` took, so nothing is checked here a second time. Source: TOML 1.0.0.
"""

import re
from collections.abc import Collection

from smccc_filter.language.places import Offsets, Path

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*+")
_SPACE = re.compile(r"[ \t]*")
_STRING = r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*+"|\'[^\'\n]*\''
_VALUE = re.compile(rf"{_STRING}|[^,\]}}\n#]*", re.DOTALL)
_KEY_PART = re.compile(rf"{_STRING}|[A-Za-z0-9_-]+", re.DOTALL)
_OPENING, _CLOSING = "[{", "]}"


class TomlPlaces:
    """Finds the places of ``wanted`` paths: each is of keys, and of positions in lists.

    ``keys`` has where the last key of a path stands first, and ``values`` where its value does. O(length of the text).
    """

    def __init__(self, text: str, wanted: Collection[Path]) -> None:
        self.keys: dict[Path, Offsets] = {}
        self.values: dict[Path, Offsets] = {}
        self._text = text
        self._wanted = frozenset(wanted)
        self._document()

    def _document(self) -> None:
        table: Path = ()
        at = self._after(_BLANK, 0)
        while at < len(self._text):
            if self._text[at] == "[":
                brackets = 2 if self._text.startswith("[[", at) else 1
                table, at = self._key((), at + brackets)
                at += brackets
            else:
                path, at = self._key(table, at)
                at = self._value(path, at + 1)
            at = self._after(_BLANK, at)

    def _key(self, table: Path, at: int) -> tuple[Path, int]:
        """Read a key, dotted or not, of a table; return its path, and where what follows it stands."""
        path = table
        while True:
            at = self._after(_SPACE, at)
            end = self._after(_KEY_PART, at)
            path = (*path, _unquoted(self._text[at:end]))
            if path in self._wanted:
                self.keys.setdefault(path, Offsets(at, end))
            at = self._after(_SPACE, end)
            if not self._text.startswith(".", at):
                return path, at
            at += 1

    def _value(self, path: Path, at: int) -> int:
        """Read a value; return where it ends."""
        start = at = self._after(_SPACE, at)
        if self._text[at] in _OPENING:
            at = self._collection(path, at)
        else:
            at = self._after(_VALUE, at)
            at = start + len(self._text[start:at].rstrip())
        if path in self._wanted:
            self.values.setdefault(path, Offsets(start, at))
        return at

    def _collection(self, path: Path, at: int) -> int:
        """Read a list or an inline table; return where it ends."""
        is_list = self._text[at] == "["
        at = self._after(_BLANK, at + 1)
        number = 0
        while self._text[at] not in _CLOSING:
            inner, at = ((*path, number), at) if is_list else self._key(path, at)
            at = self._after(_BLANK, self._value(inner, at if is_list else at + 1))
            number += 1
            if self._text[at] == ",":
                at = self._after(_BLANK, at + 1)
        return at + 1

    def _after(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self._text, at)
        return found.end() if found else at


def _unquoted(part: str) -> str:
    """Return the key that is written so."""
    if part[0] not in "\"'":
        return part
    import tomllib

    key: str = tomllib.loads(f"key = {part}")["key"]
    return key
