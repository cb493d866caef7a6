"""What the picture and the pages both say of a row: how it is called, and which rules decide in it."""

from collections.abc import Sequence

from smccc_filter.analysis.grid import GridBar, GridRow
from smccc_filter.language.policy.model import Rule
from smccc_filter.reports.map.picture.places import BAR, RESERVED_BAR
from smccc_filter.reports.map.picture.shapes import fitted, width_of
from smccc_filter.words import visible

MOST_NAMES = 6
"""Rules that are named in a row, if they are short."""
KVMS_OWN = "KVM's own, whatever the policy says"


def bar_height(bar: GridBar) -> float:
    """Return how high a bar is: what nobody may use and no rule decides takes little room."""
    return RESERVED_BAR if bar.reserved and not bar.is_decided else BAR


def is_kvms(row: GridRow) -> bool:
    """Tell whether a row is that of the Arm Architecture calls."""
    return row.label == "0"


def rules_of(row: GridRow, rules: Sequence[Rule]) -> list[str]:
    """Return the names of the rules that decide in a row."""
    return [visible(rules[n].name or f"rule {rules[n].ordinal}") for n in row.rules()]


def rule_names(names: Sequence[str], size: float, width: float) -> str:
    """Name as many rules as there is room for, and count the others."""
    for shown in range(min(len(names), MOST_NAMES), 1, -1):
        text = ", ".join(names[:shown]) + _beyond(len(names) - shown)
        if width_of(text, size) <= width:
            return text
    beyond = _beyond(len(names) - 1)
    return fitted(names[0], size, width - width_of(beyond, size)) + beyond if names else ""


def _beyond(more: int) -> str:
    return f" and {more:,} more" if more > 0 else ""
