"""What a path in an expression of Rust means, and what is known of the types that stand beside values.

What can't be known for certain (a binding that is ``mut``, a condition, a method that a type of these files has) is
told.
"""

from smccc_filter.artefacts.readers.rust.expressions import LIMITS, WRITE_NUMBER
from smccc_filter.artefacts.readers.rust.names import RustNames
from smccc_filter.artefacts.readers.rust.ranges import RANGE_TYPES
from smccc_filter.artefacts.readers.rust.text import RustTokens
from smccc_filter.artefacts.readers.rust.tree import RustDefinition, Stretch
from smccc_filter.artefacts.readers.source.expression import UnreadableError
from smccc_filter.artefacts.readers.source.tokens import Token

_SAME = frozenset(("clone", "into_iter", "iter"))
"""Methods that give what they are called on, element by element or whole."""


class RustPaths:
    """Answers for one source."""

    def __init__(self, names: RustNames) -> None:
        self.names = names
        self.source = names.source
        traits = names.declarations.traits
        generics = frozenset().union(*(members.generics for members in names.declarations.impls))
        self._own_methods = {
            function.name
            for function in names.declarations.functions
            if function.owner in LIMITS or function.owner in RANGE_TYPES or function.owner in traits | generics
        }

    def found(self, first: int, last: int) -> RustDefinition | str:
        """Return what a path means, or its name where these files do not have it.

        Raises UnreadableError for what may change, or may be several things.
        """
        found = self.names.meaning(first, last)
        if found is None or found.kind == "import":
            return self.source.text(last) if found is None else found.path[-1]
        token = self.source.tokens[first]
        gate = self.source.gate(found.at)
        if gate:
            message = f"`{gate.text}` decides about `{found.name}`, and this file does not decide about it"
            raise UnreadableError(token, message, "import a copy without the condition")
        if found.mutable:
            raise UnreadableError(token, f"`{found.name}` is `mut` and may change", WRITE_NUMBER)
        return found

    def is_path(self, value: Stretch) -> bool:
        """Tell whether an expression is a path and nothing else."""
        return value.start < value.stop and all(
            self.source.text(at) == "::" if i % 2 else self.source.is_name(at) for i, at in enumerate(range(*value))
        )

    def limit(self, type_: Stretch) -> int | None:
        """Return the largest number of the type that is written at ``type_``; ``None`` where that is not known."""
        word = self.source.text(type_.stop - 1) if type_.stop > type_.start else ""
        is_path = all(self.source.text(at) == "::" for at in range(type_.start + 1, type_.stop, 2))
        return LIMITS.get(word) if is_path and word not in self.names.declarations.declared else None

    def keeps(self, name: int) -> bool:
        """Tell whether a method is the standard library's: no trait or type of these files gives numbers its own."""
        return self.source.text(name) not in self._own_methods

    def is_of_std(self, name: str) -> bool:
        """Tell whether a range type's name is the standard library's in all files."""
        return all(
            definition.kind == "import" and definition.path[-2:] == ("ops", name)
            for definition in self.names.declarations.declared.get(name, ())
        )


def not_known(found: RustDefinition, token: Token) -> UnreadableError:
    """Say that nobody here knows what a name stands for."""
    return UnreadableError(token, f"the value of `{found.name}` is not known", WRITE_NUMBER)


def without_brackets(source: RustTokens, expression: Stretch) -> Stretch:
    """Return an expression without references, brackets around it and methods behind it that change nothing."""
    start, stop = expression
    while start < stop:
        if source.text(start) in {"&", "&&"}:
            start += 1
        elif source.text(start) == "(" and source.close(start) == stop - 1:
            start, stop = start + 1, stop - 1
        elif source.text(stop - 2) == "(" and source.text(stop - 3) in _SAME and source.text(stop - 4) == ".":
            stop -= 4
        else:
            break
    return Stretch(start, stop)
