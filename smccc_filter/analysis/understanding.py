"""What a policy says, found without asking what is unwise about it.

A comparison needs two maps, and that both files leave no doubt about them. Few errors leave such
doubt, so the other checks, which look at guests and kernels, are not asked: with thousands of rules they take a
good part of the time. They are asked where a file leaves doubt, and for whoever compares findings.
"""

from typing import NamedTuple

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity, can_leave_doubt
from smccc_filter.analysis.examination.guest_models import GuestModels
from smccc_filter.analysis.examination.subject import Subject
from smccc_filter.analysis.project import NO_PROJECT, ProjectChoices
from smccc_filter.analysis.resolve import Resolution, resolve
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.source import Document, read


class Understood(NamedTuple):
    """A policy that leaves no doubt about what it says; without ``diagnostics`` where not every check was asked."""

    policy: Policy
    resolution: Resolution
    document: Document
    diagnostics: tuple[Diagnostic, ...] | None = None


def understand(
    path: str, data: bytes, project: ProjectChoices = NO_PROJECT, *, findings: bool = False
) -> Understood | FileReport:
    """Return what the policy in ``data`` says, or the errors that keep it open; they call the file ``path``.

    With ``findings`` every check is asked.
    """
    if not findings and (understood := _without_findings(data, project)):
        return understood
    examination = pipeline.Examiner().examine(path, data, project)
    if examination.policy is None or not examination.is_understood:
        return examination.report.only(lambda kind: kind.leaves_doubt)
    return Understood(examination.policy, examination.resolution, examination.document, examination.diagnostics)


def _without_findings(data: bytes, project: ProjectChoices) -> Understood | None:
    """Return what the policy in ``data`` says if it is without those errors that can leave doubt."""
    document = read(data)
    policy, faults, _ = load(document)
    if policy is None or faults:
        return None
    resolution = resolve(policy)
    subject = Subject(policy, resolution, (NEWEST,), checks.ALLOWABLE, GuestModels())
    doubtful = any(True for check in _asked() for _ in check.check(subject))
    return None if doubtful else Understood(pipeline.in_project(policy, project), resolution, document)


def _asked() -> "list[checks.Check]":
    return [check for check in checks.ALL if can_leave_doubt(check.CODE) and check.SEVERITY is Severity.ERROR]
