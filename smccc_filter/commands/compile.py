"""``compile``: a policy into an artefact."""

import os
import sys

import click

from smccc_filter.backends import FORMATS, backend, format_of_suffix
from smccc_filter.cli import FINDINGS, OK, USAGE
from smccc_filter.commands import files, output
from smccc_filter.diagnostics import Severity


@click.command(
    epilog="""\b
Examples:
  smccc-filter compile policy.yaml -o policy.h
  smccc-filter compile policy.yaml -o src/policy.rs
  smccc-filter compile policy.yaml --format blob -o - | xxd"""
)
@click.argument("path", metavar="FILE", type=click.Path(allow_dash=True))
@click.option("-o", "--output", "out", metavar="OUT", required=True, help="Where to write; - for standard output.")
@click.option(
    "--format", "artefact_format", type=click.Choice(FORMATS), help="What to write.  [default: by OUT's suffix]"
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=1),
    default=files.MAX_BYTES,
    show_default=True,
    help="Refuse a larger file, unread.",
)
def command(path: str, out: str, artefact_format: str | None, max_bytes: int) -> int:
    """Turn a policy into what a VMM loads, with a proof that it decides the same for every function ID.

    FILE is a policy, or - for standard input. A policy with errors is not compiled, and OUT stays as it was.
    """
    artefact_format = artefact_format or format_of_suffix(os.path.splitext(out)[1])
    if artefact_format is None:
        raise click.UsageError(f"the format of `{out}` is not clear: add --format {'|'.join(FORMATS)}")
    if out == files.STDIN and backend(artefact_format).BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{artefact_format} is binary and standard output a terminal: write to a file or a pipe")
    from smccc_filter import pipeline

    try:
        contents = files.read(path, max_bytes)
        if contents.data is None:
            examination = pipeline.refuse_size(path, contents.size, max_bytes)
        else:
            examination = pipeline.examine(path, contents.data)
        if examination.has_errors:
            output.write_text_report([examination.report], notes=False, err=True)
            return FINDINGS
        artefact = pipeline.build(examination, artefact_format)
        if out == files.STDIN:
            output.write(artefact.data)
        else:
            files.write(out, artefact.data)
    except files.UnusableError as error:
        click.echo(f"smccc-filter: {error}", err=True)
        return USAGE
    if warnings := examination.report.count(Severity.WARNING):
        click.echo(f"{path}: {warnings} warning{'s' * (warnings > 1)}; see `smccc-filter validate`", err=True)
    proof = f"proved over {artefact.proved:,} IDs" if artefact.proved else "registers read back"
    click.echo(f"{'standard output' if out == files.STDIN else out}: {artefact_format}, {proof}", err=True)
    return OK
