"""``guest``: what a guest discovers under a policy, and whether it is the truth."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import files, output, target
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile


@click.command(
    epilog="""\b
Examples:
  smccc-filter guest policy.yaml
  smccc-filter guest policy.yaml --kernel 6.12 --kernel 7.3
  smccc-filter guest policy.yaml | grep '!'
  smccc-filter guest --format json --kernel 7.3 policy.yaml | jq '.boot.log[]'"""
)
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@target.KERNEL
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
@finding.ISOLATED
@files.LIMIT
def command(path: str, kernels: "tuple[Profile, ...]", report_format: str, max_bytes: int, *, isolated: bool) -> int:
    """Show what a guest discovers: every discovery call, its answer, and whether it is the truth.

    FILE is a policy, or - for standard input. First comes what a Linux guest makes of its firmware, and lines that its
    boot log will hold. Below stands every discovery call with the calls it tells of, each with what the guest is told
    and what it gets from the call. Kernels that do the same are shown once.

    Marks: = the call is what the guest is told; ! it is not; ~ it is not, under any policy, as KVM answers a call of
    which it does not tell; ? the VMM tells of it, or the host's CPUs decide.

    JSON is one object for one kernel; for several, `guests` holds such an object for each.
    """
    examination = target.examine(path, max_bytes, isolated=isolated)
    setups = target.setups(examination, kernels)
    if setups and examination.policy:
        if report_format == "json":
            from smccc_filter.reports.guest import json as guest_json

            output.write(guest_json.render(setups))
        else:
            from smccc_filter.reports.guest import tree as guest_tree
            from smccc_filter.reports.paper.columns import width_of

            output.write(guest_tree.render(examination.policy.name, setups, width_of(sys.stdout)))
    return FINDINGS if examination.has_errors else OK
