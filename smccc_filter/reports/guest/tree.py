"""What a guest discovers, as text: what Linux makes of it, then a tree of the discovery calls and what they tell of.

A discovery call stands where a guest first hears of it, with the calls that it tells of below, so that a refused call
takes visibly away what hangs on it. Every line begins with a mark, because colours reach neither a pipe nor every eye.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from smccc_filter.guests.beliefs import ABSENT, PRESENT, UNKNOWN, Belief, BeliefTopic, Boot
from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import Refusal, VmSetup
from smccc_filter.kvm.machine import Outcome, Reply
from smccc_filter.kvm.pvtime import PV_TIME_FEATURES
from smccc_filter.reports.paper.columns import GAP, LabelledLine, listing, prose
from smccc_filter.smccc import registry
from smccc_filter.words import enumerated

TOPICS = {
    BeliefTopic.PSCI: "PSCI",
    BeliefTopic.SMCCC: "SMCCC",
    BeliefTopic.CPU_SUSPEND: "CPU_SUSPEND",
    BeliefTopic.SYSTEM_SUSPEND: "SYSTEM_SUSPEND",
    BeliefTopic.SYSTEM_RESET2: "SYSTEM_RESET2",
    BeliefTopic.SYSTEM_OFF2: "SYSTEM_OFF2",
    BeliefTopic.SPECTRE_V2: "Spectre v2 mitigation",
    BeliefTopic.SPECTRE_V4: "Spectre v4 mitigation",
    BeliefTopic.SPECTRE_BHB: "Spectre BHB mitigation",
    BeliefTopic.TRNG: "TRNG",
    BeliefTopic.STOLEN_TIME: "stolen time",
    BeliefTopic.KVM_SERVICES: "KVM services",
    BeliefTopic.PTP: "PTP clock",
    BeliefTopic.IMPLEMENTATION_CPUS: "implementation CPUs",
    BeliefTopic.PKVM: "protected VM services",
}
NOTHING_SURE = "nothing that is sure: the VMM's answers decide"
HEADER = ("CALL", "TOLD", "COMES TO")


class TreeMark(StrEnum):
    """Whether the guest gets for a call what it was told."""

    TRUE = "="
    FALSE = "!"
    KERNELS_OWN = "~"
    UNKNOWN = "?"


MEANINGS = {
    TreeMark.TRUE: "as told",
    TreeMark.FALSE: "not as told",
    TreeMark.KERNELS_OWN: "not as told under any policy: KVM answers calls of which it does not tell",
    TreeMark.UNKNOWN: "told of by the VMM, as the host's CPUs need it, or with a stolen-time page",
}


def mark_of(answer: DiscoveryAnswer) -> TreeMark:
    """Return the mark of an answer."""
    if answer.advertised is None:
        return TreeMark.UNKNOWN
    if answer.consistent:
        return TreeMark.TRUE
    return TreeMark.KERNELS_OWN if answer.kernels_own else TreeMark.FALSE


class TreeRow(NamedTuple):
    """One line of the tree; a root has no mark, as nothing tells of it."""

    depth: int
    mark: TreeMark | None
    call: str
    told: str
    got: str

    @property
    def head(self) -> str:
        """The indented mark and call."""
        return f"{GAP * self.depth}{f'{self.mark} ' if self.mark else ''}{self.call}"


def render(policy: str, setups: Sequence[VmSetup], width: int | None) -> str:
    """Write the guests of a policy, one after the other, those that are told the same under one heading."""
    kernels: dict[str, list[str]] = {}
    for setup in setups:
        kernels.setdefault(_guest(setup, width), []).append(setup.machine.profile.name)
    return "\n".join(
        prose(f"{policy} on Linux {enumerated(names)}", width) + "\n" + text for text, names in kernels.items()
    )


def refused(row: Refusal) -> str:
    """Say what a kernel refuses."""
    written = row.key if row.value is None else f"{row.key} 0x{row.value:X}"
    return f"{written} with {row.errno}"


def tree(found: Sequence[DiscoveryAnswer]) -> tuple[list[TreeRow], list[str]]:
    """Return the lines of the tree, and the discovery calls that the guest finds absent with all they tell of."""
    grower = _Tree(found)
    return list(grower.grow()), [str(registry.name_of(discovery)) for discovery in grower.absent]


def _guest(setup: VmSetup, width: int | None) -> str:
    """Write everything but the kernel's name."""
    walked, found = boot(setup), answers(setup)
    rows, absent = tree(found)
    pieces = [_believed(walked, width), _logged(walked, width), discovered(rows), _summary(found, absent, width)]
    if setup.refusals:
        what = ", ".join(map(refused, setup.refusals))
        pieces.insert(0, prose(f"The kernel refuses {what}; what follows is with its default instead.", width))
    return "\n".join(pieces)


def _believed(walked: Boot, width: int | None) -> str:
    lines = [LabelledLine(TOPICS[belief.topic], belief_text(belief)) for belief in walked.beliefs]
    return f"A Linux guest finds by {walked.conduit.upper()}\n{listing(lines, width)}"


def belief_text(belief: Belief) -> str:
    """Say what the guest takes for true of one topic."""
    if belief.known or belief.value in UNKNOWN:
        return belief.value
    return f"{belief.value}, if the VMM's answers lead there"


def _logged(walked: Boot, width: int | None) -> str:
    lines = [LabelledLine(line) for line in walked.log or (NOTHING_SURE,)]
    return f"Its boot log says\n{listing(lines, width)}"


def discovered(rows: Sequence[TreeRow]) -> str:
    """Write the lines of the tree below their heading."""
    cells = [HEADER, *((row.head, row.told, row.got) for row in rows)]
    call, told, _ = (max(map(len, column)) for column in zip(*cells, strict=True))
    lines = (f"{GAP}{cell[0]:{call}}{GAP}{cell[1]:{told}}{GAP}{cell[2]}\n" for cell in cells)
    return f"Discovery, below each call those that it tells of\n{''.join(lines)}"


def _summary(found: Sequence[DiscoveryAnswer], absent: Sequence[str], width: int | None) -> str:
    counts = Counter(map(mark_of, found))
    lines = [LabelledLine(mark, f"{counts[mark]} {MEANINGS[mark]}") for mark in TreeMark if counts[mark]]
    if absent:
        lines.append(LabelledLine("", f"not there, with all that they tell of: {', '.join(absent)}"))
    return listing(lines, width)


class _Tree:
    """Discovery calls, each below the one that first tells of it."""

    def __init__(self, found: Sequence[DiscoveryAnswer]) -> None:
        self.told: dict[int, list[DiscoveryAnswer]] = {}
        for answer in found:
            self.told.setdefault(answer.discovery, []).append(answer)
        self.met: set[int] = set()
        self.absent: list[int] = []

    def grow(self) -> Iterator[TreeRow]:
        """Yield the lines, from the calls of which nothing tells a guest on."""
        for discovery, told in self.told.items():
            if discovery in self.met:
                continue
            reply = told[0].told
            if reply.for_guest is Outcome.NOT_SUPPORTED and self._is_gone(discovery):
                self.absent.append(discovery)
            else:
                yield TreeRow(0, None, str(registry.name_of(discovery)), "", _end(reply))
                yield from self._below(discovery, 1)

    def _below(self, discovery: int, depth: int) -> Iterator[TreeRow]:
        self.met.add(discovery)
        gone = []
        for name, answer in _calls(self.told[discovery]):
            if _is_absent(answer) and (answer.asked in self.met or self._is_gone(answer.asked)):
                gone.append(name)
                continue
            yield TreeRow(depth, mark_of(answer), name, _told(answer), _outcome(answer))
            if answer.asked in self.told and answer.asked not in self.met:
                yield from self._below(answer.asked, depth + 1)
        if gone:
            shown = gone[0] if len(gone) == 1 else f"{len(gone)} more calls"
            yield TreeRow(depth, TreeMark.TRUE, shown, ABSENT, Outcome.NOT_SUPPORTED)

    def _is_gone(self, call: int) -> bool:
        """Tell whether nothing that a refused call would tell of is there; such a call needs no line of its own."""
        if call not in self.told:
            return True
        below = {call}
        for discovery in self.told:
            if discovery in below:
                below.update(answer.asked for answer in self.told[discovery])
        gone = all(_is_absent(answer) for discovery in below for answer in self.told.get(discovery, ()))
        if gone:
            self.met |= below
        return gone


def _calls(told: Sequence[DiscoveryAnswer]) -> Iterator[tuple[str, DiscoveryAnswer]]:
    """Yield calls by name; the two forms of one are two calls where they differ in what is shown."""
    forms: dict[str, list[DiscoveryAnswer]] = {}
    for answer in told:
        forms.setdefault(registry.by_id(answer.asked)[0].name, []).append(answer)
    for name, alike in forms.items():
        if len(alike) > 1 and len({(_told(answer), _outcome(answer)) for answer in alike}) == 1:
            yield name, alike[0]
        else:
            yield from ((str(registry.name_of(answer.asked)), answer) for answer in alike)


def _is_absent(answer: DiscoveryAnswer) -> bool:
    return answer.advertised is False and answer.consistent


def _told(answer: DiscoveryAnswer) -> str:
    """Say what the guest is told of a call."""
    if answer.advertised is None:
        by_page = answer.told_by == PV_TIME_FEATURES
        return "VMM says" if answer.told.outcome is Outcome.FORWARDED else "with page" if by_page else "CPUs say"
    return PRESENT if answer.advertised else ABSENT


def _outcome(answer: DiscoveryAnswer) -> str:
    """Say what becomes of a call, and why it is refused if it is."""
    return _end(answer.got) if answer.call is not Outcome.NOT_SUPPORTED else f"{answer.call}: {answer.got.why}"


def _end(reply: Reply) -> str:
    """Say how a call ends, and that it is the VMM that answers where that is known."""
    return f"{reply.for_guest} by the VMM" if reply.by_vmm else reply.outcome
