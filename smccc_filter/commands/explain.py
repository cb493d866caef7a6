"""``explain``: what a word of the field means."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import output
from smccc_filter.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem

    from smccc_filter.analysis.reference.search import SearchMatches
    from smccc_filter.analysis.reference.topics import Topic
    from smccc_filter.reports.explain.explanation import Explanation


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete function IDs, calls, services and codes; without a start, the few that people name most."""
    from click.shell_completion import CompletionItem

    from smccc_filter.analysis.reference.topics import words

    start = incomplete.casefold()
    return [CompletionItem(word, help=text) for word, text in words(start) if word.casefold().startswith(start)]


@click.command(
    epilog="""\b
Examples:
  smccc-filter explain 0xC4000003
  smccc-filter explain 0x84000000-0x8400001F 0xC6000040+2
  smccc-filter explain PSCI_CPU_ON psci
  smccc-filter explain ARM_SMCCC_TRNG_RND64
  smccc-filter explain stolen time
  smccc-filter explain R201
  smccc-filter explain --format json 0xC6000040 | jq '.explanations[].service'"""
)
@click.argument("words", metavar="WORD...", nargs=-1, required=True, shell_complete=complete)
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(words: tuple[str, ...], report_format: str) -> None:
    """Explain a function ID, a range, a call, a service or a diagnostic code.

    WORD is a function ID in hexadecimal, a range of them as in a policy, the name of a call (PSCI_CPU_ON,
    PSCI_CPU_ON/64, or Linux's PSCI_0_2_FN64_CPU_ON), a service (psci), or a code or its name (R201, overlap), in any
    case. Words that nothing is called are looked for, all together, in names and meanings.
    """
    topics = _topics(words)
    if report_format == "json":
        from smccc_filter.reports.explain import json
        from smccc_filter.reports.paper.json import VERSION, dumps

        explanations = [{"word": word} | json.topic(topic) for word, topic in topics]
        output.write(dumps({"version": VERSION, "explanations": explanations}))
        return
    from smccc_filter.reports.paper.columns import width_of

    width = width_of(sys.stdout)
    output.write("\n".join(_explained(topic).render(width) for _, topic in topics))


def _topics(words: tuple[str, ...]) -> "list[tuple[str, Topic | SearchMatches]]":
    """Return what each word stands for, or all together. Raises click.UsageError with all that is wrong."""
    from smccc_filter.analysis.reference.topics import BadWordError, UnknownWordError, find

    topics: list[tuple[str, Topic | SearchMatches]] = []
    bad: list[BadWordError] = []
    for word in words:
        try:
            topics.append((word, find(word)))
        except BadWordError as error:
            bad.append(error)
    if not bad:
        return topics
    from smccc_filter.analysis.reference.search import search

    phrase = " ".join(words)
    found = search(phrase) if all(isinstance(error, UnknownWordError) for error in bad) else None
    if found is None:
        raise click.UsageError("\n".join((*("; ".join(error.args) for error in bad), *_named_so(words))))
    return [(phrase, found)]


def _named_so(words: tuple[str, ...]) -> "Iterator[str]":
    """Yield where else there is something of that name: templates of policies, which nothing explains."""
    from smccc_filter.authoring import templates

    try:
        names = templates.names()
    except LookupError:
        return
    for word in words:
        if near := [name for name in names if (word and word.casefold() in name.split("-")) or word.casefold() == name]:
            hint = "see `smccc-filter list templates`"
            yield f"there {'are templates' if near[1:] else 'is the template'} {listed(near, 'and')}: {hint}"


def _explained(topic: "Topic | SearchMatches") -> "Explanation":
    from smccc_filter.analysis.reference.id_range import IdRange
    from smccc_filter.analysis.reference.search import SearchMatches
    from smccc_filter.reports.explain import id_range, matches, text

    if isinstance(topic, IdRange):
        return id_range.explain(topic)
    return matches.explain(topic) if isinstance(topic, SearchMatches) else text.explain(topic)
