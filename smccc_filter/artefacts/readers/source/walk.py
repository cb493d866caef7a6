"""What looking for entries in C and in Rust has in common: the tokens, what was found, and what can't be read."""

from collections.abc import Sequence

from smccc_filter.artefacts.readers.reading import ReadingFault, ReadRegister
from smccc_filter.artefacts.readers.source.entries import SourceEntry, trouble
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.functions import FunctionBody
from smccc_filter.artefacts.readers.source.tokens import NAME, Token, is_punctuation
from smccc_filter.language.source import Text


class SourceWalk:
    """Goes over the tokens of a source once; ``sites``, ``registers`` and ``troubles`` are in the order of the file."""

    def __init__(self, text: Text, tokens: list[Token], bodies: Sequence[FunctionBody]) -> None:
        self.text = text
        self.tokens = tokens
        self.sites: list[SourceEntry] = []
        self.registers: list[ReadRegister] = []
        self.troubles: list[ReadingFault] = []
        self.starts = [body.start for body in bodies]
        self._changes: dict[FunctionBody, frozenset[str]] = {}

    def changed(self, body: FunctionBody | None) -> frozenset[str]:
        """Return the names that a function changes, looked for once; outside of all functions nothing does."""
        if body is None:
            return frozenset()
        if body not in self._changes:
            self._changes[body] = body.changed(self.tokens)
        return self._changes[body]

    def is_at(self, at: int, text: str) -> bool:
        """Tell whether a punctuation stands somewhere; beyond the end nothing does."""
        return at < len(self.tokens) and is_punctuation(self.tokens[at], text)

    def is_name(self, at: int) -> bool:
        """Tell whether a name stands somewhere, which may be before the start or beyond the end."""
        return 0 <= at < len(self.tokens) and self.tokens[at].kind == NAME

    def tell(self, at: int, message: str, hint: str) -> None:
        """Note that what stands at a token can't be read."""
        token = self.tokens[at]
        self.troubles.append(trouble(self.text, token.start, token.end, message, hint))

    def tell_error(self, error: UnreadableError, whole: Token) -> None:
        """Note what can't be computed, where it stands, or at ``whole`` where that is in no file."""
        place = error.token if error.token.start >= 0 else whole
        self.troubles.append(trouble(self.text, place.start, place.end, error.message, error.hint))
