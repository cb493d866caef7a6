"""Names of Linux's headers to which a C source gives another value: it is used, as a compiler does, and reported.

Who reads ``KVM_SMCCC_FILTER_DENY`` takes it for Linux's, and so a policy must not differ from that in silence.
"""

from collections.abc import Iterator, Mapping

from smccc_filter.artefacts.readers.source.expression import NO_CONSTANTS, FileConstants, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.linux import MACROS, redefined, value_of
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER, Token, Tokens

SAMPLE = 1
"""The argument with which a macro of the source is compared with Linux's."""
MOST = 1000
"""Definitions of Linux's names that are compared."""


class Redefinitions:
    """Collects the macros of one translation unit."""

    def __init__(self) -> None:
        self._bodies: dict[str, Tokens] = {}
        self._candidates: list[tuple[Token, tuple[str, ...], Tokens]] = []

    def define(self, name: Token, parameters: tuple[str, ...] | None, body: Tokens) -> None:
        """Note a macro."""
        if parameters is None:
            self._bodies[name.text] = body
        is_known = value_of(name.text) is not None if parameters is None else name.text in MACROS
        if is_known and len(self._candidates) < MOST:
            self._candidates.append((name, parameters or (), body))

    def found(self) -> Iterator[tuple[Token, str, str]]:
        """Yield the name that gets another value, a message and a hint; what can't be computed is in no entry."""
        constants = FileConstants(self._bodies)
        for name, parameters, body in self._candidates:
            known: int | None = value_of(name.text)
            if parameters:
                count, function = MACROS[name.text]
                if count != len(parameters):
                    continue
                known = function(*[SAMPLE] * count)
                sample: Mapping[str, Tokens] = dict.fromkeys(parameters, (Token(NUMBER, str(SAMPLE), -1, -1),))
                given = _value(body, FileConstants({**self._bodies, **sample}))
            else:
                given = _value(body, constants)
            if known is not None and given is not None and given != known:
                shown = f"{name.text}({', '.join([str(SAMPLE)] * len(parameters))})" if parameters else name.text
                yield name, *redefined(shown, given, known)


def value_in_numbers(body: Tokens) -> int | None:
    """Return the number that a macro's body is, ``None`` where that is not said in numbers and Linux's names."""
    return _value(body, NO_CONSTANTS)


def _value(body: Tokens, constants: FileConstants) -> int | None:
    try:
        return evaluate(body, constants, Token(NAME, "", 0, 0))
    except UnreadableError:
        return None
