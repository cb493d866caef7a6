"""Power State Coordination Interface, Arm DEN0022.

An address is an intermediate physical one of the guest. Errors are as of PSCI 1.0 unless said otherwise.
"""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Returns, Signature

# fmt: off
_SOURCES = ("TFA lib/psci/psci_stat.c", "SMCCCRS src/psci/calls.rs")
_ERROR_SMC32 = CallValue(0, "status", 32, None, "only on error")
_STATUS = CallValue(0, "status", 32, 64, "0 SUCCESS or a negative error")
_ERROR = CallValue(0, "status", 32, 64, "only on error")
_TARGET_CPU = CallValue(1, "target_cpu", 32, 64, "MPIDR affinity fields of the target. SMC64: Aff3 in bits 39:32, Aff2 23:16, Aff1 15:8, Aff0 7:0. SMC32: Aff2 23:16, Aff1 15:8, Aff0 7:0. Every other bit must be zero.")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")
_ENTRY_POINT_ADDRESS = CallValue(1, "entry_point_address", 32, 64, "address at which the core (re)starts; an IPA for a guest")
_CONTEXT_ID = CallValue(2, "context_id", 32, 64, "value for X0 (R0) of the core when it starts at the entry point")
_INVALID_ADDRESS = CallError(-9, "INVALID_ADDRESS", "entry point not valid")
_POWER_STATE = CallValue(2, "power_state", 32, 32, "as CPU_SUSPEND")

SIGNATURES: dict[str, Signature] = {
    "PSCI_VERSION": Signature(
        arguments=(),
        results=(
            CallValue(0, "version", 32, None, "bits 31:16 major, 15:0 minor: 0.2 = 0x00000002, 1.0 = 0x00010000, 1.1 = 0x00010001, 1.2 = 0x00010002, 1.3 = 0x00010003"),
        ),
        errors=(),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_version",
            "L613 arch/arm64/kvm/psci.c",
            "LUAPI psci.h PSCI_VERSION_*",
        ),
        remarks=(
            ("encoding", "yes: major<<16 | minor, bits 63:32 zero"),
            ("encoding", "no: cannot be absent from 0.2 on; -1 is read by Linux as 65535.65535 and taken for a newer version"),
            ("note", "No SMC64 form: 0xC4000000 must be answered NOT_SUPPORTED. Same for PSCI_FEATURES of 0xC4000000."),
        ),
    ),
    "PSCI_CPU_SUSPEND": Signature(
        arguments=(
            CallValue(1, "power_state", 32, 32, "32-bit in both conventions. Original format: bits 15:0 StateID, 16 StateType (0 standby or retention, 1 power down), 25:24 PowerLevel, others zero. Extended format: bits 27:0 StateID, 30 StateType, others zero."),
            CallValue(2, "entry_point_address", 32, 64, "address at which the core (re)starts; an IPA for a guest; used only for a power-down state"),
            CallValue(3, "context_id", 32, 64, "value for X0 (R0) of the core when it starts at the entry point; used only for a power-down state"),
        ),
        results=(
            CallValue(0, "status", 32, 64, "0 SUCCESS after a standby state, or when a power-down was abandoned because a wake-up was pending; negative on error"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "power_state is not valid for the platform; before 1.0 also a bad entry point"),
            CallError(-9, "INVALID_ADDRESS", "entry point not valid (1.0 and later)"),
            CallError(-3, "DENIED", "OS-initiated mode only: the requested state conflicts with what the other cores are doing (1.0 and later)"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_cpu_suspend, psci_common.c",
            "RFA src/services/psci.rs cpu_suspend",
            'TFA commit "feat(psci): add support for OS-initiated mode" citing DEN0022D.b 4.2.3.2, 5.4.5, 6.3',
            "LUAPI psci.h power-state masks",
        ),
        returns=Returns.DEPENDS,
        returns_when="for a standby state, and for an abandoned power-down; a completed power-down does not return",
        flags=(
            (0, "1: OS-initiated mode supported"),
            (1, "0: original StateID format, 1: extended StateID format"),
        ),
        remarks=(
            ("note", "A power-down suspend restarts at the entry point with X0 = context_id instead of returning. A VMM may treat every state as standby (KVM: WFI, then 0)."),
        ),
    ),
    "PSCI_CPU_OFF": Signature(
        arguments=(),
        results=(_ERROR_SMC32,),
        errors=(
            CallError(-3, "DENIED", "a trusted OS is resident on this core and cannot move; the only error this call can give"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_cpu_off (asserts that DENIED is the only error)",
            "BAO src/arch/armv8/psci.c",
            "DEN0022F.b 5.5",
        ),
        returns=Returns.NEVER,
        remarks=(
            ("note", "PSCI 0.1 passed a power_state in X1; 0.2 and later have no argument. Linux still puts one in X1: ignore it. No SMC64 form."),
        ),
    ),
    "PSCI_CPU_ON": Signature(
        arguments=(
            _TARGET_CPU,
            CallValue(2, "entry_point_address", 32, 64, "address at which the core (re)starts; an IPA for a guest"),
            CallValue(3, "context_id", 32, 64, "value for X0 (R0) of the core when it starts at the entry point"),
        ),
        results=(_STATUS,),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "target_cpu names no core of the VM or has reserved bits set; before 1.0 also a bad entry point"),
            CallError(-9, "INVALID_ADDRESS", "entry point not valid (1.0 and later); an implementation may skip the check"),
            CallError(-4, "ALREADY_ON", "target is on; a core that names itself gets this"),
            CallError(-5, "ON_PENDING", "an earlier CPU_ON of the target has not finished"),
            CallError(-3, "DENIED", "firmware policy does not let the core be started; Linux keeps quiet about it (vCPU hotplug)", "medium"),
            CallError(-6, "INTERNAL_FAILURE", "the core could not be powered up for a physical reason"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_cpu_on, psci_on.c",
            "RFA src/services/psci.rs",
            "RMM runtime/rsi/psci.c (DENIED, INVALID_ADDRESS)",
            "L613 arch/arm64/kernel/psci.c cpu_psci_cpu_boot (EPERM is silent)",
            "KVMLIST2 (DEN0022D.b 5.6.2)",
            "SEL4 (DEN0022F.b 5.1.4, 5.6, 6.4)",
        ),
        remarks=(
            ("preserves", "The started core: all of PSTATE.DAIF masked, MMU and caches off, AArch64 EL1 (or the highest EL given to the guest), endianness of the caller, X0 = context_id, PC = entry point (DEN0022F.b 6.4, 6.4.3.3)."),
        ),
    ),
    "PSCI_AFFINITY_INFO": Signature(
        arguments=(
            CallValue(1, "target_affinity", 32, 64, "MPIDR affinity fields of the target. SMC64: Aff3 in bits 39:32, Aff2 23:16, Aff1 15:8, Aff0 7:0. SMC32: Aff2 23:16, Aff1 15:8, Aff0 7:0. Every other bit must be zero."),
            CallValue(2, "lowest_affinity_level", 32, 32, "0: all affinity fields are meant; 1: Aff0 ignored; 2: Aff0-1 ignored; 3: Aff0-2 ignored. From 1.0 levels above 0 are optional."),
        ),
        results=(
            CallValue(0, "state", 32, 64, "0 ON (some matching core is on), 1 OFF (all are off), 2 ON_PENDING; negative is an error"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "no core matches, or the level is not supported (1.0 and later: any level but 0 may get this)"),
            CallError(-8, "DISABLED", "the affinity instance is physically disabled", "unverified"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_affinity_info",
            "L613 arch/arm64/kvm/psci.c kvm_psci_vcpu_affinity_info",
            "RMM runtime/rsi/psci.c psci_affinity_info",
            "QEMU commit d5affb0d8677 (values after DEN0022 5.1.5)",
        ),
        remarks=(("note", "Ignored fields of target_affinity must be masked off before comparing (KVM does)."),),
    ),
    "PSCI_MIGRATE": Signature(
        arguments=(_TARGET_CPU,),
        results=(_STATUS,),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "there is no migratable trusted OS"),
            CallError(-2, "INVALID_PARAMETERS", "target_cpu names no core"),
            CallError(-3, "DENIED", "the trusted OS is uniprocessor and not migratable"),
            CallError(-6, "INTERNAL_FAILURE", "the trusted OS could not move"),
            CallError(-7, "NOT_PRESENT", "called on a core that does not host the trusted OS"),
        ),
        confidence="medium",
        sources=(
            "TFA lib/psci/psci_main.c psci_migrate",
            "RFA src/services/psci.rs (NOT_SUPPORTED always)",
            "SMCCCRS src/psci/error.rs",
        ),
        remarks=(("note", "A VM without a trusted OS answers NOT_SUPPORTED; KVM does."),),
    ),
    "PSCI_MIGRATE_INFO_TYPE": Signature(
        arguments=(),
        results=(
            CallValue(0, "migration_type", 32, None, "0 uniprocessor trusted OS that can migrate; 1 uniprocessor, cannot migrate; 2 multiprocessor trusted OS or none"),
        ),
        errors=(CallError(-1, "NOT_SUPPORTED", "means the same to a caller as 2"),),
        confidence="high",
        sources=(
            "TFA include/lib/psci/psci.h",
            "LUAPI psci.h PSCI_0_2_TOS_*",
            "L613 drivers/firmware/psci/psci.c psci_init_migrate",
            "SMCCCRS src/psci.rs",
        ),
    ),
    "PSCI_MIGRATE_INFO_UP_CPU": Signature(
        arguments=(),
        results=(
            CallValue(0, "mpidr", 32, 64, "MPIDR affinity fields of the core that hosts the uniprocessor trusted OS; only meaningful if the type is 0 or 1"),
        ),
        errors=(
            CallError(-2, "INVALID_PARAMETERS", "the type is not 0 or 1 (TF-A); elsewhere NOT_SUPPORTED", "medium"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=(
            "TFA lib/psci/psci_main.c psci_migrate_info_up_cpu",
            "L613 drivers/firmware/psci/psci.c",
            "RFA src/services/psci.rs",
        ),
    ),
    "PSCI_SYSTEM_OFF": Signature(
        arguments=(),
        results=(),
        errors=(),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_system_off.c",
            "L613 arch/arm64/kvm/psci.c (presets INTERNAL_FAILURE -6 in X0 in case the VMM resumes the vCPU)",
        ),
        returns=Returns.NEVER,
    ),
    "PSCI_SYSTEM_RESET": Signature(
        arguments=(),
        results=(),
        errors=(),
        confidence="high",
        sources=("TFA lib/psci/psci_system_off.c", "L613 arch/arm64/kvm/psci.c"),
        returns=Returns.NEVER,
    ),
    "PSCI_FEATURES": Signature(
        arguments=(
            CallValue(1, "psci_func_id", 32, None, "the full 32-bit function ID asked about, SMC32 or SMC64 form, or 0x80000000 for SMCCC_VERSION"),
        ),
        results=(
            CallValue(0, "flags", 32, None, "bit 31 clear: implemented, bits 30:0 feature flags (0 for most); -1: not implemented"),
        ),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "the function asked about is not implemented, or has no such form"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_features",
            "L613 arch/arm64/kvm/psci.c",
            "RFA src/services/psci.rs handle_features",
            "RMM runtime/rsi/psci.c psci_features",
            "XENLIST (DEN0022F.b 5.3.2)",
            "OP-TEE/optee_os pull request 3853 (SMCCC 1.1: report SMCCC_VERSION)",
        ),
        remarks=(
            ("encoding", "yes: 0, or the flags of the function asked about"),
            ("encoding", "no: -1 in all 64 bits of X0 on AArch64"),
            ("encoding", "never: 1 for plain yes"),
            ("note", "Compare the argument as a full ID of 32 bits (ignore bits 63:32). The answer must agree with what the call itself does (DEN0022F.b 5.3.2). Answer 0 for PSCI_VERSION, PSCI_FEATURES itself and SMCCC_VERSION."),
        ),
    ),
    "PSCI_CPU_FREEZE": Signature(
        arguments=(),
        results=(_ERROR_SMC32,),
        errors=(
            _NOT_SUPPORTED,
            CallError(-3, "DENIED", "a trusted OS resides on this core", "unverified"),
        ),
        confidence="medium",
        sources=(
            "SMCCCRS src/psci/calls.rs",
            "RFA src/services/psci.rs cpu_freeze (does not return on success)",
        ),
        returns=Returns.NEVER,
    ),
    "PSCI_CPU_DEFAULT_SUSPEND": Signature(
        arguments=(_ENTRY_POINT_ADDRESS, _CONTEXT_ID),
        results=(CallValue(0, "status", 32, 64, "as CPU_SUSPEND of a state that the implementation chose"),),
        errors=(
            _NOT_SUPPORTED,
            _INVALID_ADDRESS,
            CallError(-3, "DENIED", "OS-initiated mode, as for CPU_SUSPEND", "unverified"),
        ),
        confidence="medium",
        sources=("SMCCCRS src/psci/calls.rs", "RFA src/services/psci.rs cpu_default_suspend"),
        returns=Returns.DEPENDS,
        returns_when="as CPU_SUSPEND",
    ),
    "PSCI_NODE_HW_STATE": Signature(
        arguments=(
            _TARGET_CPU,
            CallValue(2, "power_level", 32, 32, "0 core, 1 and up its parents"),
        ),
        results=(CallValue(0, "state", 32, 64, "0 HW_ON, 1 HW_OFF, 2 HW_STANDBY; negative is an error"),),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETERS", "unknown target_cpu or power_level"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_node_hw_state",
            "RFA src/services/psci.rs node_hw_state",
            "SMCCCRS src/psci.rs",
        ),
    ),
    "PSCI_SYSTEM_SUSPEND": Signature(
        arguments=(_ENTRY_POINT_ADDRESS, _CONTEXT_ID),
        results=(CallValue(0, "status", 32, 64, "only on error, or 0 when the suspend was abandoned"),),
        errors=(
            _NOT_SUPPORTED,
            _INVALID_ADDRESS,
            CallError(-3, "DENIED", "another core is still on, or the platform does not allow it now"),
            CallError(-4, "ALREADY_ON", "other cores are on", "unverified"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_system_suspend",
            "RFA src/services/psci.rs system_suspend",
            "L613 arch/arm64/kvm/psci.c (exit SYSTEM_EVENT_SUSPEND with registers untouched)",
            "XENLIST",
        ),
        returns=Returns.DEPENDS,
        returns_when="on error only; resume starts at the entry point with X0 = context_id",
    ),
    "PSCI_SET_SUSPEND_MODE": Signature(
        arguments=(CallValue(1, "mode", 32, None, "0 platform-coordinated, 1 OS-initiated"),),
        results=(CallValue(0, "status", 32, None, "0 SUCCESS or a negative error"),),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "OS-initiated mode is not implemented"),
            CallError(-2, "INVALID_PARAMETERS", "mode is neither 0 nor 1"),
            CallError(-3, "DENIED", "to 1: some core is neither on nor the caller alone; to 0: the caller is not the only core on"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_main.c psci_set_suspend_mode",
            "RFA src/services/psci.rs set_suspend_mode",
            "LUAPI psci.h PSCI_1_0_SUSPEND_MODE_*",
        ),
    ),
    "PSCI_STAT_RESIDENCY": Signature(
        arguments=(_TARGET_CPU, _POWER_STATE),
        results=(
            CallValue(0, "residency", 32, 64, "microseconds in that state since cold boot, unsigned; 0 if the arguments are not valid"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_SOURCES,
        remarks=(
            ("note", "No invalid-parameter code: an invalid target or state gives 0. PSCI_FEATURES tells whether it exists."),
        ),
    ),
    "PSCI_STAT_COUNT": Signature(
        arguments=(_TARGET_CPU, _POWER_STATE),
        results=(
            CallValue(0, "count", 32, 64, "times that state was used since cold boot, unsigned; 0 if the arguments are not valid"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_SOURCES,
    ),
    "PSCI_SYSTEM_RESET2": Signature(
        arguments=(
            CallValue(1, "reset_type", 32, 32, "bit 31 clear: architectural, only 0 = SYSTEM_WARM_RESET is defined; bit 31 set: vendor type in bits 30:0"),
            CallValue(2, "cookie", 32, 64, "free for a vendor type"),
        ),
        results=(_ERROR,),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "the call, or MEM_PROTECT handling for a warm reset, is not available"),
            CallError(-2, "INVALID_PARAMETERS", "architectural type other than 0, or vendor type unknown"),
        ),
        confidence="high",
        sources=(
            "TFA lib/psci/psci_system_off.c psci_system_reset2",
            "L613 arch/arm64/kvm/psci.c",
            "LUAPI psci.h PSCI_1_1_RESET_TYPE_*",
        ),
        returns=Returns.NEVER,
    ),
    "PSCI_MEM_PROTECT": Signature(
        arguments=(CallValue(1, "enable", 32, None, "0 off, 1 (nonzero) on"),),
        results=(
            CallValue(0, "previous", 32, None, "state before this call: 0 was off, 1 was on; negative is an error"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=("TFA lib/psci/psci_mem_protect.c", "SMCCCRS src/psci/calls.rs mem_protect"),
        remarks=(("note", "The result is the PREVIOUS state, not a status."),),
    ),
    "PSCI_MEM_PROTECT_CHECK_RANGE": Signature(
        arguments=(
            CallValue(1, "base", 32, 64, "physical address (IPA)"),
            CallValue(2, "length", 32, 64, "bytes; 0 is denied by TF-A"),
        ),
        results=(CallValue(0, "status", 32, 64, "0 if the whole range is covered"),),
        errors=(
            _NOT_SUPPORTED,
            CallError(-3, "DENIED", "the range is not, or not wholly, covered"),
        ),
        confidence="high",
        sources=("TFA lib/psci/psci_mem_protect.c psci_mem_chk_range", "SMCCCRS src/psci/calls.rs"),
    ),
    "PSCI_SYSTEM_OFF2": Signature(
        arguments=(
            CallValue(1, "off_type", 32, 32, "0 or 1 (bit 0) = HIBERNATE_OFF; other values reserved"),
            CallValue(2, "cookie", 32, 64, "must be zero for HIBERNATE_OFF"),
        ),
        results=(_ERROR,),
        errors=(
            _NOT_SUPPORTED,
            CallError(-2, "INVALID_PARAMETERS", "type is neither 0 nor 1, or cookie is not 0"),
        ),
        confidence="high",
        sources=(
            "L613 arch/arm64/kvm/psci.c",
            "L613 include/uapi/linux/psci.h PSCI_1_3_OFF_TYPE_HIBERNATE_OFF = BIT(0)",
            "RFA src/services/psci.rs system_off2",
        ),
        returns=Returns.NEVER,
        flags=((0, "1: HIBERNATE_OFF supported"),),
        remarks=(
            ("note", "Issue F ALP1 numbered HIBERNATE_OFF 0; final F.b uses bit 0 (value 1) and lets 0 mean the same. Linux passes 0 because hypervisors exist that refuse 1: accept both."),
        ),
    ),
}
# fmt: on
