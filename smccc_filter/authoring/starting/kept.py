"""What becomes of the rest in a new policy: what a guest may go without, and what KVM keeps.

Written out as it stands in the policy, so that nobody has to run the tool to read it.
"""

from smccc_filter.authoring.starting.shape import KeptRules, StartingPart, StartingRules

HIDDEN: tuple[StartingPart, ...] = (
    StartingPart(
        name="pv-time",
        title="Stolen time: how long a vCPU waited for a host CPU",
        owned="stolen time",
        witness="PV_TIME_ST",
        rules=StartingRules("", ()),
    ),
    StartingPart(
        name="vendor-hyp",
        title="KVM's vendor services: its UID, its feature bitmap and its PTP clock",
        owned="KVM's vendor services",
        witness="VENDOR_HYP_CALL_UID",
        rules=StartingRules(
            """\
  - name: vendor-services
    action: deny
    # The register hides what KVM has today; this closes the range to what a kernel to come may add.
    services: [vendor-hyp]
    reason: The guest must not tell KVM from another hypervisor.
""",
            ("VENDOR_HYP_CALL_UID", "VENDOR_HYP_KVM_FEATURES", "0x8600FFFF", "0xC600FFFF"),
        ),
    ),
)
"""What a guest may go without where everything else is left to KVM: hidden by a register, and where possible closed."""

PSCI_0_1 = StartingRules(
    """\
  - name: psci-0-1
    action: deny
    services: [psci-0-1]
    reason: KVM answers these on a vCPU without KVM_ARM_VCPU_PSCI_0_2, and would start a CPU that the VMM holds off.
""",
    ("KVM_PSCI_0_1_CPU_ON",),
)
"""What must be closed where the VMM has PSCI."""

KEPT: tuple[KeptRules, ...] = (
    KeptRules(
        StartingRules(
            """\
  - name: discovery
    action: handle
    calls: [PSCI_VERSION, PSCI_FEATURES, PSCI_MIGRATE_INFO_TYPE]
    reason: How a guest finds PSCI and SMCCC 1.1, and with that its mitigations. Denied, all of it is gone.
""",
            ("PSCI_VERSION", "PSCI_FEATURES", "PSCI_MIGRATE_INFO_TYPE"),
        ),
        unless=("psci",),
    ),
    KeptRules(
        StartingRules(
            """\
  - name: cpus
    action: handle
    calls: [PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND, PSCI_AFFINITY_INFO]
    reason: Secondary CPUs, CPU hotplug within the guest, and idle states. They share one state and stay together.
""",
            ("PSCI_CPU_ON", "PSCI_CPU_OFF", "PSCI_CPU_SUSPEND", "PSCI_AFFINITY_INFO"),
        ),
        unless=("psci", "vcpu-hotplug"),
    ),
    KeptRules(
        StartingRules(
            """\
  - name: system
    action: handle
    calls: [PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_SYSTEM_RESET2]
    reason: Power-off and reboot. A guest that may not make these calls hangs at the end of its shutdown.
""",
            ("PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2"),
        ),
        unless=("psci", "system-power"),
    ),
    KeptRules(
        StartingRules(
            """\
  - name: entropy
    action: handle
    calls: [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND]
    reason: Seeds the guest's generator at boot, before it has any other source.
""",
            ("TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND"),
        ),
        unless=("trng",),
    ),
    KeptRules(
        StartingRules(
            """\
  - name: cpu-errata
    action: handle
    services: [cpu]
    reason: Workarounds for errata of single CPUs live here. A kernel that learns one should not be stopped by a filter.
""",
            ("CPU_WORKAROUND_4193714", "0x8100FFFF", "0xC1000000"),
        )
    ),
)
"""What KVM goes on answering where everything else is denied."""
