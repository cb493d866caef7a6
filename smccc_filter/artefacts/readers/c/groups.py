"""The conditional groups of a C file that are open: which part is compiled, and which condition nobody here decides.

Behind a group that is not decided, a macro is known where every part defines it alike.
"""

from typing import NamedTuple

from smccc_filter.artefacts.readers.c.macros import Macro
from smccc_filter.artefacts.readers.source.tokens import OpenCondition, Tokens, Truth


class _Group(NamedTuple):
    """One ``#if`` up to here: whether this part is taken, whether an earlier one was, and the condition in doubt.

    ``outer_live`` and ``outer_gate`` are of what is around it; ``is_whole`` says that the last part is an ``#else``.
    """

    live: bool
    taken: Truth
    gate: OpenCondition | None
    outer_live: bool
    outer_gate: OpenCondition | None
    is_whole: bool = False


class ConditionalGroups:
    """The stack of open groups, the innermost last."""

    def __init__(self) -> None:
        self._open: list[_Group] = []
        self._defined: list[list[dict[str, Macro | None]]] = []
        """Of each group, what each part up to here defines, ``None`` where that is undefined again."""

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    @property
    def is_live(self) -> bool:
        """Whether what stands here may be compiled."""
        return not self._open or (self._open[-1].live and self._open[-1].outer_live)

    @property
    def gate(self) -> OpenCondition | None:
        """The condition that decides whether what stands here is compiled, where nobody here knows it."""
        return (self._open[-1].outer_gate or self._open[-1].gate) if self._open else None

    def begin(self, found: Truth, gate: OpenCondition) -> None:
        """Open a group whose first condition is ``found``; ``gate`` is that condition."""
        doubt = gate if found is None else None
        self._open.append(_Group(found is not False, found, doubt, self.is_live, self.gate))
        self._defined.append([{}])

    def otherwise(self, found: Truth, gate: OpenCondition, *, is_else: bool) -> None:
        """Begin the next part of the innermost group."""
        before = self._open.pop()
        if before.taken is True:
            after = before._replace(live=False, gate=None)
        elif before.taken is None:
            after = before._replace(live=found is not False)
        else:
            after = before._replace(live=found is not False, taken=found, gate=gate if found is None else None)
        self._open.append(after._replace(is_whole=is_else))
        self._defined[-1].append({})

    def define(self, name: str, macro: Macro | None) -> None:
        """Note a definition in the innermost group, ``None`` for an ``#undef``."""
        if self._open:
            self._defined[-1][-1][name] = macro

    def end(self) -> dict[str, Macro]:
        """Close the innermost group; return the macros that each part of one in doubt defines alike."""
        group, (first, *others) = self._open.pop(), self._defined.pop()
        if group.taken is not None or not group.is_whole:
            return {}
        return {
            name: macro
            for name, macro in first.items()
            if macro is not None and all(_is_alike(macro, other.get(name)) for other in others)
        }

    def cut(self, count: int) -> None:
        """Leave only the ``count`` outermost groups open."""
        del self._open[count:], self._defined[count:]


def _is_alike(macro: Macro, other: Macro | None) -> bool:
    return other is not None and macro.parameters == other.parameters and _texts(macro.body) == _texts(other.body)


def _texts(body: Tokens) -> list[str]:
    """Return the words of a macro's body; the null pointer of C++ is that of C."""
    return ["NULL" if token.text == "nullptr" else token.text for token in body]
