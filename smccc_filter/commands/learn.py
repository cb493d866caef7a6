"""``learn``: a policy proposed from recorded calls."""

from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.commands import clashes, files, output, policy_name, saving, target, traces
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, INTERRUPTED, OK
from smccc_filter.words import DASH, counted, enumerated, output_name, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smccc_filter.authoring.learning import LearnedPolicy
    from smccc_filter.kvm.profiles import Profile
    from smccc_filter.traces.recorded import TraceSource

SHOWN = 8
"""Refused calls that are named before the others are counted."""


@click.command(
    epilog="""\b
Examples:
  smccc-filter learn trace.txt -o guest.smccc.yaml
  trace-cmd report | smccc-filter learn - --name jail --kernel 6.12 --kernel 7.3
  smccc-filter learn traces/ --default forward | less
  smccc-filter learn trace.txt --base policy.yaml -o wider.yaml"""
)
@click.argument("trace_paths", metavar="TRACE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@policy_name.OUT
@click.option(
    "--default",
    type=click.Choice(("deny", "forward", "handle")),
    help="What becomes of calls that nobody made.  [default: deny]",
)
@click.option(
    "--kernel",
    "kernels",
    metavar="NAME",
    multiple=True,
    callback=target.profiles_of,
    shell_complete=target.complete_kernel,
    help="A kernel that it must run on, such as 6.12; may be repeated.  [default: two]",
)
@click.option("--name", metavar="NAME", callback=policy_name.name_of, help="The policy's name.  [default: learned]")
@click.option(
    "--base", metavar="POLICY", type=click.Path(), help="The policy to add to; what its rules deny stays denied."
)
@click.option("--force", is_flag=True, help="Replace OUT where it is there.")
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    trace_paths: tuple[str, ...],
    out: str,
    default: str | None,
    kernels: "tuple[Profile, ...]",
    name: str | None,
    base: str | None,
    max_bytes: int,
    *,
    force: bool,
    isolated: bool,
) -> int:
    """Propose a commented policy with which recorded guests find what they called.

    TRACE is what `audit` takes. The proposal names the calls that KVM answered, each with how often and by whom it was
    made, and what `validate` would miss besides: a guest that was not rebooted made no PSCI_SYSTEM_RESET and needs it
    all the same. Everything else is denied, or what --default says.

    With --base, the rules and words of POLICY stay, its target and its default too, and only calls are added that its
    default denies or forwards. What `validate` still has to say of the proposal is told.
    """
    if base is not None and (default or kernels or name):
        raise click.UsageError("--base has a name, kernels and a default: leave out --name, --kernel and --default")
    if out != DASH:
        for path in (*trace_paths, *([base] if base else [])):
            clashes.refuse_input(path, out, "the input")
        if not force:
            saving.refuse_existing(out)
    examination = None if base is None else target.examine(base, max_bytes, isolated=isolated)
    if examination is not None and not examination.is_understood:
        return FINDINGS
    read = traces.read(trace_paths)
    from smccc_filter.analysis.audit.use import call_uses
    from smccc_filter.authoring.learning import LearningWishes, learn
    from smccc_filter.authoring.starting.text import KERNELS
    from smccc_filter.kvm.uapi import Action

    wishes = LearningWishes(
        name or (examination.policy.name if examination and examination.policy else "learned"),
        tuple(kernel.name for kernel in kernels) or KERNELS,
        Action(default or "deny"),
    )
    try:
        learned = learn(call_uses(read.sources), wishes, examination)
    except ValueError as error:
        raise files.UnusableError(str(error)) from None
    data = learned.text.encode()
    saving.deliver(out, data, force=force)
    _tell(output_name(out), learned, read.sources)
    if read.is_interrupted:
        output.tell("interrupted: this is of what was read until then")
        return INTERRUPTED
    return OK


def _tell(where: str, learned: "LearnedPolicy", sources: "Sequence[TraceSource]") -> None:
    """Say what the proposal is made of, what it leaves refused, and what is still found in it."""
    from smccc_filter.smccc import registry
    from smccc_filter.smccc.function_id import show

    calls = sum(source.number for source in sources)
    asked = sum(not call.is_recorded for call in learned.calls)
    more = f", and {asked} that the checks ask for" if asked else ""
    names = counted(len(learned.calls) - asked, "name")
    output.tell(f"{where}: {names} out of {counted(calls, 'recorded call')}{more}")
    if learned.refused:
        left = [registry.name_of(use.func_id) or show(use.func_id) for use in learned.refused]
        shown = enumerated([*left[:SHOWN], f"{len(left) - SHOWN:,} more"] if len(left) > SHOWN else left)
        output.tell(f"{where}: {shown} refused: KVM does not answer that, or a rule of the base denies it")
    for source in sources:
        if source.gaps or source.fault:
            why = visible(source.fault) or "the tracer lost events"
            output.tell(f"{source.path}: {why}, so a call that guests need may be missing")
    report = learned.examination.report.only(lambda kind: kind.severity is not Severity.NOTE and not kind.allowed)
    if report.diagnostics:
        output.write_text_report([report], notes=False, err=True)
