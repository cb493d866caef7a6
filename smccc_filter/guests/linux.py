"""How a Linux guest discovers its firmware, in the order in which it boots.

Every step hangs on the one before. One refused call early (PSCI_FEATURES, say) takes away all that follows it, and
nothing says so but the boot log; so the walk ends in what that log will hold.

Source: Linux 7.3.4 drivers/firmware/psci/psci.c.
"""

from smccc_filter.guests.beliefs import (
    ABSENT,
    PRESENT,
    Belief,
    BeliefTopic,
    Boot,
    BootStep,
    BootWalk,
    show_version,
)
from smccc_filter.guests.services import BEHIND_SMCCC_1_1, services
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import NOT_SUPPORTED, U32_MAX
from smccc_filter.kvm.psci import (
    CPU_SUSPEND,
    HIBERNATE_OFF,
    KVM_ARM_PSCI_1_0,
    MIGRATE_INFO_TYPE,
    PSCI_FEATURES,
    PSCI_VERSION,
    SMCCC_VERSION,
    SYSTEM_OFF2,
    SYSTEM_RESET2,
    SYSTEM_SUSPEND,
)

PSCI_1_X_CALLS = (
    (BeliefTopic.CPU_SUSPEND, CPU_SUSPEND),
    (BeliefTopic.SYSTEM_SUSPEND, SYSTEM_SUSPEND),
    (BeliefTopic.SYSTEM_RESET2, SYSTEM_RESET2),
    (BeliefTopic.SYSTEM_OFF2, SYSTEM_OFF2),
)
"""The SMC32 and the SMC64 form of each: Linux asks for that of its own width, ``PSCI_FN_NATIVE()``."""

NO_SMCCC_1_1 = Belief(BeliefTopic.SMCCC, "1.0", known=True)
"""What a guest takes for true that cannot ask, or is told that there is no SMCCC_VERSION."""


def boot(vm: VmSetup) -> Boot:
    """Walk discovery as Linux 7.3 does; an older guest takes the same steps, but finds KVM's services by HVC alone."""
    walk = BootWalk(vm)
    steps = psci(walk)
    order = list(BeliefTopic)
    beliefs = sorted(walk.beliefs, key=lambda belief: order.index(belief.topic))
    return Boot(vm.conduit, tuple(beliefs), tuple(walk.log), steps)


def psci(walk: BootWalk) -> tuple[BootStep, ...]:
    """Probe PSCI as ``psci_0_2_init()`` does, or take it from the devicetree."""
    if not walk.vm.machine.psci_0_2:
        walk.believe(BeliefTopic.PSCI, "0.1")
        walk.print("psci: Using PSCI v0.1 Function IDs from DT")
        no_psci_1_0(walk)
        return ()
    reply = walk.ask(PSCI_VERSION)
    version = KVM_ARM_PSCI_1_0
    if reply.registers is None:
        walk.believe_vmm(BeliefTopic.PSCI)
    else:
        version = reply.registers[0] & U32_MAX
        walk.believe(BeliefTopic.PSCI, show_version(version))
        walk.print(f"psci: PSCIv{show_version(version)} detected in firmware.")
        walk.print("psci: Using standard PSCI v0.2 function IDs")
    steps = [migrate_info_type(walk)]
    if version < KVM_ARM_PSCI_1_0:
        no_psci_1_0(walk)
    else:
        steps.append(smccc(walk))
        width = 0 if walk.vm.machine.aarch32 else 1
        steps.extend(psci_feature(walk, topic, forms[width]) for topic, forms in PSCI_1_X_CALLS)
    return (BootStep(PSCI_VERSION, 0, reply, tuple(steps)),)


def migrate_info_type(walk: BootWalk) -> BootStep:
    """Ask for a trusted OS as ``psci_init_migrate()`` does."""
    reply = walk.ask(MIGRATE_INFO_TYPE)
    if reply.registers is not None:
        refused = reply.registers[0] == NOT_SUPPORTED
        walk.print("psci: MIGRATE_INFO_TYPE not supported." if refused else "psci: Trusted OS migration not required")
    return BootStep(MIGRATE_INFO_TYPE, 0, reply)


def psci_feature(walk: BootWalk, topic: BeliefTopic, func_id: int) -> BootStep:
    """Ask PSCI_FEATURES about an optional call; Linux makes no SYSTEM_OFF2 that can't hibernate."""
    reply = walk.ask(PSCI_FEATURES, func_id)
    if reply.registers is None:
        walk.believe_vmm(topic)
    else:
        x0 = reply.registers[0]
        is_used = x0 != NOT_SUPPORTED and (topic is not BeliefTopic.SYSTEM_OFF2 or x0 & HIBERNATE_OFF)
        walk.believe(topic, PRESENT if is_used else ABSENT)
    return BootStep(PSCI_FEATURES, func_id, reply)


def smccc(walk: BootWalk) -> BootStep:
    """Find the SMCCC version as ``psci_init_smccc()`` does, and what is behind 1.1."""
    reply = walk.ask(PSCI_FEATURES, SMCCC_VERSION)
    steps: tuple[BootStep, ...] = ()
    if reply.registers is not None and reply.registers[0] == NOT_SUPPORTED:
        walk.beliefs.append(NO_SMCCC_1_1)
        walk.print("psci: SMC Calling Convention v1.0")
        walk.none(BEHIND_SMCCC_1_1)
    else:
        walk.sure = walk.sure and reply.registers is not None
        version = walk.ask(SMCCC_VERSION)
        x0 = version.constant[0]
        walk.believe(BeliefTopic.SMCCC, show_version(x0))
        walk.print(f"psci: SMC Calling Convention v{show_version(x0)}")
        steps = (BootStep(SMCCC_VERSION, 0, version, services(walk)),)
    return BootStep(PSCI_FEATURES, SMCCC_VERSION, reply, steps)


def no_psci_1_0(walk: BootWalk) -> None:
    """Go without PSCI_FEATURES: there is no optional call, and no SMCCC beyond 1.0."""
    walk.beliefs.append(NO_SMCCC_1_1)
    walk.none((*(topic for topic, _ in PSCI_1_X_CALLS), *BEHIND_SMCCC_1_1))
