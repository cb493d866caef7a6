"""What all reports of a comparison say of a finding that is new or gone."""

from smccc_filter.analysis.comparison.comparison import Comparison
from smccc_filter.analysis.comparison.findings import FindingChange
from smccc_filter.words import cut, source_name, visible


def status(change: FindingChange) -> str:
    """Say whether the finding is NEW's or was OLD's."""
    return "new" if change.is_new else "gone"


def heading(change: FindingChange) -> str:
    """Say how bad the finding is, and which."""
    found = change.finding
    allowed = "" if found.suppressed is None else f", {'ignored' if found.settings else 'allowed'}"
    return f"{found.severity}[{found.code}] {found.name}{allowed}"


def said_of(change: FindingChange) -> str:
    """Say what was found, in which rule, and why it is allowed or ignored if it is."""
    found = change.finding
    rule = f"rule `{cut(change.rule)}`" if change.rule else ""
    where = f"{rule}: " if rule not in found.message else ""
    by = f"ignored in {found.settings}" if found.settings else "allowed"
    allowed = f"; {by}: {found.suppressed}" if found.suppressed is not None else ""
    return visible(f"{where}{found.message}{allowed}")


def place(comparison: Comparison, change: FindingChange) -> str:
    """Say where the finding stands, in the file that has it."""
    side, start = comparison.new if change.is_new else comparison.old, change.finding.span.start
    return f"{source_name(side.path)}:{start.line}:{start.column}"
