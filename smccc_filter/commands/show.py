"""``show``: what a policy makes of the whole ID space, as a table, JSON, a picture or a page."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import files, output, target
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from smccc_filter.analysis.pipeline import Examination
    from smccc_filter.guests.setup import VmSetup
    from smccc_filter.kvm.profiles import Profile


@click.command(
    epilog="""\b
Examples:
  smccc-filter show policy.yaml
  smccc-filter show policy.yaml --all --kernel 6.12
  smccc-filter show policy.yaml --svg policy.svg --html policy.html
  smccc-filter show --format json policy.yaml | jq '.stretches[] | select(.action == "deny") | .range'"""
)
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@target.KERNEL
@click.option(
    "--format",
    "report_format",
    type=click.Choice(("text", "json")),
    help="What to write to standard output.  [default: text]",
)
@click.option(
    "--all", "every", is_flag=True, help="Give every stretch its row, also where neighbours have one decision."
)
@click.option(
    "--svg", metavar="OUT", type=click.Path(allow_dash=True), help="Draw a picture into OUT; - for standard output."
)
@click.option(
    "--html",
    metavar="OUT",
    type=click.Path(allow_dash=True),
    help="Write a page to review the policy by; - for standard output.",
)
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913 -- one for each option
    path: str,
    kernels: "tuple[Profile, ...]",
    report_format: str | None,
    max_bytes: int,
    *,
    every: bool,
    isolated: bool,
    **pictures: str | None,
) -> int:
    """Show what a policy makes of the whole ID space: who lives where, the action, and the rule that decides.

    FILE is a policy, or - for standard input. A row is a range of IDs with one decision, which is `by` a rule, the
    policy's default, or KVM, which keeps the Arm Architecture calls. What the guest gets on the kernels stands where it
    is not what the action says: `handle` leaves a call to KVM, which answers few. `5 answered` are five IDs of the
    range, and the others are not_supported.

    A page says what the guest sees and what the VMM must do, too; of a policy that can't be understood it has the
    errors alone.

    The exit status is 0 where there is a map to show, even if `validate` finds errors in the policy, and 1 where the
    errors leave open what it says.
    """
    outs = {kind: out for kind, out in pictures.items() if out is not None}
    _check(path, outs, table_asked_for=every or report_format is not None)
    examination = target.examine(path, max_bytes, isolated=isolated)
    setups = target.setups(examination, kernels)
    if outs:
        _draw(path, examination, setups, outs)
    if not setups:
        return FINDINGS
    if outs:
        return OK
    from smccc_filter.analysis.map import PolicyMap

    if report_format == "json":
        from smccc_filter.reports.map import json as map_json

        output.write_all(map_json.render(PolicyMap.of(examination, setups)))
    else:
        from smccc_filter.reports.map import table as map_table
        from smccc_filter.reports.paper.columns import width_of

        drawn = PolicyMap.of(examination, setups)
        places = sys.stdout is not None and sys.stdout.isatty()
        output.write_pieces(map_table.render(drawn, width_of(sys.stdout), every=every, places=places))
    return OK


def _check(path: str, outs: dict[str, str], *, table_asked_for: bool) -> None:
    """Raise UsageError for outputs that can't be meant."""
    if outs and table_asked_for:
        raise click.UsageError("`--format` and `--all` are for the table: leave them out, or `--svg` and `--html`")
    if outs:
        from smccc_filter.commands import clashes

        for out in outs.values():
            clashes.refuse_input(path, out, "the policy")
        clashes.refuse_shared({f"--{kind}": out for kind, out in outs.items()})


def _draw(path: str, examination: "Examination", setups: "tuple[VmSetup, ...]", outs: dict[str, str]) -> None:
    """Write the picture and the page, neither before both are made.

    Of a policy that can't be understood there is no picture, and the page has its errors.
    """
    made: dict[str, str] = {}
    if "svg" in outs and setups:
        from smccc_filter.analysis.map import PolicyMap
        from smccc_filter.reports.map import svg as map_svg

        made["svg"] = map_svg.render(PolicyMap.of(examination, setups))
    if "html" in outs:
        from smccc_filter.reports.map import page

        made["html"] = page.render(path, examination, setups)
    for kind, text in made.items():
        if outs[kind] == DASH:
            output.write(text)
        else:
            from smccc_filter.commands import saving

            saving.write(outs[kind], text.encode())
            output.tell(f"{outs[kind]}: {kind}")
