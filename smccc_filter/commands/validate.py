"""``validate``: every check on every file."""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.commands import files, output, reporting, target
from smccc_filter.commands.internal_errors import InternalErrors
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.words import DASH, visible

if TYPE_CHECKING:
    from smccc_filter.kvm.profiles import Profile

PATIENCE = 1.0
"""Seconds after which a person wants to see how far it is."""


@click.command(
    epilog="""\b
Examples:
  smccc-filter validate policy.yaml
  smccc-filter validate --fail-on warning policies/
  smccc-filter validate --kernel 6.6 --kernel 6.12.0-1-arm64 policy.yaml
  smccc-filter validate --format sarif -o findings.sarif policies/
  smccc-filter validate --fix policy.yaml
  smccc-filter validate --diff --unsafe-fixes policy.yaml | git apply
  generate-policy | smccc-filter validate -"""
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@target.KERNEL
@click.option("--format", "report_format", type=click.Choice(reporting.FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    help="The least severity that makes the exit status 1.  [default: that of the project's settings, else error]",
)
@click.option("--notes", is_flag=True, help="Show notes too, as --fail-on note does.")
@click.option("--allowed", is_flag=True, help="Show what is allowed too.")
@click.option(
    "-q", "--quiet", is_flag=True, help="Write findings alone: nothing for a clean file, no line that counts."
)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="FILE",
    type=click.Path(),
    help="Write the report there, whole or not at all, instead of to standard output.",
)
@click.option(
    "--stdin-filename",
    metavar="PATH",
    help="What to call standard input in findings, such as the file that an editor has open.",
)
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
@files.EXCLUDE
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913, PLR0917 -- one for each option
    paths: tuple[str, ...],
    kernels: "tuple[Profile, ...]",
    report_format: str,
    fail_on: str | None,
    out: str | None,
    stdin_filename: str | None,
    exclude: tuple[str, ...],
    max_bytes: int,
    *,
    notes: bool,
    allowed: bool,
    quiet: bool,
    write: bool,
    unsafe: bool,
    diff: bool,
    isolated: bool,
) -> int:
    """Check policies and report everything that is wrong.

    FILE is a policy, a folder to search for policies, or - for standard input. Policies are called *.smccc.yaml or
    *.smccc.yml, or are YAML in a folder called smccc or smccc-policies. A search passes over what is hidden or ignored
    by git, follows no links and says so; what is named is read, whatever its name. A fix keeps every comment, and a
    safe one is proved to change nothing for any function ID. With --diff, and where a fixed policy goes to standard
    output, the report goes to standard error.

    A project's settings are the table [tool.smccc-filter] of pyproject.toml, or all of .smccc-filter.toml, which goes
    first: `kernels` of policies that name none, `include` and `exclude` for searches, `fail-on`, and `ignore`, with the
    code of notes or warnings and the reason for each. Those in the nearest folder count, from the policy's upwards to
    the root of its git repository; options go before them. What they changed is said below the findings.
    """
    from smccc_filter.analysis import pipeline

    finder = finding.SettingsFinder(isolated=isolated)
    found = files.expand(paths, exclude, finder)
    _refuse_unclear(found, out, stdin_filename)
    unusable: list[str] = []
    errors = InternalErrors()
    is_taken = diff or (write and DASH in paths)
    fixer = None
    if write or diff:
        from smccc_filter.commands.fixing import PolicyFixer

        fixer = PolicyFixer(kernels, diff=diff, unsafe=unsafe)

    examiner = pipeline.Examiner(kernels)

    def examine(file: files.InputFile, contents: files.FileContents) -> FileReport:
        path = file.path
        project = finder.of_file(path, stdin_filename).choices
        if fixer and contents.data is not None:
            try:
                with errors.kept_to(path):
                    return fixer.fix(path, contents.data, project, file.within)
            except files.UnusableError as error:  # the file stays, and is reported as it is
                unusable.append(error.message)
        examination = files.examined(path, contents, examiner, project)
        return pipeline.with_fixes(examination) if report_format in reporting.WITH_FIXES else examination.report

    examined = _examine(found, max_bytes, unusable, errors, examine)
    reports = tuple(each._replace(path=stdin_filename or DASH) if each.path == DASH else each for each in examined)
    reports = (*finder.faults(), *reports)
    strictest, path = finder.strictest
    report = reporting.FindingsReport(
        report_format,
        Severity(fail_on) if fail_on else strictest,
        notes,
        allowed,
        quiet,
        unsafe,
        out,
        is_stdout_taken=is_taken,
        failed_by=f"--fail-on {fail_on}" if fail_on else f"fail-on of {visible(path)}",
    )
    try:
        report.write(reports, unusable, finder.changes(reports))
    except files.UnusableError as error:
        unusable.append(error.message)
    if fixer:
        fixer.tell()
    for message in unusable:
        output.tell(message)
    if errors or unusable:
        return errors.tell() if errors else USAGE
    has_patch = diff and fixer and fixer.findings
    is_failed = any(each.number_of(severity) for each in reports for severity in report.fail_on.and_worse())
    return FINDINGS if has_patch or is_failed else OK


def _refuse_unclear(found: files.InputFiles, out: str | None, stdin_filename: str | None) -> None:
    """Raise UsageError for a name of standard input that is not read, and where the report would overwrite a policy."""
    paths = [file.path for file in found.files if isinstance(file, files.InputFile)]
    if stdin_filename is not None and DASH not in paths:
        raise click.UsageError("--stdin-filename is for standard input, which is not read: add - to the files")
    if out is not None:
        from smccc_filter.commands import clashes

        for path in paths:
            clashes.refuse_input(path, out, "a policy")


def _examine(
    found: files.InputFiles,
    max_bytes: int,
    unusable: list[str],
    errors: InternalErrors,
    examine: Callable[[files.InputFile, files.FileContents], FileReport],
) -> Iterator[FileReport]:
    """Yield what ``examine`` finds in every file; why one can't be read goes to ``unusable``, a bug to ``errors``."""
    gc.freeze()  # what was imported is nothing to collect
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
