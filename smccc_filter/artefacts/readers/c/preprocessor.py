"""What a C preprocessor makes of a file, as far as the file itself tells.

Macros of the file are expanded where they are used, with the definition that holds there. Of the conditions, those that
the file decides are followed, and everything under another is marked with it: whoever finds an entry there must not
pretend to know whether it counts. Other files are not included.
"""

from typing import NamedTuple

from smccc_filter.artefacts.readers.c.conditions import truth
from smccc_filter.artefacts.readers.c.lexer import NEWLINE
from smccc_filter.artefacts.readers.c.macros import Definitions, Macro, MacroExpander
from smccc_filter.artefacts.readers.source.expression import NO_CONSTANTS, UnreadableError, evaluate
from smccc_filter.artefacts.readers.source.linux import value_of
from smccc_filter.artefacts.readers.source.tokens import (
    INCLUDE,
    NAME,
    OPAQUE,
    STRING,
    UNSURE,
    OpenCondition,
    Token,
    Tokens,
    Truth,
    is_punctuation,
    matching,
    pieces,
)


class PreprocessedSource(NamedTuple):
    """The tokens that a compiler would see, macros expanded, and what no compiler would take: offset and message."""

    tokens: Tokens
    faults: tuple[tuple[int, str], ...]


def preprocess(tokens: Tokens, text: str) -> PreprocessedSource:
    """Follow the directives of a lexed file, and expand its macros."""
    reader = _Directives(text)
    start = 0
    for i, token in enumerate(tokens):
        if token.kind == NEWLINE:
            reader.line(tokens[start:i])
            start = i + 1
    reader.line(tokens[start:])
    expander = MacroExpander(reader.output, reader.macros)
    return PreprocessedSource(tuple(expander.expanded()), tuple(reader.faults))


class _Group(NamedTuple):
    """One ``#if`` up to here: whether this part is taken, whether an earlier one was, and the condition in doubt."""

    live: bool
    taken: Truth
    gate: OpenCondition | None


class _Directives:
    """Reads lines in order.

    ``output`` is what is not skipped; ``macros`` has each name's definitions, with the index from which one holds.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.output: list[Token] = []
        self.macros: Definitions = {}
        self.faults: list[tuple[int, str]] = []
        self.groups: list[_Group] = []
        self.guard: str | None = None
        """What the ``#ifndef`` in the line before asked about."""

    def line(self, tokens: Tokens) -> None:
        if tokens and is_punctuation(tokens[0], "#"):
            self._directive(tokens)
        elif tokens:
            self.guard = None
            if self._is_live():
                self._emit(tokens)

    def _emit(self, tokens: Tokens) -> None:
        gate = self._gate()
        for token in tokens:
            if token.kind == STRING and (len(token.text) < 2 or token.text[-1] not in "\"'"):
                self.faults.append((token.start, "a string has no end"))
        self.output += [token._replace(gate=gate) for token in tokens] if gate else tokens

    def _is_live(self) -> bool:
        return all(group.live for group in self.groups)

    def _gate(self) -> OpenCondition | None:
        return next((group.gate for group in self.groups if group.gate), None)

    def _directive(self, tokens: Tokens) -> None:
        word = tokens[1].text if len(tokens) > 1 else ""
        rest = tokens[2:]
        guard, self.guard = self.guard, None
        match word:
            case "if" | "ifdef" | "ifndef":
                self._open(tokens, word, rest)
            case "elif" | "elifdef" | "elifndef" | "else" if self.groups:
                self._otherwise(tokens, word, rest)
            case "endif" if self.groups:
                self.groups.pop()
            case "define" if rest and self._is_live():
                self._define(rest, guard)
            case "undef" if rest and self._is_live():
                gone = None if self._gate() is None else Macro(None, (), UNSURE, self._gate())
                self._set(rest[0].text, gone)
            case "include" | "include_next" | "import" | "embed" if self._is_live():
                self._emit([tokens[0]._replace(kind=INCLUDE, text=f"#{word}")])

    def _open(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        found = self._truth(word, rest)
        if word == "ifndef" and rest and found is not False:
            self.guard = rest[0].text
        self.groups.append(_Group(found is not False, found, self._gate_of(tokens, found)))

    def _otherwise(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        before = self.groups.pop()
        found = True if word == "else" else self._truth(word.removeprefix("el"), rest)
        if before.taken is True:
            self.groups.append(_Group(live=False, taken=True, gate=None))
        elif before.taken is None:
            self.groups.append(_Group(found is not False, None, before.gate))
        else:
            self.groups.append(_Group(found is not False, found, self._gate_of(tokens, found)))

    def _truth(self, word: str, rest: Tokens) -> Truth:
        return truth(word, rest, self._definition)

    def _definition(self, name: str) -> Tokens | Truth:
        """Return a macro's body, whether it is defined at all, or ``None`` where the file does not tell."""
        definitions = self.macros.get(name)
        if not definitions:
            return None
        macro = definitions[-1][1]
        if macro is None:
            return False
        return None if macro.kind == UNSURE else macro.body

    def _gate_of(self, tokens: Tokens, found: Truth) -> OpenCondition | None:
        if found is not None:
            return None
        start, end = tokens[0].start, tokens[-1].end
        return OpenCondition(" ".join(self.text[start:end].split()), start, end)

    def _define(self, rest: Tokens, guard: str | None) -> None:
        name, *body = rest
        parameters: tuple[str, ...] | None = None
        if body and is_punctuation(body[0], "(") and body[0].start == name.end:
            end = matching(body, 0)
            parameters = tuple("".join(part.text for part in piece) for piece in pieces(body[1:end]))
            body = body[end + 1 :]
        if guard == name.text and not body and self.groups[-1].gate:
            self.groups[-1] = _Group(live=True, taken=True, gate=None)  # an include guard, which is never defined yet
        if self._gate() and parameters is None and _is_linux(name.text, body):
            return  # whether the header or this line defines it, it is the same number
        odd = any(token.text in {"#", "##", "__VA_ARGS__"} for token in body) or "..." in "".join(parameters or ())
        gate = self._gate()
        kind = UNSURE if gate else OPAQUE if odd else NAME
        self._set(name.text, Macro(parameters, tuple(body), kind, gate))

    def _set(self, name: str, macro: Macro | None) -> None:
        self.macros.setdefault(name, []).append((len(self.output), macro))


def _is_linux(name: str, body: Tokens) -> bool:
    """Tell whether a definition says of a name of Linux's headers what they say."""
    known = value_of(name)
    try:
        return known is not None and known == evaluate(body, NO_CONSTANTS, Token(NAME, name, 0, 0))
    except UnreadableError:
        return False
