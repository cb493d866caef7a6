"""Policies that say what their VMM answers: some that matter, and as many as wanted drawn by a seed."""

from collections.abc import Iterable
from random import Random

from smccc_filter.artefacts.backends.program import CompiledPolicy, VmmAnswerRow, VmmProgram, canonical
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import IntervalMap
from tests.artefacts.backends.programs import PSCI_1_1, RESERVED

BLOCK = 0x20
SMC64 = 1 << 30
SVE_HINT = 1 << 16
Registers = tuple[int, int, int, int]


def ids_of(*names: str) -> list[int]:
    return sorted(fid for name in names for start, stop in registry.by_name(name) or () for fid in range(start, stop))


def asked(discovery: str, *names: str, flags: int = 0) -> list[VmmAnswerRow]:
    (func_id,) = ids_of(discovery)
    return [VmmAnswerRow(func_id, fid, (flags, 0, 0, 0)) for fid in ids_of(*names)]


def ordered(answers: Iterable[VmmAnswerRow]) -> tuple[VmmAnswerRow, ...]:
    return tuple(sorted(answers, key=lambda answer: (answer.func_id, answer.asked or 0)))


def policy(name: str, vmm: VmmProgram, *, registers: bool = False) -> CompiledPolicy:
    """Return a policy that forwards the blocks of every ID of ``vmm``, and denies the ID after each of them."""
    ids = {*vmm.handled, *(answer.func_id for answer in vmm.answers)}
    starts = sorted({fid & -BLOCK for fid in ids})
    segments = [(start, start + BLOCK, Action.FORWARD) for start in starts]
    forwarded = IntervalMap.of(segments, Action.HANDLE)
    return CompiledPolicy(name, canonical(forwarded), (PSCI_1_1,) if registers else (), None, vmm)


PSCI = ("PSCI_CPU_SUSPEND", "PSCI_CPU_OFF", "PSCI_CPU_ON", "PSCI_AFFINITY_INFO", "PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET")
PSCI_ANSWERS = [
    VmmAnswerRow(0x8400_0000, None, (0x1_0001, 0, 0, 0)),
    *asked("PSCI_FEATURES", "PSCI_CPU_SUSPEND", flags=2),
    *asked("PSCI_FEATURES", "SMCCC_VERSION", "PSCI_VERSION", "PSCI_FEATURES", *PSCI[1:]),
]
TRNG_ANSWERS = [
    VmmAnswerRow(0x8400_0050, None, (0x1_0000, 0, 0, 0)),
    *asked("TRNG_FEATURES", "TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND"),
    VmmAnswerRow(0x8400_0052, None, (0xFEDC_BA98, 0x7654_3210, 0x89AB_CDEF, 0x0123_4567)),
]
VENDOR_ANSWERS = [
    VmmAnswerRow(0x8600_0000, None, (1, 0, 3, 0)),
    VmmAnswerRow(0x8600_FF01, None, (0xB66F_B428, 0xE911_C52E, 0x564B_CAA9, 0x743A_004D)),
]
DISCOVER = ("VENDOR_HYP_KVM_DISCOVER_IMPL_VER", "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS")

KVMTOOL_VMM = policy("kvmtool-psci", VmmProgram(ordered(PSCI_ANSWERS), tuple(ids_of(*PSCI))))
EVERYTHING = policy(
    "every-shape",
    VmmProgram(
        ordered(
            [
                *PSCI_ANSWERS,
                *TRNG_ANSWERS,
                *VENDOR_ANSWERS,
                VmmAnswerRow(0xC500_0021, None, (0xFFFF_FFFF_FFFF_FFFE, 1 << 63, 0xFFFF_FFFF_FFFF_FFFF, 1)),
            ]
        ),
        tuple(
            sorted(
                [
                    *ids_of(*PSCI, "PSCI_SYSTEM_RESET2", "TRNG_RND", *DISCOVER, "VENDOR_HYP_KVM_PTP", "FFA_ID_GET"),
                    *ids_of(
                        "TRNG_FEATURES", "FFA_RUN", "FFA_SUCCESS", "RHI_SESSION_SEND", "PCI_READ", "PV_TIME_FEATURES"
                    ),
                    *(0xC200_1234, 0x8200_1234, 0x0000_0007, 0xFFFF_FFFF),
                ]
            )
        ),
    ),
    registers=True,
)
NO_VMM_ANSWERS = VmmProgram((), ())
DISCOVERY = policy("discovery-only", VmmProgram(ordered(VENDOR_ANSWERS), ()))
VMM_PROGRAMS = (
    KVMTOOL_VMM,
    EVERYTHING,
    policy("kvmtool", KVMTOOL_VMM.vmm or NO_VMM_ANSWERS, registers=True),
    policy("trng", VmmProgram(ordered(TRNG_ANSWERS), tuple(ids_of("TRNG_RND")))),
    DISCOVERY,
    policy("discovery", VmmProgram(ordered(PSCI_ANSWERS), ()), registers=True),
    policy("handlers-only", VmmProgram((), tuple(ids_of("PSCI_CPU_ON/64")))),
)
"""One of each kind of text, with names of which one is a prefix of another."""

CALLS = sorted(
    fid
    for function in registry.functions()
    for start, stop in registry.function_ids(function)
    for fid in range(start, stop)
    if not any(first <= fid < end for first, end in RESERVED)
)
EVERY_CALL = policy("every-call", VmmProgram((), tuple(sorted(set(CALLS)))))


def drawn(seed: int) -> CompiledPolicy:
    """Return a policy whose VMM answers calls drawn at random, by rows or by handlers, and some IDs without a call."""
    random = Random(seed)  # noqa: S311 - repeatable, and no secret
    picked = set(random.sample(CALLS, random.randint(0, 12)))
    picked |= {fid ^ SMC64 for fid in picked if random.random() < 0.5}
    picked |= {fid | SVE_HINT for fid in picked if random.random() < 0.1}
    picked |= {random.choice(CALLS) + random.randint(-2, 2) for _ in range(random.randint(0, 4))}
    ids = sorted(fid for fid in picked if not any(first <= fid < end for first, end in RESERVED))
    handled = [fid for fid in ids if random.random() < 0.5] if random.random() < 0.9 else []
    answers: list[VmmAnswerRow] = []
    for fid in ids:
        if fid in handled:
            continue
        if random.random() < 0.5:
            answers.append(VmmAnswerRow(fid, None, registers(random)))
        else:
            about = {random.choice([*ids, *CALLS, 0, 0xFFFF_FFFF]) for _ in range(random.randint(1, 9))}
            answers += [VmmAnswerRow(fid, other, registers(random)) for other in about]
            handled += [fid] if random.random() < 0.3 else []
    if not ids:
        return policy(f"drawn-{seed}", KVMTOOL_VMM.vmm or NO_VMM_ANSWERS)
    return policy(
        f"drawn-{seed}", VmmProgram(ordered(answers), tuple(sorted(handled))), registers=random.random() < 0.5
    )


def registers(random: Random) -> Registers:
    def word() -> int:
        return random.choice(
            [0, 1, 0x1_0001, 0xFFFF_FFFF, random.getrandbits(32), random.getrandbits(64), (1 << 64) - 1]
        )

    return (word(), word(), word(), word())
