"""The tokens of a Rust source and their brackets, by index."""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from smccc_filter.artefacts.readers.rust.tree import Stretch
from smccc_filter.artefacts.readers.source.tokens import CLOSING, NAME, PUNCTUATION, OpenCondition, Token, Tokens

OPENING = {closing: opening for opening, closing in CLOSING.items()}
BEYOND = 8
"""How far outside the tokens nothing stands."""
LONGEST_HEAD = 400
"""Tokens of a pattern, a type or a head of an item; a bracket and what is in it count as one."""

_COMMA = frozenset(",")


class RustTokens:
    """Tokens by index; ``closing`` maps an opening bracket to its closing one, ``opening`` the other way.

    ``around`` has for each token the index of the innermost opening bracket that it stands in, -1 outside of all.
    ``unpaired`` is the first bracket that has no other half, ``None`` where all have.
    """

    def __init__(self, tokens: Tokens, gates: Sequence[tuple[Stretch, OpenCondition]] = ()) -> None:
        self.tokens = tokens
        self._texts = [*(token.text for token in tokens), *("",) * BEYOND]
        self._names = bytes([*(token.kind == NAME for token in tokens), *(False,) * BEYOND])
        self._gated = [stretch for stretch, _ in gates]
        self._gates = [condition for _, condition in gates]
        self._pair()

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.tokens)

    def _pair(self) -> None:
        count = len(self.tokens)
        closing, around = array("i", [-1]) * count, array("i", [-1]) * count
        opening = array("i", [-1]) * count
        waiting: list[int] = []
        self.unpaired: int | None = None
        for at, text in enumerate(self._texts[:count]):
            if text in OPENING and self.tokens[at].kind == PUNCTUATION:
                if waiting and self._texts[waiting[-1]] == OPENING[text]:
                    start = waiting.pop()
                    closing[start], opening[at] = at, start
                elif self.unpaired is None:
                    self.unpaired = at
            around[at] = waiting[-1] if waiting else -1
            if text in CLOSING and self.tokens[at].kind == PUNCTUATION:
                waiting.append(at)
        if waiting and self.unpaired is None:
            self.unpaired = waiting[-1]
        self.closing: Sequence[int] = closing
        self.around: Sequence[int] = around
        self.opening: Sequence[int] = opening

    def text(self, at: int) -> str:
        """Return what stands at an index, nothing up to ``BEYOND`` tokens before the start and beyond the end."""
        return self._texts[at]

    def is_name(self, at: int) -> bool:
        """Tell whether a name or a keyword stands at an index."""
        return bool(self._names[at])

    def close(self, at: int) -> int:
        """Return the index of the bracket that closes the one at ``at``; ``at`` itself where none opens there."""
        end = self.closing[at] if at < len(self.tokens) else at
        return end if end >= 0 else at

    def open(self, at: int) -> int:
        """Return the index of the bracket that the one at ``at`` closes; ``at`` itself where none closes there."""
        start = self.opening[at] if 0 <= at < len(self.tokens) else at
        return start if start >= 0 else at

    def find(self, start: int, stop: int, wanted: frozenset[str]) -> int:
        """Return the first index from ``start``, outside of inner brackets, of a wanted text; ``stop`` where none is.

        A closing bracket of an outer pair ends the search there.
        """
        at = start
        while at < stop:
            text = self._texts[at]
            if text in wanted or text in OPENING:
                return at
            at = self.close(at) + 1
        return stop

    def pieces(self, start: int, stop: int, separator: str = ",") -> Iterator[Stretch]:
        """Yield what stands between separators; an empty last piece is left out."""
        wanted = frozenset((separator,))
        while start < stop:
            end = self.find(start, stop, wanted)
            yield Stretch(start, end)
            start = end + 1

    def type_end(self, start: int, stop: int, wanted: frozenset[str]) -> int:
        """Return the first index behind a type that has a wanted text, ``stop`` where none has: angles are brackets."""
        angles, at = 0, start
        while at < stop:
            text = self._texts[at]
            if (text in wanted and angles <= 0) or text in OPENING:
                return at
            angles += (text == "<") - (text == ">") + 2 * ((text == "<<") - (text == ">>"))
            at = self.close(at) + 1
        return stop

    def typed_pieces(self, start: int, stop: int) -> Iterator[Stretch]:
        """Yield what stands between the commas of a list of parameters or fields: angles are brackets."""
        while start < stop:
            end = self.type_end(start, stop, _COMMA)
            yield Stretch(start, end)
            start = end + 1

    def names(self, start: int, stop: int) -> Iterator[int]:
        """Yield the indices of names in a range."""
        for at in range(start, min(stop, len(self.tokens))):
            if self._names[at]:
                yield at

    def token(self, first: int, last: int) -> Token:
        """Return one token that stands for those from ``first`` to ``last``, with the first condition on any."""
        head = self.tokens[first]
        i = bisect_right(self._gated, (last, sys.maxsize)) - 1
        gate = self._gates[i] if i >= 0 and self._gated[i].stop > first else None
        return Token(PUNCTUATION, head.text, head.start, self.tokens[last].end, gate)

    def gate(self, at: int) -> OpenCondition | None:
        """Return the condition that decides whether a token counts."""
        return self.token(at, at).gate
