"""The whole story: bytes into a tree, a policy, a map of the ID space, findings, and an artefact that is proved.

Everything here is a function of its arguments. Reading and writing files, and talking to people, is the commands' work.
"""

from typing import TYPE_CHECKING, NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.analysis.examination.guest_models import GuestModels
from smccc_filter.analysis.examination.subject import HotCall, Subject
from smccc_filter.analysis.findings import Inquiry
from smccc_filter.analysis.project import NO_PROJECT, ProjectChoices
from smccc_filter.analysis.resolve import Resolution, resolve
from smccc_filter.analysis.targets import target_profiles
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Offsets
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Policy, Target
from smccc_filter.language.source import Document, DocumentFault, SourceText, read

if TYPE_CHECKING:
    from smccc_filter.analysis.vmm_program import GeneratedAnswers
    from smccc_filter.artefacts.backends.program import CompiledPolicy
    from smccc_filter.artefacts.backends.proof import Artefact

NO_POLICY = Policy("", None, Target(), {}, Action.HANDLE, (), (), ())
"""The policy to examine when a file yields none, so that its faults are reported like any others."""


class Examination(NamedTuple):
    """What is known of one file; ``policy`` is ``None`` when the file yields none.

    ``is_uncut`` says that every part of the file is in ``document``, ``is_read`` that it is in the policy. ``is_whole``
    says that besides every selector is known to select something, so that every check was asked. ``inquiry`` can tell
    what the report only counts.
    """

    report: FileReport
    policy: Policy | None
    resolution: Resolution
    document: Document
    is_read: bool
    is_whole: bool
    is_uncut: bool
    inquiry: Inquiry | None = None

    @property
    def path(self) -> str:
        """What findings call the file."""
        return self.report.path

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every finding, ordered by place; ``suppressed`` of one is the reason of the allowance that covers it."""
        return self.report.diagnostics

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors that no allowance covers."""
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR and d.suppressed is None)

    @property
    def has_errors(self) -> bool:
        """Whether the policy must not be compiled."""
        return self.report.number_of(Severity.ERROR) > 0

    @property
    def is_understood(self) -> bool:
        """Whether there is a policy, and no finding leaves doubt about what it says."""
        return self.policy is not None and not any(found.kind.leaves_doubt for found in self.report.diagnostics)


class Examiner:
    """Examines the files of one run, and remembers of their targets what the next file may need again.

    Policies are checked for ``kernels``, or where there are none, for those that they name, or else for those of the
    project that they are in.
    """

    def __init__(self, kernels: tuple[Profile, ...] = ()) -> None:
        self._models = GuestModels()
        self._kernels = kernels

    def examine(self, path: str, data: bytes, project: ProjectChoices = NO_PROJECT) -> Examination:
        """Check the policy that ``data`` holds; findings call it ``path``. Never raises for what a file may hold."""
        return reported(self.unreported(path, data, project))

    def unreported(self, path: str, data: bytes, project: ProjectChoices = NO_PROJECT) -> Examination:
        """Return what is known of one file before any check is asked, with a report in which nothing is found yet."""
        return _unreported(path, read(data), self._models, self._kernels, project)


def examine(path: str, data: bytes) -> Examination:
    """Check the policy of one file, as ``Examiner.examine`` does those of many."""
    return Examiner().examine(path, data)


def reported(examination: Examination) -> Examination:
    """Ask the checks about an examination of which there is no report yet."""
    inquiry = examination.inquiry
    return examination._replace(report=inquiry.report(examination.path)) if inquiry else examination


def reported_with(examination: Examination, hot: tuple[HotCall, ...]) -> Examination:
    """Ask the checks again, knowing what guests were recorded to call often."""
    if examination.inquiry is None:
        return examination
    inquiry = examination.inquiry
    return reported(examination._replace(inquiry=inquiry._replace(subject=inquiry.subject.with_hot(hot))))


def refuse_size(path: str, excess: str) -> Examination:
    """Report a file that was not read, as it is larger than the limit: ``excess`` says how large."""
    message = f"the file has {excess}"
    fault = DocumentFault("P105", Offsets(0, 0), message, "split the policy, or raise the limit with `--max-bytes`")
    return reported(_unreported(path, Document(SourceText(""), None, (fault,), complete=False), GuestModels()))


def program(examination: Examination) -> "CompiledPolicy":
    """Return what a backend needs of a policy without errors. Raises ValueError for any other."""
    return _compiled(examination)[0]


def _compiled(examination: Examination) -> "tuple[CompiledPolicy, GeneratedAnswers]":
    from smccc_filter.artefacts.backends.program import CompiledPolicy, WrittenRegister, canonical
    from smccc_filter.guests.setup import registers_of

    policy = None if examination.has_errors else examination.policy
    if policy is None:
        raise ValueError(f"{examination.report.path} has errors")
    registers = tuple(WrittenRegister(reg_id, value) for _, reg_id, value in registers_of(policy))
    entries = canonical(examination.resolution.actions)
    generated = answers(examination)
    return CompiledPolicy(policy.name, entries, registers, vmm=generated.program), generated


def answers(examination: Examination) -> "GeneratedAnswers":
    """Return what the VMM answers, where the policy says it."""
    from smccc_filter.analysis.vmm_program import GeneratedAnswers, generated_answers

    return generated_answers(examination.inquiry.subject) if examination.inquiry else GeneratedAnswers()


def build(examination: Examination, artefact_format: str, license_text: str | None = None) -> "Artefact":
    """Compile a policy without errors, and prove that the artefact decides as the policy does for all 2**32 IDs.

    ``license_text`` is an SPDX licence expression for the text that is made, where the format has one.
    Raises ``backends.proof.ProofError`` where it does not, and ValueError where its text is not the one that the tests
    drove, which are bugs of a backend.
    """
    from smccc_filter.artefacts.backends import backend
    from smccc_filter.artefacts.backends.proof import Artefact, prove

    compiled, generated = _compiled(examination)
    compiled = compiled._replace(license=license_text)
    emitter = backend(artefact_format)
    data = emitter.emit(compiled)
    decoded = emitter.decode(data)
    title = (compiled.name, compiled.license) if decoded.name else (None, None)
    vmm = compiled.vmm if decoded.name else None
    proved = prove(examination.resolution.actions, decoded, compiled.registers, title, vmm)
    return Artefact(data, proved, generated.missing)


def with_fixes(examination: Examination) -> FileReport:
    """Return the report with a fix for each finding whose remedy applies cleanly to the text as it is laid out."""
    from smccc_filter.analysis.fixes import Fix, Replacement
    from smccc_filter.language.source.edits import DocumentEditor

    editor = DocumentEditor(examination.document, whole=examination.is_uncut)
    text = examination.document.text

    def fix(finding: Diagnostic) -> Diagnostic:
        if finding.remedy is None:
            return finding
        edits = editor.edits(finding.remedy.changes)
        if not edits:
            return finding
        places = ((Offsets(start, end), new) for start, end, new in edits)
        replacements = tuple(Replacement(at, text.span(at), new) for at, new in places)
        return finding._replace(fix=Fix(finding.remedy.message, finding.remedy.safe, replacements))

    report = examination.report
    return report._replace(diagnostics=tuple(map(fix, report.diagnostics)))


def in_project(policy: Policy, project: ProjectChoices) -> Policy:
    """Return a policy with the kernels of its project if it names none."""
    if policy.target.kernels or not project.kernels:
        return policy
    return policy._replace(target=policy.target._replace(kernels=project.kernels))


def _unreported(
    path: str,
    document: Document,
    models: GuestModels,
    kernels: tuple[Profile, ...] = (),
    project: ProjectChoices = NO_PROJECT,
) -> Examination:
    parsed = document
    written, faults, document = load(parsed)
    policy = written and in_project(written, project)
    is_uncut = document is parsed and not document.faults
    resolution = resolve(policy or NO_POLICY)
    profiles = (kernels or target_profiles(policy.target)) if policy else ()
    subject = Subject(policy or NO_POLICY, resolution, profiles, checks.ALLOWABLE, models)
    is_read = not faults
    is_whole = is_read and _is_whole(policy)
    has_projects_kernels = policy is not written and not kernels
    inquiry = Inquiry(document, subject, faults, is_uncut, is_read, is_whole, project, has_projects_kernels)
    report = FileReport(path, document.text.text, ())
    return Examination(report, policy, resolution, document, is_read, is_whole, is_uncut, inquiry)


def _is_whole(policy: Policy | None) -> bool:
    """Tell whether every selector says what it selects; of an empty or wrapping range nobody knows what was meant."""
    return policy is not None and all(
        selector.ids for rule in policy.rules for selector in (*rule.selectors, *rule.exceptions)
    )
