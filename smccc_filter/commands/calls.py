"""Which calls the words of a command line mean, and how a shell completes them."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete the names of calls; once something is typed, those of headers, their forms and function IDs too."""
    from click.shell_completion import CompletionItem

    from smccc_filter.smccc import registry
    from smccc_filter.smccc.function_id import show
    from smccc_filter.smccc.registry.aliases import ALIASES

    words = [(function.name, function.meaning) for function in registry.functions() if registry.by_name(function.name)]
    if incomplete:
        known = [
            (fid, registry.name_of(fid) or "") for start, stop in registry.known_ids() for fid in range(start, stop)
        ]
        words += ((name, f"{show(fid)}, {registry.name_of(fid)}") for name, fid in ALIASES.items())
        words += ((name, show(fid)) for fid, name in known if "/" in incomplete and "/" in name)
        words += ((show(fid), name) for fid, name in known)
    start = incomplete.casefold()
    return [CompletionItem(word, help=text) for word, text in words if word.casefold().startswith(start)]


def ids_of(words: tuple[str, ...]) -> tuple[int, ...]:
    """Return the IDs that ``words`` mean, in their order and each once. Raises click.UsageError with all that is wrong.

    A word is a function ID in hexadecimal or the name of a call, with ``/32`` or ``/64`` for one form of it.
    """
    from smccc_filter.analysis.reference.asked_calls import ids_asked

    found: dict[int, None] = {}
    wrong = []
    for word in words:
        try:
            found |= dict.fromkeys(ids_asked(word))
        except ValueError as error:
            wrong.append("; ".join(error.args))
    if wrong:
        raise click.UsageError("\n".join(wrong))
    return tuple(found)
