"""Which calls the words of a command line mean, and how a shell completes them.

A policy takes every name in one spelling, for the sake of whoever reads it; a person at a prompt may write it in any
case. What names several calls, or none, is refused with the way to what was meant.
"""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

    from smccc_filter.registry.rows import Service
    from smccc_filter.reports.facts import Family

ID_DIGITS = 8
"""Hexadecimal digits of a function ID."""


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete the names of calls; once something is typed, those of headers, their forms and function IDs too."""
    from click.shell_completion import CompletionItem

    from smccc_filter import registry
    from smccc_filter.function_id import show
    from smccc_filter.registry.aliases import ALIASES

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
    found: dict[int, None] = {}
    wrong = []
    for word in words:
        try:
            found |= dict.fromkeys(_function_id(word) if word[:1].isdigit() else _call(word))
        except ValueError as error:
            wrong.append("; ".join(error.args))
    if wrong:
        raise click.UsageError("\n".join(wrong))
    return tuple(found)


def _function_id(word: str) -> tuple[int]:
    """Read an ID. Raises ValueError with what is wrong and what to do."""
    import re

    from smccc_filter.function_id import show
    from smccc_filter.policy.ranges import ID_PATTERN, MalformedRangeError, parse
    from smccc_filter.reports.quote import visible

    try:
        base, size = parse(word)
    except MalformedRangeError as error:
        if re.fullmatch(f"{ID_PATTERN}|[0-9_]+", word):
            also = f", or `0x{word}` if it is that already" if _lacks_prefix(word) else ""
            raise ValueError(error.message, error.hint + also) from None
        hint = f"did you mean `0x{word}`?" if _lacks_prefix(word) else "write it in hexadecimal, as in 0x84000003"
        raise ValueError(f"`{visible(word)}` is not a function ID", hint) from None
    if any(sign in word for sign in "+-"):
        raise ValueError(f"`{word}` is a range of {max(size, 0):,} IDs", f"ask for one ID, such as `{show(base)}`")
    return (base,)


def _lacks_prefix(word: str) -> bool:
    """Tell whether the word is the eight digits of a function ID that was copied without its 0x."""
    from string import hexdigits

    return len(word) == ID_DIGITS and all(character in hexdigits for character in word)


def _call(word: str) -> tuple[int, ...]:
    """Find a call by its name. Raises ValueError with what is wrong and what to do."""
    from smccc_filter import registry
    from smccc_filter.function_id import show_range
    from smccc_filter.registry.aliases import ALIASES
    from smccc_filter.reports.quote import visible

    base, slash, form = word.partition("/")
    names = {name.casefold(): name for name in (*(row.name for row in registry.functions()), *ALIASES)}
    name = names.get(base.casefold())
    if name is None:
        raise _unknown(word, names.values())
    ids = registry.by_name(f"{name}{slash}{form}")
    if ids is None:
        all_ids = registry.by_name(name)
        if all_ids is None:
            raise ValueError(f"`{name}` has no ID", "nobody has given it one")
        shown = " and ".join(show_range(*interval) for interval in all_ids)
        raise ValueError(f"`{name}` has no form `/{visible(form)}`", f"write `{name}`, which is {shown}")
    return tuple(fid for start, stop in ids for fid in range(start, stop))


def _unknown(word: str, names: "Iterable[str]") -> ValueError:
    """Say what a word is that is no call."""
    from smccc_filter import registry
    from smccc_filter.reports import facts
    from smccc_filter.reports.quote import visible
    from smccc_filter.suggest import did_you_mean

    folded = word.casefold()
    groups: tuple[Service | Family, ...] = (*registry.services(), *facts.families())
    for group in groups:
        if group.name == folded:
            count = len(facts.members(group))
            many = f"{count} calls; ask for one of `smccc-filter list calls --service {group.name}`"
            return ValueError(f"`{group.name}` stands for {many}")
    if _lacks_prefix(word):
        return ValueError(f"no call is called `{word}`", f"did you mean `0x{word}`?")
    return ValueError(
        f"no call is called `{visible(word)}`", did_you_mean(word, names, "see `smccc-filter list calls`")
    )
