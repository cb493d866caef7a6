"""``explain``: what a word of the field means."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import output

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.checks import Check
    from smccc_filter.registry.rows import Function, Service
    from smccc_filter.reports.facts import Family

    Topic = int | Function | Service | Family | Check

ID_DIGITS = 8
"""Hexadecimal digits of a function ID."""


class UnknownWordError(Exception):
    """A word that nothing can be said about; ``args`` are what is wrong and what to do."""


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete function IDs, calls, services and codes; without a start, the few that people name most."""
    from click.shell_completion import CompletionItem

    start = incomplete.casefold()
    return [CompletionItem(word, help=text) for word, text in _words(start) if word.casefold().startswith(start)]


@click.command(
    epilog="""\b
Examples:
  smccc-filter explain 0xC4000003
  smccc-filter explain PSCI_CPU_ON psci
  smccc-filter explain ARM_SMCCC_TRNG_RND64
  smccc-filter explain R201
  smccc-filter explain --format json 0xC6000040 | jq '.explanations[].service'"""
)
@click.argument("words", metavar="WORD...", nargs=-1, required=True, shell_complete=complete)
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(words: tuple[str, ...], report_format: str) -> None:
    """Explain a function ID, a call, a service or a diagnostic code.

    WORD is a function ID in hexadecimal, the name of a call (PSCI_CPU_ON, PSCI_CPU_ON/64, or Linux's
    PSCI_0_2_FN64_CPU_ON), a service (psci), or a code or its name (R201, overlap), in any case.
    """
    topics: list[tuple[str, Topic]] = []
    unknown: list[str] = []
    for word in words:
        try:
            topics.append((word, _find(word)))
        except UnknownWordError as error:
            unknown.append("; ".join(error.args))
    if unknown:
        raise click.UsageError("\n".join(unknown))
    if report_format == "json":
        from smccc_filter.reports.json import VERSION, dumps

        explanations = [{"word": word} | _facts(topic) for word, topic in topics]
        output.write(dumps({"version": VERSION, "explanations": explanations}))
        return
    from smccc_filter.reports.columns import width_of

    width = width_of(sys.stdout)
    output.write("\n".join(_text(topic, width) for _, topic in topics))


def _find(word: str) -> "Topic":
    """Return what a word stands for. Raises UnknownWordError."""
    if word[:1].isdigit() and (word.isdigit() or not _lacks_prefix(word)):
        return _function_id(word)
    folded = word.casefold()
    topic = _call(folded) or _group(folded) or _check(folded)
    if topic is None:
        raise _unknown(word)
    return topic


def _function_id(word: str) -> int:
    import re

    from smccc_filter.function_id import show
    from smccc_filter.policy.ranges import ID_PATTERN, MalformedRangeError, parse
    from smccc_filter.reports.quote import visible

    try:
        base, size = parse(word)
    except MalformedRangeError as error:
        if not re.fullmatch(f"{ID_PATTERN}|[0-9_]+", word):
            message = f"`{visible(word)}` is not a function ID"
            raise UnknownWordError(message, "write it in hexadecimal, as in 0x84000003") from None
        also = f", or `0x{word}` if it is that already" if _lacks_prefix(word) else ""
        raise UnknownWordError(error.message, error.hint + also) from None
    if any(sign in word for sign in "+-"):
        raise UnknownWordError(
            f"`{word}` is a range of {max(size, 0):,} IDs", f"explain one ID, such as `{show(base)}`"
        )
    return base


def _lacks_prefix(word: str) -> bool:
    """Tell whether the word is the eight digits of a function ID that was copied without its 0x."""
    from string import hexdigits

    return len(word) == ID_DIGITS and all(character in hexdigits for character in word)


def _call(folded: str) -> "Topic | None":
    """Find a call by its name, one form of it by ``/32`` or ``/64``, or one ID by the name that a header gives it."""
    from smccc_filter import registry
    from smccc_filter.registry.aliases import ALIASES

    base, slash, form = folded.partition("/")
    names = (*(function.name for function in registry.functions()), *ALIASES)
    name = next((name for name in names if name.casefold() == base), None)
    function = registry.described(name) if name else None
    if name is None or function is None:
        return None
    if not slash:
        return ALIASES.get(name, function)
    ids = registry.by_name(f"{name}/{form}")
    if ids is None:
        raise _no_form(name, form)
    return ids[0][0] if function.last is None else function


def _no_form(name: str, form: str) -> UnknownWordError:
    from smccc_filter import registry
    from smccc_filter.function_id import show_range
    from smccc_filter.reports.quote import visible

    ids = " and ".join(show_range(*interval) for interval in registry.by_name(name) or ())
    return UnknownWordError(
        f"`{name}` has no form `/{visible(form)}`", f"write `{name}`, which {f'is {ids}' if ids else 'has no ID'}"
    )


def _group(folded: str) -> "Service | Family | None":
    from smccc_filter import registry
    from smccc_filter.reports import facts

    groups: tuple[Service | Family, ...] = (*registry.services(), *facts.families())
    return next((group for group in groups if group.name == folded), None)


def _check(folded: str) -> "Check | None":
    from smccc_filter import checks

    return next((check for check in checks.ALL if folded in (check.CODE.casefold(), check.NAME)), None)


def _unknown(word: str) -> UnknownWordError:
    from smccc_filter.reports.quote import visible
    from smccc_filter.suggest import did_you_mean

    if _lacks_prefix(word):
        hint = f"did you mean `0x{word}`?"
    else:
        known = "see `smccc-filter list calls`, `list services` and `list checks`"
        hint = did_you_mean(word, (name for name, _ in _words(word.casefold())), known)
    return UnknownWordError(f"nothing is called `{visible(word)}`", hint)


def _facts(topic: "Topic") -> "dict[str, object]":
    from smccc_filter.registry.rows import Function, Service
    from smccc_filter.reports import facts

    if isinstance(topic, int):
        return facts.function_id(topic)
    if isinstance(topic, Function):
        return facts.call(topic)
    if isinstance(topic, Service):
        return facts.service(topic)
    if isinstance(topic, facts.Family):
        return facts.family(topic)
    return facts.check(topic)


def _text(topic: "Topic", width: int | None) -> str:
    from smccc_filter.registry.rows import Function, Service
    from smccc_filter.reports import explanation
    from smccc_filter.reports.facts import Family

    if isinstance(topic, int):
        explained = explanation.function_id(topic)
    elif isinstance(topic, Function):
        explained = explanation.call(topic)
    elif isinstance(topic, Service):
        explained = explanation.service(topic)
    elif isinstance(topic, Family):
        explained = explanation.family(topic)
    else:
        explained = explanation.check(topic)
    return explained.render(width)


def _words(start: str) -> Iterator[tuple[str, str]]:
    """Yield the words that can be explained, each with a line about it, as far as ``start`` asks for such ones."""
    from smccc_filter import checks, registry
    from smccc_filter.checks.subject import manual
    from smccc_filter.function_id import show
    from smccc_filter.registry.aliases import ALIASES
    from smccc_filter.reports import facts

    yield from ((service.name, service.title) for service in registry.services())
    yield from ((family.name, "calls that are no standard") for family in facts.families())
    for check in checks.ALL:
        summary, _ = manual(check)
        yield check.CODE, summary
        yield check.NAME, summary
    for function in registry.functions():
        yield function.name, function.meaning
        if "/" in start and function.smc32 is not None and function.smc64 is not None:
            yield from ((f"{function.name}/{form}", function.meaning) for form in (32, 64))
    if not start:
        return
    yield from ((name, f"{show(fid)}, {registry.name_of(fid)}") for name, fid in ALIASES.items())
    if start.startswith("0"):
        for first, stop in registry.known_ids():
            yield from ((show(fid), registry.name_of(fid) or "") for fid in range(first, stop))
