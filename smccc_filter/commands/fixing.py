"""Policies mended where they stand, or the patch that would: what ``validate --fix`` and ``--diff`` do to each file."""

from typing import NamedTuple

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.commands import files, output
from smccc_filter.words import DASH, plural


class FixMode(NamedTuple):
    """Whether files are written or a patch is, and with which fixes."""

    diff: bool
    unsafe: bool


class FixTally:
    """How many findings were mended in how many files, and what was left and why, for people."""

    def __init__(self) -> None:
        self.mended = 0
        self.files = 0
        self.left: list[str] = []

    def tell(self, fixing: FixMode) -> None:
        """Say it on standard error."""
        for message in self.left:
            output.tell(message)
        if self.mended:
            did = "Would fix" if fixing.diff else "Fixed"
            where = f"{self.files} {plural(self.files, 'file')}"
            output.complain(f"{did} {self.mended} {plural(self.mended, 'finding')} in {where}.\n")


def fix(path: str, data: bytes, fixing: FixMode, tally: FixTally) -> FileReport:
    """Mend one policy, and return what is found in it then. Raises UnusableError where it can't be written."""
    from smccc_filter.authoring import fixing as authoring

    fixed = authoring.fix(path, data, unsafe=fixing.unsafe)
    if fixing.diff:
        if fixed.mended:
            from smccc_filter.commands import patch

            patch.write(patch.unified(path, data.decode(), fixed.data.decode()))
    elif path == DASH:
        output.write(fixed.data)
    elif fixed.mended:
        files.replace(path, data, fixed.data)
    tally.mended += fixed.mended
    tally.files += bool(fixed.mended)
    for finding, why in fixed.left:
        tally.left.append(f"{path}: {finding.code} is left, as {why}: {finding.message}")
    return fixed.report
