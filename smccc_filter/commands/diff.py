"""``diff``: two filters compared by what a guest gets."""

import sys
from itertools import permutations
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import files, output, sides, target
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.kvm.uapi import Action
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.analysis.comparison.comparison import Comparison
    from smccc_filter.kvm.profiles import Profile

FORMATS = ("text", "json", "github", "markdown")
ORDER = (Action.DENY, Action.FORWARD, Action.HANDLE)


def complete_order(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete what ``--order`` takes."""
    from click.shell_completion import CompletionItem

    orders = map(",".join, permutations(ORDER))
    return [CompletionItem(order) for order in orders if order.startswith(incomplete)]


def parse_order(ctx: click.Context, param: click.Parameter, text: str) -> tuple[Action, ...]:
    """Read the order of permissiveness. Raises click.BadParameter for what does not name each action once."""
    from smccc_filter.words import visible

    words = text.split(",")
    if sorted(words) != sorted(ORDER):
        message = f"`{visible(text)}` does not name deny, forward and handle once each, the least permissive first"
        raise click.BadParameter(f"{message}; write for example `{','.join(ORDER)}`", ctx, param)
    return tuple(map(Action, words))


def parse_url(ctx: click.Context, param: click.Parameter, url: str | None) -> str | None:
    """Take the address of a page. Raises click.BadParameter for what no report could link to."""
    import re

    if url is None or (re.fullmatch(r"https?://[^\s<>\"'`()|\\]+", url) and url.isprintable()):
        return url
    from smccc_filter.words import visible

    message = f"`{visible(url)}` is no address of the web, such as https://ci.example.org/review.html"
    raise click.BadParameter(f"{message}; write spaces, quotes and brackets as %20 and the like", ctx, param)


def two_labels(ctx: click.Context, param: click.Parameter, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Take a label for each side. Raises click.BadParameter for a third."""
    if len(labels) > 2:
        raise click.BadParameter("there are two sides: the first label is OLD's, the second NEW's", ctx, param)
    return labels


@click.command(
    epilog="""\b
Examples:
  smccc-filter diff old.yaml new.yaml
  smccc-filter diff policy.yaml build/policy.h
  git show origin/main:policy.yaml | smccc-filter diff --fail-on-widening - policy.yaml
  smccc-filter diff --format markdown old.yaml new.yaml > comment.md
  smccc-filter diff --html review.html old.yaml new.yaml
  git difftool --extcmd 'smccc-filter diff' origin/main -- policy.yaml"""
)
@click.argument("old", metavar="OLD", type=click.Path(allow_dash=True))
@click.argument("new", metavar="NEW", type=click.Path(allow_dash=True))
@target.KERNEL
@click.option("--format", "report_format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on-widening", is_flag=True, help="Exit with 1 only where something became more permissive or discoverable."
)
@click.option(
    "--order",
    metavar="ACTIONS",
    default=",".join(ORDER),
    show_default=True,
    callback=parse_order,
    shell_complete=complete_order,
    help="What is more permissive, least first.",
)
@click.option(
    "-L",
    "--label",
    "labels",
    metavar="NAME",
    multiple=True,
    callback=two_labels,
    help="What to call OLD, and given twice NEW, instead of their paths.",
)
@click.option(
    "--html",
    metavar="OUT",
    type=click.Path(allow_dash=True),
    help="Write a page to review the change by as well; - for standard output, without a report.",
)
@click.option(
    "--page",
    metavar="URL",
    callback=parse_url,
    help="Where people find that page: reports for GitHub and in markdown link to it.",
)
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913 -- one parameter an option
    old: str,
    new: str,
    *,
    kernels: "tuple[Profile, ...]",
    report_format: str,
    order: tuple[Action, ...],
    labels: tuple[str, ...],
    html: str | None,
    page: str | None,
    max_bytes: int,
    fail_on_widening: bool,
    isolated: bool,
) -> int:
    """Compare two policies or artefacts by what they mean: which calls change, and how.

    OLD and NEW are policies, or what `compile` writes and others like it: blobs, register files, C, Rust, JSON. One of
    them may be - for standard input. An empty file, such as /dev/null, is no filter at all.

    The verdict is `equivalent`, `wider`, `narrower`, or `incomparable` where NEW is both. It counts what the guest
    gets on the kernels that either policy is for, and what it is told there: a call that becomes discoverable is wider,
    and so is a higher version; another value of a FEATURES call alone is both. An action that differs without that is
    listed below, and so are findings that are new or gone between two policies.

    The exit status is 0 where the two are equivalent, 1 where they differ, or with --fail-on-widening where NEW is
    more permissive or tells more somewhere, and 2 where one of them can't be read or leaves open what it says. Both are
    looked at with the settings of NEW's project, or of OLD's where NEW has none.
    """
    if old == new == DASH:
        raise click.UsageError("OLD and NEW are both standard input: name a file for one of them")
    paths = (old, new)
    if html is not None:
        from smccc_filter.commands import clashes

        for path, which in zip(paths, ("OLD", "NEW"), strict=True):
            clashes.refuse_input(path, html, which)
    names = (*labels, *paths[len(labels) :])
    contents = [files.read(path, max_bytes) for path in paths]
    project = target.project_of(new, old, isolated=isolated)
    findings = sides.differ_as_policies(paths, contents)
    left, right = (
        sides.side_of(path, name, each, project, findings=findings)
        for path, name, each in zip(paths, names, contents, strict=True)
    )
    if left is None or right is None:
        return USAGE
    from smccc_filter.analysis.comparison.comparison import compare
    from smccc_filter.analysis.comparison.verdict import ComparisonVerdict

    comparison = compare(left, right, kernels, order)
    failed = comparison.verdict.widens if fail_on_widening else comparison.verdict is not ComparisonVerdict.EQUIVALENT
    if html is not None:
        _draw(comparison, html)
    if html != DASH:
        _write(comparison, report_format, page, failed=failed)
    return FINDINGS if failed else OK


def _draw(comparison: "Comparison", out: str) -> None:
    """Write the page."""
    from smccc_filter.reports.diff import page as diff_page

    text = diff_page.render(comparison)
    if out == DASH:
        output.write(text)
    else:
        from smccc_filter.commands import saving

        saving.write(out, text.encode())
        output.tell(f"{out}: html")


def _write(comparison: "Comparison", report_format: str, page: str | None, *, failed: bool) -> None:
    match report_format:
        case "json":
            from smccc_filter.reports.diff import json as diff_json

            output.write_all(diff_json.render(comparison))
        case "github":
            from smccc_filter.reports.diff import github as diff_github

            output.write(diff_github.render(comparison, failed=failed, page=page))
        case "markdown":
            from smccc_filter.reports.diff import markdown as diff_markdown

            output.write(diff_markdown.render(comparison, page=page))
        case _:
            from smccc_filter.reports.diff import text as diff_text
            from smccc_filter.reports.paper.columns import width_of

            output.write_pieces(diff_text.render(comparison, width_of(sys.stdout)))
