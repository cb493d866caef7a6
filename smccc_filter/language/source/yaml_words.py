"""What a parser's error means to a person who writes YAML: the cause, where it is, and what to do.

A parser says where it could not go on, in the words of its grammar. The cause stands before that: the bracket or the
quote that opens, the line whose indentation fits nothing, the line without a colon.
"""

import re
from typing import NamedTuple

from smccc_filter.words import cut

_CLOSING = {"[": "]", "{": "}"}
_FLOW = "while parsing a flow"
_INDENTED = "is indented unlike the lines above it"
_ALIGN = "begin it in the column of the entries to which it belongs"


class YamlFault(NamedTuple):
    """Where the cause is, as an offset, and what to say of it; ``stopped`` says in a word what reading stopped at."""

    at: int
    message: str
    hint: str
    stopped: str | None = None


def in_words(text: str, problem: str, context: str, at: int, begun: int | None) -> YamlFault | None:
    """Say what a parser's error means; ``None`` for one that says it itself.

    ``at`` is where the parser stopped, ``begun`` where began what it was reading, if it says so.
    """
    if begun is not None and context.startswith(_FLOW) and (bracket := text[begun : begun + 1]) in _CLOSING:
        closing = _CLOSING[bracket]
        hint = f"add `{closing}` where it ends, or a comma between two items"
        return YamlFault(begun, f"the `{bracket}` is not closed by `{closing}`", hint, "reading stopped here")
    if begun is not None and "quoted scalar" in context and "end of stream" in problem:
        quote = text[begun : begun + 1]
        return YamlFault(begun, f"the text that begins with {quote} has no {quote} at its end", f"add {quote}")
    if begun is not None and "could not find expected ':'" in problem:
        return YamlFault(begun, f"`{_line(text, begun)}` is no `key: value`", "write `: ` behind the key, or delete it")
    if problem.startswith("expected <block end>"):
        return YamlFault(at, f"`{_line(text, at)}` {_INDENTED}", _ALIGN)
    if problem.startswith("mapping values are not allowed"):
        return _colon(text, at)
    return None


def _colon(text: str, at: int) -> YamlFault:
    """Say why a colon can't stand where it does: its line has one already, or continues a value of the line above."""
    start = text.rfind("\n", 0, at) + 1
    if re.search(r":[ \t]", text[start:at]):
        return YamlFault(at, f"`{_line(text, start)}` has a second `: `", "put the value into quotes")
    before = text[:start].rstrip()
    begun = before.rfind("\n") + 1
    above = before[begun:].strip()
    begun += len(before) - begun - len(above)
    if slip := re.match(r"-(?=[^\s-])", above):
        hint = f"write a space behind the `-`: `- {cut(above[slip.end() :])}`"
        return YamlFault(begun, f"`{cut(above)}` is no item of a list", hint)
    if re.match(r"(- +)?[\w.-]+:\S", above):
        return YamlFault(begun, f"`{cut(above)}` is no `key: value`", "write a space behind the `:`")
    key = len(text[start:at]) - len(text[start:at].lstrip())
    return YamlFault(start + key, f"`{_line(text, at)}` {_INDENTED}", _ALIGN)


def _line(text: str, at: int) -> str:
    """Return the line around an offset, without what surrounds it."""
    end = text.find("\n", at)
    return cut(text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)].strip())
