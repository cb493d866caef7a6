"""The value of a constant expression in C: exact, or an explanation why it can't be known. Rust has types, and its own.

Numbers, names with a known value, parentheses, casts, and the operators whose result is the same in every C type as
long as it fits 32 bits: ``+ - * << & ^ |``. So a result that does not fit is not computed, because its value depends on
types that are not looked at; nor is ``>>``, which depends on a sign. Where 64 bits are asked for, a result with bit 31
set is not computed either: whether it is negative depends on types too.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from smccc_filter.artefacts.readers.source.linux import MACROS, value_of
from smccc_filter.artefacts.readers.source.tokens import NAME, PUNCTUATION, TYPE, Token, Tokens

DEEPEST = 64
"""Brackets, calls and constants inside one another."""
MOST = 10_000
"""Values in one expression; a constant is one."""
I32_MAX, U32_MAX, U64_MAX = 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF

_LONG = "(?:ll?|LL?)"
"""How C says of a number that it is long: both letters in one case."""
_NUMBER = re.compile(rf"(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))(?:[uU]?{_LONG}?|{_LONG}[uU])")
_BASES = (16, 2, 8, 10)
PRECEDENCE = {"*": 6, "+": 5, "-": 5, "<<": 4, "&": 3, "^": 2, "|": 1}
OPERATIONS: Mapping[str, Callable[[int, int], int]] = {
    "*": lambda left, right: left * right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "<<": lambda left, right: left << right if right < 32 else -1,
    "&": lambda left, right: left & right,
    "^": lambda left, right: left ^ right,
    "|": lambda left, right: left | right,
}
"""The operators that C and Rust have in common, with the same precedence."""
_WIDTHS = {
    **dict.fromkeys(("u8", "__u8", "uint8_t"), 8),
    **dict.fromkeys(("u16", "__u16", "uint16_t"), 16),
    **dict.fromkeys(("u32", "__u32", "uint32_t", "unsigned", "c_uint", "kvm_smccc_filter_action"), 32),
    **dict.fromkeys(("u64", "__u64", "uint64_t", "usize", "size_t", "uintptr_t", "c_ulong"), 64),
    "int": 31,
}
"""Types that a value may be cast to, and the bits of which what a cast gives is the value itself."""
_TYPE_WORDS = {*_WIDTHS, "long"}


class UnreadableError(Exception):
    """The value of an expression can't be known: the token that is why, what is wrong with it, and what to do."""

    def __init__(self, token: Token, message: str, hint: str) -> None:
        super().__init__(message)
        self.token = token
        self.message = message
        self.hint = hint


class FileConstants:
    """The names to which a file itself gives a value; each value is computed once, however often its name is used.

    ``computed`` counts the expressions that were computed.
    """

    def __init__(self, expressions: Mapping[str, Tokens]) -> None:
        self.expressions = expressions
        self.computed = 0
        self._known: dict[str, int | UnreadableError] = {}

    def value(self, path: Sequence[str], depth: int) -> int | None:
        """Return the value of a name as it stands, behind its type, or in a module nearby; ``None`` for no constant.

        ``depth`` counts the constants and brackets around the use. Raises UnreadableError.
        """
        if len(path) > 1 and path[-2] not in {"self", "super", "crate"}:
            path = ["::".join(path[-2:])]
        name = path[-1]
        expression = self.expressions.get(name)
        if not expression:  # a name that is given nothing has no value either
            return None
        found = self._known.get(name)
        if found is None:
            self._known[name] = _too_deep(expression[0])  # what a constant that stands in its own expression meets
            self.computed += 1
            try:
                found = _Evaluator(expression, self, U32_MAX, depth).value()
            except UnreadableError as error:
                found = error
            self._known[name] = found
        if isinstance(found, UnreadableError):
            raise found.with_traceback(None)
        return found


NO_CONSTANTS = FileConstants({})


def evaluate(tokens: Tokens, constants: FileConstants, whole: Token, limit: int = U32_MAX) -> int:
    """Return the value of an expression, 0 to ``limit``. Raises UnreadableError, at ``whole`` for no expression."""
    if not tokens:
        raise UnreadableError(whole, "a value is missing", "give the field a number or a macro")
    value = _Evaluator(tokens, constants, I32_MAX if limit > U32_MAX else U32_MAX).value()
    if value > limit:
        hint = "correct the value"
        raise UnreadableError(tokens[0], f"the value is {value:#x}, and the field holds at most {limit:#x}", hint)
    return value


def _too_deep(token: Token) -> UnreadableError:
    return UnreadableError(token, "the expression is too long or too deep", "write the number itself")


class _Evaluator:
    """Precedence climbing over a list of tokens; ``most`` is the largest result that an operator may have."""

    def __init__(self, tokens: Tokens, constants: FileConstants, most: int, depth: int = 0) -> None:
        self.tokens = tokens
        self.constants = constants
        self.most = most
        self.depth = depth
        self.at = self.values = 0

    def value(self) -> int:
        result = self._binary(0)
        if self.at < len(self.tokens):
            raise self._cannot(self.tokens[self.at])
        return result

    def _binary(self, least: int) -> int:
        left = self._primary()
        while (operator := self._peek()) and PRECEDENCE.get(operator.text, 0) > least:
            self.at += 1
            right = self._binary(PRECEDENCE[operator.text])
            left = OPERATIONS[operator.text](left, right)
            if not 0 <= left <= self.most:
                bits = 32 if self.most == U32_MAX else 31
                message = f"the result of `{operator.text}` does not fit {bits} bits, so that it depends on types"
                raise UnreadableError(operator, message, "write the number itself")
        return left

    def _primary(self) -> int:
        token = self._take()
        self.depth += 1
        self.values += 1
        if self.depth > DEEPEST or self.values > MOST:
            raise _too_deep(token)
        match token.kind:
            case "number":
                value = self._number(token)
            case "name":
                value = self._name(token)
            case "punctuation" if token.text == "(":
                value = self._bracketed()
            case _:
                raise self._cannot(token)
        self.depth -= 1
        return value

    def _bracketed(self) -> int:
        words = []
        while (token := self._peek()) and (token.kind == TYPE or (token.kind == NAME and token.text in _TYPE_WORDS)):
            words.append(self._take())
        if words:
            self._close()
            value = self._primary()
            self._must_fit(value, words)
        else:
            value = self._binary(0)
            self._close()
        return value

    def _must_fit(self, value: int, words: list[Token]) -> None:
        width = next((_WIDTHS[word.text] for word in words if word.text in _WIDTHS), None)
        texts = [word.text for word in words]
        if "long" in texts:
            width = 64
        elif "unsigned" in texts:
            width = 32
        if width is None:
            raise UnreadableError(
                words[0], f"a cast to `{words[0].text}` can't be read here", "write the number itself"
            )
        if value >> width:
            message = f"{value:#x} does not fit `{words[0].text}`"
            raise UnreadableError(words[0], message, "write the number itself")

    def _name(self, token: Token) -> int:
        path = [token]
        while self._peek_is("::"):
            self.at += 1
            path.append(self._take())
        if self._peek_is("("):
            return self._call(path[-1])
        own = self.constants.value([part.text for part in path], self.depth)
        known = value_of(path[-1].text) if own is None else own
        if known is None:
            name = "::".join(part.text for part in path)
            hint = f"write its number, or import with `-D {name}=NUMBER`, or with the file that defines it"
            raise UnreadableError(token, f"the value of `{name}` is not known", hint)
        return known

    def _call(self, token: Token) -> int:
        known = MACROS.get(token.text)
        if known is None:
            hint = "write the number that it gives"
            raise UnreadableError(token, f"`{token.text}(...)` can't be computed here", hint)
        self.at += 1
        arguments: list[int] = []
        while not arguments or self._peek_is(","):
            self.at += bool(arguments)
            arguments.append(self._binary(0))
        self._close()
        count, function = known
        result = function(*arguments) if len(arguments) == count else None
        if result is None or result > U32_MAX:
            raise UnreadableError(token, f"the arguments of `{token.text}` can't be meant", "write the number itself")
        return result

    def _number(self, token: Token) -> int:
        match = _NUMBER.fullmatch(token.text.replace("'", ""))
        if match is None:
            raise UnreadableError(token, f"`{token.text}` is no whole number", "write a hexadecimal number")
        digits, base = next((group, base) for group, base in zip(match.groups(), _BASES, strict=True) if group)
        value = int(digits, base) if len(digits) <= 64 else U64_MAX + 1
        if value > U64_MAX:
            raise UnreadableError(token, f"`{token.text}` does not fit 64 bits", "correct the number")
        return value

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _peek_is(self, text: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == PUNCTUATION and token.text == text

    def _take(self) -> Token:
        if self.at >= len(self.tokens):
            raise UnreadableError(self.tokens[-1], "the expression ends too soon", "complete it")
        self.at += 1
        return self.tokens[self.at - 1]

    def _close(self) -> None:
        token = self._take()
        if token.kind != PUNCTUATION or token.text != ")":
            raise self._cannot(token)

    @staticmethod
    def _cannot(token: Token) -> UnreadableError:
        hint = "write the number itself"
        match token.kind:
            case "unsure":
                gate = token.gate.text if token.gate else "#if"
                message = f"`{token.text}` is defined as `{gate}` has it, which this file does not decide"
            case "opaque":
                message = f"the macro `{token.text}` joins or quotes its arguments, which can't be followed here"
            case "unreadable":
                message = token.text
            case "include":
                message, hint = "another file is included here", "import the output of the preprocessor (cc -E)"
            case _:
                message = f"`{token.text}` can't be computed here"
        return UnreadableError(token, message, hint)
