"""``probe``: prediction and truth of a policy on the machine at hand."""

import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import calls, files, output, probe_vmm, target
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.commands.unprobed import refuse_unprobed
from smccc_filter.kvm.machine import Conduit
from smccc_filter.version import ISSUES
from smccc_filter.words import visible

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile
    from smccc_filter.probe.plan import ProbePlan
    from smccc_filter.probe.session import ProbeResult


IMAGE_HELP = (
    "Write a bootable image that makes the calls in your own VMM and prints what came back; - for standard output."
)
LOG_HELP = "Judge what such an image printed; - for standard input."
ONLY_HELP = "With --image, make this call alone, by one instruction, also one that may not come back."


def _one(ctx: click.Context, param: click.Parameter, name: str | None) -> "Profile | None":
    """Return what one kernel does. Raises click.BadParameter for a name that is no kernel with a filter."""
    return next(iter(target.profiles_of(ctx, param, (name,) if name else ())), None)


@click.command(
    epilog="""\b
Examples:
  smccc-filter probe policy.yaml
  smccc-filter probe policy.yaml | grep '^!'
  smccc-filter probe --kernel 6.12.112 policy.yaml
  smccc-filter probe --format json policy.bin | jq '.probes[] | select(.agrees | not)'
  smccc-filter probe policy.yaml --image guest.img
  timeout 60 my-vmm --kernel guest.img | smccc-filter probe policy.yaml --log -
  smccc-filter probe policy.yaml --log guest.log"""
)
@click.argument("path", metavar="POLICY", type=click.Path(allow_dash=True))
@click.option(
    "--format",
    "report_format",
    type=click.Choice(("text", "json", "junit")),
    default="text",
    show_default=True,
    help="How to write the report; junit is for --log.",
)
@click.option(
    "--kernel",
    metavar="NAME",
    callback=_one,
    shell_complete=target.complete_kernel,
    help="Predict as this kernel, such as 6.12 or 6.12.112.  [default: the running kernel; with --log, that of the "
    "policy's targets which fits best]",
)
@click.option("--image", "image", metavar="OUT", type=click.Path(allow_dash=True), help=IMAGE_HELP)
@click.option("--log", "log", metavar="FILE", type=click.Path(allow_dash=True), help=LOG_HELP)
@click.option(
    "--conduit",
    type=click.Choice(("hvc", "smc")),
    help="With --image, call by this instruction alone.  [default: both, and smc for a nested guest]",
)
@click.option("--only", metavar="CALL", shell_complete=calls.complete, help=ONLY_HELP)
@click.option(
    "--uart",
    "port",
    metavar="KIND@ADDRESS",
    callback=probe_vmm.port_address,
    help="With --image, print to this port, such as pl011@0x9000000.  [default: found in the device tree]",
)
@click.option("--force", is_flag=True, help="With --image, replace OUT where it is there.")
@files.LIMIT
def command(  # noqa: PLR0913, PLR0917 -- one for each option
    path: str,
    report_format: str,
    kernel: "Profile | None",
    image: str | None,
    log: str | None,
    conduit: str | None,
    only: str | None,
    port: int | None,
    max_bytes: int,
    *,
    force: bool,
) -> int:
    """Compare prediction and truth: load a policy into a throw-away VM and let a tiny guest make the calls.

    POLICY is a policy, a filter compiled with --format blob, or - for standard input. This needs arm64, KVM of Linux
    6.4 or later and access to /dev/kvm. The guest calls by HVC and by SMC: the first and last ID of every range, every
    call with a name that the policy touches, and every discovery call. A line that begins with ! differs.

    With --image and --log it does so in your own VMM, on any machine. The image boots as Linux does, makes the calls,
    prints a line for each to its serial port, and powers off by PSCI. It takes the port that the device tree names as
    stdout-path, else the first pl011, sbsa-uart, ns16550a or dw-apb-uart there; without one it makes no call. A VMM
    that swallows the power-off never ends: the line `smccc1 end` says that the image is done, so give the VMM a time
    limit. Captured output is judged with --log; what else the VMM prints there does no harm.

    Exit status 0: all agree; 1: something differs, or with --log is missing; 2: nothing could be compared, and why.
    """
    if image is not None:
        if log is not None or kernel is not None:
            other = "--log" if log is not None else "--kernel"
            raise click.UsageError(f"--image writes what any VMM boots on any kernel: leave out {other}")
        if report_format != "text":
            raise click.UsageError("--image writes no report: leave out --format")
        options = probe_vmm.ImageOptions(Conduit(conduit) if conduit else None, only, port, force)
        return probe_vmm.write_image(path, image, max_bytes, options)
    if conduit or only or port is not None or force:
        raise click.UsageError("--conduit, --only, --uart and --force are for an image: add --image OUT")
    if log is not None:
        return probe_vmm.judge_log(path, log, max_bytes, kernel, report_format)
    if report_format == "junit":
        raise click.UsageError("--format junit is for a log: add --log FILE, or write text or json")
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
    refuse_unprobed(path, examination.policy)
    return plan.of_policy(examination.policy, examination.resolution, known)
