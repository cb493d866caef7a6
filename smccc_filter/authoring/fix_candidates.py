"""What fixing knows of one text: how many findings of which kinds there are, and the fixes that there are for them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Final, NamedTuple

from smccc_filter.analysis.diagnostics import Severity, UnsaidProblem
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.language.changes import Remove
from smccc_filter.language.places import Path
from smccc_filter.language.source import SequenceNode
from smccc_filter.language.source.edits import DocumentEditor
from smccc_filter.language.source.writing import TextEdit, collide


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
    """What fixing has to know of one text: the findings that no allowance covers, counted, and the fixes there are.

    ``keys`` counts those of them that may have a remedy and say the same, wherever they stand.
    """

    def __init__(self, examination: Examination) -> None:
        """Go through all findings once, of which the report may have only some."""
        self.examination: Final = examination
        self.keys: Final[Counter[int]] = Counter()
        self._kinds: Final[Counter[tuple[str, Severity]]] = Counter()
        candidates: list[FixCandidate] = []
        inquiry, document = examination.inquiry, examination.document
        editor = DocumentEditor(document, whole=examination.is_uncut)
        for asked in inquiry.asked() if inquiry else ():
            if asked.allowance:
                continue
            code = asked.check.CODE
            self._kinds[code, asked.kind.severity] += 1
            if isinstance(asked.problem, UnsaidProblem) and not asked.problem.may_have_remedy:
                continue
            problem = asked.said()
            key = finding_key(code, problem.message)
            self.keys[key] += 1
            remedy = problem.remedy if inquiry and inquiry.is_fixable(asked) else None
            if remedy and (edits := editor.edits(remedy.changes)):
                order = (*document.offsets(problem.place), code, problem.message)
                lists = tuple(change.path[:-1] for change in remedy.changes if isinstance(change, Remove))
                candidates.append(FixCandidate(order, key, remedy.safe, remedy.message, edits, lists))
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
    """Return fixes that do not empty a list by taking its items one by one: the last item goes with the list's key."""
    numbers = Counter(path for candidate in batch for path in candidate.removed_from)
    emptied = {path for path, number in numbers.items() if number > 1 and number >= look.length(path)}
    kept: list[FixCandidate] = []
    for candidate in reversed(batch):
        spared = emptied.intersection(candidate.removed_from)
        emptied -= spared
        if not spared:
            kept.append(candidate)
    return kept[::-1]
