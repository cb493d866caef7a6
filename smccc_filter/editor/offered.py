"""A word that an editor offers where something is written."""

from typing import NamedTuple

from lsprotocol import types


class OfferedWord(NamedTuple):
    """A word, what it is, and in a line what it means.

    ``written`` is set where it is more than the word, ``more`` is Markdown, and ``is_text`` says that YAML would take
    the word for something else without quotes.
    """

    word: str
    kind: types.CompletionItemKind
    meaning: str
    written: str = ""
    more: str = ""
    is_text: bool = False
