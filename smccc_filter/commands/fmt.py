"""``fmt``: policies in the one canonical layout."""

import gc
from typing import TYPE_CHECKING, NamedTuple

import click

from smccc_filter.commands import files, output
from smccc_filter.commands.internal_errors import InternalErrors
from smccc_filter.commands.settings import finding
from smccc_filter.commands.status import FINDINGS, OK, USAGE
from smccc_filter.words import DASH, plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smccc_filter.analysis.diagnostics import FileReport


class _Mode(NamedTuple):
    """What is asked for instead of writing."""

    check: bool
    diff: bool

    @property
    def writes(self) -> bool:
        return not (self.check or self.diff)


class _Tally:
    """How many files there were of each kind, what is wrong with some, and why others could not be used or done."""

    def __init__(self) -> None:
        self.changed = 0
        self.unchanged = 0
        self.faulty: list[FileReport] = []
        self.unusable: list[str] = []
        self.errors = InternalErrors()


@click.command(
    epilog="""\b
Examples:
  smccc-filter fmt policies/
  smccc-filter fmt --check policies/
  smccc-filter fmt --diff policy.yaml | git apply
  generate-policy | smccc-filter fmt - > policy.yaml"""
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--check", is_flag=True, help="Only name the files that would change; 1 if there are any.")
@click.option("--diff", is_flag=True, help="Only show the changes, as a patch; 1 if there are any.")
@files.EXCLUDE
@finding.ISOLATED
@files.LIMIT
def command(  # noqa: PLR0913 -- one for each option
    paths: tuple[str, ...], exclude: tuple[str, ...], max_bytes: int, *, check: bool, diff: bool, isolated: bool
) -> int:
    """Bring policies into canonical layout, comments kept.

    FILE is a policy, a folder to search for policies as `validate` does, or - for standard input, which goes to
    standard output. A link that is named stays, and what it leads to is written. A file keeps its permissions; its
    other names (hard links) keep the old text, which is told.

    The new text is proved to be the same policy, for every function ID, before it replaces the old one. A policy with
    errors of form (P101 to P105) stays as it is.
    """
    mode = _Mode(check, diff)
    tally = _Tally()
    finder = finding.SettingsFinder(isolated=isolated)
    found = files.expand(paths, exclude, finder)
    tally.faulty += finder.faults()
    if found.note:
        output.tell(found.note)
    _format(found.files, max_bytes, mode, tally)
    if tally.faulty:
        output.write_text_report(tally.faulty, notes=True, err=True)
    for message in tally.unusable:
        output.tell(message)
    if paths != (DASH,) and (summary := _summary(tally, mode)):
        output.complain(f"{summary}\n")
    if tally.errors:
        return tally.errors.tell()
    if tally.unusable:
        return USAGE
    return FINDINGS if tally.faulty or (tally.changed and not mode.writes) else OK


def _format(
    inputs: "Iterable[files.InputFile | files.UnusableError]", max_bytes: int, mode: _Mode, tally: _Tally
) -> None:
    gc.freeze()
    for file in inputs:
        try:
            if isinstance(file, files.UnusableError):
                raise file
            contents = files.read(file.path, max_bytes, file.within)
            with tally.errors.kept_to(file.path):
                _format_one(file, contents, mode, tally)
        except files.UnusableError as error:
            tally.unusable.append(error.message)
        gc.collect(0)  # the command line switched the collector off


def _format_one(file: files.InputFile, contents: files.FileContents, mode: _Mode, tally: _Tally) -> None:
    """Format what was read from one file. Raises UnusableError where it can't be written."""
    from smccc_filter.authoring.formatting import format_policy

    if contents.data is None:
        tally.faulty.append(files.examined(file.path, contents).report)
        return
    formatted = format_policy(file.path, contents.data)
    if formatted.faults:
        tally.faulty.append(formatted.faults)
        return
    _deliver(file, contents.data, formatted.data, mode)
    tally.changed += formatted.changed
    tally.unchanged += not formatted.changed


def _deliver(file: files.InputFile, before: bytes, after: bytes, mode: _Mode) -> None:
    """Write a file, show its change, or name it, as asked. Raises UnusableError."""
    path = file.path
    if mode.writes and path == DASH:
        output.write(after)
    elif before == after:
        return
    elif mode.writes:
        from smccc_filter.commands import saving

        saving.replace(path, before, after, within=file.within)
    elif mode.diff:
        from smccc_filter.commands import patch

        patch.write(patch.unified(path, before.decode(), after.decode()))
    else:
        output.write(f"would reformat {visible(path)}\n")


def _summary(tally: _Tally, mode: _Mode) -> str:
    """Count the files, in the words of other formatters."""
    counts = (
        (tally.changed, "reformatted" if mode.writes else "would be reformatted"),
        (tally.unchanged, "left unchanged" if mode.writes else "already formatted"),
        (len(tally.faulty), "with errors"),
    )
    return ", ".join(f"{count} {plural(count, 'file')} {what}" for count, what in counts if count)
