"""What a C preprocessor makes of a file, as far as the file itself tells.

Macros of the file are expanded where they are used, with the definition that holds there. Of the conditions, those that
the file decides are followed, and everything under another is marked with it: whoever finds an entry there must not
pretend to know whether it counts. Other files are not included. What changes the language (a macro called ``const``, a
pragma that is not known) is told.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.conditions import truth
from smccc_filter.artefacts.readers.c.language import HARMLESS_PRAGMAS, KEYWORDS
from smccc_filter.artefacts.readers.c.lexer import NEWLINE
from smccc_filter.artefacts.readers.c.macros import Definitions, Macro, MacroExpander
from smccc_filter.artefacts.readers.c.substitution import VARIADIC
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
    as_one_token,
    is_punctuation,
    matching,
    pieces,
)


class Oddity(NamedTuple):
    """Something that no compiler would take, or that changes what the rest means: where, what, and what to do."""

    start: int
    end: int
    message: str
    hint: str


class PreprocessedSource(NamedTuple):
    """The tokens that a compiler would see, macros expanded; ``unsure`` are the bodies of macros that are not expanded.

    ``odd`` is what keeps the tokens from being the whole truth.
    """

    tokens: Tokens
    unsure: tuple[Tokens, ...]
    odd: tuple[Oddity, ...]


def preprocess(tokens: Tokens, text: str) -> PreprocessedSource:
    """Follow the directives of a lexed file, and expand its macros."""
    lines: list[Tokens] = []
    start = 0
    for i, token in enumerate(tokens):
        if token.kind == NEWLINE:
            lines.append(tokens[start:i])
            start = i + 1
    lines.append(tokens[start:])
    lines = [line for line in lines if line]
    reader = _Directives(text, _guard(lines))
    for line in lines:
        reader.line(line)
    reader.finish()
    expanded = MacroExpander(reader.output, reader.macros).expanded()
    odd = (*reader.odd, *_odd_pragmas(expanded))
    return PreprocessedSource(expanded, tuple(_unsure_bodies(expanded, reader.macros)), odd)


def _unsure_bodies(tokens: Tokens, macros: Definitions) -> Iterator[Tokens]:
    """Yield all that the macros may stand for which are not expanded, and the macros in them."""
    waiting = list(dict.fromkeys(token.text for token in tokens if token.kind in {UNSURE, OPAQUE}))
    seen = set(waiting)
    while waiting:
        for _, macro in macros.get(waiting.pop(), []):
            if macro is not None:
                yield macro.body
                inner = {token.text for token in macro.body if token.text in macros} - seen
                waiting += inner
                seen |= inner


def is_directive(line: Tokens, *words: str) -> bool:
    """Tell whether a line is one of these directives."""
    return len(line) > 1 and is_punctuation(line[0], "#") and line[1].text in words


def _guard(lines: list[Tokens]) -> str | None:
    """Return the macro around a whole file that keeps it from being included twice: nobody defines it before."""
    if len(lines) < 3 or not is_directive(lines[0], "ifndef") or not is_directive(lines[1], "define"):
        return None
    name = lines[0][2:]
    if len(name) != 1 or [token.text for token in lines[1][2:]] != [name[0].text]:
        return None
    depth = 0
    for i, line in enumerate(lines):
        if is_directive(line, "if", "ifdef", "ifndef"):
            depth += 1
        elif is_directive(line, "endif"):
            depth -= 1
            if not depth:
                return name[0].text if i == len(lines) - 1 else None
        elif depth == 1 and is_directive(line, "else", "elif", "elifdef", "elifndef"):
            return None
    return None


def _odd_pragmas(tokens: Tokens) -> list[Oddity]:
    """Find the operators ``_Pragma`` that may change what the rest means."""
    odd = []
    for i, token in enumerate(tokens):
        if token.kind == NAME and token.text in {"_Pragma", "__pragma"}:
            words = tokens[i + 2].text.strip('L"').split() if i + 2 < len(tokens) else []
            if not _is_harmless(words):
                odd.append(_pragma(token))
    return odd


def _is_harmless(words: list[str]) -> bool:
    return any(words[: len(known)] == list(known) for known in HARMLESS_PRAGMAS)


def _pragma(place: Token) -> Oddity:
    message = "this pragma may change what the rest of the file means"
    return Oddity(place.start, place.end, message, "import a copy without it")


class _Group(NamedTuple):
    """One ``#if`` up to here: whether this part is taken, whether an earlier one was, and the condition in doubt.

    ``outer_live`` and ``outer_gate`` are of what is around it.
    """

    live: bool
    taken: Truth
    gate: OpenCondition | None
    outer_live: bool
    outer_gate: OpenCondition | None


class _Directives:
    """Reads lines in order.

    ``output`` is what is not skipped; ``macros`` has each name's definitions, with the index from which one holds.
    """

    def __init__(self, text: str, guard: str | None) -> None:
        self.text = text
        self.guard = guard
        self.output: list[Token] = []
        self.macros: Definitions = {}
        self.odd: list[Oddity] = []
        self.groups: list[_Group] = []

    def line(self, tokens: Tokens) -> None:
        if is_punctuation(tokens[0], "#"):
            self._directive(tokens)
        elif self._is_live():
            self._emit(tokens)

    def finish(self) -> None:
        """Tell of a condition without an end."""
        if self.groups:
            at = len(self.text)
            self.odd.append(Oddity(max(0, at - 1), at, "an `#if` has no `#endif`", "complete it"))

    def _emit(self, tokens: Tokens) -> None:
        gate = self._gate()
        for token in tokens:
            if token.kind == STRING and (len(token.text) < 2 or token.text[-1] not in "\"'"):
                self.odd.append(Oddity(token.start, token.start + 1, "a string has no end", "complete it"))
        self.output += [token._replace(gate=gate) for token in tokens] if gate else tokens

    def _is_live(self) -> bool:
        return not self.groups or (self.groups[-1].live and self.groups[-1].outer_live)

    def _gate(self) -> OpenCondition | None:
        return (self.groups[-1].outer_gate or self.groups[-1].gate) if self.groups else None

    def _directive(self, tokens: Tokens) -> None:
        word = tokens[1].text if len(tokens) > 1 else ""
        rest = tokens[2:]
        match word:
            case "if" | "ifdef" | "ifndef":
                self._open(tokens, word, rest)
            case "elif" | "elifdef" | "elifndef" | "else" if self.groups:
                self._otherwise(tokens, word, rest)
            case "endif" if self.groups:
                self.groups.pop()
            case "define" if rest and self._is_live():
                self._define(rest)
            case "undef" if rest and self._is_live():
                self._refuse_keyword(rest[0])
                gone = None if self._gate() is None else Macro(None, (), UNSURE, self._gate())
                self._set(rest[0].text, gone)
            case "include" | "include_next" | "import" | "embed" if self._is_live():
                self._emit([as_one_token(tokens)._replace(kind=INCLUDE, text=f"#{word}", gate=None)])
            case "pragma" if self._is_live():
                if not _is_harmless([token.text for token in rest]):
                    self.odd.append(_pragma(as_one_token(tokens)))
            case "error" if self._is_live() and self._gate() is None:
                place = as_one_token(tokens)
                self.odd.append(Oddity(place.start, place.end, "no compiler goes past `#error`", "complete the file"))

    def _open(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        if word == "ifndef" and not self.groups and [token.text for token in rest] == [self.guard]:
            found: Truth = True
        else:
            found = truth(word, rest, self._definition)
        live, gate = self._is_live(), self._gate()
        self.groups.append(_Group(found is not False, found, self._gate_of(tokens, found), live, gate))

    def _otherwise(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        before = self.groups.pop()
        found: Truth = None  # older compilers do not know elifdef
        if word in {"else", "elif"}:
            found = True if word == "else" else truth("if", rest, self._definition)
        if before.taken is True:
            after = before._replace(live=False, gate=None)
        elif before.taken is None:
            after = before._replace(live=found is not False)
        else:
            after = before._replace(live=found is not False, taken=found, gate=self._gate_of(tokens, found))
        self.groups.append(after)

    def _definition(self, name: str) -> Tokens | Truth:
        """Return a macro's body, whether it is defined at all, or ``None`` where the file does not tell."""
        definitions = self.macros.get(name)
        if not definitions:
            return None
        macro = definitions[-1][1]
        if macro is None:
            return False
        if macro.kind == UNSURE:
            return None
        return macro.body if macro.parameters is None else True

    def _gate_of(self, tokens: Tokens, found: Truth) -> OpenCondition | None:
        if found is not None:
            return None
        start, end = tokens[0].start, tokens[-1].end
        return OpenCondition(" ".join(self.text[start:end].split()), start, end)

    def _define(self, rest: Tokens) -> None:
        name, *body = rest
        self._refuse_keyword(name)
        parameters: tuple[str, ...] | None = None
        if body and is_punctuation(body[0], "(") and body[0].start == name.end:
            end = matching(body, 0)
            parameters = tuple("".join(part.text for part in piece) for piece in pieces(body[1:end]))
            parameters = tuple(VARIADIC if parameter == "..." else parameter for parameter in parameters)
            body = body[end + 1 :]
        known = value_of(name.text) if parameters is None else None
        given = _value(body) if known is not None else None
        if self._gate() and known is not None and given == known:
            return  # whether the header or this line defines it, it is the same number
        if known is not None and given is not None and given != known:
            message = f"`{name.text}` is {given:#x} here, and {known:#x} in Linux's headers"
            self.odd.append(Oddity(name.start, name.end, message, "give it a name of its own, or Linux's value"))
        is_odd = any(token.text == "__VA_OPT__" for token in body) or any("." in word for word in parameters or ())
        gate = self._gate()
        self._set(name.text, Macro(parameters, tuple(body), UNSURE if gate else OPAQUE if is_odd else NAME, gate))

    def _refuse_keyword(self, name: Token) -> None:
        if name.text in KEYWORDS:
            message = f"a macro called `{name.text}` changes what the rest of the file means"
            hint = "import a copy without it, or the output of the preprocessor (cc -E)"
            self.odd.append(Oddity(name.start, name.end, message, hint))

    def _set(self, name: str, macro: Macro | None) -> None:
        self.macros.setdefault(name, []).append((len(self.output), macro))


def _value(body: Tokens) -> int | None:
    """Return the number that a macro of the name of one of Linux's gets, ``None`` where that is not said in numbers."""
    try:
        return evaluate(body, NO_CONSTANTS, Token(NAME, "", 0, 0))
    except UnreadableError:
        return None
