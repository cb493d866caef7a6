"""Questions to a person on a terminal, on standard error, so that standard output can be the policy.

Not click's prompts: those write to standard output too, and tell Ctrl-C from an end of input by nothing.
"""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from smccc_filter.commands import files, output
from smccc_filter.commands.files import UnusableError
from smccc_filter.words import visible

Answer = TypeVar("Answer")
Choice = tuple[str, str]
"""A name, and what it stands for."""

LONGEST = 4096
"""Bytes of an answer that are looked at: what a terminal takes for one line, and few enough for Python's int."""


def possible() -> bool:
    """Tell whether there is a person to ask: one who types, and who sees the questions."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()


def ask(question: str, default: str, read: Callable[[str], Answer]) -> Answer:
    """Ask until ``read`` takes the answer, which it refuses with click.UsageError; an empty one is ``default``.

    Raises KeyboardInterrupt for Ctrl-C, and UnusableError where no answer will come any more.
    """
    while True:
        output.complain(f"{question}{f' [{default}]' if default else ''}: ")
        try:
            line = files.binary(sys.stdin).readline(LONGEST)
        except KeyboardInterrupt:
            output.complain("\n")
            raise
        if not line:
            output.complain("\n")
            raise UnusableError("the answers ended; nothing was written")
        try:
            return read(line.decode(errors="replace").strip() or default)
        except click.UsageError as error:
            output.complain(f"  {visible(error.message)}\n")


def ask_among(question: str, choices: Sequence[Choice], default: str, *, several: bool) -> tuple[str, ...]:
    """Show numbered choices and return the names of those that were picked, by number or by name, in their order."""
    width = max(len(name) for name, _ in choices)
    lines = (f"  {number}  {name:{width}}  {meaning}\n" for number, (name, meaning) in enumerate(choices, 1))
    output.complain(f"\n{question}\n{''.join(lines)}")
    names = [name for name, _ in choices]

    def read(answer: str) -> tuple[str, ...]:
        picked = {_picked(word, names) for word in answer.replace(",", " ").split()}
        if not several and len(picked) != 1:
            raise click.UsageError("pick one")
        return tuple(name for name in names if name in picked)

    return ask("Numbers or names, or nothing for none" if several else "Number or name", default, read)


def _picked(word: str, names: Sequence[str]) -> str:
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(names):
        return names[int(word) - 1]
    if word.casefold() in names:
        return word.casefold()
    from smccc_filter.words import cut, did_you_mean

    hint = did_you_mean(word, names, f"pick from 1 to {len(names)}")
    raise click.UsageError(f"`{cut(word)}` is none of them; {hint}")
