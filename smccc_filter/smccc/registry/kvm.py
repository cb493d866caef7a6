"""KVM's vendor hypervisor calls, those of pKVM, and those that Android's kernels add.

``VENDOR_HYP_KVM_FEATURES`` reports function numbers 0 to 127 as one bitmap over both conventions, so Android's numbers
collide with upstream's there even where the IDs differ.
"""

from smccc_filter.smccc.registry.rows import PROVISIONAL, Function

_HYPERCALLS_RST = "Linux Documentation/virt/kvm/arm/hypercalls.rst"
_PROTECTED = "optional, pKVM protected guests"
_ANDROID_SPEC = "Android common kernel"
_ANDROID = "Android pKVM/KVM extension"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    # KVM
    Function("VENDOR_HYP_KVM_FEATURES",              0x86000000, None,       "kvm", _HYPERCALLS_RST, "before 6.4", "mandatory for the KVM UID", "bitmap of function numbers 0-127 in X0..X3 (32 each)", "L73 hypercalls.rst, hypercalls.c", "high"),
    Function("VENDOR_HYP_KVM_PTP",                   0x86000001, None,       "kvm", "Linux Documentation/virt/kvm/arm/hypercalls.rst, ptp_kvm.rst", "before 6.4", "optional", "wall clock plus virtual (0) or physical (1) counter", "L73 ptp_kvm.rst", "high"),
    Function("VENDOR_HYP_KVM_DISCOVER_IMPL_VER",     None,       0xC6000040, "kvm", _HYPERCALLS_RST, "6.15", "optional", "version and count of target CPU implementations; handled by the VMM, not in-kernel", "L73 hypercalls.rst; ML 6.15 pull text", "high"),
    Function("VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS",    None,       0xC6000041, "kvm", _HYPERCALLS_RST, "6.15", "optional", "MIDR/REVIDR/AIDR of one implementation; handled by the VMM", "L73 hypercalls.rst", "high"),
    Function("VENDOR_HYP_KVM_FEATURES_2",            None,       None,       "kvm", "L73 include/linux/arm-smccc.h", "<= 6.12", "number 127 defined, no function ID macro, no handler", "function number 127 (would be 0x8600007F/0xC600007F)", "L73, L612 arm-smccc.h", "high"),
    # pKVM
    Function("VENDOR_HYP_KVM_HYP_MEMINFO",           None,       0xC6000002, "pkvm", _HYPERCALLS_RST, "6.12 (guest driver present in 6.12)", _PROTECTED, "memory protection granule", "L73 hypercalls.rst", "high"),
    Function("VENDOR_HYP_KVM_MEM_SHARE",             None,       0xC6000003, "pkvm", _HYPERCALLS_RST, "6.12", _PROTECTED, "share a granule with the host", "L73 hypercalls.rst", "high"),
    Function("VENDOR_HYP_KVM_MEM_UNSHARE",           None,       0xC6000004, "pkvm", _HYPERCALLS_RST, "6.12", _PROTECTED, "unshare a granule", "L73 hypercalls.rst", "high"),
    Function("VENDOR_HYP_KVM_MMIO_GUARD",            None,       0xC6000007, "pkvm", _HYPERCALLS_RST, "6.12", _PROTECTED, "mark a granule as MMIO", "L73 hypercalls.rst", "high"),
    Function("VENDOR_HYP_KVM_PKVM_RESV_5_6_8_TO_63", None,       None,       "pkvm", "L73 include/linux/arm-smccc.h", "6.12", "reserved", "function numbers 5, 6 and 8-63 reserved for pKVM (0xC6000005, 0xC6000006, 0xC6000008-0xC600003F if SMC64)", "L73 arm-smccc.h ARM_SMCCC_KVM_FUNC_PKVM_RESV_*", "high"),
    # Android
    Function("ANDROID_KVM_GET_CUR_CPUFREQ",          0x86000041, None,       "kvm-android", _ANDROID_SPEC, "downstream", "optional", "Android pKVM/KVM extension; bit 65 of the FEATURES bitmap collides with upstream DISCOVER_IMPL_CPUS", "AOSP", "high"),
    Function("ANDROID_KVM_UTIL_HINT",                0x86000042, None,       "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_GUARD_INFO",          None,       0xC6000005, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_GUARD_ENROLL",        None,       0xC6000006, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_GUARD_MAP",           None,       0xC6000007, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_GUARD_UNMAP",         None,       0xC6000008, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MEM_RELINQUISH",           None,       0xC6000009, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_RGUARD_MAP",          None,       0xC600000A, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_MMIO_RGUARD_UNMAP",        None,       0xC600000B, "kvm-android", _ANDROID_SPEC, "downstream", "optional", _ANDROID, "AOSP", "high"),
    Function("ANDROID_KVM_DEV_REQ_PWR",              None,       0xC600003C, "kvm-android", _ANDROID_SPEC, "downstream", "optional", "turn the power of an assigned device on (X1 = 1) or off (X1 = 0)", "CROSVM devices/src/power/hvc.rs; an Android guest driver", "medium", status=PROVISIONAL, note="X2 names the device, by its MMIO address or by an identifier; the interface changed in March 2026"),
)
# fmt: on
