"""What a Linux guest probes once it has SMCCC 1.1: entropy, KVM's vendor calls, mitigations and stolen time.

Source: Linux 7.3.4 arch/arm64/include/asm/archrandom.h, drivers/firmware/smccc, arch/arm64/kernel/proton-pack.c and
paravirt.c, drivers/ptp/ptp_kvm_arm.c, drivers/virt/coco/pkvm-guest.
"""

from smccc_filter.guests.beliefs import (
    ABSENT,
    HOST_DECIDES,
    PAGE_DECIDES,
    PRESENT,
    Belief,
    BeliefTopic,
    BootStep,
    BootWalk,
    show_version,
)
from smccc_filter.guests.relations import is_trng_1_0
from smccc_filter.kvm.hypercalls import (
    KVM_UID,
    SMCCC_ARCH_FEATURES,
    SMCCC_ARCH_WORKAROUND_1,
    SMCCC_ARCH_WORKAROUND_2,
    SMCCC_ARCH_WORKAROUND_3,
    VENDOR_HYP_CALL_UID,
    VENDOR_HYP_KVM_FEATURES,
    VENDOR_HYP_KVM_PTP,
)
from smccc_filter.kvm.machine import SUCCESS, U32_MAX, Outcome, Registers
from smccc_filter.kvm.pkvm import PKVM_FEATURES, VENDOR_HYP_KVM_HYP_MEMINFO
from smccc_filter.kvm.pvtime import PV_TIME_FEATURES, PV_TIME_ST
from smccc_filter.kvm.trng import TRNG_VERSION

VENDOR_HYP_KVM_DISCOVER_IMPL_VER = 0xC600_0040
PTP_BIT = 1 << 1
IMPLEMENTATION_CPUS_BITS = 1 << 64 | 1 << 65
STOLEN_TIME_CALLS = ((SMCCC_ARCH_FEATURES, PV_TIME_FEATURES), (PV_TIME_FEATURES, PV_TIME_ST), (PV_TIME_ST, 0))
"""The calls by which a guest finds stolen time, and X1 of each. PV_TIME_ST gives an address that the VMM chose."""

BEHIND_KVM_SERVICES = (BeliefTopic.PTP, BeliefTopic.IMPLEMENTATION_CPUS, BeliefTopic.PKVM)
BEHIND_SMCCC_1_1 = (
    *(
        BeliefTopic.SPECTRE_V2,
        BeliefTopic.SPECTRE_V4,
        BeliefTopic.SPECTRE_BHB,
        BeliefTopic.TRNG,
        BeliefTopic.STOLEN_TIME,
        BeliefTopic.KVM_SERVICES,
    ),
    *BEHIND_KVM_SERVICES,
)
WORKAROUNDS = (
    (BeliefTopic.SPECTRE_V2, SMCCC_ARCH_WORKAROUND_1),
    (BeliefTopic.SPECTRE_V4, SMCCC_ARCH_WORKAROUND_2),
    (BeliefTopic.SPECTRE_BHB, SMCCC_ARCH_WORKAROUND_3),
)


ARM64_ALONE = (
    *(BeliefTopic.SPECTRE_V4, BeliefTopic.SPECTRE_BHB, BeliefTopic.STOLEN_TIME),
    *(BeliefTopic.IMPLEMENTATION_CPUS, BeliefTopic.PKVM),
)
"""What a 32-bit Linux does not look for: arch/arm has no code for it."""


def services(walk: BootWalk) -> tuple[BootStep, ...]:
    """Probe everything that is called by SMCCC 1.1."""
    steps = [trng(walk), kvm_services(walk)]
    for topic, func_id in WORKAROUNDS:
        if _looks_for(walk, topic):
            walk.beliefs.append(Belief(topic, HOST_DECIDES, known=False))
            steps.append(BootStep(SMCCC_ARCH_FEATURES, func_id, walk.ask(SMCCC_ARCH_FEATURES, func_id)))
    if _looks_for(walk, BeliefTopic.STOLEN_TIME):
        steps.append(stolen_time(walk))
    return tuple(steps)


def _looks_for(walk: BootWalk, topic: BeliefTopic) -> bool:
    """Tell whether the guest has code for a topic; of what it has none for, it finds nothing."""
    if walk.vm.machine.aarch32 and topic in ARM64_ALONE:
        walk.believe(topic, ABSENT)
        return False
    return True


def trng(walk: BootWalk) -> BootStep:
    """Probe as ``smccc_probe_trng()`` does."""
    reply = walk.ask(TRNG_VERSION)
    if reply.registers is None:
        walk.believe_vmm(BeliefTopic.TRNG, lasting=False)
    else:
        found = is_trng_1_0(reply.registers, TRNG_VERSION)
        walk.believe(BeliefTopic.TRNG, show_version(reply.registers[0]) if found else ABSENT)
    return BootStep(TRNG_VERSION, 0, reply)


def kvm_services(walk: BootWalk) -> BootStep:
    """Look for KVM's vendor calls as ``kvm_init_hyp_services()`` does.

    Where the VMM names the hypervisor and KVM's bitmap is refused, the guest is hardly meant to find KVM.
    """
    before = walk.sure
    uid = walk.ask(VENDOR_HYP_CALL_UID)
    steps: tuple[BootStep, ...] = ()
    if uid.registers is not None and uid.registers != KVM_UID:
        walk.believe(BeliefTopic.KVM_SERVICES, ABSENT)
        walk.none(BEHIND_KVM_SERVICES)
    else:
        walk.sure = walk.sure and uid.registers is not None
        features = walk.ask(VENDOR_HYP_KVM_FEATURES)
        children: tuple[BootStep, ...] = ()
        refused = uid.registers is None and features.for_guest is Outcome.NOT_SUPPORTED
        if features.registers is None or refused:
            for topic in (BeliefTopic.KVM_SERVICES, *BEHIND_KVM_SERVICES):
                if _looks_for(walk, topic):
                    walk.believe_vmm(topic, lasting=False)
        else:
            children = kvm_bitmap(walk, features.registers)
        steps = (BootStep(VENDOR_HYP_KVM_FEATURES, 0, features, children),)
    walk.sure = before
    return BootStep(VENDOR_HYP_CALL_UID, 0, uid, steps)


def kvm_bitmap(walk: BootWalk, registers: Registers) -> tuple[BootStep, ...]:
    """Act on the bitmap of VENDOR_HYP_KVM_FEATURES. NOT_SUPPORTED is not looked for: it has bits 0 to 31 set."""
    words = " ".join(f"0x{value:08x}" for value in reversed(registers))
    walk.believe(BeliefTopic.KVM_SERVICES, words)
    walk.print(f"smccc: KVM: hypervisor services detected ({words})")
    bitmap = sum((value & U32_MAX) << 32 * index for index, value in enumerate(registers))
    probes = (
        (BeliefTopic.PTP, PTP_BIT, VENDOR_HYP_KVM_PTP),
        (BeliefTopic.IMPLEMENTATION_CPUS, IMPLEMENTATION_CPUS_BITS, VENDOR_HYP_KVM_DISCOVER_IMPL_VER),
        (BeliefTopic.PKVM, PKVM_FEATURES, VENDOR_HYP_KVM_HYP_MEMINFO),
    )
    steps = []
    for topic, bits, func_id in probes:
        if not _looks_for(walk, topic):
            continue
        if bitmap & bits != bits:
            walk.believe(topic, ABSENT)
            continue
        reply = walk.ask(func_id)
        steps.append(BootStep(func_id, 0, reply))
        if reply.for_guest is Outcome.FORWARDED:
            walk.believe_vmm(topic, lasting=False)
        else:
            walk.believe(topic, PRESENT if reply.for_guest is Outcome.ANSWERED else ABSENT)
    return tuple(steps)


def stolen_time(walk: BootWalk, calls: tuple[tuple[int, int], ...] = STOLEN_TIME_CALLS) -> BootStep:
    """Look for stolen time as ``pv_time_init()`` does, from the first of ``calls`` on, each of which can end it."""
    (func_id, x1), *rest = calls
    reply = walk.ask(func_id, x1)
    steps: tuple[BootStep, ...] = ()
    if reply.for_guest is Outcome.FORWARDED:
        walk.believe_vmm(BeliefTopic.STOLEN_TIME, lasting=False)
    elif reply.registers is not None and reply.registers[0] != SUCCESS:
        walk.believe(BeliefTopic.STOLEN_TIME, ABSENT)
    elif rest:
        steps = (stolen_time(walk, tuple(rest)),)
    elif reply.by_vmm:
        walk.believe(BeliefTopic.STOLEN_TIME, PRESENT)
    elif walk.vm.machine.stolen_time is None:
        walk.beliefs.append(Belief(BeliefTopic.STOLEN_TIME, PAGE_DECIDES, known=False))
    else:
        walk.believe(BeliefTopic.STOLEN_TIME, PRESENT)
        walk.print("arm-pv: using stolen time PV")
    return BootStep(func_id, x1, reply, steps)
