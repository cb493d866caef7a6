"""``compile``: a policy into an artefact."""

import os
import re
import sys
from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.artefacts.backends import FORMATS, backend, format_of_suffix
from smccc_filter.commands import clashes, files, output, target
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK
from smccc_filter.words import DASH, output_name, plural, visible

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile

LICENSED = ("c", "rust", "json")
"""Formats that have a place for a licence."""
SPDX = r"[A-Za-z0-9.+:()-]+(?: [A-Za-z0-9.+:()-]+)*"
"""What an SPDX licence expression is made of: SPDX specification, annex "SPDX license expressions"."""


def parse_license(ctx: click.Context, param: click.Parameter, text: str | None) -> str | None:
    """Check that a text can be an SPDX licence expression. Raises click.BadParameter for another one."""
    if text is not None and not re.fullmatch(SPDX, text):
        message = f"`{visible(text)}` is no SPDX licence expression; write for example `GPL-2.0-only OR MIT`"
        raise click.BadParameter(message, ctx, param)
    return text


@click.command(
    epilog="""\b
Examples:
  smccc-filter compile policy.yaml -o policy.h
  smccc-filter compile policy.yaml -o policy.h --license "GPL-2.0-or-later"
  smccc-filter compile policy.yaml -o src/policy.rs
  smccc-filter compile policy.yaml --format blob -o - | xxd"""
)
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(allow_dash=True),
    help="Where to write; - for standard output.",
)
@click.option(
    "--format", "artefact_format", type=click.Choice(FORMATS), help="What to write.  [default: by OUT's suffix]"
)
@click.option(
    "--license",
    "license_text",
    metavar="TEXT",
    callback=parse_license,
    help="The SPDX licence expression that c, rust or json says of itself, such as BSD-3-Clause.",
)
@target.KERNEL
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913, PLR0917 -- one for each option
    path: str,
    out: str,
    artefact_format: str | None,
    license_text: str | None,
    kernels: "tuple[Profile, ...]",
    max_bytes: int,
    *,
    isolated: bool,
) -> int:
    """Turn a policy into what a VMM loads, with a proof that it decides the same for every function ID.

    FILE is a policy, or - for standard input. A policy with errors is not compiled, nor is one whose project has
    settings with errors, and OUT stays as it was.
    An OUT that is there keeps its permissions; its other names (hard links) keep the old contents, which is told.

    What is proved: OUT is read back, its entries are given to a model of KVM, and what that decides of each of the 2^32
    IDs is what the policy says; the registers are the policy's. Where the policy says what the VMM answers, OUT answers
    that to each ID, whatever it is asked about, and calls each handler as the specification of its call says. Every
    other byte of C and Rust is that of a text which was compiled, driven through every error and, as far as the filter
    goes, installed on real kernels. What a VMM does with OUT is not proved.
    """
    artefact_format = _format(path, out, artefact_format)
    if license_text is not None and artefact_format not in LICENSED:
        raise click.UsageError(f"{artefact_format} has no place for a licence: leave out --license")
    from smccc_filter.analysis import pipeline

    contents = files.read(path, max_bytes)
    finder = finding.SettingsFinder(isolated=isolated)
    settings = finder.of_file(path)
    examination = files.examined(path, contents, pipeline.Examiner(kernels), settings.choices)
    if examination.has_errors or settings.faults:
        faulty = [settings.faults] if settings.faults else []
        output.write_text_report([*faulty, _without_notes(examination.report)], notes=True, err=True)
        return FINDINGS
    artefact = pipeline.build(examination, artefact_format, license_text)
    if out == DASH:
        output.write(artefact.data)
    else:
        from smccc_filter.commands import saving

        saving.write(out, artefact.data)
    if warnings := examination.report.number_of(Severity.WARNING):
        output.tell(f"{path}: {warnings} {plural(warnings, 'warning')}; see `smccc-filter validate`")
    if artefact.missing:
        output.tell(f"{path}: nothing of what the VMM answers is in it: {artefact.missing}")
    for line in finder.changes([examination.report]):
        output.tell(line)
    proof = f"proved over {artefact.proved:,} IDs" if artefact.proved else "registers read back"
    output.tell(f"{output_name(out)}: {artefact_format}, {proof}")
    return OK


def _format(path: str, out: str, artefact_format: str | None) -> str:
    """Return the format, chosen or by the suffix. Raises UsageError for an output that can't be meant."""
    artefact_format = artefact_format or format_of_suffix(os.path.splitext(out)[1])
    if artefact_format is None:
        raise click.UsageError(f"the format of `{visible(out)}` is not clear: add --format {'|'.join(FORMATS)}")
    if out == DASH and backend(artefact_format).BINARY and sys.stdout is not None and sys.stdout.isatty():
        message = f"{artefact_format} is binary and standard output a terminal: write to a file or a pipe"
        raise click.UsageError(message)
    clashes.refuse_input(path, out, "the policy")
    return artefact_format


def _without_notes(report: FileReport) -> FileReport:
    """Leave out what does not keep a policy from being compiled and has an option of ``validate`` to be shown."""
    return report.only(lambda kind: kind.severity is not Severity.NOTE)
