"""Functions of a source: the name by which each is called, what a call gives it, and what it does to its parameters."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.source.tokens import NAME, Token, Tokens

LONGEST_CALL = 500
"""Tokens between the brackets of a call that makes an entry."""
LONGEST_DECLARATION = 200
"""Tokens of a struct, an ``impl`` or a function's head that matters here."""

_CHANGES = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--"}


class SourceFunction(NamedTuple):
    """A function that the source defines; ``key`` is the name by which it is called.

    ``types`` are those to which a call converts the arguments, one a parameter; empty where a call converts nothing.
    """

    key: str
    parameters: tuple[str, ...]
    types: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it: the key of a method begins with a dot."""
        return self.key.removeprefix(".")


class FunctionBody(NamedTuple):
    """A function, and the indices of its braces."""

    function: SourceFunction
    start: int
    end: int

    def changed(self, tokens: Tokens) -> frozenset[str]:
        """Return the parameters to which the body gives another value, or whose name it gives to something else."""
        names = set()
        for i in range(self.start + 1, min(self.end, len(tokens) - 1)):
            token = tokens[i]
            if token.kind == NAME and token.text in self.function.parameters:
                before = tokens[i - 1].text
                if before in {"let", "mut"} or (tokens[i + 1].text in _CHANGES and before not in {".", "->"}):
                    names.add(token.text)
        return frozenset(names)


class SourceCall(NamedTuple):
    """One call: the key of the function that is called, its arguments, and the whole as one token.

    ``function`` is the one in which the call stands, ``None`` outside of all. ``changed`` are parameters of that
    function to which it gives another value.
    """

    key: str
    arguments: tuple[Tokens, ...]
    whole: Token
    function: SourceFunction | None
    changed: frozenset[str]
