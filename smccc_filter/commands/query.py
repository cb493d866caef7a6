"""``query``: what happens to single calls under a policy."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import calls, files, output, target
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.words import DASH, visible

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile


@click.command(
    epilog="""\b
Examples:
  smccc-filter query policy.yaml PSCI_CPU_ON
  smccc-filter query policy.yaml PSCI_CPU_ON/64 ARM_SMCCC_TRNG_RND32 0xC6000040
  smccc-filter query policy.yaml TRNG_RND --kernel 6.12 --kernel 7.3
  smccc-filter query --format json policy.yaml PSCI_CPU_ON | jq '.results[].outcomes'"""
)
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@click.argument("words", metavar="CALL...", nargs=-1, required=True, shell_complete=calls.complete)
@target.KERNEL
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913 -- one for each option
    path: str,
    words: tuple[str, ...],
    kernels: "tuple[Profile, ...]",
    report_format: str,
    max_bytes: int,
    *,
    isolated: bool,
) -> int:
    """Say what happens to a call: the action, the rule that says so, and what the guest gets on each kernel.

    FILE is a policy, or - for standard input. CALL is the name of a call (PSCI_CPU_ON, which is both its forms,
    PSCI_CPU_ON/64, or Linux's PSCI_0_2_FN64_CPU_ON), in any case, or a function ID in hexadecimal. The outcome is
    `answered` where KVM services the call, `not_supported` where the guest gets -1, and `forwarded` where the VMM
    answers; behind it stands what decides that.
    """
    _refuse_swapped(path, words)
    ids = calls.ids_of(words)
    examination = target.examine(path, max_bytes, isolated=isolated)
    if setups := target.setups(examination, kernels):
        from smccc_filter.analysis.decision import decide
        from smccc_filter.reports import query

        decisions = [decide(examination, setups, func_id) for func_id in ids]
        if report_format == "json":
            output.write(query.render_json(decisions, setups))
        else:
            from smccc_filter.reports.paper.columns import width_of

            output.write(query.render_text(path, decisions, setups, width_of(sys.stdout)))
    return FINDINGS if examination.has_errors else OK


def _refuse_swapped(path: str, words: tuple[str, ...]) -> None:
    """Raise click.UsageError with the command that was meant where a call stands before the file."""
    from os.path import isfile

    if path == DASH or isfile(path):
        return
    given = [word for word in words if word == DASH or isfile(word)]
    if len(given) != 1:
        return
    import shlex

    others = [path, *(word for word in words if word != given[0])]
    meant = shlex.join(["smccc-filter", "query", *given, *others])
    raise click.UsageError(f"the file stands before the calls; did you mean `{visible(meant)}`?")
