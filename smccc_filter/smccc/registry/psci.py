"""Power State Coordination Interface, Arm DEN0022, and the IDs that KVM chose for its PSCI 0.1.

PSCI 0.1 left the IDs to the platform. KVM's are outside SMCCC's layout: owner 21, which is reserved, with bits set that
must be zero.
"""

from smccc_filter.smccc.registry.rows import Function

_SOURCE = "L73 include/uapi/linux/psci.h; NOTE16 (DEN0022F.b, Table 17)"
_SPEC_0_1 = "DEN0022A, IDs chosen by KVM"
_MEANING_0_1 = "PSCI 0.1 with KVM's own IDs; in SMCCC terms fast, SMC32, OEN 21 (reserved), bits 23:16 = 0xC1 (invalid)"
_SOURCE_0_1 = "L73 arch/arm64/include/uapi/asm/kvm.h KVM_PSCI_FN_BASE; kvm/psci.c kvm_psci_0_1_call"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    # DEN0022
    Function("PSCI_VERSION",                 0x84000000, None,       "psci", "DEN0022", "0.2", "mandatory", "bits 31:16 major, 15:0 minor", _SOURCE, "high"),
    Function("PSCI_CPU_SUSPEND",             0x84000001, 0xC4000001, "psci", "DEN0022", "0.2", "mandatory", "suspend the calling core or a higher level", _SOURCE, "high"),
    Function("PSCI_CPU_OFF",                 0x84000002, None,       "psci", "DEN0022", "0.2", "mandatory", "power down the calling core", _SOURCE, "high"),
    Function("PSCI_CPU_ON",                  0x84000003, 0xC4000003, "psci", "DEN0022", "0.2", "mandatory", "power up a core at an entry point", _SOURCE, "high"),
    Function("PSCI_AFFINITY_INFO",           0x84000004, 0xC4000004, "psci", "DEN0022", "0.2", "mandatory", "power state of an affinity instance: 0 ON, 1 OFF, 2 ON_PENDING", _SOURCE, "high"),
    Function("PSCI_MIGRATE",                 0x84000005, 0xC4000005, "psci", "DEN0022", "0.2", "optional", "move a uniprocessor trusted OS to another core", _SOURCE, "high"),
    Function("PSCI_MIGRATE_INFO_TYPE",       0x84000006, None,       "psci", "DEN0022", "0.2", "optional", "trusted OS migration type: 0/1 UP, 2 not needed", _SOURCE, "high"),
    Function("PSCI_MIGRATE_INFO_UP_CPU",     0x84000007, 0xC4000007, "psci", "DEN0022", "0.2", "optional (mandatory with MIGRATE)", "MPIDR of the core with the UP trusted OS", _SOURCE, "high"),
    Function("PSCI_SYSTEM_OFF",              0x84000008, None,       "psci", "DEN0022", "0.2", "mandatory", "shut the system down", _SOURCE, "high"),
    Function("PSCI_SYSTEM_RESET",            0x84000009, None,       "psci", "DEN0022", "0.2", "mandatory", "cold reset", _SOURCE, "high"),
    Function("PSCI_FEATURES",                0x8400000A, None,       "psci", "DEN0022", "1.0", "mandatory from 1.0", "is a PSCI function (or SMCCC_VERSION) implemented, and its flags", _SOURCE, "high"),
    Function("PSCI_CPU_FREEZE",              0x8400000B, None,       "psci", "DEN0022", "1.0", "optional", "place the core in an implementation-defined low-power state", _SOURCE, "high"),
    Function("PSCI_CPU_DEFAULT_SUSPEND",     0x8400000C, 0xC400000C, "psci", "DEN0022", "1.0", "optional", "suspend without a power_state argument", _SOURCE, "high"),
    Function("PSCI_NODE_HW_STATE",           0x8400000D, 0xC400000D, "psci", "DEN0022", "1.0", "optional", "hardware power state of a node: 0 ON, 1 OFF, 2 STANDBY", _SOURCE, "high"),
    Function("PSCI_SYSTEM_SUSPEND",          0x8400000E, 0xC400000E, "psci", "DEN0022", "1.0", "optional", "suspend to RAM", _SOURCE, "high"),
    Function("PSCI_SET_SUSPEND_MODE",        0x8400000F, None,       "psci", "DEN0022", "1.0", "optional", "0 platform-coordinated, 1 OS-initiated", _SOURCE, "high"),
    Function("PSCI_STAT_RESIDENCY",          0x84000010, 0xC4000010, "psci", "DEN0022", "1.0", "optional", "microseconds spent in a power state", _SOURCE, "high"),
    Function("PSCI_STAT_COUNT",              0x84000011, 0xC4000011, "psci", "DEN0022", "1.0", "optional", "number of times a power state was used", _SOURCE, "high"),
    Function("PSCI_SYSTEM_RESET2",           0x84000012, 0xC4000012, "psci", "DEN0022", "1.1", "optional", "reset with type: bit 31 vendor, 0 = SYSTEM_WARM_RESET", _SOURCE, "high"),
    Function("PSCI_MEM_PROTECT",             0x84000013, None,       "psci", "DEN0022", "1.1", "optional", "overwrite memory on next reset, enable/disable", _SOURCE, "high"),
    Function("PSCI_MEM_PROTECT_CHECK_RANGE", 0x84000014, 0xC4000014, "psci", "DEN0022", "1.1", "optional", "is a range covered by MEM_PROTECT", _SOURCE, "high"),
    Function("PSCI_SYSTEM_OFF2",             0x84000015, 0xC4000015, "psci", "DEN0022", "1.3", "optional", "off with type; bit 0 HIBERNATE_OFF", _SOURCE, "high"),
    # PSCI 0.1 as KVM numbers it
    Function("KVM_PSCI_0_1_CPU_SUSPEND",     0x95C1BA5E, None,       "psci-0-1", _SPEC_0_1, "0.1", "optional", _MEANING_0_1, _SOURCE_0_1, "high"),
    Function("KVM_PSCI_0_1_CPU_OFF",         0x95C1BA5F, None,       "psci-0-1", _SPEC_0_1, "0.1", "implemented by KVM", _MEANING_0_1, _SOURCE_0_1, "high"),
    Function("KVM_PSCI_0_1_CPU_ON",          0x95C1BA60, None,       "psci-0-1", _SPEC_0_1, "0.1", "implemented by KVM", _MEANING_0_1, _SOURCE_0_1, "high"),
    Function("KVM_PSCI_0_1_MIGRATE",         0x95C1BA61, None,       "psci-0-1", _SPEC_0_1, "0.1", "optional", _MEANING_0_1, _SOURCE_0_1, "high"),
)
# fmt: on
