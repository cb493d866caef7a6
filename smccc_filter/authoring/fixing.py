"""Findings fixed in the text of a policy: what fits together at once, then another look, until nothing is left to do.

A safe fix must leave what the policy decides as it is, which is proved for all 2**32 function IDs before the text is
given back. Any fix must leave the policy better than it was, and its finding gone, or it is dropped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Final, NamedTuple

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, Severity
from smccc_filter.analysis.pipeline import Examination, reported, unreported, with_fixes
from smccc_filter.artefacts.backends.proof import ProofError
from smccc_filter.authoring.fix_proof import prove_same
from smccc_filter.language.changes import Remove
from smccc_filter.language.places import Path
from smccc_filter.language.source import SequenceNode
from smccc_filter.language.source.edits import DocumentEditor
from smccc_filter.language.source.writing import TextEdit, apply, collide

BOM = b"\xef\xbb\xbf"
MAX_LOOKS = 200
"""How often one file is examined at most, which bounds what a hostile one costs. What remains is in the report."""
MAX_LOOKED_AT = 1 << 19
"""Characters that are examined for one file of any size."""
MOST_TIMES = 4
"""How often the characters of a large file may be examined: all that is safe is fixed by one look or two."""
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
    """

    report: FileReport
    data: bytes
    fixed: int
    left: tuple[UnfixedFinding, ...]


class _Candidate(NamedTuple):
    """A fix: where its finding stands among the others, what the finding is, and what to write."""

    order: tuple[int, int, str, str]
    key: int
    safe: bool
    message: str
    edits: tuple[TextEdit, ...]
    removed_from: tuple[Path, ...]

    @property
    def code(self) -> str:
        return self.order[2]


class _Look:
    """What fixing has to know of one text: the findings that no allowance covers, counted, and the fixes there are.

    ``keys`` counts findings that say the same, wherever they stand.
    """

    def __init__(self, examination: Examination) -> None:
        """Go through all findings once, of which the report may have only some."""
        self.examination: Final = examination
        self.keys: Final[Counter[int]] = Counter()
        self._kinds: Final[Counter[tuple[str, Severity]]] = Counter()
        candidates: list[_Candidate] = []
        inquiry, document = examination.inquiry, examination.document
        editor = DocumentEditor(document, whole=examination.is_read)
        for asked in inquiry.asked() if inquiry else ():
            if asked.allowance:
                continue
            code, problem = asked.check.CODE, asked.said()
            key = _key(code, problem.message)
            self.keys[key] += 1
            self._kinds[code, asked.kind.severity] += 1
            remedy = problem.remedy if inquiry and inquiry.is_fixable(asked) else None
            if remedy and (edits := editor.edits(remedy.changes)):
                order = (*document.offsets(problem.place), code, problem.message)
                lists = tuple(change.path[:-1] for change in remedy.changes if isinstance(change, Remove))
                candidates.append(_Candidate(order, key, remedy.safe, remedy.message, edits, lists))
        self.candidates: Final = sorted(candidates, key=attrgetter("order"))

    def length(self, path: Path) -> int:
        """Count the items of a list."""
        node = self.examination.document.node(path)
        return len(node.items) if isinstance(node, SequenceNode) else 0

    def errors(self, codes: AbstractSet[str]) -> Counter[str]:
        """Count the errors by code."""
        return Counter(
            {
                code: number
                for (code, severity), number in self._kinds.items()
                if severity is Severity.ERROR and code in codes
            }
        )

    def number_of(self, code: str) -> int:
        """Count the findings of one code."""
        return sum(number for (other, _), number in self._kinds.items() if other == code)

    def severities(self, codes: AbstractSet[str]) -> tuple[int, ...]:
        """Count the findings by severity, the worst first."""
        return tuple(
            sum(number for (code, other), number in self._kinds.items() if other is severity and code in codes)
            for severity in Severity
        )


def fix(path: str, data: bytes, *, unsafe: bool) -> FixedPolicy:
    """Apply the fixes of the policy that ``data`` holds, the safe ones or all; findings call it ``path``.

    The file's byte order mark and its line ends stay. Raises FixError.
    """
    mark = BOM if data.startswith(BOM) else b""
    now, fixed = _Look(unreported(path, data)), 0
    dropped: set[int] = set()
    seen = {now.examination.report.text}
    batch: list[_Candidate] = []
    is_to_retry = False
    budget = max(MAX_LOOKED_AT, MOST_TIMES * len(data))
    for _ in range(MAX_LOOKS):
        if budget < 0:
            break
        together = budget < FEW * len(data)
        batch = batch or _batch(now, dropped, unsafe=unsafe, together=together)
        if not batch and is_to_retry:  # what did not help then may help now
            dropped, is_to_retry = set(), False
            batch = _batch(now, dropped, unsafe=unsafe, together=together)
        if not batch:
            break
        text = apply(now.examination.report.text, (edit for candidate in batch for edit in candidate.edits))
        budget -= len(text)
        after = _Look(unreported(path, mark + text.encode()))
        if text not in seen and _holds(now, after, batch):
            seen.add(text)
            now, fixed, batch, is_to_retry = after, fixed + len(batch), [], bool(dropped)
        elif len(batch) == 1:
            dropped.add(batch[0].key)
            batch = []
        else:
            batch = _fewer(now, after, batch)
    report = with_fixes(reported(now.examination))
    left = tuple(_left(report, dropped, unsafe=unsafe))
    return FixedPolicy(report, mark + report.text.encode() if fixed else data, fixed, left)


def _key(code: str, message: str) -> int:
    """Tell what a finding is, wherever it stands."""
    return hash((code, message))


def _left(report: FileReport, dropped: set[int], *, unsafe: bool) -> Iterator[UnfixedFinding]:
    for finding in report.diagnostics:
        if finding.remedy is None or not (finding.remedy.safe or unsafe):
            continue
        if finding.fix is None:
            yield UnfixedFinding(finding, "its fix does not apply cleanly to a file laid out like this")
        elif _key(finding.code, finding.message) in dropped:
            yield UnfixedFinding(finding, "its fix would not make the policy better")


def _batch(look: _Look, dropped: set[int], *, unsafe: bool, together: bool) -> list[_Candidate]:
    """Return fixes that do not touch each other: safe ones, or where there is none those of one kind of finding.

    Where no more than a few looks are left, kinds of findings are fixed ``together``.
    """
    wanted = [candidate for candidate in look.candidates if candidate.key not in dropped]
    safe = [candidate for candidate in wanted if candidate.safe]
    if safe or not unsafe or not wanted:
        return _leaving_some(look, list(_apart(safe)))
    first = wanted[0].code
    kind = wanted if together else [candidate for candidate in wanted if candidate.code == first]
    return _leaving_some(look, list(_apart(kind)))


def _leaving_some(look: _Look, batch: list[_Candidate]) -> list[_Candidate]:
    """Return fixes that do not empty a list by taking its items one by one: the last item goes with the list's key."""
    numbers = Counter(path for candidate in batch for path in candidate.removed_from)
    emptied = {path for path, number in numbers.items() if number > 1 and number >= look.length(path)}
    kept: list[_Candidate] = []
    for candidate in reversed(batch):
        spared = emptied.intersection(candidate.removed_from)
        emptied -= spared
        if not spared:
            kept.append(candidate)
    return kept[::-1]


def _fewer(now: _Look, after: _Look, batch: list[_Candidate]) -> list[_Candidate]:
    """Return some of the fixes that do not hold together: those of one kind, those that did something, or a half."""
    kind = [candidate for candidate in batch if candidate.code == batch[0].code]
    if len(kind) < len(batch):
        return kind
    useful = [candidate for candidate in batch if after.keys[candidate.key] < now.keys[candidate.key]]
    return useful if 0 < len(useful) < len(batch) else batch[: len(batch) // 2]


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


def _holds(before: _Look, after: _Look, batch: list[_Candidate]) -> bool:
    """Tell whether fixes did what they were for and nothing is worse. Raises FixError."""
    if not _is_better(before, after):
        return False
    if not _are_gone(before, after, batch):
        return False
    if all(candidate.safe for candidate in batch):
        edits = [edit for candidate in batch for edit in candidate.edits]
        try:
            prove_same(before.examination, after.examination, edits)
        except ProofError as error:
            if len(batch) == 1:
                raise FixError(f"{batch[0].code}: {batch[0].message}: {error}") from error
            return False
    return True


def _are_gone(before: _Look, after: _Look, batch: list[_Candidate]) -> bool:
    """Tell whether the findings are gone: each by what it says, or where rules are counted anew, as many of its code.

    "rule 3" is another one where rule 2 was taken out.
    """
    stayed = {candidate.code for candidate in batch if after.keys[candidate.key] >= before.keys[candidate.key]}
    fixed = Counter(candidate.code for candidate in batch)
    return all(after.number_of(code) + fixed[code] <= before.number_of(code) for code in stayed)


def _is_better(before: _Look, after: _Look) -> bool:
    """Tell whether there are fewer findings, the worse counting first, and of no code more errors than before.

    Only what could be found in the text before is compared. Of a file that could not be read whole that is nothing but
    its syntax: a part that can be read now shows what else is wrong with it.
    """
    was, now = before.examination, after.examination
    if not was.is_read:
        return after.errors(SYNTAX) <= before.errors(SYNTAX)
    if not now.is_read or (was.is_whole and not now.is_whole):
        return False
    codes = _ALL if was.is_whole else _ALL - _NEEDS_WHOLE
    return after.errors(codes) <= before.errors(codes) and after.severities(codes) < before.severities(codes)
