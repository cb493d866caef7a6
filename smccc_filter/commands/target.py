"""The policy that a command asks something of, and the kernels on which it asks.

A policy that can't be understood gives no answer, only its findings. One that a kernel refuses in part, or that lies to
the guest, is understood all the same, and what the guest gets is then the very question.
"""

from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.commands import files, output

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.analysis.pipeline import Examination
    from smccc_filter.analysis.project import ProjectChoices
    from smccc_filter.guests.setup import VmSetup
    from smccc_filter.kvm.profiles import Profile


def complete_kernel(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete what ``--kernel`` takes: the releases, newest first, then the stable ones that were run."""
    from click.shell_completion import CompletionItem

    from smccc_filter.kvm.profiles import RAN, RELEASES

    names = (*reversed(RELEASES), *sorted(RAN))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def profiles_of(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> "tuple[Profile, ...]":
    """Return what the kernels do, each once. Raises click.BadParameter for a name that is no kernel with a filter."""
    if not names:
        return ()
    from smccc_filter.analysis.targets import profile_named

    try:
        return tuple({known.name: known for known in map(profile_named, names)}.values())
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


KERNEL = click.option(
    "--kernel",
    "kernels",
    metavar="NAME",
    multiple=True,
    callback=profiles_of,
    shell_complete=complete_kernel,
    help="A kernel, such as 6.12, 6.12.112, or as uname -r prints it; may be repeated.  "
    "[default: the policy's targets, else those of the project's settings, else the newest]",
)


def examine(path: str, max_bytes: int, *, isolated: bool) -> "Examination":
    """Check the policy in ``path``, and write what is wrong with it and its project's settings to standard error.

    Raises files.UnusableError.
    """
    contents = files.read(path, max_bytes)
    return examination_of(path, contents, project_of(path, isolated=isolated))


def project_of(*paths: str, isolated: bool) -> "ProjectChoices":
    """Return what settings say of the first of some files that has any, and write their faults to standard error."""
    from smccc_filter.commands.settings import NO_SETTINGS
    from smccc_filter.commands.settings.finding import SettingsFinder

    finder = SettingsFinder(isolated=isolated)
    settings = next((found for found in map(finder.of_file, paths) if found.folder), NO_SETTINGS)
    if settings.faults:
        output.write_text_report([settings.faults], notes=True, err=True)
    return settings.choices


def examination_of(path: str, contents: files.FileContents, project: "ProjectChoices | None" = None) -> "Examination":
    """Check the policy that was read from ``path``, and write what is wrong to standard error."""
    examination = files.examined(path, contents, project=project)
    if examination.has_errors:
        errors = examination.report.only(lambda kind: kind.severity is Severity.ERROR)
        output.write_text_report([errors], notes=True, err=True)
    return examination


def setups(examination: "Examination", kernels: "tuple[Profile, ...]") -> "tuple[VmSetup, ...]":
    """Set up the policy's VM on each of ``kernels``, or where there are none, on its own targets.

    Return nothing for a policy that can't be understood.
    """
    policy = examination.policy
    if policy is None or not examination.is_understood:
        return ()
    from smccc_filter.analysis.targets import set_up_on

    return set_up_on(policy, examination.resolution.actions, kernels)
