"""The text of an imported policy: what its entries are in the words of the specifications, and where each one stood.

Entries of one action go into one rule for each service that they are part of; a whole service, a call, and both forms
of a call have their names. An entry that leaves calls to KVM becomes a comment: it decides as the default does, so that
a rule for it would only draw a note, and the comment still tells that somebody wrote it.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.readers import ReadEntry, Reading, ReadRegister
from smccc_filter.kvm.uapi import PSCI_REGISTER, WRITABLE_REGISTERS, Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show_range
from smccc_filter.smccc.intervals import Interval, union
from smccc_filter.words import cut, enumerated, visible

MOST_PLACES = 8
"""Places of entries that a rule's comment lists before it counts the rest."""
MOST_SOURCES = 4
"""Files that the first comment names."""
SPELT_OUT = 8
"""IDs of one range that are written as calls where all have names; a longer range says more as a range."""


class _DraftedRule(NamedTuple):
    """One rule to be: its selectors, and the entries that it comes from."""

    name: str | None
    action: Action
    services: tuple[str, ...]
    calls: tuple[str, ...]
    ranges: tuple[str, ...]
    entries: tuple[ReadEntry, ...]


def policy_name(reading: Reading, path: str) -> str:
    """Make a policy's name of what a file is called by itself, else of its path."""
    stem = os.path.splitext(_file_name(path))[0]  # noqa: PTH122 -- pathlib costs a start 5 ms
    for candidate in (reading.name or "", stem):
        name = re.sub("[^a-z0-9]+", "-", candidate.lower()).strip("-")
        if name:
            return name if name[0].isalpha() else f"filter-{name}"
    return "imported"


def policy_text(reading: Reading, paths: Sequence[str], name: str) -> str:
    """Write the policy, in any layout. ``reading`` must be one that KVM takes, with registers that a policy can set."""
    sources = ["standard input" if path == "-" else visible(_file_name(path)) for path in paths]
    source = sources[0]
    named = enumerated(sources if len(sources) <= MOST_SOURCES else [*sources[: MOST_SOURCES - 1], "others"])
    lines = [
        f"# Imported from {named}. Which kernels the policy is for, and why it does what it does, is not in there:",
        "# complete `target`, and give each rule a `reason`.",
        "version: 1",
        f"name: {name}",
        *_registers(reading.registers or ()),
    ]
    entries = reading.entries or ()
    for entry in (entry for entry in entries if entry.action is Action.HANDLE):
        ids = show_range(entry.base, entry.base + entry.nr_functions)
        lines.append(f"# {_place(entry, source)} is left to KVM, {ids}, as the default is.")
    rules = list(_rules(entries))
    lines.append("rules:" if rules else "rules: []")
    for rule in rules:
        lines += [f"  {line}" for line in _rule(rule, source)]
    return "\n".join(lines) + "\n"


def _registers(registers: Iterable[ReadRegister]) -> Iterator[str]:
    values = {register.id: register.value for register in registers}
    words = {known.key: known.words_of(values[known.id]) or () for known in WRITABLE_REGISTERS if known.id in values}
    for version in words.pop(PSCI_REGISTER.key, ()):
        yield f'target: {{psci: "{version}"}}'
    if words:
        yield "firmware:"
    for key, bits in words.items():
        yield f"  {key}: [{', '.join(bits)}]"


def _rules(entries: Iterable[ReadEntry]) -> Iterator[_DraftedRule]:
    """Put entries of one action from one place of the file together, by what they are part of."""
    groups: dict[tuple[str | None, Action], list[ReadEntry]] = {}
    for entry in entries:
        if entry.action is not Action.HANDLE:
            groups.setdefault((entry.symbol, entry.action), []).append(entry)
    taken: set[str] = set()
    for (_, action), group in groups.items():
        yield from _divided(group, action, taken)


def _divided(group: list[ReadEntry], action: Action, taken: set[str]) -> Iterator[_DraftedRule]:
    """Divide entries of one action by service; ``taken`` are the names of rules there are."""
    intervals = union((entry.base, entry.base + entry.nr_functions) for entry in group)
    starts = [start for start, _ in intervals]
    whole = _whole_services(intervals)
    parts: dict[str | None, tuple[set[Interval], list[ReadEntry]]] = {}
    services = {interval: whole.get(interval) or _around(interval) for interval in intervals}
    for entry in group:
        interval = intervals[bisect_right(starts, entry.base) - 1]
        held, found = parts.setdefault(services[interval], (set(), []))
        held.add(interval)
        found.append(entry)
    for service, (held, found) in parts.items():
        calls, ranges = _named(sorted(held - whole.keys()))
        complete = {whole[interval] for interval in held if interval in whole}
        name = _free(service, action, taken) if service else None
        yield _DraftedRule(name, action, tuple(complete), calls, ranges, tuple(found))


def _whole_services(intervals: tuple[Interval, ...]) -> dict[Interval, str]:
    """Return which intervals are those of a service, all of them and nothing more."""
    there = set(intervals)
    result: dict[Interval, str] = {}
    for service in registry.services():
        ranges = [(first, last + 1) for first, last in service.ranges]
        if there.issuperset(ranges):
            result.update(dict.fromkeys(ranges, service.name))
    return result


def _around(interval: Interval) -> str | None:
    """Return the service that both ends of an interval are in."""
    service = registry.service_of(interval[0])
    return service.name if service and service is registry.service_of(interval[1] - 1) else None


def _named(intervals: list[Interval]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write short intervals of known calls by name, both forms of a call as one, and the others as ranges."""
    names: dict[str, None] = {}
    ranges = []
    for start, stop in intervals:
        found = [name for fid in range(start, min(stop, start + SPELT_OUT)) if (name := _exact(fid))]
        if len(found) == stop - start:
            names |= dict.fromkeys(found)
        else:
            ranges.append(show_range(start, stop))
    return _both_forms(names), tuple(ranges)


def call_names(ids: Iterable[int]) -> tuple[str, ...]:
    """Write known calls by name, both forms of a call as one."""
    return _both_forms(dict.fromkeys(filter(None, map(_exact, ids))))


def _both_forms(names: dict[str, None]) -> tuple[str, ...]:
    """Return names of calls, that of a call once of which both forms are there."""
    calls: dict[str, None] = {}
    for name in names:
        bare, _, form = name.partition("/")
        twin = f"{bare}/{'64' if form == '32' else '32'}"
        calls[bare if twin in names else name] = None
    return tuple(calls)


def _exact(fid: int) -> str | None:
    """Return the name that means this ID and no other."""
    name = registry.name_of(fid)
    return name if name and registry.by_name(name) == ((fid, fid + 1),) else None


def _free(service: str, action: Action, taken: set[str]) -> str:
    """Return a name for a rule that no other has."""
    name, number = service, 1
    while name in taken:
        name = f"{service}-{action}" if number == 1 else f"{service}-{action}-{number}"
        number += 1
    taken.add(name)
    return name


def _rule(rule: _DraftedRule, source: str) -> Iterator[str]:
    """Yield the lines of one rule, comments first."""
    for entry in rule.entries[:MOST_PLACES]:
        yield f"# {_place(entry, source)}"
    if len(rule.entries) > MOST_PLACES:
        more = len(rule.entries) - MOST_PLACES
        yield f"# and {more:,} more {'entry' if more == 1 else 'entries'}"
    lines = [f"name: {rule.name}"] if rule.name else []
    lines.append(f"action: {rule.action}")
    for key, values in (("services", rule.services), ("calls", rule.calls), ("ranges", rule.ranges)):
        if values:
            lines.append(f"{key}: [{', '.join(values)}]")
    yield from (("  " if i else "- ") + line for i, line in enumerate(lines))


def _place(entry: ReadEntry, source: str) -> str:
    """Say where an entry stands: ``kvm.c:41: KVM_PSCI_FN_BASE``, ``filter.bin, entry 3 at byte 48``."""
    if entry.span is None:
        return f"{source}, {entry.place}"
    file = visible(_file_name(entry.file)) if entry.file else source
    return f"{file}:{entry.span.start.line}: {visible(cut(entry.text or entry.place))}"


def _file_name(path: str) -> str:
    return os.path.basename(path)  # noqa: PTH119 -- pathlib costs a start 5 ms
