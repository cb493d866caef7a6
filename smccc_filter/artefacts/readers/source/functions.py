"""Functions of a source: by which name they are called, what they are given, and what they do to it."""

from typing import NamedTuple

from smccc_filter.artefacts.readers.source.tokens import NAME, Tokens

_CHANGES = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--"}


class SourceFunction(NamedTuple):
    """A function that the source defines; ``key`` is the name by which it is called."""

    key: str
    parameters: tuple[str, ...]

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
