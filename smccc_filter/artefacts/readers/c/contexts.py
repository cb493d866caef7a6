"""Whether a value is only read where a name stands: told by the tokens around it, from a list of what reads.

Whatever is not on the list may write, or declare something else of the same name.
"""

from smccc_filter.artefacts.readers.c.language import COUNTS, PRINTERS, STATEMENTS
from smccc_filter.artefacts.readers.c.structure import CStructure
from smccc_filter.artefacts.readers.source.tokens import NAME, NUMBER, STRING

ASSIGNS = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="})
_OPERATORS = frozenset({
    *("+", "-", "*", "/", "%", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "|", "^"),
})  # fmt: skip
READ_BEFORE = frozenset({"(", ",", ";", "{", "}", "[", "!", "~", "<<", "?", ":"}) | ASSIGNS | _OPERATORS
READ_AFTER = frozenset({")", ",", ";", "}", "]", "?", ":", "&", "<<", ">>"}) | _OPERATORS
_CPP = frozenset({"class", "namespace", "template", "nullptr", "std", "reinterpret_cast", "static_cast", "using"})
CASTS = frozenset({"reinterpret_cast", "static_cast", "const_cast", "bit_cast"})
LONGEST_TYPE = 16
"""Tokens of a type in a cast."""


class CContexts:
    """Answers what stands around a part of an expression, from its first token to before ``end``."""

    def __init__(self, source: CStructure) -> None:
        self.source = source
        self.is_cpp = any(source.uses(word) for word in _CPP)

    def callee(self, opened: int) -> str:
        """Return the function that is called by the bracket at ``opened``, empty for a bracket that calls none."""
        name = self.source.word(opened - 1)
        return "" if name in STATEMENTS else name

    def is_group(self, opened: int) -> bool:
        """Tell whether a bracket is only around an expression, and calls nothing."""
        before = self.source.at(opened - 1)
        if before.kind == NAME:
            return before.text in {"return", "case", "else", "do"}
        if before.text == ")":
            return self.is_cast(self.source.opening.get(opened - 1, -1))
        return before.kind not in {STRING, NUMBER} and before.text not in {"]", ">", "}"}

    def is_cast(self, opened: int) -> bool:
        """Tell whether brackets hold a type and nothing else."""
        closed = self.source.closing.get(opened, opened)
        is_place = self.source.mark(opened - 1) == ")" or self.is_group(opened)
        if not 1 < closed - opened <= LONGEST_TYPE or not is_place:
            return False
        inner = range(opened + 1, closed)
        if not all(self.source.word(i) or self.source.mark(i) == "*" for i in inner) or not self.source.word(
            opened + 1
        ):
            return False
        return self.source.mark(closed - 1) == "*" or self._is_type(opened + 1, closed)

    def _is_type(self, start: int, end: int) -> bool:
        words = [self.source.word(i) for i in range(start, end)]
        known = {"unsigned", "signed", "int", "long", "short", "char", "const", "struct", "enum", "void", "volatile"}
        return words[0] in known or (len(words) == 1 and is_type_name(words[0]))

    def is_unary(self, i: int) -> bool:
        """Tell whether the operator at ``i`` has nothing on its left."""
        before = self.source.at(i - 1)
        if before.kind == NAME:
            return before.text in STATEMENTS
        if before.kind in {NUMBER, STRING} or before.text == "]":
            return False
        if before.text == ")":
            opened = self.source.opening.get(i - 1, -1)
            return self.is_cast(opened) or self.source.word(opened - 1) in {"if", "while", "for", "switch"}
        return True

    def is_read(self, start: int, end: int, known: frozenset[str]) -> bool:
        """Tell whether a value is read, and neither written nor handed out by reference.

        ``known`` are the functions of this file that take numbers as they are.
        """
        while self.source.mark(start - 1) == "(" and self.source.mark(end) == ")":
            if self.callee(start - 1) or not self.is_group(start - 1):
                break
            start, end = start - 1, end + 1
        before, after = self.source.mark(start - 1), self.source.mark(end)
        if self.names_something(start) or self.callee(self.source.around(start)) == "_Generic":
            return False
        if after not in READ_AFTER or (before == "*" and self.is_unary(start - 1)):
            return False
        if before == ")":
            return self.is_cast(self.source.opening.get(start - 1, -1))
        if before not in READ_BEFORE and self.source.word(start - 1) not in {"return", "case", "else", "do"}:
            return False
        if before in {"(", ","} and after in {")", ","}:
            return self._is_read_argument(start, known)
        is_case = self.source.word(start - 1) == "case"
        return not self.is_cpp or is_case or (before not in {"?", ":"} and after != ":")

    def names_something(self, i: int) -> bool:
        """Tell whether a name stands where an enumerator or a binding of C++ is declared."""
        around = self.source.around(i)
        if around < 0:
            return False
        before = self.source.word(around - 1)
        if self.source.mark(around) == "[":
            return before == "auto" or self.source.word(around - 2) == "auto"
        return self.source.mark(around) == "{" and (before == "enum" or self.source.word(around - 2) == "enum")

    def _is_read_argument(self, start: int, known: frozenset[str]) -> bool:
        """Tell whether what stands between a bracket or comma and the next is read."""
        opened = self.source.around(start)
        if opened < 0 or self.source.mark(opened) != "(":
            return opened < 0 or self.source.mark(opened) == "[" or self._is_value_list(opened)
        name = self.callee(opened)
        if not name:
            is_condition = self.source.word(opened - 1) in {"if", "while", "switch", "sizeof"}
            return (
                is_condition or (self.source.word(opened - 1) == "for") or (self.is_group(opened) and not self.is_cpp)
            )
        if self.source.mark(self.source.closing.get(opened, opened) + 1) in ASSIGNS | {"++", "--"}:
            return False
        if name in known or name in COUNTS or name in PRINTERS or name.startswith("trace_"):
            return True
        return not self.is_cpp and not name.isupper() and not name.startswith("__") and name != "asm"

    def _is_value_list(self, opened: int) -> bool:
        """Tell whether a brace begins an initialiser, and not a block."""
        return self.source.mark(opened - 1) in {"=", ",", "{", ")", "]"} or bool(self.source.word(opened - 1))


def is_type_name(word: str) -> bool:
    """Tell whether a word is by its form a type of integers."""
    return word.endswith("_t") or word.strip("_") in {"u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "uintptr"}
