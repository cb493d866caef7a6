"""Macros as they are typed: ``-D NAME`` and ``-D NAME=VALUE``, as C compilers take them."""

import re

import click

from smccc_filter.words import cut, visible

Definitions = tuple[tuple[str, str], ...]
"""The name and the value of each macro, in order."""


def definitions_of(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> Definitions:  # noqa: ARG001 -- click's
    """Read each ``-D``; a name alone is 1. Raises click.BadParameter for what defines no number."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            shown = f"`{visible(cut(name))}` is no name of a macro" if name else f"`{visible(cut(word))}` has no name"
            raise click.BadParameter(f"{shown}; write NAME or NAME=VALUE")
        found.pop(name, None)
        found[name] = _number(name, value if equals else "1", found)
    return tuple(found.items())


def _number(name: str, value: str, known: dict[str, str]) -> str:
    """Return a value. Raises click.BadParameter where it is no number and no expression of numbers."""
    from smccc_filter.artefacts.readers.c.lexer import lex
    from smccc_filter.artefacts.readers.source.expression import (
        U32_MAX,
        U64_MAX,
        FileConstants,
        UnreadableError,
        evaluate,
    )
    from smccc_filter.artefacts.readers.source.tokens import NAME, Token

    names = FileConstants({name: lex(text).tokens for name, text in known.items()})
    lexed = lex(value)
    is_line = lexed.unfinished is None and not lexed.doubts and value.isprintable()
    message, hint = "", ""
    for limit in (U32_MAX, U64_MAX):
        try:
            evaluate(lexed.tokens, names, Token(NAME, name, 0, 0), limit)
        except UnreadableError as error:
            message, hint = error.message, "write an expression of numbers, such as 0x84000050"
        else:
            message = "" if is_line else "it has characters that a macro on one line can't have"
            break
    if message or not is_line:
        shown = visible(cut(value))
        raise click.BadParameter(f"`{shown}` is no value of `{name}`: {visible(message)}; {hint or 'write a number'}")
    return value
