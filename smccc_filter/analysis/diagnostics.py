"""What may be said about a policy, and where.

A check yields a ``Problem`` at a place of the document; the runner signs it with the check's code and turns the place
into lines and columns, which makes the frozen ``Diagnostic`` that every report prints.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.places import Place, Span
from smccc_filter.smccc.intervals import Intervals

if TYPE_CHECKING:
    from smccc_filter.analysis.fixes import Fix
    from smccc_filter.language.changes import Change

FAILED_EXPECTATION = "P106"


def can_leave_doubt(code: str) -> bool:
    """Tell whether errors of a code leave doubt about what a policy says.

    The others are about what a kernel refuses of a policy that is clear, about what it tells the guest, or about what
    somebody expected of it.
    """
    return code[0] in "PR" and code != FAILED_EXPECTATION


MAX_ALIKE = 200
"""Findings of one kind in one file that are reported one by one; the others are counted.

Nobody reads more, and of a file of 16 MiB they would take gigabytes.
"""


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for an error, growing as it matters less."""
        return list(Severity).index(self)

    def and_worse(self) -> "list[Severity]":
        """Return it and what is worse, worst first."""
        return list(Severity)[: self.rank + 1]


class Remedy(NamedTuple):
    """What fixes a finding, as a check knows it: an order to the reader, and the changes of the document.

    A ``safe`` one never changes what the policy decides.
    """

    message: str
    safe: bool
    changes: "tuple[Change, ...]"


class Problem(NamedTuple):
    """What a check found.

    ``ids`` is canonical; ``kernels`` names the profiles for which it holds, ``None`` for every target kernel.
    ``severity`` is set where it is not the check's own. A problem with an ``errno`` can't be allowed.
    """

    place: Place
    message: str
    hint: str
    ids: Intervals = ()
    related: Sequence[tuple[Place, str]] = ()
    errno: Errno | None = None
    kernels: tuple[str, ...] | None = None
    severity: Severity | None = None
    remedy: Remedy | None = None


class UnsaidProblem(NamedTuple):
    """A problem of which there may be very many, and which ``say`` puts into words, with the same place."""

    place: Place
    say: Callable[[], Problem]
    may_have_remedy: bool
    errno: Errno | None = None
    severity: Severity | None = None


class RelatedPlace(NamedTuple):
    """Another place that explains a finding."""

    span: Span
    message: str


class FindingKind(NamedTuple):
    """What findings have in common that are reported or left out together: code, severity, whether allowed.

    ``settings`` is the file of a project's settings that ignores them; they are among what is allowed.
    """

    code: str
    name: str
    severity: Severity
    allowed: bool
    settings: str = ""

    @property
    def leaves_doubt(self) -> bool:
        """Whether such a finding leaves doubt about what the policy says. No allowance covers one that does."""
        return self.severity is Severity.ERROR and can_leave_doubt(self.code)

    def is_shown(self, *, notes: bool, allowed: bool) -> bool:
        """Tell whether such a finding is shown to who wants ``notes`` or not, and what is ``allowed`` or not."""
        return allowed if self.allowed else notes or self.severity is not Severity.NOTE


class LeftOutFindings(NamedTuple):
    """How many findings of one kind are beyond ``MAX_ALIKE``."""

    kind: FindingKind
    number: int


class Diagnostic(NamedTuple):
    """One finding, as every report prints it.

    ``suppressed`` is the reason of the allowance that covers it, or of the project's ``settings``, a file, that ignore
    it; a covered finding is not fixed. ``fix`` is its ``remedy`` in the text, and only ``pipeline.with_fixes`` works it
    out.
    """

    span: Span
    code: str
    name: str
    severity: Severity
    message: str
    hint: str
    errno: Errno | None = None
    kernels: tuple[str, ...] = ()
    ids: Intervals = ()
    related: tuple[RelatedPlace, ...] = ()
    suppressed: str | None = None
    settings: str = ""
    remedy: Remedy | None = None
    fix: "Fix | None" = None

    @property
    def kind(self) -> FindingKind:
        """What it has in common with others."""
        return FindingKind(self.code, self.name, self.severity, self.suppressed is not None, self.settings)


class FileReport(NamedTuple):
    """What was found in one file; ``text`` is what was read, for the lines that a report quotes.

    ``left_out`` counts what is beyond the findings of ``diagnostics``, which have some of each kind. ``kernels`` are
    those that the policy was checked for, none where the file yields no policy, and ``settings`` the file of a
    project's settings that chose them, if one did.
    """

    path: str
    text: str
    diagnostics: tuple[Diagnostic, ...]
    left_out: tuple[LeftOutFindings, ...] = ()
    kernels: tuple[str, ...] = ()
    settings: str = ""

    def number_of(self, severity: Severity) -> int:
        """Count the findings of one severity that no allowance covers."""
        found = sum(d.severity is severity and d.suppressed is None for d in self.diagnostics)
        return found + sum(
            left.number for left in self.left_out if left.kind.severity is severity and not left.kind.allowed
        )

    def fixable(self, *, safe: bool) -> int:
        """Count the findings of ``diagnostics`` that have a safe remedy, or an unsafe one."""
        return sum(d.remedy is not None and d.remedy.safe is safe for d in self.diagnostics)

    def only(self, wanted: Callable[[FindingKind], bool]) -> "FileReport":
        """Return the report of some kinds of findings."""
        return self._replace(
            diagnostics=tuple(found for found in self.diagnostics if wanted(found.kind)),
            left_out=tuple(left for left in self.left_out if wanted(left.kind)),
        )
