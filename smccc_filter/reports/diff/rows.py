"""What all reports of a comparison say of one change: its calls, who lives there, the outcomes and who decides."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import cache

from smccc_filter.analysis.comparison.compared import ComparedSide, Decider
from smccc_filter.analysis.comparison.comparison import ChangeSide, Comparison, MapChange, reasons
from smccc_filter.analysis.comparison.pairing import VmSetting
from smccc_filter.analysis.comparison.verdict import ComparisonVerdict
from smccc_filter.analysis.map import NamedId, holders, named_calls
from smccc_filter.smccc.function_id import show_range
from smccc_filter.words import counted, cut, source_name, visible

SHOWN = 3
"""Calls and services that are named before the others are counted."""
REGISTERS = ("std", "std_hyp", "vendor_hyp", "vendor_hyp_2")
SENTENCES = {
    ComparisonVerdict.EQUIVALENT: "a guest gets the same for every call, and is told the same",
    ComparisonVerdict.WIDER: "a guest reaches or discovers more than before, and nothing less",
    ComparisonVerdict.NARROWER: "a guest reaches or discovers less than before, and nothing more",
    ComparisonVerdict.INCOMPARABLE: "a guest reaches or discovers more here and less there",
}


@cache
def _named_ids() -> list[int]:
    return [call.func_id for call in named_calls()]


def calls_in(change: MapChange) -> tuple[NamedId, ...]:
    """Return the calls that a specification names, ascending."""
    ids = _named_ids()
    return named_calls()[bisect_left(ids, change.start) : bisect_left(ids, change.stop)]


def names_in(change: MapChange) -> list[str]:
    """Return the names of those calls; one that is a block of IDs comes once."""
    return list(dict.fromkeys(call.name for call in calls_in(change)))


def services_in(change: MapChange) -> list[str]:
    """Return the services that have IDs in a change, by their lowest there."""
    found = (holder.service for _, _, holder in holders().within(change.start, change.stop))
    return list(dict.fromkeys(service for service in found if service))


def few(words: Sequence[str], none: str = "") -> str:
    """Name the first words and count the others."""
    if not words:
        return none
    shown = ", ".join(words[:SHOWN])
    return shown if len(words) <= SHOWN else f"{shown} and {len(words) - SHOWN} more"


def decided_by(side: ComparedSide, by: Decider) -> str:
    """Say who decides, and where that stands."""
    return visible(", ".join(word for word in (by.label, cut(by.text or ""), place_of(side, by)) if word))


def place_of(side: ComparedSide, by: Decider) -> str:
    """Say where something stands, as an editor takes it where it is in a text; ``""`` for what stands nowhere."""
    if by.place is None:
        return ""
    if by.span:
        return f"{source_name(side.path)}:{by.span.start.line}:{by.span.start.column}"
    return f"{source_name(side.path)}, {by.place}"


def outcomes(comparison: Comparison, change: MapChange, half: ChangeSide) -> str:
    """Say what the guest gets; kernels that agree are named once.

    Where the action is what it was, what else decides is said too: nobody finds it in a rule.
    """
    if change.old.action is change.new.action:
        setups = comparison.old_setups if half is change.old else comparison.new_setups
        said = [f"{got} ({why})" for got, why in zip(half.outcomes, reasons(setups, change.witness), strict=True)]
    else:
        said = list(half.outcomes)
    return by_kernel(said, comparison.kernels)


def by_kernel(said: Sequence[str], names: Sequence[str]) -> str:
    """Join what is said of each kernel; kernels of which the same is said are named once."""
    if said.count(said[0]) == len(said):
        return said[0]
    kernels: dict[str, list[str]] = {}
    for text, kernel in zip(said, names, strict=True):
        kernels.setdefault(text, []).append(kernel)
    return "; ".join(f"{text} on {', '.join(on)}" for text, on in kernels.items())


def alike(changes: Sequence[MapChange]) -> list[tuple[MapChange, ...]]:
    """Gather the changes that the same two rules make with the same outcomes, by the first of each."""
    groups: dict[object, list[MapChange]] = {}
    for change in changes:
        halves = tuple((half.action, half.by.label, half.outcomes) for half in (change.old, change.new))
        groups.setdefault(halves, []).append(change)
    return [tuple(group) for group in groups.values()]


def where(comparison: Comparison, change: MapChange) -> str:
    """Return `` on 7.3`` where a change is not on every kernel."""
    pairs = zip(comparison.kernels, change.old.outcomes, change.new.outcomes, strict=True)
    kernels = [kernel for kernel, old, new in pairs if old is not new]
    return f" on {', '.join(kernels)}" if 0 < len(kernels) < len(comparison.kernels) else ""


def ids_of(change: MapChange) -> str:
    """Write the IDs of a change."""
    return show_range(change.start, change.stop)


def ranges_of(group: Sequence[MapChange]) -> str:
    """Write the IDs of several changes, the first ranges and how many there are."""
    return few([ids_of(change) for change in group])


def totals(changes: Sequence[MapChange]) -> str:
    """Count ranges and IDs."""
    return f"{counted(len(changes), 'range')}, {counted(sum(change.size for change in changes), 'ID')}"


def counts(comparison: Comparison) -> list[tuple[str, str]]:
    """Count the changes of each kind that there is, then the answers to discovery, then findings."""
    words = {
        "wider": ComparisonVerdict.WIDER,
        "narrower": ComparisonVerdict.NARROWER,
        "wider or narrower by kernel": ComparisonVerdict.INCOMPARABLE,
        "no change in the guest": ComparisonVerdict.EQUIVALENT,
    }
    found = {word: [change for change in comparison.changes if change.verdict is each] for word, each in words.items()}
    told = Counter(each.verdict for each in comparison.told)
    answers = [(f"told {verdict}", counted(told[verdict], "answer")) for verdict in ComparisonVerdict if told[verdict]]
    findings = Counter("findings new" if each.is_new else "findings gone" for each in comparison.findings)
    words_of_findings = ((word, f"{total:,}") for word, total in findings.items())
    return [*((word, totals(changes)) for word, changes in found.items() if changes), *answers, *words_of_findings]


def setting_key(setting: VmSetting) -> str:
    """Return what people call a setting."""
    return f"firmware {setting.key}" if setting.key in REGISTERS else setting.key


def setting_value(key: str, words: tuple[str, ...] | None) -> str:
    """Write what a setting is."""
    if words is None:
        return "KVM's default"
    if key == "kernels" and not words:
        return "the newest"
    return ", ".join(map(visible, words)) or "none"
