"""What one use of a macro is replaced by: its body, with arguments put in, quoted or joined."""

from collections.abc import Callable, Mapping

from smccc_filter.artefacts.readers.c.lexer import NEWLINE, lex
from smccc_filter.artefacts.readers.source.tokens import NAME, PUNCTUATION, STRING, Token, Tokens, is_punctuation

VARIADIC = "__VA_ARGS__"
NOTHING = "nothing"
"""Stands for an empty argument next to ``##``."""

Hidden = frozenset[str]
"""The macros that a token came from."""
Item = tuple[Token, Hidden]
NO_MACROS: Hidden = frozenset()


def arguments_of(parameters: tuple[str, ...], taken: list[Item]) -> dict[str, list[Item]] | None:
    """Return the argument of each parameter; ``taken`` has its brackets. ``None`` for too few or too many."""
    arguments: list[list[Item]] = [[]]
    depth = 0
    fixed = len(parameters) - 1 if parameters[-1:] == (VARIADIC,) else len(taken)
    for item in taken[1:-1]:
        text = item[0].text if item[0].kind == PUNCTUATION else ""
        depth += (text == "(") - (text == ")")
        if text == "," and not depth and len(arguments) <= fixed:
            arguments.append([])
        else:
            arguments[-1].append(item)
    if not parameters:
        return {} if arguments == [[]] else None
    if len(arguments) == fixed:
        arguments.append([])
    return dict(zip(parameters, arguments, strict=True)) if len(arguments) == len(parameters) else None


def substituted(
    body: Tokens, given: Mapping[str, list[Item]], expand: Callable[[list[Item]], list[Item]], most: int
) -> list[Item] | None:
    """Return a body with its arguments; tokens of the body itself have no place.

    ``None`` where it can't be followed, or has more than ``most`` tokens.
    """
    result: list[Item] = []
    expanded: dict[str, list[Item]] = {}
    i = 0
    while i < len(body):
        token = body[i]
        after = body[i + 1] if i + 1 < len(body) else None
        operator = token.text if token.kind == PUNCTUATION else ""
        if operator == "##" or (operator == "#" and given):
            changed = _operated(operator, result, after, given)
            if changed is None:
                return None
            result = changed
            i += 1
        elif token.kind != NAME or token.text not in given:
            result.append(_bare(token))
        elif after is not None and is_punctuation(after, "##"):
            result += given[token.text] or [(Token(NOTHING, "", -1, -1), NO_MACROS)]
        else:
            if token.text not in expanded:
                expanded[token.text] = expand(given[token.text])
            result += expanded[token.text]
        i += 1
        if len(result) > most:
            return None
    return [item for item in result if item[0].kind != NOTHING]


def _operated(
    operator: str, left: list[Item], after: Token | None, given: Mapping[str, list[Item]]
) -> list[Item] | None:
    """Apply ``#`` or ``##`` to the token behind it."""
    if after is None:
        return None
    argument = given.get(after.text) if after.kind == NAME else None
    if operator == "#":
        return None if argument is None else [*left, (Token(STRING, _quoted(argument), -1, -1), NO_MACROS)]
    if not left:
        return None
    return _joined(left, [_bare(after)] if argument is None else argument, is_rest=after.text == VARIADIC)


def _joined(left: list[Item], right: list[Item], *, is_rest: bool) -> list[Item] | None:
    """Join the last token of the left and the first of the right, as ``##`` does."""
    token, hidden = left[-1]
    if is_rest and is_punctuation(token, ","):  # GNU: no comma before no arguments
        return [*left, *right] if right else left[:-1]
    if not right:
        return left
    if token.kind == NOTHING:
        return [*left[:-1], *right]
    other, also_hidden = right[0]
    relexed = [part for part in lex(token.text + other.text).tokens if part.kind != NEWLINE]
    if len(relexed) != 1 or relexed[0].text != token.text + other.text:
        return None
    place = token if token.start >= 0 else other
    joined = relexed[0]._replace(start=place.start, end=place.end, gate=place.gate)
    return [*left[:-1], (joined, hidden & also_hidden), *right[1:]]


def _bare(token: Token) -> Item:
    return token._replace(start=-1, end=-1), NO_MACROS


def _quoted(items: list[Item]) -> str:
    """Return a string of an argument's words; only that it is a string, and of which words, matters."""
    words = " ".join(token.text for token, _ in items)
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
