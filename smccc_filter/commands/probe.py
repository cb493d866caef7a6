"""``probe``: prediction and truth of a policy on the machine at hand."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import files, output, target
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.version import ISSUES
from smccc_filter.words import visible

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile
    from smccc_filter.probe.plan import ProbePlan
    from smccc_filter.probe.session import ProbeResult


UNPROBED = {
    "protected": "a protected VM takes no filter and loads no guest of ours",
    "aarch32": "the guest that makes the calls here is one in AArch64",
}
"""What of a policy's target no guest of the probe can be, and why."""


def _one(ctx: click.Context, param: click.Parameter, name: str | None) -> "Profile | None":
    """Return what one kernel does. Raises click.BadParameter for a name that is no kernel with a filter."""
    return next(iter(target.profiles_of(ctx, param, (name,) if name else ())), None)


@click.command(
    epilog="""\b
Examples:
  smccc-filter probe policy.yaml
  smccc-filter probe policy.yaml | grep '^!'
  smccc-filter probe --kernel 6.12.112 policy.yaml
  smccc-filter probe --format json policy.bin | jq '.probes[] | select(.agrees | not)'"""
)
@click.argument("path", metavar="POLICY", type=click.Path(allow_dash=True))
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option(
    "--kernel",
    metavar="NAME",
    callback=_one,
    shell_complete=target.complete_kernel,
    help="Predict as this kernel, such as 6.12 or 6.12.112.  [default: the running kernel]",
)
@files.LIMIT
def command(path: str, report_format: str, kernel: "Profile | None", max_bytes: int) -> int:
    """Compare prediction and truth: load a policy into a throw-away VM and let a tiny guest make the calls.

    POLICY is a policy, a filter compiled with --format blob, or - for standard input. This needs arm64, KVM of Linux
    6.4 or later and access to /dev/kvm. The guest calls by HVC and by SMC: the first and last ID of every range, every
    call with a name that the policy touches, and every discovery call. A line that begins with ! differs.

    Exit status 0: all agree; 1: something differs; 2: nothing could be compared, and why.
    """
    from smccc_filter.kvm.profiles import NEWEST
    from smccc_filter.probe import host

    release = host.running()
    known = kernel or host.profile_of(release)
    plan = _plan(path, max_bytes, known or NEWEST)
    if plan is None:
        return USAGE
    try:
        host.require_arm64()
        result = _run(plan, known, release)
    except host.UnavailableError as error:
        raise files.UnusableError(str(error)) from error
    from smccc_filter.reports import probe

    profile = plan.machine.profile
    if report_format == "json":
        output.write(probe.render_json(release, profile.name, result))
    else:
        from smccc_filter.reports.paper.columns import width_of

        title = f"Linux {visible(release)}, predicted as {profile.name}"
        report_to = ISSUES if profile == host.profile_of(release) else None
        output.write(probe.render_text(title, result, report_to, width_of(sys.stdout)))
    return FINDINGS if result.differing else OK


def _run(plan: "ProbePlan", known: "Profile | None", release: str) -> "ProbeResult":
    """Ask this machine's kernel. Raises UnavailableError where that can't be, and for a kernel that nobody knows."""
    from smccc_filter.probe import host, local_kernel, session

    with local_kernel.LocalKernel() as kernel:
        if known is None:
            message = f"Linux {visible(release)} is not known: name the kernel that it is like with --kernel"
            raise host.UnavailableError(message)
        return session.run(plan, kernel)


def _plan(path: str, max_bytes: int, known: "Profile") -> "ProbePlan | None":
    """Plan what a policy or a blob asks for; ``None`` where it can't be understood, which standard error then says."""
    from smccc_filter.artefacts.readers import blob, formats
    from smccc_filter.probe import plan

    contents = files.read(path, max_bytes)
    if contents.data is not None and formats.is_blob(path, contents.data):
        compiled = blob.filter_of(contents.data, known)
        for fault in compiled.faults:
            output.tell(f"{path}: {fault}")
        return None if compiled.faults else plan.of_blob(compiled, known)
    examination = target.examination_of(path, contents)
    if examination.policy is None or not examination.is_understood:
        return None
    for key, why in UNPROBED.items():
        if getattr(examination.policy.target, key):
            raise files.UnusableError(f"{visible(path)}: {why}: leave `{key}` out to probe the rest")
    return plan.of_policy(examination.policy, examination.resolution, known)
