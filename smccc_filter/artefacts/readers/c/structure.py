"""Where each token of a C source stands: in which brackets, in which function, and as which argument."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import overload

from smccc_filter.artefacts.readers.source.tokens import CLOSING, NAME, PUNCTUATION, Token, Tokens

NOTHING = Token("end", "", -1, -1)
"""Stands before the first token and behind the last."""
_PAIRED = frozenset({",", *CLOSING, *CLOSING.values()})
_STOPPING = _PAIRED | {";"}
_TRANSPARENT = frozenset({"extern", "namespace", "class"})
"""What may stand before a brace around functions."""


class BracketPartners:
    """The partner of each bracket, by its index; whatever else stands at an index has none."""

    def __init__(self, length: int) -> None:
        self._partners = array("i", b"\xff" * (4 * length))

    def put(self, bracket: int, partner: int) -> None:
        """Note the partner of a bracket."""
        self._partners[bracket] = partner

    def __contains__(self, i: int) -> bool:
        """Tell whether a bracket with a partner stands at an index."""
        return 0 <= i < len(self._partners) and self._partners[i] >= 0

    def __getitem__(self, i: int) -> int:
        """Return the partner of a bracket. Raises KeyError where none has one."""
        if i not in self:
            raise KeyError(i)
        return self._partners[i]

    @overload
    def get(self, i: int) -> int | None: ...
    @overload
    def get(self, i: int, default: int) -> int: ...
    def get(self, i: int, default: int | None = None) -> int | None:
        """Return the partner of a bracket, ``default`` where none has one."""
        return self._partners[i] if i in self else default


class CStructure:
    """The brackets and names of a source; indices are into its tokens.

    ``closing`` maps each opening bracket to the one that closes it, ``opening`` the other way round. ``brace`` has for
    each token the innermost brace around it, -1 for none, and ``stop`` the next comma, semicolon or closing bracket
    outside the brackets that open from it on. ``unmatched`` is the first bracket that has no partner, ``None`` where
    all have one. ``blocks`` are the outermost braces, without those that are only around functions; ``switches`` are
    the braces of a ``switch`` and all inside.
    """

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.closing = BracketPartners(len(tokens))
        self.opening = BracketPartners(len(tokens))
        self._around = array("i", bytes(4 * len(tokens)))
        self._position = array("i", bytes(4 * len(tokens)))
        self.brace = array("i", bytes(4 * len(tokens)))
        self.switches: set[int] = set()
        self.unmatched: int | None = None
        self._marks = [token.text if token.kind == PUNCTUATION else "" for token in tokens]
        self._pair()
        self.stop = self._stops()
        self.blocks = self._outermost()
        self._starts = [start for start, _ in self.blocks]

    def _pair(self) -> None:
        around, commas, braces = [-1], [0], [-1]
        all_around, position, brace = self._around, self._position, self.brace
        for i, text in enumerate(self._marks):
            all_around[i], position[i], brace[i] = around[-1], commas[-1], braces[-1]
            if text not in _PAIRED:
                continue
            if text == ",":
                commas[-1] += 1
            elif text in CLOSING:
                if text == "{" and (braces[-1] in self.switches or self._is_switch(i)):
                    self.switches.add(i)
                around.append(i)
                commas.append(0)
                braces.append(i if text == "{" else braces[-1])
            elif around[-1] >= 0 and CLOSING[self._marks[around[-1]]] == text:
                self.opening.put(i, around[-1])
                self.closing.put(around.pop(), i)
                commas.pop()
                braces.pop()
                all_around[i], position[i], brace[i] = around[-1], commas[-1], braces[-1]
            elif self.unmatched is None:
                self.unmatched = i
        if self.unmatched is None and len(around) > 1:
            self.unmatched = around[1]

    def _stops(self) -> "array[int]":
        stop = array("i", bytes(4 * len(self.tokens)))
        ahead = [len(self.tokens)]
        for i in range(len(self.tokens) - 1, -1, -1):
            mark = self._marks[i]
            if mark in _STOPPING:
                if mark in {",", ";"}:
                    ahead[-1] = i
                elif mark in CLOSING and i in self.closing:
                    ahead.pop()
                elif i in self.opening:
                    stop[i] = i
                    ahead.append(i)
                    continue
            stop[i] = ahead[-1]
        return stop

    def _is_switch(self, brace: int) -> bool:
        return self.word(self.opening.get(brace - 1, 0) - 1) == "switch"

    def _outermost(self) -> list[tuple[int, int]]:
        """Return the braces around which no other braces are, those around functions left out."""
        blocks = []
        at = begin = 0
        while at < len(self.tokens):
            mark = self._marks[at]
            if mark in {";", "}"}:
                begin = at + 1
            elif mark == "{":
                words = {word.text for word in self.tokens[begin:at]}
                if words & _TRANSPARENT and "(" not in words and "=" not in words:
                    begin = at + 1
                else:
                    blocks.append((at, self.closing.get(at, len(self.tokens))))
                    at = blocks[-1][1]
                    begin = at + 1
            at += 1
        return blocks

    @cached_property
    def _uses(self) -> Mapping[str, Sequence[int]]:
        found: defaultdict[str, array[int]] = defaultdict(lambda: array("i"))
        for i, token in enumerate(self.tokens):
            if token.kind == NAME:
                found[token.text].append(i)
        return found

    def uses(self, name: str, start: int = 0, end: int | None = None) -> Sequence[int]:
        """Return where a name stands from ``start`` to before ``end``."""
        if name not in self._uses:
            return ()
        found = self._uses[name]
        return found[bisect_left(found, start) : len(found) if end is None else bisect_left(found, end)]

    def has(self, name: str, start: int, end: int) -> bool:
        """Tell whether a name stands from ``start`` to before ``end``."""
        found = self._uses.get(name, ())
        return bisect_left(found, start) < bisect_left(found, end)

    def around(self, i: int) -> int:
        """Return the index of the bracket around a token, -1 for none."""
        return self._around[i] if 0 <= i < len(self._around) else -1

    def position(self, i: int) -> int:
        """Return how many commas stand before a token in the bracket around it."""
        return self._position[i] if 0 <= i < len(self._position) else 0

    def at(self, i: int) -> Token:
        """Return a token, also before the start or beyond the end."""
        return self.tokens[i] if 0 <= i < len(self.tokens) else NOTHING

    def mark(self, i: int) -> str:
        """Return the punctuation that stands somewhere, empty where something else does."""
        return self._marks[i] if 0 <= i < len(self._marks) else ""

    def word(self, i: int) -> str:
        """Return the name that stands somewhere, empty where something else does."""
        token = self.at(i)
        return token.text if token.kind == NAME else ""

    def block(self, i: int) -> tuple[int, int] | None:
        """Return the outermost block around a token; ``None`` outside of all."""
        k = bisect_right(self._starts, i) - 1
        return self.blocks[k] if k >= 0 and i <= self.blocks[k][1] else None

    def region(self, i: int) -> tuple[int, int]:
        """Return from where to where a name may be used that is declared at ``i``: its function, or the whole file."""
        return self.block(i) or (0, len(self.tokens))

    def end_of_item(self, i: int) -> int:
        """Return the next comma, semicolon or closing bracket outside the brackets that open from ``i`` on."""
        return self.stop[i] if i < len(self.tokens) else i

    def scope(self, declared: int) -> tuple[int, int]:
        """Return from where to where a name holds that is declared somewhere, as far as blocks have it."""
        around = self.brace[declared]
        if around < 0 or self.block(around) is None:
            return declared, len(self.tokens)
        return declared, self.closing.get(around, declared)

    def may_be_jumped_past(self, declared: int) -> bool:
        """Tell whether a jump may go past what is declared in a function, so that it never gets its value."""
        block = self.block(declared)
        if block is None:
            return False
        start, end = self.scope(declared)
        if self.brace[declared] in self.switches and (self.has("case", start, end) or self.has("default", start, end)):
            return True
        label = bisect_right(self._labels, start)
        is_label_behind = label < len(self._labels) and self._labels[label] < end
        return is_label_behind and (self.has("goto", block[0], declared) or self.has("setjmp", *block))

    @cached_property
    def _labels(self) -> Sequence[int]:
        before = {";", "{", "}", ")", ":"}
        return [
            i
            for i in range(len(self.tokens))
            if self.mark(i + 1) == ":" and self.word(i) and self.mark(i - 1) in before
        ]
