"""``audit``: what a policy would have done to recorded calls."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import clashes, files, output, target, traces
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, INTERRUPTED, OK
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from smccc_filter.analysis.audit.audit import Audit
    from smccc_filter.kvm.profiles import Profile

FAIL_LEVELS = ("newly-denied", "changed", "unseen")
"""What makes the exit status 1; each includes those before."""


@click.command(
    epilog="""\b
Examples:
  smccc-filter audit policy.yaml trace.txt
  trace-cmd report | smccc-filter audit policy.yaml -
  perf script | smccc-filter audit policy.yaml -
  smccc-filter audit new.yaml traces/ --compare old.yaml --fail-on changed
  smccc-filter audit --fail-on unseen policy.yaml traces/
  smccc-filter audit --format json policy.yaml trace.txt.xz | jq '.calls[].name'"""
)
@click.argument("path", metavar="POLICY", type=click.Path())
@click.argument("trace_paths", metavar="TRACE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@target.KERNEL
@click.option("--compare", metavar="OLD", type=click.Path(), help="The policy before.  [default: none, KVM's own]")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_LEVELS),
    default=FAIL_LEVELS[0],
    show_default=True,
    help="Exit with status 1 for a call that was made and would newly be refused; also for one that would end in "
    "another way; also for what a rule names to let it through, a call, a range or a service, and nobody called.",
)
@click.option(
    "--hot",
    metavar="RATE",
    type=click.FloatRange(min=0, min_open=True),
    default=1000.0,
    show_default=True,
    help="Calls of one VM in a second from which on it is worth a word that they are forwarded.",
)
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option(
    "--html",
    metavar="OUT",
    type=click.Path(allow_dash=True),
    help="Write a page for reviewers in place of the text; - for standard output.",
)
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    path: str,
    trace_paths: tuple[str, ...],
    kernels: "tuple[Profile, ...]",
    compare: str | None,
    fail_on: str,
    hot: float,
    report_format: str,
    html: str | None,
    max_bytes: int,
    *,
    isolated: bool,
) -> int:
    """Say what a policy would have done to the calls that guests were recorded to make.

    TRACE is what ftrace (`trace`), `trace-cmd report` or `perf script` show of the event kvm:kvm_hvc_arm64, a
    trace.dat, CSV or Parquet with the columns id and count or vm, time and id, or such objects of JSON, one a line; a
    folder of these, or - for standard input. gzip, xz and zstd are unpacked. What is no such call is counted, and so
    is what the tracer lost.

    Calls whose outcome the policy changes come first. It is compared with the same VM without a policy, as the traces
    were most likely recorded, or with OLD. A forwarded call that the policy's `vmm` does not implement counts as
    refused. KVM traces HVC alone: what guests call by SMC no trace shows.

    The exit status is 2 only where nothing could be read. An empty file is a recording that failed, and no trace
    without calls, which has a head. Ctrl-C shows what was read until then.
    """
    if html not in {None, DASH}:
        for each in (path, *trace_paths, *([compare] if compare else [])):
            clashes.refuse_input(each, str(html), "the input")
    examination = target.examine(path, max_bytes, isolated=isolated)
    old = None if compare is None else target.examine(compare, max_bytes, isolated=isolated)
    if not examination.is_understood or (old and not old.is_understood):
        return FINDINGS
    read = traces.read(trace_paths)
    from smccc_filter.analysis.audit.audit import audit

    made = audit(examination, read.sources, kernels, old, hot)
    if html is not None:
        from smccc_filter.reports.audit import page

        _write(html, page.render(path, made))
    elif report_format == "json":
        from smccc_filter.reports.audit import json

        output.write_all(json.render(made))
    else:
        from smccc_filter.reports.audit import text
        from smccc_filter.reports.paper.columns import width_of

        output.write(text.render(path, made, examination.report, width_of(sys.stdout)))
    if read.is_interrupted:
        output.tell("interrupted: this is of what was read until then")
        return INTERRUPTED
    return FINDINGS if _fails(made, fail_on) or examination.has_errors else OK


def _write(out: str, text: str) -> None:
    if out == DASH:
        output.write(text)
    else:
        from smccc_filter.commands import saving

        saving.write(out, text.encode())
        output.tell(f"{out}: html")


def _fails(made: "Audit", fail_on: str) -> bool:
    from smccc_filter.analysis.audit.audit import CallEffect

    level = FAIL_LEVELS.index(fail_on)
    return (
        made.number(CallEffect.NEWLY_DENIED) > 0
        or (level >= 1 and made.number(CallEffect.CHANGED) > 0)
        or (level >= 2 and bool(made.unused))
    )
