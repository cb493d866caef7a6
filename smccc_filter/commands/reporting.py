"""Where the findings of ``validate`` go, and in which format."""

import os
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis.diagnostics import FileReport, Severity
from smccc_filter.commands import output
from smccc_filter.words import DASH

if TYPE_CHECKING:
    from smccc_filter.reports.findings.identity import SourceTree

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")
WITH_FIXES = ("sarif",)
"""Formats that carry a fix for each finding that has one."""


class FindingsReport(NamedTuple):
    """What is to be written: the format, which findings fail, and which are shown that nobody has to see.

    ``quiet`` leaves out the line that counts, ``unsafe`` counts unsafe fixes with the others; both are for text.
    ``out`` is the file to write, ``None`` or - for standard output, or standard error where that is taken.
    ``failed_by`` is what asked for ``fail_on``.
    """

    format: str
    fail_on: Severity
    notes: bool
    allowed: bool
    quiet: bool
    unsafe: bool
    out: str | None
    is_stdout_taken: bool
    failed_by: str

    def write(self, reports: tuple[FileReport, ...], unusable: Sequence[str], settings: Sequence[str]) -> None:
        """Write the findings of all files; ``unusable`` says of which there are none, as they could not be used.

        ``settings`` are lines that say what settings changed. They stand below a text, and otherwise go to standard
        error; who wants it ``quiet`` has none. Raises UnusableError where that can't be done.
        """
        if self.format != "text":
            self._put(self._render(reports, unusable))
            for line in () if self.quiet else settings:
                output.tell(line)
        elif reports:
            from smccc_filter.reports.findings import text

            pieces = text.render(
                reports,
                notes=self.notes,
                allowed=self.allowed,
                summary=not self.quiet,
                offer=text.FixOffer.ALL if self.unsafe else text.FixOffer.SAFE,
                fail_on=self.fail_on,
                failed_by=self.failed_by,
            )
            pieces = chain(pieces, text.below(() if self.quiet else settings))
            if self.out in {None, DASH}:
                output.write_pieces(pieces, err=self.is_stdout_taken)
            else:
                from smccc_filter.reports.paper.styles import plain

                self._put(plain(pieces))

    def _put(self, rendered: str) -> None:
        if self.out not in {None, DASH}:
            from smccc_filter.commands import saving

            saving.write(str(self.out), rendered.encode())
        elif self.is_stdout_taken:
            output.complain(rendered)
        else:
            output.write(rendered)

    def _render(self, reports: tuple[FileReport, ...], unusable: Sequence[str]) -> str:
        match self.format:
            case "json":
                from smccc_filter.reports.findings import json

                return json.render(reports)
            case "github":
                from smccc_filter.reports.findings import github

                return github.render(reports)
            case "gitlab":
                from smccc_filter.reports.findings import gitlab

                return gitlab.render(reports, source_tree())
            case "junit":
                from smccc_filter.reports.findings import junit

                return junit.render(map(self._shown, reports), self.fail_on, unusable)
            case _:
                return self._sarif(reports)

    def _sarif(self, reports: tuple[FileReport, ...]) -> str:
        from smccc_filter.analysis import checks
        from smccc_filter.analysis.reference.manuals import manual
        from smccc_filter.reports.findings import sarif

        rules = {
            check.CODE: sarif.SarifRule(check.CODE, check.NAME, check.SEVERITY, *manual(check)) for check in checks.ALL
        }
        return sarif.render(map(self._shown, reports), rules, source_tree())

    def _shown(self, report: FileReport) -> FileReport:
        """Leave out what only who asks for it wants to see."""
        notes = self.notes or self.fail_on is Severity.NOTE
        return report.only(lambda kind: kind.is_shown(notes=notes, allowed=self.allowed))


def source_tree() -> "SourceTree":
    """Return the working folder, and the repository around it or else itself, from whose root files are named."""
    from smccc_filter.commands.search import git_root
    from smccc_filter.reports.findings.identity import SourceTree

    working = os.getcwd()
    return SourceTree(working, git_root(working) or working)
