"""Programs to emit: some that matter, and a strategy for any."""

from itertools import pairwise

from hypothesis import strategies as st

from smccc_filter.artefacts.backends.program import CompiledPolicy, FilterEntry, WrittenRegister, canonical
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, KVM_REG_ARM_PSCI_VERSION, PSCI_VERSIONS, REGISTER_OF_KEY, Action
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap

HANDLE, DENY, FORWARD = Action.HANDLE, Action.DENY, Action.FORWARD

RESERVED = ((0x8000_0000, 0x8001_0000), (0xC000_0000, 0xC001_0000))


def register(key: str, value: int) -> WrittenRegister:
    return WrittenRegister(REGISTER_OF_KEY[key].id, value)


PSCI_1_1 = WrittenRegister(KVM_REG_ARM_PSCI_VERSION, 0x1_0001)

KVMTOOL = CompiledPolicy(
    "psci-to-userspace",
    (
        FilterEntry(0x8400_0000, 0x20, FORWARD),
        FilterEntry(0x95C1_BA5E, 4, DENY),
        FilterEntry(0xC400_0000, 0x20, FORWARD),
    ),
    (),
)
NOTHING = CompiledPolicy("nothing", (), ())
REGISTERS_ONLY = CompiledPolicy(
    "registers-only",
    (),
    (PSCI_1_1, register("std", 0), register("std_hyp", 1), register("vendor_hyp", 3), register("vendor_hyp_2", 2)),
)
LOCKDOWN = CompiledPolicy(
    "psci",
    (
        FilterEntry(0, 0x8000_0000, DENY),
        FilterEntry(0x8001_0000, 0x3FFF_0000, DENY),
        FilterEntry(0xC001_0000, 0x3FFF_0000, DENY),
    ),
    (register("vendor_hyp", 0),),
)
ALTERNATING = CompiledPolicy(
    "psci-filter",
    (
        *(FilterEntry(0x8600_0000 + 3 * i, 1 + i % 3, FORWARD if i % 2 else DENY) for i in range(41)),
        FilterEntry(0xFFFF_FFFF, 1, FORWARD),
    ),
    (register("std", 1),),
)
PROGRAMS = (KVMTOOL, NOTHING, REGISTERS_ONLY, LOCKDOWN, ALTERNATING)
"""Names chosen so that one is a prefix of others: their symbols must not meet."""


def action_map(entries: tuple[FilterEntry, ...]) -> IntervalMap[Action]:
    return IntervalMap.of(((base, base + nr, action) for base, nr, action in entries), HANDLE)


def boundaries(entries: tuple[FilterEntry, ...]) -> list[int]:
    """IDs on both sides of every place where the decision can change, ascending."""
    edges = {0, SPACE - 1}
    for base, nr_functions, _ in entries:
        edges |= {base - 1, base, base + nr_functions - 1, base + nr_functions}
    return sorted(fid for fid in edges if 0 <= fid < SPACE)


IDS = st.one_of(
    st.integers(0, SPACE - 1),
    st.integers(0x8400_0000, 0x8400_0060),
    st.sampled_from([edge + step for pair in RESERVED for edge in pair for step in (-1, 0, 1)]),
)


@st.composite
def action_maps(draw: st.DrawFn) -> IntervalMap[Action]:
    """Return any map that a policy can resolve to: the reserved ranges are HANDLE."""
    cuts = sorted(draw(st.sets(IDS, max_size=12)) | {0, SPACE} | {edge for pair in RESERVED for edge in pair})
    segments = []
    for start, stop in pairwise(cuts):
        reserved = any(first <= start < end for first, end in RESERVED)
        segments.append((start, stop, HANDLE if reserved else draw(st.sampled_from(list(Action)))))
    return IntervalMap.of(segments, HANDLE)


@st.composite
def programs(draw: st.DrawFn) -> CompiledPolicy:
    versions = st.sampled_from(sorted(PSCI_VERSIONS.values()))
    registers = [PSCI_1_1._replace(value=draw(versions))] if draw(st.booleans()) else []
    registers += [
        WrittenRegister(known.id, draw(st.integers(0, (1 << len(known.bits)) - 1)))
        for known in FIRMWARE_REGISTERS
        if draw(st.booleans())
    ]
    name = draw(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True))
    return CompiledPolicy(name, canonical(draw(action_maps())), tuple(registers))
