"""``probe --image`` and ``probe --log``: the guest for the user's own VMM, and what its log says."""

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from smccc_filter.commands import files, output, target
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.commands.unprobed import refuse_unprobed
from smccc_filter.kvm.machine import Conduit
from smccc_filter.words import DASH, counted, output_name, visible

if TYPE_CHECKING:
    from smccc_filter.analysis.resolve import Resolution
    from smccc_filter.kvm.profiles import Profile
    from smccc_filter.language.policy.model import Policy
    from smccc_filter.probe.diagnosis import LogJudgement
    from smccc_filter.probe.log import VmmLog
    from smccc_filter.probe.vmm_questions import VmmQuestions

PORT_KINDS = ("pl011", "sbsa-uart", "ns16550a", "dw-apb-uart")
"""Serial ports that transmit what is stored to their first address."""
_PORT = re.compile(rf"({'|'.join(PORT_KINDS)})@0x([0-9A-Fa-f]{{1,16}})")


class ImageOptions(NamedTuple):
    """What the image is to do: by which conduit it calls, ``None`` for both, one call alone, and where it prints.

    ``port`` is the address of its serial port, ``None`` where it looks in the device tree.
    """

    conduit: Conduit | None = None
    only: str | None = None
    port: int | None = None
    force: bool = False


class _Asked(NamedTuple):
    policy: "Policy"
    resolution: "Resolution"
    questions: "VmmQuestions"
    digest: str


def port_address(ctx: click.Context, param: click.Parameter, text: str | None) -> int | None:
    """Return the address of ``KIND@ADDRESS``. Raises click.BadParameter for anything else."""
    if text is None:
        return None
    if found := _PORT.fullmatch(text):
        return int(found[2], 16)
    kinds = ", ".join(PORT_KINDS)
    message = f"`{visible(text)}` is no serial port: write KIND@ADDRESS, such as pl011@0x9000000; kinds are {kinds}"
    raise click.BadParameter(message, ctx, param)


def write_image(path: str, out: str, max_bytes: int, options: ImageOptions) -> int:
    """Write the image for a policy; return the exit status. Raises UnusableError and UsageError."""
    from smccc_filter.commands import saving
    from smccc_filter.probe.image import build
    from smccc_filter.probe.log import LogHeader

    if out == DASH and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("an image is binary and standard output a terminal: write to a file or a pipe")
    if out != DASH and not options.force:
        saving.refuse_existing(out)
    asked = _asked(path, max_bytes)
    if asked is None:
        return USAGE
    first, number = 0, len(asked.questions.safe)
    conduits = (options.conduit,) if options.conduit else _conduits(asked.policy)
    if options.only is not None:
        first, number, conduits = _number_of(asked.questions, options.only), 1, conduits[:1]
    header = LogHeader(asked.digest, first, number, conduits)
    try:
        data = build.image(header, asked.questions.all[first : first + number], options.port)
    except build.ImageTooLargeError as error:
        raise files.UnusableError(f"{visible(path)}: {error}") from error
    saving.deliver(out, data, force=options.force)
    by = " and ".join(conduit.upper() for conduit in conduits)
    output.tell(f"{output_name(out)}: {counted(number, 'call')} by {by}, {counted(len(data), 'byte')}")
    if options.only is None and asked.questions.stopping:
        left = counted(len(asked.questions.stopping), "call")
        output.tell(f"{left} left out that may not come back: make each in an image of its own, with --only CALL")
    return OK


def judge_log(path: str, log_path: str, max_bytes: int, kernel: "Profile | None", report_format: str) -> int:
    """Judge the log of a policy's image; return the exit status. Raises UnusableError and UsageError."""
    from smccc_filter.probe.log import LogError
    from smccc_filter.probe.log_reader import read_log

    if path == log_path == DASH:
        raise click.UsageError("POLICY and --log are both standard input: name a file for one of them")
    asked = _asked(path, max_bytes)
    if asked is None:
        return USAGE
    contents = files.read(log_path, max_bytes)
    if contents.data is None:
        raise files.UnusableError(f"{visible(log_path)}: {contents.excess}: cut it to one run, or raise --max-bytes")
    try:
        judgement = _judgement(asked, read_log(contents.data), kernel)
    except LogError as error:
        raise files.UnusableError(f"{visible(log_path)}: {error}") from error
    from smccc_filter.reports import probe_log

    name = asked.policy.name
    if report_format == "json":
        output.write(probe_log.render_json(name, judgement))
    elif report_format == "junit":
        from smccc_filter.reports import probe_junit

        output.write(probe_junit.render_junit(log_path, judgement))
    else:
        from smccc_filter.reports.paper.columns import width_of

        output.write(probe_log.render_text(name, judgement, width_of(sys.stdout)))
    return OK if judgement.is_as_predicted else FINDINGS


def _judgement(asked: _Asked, log: "VmmLog", kernel: "Profile | None") -> "LogJudgement":
    """Judge a log. Raises LogError for one of another policy, and one without a call."""
    from smccc_filter.analysis.targets import set_up_on
    from smccc_filter.probe import diagnosis
    from smccc_filter.probe.log import LogError

    if log.header.digest != asked.digest:
        message = f"it is of another policy, {log.header.digest}, and this one is {asked.digest}"
        ways = "name the policy that the image was made of, or make the image anew if that or the tool has changed"
        raise LogError(f"{message}: {ways}")
    if log.header.first + log.header.calls > len(asked.questions.all):
        raise LogError("it announces more calls than the policy has: make the image anew")
    vms = set_up_on(asked.policy, asked.resolution.actions, (kernel,) if kernel else ())
    return diagnosis.judge(log, asked.policy, asked.resolution, asked.questions, vms)


def _asked(path: str, max_bytes: int) -> _Asked | None:
    """Return the policy and its calls; ``None`` where it can't be understood, which standard error then says."""
    from smccc_filter.artefacts.readers import formats
    from smccc_filter.probe.vmm_questions import digest_of, vmm_questions

    contents = files.read(path, max_bytes)
    if contents.data is not None and formats.is_blob(path, contents.data):
        raise files.UnusableError(f"{visible(path)}: a blob has no registers and no rules: name the policy it is of")
    examination = target.examination_of(path, contents)
    if examination.policy is None or not examination.is_understood:
        return None
    refuse_unprobed(path, examination.policy)
    questions = vmm_questions(examination.resolution)
    digest = digest_of(examination.policy, examination.resolution, questions)
    return _Asked(examination.policy, examination.resolution, questions, digest)


def _conduits(policy: "Policy") -> tuple[Conduit, ...]:
    """Return the conduits by which a guest of the policy reaches KVM."""
    return (Conduit.SMC,) if policy.target.nested else tuple(Conduit)


def _number_of(questions: "VmmQuestions", word: str) -> int:
    """Return the number of the one call that a word means. Raises UsageError where there is none, or several."""
    from smccc_filter.commands import calls
    from smccc_filter.smccc.function_id import show

    ids = calls.ids_of((word,))
    if len(ids) > 1:
        forms = " or ".join(show(func_id) for func_id in ids)
        raise click.UsageError(f"--only takes one call, and `{visible(word)}` is {len(ids)}: name {forms}")
    number = questions.number_of(ids[0])
    if number is None:
        raise click.UsageError(f"--only takes a call that the policy touches or KVM services, not {show(ids[0])}")
    return number
