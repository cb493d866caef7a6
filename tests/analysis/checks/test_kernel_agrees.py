"""What R201 to R204 say of a policy is what each target kernel answers when its selectors are inserted as written."""

from collections import defaultdict
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Diagnostic
from smccc_filter.kvm.filter import RESERVED, FilteredVm
from smccc_filter.kvm.profiles import Profile, all_profiles, profile
from smccc_filter.kvm.uapi import KVM_ACTION, Action, Errno
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import Interval, Intervals, difference, intersection, union

ANSWERS = {"R201", "R202", "R203", "R204"}
STABLE = [
    known for name in ("6.6.157", "6.6.158", "6.12.111", "6.12.112", "7.2.8", "7.2.9") if (known := profile(name))
]


class Range(NamedTuple):
    """A range as the policy writes it; ``size`` may be anything, for ``first-last`` even negative."""

    base: int
    size: int
    as_last: bool

    @property
    def text(self) -> str:
        last = self.base + self.size - 1
        return f"0x{self.base:08X}-0x{last:08X}" if self.as_last else f"0x{self.base:08X}+{self.size}"

    @property
    def ids(self) -> Intervals:
        return ((self.base, self.base + self.size),) if 0 < self.size <= SPACE - self.base else ()


class Rule(NamedTuple):
    action: Action
    ranges: list[Range]
    exceptions: list[Range]

    def entries(self, written: Range) -> list[Interval]:
        """Return base and count of every struct that a range takes: as written, or what exceptions leave of it."""
        if not written.ids:
            return [(written.base, written.size % SPACE)]
        left = difference(written.ids, union(exception.ids[0] for exception in self.exceptions))
        return [(start, stop - start) for start, stop in left]


class Line(NamedTuple):
    """One selector, by the line of the policy it stands in."""

    rule: Rule
    number: int
    rule_number: int
    written: Range


EDGES = [0, 0x8000_0000, 0x8001_0000, 0x8400_0000, 0xBFFF_FFFF, 0xC000_0000, 0xC001_0000, 0xC400_0000, SPACE - 1]


def _clamped(edge: int, step: int) -> int:
    return max(0, min(SPACE - 1, edge + step))


bases = st.builds(_clamped, st.sampled_from(EDGES), st.integers(-8, 24))
good_counts = st.one_of(st.integers(1, 12), st.sampled_from([0x1_0000, 0x4000_0000]))
good = st.builds(Range, bases, good_counts, st.booleans()).filter(lambda written: bool(written.ids))
small = st.builds(Range, bases, st.integers(1, 4), st.booleans()).filter(lambda written: bool(written.ids))
broken = st.one_of(
    st.builds(Range, bases, st.just(0), st.just(False)),  # noqa: FBT003 - the third field
    st.builds(lambda base, short: Range(base, -short, as_last=True), bases, st.integers(0, 8)).filter(
        lambda written: written.base + written.size >= 1
    ),
    st.builds(
        lambda base, past: Range(base, SPACE - base + past, as_last=False), bases, st.sampled_from([1, 2, 99])
    ).filter(lambda written: written.size < SPACE),
)
rules = st.lists(
    st.builds(
        Rule,
        st.sampled_from(Action),
        st.lists(st.one_of(good, good, good, broken), min_size=1, max_size=5),
        st.lists(small, max_size=2),
    ),
    max_size=5,
)
kernels = st.lists(
    st.sampled_from([*all_profiles(), *STABLE]), min_size=1, max_size=3, unique_by=lambda known: known.name
)


def write(policy: list[Rule], targets: list[Profile]) -> tuple[str, list[Line]]:
    """Write a policy with one selector a line, and return those lines."""
    lines = ["version: 1", "name: random", "target:", "  kernels:", *(f'    - "{known.name}"' for known in targets)]
    selectors = []
    lines.append("rules:" if policy else "rules: []")
    for number, rule in enumerate(policy):
        lines += [f"  - action: {rule.action}", "    ranges:"]
        for written in rule.ranges:
            lines.append(f"      - {written.text}")
            selectors.append(Line(rule, len(lines), number, written))
        if rule.exceptions:
            lines += ["    except:", "      ranges:", *(f"        - {written.text}" for written in rule.exceptions)]
    return "\n".join(lines) + "\n", selectors


def predicted(findings: list[Diagnostic], selectors: list[Line], kernel: str) -> dict[int, set[Errno]]:
    """Return which errno the findings predict for which line."""
    said: dict[int, set[Errno]] = defaultdict(set)
    for finding in findings:
        if finding.errno is None or kernel not in finding.kernels:
            continue
        if finding.code != "R202":
            said[finding.span.start.line].add(finding.errno)
            continue
        # One finding for the whole rule: its IDs say which selectors are concerned.
        number = next(line.rule_number for line in selectors if line.number == finding.span.start.line)
        for line in selectors:
            entries = union((base, base + count) for base, count in line.rule.entries(line.written) if line.written.ids)
            if line.rule_number == number and intersection(entries, finding.ids):
                said[line.number].add(finding.errno)
    return said


def answer(vm: FilteredVm, line: Line) -> Errno | None:
    """Insert what a selector takes; the first refusal is the kernel's answer."""
    errnos = [
        vm.kvm_smccc_set_filter(*entry, KVM_ACTION[line.rule.action]) for entry in line.rule.entries(line.written)
    ]
    return next((errno for errno in errnos if errno), None)


ZERO = Range(0, 0, as_last=False)
ONE_TOO_MANY = Range(SPACE - 2, 3, as_last=False)
TWICE = Range(0x8400_0003, 1, as_last=False)


@given(rules, kernels)
@example([Rule(Action.DENY, [ZERO, ONE_TOO_MANY, TWICE, TWICE], [])], [all_profiles()[0], all_profiles()[-1], *STABLE])
@example([Rule(Action.DENY, [Range(0x7FFF_FFFF, 2, as_last=True)], [Range(0x8000_0000, 1, as_last=True)])], STABLE)
def test_findings_are_the_kernels_answers(policy: list[Rule], targets: list[Profile]) -> None:
    text, selectors = write(policy, targets)
    findings = [found for found in pipeline.examine("p", text.encode()).report.diagnostics if found.code in ANSWERS]
    assert all(found.errno and set(found.kernels) <= {known.name for known in targets} for found in findings)
    for known in targets:
        said = predicted(findings, selectors, known.name)
        vm = FilteredVm(known)
        refused: dict[int, Errno] = {}
        for line in selectors:
            errno = answer(vm, line)
            if errno:
                refused[line.number] = errno
                assert errno in said[line.number], f"{known.name} answers {errno} to line {line.number} of\n{text}"
            elif line.number in said:
                # The kernel would take it, but only because what it collides with was refused before.
                earlier = [other for other in selectors if other.number < line.number and other.number in refused]
                taken = union(
                    (base, base + count)
                    for other in earlier
                    if other.written.ids
                    for base, count in other.rule.entries(other.written)
                )
                own = union((base, base + count) for base, count in line.rule.entries(line.written))
                assert said[line.number] == {Errno.EEXIST}
                assert intersection(own, taken), f"{known.name} takes line {line.number} of\n{text}"
        # Every VMM stops at the first refusal, and there tool and kernel agree without a condition.
        assert min(refused, default=None) == min((number for number, errnos in said.items() if errnos), default=None)


@given(st.sampled_from(Action), st.sampled_from(all_profiles()))
def test_every_id_at_once_is_refused(action: Action, known: Profile) -> None:
    """No struct holds 2**32 functions; whoever splits the range collides with the reserved ones."""
    everything = Rule(action, [Range(0, SPACE, as_last=True)], [])
    text, _ = write([everything], [known])
    (finding,) = [found for found in pipeline.examine("p", text.encode()).report.diagnostics if found.code in ANSWERS]
    vm = FilteredVm(known)
    halves = {vm.kvm_smccc_set_filter(base, SPACE // 2, KVM_ACTION[action]) for base in (0, SPACE // 2)}
    assert (finding.code, finding.errno, finding.ids) == ("R202", Errno.EEXIST, RESERVED)
    assert halves == {None, Errno.EEXIST}
