"""Findings that no check would make."""

from hypothesis import strategies as st

from smccc_filter.analysis.diagnostics import Diagnostic, FileReport, LeftOutFindings, RelatedPlace
from smccc_filter.analysis.fixes import Fix, Replacement
from smccc_filter.kvm.uapi import Errno
from smccc_filter.language.places import Offsets, Position, Span
from smccc_filter.smccc.intervals import union
from tests.reports.findings.cases import NAMES

NASTY = (
    "\t\n\r\0\x07\x1b\x7f\x85\x9b\xa0\u0301\u061c\u200b\u200d\u2028\u202e\u2066\u3000\ufeff\U000e0001"
    "漢é😀%:,;[](){}#`'\"\\"
)
"""What breaks reports, beside letters."""

words = st.text(st.one_of(st.sampled_from(NASTY), st.characters()), max_size=30)
paths = st.text(
    st.one_of(st.sampled_from(NASTY + "/."), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20
)
positions = st.builds(Position, st.integers(1, 5), st.integers(1, 12))
spans = st.tuples(positions, positions).map(lambda pair: Span(min(pair), max(pair)))
ids = st.lists(st.tuples(st.integers(0, 0xFFFFFFFE), st.integers(1, 2**31)), max_size=3).map(
    lambda pairs: union((start, min(start + count, 2**32)) for start, count in pairs)
)


replacements = st.builds(Replacement, st.just(Offsets(0, 0)), spans, words)
fixes = st.builds(Fix, words, st.booleans(), st.lists(replacements, min_size=1, max_size=2).map(tuple))


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    code = draw(st.sampled_from(sorted(NAMES)))
    name, severity = NAMES[code]
    return Diagnostic(
        span=draw(spans),
        code=code,
        name=name,
        severity=severity,
        message=draw(words),
        hint=draw(words),
        errno=draw(st.none() | st.sampled_from(Errno)),
        kernels=tuple(draw(st.lists(st.sampled_from(["6.4", "6.12", "7.3"]), unique=True))),
        ids=draw(ids),
        related=tuple(draw(st.lists(st.builds(RelatedPlace, spans, words), max_size=2))),
        suppressed=draw(st.none() | words),
        fix=draw(st.none() | fixes),
    )


@st.composite
def file_reports(draw: st.DrawFn) -> FileReport:
    """Draw a report; of some kinds that are in it, more findings are only counted."""
    found = draw(st.lists(diagnostics(), max_size=4))
    kinds = sorted({each.kind for each in found})
    return FileReport(
        draw(st.just("-") | paths),
        draw(st.text(st.sampled_from("ab \n" + NASTY), max_size=40)),
        tuple(found),
        tuple(LeftOutFindings(kind, draw(st.integers(1, 10**7))) for kind in kinds if draw(st.booleans())),
    )


reports = st.lists(file_reports(), max_size=3)
