"""What the checks find in one policy: matched with allowances, signed with the check's code, placed, counted.

Whoever reports asks for a report, which has the first findings of each kind and counts the others, so that a hostile
file can't fill a disk. Whoever fixes asks for everything, one after the other.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import (
    MAX_ALIKE,
    Diagnostic,
    FileReport,
    FindingKind,
    LeftOutFindings,
    Problem,
    RelatedPlace,
    Severity,
    UnsaidProblem,
)
from smccc_filter.analysis.examination.subject import Subject, instead
from smccc_filter.analysis.project import NO_PROJECT, ProjectChoices
from smccc_filter.language.places import KeyOf, Offsets, Place, Span
from smccc_filter.language.policy.faults import PolicyFaults, UnsaidFault
from smccc_filter.language.policy.model import Allowance
from smccc_filter.language.source import Document

if TYPE_CHECKING:
    from smccc_filter.analysis.checks import Check

OF_READING = ("P102", "P103", "P104")
"""What is fixed first: before every part of a file is read, nobody knows what a change of another part does."""


class AskedFinding(NamedTuple):
    """What a check yielded, the check, and what allows it; ``ignored`` is the reason of a project that ignores it."""

    check: "Check"
    problem: Problem | UnsaidProblem
    allowance: Allowance | None
    ignored: str | None = None

    def said(self) -> Problem:
        """Return the problem in words."""
        return self.problem if isinstance(self.problem, Problem) else self.problem.say()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.problem.severity or self.check.SEVERITY

    @property
    def reason(self) -> str | None:
        """Why it is right, if anybody says so: the policy's allowance goes before the project's settings."""
        return self.allowance.reason if self.allowance else self.ignored


class Inquiry(NamedTuple):
    """Everything that the checks are asked about.

    ``is_uncut`` says that every part of the file is in ``document``, ``is_read`` that it is in the policy. ``is_whole``
    says that besides every selector is known to select something, so that every check is asked. ``project`` says what
    is ignored, and ``has_projects_kernels`` that the policy names no kernels and has the project's.
    """

    document: Document
    subject: Subject
    faults: PolicyFaults
    is_uncut: bool
    is_read: bool
    is_whole: bool
    project: ProjectChoices = NO_PROJECT
    has_projects_kernels: bool = False

    def report(self, path: str) -> FileReport:
        """Return the findings, ordered by place, at most ``MAX_ALIKE`` of a kind; they call the file ``path``."""
        found: list[Diagnostic] = []
        numbers: Counter[FindingKind] = Counter()
        for asked in self.asked():
            kind = self._kind(asked)
            numbers[kind] += 1
            if numbers[kind] <= MAX_ALIKE:
                found.append(self._signed(asked))
        found.sort(key=lambda finding: (finding.span, finding.code, finding.message))
        left = (
            LeftOutFindings(kind, number - MAX_ALIKE) for kind, number in sorted(numbers.items()) if number > MAX_ALIKE
        )
        text = self.document.text.text if self.document.may_be_quoted else ""
        settings = self.project.path if self.has_projects_kernels else ""
        return FileReport(path, text, tuple(found), tuple(left), self.subject.kernel_names, settings)

    def asked(self) -> Iterator[AskedFinding]:
        """Ask every check, and last the one for the allowances that no other finding used.

        A fault of reading is a finding of the check that has its code.
        """
        of_code = {check.CODE: check for check in checks.ALL}
        for fault in self.faults.unsaid():
            unsaid = UnsaidProblem((), partial(self._problem, fault), fault.may_say_instead)
            yield AskedFinding(of_code[fault.code], unsaid, None)
        used = set()
        for check in checks.ALL:
            if check is checks.LAST or not (self.is_whole or not check.WHOLE):
                continue
            for problem in check.check(self.subject):
                asked = self._asked(self.subject, check, problem)
                if asked.allowance:
                    used.add(asked.allowance.path)
                yield asked
        if self.is_whole:
            last = checks.LAST
            knowing = self.subject.knowing(frozenset(used))
            for problem in last.check(knowing):
                yield self._asked(knowing, last, problem)

    def is_fixable(self, asked: AskedFinding) -> bool:
        """Tell whether the remedy of a finding may be offered."""
        return asked.reason is None and (self.is_read or asked.check.CODE in OF_READING)

    def _asked(self, subject: Subject, check: "Check", problem: Problem | UnsaidProblem) -> AskedFinding:
        """Say what allows a finding or ignores it, if anything does; an error is never ignored."""
        found = AskedFinding(check, problem, _allowance(subject, check, problem))
        if not self.project.ignored or found.allowance or problem.errno or found.severity is Severity.ERROR:
            return found
        return found._replace(ignored=self.project.ignored.get(check.CODE))

    def _kind(self, asked: AskedFinding) -> FindingKind:
        settings = "" if asked.ignored is None else self.project.path
        return FindingKind(asked.check.CODE, asked.check.NAME, asked.severity, asked.reason is not None, settings)

    def _signed(self, asked: AskedFinding) -> Diagnostic:
        check, problem = asked.check, asked.said()
        return Diagnostic(
            span=self._span(problem.place),
            code=check.CODE,
            name=check.NAME,
            severity=problem.severity or check.SEVERITY,
            message=problem.message,
            hint=problem.hint,
            errno=problem.errno,
            kernels=self.subject.kernel_names if problem.kernels is None else problem.kernels,
            ids=problem.ids,
            related=tuple(RelatedPlace(self._span(place), message) for place, message in problem.related),
            suppressed=asked.reason,
            settings="" if asked.ignored is None else self.project.path,
            remedy=problem.remedy if self.is_fixable(asked) else None,
        )

    def _problem(self, unsaid: UnsaidFault) -> Problem:
        """Return what a check would yield for a fault of reading. Nothing moves in a document that was cut."""
        fault = unsaid.say()
        remedy = None
        if fault.instead and not fault.under:
            remedy = instead(fault.place, fault.instead, safe=fault.certain)
        elif fault.instead and fault.under and self.is_uncut and not isinstance(fault.place, Offsets | KeyOf):
            from smccc_filter.analysis.examination.moving import moved

            remedy = moved(self.document, fault.place, fault.under, fault.instead)
        return Problem(fault.place, fault.message, fault.hint, related=fault.related, remedy=remedy)

    def _span(self, place: Place) -> Span:
        return self.document.text.span(self.document.offsets(place))


def _allowance(subject: Subject, check: "Check", problem: Problem | UnsaidProblem) -> Allowance | None:
    """Return what allows a finding, if anything can."""
    return subject.allowance(check.CODE, problem.place) if check.ALLOWABLE and not problem.errno else None
