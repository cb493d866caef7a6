"""Findings fixed in the text of a policy: what fits together at once, then another look, until nothing is left to do.

A safe fix must leave what the policy decides as it is, which is proved for all 2**32 function IDs before the text is
given back. Any fix must leave the policy better than it was, and its finding gone, or it is dropped.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport
from smccc_filter.analysis.pipeline import Examiner, reported, with_fixes
from smccc_filter.analysis.project import NO_PROJECT, ProjectChoices
from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring.fix_candidates import FixCandidate, PolicyLook, apart, finding_key, leaving_some
from smccc_filter.authoring.fix_proof import prove_same
from smccc_filter.kvm.profiles import Profile
from smccc_filter.language.source.writing import apply

BOM = b"\xef\xbb\xbf"
MAX_LOOKS = 200
"""How often one file is examined at most."""
MAX_WORK = 1 << 21
"""What all looks at one file may take, as characters, so that a hostile one costs no more than a few seconds.

Almost a megabyte in which little is wrong is examined twice, and one with tens of thousands of findings is not fixed.
"""
FEW = 8
"""Looks before the last that make it worth to try more in one."""
SYNTAX = frozenset({"P101"})
_ALL = frozenset(check.CODE for check in checks.ALL)
_NEEDS_WHOLE = frozenset(check.CODE for check in checks.ALL if check.WHOLE)


class FixError(Exception):
    """A fix that calls itself safe changes what the policy decides: a bug of this tool."""


class UnfixedFinding(NamedTuple):
    """A finding that has a fix and was not fixed, and why."""

    finding: Diagnostic
    why: str


class FixedPolicy(NamedTuple):
    """A policy after all fixes that were wanted and possible; ``fixed`` counts the findings that they were for.

    ``report`` has what remains, with the fixes that there are for that, and ``left`` what was to be fixed and was not.
    ``is_cut_short`` says that not everything was tried, as the file would have to be examined too often.
    """

    report: FileReport
    data: bytes
    fixed: int
    left: tuple[UnfixedFinding, ...]
    is_cut_short: bool


def fix(
    path: str,
    data: bytes,
    *,
    unsafe: bool,
    kernels: tuple[Profile, ...] = (),
    project: ProjectChoices = NO_PROJECT,
) -> FixedPolicy:
    """Apply the fixes of the policy that ``data`` holds, the safe ones or all; findings call it ``path``.

    What is wrong on ``kernels`` is fixed, or where there are none, on the kernels that the policy names, or else its
    ``project``; what that ignores stays. The file's byte order mark and its line ends stay. Raises FixError.
    """
    mark = BOM if data.startswith(BOM) else b""
    examiner = Examiner(kernels)
    now, fixed = PolicyLook(examiner.unreported(path, data, project), MAX_WORK // 2), 0
    dropped: set[int] = set()
    seen = {now.examination.report.text}
    batch: list[FixCandidate] = []
    is_to_retry = is_cut_short = False
    done = 0
    for looks in count() if now.complete else ():
        together = MAX_WORK - done < FEW * now.work
        batch = batch or _batch(now, dropped, unsafe=unsafe, together=together)
        if not batch and is_to_retry:  # what did not help then may help now
            dropped, is_to_retry = set(), False
            batch = _batch(now, dropped, unsafe=unsafe, together=together)
        is_cut_short = bool(batch) and (done + now.work + now.looking > MAX_WORK or looks == MAX_LOOKS)
        if is_cut_short or not batch:
            break
        text = apply(now.examination.report.text, (edit for candidate in batch for edit in candidate.edits))
        again = examiner.unreported(path, mark + text.encode(), project)
        after = PolicyLook(again, MAX_WORK - done - now.work)
        if is_cut_short := not after.complete:
            break
        if text not in seen and _holds(now, after, batch):
            seen.add(text)
            done += now.work
            now, fixed, batch, is_to_retry = after, fixed + len(batch), [], bool(dropped)
        else:
            if len(batch) > 1:
                batch = _fewer(now, after, batch)
            else:
                dropped.add(batch.pop().key)
            done += after.work
    report = with_fixes(reported(now.examination))
    left = tuple(_left(report, dropped, unsafe=unsafe)) if now.complete else ()
    is_cut_short |= not now.complete and any(True for _ in _wanted(report, unsafe=unsafe))
    return FixedPolicy(report, mark + report.text.encode() if fixed else data, fixed, left, is_cut_short)


def _left(report: FileReport, dropped: set[int], *, unsafe: bool) -> Iterator[UnfixedFinding]:
    for finding in _wanted(report, unsafe=unsafe):
        if finding.fix is None:
            yield UnfixedFinding(finding, "its fix does not apply cleanly to a file laid out like this")
        elif finding_key(finding.code, finding.message) in dropped:
            yield UnfixedFinding(finding, "its fix would not make the policy better")


def _wanted(report: FileReport, *, unsafe: bool) -> Iterator[Diagnostic]:
    return (finding for finding in report.diagnostics if finding.remedy and (finding.remedy.safe or unsafe))


def _batch(look: PolicyLook, dropped: set[int], *, unsafe: bool, together: bool) -> list[FixCandidate]:
    """Return fixes that do not touch each other: safe ones, or where there is none those of one kind of finding.

    Where no more than a few looks are left, kinds of findings are fixed ``together``.
    """
    wanted = [candidate for candidate in look.safe_candidates if candidate.key not in dropped]
    if wanted or not unsafe:
        return leaving_some(look, list(apart(wanted)))
    wanted = [candidate for candidate in look.unsafe_candidates if candidate.key not in dropped]
    first = wanted[0].code if wanted else ""
    kind = wanted if together else [candidate for candidate in wanted if candidate.code == first]
    return leaving_some(look, list(apart(kind)))


def _fewer(now: PolicyLook, after: PolicyLook, batch: list[FixCandidate]) -> list[FixCandidate]:
    """Return some of the fixes that do not hold together: those of one kind, those that did something, or a half."""
    kind = [candidate for candidate in batch if candidate.code == batch[0].code]
    if len(kind) < len(batch):
        return kind
    useful = [candidate for candidate in batch if after.keys[candidate.key] < now.keys[candidate.key]]
    return useful if 0 < len(useful) < len(batch) else batch[: len(batch) // 2]


def _holds(before: PolicyLook, after: PolicyLook, batch: list[FixCandidate]) -> bool:
    """Tell whether fixes did what they were for and nothing is worse. Raises FixError."""
    if not (_is_better(before, after) and _are_gone(before, after, batch)):
        return False
    if all(candidate.safe for candidate in batch):
        edits = [edit for candidate in batch for edit in candidate.edits]
        try:
            prove_same(before.examination, after.examination, edits)
        except ProofError as error:
            first, *others = batch
            if not others:
                raise FixError(f"{first.code}: {first.message}: {error}") from error
            return False
    return True


def _are_gone(before: PolicyLook, after: PolicyLook, batch: list[FixCandidate]) -> bool:
    """Tell whether the findings are gone: each by what it says, or where rules are counted anew, as many of its code.

    "rule 3" is another one where rule 2 was taken out.
    """
    stayed = {candidate.code for candidate in batch if after.keys[candidate.key] >= before.keys[candidate.key]}
    fixed = Counter(candidate.code for candidate in batch)
    return all(after.number_of(code) + fixed[code] <= before.number_of(code) for code in stayed)


def _is_better(before: PolicyLook, after: PolicyLook) -> bool:
    """Tell whether there are fewer findings, the worse counting first, and of no code more errors than before.

    Only what could be found in the text before is compared. Of a file that could not be read whole that is nothing but
    its syntax: a part that can be read now shows what else is wrong with it. A file that can be read no more, or has a
    selector that selects nothing any more, has an error that says so, and is worse.
    """
    was = before.examination
    if not was.is_read:
        return after.errors(SYNTAX) <= before.errors(SYNTAX)
    codes = _ALL if was.is_whole else _ALL - _NEEDS_WHOLE
    return after.errors(codes) <= before.errors(codes) and after.severities(codes) < before.severities(codes)
