"""Which calls the words of a command line mean, and how a shell completes them.

A policy takes every name in one spelling, for the sake of whoever reads it; a person at a prompt may write it in any
case. What names several calls, or none, is refused with the way to what was meant.
"""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    from smccc_filter.analysis.reference.asked_ids import one_id

    found: dict[int, None] = {}
    wrong = []
    for word in words:
        try:
            found |= dict.fromkeys((one_id(word),) if word[:1].isdigit() else _call(word))
        except ValueError as error:
            wrong.append("; ".join(error.args))
    if wrong:
        raise click.UsageError("\n".join(wrong))
    return tuple(found)


def _call(word: str) -> tuple[int, ...]:
    """Find a call by its name. Raises ValueError with what is wrong and what to do."""
    from smccc_filter.analysis.reference.topics import no_form
    from smccc_filter.smccc import registry
    from smccc_filter.smccc.registry.aliases import ALIASES

    base, slash, form = word.partition("/")
    names = {name.casefold(): name for name in (*(row.name for row in registry.functions()), *ALIASES)}
    name = names.get(base.casefold())
    if name is None:
        raise _unknown(word, names.values())
    ids = registry.by_name(f"{name}{slash}{form}")
    if ids is None:
        if registry.by_name(name) is None:
            raise ValueError(f"`{name}` has no ID", "nobody has given it one")
        raise ValueError(*no_form(name, form))
    return tuple(fid for start, stop in ids for fid in range(start, stop))


def _unknown(word: str, names: "Iterable[str]") -> ValueError:
    """Say what a word is that is no call."""
    from smccc_filter.analysis.reference.asked_ids import lacks_prefix
    from smccc_filter.analysis.reference.groups import group, members
    from smccc_filter.words import did_you_mean, visible

    if named := group(word.casefold()):
        count = len(members(named))
        many = f"{count} calls; ask for one of `smccc-filter list calls --service {named.name}`"
        return ValueError(f"`{named.name}` stands for {many}")
    if lacks_prefix(word):
        return ValueError(f"no call is called `{word}`", f"did you mean `0x{word}`?")
    return ValueError(
        f"no call is called `{visible(word)}`", did_you_mean(word, names, "see `smccc-filter list calls`")
    )
