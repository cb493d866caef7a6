"""Findings fixed in the text of a policy: what fits together at once, then another look, until nothing is left to do.

A safe fix must leave what the policy decides as it is, which is proved for all 2**32 function IDs before the text is
given back. Any fix must leave the policy better than it was, and its finding gone, or it is dropped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.analysis.fixes import Fix
from smccc_filter.analysis.pipeline import Examination, examine, with_fixes
from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring.fix_proof import prove_same
from smccc_filter.language.source.writing import TextEdit, apply, collide

BOM = b"\xef\xbb\xbf"
MAX_LOOKS = 200
"""How often one file is examined at most, which bounds what a hostile one costs. What remains then is in the report."""
SYNTAX = frozenset({"P101"})
_ALL = frozenset(check.CODE for check in checks.ALL)
_NEEDS_WHOLE = frozenset(check.CODE for check in checks.ALL if check.WHOLE)

Key = tuple[str, str]
"""What a finding is, wherever it stands: its code and its message."""


class FixError(Exception):
    """A fix that calls itself safe changes what the policy decides: a bug of this tool."""


class UnfixedFinding(NamedTuple):
    """A finding that has a fix and was not fixed, and why."""

    finding: Diagnostic
    why: str


class FixedPolicy(NamedTuple):
    """A policy after all fixes that were wanted and possible; ``fixed`` counts the findings that they were for.

    ``report`` has what remains, with the fixes that there are for that, and ``left`` what was to be fixed and was not.
    """

    report: FileReport
    data: bytes
    fixed: int
    left: tuple[UnfixedFinding, ...]


class _Candidate(NamedTuple):
    finding: Diagnostic
    fix: Fix

    @property
    def key(self) -> Key:
        return self.finding.code, self.finding.message

    @property
    def edits(self) -> tuple[TextEdit, ...]:
        return tuple(TextEdit(*replacement.at, replacement.text) for replacement in self.fix.replacements)


def fix(path: str, data: bytes, *, unsafe: bool) -> FixedPolicy:
    """Apply the fixes of the policy that ``data`` holds, the safe ones or all; findings call it ``path``.

    The file's byte order mark and its line ends stay. Raises FixError.
    """
    mark = BOM if data.startswith(BOM) else b""
    now, fixed = examine(path, data), 0
    dropped: set[Key] = set()
    seen = {now.report.text}
    batch: list[_Candidate] = []
    for _ in range(MAX_LOOKS):
        batch = batch or _batch(now, dropped, unsafe=unsafe)
        if not batch:
            break
        text = apply(now.report.text, (edit for candidate in batch for edit in candidate.edits))
        after = examine(path, mark + text.encode())
        if text not in seen and _holds(now, after, batch):
            seen.add(text)
            now, fixed, batch = after, fixed + len(batch), []
        elif len(batch) == 1:
            dropped.add(batch[0].key)
            batch = []
        else:
            batch = batch[: len(batch) // 2]
    report = with_fixes(now)
    left = tuple(_left(report, dropped, unsafe=unsafe))
    return FixedPolicy(report, mark + report.text.encode() if fixed else data, fixed, left)


def _left(report: FileReport, dropped: set[Key], *, unsafe: bool) -> Iterator[UnfixedFinding]:
    for finding in report.diagnostics:
        if finding.remedy is None or not (finding.remedy.safe or unsafe):
            continue
        if finding.fix is None:
            yield UnfixedFinding(finding, "its fix does not apply cleanly to a file laid out like this")
        elif (finding.code, finding.message) in dropped:
            yield UnfixedFinding(finding, "its fix would not make the policy better")


def _batch(examination: Examination, dropped: set[Key], *, unsafe: bool) -> list[_Candidate]:
    """Return fixes that do not touch each other: safe ones, or where there is none those of one kind of finding."""
    possible = [_Candidate(finding, finding.fix) for finding in with_fixes(examination).diagnostics if finding.fix]
    wanted = [candidate for candidate in possible if candidate.key not in dropped]
    safe = [candidate for candidate in wanted if candidate.fix.safe]
    if safe or not unsafe or not wanted:
        return list(_apart(safe))
    first = wanted[0].finding.code
    return list(_apart(candidate for candidate in wanted if candidate.finding.code == first))


def _apart(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Yield the candidates, less those whose edits touch one that was yielded before, in O(n log n)."""
    from bisect import bisect_left, insort

    taken: list[TextEdit] = []
    for candidate in candidates:
        at = [bisect_left(taken, edit) for edit in candidate.edits]
        beside = (
            (other, edit)
            for edit, place in zip(candidate.edits, at, strict=True)
            for other in taken[max(place - 1, 0) : place + 1]
        )
        if not any(collide(other, edit) for other, edit in beside):
            for edit in candidate.edits:
                insort(taken, edit)
            yield candidate


def _holds(before: Examination, after: Examination, batch: list[_Candidate]) -> bool:
    """Tell whether fixes did what they were for and nothing is worse. Raises FixError."""
    if not _is_better(before, after):
        return False
    found, still = (_keys(examination) for examination in (before, after))
    if any(still[key] >= found[key] for key in {candidate.key for candidate in batch}):
        return False
    if all(candidate.fix.safe for candidate in batch):
        try:
            prove_same(before, after, [edit for candidate in batch for edit in candidate.edits])
        except ProofError as error:
            if len(batch) == 1:
                raise FixError(f"{batch[0].finding.code}: {batch[0].fix.message}: {error}") from error
            return False
    return True


def _is_better(before: Examination, after: Examination) -> bool:
    """Tell whether there are fewer findings, the worse counting first, and of no code more errors than before.

    Only what could be found in the text before is compared. Of a file that could not be read whole that is nothing but
    its syntax: a part that can be read now shows what else is wrong with it.
    """
    if not before.is_read:
        return _errors(after, SYNTAX) <= _errors(before, SYNTAX)
    if not after.is_read or (before.is_whole and not after.is_whole):
        return False
    codes = _ALL if before.is_whole else _ALL - _NEEDS_WHOLE
    return _errors(after, codes) <= _errors(before, codes) and _severities(after, codes) < _severities(before, codes)


def _errors(examination: Examination, codes: AbstractSet[str]) -> Counter[str]:
    return Counter(finding.code for finding in _found(examination, codes) if finding.severity is Severity.ERROR)


def _severities(examination: Examination, codes: AbstractSet[str]) -> tuple[int, ...]:
    counts = Counter(finding.severity for finding in _found(examination, codes))
    return tuple(counts[severity] for severity in Severity)


def _keys(examination: Examination) -> Counter[Key]:
    return Counter((finding.code, finding.message) for finding in _found(examination, _ALL))


def _found(examination: Examination, codes: AbstractSet[str]) -> Iterator[Diagnostic]:
    return (
        finding for finding in examination.report.diagnostics if finding.suppressed is None and finding.code in codes
    )
