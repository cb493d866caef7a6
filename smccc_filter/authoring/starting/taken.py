"""What a VMM may take over in a new policy.

Written out as it stands in the policy, so that nobody has to run the tool to read it.
"""

from smccc_filter.authoring.starting.shape import StartingPart, StartingRules

TAKEN: tuple[StartingPart, ...] = (
    StartingPart(
        name="psci",
        title="All of PSCI: CPUs and the system on and off, and what the guest is told about them",
        owned="PSCI",
        witness="PSCI_VERSION",
        rules=StartingRules(
            """\
  - name: psci
    action: forward
    # Every number that SMCCC sets aside for PSCI, in both calling conventions, not only the functions of today: one
    # that is defined tomorrow must not fall to KVM, which manages no CPU any more.
    services: [psci]
    vmm:
      version: "1.1"
      # What the VMM refuses is left out; discovery says so of it.
      implements:
        - PSCI_VERSION
        - PSCI_FEATURES
        - PSCI_CPU_ON
        - PSCI_CPU_OFF
        - PSCI_CPU_SUSPEND
        - PSCI_AFFINITY_INFO
        - PSCI_SYSTEM_OFF
        - PSCI_SYSTEM_RESET
    reason: Whether a CPU is on is known in one place only, the VMM.
""",
            ("PSCI_VERSION", "PSCI_FEATURES", "PSCI_CPU_ON", "PSCI_SYSTEM_OFF", "0x8400001F", "0xC400001F"),
        ),
        duties="""\
- Answer every number of the block, those that you do not implement with -1 (NOT_SUPPORTED) in X0.
- PSCI_FEATURES: 0 for what you implement, and for SMCCC_VERSION (argument 0x80000000). Told -1, a guest stays
  at SMCCC 1.0 and loses TRNG, stolen time and the firmware mitigations for Spectre.
- CPU_ON: reset the vCPU with KVM_ARM_VCPU_INIT, take PC and X0 from the caller's X2 and X3, then make it
  KVM_MP_STATE_RUNNABLE. Start every vCPU but the first with KVM_ARM_VCPU_POWER_OFF.
- CPU_OFF: make the vCPU KVM_MP_STATE_STOPPED. SYSTEM_OFF and SYSTEM_RESET: stop the other vCPUs yourself.
""",
    ),
    StartingPart(
        name="vcpu-hotplug",
        title="The power of single CPUs, to refuse those that are not plugged in",
        owned="CPU power",
        witness="PSCI_CPU_ON",
        rules=StartingRules(
            """\
  - name: cpu-power
    action: forward
    # A name means every ID of the call: PSCI_CPU_ON is 0x84000003 and 0xC4000003. Forwarding one form alone lets a
    # guest go around the VMM with the other.
    calls: [PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_AFFINITY_INFO, PSCI_CPU_SUSPEND]
    vmm:
      implements: all
    reason: These four share the state of a CPU, so they have one owner.
""",
            ("PSCI_CPU_ON", "PSCI_CPU_OFF", "PSCI_AFFINITY_INFO", "PSCI_CPU_SUSPEND"),
        ),
        duties="""\
- CPU_ON: -3 (DENIED) for a CPU that is not plugged in, -2 (INVALID_PARAMETERS) for one that will never be, -4
  (ALREADY_ON), else reset the vCPU with KVM_ARM_VCPU_INIT, take PC and X0 from the caller's X2 and X3, make it
  KVM_MP_STATE_RUNNABLE, and answer 0.
- CPU_OFF: make the caller KVM_MP_STATE_STOPPED; the call does not return.
- AFFINITY_INFO: 0 for on, 1 for off, 2 for on its way. CPU_SUSPEND: standby will do, KVM_MP_STATE_SUSPENDED
  until KVM_SYSTEM_EVENT_WAKEUP, then 0.
""",
    ),
    StartingPart(
        name="system-power",
        title="Power-off, reset and suspend of the whole VM, before anything stops",
        owned="system power",
        witness="PSCI_SYSTEM_OFF",
        rules=StartingRules(
            """\
  - name: system-power
    action: forward
    calls: [PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_SYSTEM_RESET2, PSCI_SYSTEM_SUSPEND]
    vmm:
      implements: all
    reason: Every way to end or to pause the VM. KVM's PSCI_FEATURES says that they exist, which stays true.
""",
            ("PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2", "PSCI_SYSTEM_SUSPEND"),
        ),
        duties="""\
- Enable KVM_CAP_ARM_SYSTEM_SUSPEND before the guest boots, or PSCI_FEATURES denies SYSTEM_SUSPEND and no guest
  will call it.
- Stop the other vCPUs yourself: unlike with KVM_EXIT_SYSTEM_EVENT, they go on running.
- Delay SYSTEM_OFF and the resets as you like, but do not refuse them: a Linux guest hangs where they return.
  SYSTEM_SUSPEND may be refused with an error in X0.
""",
        capabilities=("system_suspend",),
    ),
    StartingPart(
        name="trng",
        title="TRNG: entropy for the guest",
        owned="TRNG",
        witness="TRNG_RND",
        rules=StartingRules(
            """\
  - name: trng
    action: forward
    # With TRNG_VERSION left to KVM, which has the same service, the guest would be told of one and served by another.
    services: [trng]
    vmm:
      version: "1.0"
      implements: [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND]
    reason: Entropy comes from a source that the VMM chooses. Discovery moves with it.
""",
            ("TRNG_VERSION", "TRNG_FEATURES", "TRNG_GET_UUID", "TRNG_RND", "0x8400005F", "0xC400005F"),
        ),
        duties="""\
- TRNG_VERSION: 0x10000 in X0. TRNG_FEATURES: 0 for what you implement, else -1. TRNG_GET_UUID: an ID of your
  source, not KVM's.
- TRNG_RND: 0 in X0 and the bits in X1 to X3, the lowest in X3; -2 for more than 96 (SMC32) or 192 (SMC64), -3
  where there is no entropy now.
""",
    ),
    StartingPart(
        name="sdei",
        title="SDEI: events that reach a guest with its interrupts masked",
        owned="SDEI",
        witness="SDEI_VERSION",
        rules=StartingRules(
            """\
  - name: sdei
    action: forward
    services: [sdei]
    vmm:
      version: "1.0"
      # All of SDEI 1.0, which has no call that tells what else there is.
      implements:
        - SDEI_VERSION
        - SDEI_EVENT_REGISTER
        - SDEI_EVENT_ENABLE
        - SDEI_EVENT_DISABLE
        - SDEI_EVENT_CONTEXT
        - SDEI_EVENT_COMPLETE
        - SDEI_EVENT_COMPLETE_AND_RESUME
        - SDEI_EVENT_UNREGISTER
        - SDEI_EVENT_STATUS
        - SDEI_EVENT_GET_INFO
        - SDEI_EVENT_ROUTING_SET
        - SDEI_PE_MASK
        - SDEI_PE_UNMASK
        - SDEI_INTERRUPT_BIND
        - SDEI_INTERRUPT_RELEASE
        - SDEI_EVENT_SIGNAL
        - SDEI_PRIVATE_RESET
        - SDEI_SHARED_RESET
    reason: KVM has no such service. Registration, masking and completion share one state.
""",
            ("SDEI_VERSION", "SDEI_EVENT_REGISTER", "SDEI_EVENT_COMPLETE", "0x8400003F", "0xC400003F"),
        ),
        duties="""\
- Describe it to the guest: a device tree node "arm,sdei-1.0", or the ACPI SDEI table.
- Deliver an event while the vCPU is out of KVM_RUN, keep PC, PSTATE and X0 to X17 for SDEI_EVENT_COMPLETE, and
  honour SDEI_PE_MASK, which every vCPU starts with.
""",
    ),
    StartingPart(
        name="ffa",
        title="FF-A: messages and memory between partitions; Linux guests will not use it",
        owned="FF-A",
        witness="FFA_VERSION",
        rules=StartingRules(
            """\
  - name: ffa
    action: forward
    services: [ffa]
    vmm:
      # Take out or add as your partitions need. No `version`: it is negotiated, by a handler.
      implements:
        - FFA_VERSION
        - FFA_FEATURES
        - FFA_ID_GET
        - FFA_PARTITION_INFO_GET
        - FFA_RXTX_MAP
        - FFA_RXTX_UNMAP
        - FFA_RX_RELEASE
        - FFA_MSG_SEND_DIRECT_REQ
        - FFA_MEM_SHARE
        - FFA_MEM_RECLAIM
    reason: The interfaces refer to each other and share buffers, so they have one owner.
    allow:
      - code: F502
        reason: Meant for firmware and an RTOS, which call FFA_VERSION without looking for SMCCC 1.2 first.
""",
            ("FFA_VERSION", "FFA_FEATURES", "FFA_MSG_SEND_DIRECT_REQ", "0x840000EF", "0xC40000EF"),
        ),
        duties="""\
- FFA_VERSION: the caller's version is in X1, yours goes into X0. Results are calls themselves: FFA_SUCCESS
  (0x84000061) or FFA_ERROR (0x84000060) in X0, values from X1 on.
- Arguments take X0 to X7, and X0 to X17 from FF-A 1.2 on. Check every address in guest memory before use.
""",
    ),
    StartingPart(
        name="optee",
        title="OP-TEE: a Trusted OS that the VMM plays or mediates",
        owned="OP-TEE",
        witness="OPTEE_CALL_WITH_ARG",
        rules=StartingRules(
            """\
  - name: optee
    action: forward
    # One by one: the service trusted-os would forward the calls of every other Trusted OS as well.
    calls:
      - OPTEE_CALLS_COUNT
      - OPTEE_CALLS_UID
      - OPTEE_CALLS_REVISION
      - OPTEE_GET_OS_UUID
      - OPTEE_GET_OS_REVISION
      - OPTEE_GET_SHM_CONFIG
      - OPTEE_EXCHANGE_CAPABILITIES
      - OPTEE_DISABLE_SHM_CACHE
      - OPTEE_ENABLE_SHM_CACHE
      - OPTEE_GET_THREAD_COUNT
      - OPTEE_ENABLE_ASYNC_NOTIF
      - OPTEE_GET_ASYNC_NOTIF_VALUE
      - OPTEE_CALL_WITH_ARG
      - OPTEE_CALL_WITH_RPC_ARG
      - OPTEE_CALL_WITH_REGD_ARG
      - OPTEE_RETURN_FROM_RPC
    vmm:
      implements: all
    reason: How the guest's driver finds OP-TEE, sets it up (fast calls), and works with it (yielding calls).
""",
            (
                *("OPTEE_CALLS_COUNT", "OPTEE_CALLS_UID", "OPTEE_CALLS_REVISION", "OPTEE_GET_OS_UUID"),
                *("OPTEE_GET_OS_REVISION", "OPTEE_GET_SHM_CONFIG", "OPTEE_EXCHANGE_CAPABILITIES"),
                *("OPTEE_DISABLE_SHM_CACHE", "OPTEE_ENABLE_SHM_CACHE", "OPTEE_GET_THREAD_COUNT"),
                *("OPTEE_ENABLE_ASYNC_NOTIF", "OPTEE_GET_ASYNC_NOTIF_VALUE", "OPTEE_CALL_WITH_ARG"),
                *("OPTEE_CALL_WITH_RPC_ARG", "OPTEE_CALL_WITH_REGD_ARG", "OPTEE_RETURN_FROM_RPC"),
            ),
        ),
        duties="""\
- Describe it to the guest: a device tree node "linaro,optee-tz".
- OPTEE_CALLS_UID: 384fb3e0-e7f8-11e3-af63-0002a5d5c51b, the first thing that Linux checks.
- Arguments lie in guest memory whose address the registers hold: check every one. A yielding call may return
  for an RPC, and the guest comes back with OPTEE_RETURN_FROM_RPC.
""",
    ),
    StartingPart(
        name="sip",
        title="SiP: calls of the silicon provider, owner 2",
        owned="the silicon provider's calls",
        witness="0x82000000",
        rules=StartingRules(
            """\
  - name: silicon-provider
    action: forward
    # Fewer would be better: name the calls or the ranges that your machine has, such as ranges: [0x82000000+4].
    services: [sip]
    reason: KVM has no calls here. The VMM plays the firmware of the machine that it emulates.
""",
            ("0x82000000", "0x8200FFFF", "0xC2000000", "0xC200FFFF"),
        ),
        duties="""\
- Answer -1 (NOT_SUPPORTED) in X0 to every call that the machine does not have.
""",
    ),
)
"""What a VMM may answer itself, in the order in which people are asked."""

SUBSUMED = {"psci": ("vcpu-hotplug", "system-power")}
"""What a part already contains."""
