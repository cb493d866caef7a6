"""``init``: a new policy, from a template or from answers."""

from typing import TYPE_CHECKING

import click

from smccc_filter.authoring.starting.kept import HIDDEN
from smccc_filter.authoring.starting.taken import TAKEN
from smccc_filter.commands import asking, output, policy_name, saving, target
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.words import DASH, visible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.authoring.starting.text import StartingAnswers
    from smccc_filter.kvm.profiles import Profile

DEFAULTS = {
    "handle": "KVM answers them, as without a filter",
    "deny": "they are refused, but for those that a guest needs",
}
"""What may become of the calls that nobody named."""
SUFFIX = ".smccc.yaml"


def complete_template(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete what ``--template`` takes."""
    from click.shell_completion import CompletionItem

    from smccc_filter.authoring.templates import templates

    found = (template for template in templates() if template.name.startswith(incomplete))
    return [CompletionItem(template.name, help=template.description) for template in found]


@click.command(
    epilog="""\b
Examples:
  smccc-filter init
  smccc-filter list templates
  smccc-filter init --template vcpu-hotplug --name my-vmm
  smccc-filter init --template lockdown - | less
  smccc-filter init --name my-vmm --takes psci --takes trng --kernel 6.12 --kernel 7.3
  smccc-filter init policies/jail.smccc.yaml --name jail --default deny"""
)
@click.argument("out", metavar="[OUT]", required=False, type=click.Path(allow_dash=True))
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=complete_template,
    help="The shipped policy to begin from; see `list templates`.",
)
@click.option(
    "--name", metavar="NAME", callback=policy_name.name_of, help="The policy's name.  [default: the template's]"
)
@click.option(
    "--kernel",
    "kernels",
    metavar="NAME",
    multiple=True,
    callback=target.profiles_of,
    shell_complete=target.complete_kernel,
    help="A kernel that it must run on, such as 6.12; may be repeated.  [default: the template's, else two]",
)
@click.option(
    "--takes",
    multiple=True,
    type=click.Choice([part.name for part in TAKEN]),
    help="What the VMM answers itself; may be repeated.",
)
@click.option(
    "--hides",
    multiple=True,
    type=click.Choice([part.name for part in HIDDEN]),
    help="What the guest is not to find; may be repeated.",
)
@click.option(
    "--default", type=click.Choice(list(DEFAULTS)), help="What becomes of all other calls.  [default: handle]"
)
@click.option("--aarch32", is_flag=True, help="The guest's EL1 is AArch32, for which PSCI has SMC32 calls alone.")
@click.option("--force", is_flag=True, help="Replace OUT where it is there.")
def command(  # noqa: PLR0913, PLR0917 -- click hands over one argument an option
    out: str | None,
    template: str | None,
    name: str | None,
    kernels: "tuple[Profile, ...]",
    takes: tuple[str, ...],
    hides: tuple[str, ...],
    default: str | None,
    *,
    aarch32: bool,
    force: bool,
) -> int:
    """Write a new commented policy, from a template or from answers.

    Without --template, and without an answer in --takes, --hides or --default, it asks on the terminal what the policy
    is for. What it writes is checked before. OUT is NAME.smccc.yaml if left out, - for standard output, and nothing is
    replaced without --force.
    """
    releases = tuple(kernel.name for kernel in kernels)
    answered = bool(takes or hides or default)
    if template is not None:
        if answered or aarch32:
            options = "--takes, --hides, --default and --aarch32"
            raise click.UsageError(f"--template answers every question: leave out {options}")
        name, text = _from_template(template, name, releases)
    else:
        from smccc_filter.authoring.starting.text import KERNELS, StartingAnswers, compose
        from smccc_filter.kvm.uapi import Action

        if answered and name:
            answers = StartingAnswers(name, releases or KERNELS, takes, hides, Action(default or "handle"), aarch32)
        elif not answered and asking.possible():
            answers = _ask(name, out, releases, force=force)._replace(aarch32=aarch32)
        elif answered:
            raise click.UsageError("with one answer given nothing is asked, and the policy needs a name: add --name")
        else:
            ways = "--template, or answer with --name and --takes, --hides or --default"
            raise click.UsageError(f"nobody is there to ask what the policy is for: add {ways}")
        name, text = answers.name, compose(answers)
    out = name + SUFFIX if out is None else out
    if not _is_clean(out, text):
        return FINDINGS
    _write(out, text.encode(), force=force)
    return OK


def _from_template(template: str, name: str | None, releases: tuple[str, ...]) -> tuple[str, str]:
    """Return the policy's name and its text. Raises click.UsageError for an unknown template."""
    from smccc_filter.authoring import templates

    if template not in templates.names():
        from smccc_filter.words import cut, did_you_mean

        hint = did_you_mean(template, templates.names(), "see `smccc-filter list templates`")
        raise click.UsageError(f"no template is called `{visible(cut(template))}`; {hint}")
    return name or template, templates.adapted(templates.text_of(template), name, releases)


def _ask(name: str | None, out: str | None, releases: tuple[str, ...], *, force: bool) -> "StartingAnswers":
    """Ask what no option has answered, unless the answers could not be written."""
    from smccc_filter.authoring.starting.text import KERNELS, StartingAnswers
    from smccc_filter.kvm.uapi import Action

    output.complain("Some questions; Ctrl-C leaves without a trace, and [what stands here] is taken for Enter.\n\n")
    if name is None:
        name = asking.ask("Which VMM is this for? It becomes the policy's name", "", policy_name.read_name)
    out = name + SUFFIX if out is None else out
    if not force and out != DASH:
        saving.refuse_existing(out)
    if not releases:
        releases = asking.ask("Which kernels must it run on?", " ".join(KERNELS), _read_kernels)
    parts = [(part.name, part.title) for part in TAKEN]
    takes = asking.ask_among("What does the VMM answer itself?", parts, "", several=True)
    choices = list(DEFAULTS.items())
    (default,) = asking.ask_among("What becomes of all other calls?", choices, "handle", several=False)
    hides: tuple[str, ...] = ()
    if default == "handle":
        parts = [(part.name, part.title) for part in HIDDEN]
        hides = asking.ask_among("What of KVM's own is the guest not to find?", parts, "", several=True)
    output.complain("\n")
    return StartingAnswers(name, releases, takes, hides, Action(default))


def _read_kernels(answer: str) -> tuple[str, ...]:
    context = click.get_current_context()
    option = next(param for param in context.command.params if param.name == "kernels")
    profiles = target.profiles_of(context, option, tuple(answer.replace(",", " ").split()))
    return tuple(profile.name for profile in profiles)


def _is_clean(out: str, text: str) -> bool:
    """Check what is about to be written; where it is not clean, write the findings to standard error."""
    from smccc_filter.analysis import pipeline
    from smccc_filter.analysis.diagnostics import Severity

    report = pipeline.examine(out, text.encode()).report
    loud = report.only(lambda kind: kind.severity is not Severity.NOTE and not kind.allowed)
    if loud.diagnostics:
        output.write_text_report([loud], notes=False, err=True)
        output.tell("nothing was written; begin from another template, or name other kernels")
    return not loud.diagnostics


def _write(out: str, data: bytes, *, force: bool) -> None:
    saving.deliver(out, data, force=force)
    if out == DASH:
        return
    from shlex import quote

    output.tell(f"wrote {out}; next: smccc-filter validate {quote(out)}")
