"""What ``validate --fix`` and ``--diff`` do to each file: write the fixed policy, or the patch that makes it."""

from typing import TYPE_CHECKING

from smccc_filter.analysis.diagnostics import FileReport
from smccc_filter.commands import output
from smccc_filter.words import DASH, plural

if TYPE_CHECKING:
    from smccc_filter.analysis.project import ProjectChoices
    from smccc_filter.kvm.profiles import Profile


class PolicyFixer:
    """Fixes policies one by one, and counts what it fixed, or with ``diff`` would fix.

    Without ``unsafe``, nothing that a policy decides is changed. They are checked for ``kernels``, or where there are
    none, for those that they name.
    """

    def __init__(self, kernels: "tuple[Profile, ...]", *, diff: bool, unsafe: bool) -> None:
        self.findings = 0
        """How many findings were fixed."""
        self._files = 0
        self._left: list[str] = []
        self._diff = diff
        self._unsafe = unsafe
        self._kernels = kernels

    def fix(self, path: str, data: bytes, project: "ProjectChoices", within: str | None = None) -> FileReport:
        """Fix one policy, and return what is found in it then; ``within`` is the folder that it was found in.

        What its ``project`` ignores stays. Raises UnusableError where it can't be written.
        """
        from smccc_filter.authoring.fixing import fix

        after = fix(path, data, unsafe=self._unsafe, kernels=self._kernels, project=project)
        if self._diff:
            if after.fixed:
                from smccc_filter.commands import patch

                patch.write(patch.unified(path, data.decode(), after.data.decode()))
        elif path == DASH:
            output.write(after.data)
        elif after.fixed:
            from smccc_filter.commands import saving

            saving.replace(path, data, after.data, within=within)
        self.findings += after.fixed
        self._files += bool(after.fixed)
        for finding, why in after.left:
            self._left.append(f"{path}: {finding.code} is left, as {why}: {finding.message}")
        if after.is_cut_short:
            again = "run it again" if after.fixed else "split the policy"
            self._left.append(f"{path}: not every fix was tried, as there is too much to examine; {again}")
        return after.report

    def tell(self) -> None:
        """Say on standard error what was left and why, and how much was fixed."""
        for message in self._left:
            output.tell(message)
        if self.findings:
            did = "Would fix" if self._diff else "Fixed"
            where = f"{self._files} {plural(self._files, 'file')}"
            output.complain(f"{did} {self.findings} {plural(self.findings, 'finding')} in {where}.\n")
