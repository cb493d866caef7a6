"""What the names of Linux's headers stand for in C and in bindings of Rust: exactly what their macros expand to.

The names of calls are the registry's. Here are the struct of an entry, and the bases, fields and actions that people
build entries of.
"""

from collections.abc import Callable, Mapping
from functools import cache

from smccc_filter.kvm.uapi import SmcccFilterAction
from smccc_filter.smccc.function_id import NUMBER_MASK, OWNER_MASK, OWNER_SHIFT
from smccc_filter.smccc.registry import functions
from smccc_filter.smccc.registry.aliases import ALIASES

STRUCT = "kvm_smccc_filter"
VALUE_FIELDS = ("base", "nr_functions", "action")
STRUCT_FIELDS = (*VALUE_FIELDS, "pad")
"""``struct kvm_smccc_filter``, arch/arm64/include/uapi/asm/kvm.h: its fields in order, and those without padding."""

ACTIONS = {
    "KVM_SMCCC_FILTER_HANDLE": SmcccFilterAction.HANDLE,
    "KVM_SMCCC_FILTER_DENY": SmcccFilterAction.DENY,
    "KVM_SMCCC_FILTER_FWD_TO_USER": SmcccFilterAction.FWD_TO_USER,
}
"""``enum kvm_smccc_filter_action``, arch/arm64/include/uapi/asm/kvm.h."""
BINDGEN = "kvm_smccc_filter_action_"
"""What bindgen puts before the names of that enum: rust-vmm's kvm-bindings and crosvm's kvm_sys."""

TYPE_SHIFT, CALL_CONV_SHIFT = 31, 30
BASES: Mapping[str, int] = {
    # include/uapi/linux/psci.h
    "PSCI_0_2_FN_BASE": 0x84000000,
    "PSCI_0_2_64BIT": 0x40000000,
    "PSCI_0_2_FN64_BASE": 0xC4000000,
    # arch/arm64/include/uapi/asm/kvm.h
    "KVM_PSCI_FN_BASE": 0x95C1BA5E,
    # include/uapi/linux/arm_sdei.h
    "SDEI_1_0_FN_BASE": 0xC4000020,
    # include/linux/arm-smccc.h
    "ARM_SMCCC_STD_CALL": 0,
    "ARM_SMCCC_FAST_CALL": 1,
    "ARM_SMCCC_TYPE_SHIFT": TYPE_SHIFT,
    "ARM_SMCCC_SMC_32": 0,
    "ARM_SMCCC_SMC_64": 1,
    "ARM_SMCCC_CALL_CONV_SHIFT": CALL_CONV_SHIFT,
    "ARM_SMCCC_OWNER_MASK": OWNER_MASK,
    "ARM_SMCCC_OWNER_SHIFT": OWNER_SHIFT,
    "ARM_SMCCC_FUNC_MASK": NUMBER_MASK,
    "ARM_SMCCC_OWNER_ARCH": 0,
    "ARM_SMCCC_OWNER_CPU": 1,
    "ARM_SMCCC_OWNER_SIP": 2,
    "ARM_SMCCC_OWNER_OEM": 3,
    "ARM_SMCCC_OWNER_STANDARD": 4,
    "ARM_SMCCC_OWNER_STANDARD_HYP": 5,
    "ARM_SMCCC_OWNER_VENDOR_HYP": 6,
    "ARM_SMCCC_OWNER_TRUSTED_APP": 48,
    "ARM_SMCCC_OWNER_TRUSTED_APP_END": 49,
    "ARM_SMCCC_OWNER_TRUSTED_OS": 50,
    "ARM_SMCCC_OWNER_TRUSTED_OS_END": 63,
    "ARM_SMCCC_FUNC_QUERY_CALL_UID": 0xFF01,
    "ARM_SMCCC_KVM_FUNC_FEATURES": 0,
    "ARM_SMCCC_KVM_FUNC_PTP": 1,
    "ARM_SMCCC_KVM_FUNC_HYP_MEMINFO": 2,
    "ARM_SMCCC_KVM_FUNC_MEM_SHARE": 3,
    "ARM_SMCCC_KVM_FUNC_MEM_UNSHARE": 4,
    "ARM_SMCCC_KVM_FUNC_MMIO_GUARD": 7,
    "ARM_SMCCC_KVM_FUNC_DISCOVER_IMPL_VER": 64,
    "ARM_SMCCC_KVM_FUNC_DISCOVER_IMPL_CPUS": 65,
    "ARM_SMCCC_KVM_NUM_FUNCS": 128,
}
"""Linux 7.3.4."""

DEFINED = frozenset({"__linux__", "__aarch64__", "__LP64__", "KVM_ARM_VM_SMCCC_CTRL", "KVM_ARM_VM_SMCCC_FILTER"})
"""Macros that are defined wherever there is a filter: 64-bit arm64, with headers that have it (Linux 6.4)."""


def arm_smccc_call_val(call_type: int, convention: int, owner: int, number: int) -> int | None:
    """Put an ID together as ``ARM_SMCCC_CALL_VAL`` of include/linux/arm-smccc.h does; ``None`` for no such field."""
    if call_type > 1 or convention > 1:
        return None
    fields = call_type << TYPE_SHIFT | convention << CALL_CONV_SHIFT
    return fields | (owner & OWNER_MASK) << OWNER_SHIFT | number & NUMBER_MASK


MACROS: Mapping[str, tuple[int, Callable[..., int | None]]] = {
    "ARM_SMCCC_CALL_VAL": (4, arm_smccc_call_val),
    "KVM_PSCI_FN": (1, lambda n: BASES["KVM_PSCI_FN_BASE"] + n),
    "PSCI_0_2_FN": (1, lambda n: BASES["PSCI_0_2_FN_BASE"] + n),
    "PSCI_0_2_FN64": (1, lambda n: BASES["PSCI_0_2_FN64_BASE"] + n),
    "SDEI_1_0_FN": (1, lambda n: BASES["SDEI_1_0_FN_BASE"] + n),
}
"""Macros with arguments: how many, and what they make of them; ``None`` where the arguments can't be meant."""


def value_of(name: str) -> int | None:
    """Return what a name of Linux's headers stands for; ``None`` for any other name."""
    found = BASES.get(name)
    if found is None:
        found = ACTIONS.get(name.removeprefix(BINDGEN))
    if found is None:
        found = ALIASES.get(name)
    return _ffa().get(name) if found is None else found


def redefined(name: str, given: int, known: int) -> tuple[str, str]:
    """Say, as message and hint, that a source gives a name of Linux another value."""
    message = f"`{name}` is {given:#x} here, and {known:#x} in Linux's headers: what the source says is taken"
    return message, "give it Linux's value, or a name of its own if this is meant"


@cache
def _ffa() -> dict[str, int]:
    """Return the names of include/linux/arm_ffa.h that mean every form in a policy, and the SMC32 form in C."""
    return {row.name: row.smc32 for row in functions() if row.service == "ffa" and row.smc32 is not None}
