"""``explain``: what a word of the field means."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import output

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.reports.explanation import Explanation
    from smccc_filter.reports.facts import Json
    from smccc_filter.reports.search import Matches
    from smccc_filter.reports.topics import Topic


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete function IDs, calls, services and codes; without a start, the few that people name most."""
    from click.shell_completion import CompletionItem

    from smccc_filter.reports.topics import words

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
        from smccc_filter.reports.json import VERSION, dumps

        explanations = [{"word": word} | _facts(topic) for word, topic in topics]
        output.write(dumps({"version": VERSION, "explanations": explanations}))
        return
    from smccc_filter.reports.columns import width_of

    width = width_of(sys.stdout)
    output.write("\n".join(_explained(topic).render(width) for _, topic in topics))


def _topics(words: tuple[str, ...]) -> "list[tuple[str, Topic | Matches]]":
    """Return what each word stands for, or all together. Raises click.UsageError with all that is wrong."""
    from smccc_filter.reports.topics import BadWordError, UnknownWordError, find

    topics: list[tuple[str, Topic | Matches]] = []
    bad: list[BadWordError] = []
    for word in words:
        try:
            topics.append((word, find(word)))
        except BadWordError as error:
            bad.append(error)
    if not bad:
        return topics
    from smccc_filter.reports.search import search

    phrase = " ".join(words)
    found = search(phrase) if all(isinstance(error, UnknownWordError) for error in bad) else None
    if found is None:
        raise click.UsageError("\n".join("; ".join(error.args) for error in bad))
    return [(phrase, found)]


def _facts(topic: "Topic | Matches") -> "Json":
    from smccc_filter.reports import facts, search, stretch
    from smccc_filter.smccc.registry.rows import Function, Service

    if isinstance(topic, int):
        return facts.function_id(topic)
    if isinstance(topic, Function):
        return facts.call(topic)
    if isinstance(topic, Service):
        return facts.service(topic)
    if isinstance(topic, facts.Family):
        return facts.family(topic)
    if isinstance(topic, stretch.Stretch):
        return stretch.as_json(topic)
    return search.as_json(topic) if isinstance(topic, search.Matches) else facts.check(topic)


def _explained(topic: "Topic | Matches") -> "Explanation":
    from smccc_filter.reports import explanation, search, stretch_text
    from smccc_filter.reports.facts import Family
    from smccc_filter.reports.stretch import Stretch
    from smccc_filter.smccc.registry.rows import Function, Service

    if isinstance(topic, int):
        return explanation.function_id(topic)
    if isinstance(topic, Function):
        return explanation.call(topic)
    if isinstance(topic, Service):
        return explanation.service(topic)
    if isinstance(topic, Family):
        return explanation.family(topic)
    if isinstance(topic, Stretch):
        return stretch_text.explain(topic)
    return search.explain(topic) if isinstance(topic, search.Matches) else explanation.check(topic)
