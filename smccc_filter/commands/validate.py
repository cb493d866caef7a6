"""``validate``: every check on every file."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.commands import files, output, target
from smccc_filter.commands.internal_errors import InternalErrors
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile

FORMATS = ("text", "json", "sarif", "github")
PATIENCE = 1.0
"""Seconds after which a person wants to see how far it is."""


@click.command(
    epilog="""\b
Examples:
  smccc-filter validate policy.yaml
  smccc-filter validate --fail-on warning policies/
  smccc-filter validate --kernel "$(uname -r)" policy.yaml
  smccc-filter validate --format sarif policies/ > findings.sarif
  smccc-filter validate --fix policy.yaml
  smccc-filter validate --diff --unsafe-fixes policy.yaml | git apply
  generate-policy | smccc-filter validate -"""
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@target.KERNEL
@click.option("--format", "report_format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    default=str(Severity.ERROR),
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.option("--notes", is_flag=True, help="Show notes in the text, as --fail-on note does, not only their number.")
@click.option(
    "--fix",
    "write",
    is_flag=True,
    help="Fix what can be fixed without changing what a policy decides, then report what remains.",
)
@click.option(
    "--unsafe-fixes",
    "unsafe",
    is_flag=True,
    help="With --fix or --diff, also do what changes it, as the hints say.",
)
@click.option(
    "--diff", is_flag=True, help="Write nothing; show what --fix would do as a patch, and exit with 1 for any."
)
@files.LIMIT
def command(  # noqa: PLR0913 -- one for each option
    paths: tuple[str, ...],
    kernels: "tuple[Profile, ...]",
    report_format: str,
    fail_on: str,
    max_bytes: int,
    *,
    notes: bool,
    write: bool,
    unsafe: bool,
    diff: bool,
) -> int:
    """Check policies and report everything that is wrong.

    FILE is a policy, a folder to search for *.yaml and *.yml, or - for standard input. A search follows no links and
    says so; a link that is named is followed. A fix keeps every comment, and a safe one is proved to change nothing for
    any function ID. With --diff, and where a fixed policy goes to standard output, the report goes to standard error.
    """
    from smccc_filter.analysis import pipeline

    unusable: list[str] = []
    errors = InternalErrors()
    to_stderr = diff or (write and DASH in paths)
    fixer = None
    if write or diff:
        from smccc_filter.commands.fixing import PolicyFixer

        fixer = PolicyFixer(kernels, diff=diff, unsafe=unsafe)

    examiner = pipeline.Examiner(kernels)

    def examine(file: files.InputFile, contents: files.FileContents) -> FileReport:
        path = file.path
        if fixer and contents.data is not None:
            try:
                with errors.kept_to(path):
                    return fixer.fix(path, contents.data, file.within)
            except files.UnusableError as error:  # the file stays, and is reported as it is
                unusable.append(error.message)
        examination = files.examined(path, contents, examiner)
        return pipeline.with_fixes(examination) if report_format == "sarif" else examination.report

    reports = tuple(_examine(paths, max_bytes, unusable, errors, examine))
    least = Severity(fail_on)
    if report_format == "text":
        _tell(reports, least, notes=notes, unsafe=unsafe, err=to_stderr)
    else:
        (output.complain if to_stderr else output.write)(_render(report_format, reports))
    if fixer:
        fixer.tell()
    for message in unusable:
        output.tell(message)
    if errors:
        return errors.tell()
    if unusable:
        return USAGE
    has_patch = diff and fixer and fixer.findings
    is_failed = any(report.number_of(severity) for report in reports for severity in least.and_worse())
    return FINDINGS if has_patch or is_failed else OK


def _tell(reports: tuple[FileReport, ...], least: Severity, *, notes: bool, unsafe: bool, err: bool) -> None:
    """Write the findings for people."""
    from smccc_filter.reports.findings import text

    if reports:
        offer = text.FixOffer.ALL if unsafe else text.FixOffer.SAFE
        output.write_pieces(text.render(reports, notes=notes, offer=offer, fail_on=least), err=err)


def _examine(
    paths: tuple[str, ...],
    max_bytes: int,
    unusable: list[str],
    errors: InternalErrors,
    examine: Callable[[files.InputFile, files.FileContents], FileReport],
) -> Iterator[FileReport]:
    """Yield what ``examine`` finds in every file; why one can't be read goes to ``unusable``, a bug to ``errors``."""
    gc.freeze()  # what was imported is nothing to collect
    found = files.expand(paths)
    if found.note:
        output.tell(found.note)
    for file in _with_progress(found.files):
        try:
            if isinstance(file, files.UnusableError):
                raise file
            contents = files.read(file.path, max_bytes, file.within)
        except files.UnusableError as error:
            unusable.append(error.message)
            continue
        with errors.kept_to(file.path):
            report = examine(file, contents)
            yield report if report.diagnostics else report._replace(text="")  # nothing will be quoted from it
        gc.collect(0)  # the command line switched the collector off, and an exception can hold on to a whole parser


def _with_progress(
    items: tuple[files.InputFile | files.UnusableError, ...],
) -> Iterator[files.InputFile | files.UnusableError]:
    """Yield the items; once that has taken a while, and somebody watches, with a bar."""
    start = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - start > PATIENCE and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import track

            console = Console(stderr=True)
            yield from track(items[number:], "Checking", len(items), number, console=console, transient=True)
            return
        yield item


def _render(report_format: str, reports: tuple[FileReport, ...]) -> str:
    if report_format == "json":
        from smccc_filter.reports.findings import json

        return json.render(reports)
    if report_format == "github":
        from smccc_filter.reports.findings import github

        return github.render(reports)
    from smccc_filter.analysis import checks
    from smccc_filter.analysis.reference.manuals import manual
    from smccc_filter.reports.findings import sarif

    rules = {
        check.CODE: sarif.SarifRule(check.CODE, check.NAME, check.SEVERITY, *manual(check)) for check in checks.ALL
    }
    return sarif.render(reports, rules, root=os.getcwd())
