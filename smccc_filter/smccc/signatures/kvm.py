"""KVM's vendor hypervisor calls, and those of pKVM."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_SOURCES = ("LHYP Documentation/virt/kvm/arm/hypercalls.rst",)
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")
_RESERVED_X2 = CallValue(2, "", None, 64, "must be zero")
_RESERVED_X3 = CallValue(3, "", None, 64, "must be zero")
_STATUS = CallValue(0, "status", None, 64, "0 SUCCESS")
_INVALID_PARAMETER = CallError(-3, "INVALID_PARAMETER", "bad address or reserved argument")

SIGNATURES: dict[str, Signature] = {
    "VENDOR_HYP_KVM_FEATURES": Signature(
        arguments=(),
        results=(
            CallValue(0, "functions_31_0", 32, None, "bit n = KVM function number n; 0 FEATURES, 1 PTP, 2 HYP_MEMINFO, 3 MEM_SHARE, 4 MEM_UNSHARE, 7 MMIO_GUARD"),
            CallValue(1, "functions_63_32", 32, None, "zero"),
            CallValue(2, "functions_95_64", 32, None, "bit 0 = 64 DISCOVER_IMPL_VER, bit 1 = 65 DISCOVER_IMPL_CPUS"),
            CallValue(3, "functions_127_96", 32, None, "zero"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "LHYP Documentation/virt/kvm/arm/hypercalls.rst",
            "L613 arch/arm64/kvm/hypercalls.c",
            "LKG drivers/firmware/smccc/kvm_guest.c",
        ),
        remarks=(
            ("encoding", "yes: four words of 32 bits; Linux takes the low half of each"),
            ("encoding", "no: -1 sets all bits of word 0: a guest would believe every function is there"),
            ("note", "All four registers must be written: stale X1-X3 advertise functions."),
        ),
    ),
    "VENDOR_HYP_KVM_PTP": Signature(
        arguments=(CallValue(1, "counter", 32, None, "0 KVM_PTP_VIRT_COUNTER, 1 KVM_PTP_PHYS_COUNTER"),),
        results=(
            CallValue(0, "wall_clock_high", 32, None, "upper 32 bits of host real time in ns"),
            CallValue(1, "wall_clock_low", 32, None, "lower 32 bits"),
            CallValue(2, "counter_high", 32, None, "upper 32 bits of the counter value"),
            CallValue(3, "counter_low", 32, None, "lower 32 bits"),
        ),
        errors=(
            CallError(-1, "NOT_SUPPORTED", "unknown counter, or the host clocksource is not the architected counter"),
        ),
        confidence="high",
        sources=(
            "L66 Documentation/virt/kvm/arm/ptp_kvm.rst",
            "L613 arch/arm64/kvm/hypercalls.c kvm_ptp_get_time",
        ),
        remarks=(
            ("note", "Success is told by bit 31 of X0 being clear. For the virtual counter subtract the offset of the VM."),
            ("word order", "X0 high, X1 low; X2 high, X3 low"),
        ),
    ),
    "VENDOR_HYP_KVM_HYP_MEMINFO": Signature(
        arguments=(
            CallValue(1, "", None, 64, "must be zero"),
            _RESERVED_X2,
            _RESERVED_X3,
        ),
        results=(CallValue(0, "granule", None, 64, "memory protection granule in bytes"),),
        errors=(CallError(-3, "INVALID_PARAMETER", "a reserved argument is not zero"),),
        confidence="high",
        sources=("LHYP Documentation/virt/kvm/arm/hypercalls.rst", "L613 tree, same file"),
        remarks=(("note", "Linux refuses a granule over PAGE_SIZE."),),
    ),
    "VENDOR_HYP_KVM_MEM_SHARE": Signature(
        arguments=(
            CallValue(1, "base", None, 64, "IPA of one granule to share with the host (read, write, execute)"),
            _RESERVED_X2,
            _RESERVED_X3,
        ),
        results=(_STATUS,),
        errors=(_INVALID_PARAMETER,),
        confidence="high",
        sources=_SOURCES,
    ),
    "VENDOR_HYP_KVM_MEM_UNSHARE": Signature(
        arguments=(
            CallValue(1, "base", None, 64, "IPA of one granule to take back"),
            _RESERVED_X2,
            _RESERVED_X3,
        ),
        results=(_STATUS,),
        errors=(_INVALID_PARAMETER,),
        confidence="high",
        sources=_SOURCES,
    ),
    "VENDOR_HYP_KVM_MMIO_GUARD": Signature(
        arguments=(
            CallValue(1, "base", None, 64, "IPA of one granule that the host may emulate as MMIO"),
            _RESERVED_X2,
            _RESERVED_X3,
        ),
        results=(_STATUS,),
        errors=(_INVALID_PARAMETER,),
        confidence="high",
        sources=_SOURCES,
        remarks=(("note", "Android numbers the same ID MMIO_GUARD_MAP."),),
    ),
    "VENDOR_HYP_KVM_DISCOVER_IMPL_VER": Signature(
        arguments=(),
        results=(
            _STATUS,
            CallValue(1, "version", None, 64, "bits 63:32 zero, 31:16 major, 15:0 minor: 1.0 = 0x10000"),
            CallValue(2, "count", None, 64, "number of target implementations, at least 1 for Linux to use them"),
            _RESERVED_X3,
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "LHYP commit 57e5cc9b8a39",
            "LKG drivers/firmware/smccc/kvm_guest.c kvm_arm_target_impl_cpu_init",
        ),
        remarks=(
            ("note", "No in-kernel handler: forwarded or denied. Linux allocates count entries at boot: bound it."),
        ),
    ),
    "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS": Signature(
        arguments=(
            CallValue(1, "index", None, 64, "0 to count - 1"),
            _RESERVED_X2,
            _RESERVED_X3,
        ),
        results=(
            _STATUS,
            CallValue(1, "midr_el1", None, 64, "of that implementation"),
            CallValue(2, "revidr_el1", None, 64, "of that implementation"),
            CallValue(3, "aidr_el1", None, 64, "of that implementation"),
        ),
        errors=(CallError(-3, "INVALID_PARAMETER", "index out of range or reserved argument not zero"),),
        confidence="high",
        sources=("LHYP commit 57e5cc9b8a39", "LKG drivers/firmware/smccc/kvm_guest.c"),
        remarks=(("note", "One failing index makes Linux drop the whole list."),),
    ),
}
# fmt: on
