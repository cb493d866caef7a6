"""What a C preprocessor makes of a file, as far as the file itself tells.

Macros of the file are expanded where they are used, with the definition that holds there. Of the conditions, those that
the file decides are followed, and everything under another is marked with it: whoever finds an entry there must not
pretend to know whether it counts. Other files are not included. What changes the language (a macro called ``const``, a
pragma that is not known) is told.
"""

from smccc_filter.artefacts.readers.c.conditions import truth
from smccc_filter.artefacts.readers.c.files import CFiles, included_name
from smccc_filter.artefacts.readers.c.groups import ConditionalGroups
from smccc_filter.artefacts.readers.c.language import KEYWORDS
from smccc_filter.artefacts.readers.c.macros import Definitions, Macro
from smccc_filter.artefacts.readers.c.pragmas import Oddity, is_harmless_pragma, odd_pragma
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
        self.groups = ConditionalGroups()
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
            self.groups.cut(self._base)
        self._open_files.pop()
        self._base = base

    def line(self, tokens: Tokens) -> None:
        """Read one line."""
        if is_punctuation(tokens[0], "#"):
            self._directive(tokens)
        elif self.groups.is_live:
            self._emit(tokens)

    def finish(self) -> None:
        """Tell of names of Linux that get another value."""
        for name, message, hint in self._redefinitions.found():
            self.notes.append(Oddity(name.start, name.end, message, hint))

    def _emit(self, tokens: Tokens) -> None:
        gate = self.groups.gate
        for token in tokens:
            if token.kind == STRING and (len(token.text) < 2 or token.text[-1] not in "\"'"):
                self.odd.append(Oddity(token.start, token.start + 1, "a string has no end", "complete it"))
        self.output += [token._replace(gate=gate) for token in tokens] if gate else tokens

    def _directive(self, tokens: Tokens) -> None:
        word = tokens[1].text if len(tokens) > 1 else ""
        rest = tokens[2:]
        match word:
            case "if" | "ifdef" | "ifndef":
                self._open(tokens, word, rest)
            case "elif" | "elifdef" | "elifndef" | "else" if len(self.groups) > self._base:
                self._otherwise(tokens, word, rest)
            case "endif" if len(self.groups) > self._base:
                for name, macro in self.groups.end().items():
                    self._set(name, macro)
            case "define" if rest and self.groups.is_live:
                self._define(rest)
            case "undef" if rest and self.groups.is_live:
                self._refuse_keyword(rest[0])
                self._set(rest[0].text, None)
            case "include" | "include_next" | "import" | "embed" if self.groups.is_live:
                self._include(tokens)
            case "pragma" if self.groups.is_live:
                self._pragma(tokens)
            case "error" if self.groups.is_live and self.groups.gate is None:
                place = as_one_token(tokens)
                self.odd.append(Oddity(place.start, place.end, "no compiler goes past `#error`", "complete the file"))

    def _pragma(self, tokens: Tokens) -> None:
        words = [token.text for token in tokens[2:]]
        if words == ["once"]:
            self._once.add(self._open_files[-1])
        elif not is_harmless_pragma(words):
            self.odd.append(odd_pragma(as_one_token(tokens)))

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
        self.groups.begin(found, self._condition(tokens))

    def _otherwise(self, tokens: Tokens, word: str, rest: Tokens) -> None:
        found: Truth = None  # older compilers do not know elifdef
        if word in {"else", "elif"}:
            found = True if word == "else" else truth("if", rest, self._definition)
        self.groups.otherwise(found, self._condition(tokens), is_else=word == "else")

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

    def _condition(self, tokens: Tokens) -> OpenCondition:
        """Return the condition of a directive as people are told it."""
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
        if self.groups.gate and known is not None and given == known:
            return  # whether the header or this line defines it, it is the same number
        self._redefinitions.define(name, parameters, body)
        is_odd = any(token.text == "__VA_OPT__" for token in body) or any("." in word for word in parameters or ())
        self._set(name.text, Macro(parameters, tuple(body), OPAQUE if is_odd else NAME, None))

    def _refuse_keyword(self, name: Token) -> None:
        if name.text in KEYWORDS:
            message = f"a macro called `{name.text}` changes what the rest of the file means"
            hint = "import a copy without it, or the output of the preprocessor (cc -E)"
            self.odd.append(Oddity(name.start, name.end, message, hint))

    def _set(self, name: str, macro: Macro | None) -> None:
        """Note what a macro is from here on, ``None`` where it is undefined."""
        self.groups.define(name, macro)
        gate = self.groups.gate
        if gate is not None:
            macro = Macro(None, (), UNSURE, gate) if macro is None else macro._replace(kind=UNSURE, gate=gate)
        self.macros.setdefault(name, []).append((len(self.output), macro))
