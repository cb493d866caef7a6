"""Mistakes that VMMs made, put into a generated dispatcher by hand."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A mistake as a change of the text; ``@`` is the policy's symbol, ``%`` that in capitals."""

    bug: str
    old: str
    new: str

    def changed(self, symbol: str, text: str) -> str:
        old, new = (part.replace("@", symbol).replace("%", symbol.upper()) if symbol else part for part in self[1:])
        assert old in text, f"{self.bug}: {old}"
        return text.replace(old, new)
