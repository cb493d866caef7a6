"""What was found for words that nothing is called, as text."""

from smccc_filter.analysis.reference.search import SearchMatches
from smccc_filter.reports.explain.explanation import Explanation
from smccc_filter.reports.paper.columns import LabelledLine
from smccc_filter.words import visible

_SHOWN = 8
"""Names that are listed for one phrase."""


def explain(matches: SearchMatches) -> Explanation:
    """Name the best of what was found, one a line."""
    found = matches.found
    lines = [LabelledLine(match.name, f"{match.kind}: {match.title}") for match in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(LabelledLine("", f"and {len(found) - _SHOWN} more: write another word of what you look for"))
    have = "these words" if matches.words > 1 else "it"
    title = f"nothing is called `{visible(matches.phrase)}`; {len(found)} names or meanings have {have}"
    return Explanation(title, tuple(lines))
