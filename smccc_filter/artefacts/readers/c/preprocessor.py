"""What a C preprocessor makes of a file, as far as the file itself tells.

Macros of the file are expanded where they are used, with the definition that holds there. Of the conditions, those that
the file decides are followed, and everything under another is marked with it: whoever finds an entry there must not
pretend to know whether it counts. Other files are not included. What changes the language (a macro called ``const``, a
pragma that is not known) is told.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers.c.conditions import truth
from smccc_filter.artefacts.readers.c.language import HARMLESS_PRAGMAS, KEYWORDS
from smccc_filter.artefacts.readers.c.macros import Definitions, Macro
from smccc_filter.artefacts.readers.c.redefined import Redefinitions, value_in_numbers
from smccc_filter.artefacts.readers.c.substitution import VARIADIC
from smccc_filter.artefacts.readers.source.linux import value_of
from smccc_filter.artefacts.readers.source.tokens import (
    INCLUDE,
    MOST_TOKENS,
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

DEEPEST = 32
"""Files that include one another."""


class Oddity(NamedTuple):
    """Something that no compiler would take, or that changes what the rest means: where, what, and what to do."""

    start: int
    end: int
    message: str
    hint: str


class CLines(NamedTuple):
    """One file: its whole path, its lines, and the macro that keeps it from being included twice, if any."""

    path: str
    lines: Sequence[Tokens]
    guard: str | None


class CFiles:
    """The files that are given together, by number."""

    def __init__(self, files: Sequence[CLines]) -> None:
        self.files = files
        self._by_name: dict[str, list[int]] = {}
        for number, file in enumerate(files):
            self._by_name.setdefault(file.path.split("/")[-1], []).append(number)

    def called(self, name: str) -> list[int]:
        """Return the files that an ``#include`` of a name may mean: those whose path ends with the name."""
        parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
        near = self._by_name.get(parts[-1], []) if parts else []
        return [number for number in near if self.files[number].path.split("/")[-len(parts) :] == parts]


def unsure_bodies(tokens: Tokens, macros: Definitions) -> Iterator[Tokens]:
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


def included_name(text: str, line: Tokens) -> str:
    """Return the name that an ``#include`` has between quotes or angles; empty for anything else."""
    rest = line[2:]
    if len(rest) == 1 and rest[0].kind == STRING:
        return rest[0].text.strip('"')
    if len(rest) > 2 and rest[0].text == "<" and rest[-1].text == ">":
        return text[rest[0].end : rest[-1].start].strip()
    return ""


def odd_pragmas(tokens: Tokens) -> list[Oddity]:
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


class CPreprocessor:
    """Reads the files of one translation unit; an ``#include`` of one that is given is followed.

    ``output`` is what is not skipped; ``macros`` has each name's definitions, with the index from which one holds.
    ``odd`` is what no compiler would take, or what changes what the rest means; ``notes`` tells of names of Linux that
    get another value. ``seen`` are the numbers of the files that were read.
    """

    def __init__(self, text: str, files: CFiles) -> None:
        self.text = text
        self.given = files
        self.files = files.files
        self.output: list[Token] = []
        self.macros: Definitions = {}
        self.odd: list[Oddity] = []
        self.notes: list[Oddity] = []
        self.groups: list[_Group] = []
        self.seen: set[int] = set()
        self._redefinitions = Redefinitions()
        self._once: set[int] = set()
        self._open_files: list[int] = []
        self._base = 0
        """Conditions that are open around the file that is read."""
        self._lines = 0

    def read(self, number: int) -> None:
        """Read a file, or what it is once more where it is included again."""
        file = self.files[number]
        self._lines += len(file.lines) + 1
        place = file.lines[0][0] if file.lines else Token(NAME, "", 0, 0)
        guarded = None if file.guard is None else self._definition(file.guard)
        if number in self._once or (guarded is not None and guarded is not False):
            return
        if number in self._open_files or len(self._open_files) > DEEPEST or self._lines > MOST_TOKENS:
            message = "this file is included in itself, or too often to be followed"
            self.odd.append(Oddity(place.start, place.end, message, "import the output of the preprocessor (cc -E)"))
            return
        self.seen.add(number)
        base, self._base = self._base, len(self.groups)
        self._open_files.append(number)
        for line in file.lines:
            self.line(line)
        if len(self.groups) > self._base:
            end = file.lines[-1][-1]
            self.odd.append(Oddity(end.start, end.end, "an `#if` has no `#endif`", "complete it"))
            del self.groups[self._base :]
        self._open_files.pop()
        self._base = base

    def line(self, tokens: Tokens) -> None:
        """Read one line."""
        if is_punctuation(tokens[0], "#"):
            self._directive(tokens)
        elif self._is_live():
            self._emit(tokens)

    def finish(self) -> None:
        """Tell of names of Linux that get another value."""
        for name, message, hint in self._redefinitions.found():
            self.notes.append(Oddity(name.start, name.end, message, hint))

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
            case "elif" | "elifdef" | "elifndef" | "else" if len(self.groups) > self._base:
                self._otherwise(tokens, word, rest)
            case "endif" if len(self.groups) > self._base:
                self.groups.pop()
            case "define" if rest and self._is_live():
                self._define(rest)
            case "undef" if rest and self._is_live():
                self._refuse_keyword(rest[0])
                gone = None if self._gate() is None else Macro(None, (), UNSURE, self._gate())
                self._set(rest[0].text, gone)
            case "include" | "include_next" | "import" | "embed" if self._is_live():
                self._include(tokens)
            case "pragma" if self._is_live():
                self._pragma(tokens)
            case "error" if self._is_live() and self._gate() is None:
                place = as_one_token(tokens)
                self.odd.append(Oddity(place.start, place.end, "no compiler goes past `#error`", "complete the file"))

    def _pragma(self, tokens: Tokens) -> None:
        words = [token.text for token in tokens[2:]]
        if words == ["once"]:
            self._once.add(self._open_files[-1])
        elif not _is_harmless(words):
            self.odd.append(_pragma(as_one_token(tokens)))

    def _include(self, tokens: Tokens) -> None:
        """Read a file that is given; leave a token for any other one."""
        name = included_name(self.text, tokens)
        fitting = self.given.called(name)
        if len(fitting) == 1:
            self.read(fitting[0])
            return
        place = as_one_token(tokens)
        if fitting:
            message = f"`{name}` may be one of several of these files"
            self.odd.append(Oddity(place.start, place.end, message, "import them one by one"))
        self._emit([place._replace(kind=INCLUDE, text=f"#{tokens[1].text}", gate=None)])

    def _open(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        guard = self.files[self._open_files[-1]].guard if len(self.groups) == self._base else None
        if word == "ifndef" and [token.text for token in rest] == [guard] and guard not in self.macros:
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
        given = value_in_numbers(body) if known is not None else None
        if self._gate() and known is not None and given == known:
            return  # whether the header or this line defines it, it is the same number
        self._redefinitions.define(name, parameters, body)
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
