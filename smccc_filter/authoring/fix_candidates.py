"""What fixing knows of one text: how many findings of which kinds there are, and the fixes that there are for them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from operator import attrgetter
from typing import Final, NamedTuple

from smccc_filter.analysis.diagnostics import Problem, Remedy, Severity
from smccc_filter.analysis.findings import AskedFinding
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.language.changes import Remove
from smccc_filter.language.places import Path
from smccc_filter.language.source import MappingNode, SequenceNode
from smccc_filter.language.source.edits import DocumentEditor
from smccc_filter.language.source.writing import TextEdit, collide

WORK_OF_ASKING = 16
"""Characters whose reading takes as long as finding one finding."""
WORK_OF_SAYING = 32
"""Characters whose reading takes as long as saying what it is and working out its fix."""


class FixCandidate(NamedTuple):
    """A fix: where its finding stands among the others, what the finding is, and what to write."""

    order: tuple[int, int, str, str]
    key: int
    safe: bool
    message: str
    edits: tuple[TextEdit, ...]
    removed_from: tuple[Path, ...]

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.order[2]


class PolicyLook:
    """What fixing has to know of one text: the findings that nothing allows or ignores, and the fixes there are.

    Most texts are only looked at to see whether there is less to find in them, so that what findings say, and how they
    would be fixed, is worked out where it is asked for. Where the look takes more than ``most``, it is not
    ``complete``: not all findings were counted. ``looking`` is what it takes without words and fixes, and ``work`` what
    was done until now, both as characters that are read.
    """

    def __init__(self, examination: Examination, most: int) -> None:
        """Go through all findings once, of which the report may have only some."""
        self.examination: Final = examination
        self.complete = True
        self.looking = len(examination.report.text)
        self._kinds: Final[Counter[tuple[str, Severity]]] = Counter()
        self._open: Final[list[AskedFinding]] = []
        inquiry = examination.inquiry
        for asked in inquiry.asked() if inquiry else ():
            if self.looking > most:
                self.complete = False
                break
            self.looking += WORK_OF_ASKING
            if asked.reason is not None:
                continue
            self._kinds[asked.check.CODE, asked.severity] += 1
            if isinstance(asked.problem, Problem) or asked.problem.may_have_remedy:
                self._open.append(asked)

    @property
    def work(self) -> int:
        """What was done for this text."""
        return self.looking + (WORK_OF_SAYING * len(self._open) if "_said" in vars(self) else 0)

    @cached_property
    def _said(self) -> tuple[tuple[str, Problem], ...]:
        """What may have a remedy, in words, and its code."""
        return tuple((asked.check.CODE, asked.said()) for asked in self._open)

    @cached_property
    def keys(self) -> Counter[int]:
        """How many findings that may have a remedy say the same, wherever they stand."""
        return Counter(finding_key(code, problem.message) for code, problem in self._said)

    @cached_property
    def safe_candidates(self) -> tuple[FixCandidate, ...]:
        """The fixes that change nothing that the policy decides, by place."""
        return self._candidates(safe=True)

    @cached_property
    def unsafe_candidates(self) -> tuple[FixCandidate, ...]:
        """The other fixes, by place."""
        return self._candidates(safe=False)

    def _candidates(self, *, safe: bool) -> tuple[FixCandidate, ...]:
        examination, document = self.examination, self.examination.document
        inquiry = examination.inquiry
        editor = DocumentEditor(document, whole=examination.is_uncut)
        found = []
        for asked, (code, problem) in zip(self._open, self._said, strict=True):
            remedy = problem.remedy
            if not remedy or remedy.safe is not safe or not inquiry or not inquiry.is_fixable(asked):
                continue
            if edits := editor.edits(remedy.changes):
                order = (*document.offsets(problem.place), code, problem.message)
                key = finding_key(code, problem.message)
                found.append(FixCandidate(order, key, remedy.safe, remedy.message, edits, _lists(remedy)))
        return tuple(sorted(found, key=attrgetter("order")))

    def length(self, path: Path) -> int:
        """Count the items of a list, or the keys of a mapping."""
        node = self.examination.document.node(path)
        if isinstance(node, SequenceNode):
            return len(node.items)
        return len(node.entries) if isinstance(node, MappingNode) else 0

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


def _lists(remedy: Remedy) -> tuple[Path, ...]:
    """Return the lists and mappings of which a remedy takes something out."""
    return tuple(change.path[:-1] for change in remedy.changes if isinstance(change, Remove))


def finding_key(code: str, message: str) -> int:
    """Tell what a finding is, wherever it stands."""
    return hash((code, message))


def apart(candidates: Iterable[FixCandidate]) -> Iterator[FixCandidate]:
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


def leaving_some(look: PolicyLook, batch: list[FixCandidate]) -> list[FixCandidate]:
    """Return fixes that do not empty a list or a mapping one by one: its last part goes with its own key."""
    numbers = Counter(path for candidate in batch for path in candidate.removed_from)
    emptied = {path for path, number in numbers.items() if number > 1 and number >= look.length(path)}
    kept: list[FixCandidate] = []
    for candidate in reversed(batch):
        spared = emptied.intersection(candidate.removed_from)
        emptied -= spared
        if not spared:
            kept.append(candidate)
    return kept[::-1]
