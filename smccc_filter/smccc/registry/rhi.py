"""Realm Host Interface, Arm DEN0148: what a Realm asks of the host that runs it.

A Realm makes these calls with ``RSI_HOST_CALL``, the function ID in its first general register, and KVM hands them on
as it does an HVC, so that a filter decides them. Every call is SMC64.
"""

from smccc_filter.smccc.registry.rows import PROVISIONAL, Function

_SUITE = "ACS val/common/inc/val_rhi.h; ACS val/host/src/val_host_rhi.c"
_FEATURES = "ACS plat/common/inc/pal_rhi.h; ACS val/host/src/val_host_rhi.c"
_SCENARIOS = "ACS val/common/inc/val_rhi.h; ACS val/host/src/val_host_rhi.c; ACS docs/rhi_scenarios.md"
_SUITE_AND_DEVICE_PATCHES = "ACS val/common/inc/val_rhi.h; ACS val/host/src/val_host_rhi.c; LDA patches 4 to 11"
_FEATURES_AND_DEVICE_PATCHES = "ACS plat/common/inc/pal_rhi.h; ACS val/host/src/val_host_rhi.c; LDA patches 4 to 11"
_SUITE_AND_HOST_PATCHES = "ACS val/common/inc/val_rhi.h; ACS val/host/src/val_host_rhi.c; LHC arch/arm64/kernel/rhi.c"
_FEATURES_AND_HOST_PATCHES = (
    "ACS plat/common/inc/pal_rhi.h; ACS val/host/src/val_host_rhi.c; LHC arch/arm64/kernel/rhi.c"
)
_NOTE = "a Realm makes it with RSI_HOST_CALL; the Linux patches for it are not merged, and drafts numbered some calls otherwise"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("RHI_SESSION_VERSION",                   None, 0xC5000040, "rhi", "DEN0148", "1.0", "unverified", "version of the session calls", _SUITE, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_SESSION_FEATURES",                  None, 0xC5000041, "rhi", "DEN0148", "1.0", "unverified", "which session calls and connection modes there are", _FEATURES, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_SESSION_OPEN",                      None, 0xC5000042, "rhi", "DEN0148", "1.0", "unverified", "open a session with a peer of the Realm through the host", _SCENARIOS, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_SESSION_CLOSE",                     None, 0xC5000043, "rhi", "DEN0148", "1.0", "unverified", "close a session", _SCENARIOS, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_SESSION_SEND",                      None, 0xC5000044, "rhi", "DEN0148", "1.0", "unverified", "send bytes of a shared buffer over a session", _SCENARIOS, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_SESSION_RECEIVE",                   None, 0xC5000045, "rhi", "DEN0148", "1.0", "unverified", "receive bytes of a session into a shared buffer", _SCENARIOS, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_FAL_VERSION",                       None, 0xC5000046, "rhi", "DEN0148", "1.0", "unverified", "version of the calls for the firmware activity log", _SUITE, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_FAL_FEATURES",                      None, 0xC5000047, "rhi", "DEN0148", "1.0", "unverified", "which calls for the firmware activity log there are", _FEATURES, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_FAL_GET_SIZE",                      None, 0xC5000048, "rhi", "DEN0148", "1.0", "unverified", "size of the firmware activity log", _SUITE, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_FAL_READ",                          None, 0xC5000049, "rhi", "DEN0148", "1.0", "unverified", "read the firmware activity log into a shared buffer", _SUITE, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VERSION",                        None, 0xC500004A, "rhi", "DEN0148", "1.0", "unverified", "version of the device assignment calls", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_FEATURES",                       None, 0xC500004B, "rhi", "DEN0148", "1.0", "unverified", "which device assignment calls there are", _FEATURES_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_OBJECT_SIZE",                    None, 0xC500004C, "rhi", "DEN0148", "1.0", "unverified", "size of an object that the host keeps of a device: certificate, measurements, report", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_OBJECT_READ",                    None, 0xC500004D, "rhi", "DEN0148", "1.0", "unverified", "read an object that the host keeps of a device into a shared buffer", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_HOSTCONF_VERSION",                  None, 0xC500004E, "rhi", "DEN0148", "1.0", "unverified", "version of the host configuration calls", _SUITE_AND_HOST_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_HOSTCONF_FEATURES",                 None, 0xC500004F, "rhi", "DEN0148", "1.0", "unverified", "which host configuration calls there are", _FEATURES_AND_HOST_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_HOSTCONF_GET_IPA_CHANGE_ALIGNMENT", None, 0xC5000050, "rhi", "DEN0148", "1.0", "unverified", "alignment that the host needs where memory changes between shared and protected", _SUITE_AND_HOST_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_CONTINUE",                  None, 0xC5000051, "rhi", "DEN0148", "1.0", "unverified", "go on with an operation on a device that was incomplete", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_GET_MEASUREMENTS",          None, 0xC5000052, "rhi", "DEN0148", "1.0", "unverified", "have the host fetch a device's measurements", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_GET_INTERFACE_REPORT",      None, 0xC5000053, "rhi", "DEN0148", "1.0", "unverified", "have the host fetch a device's interface report", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_SET_TDI_STATE",             None, 0xC5000054, "rhi", "DEN0148", "1.0", "unverified", "have the host unlock, lock or run a device interface", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_P2P_UNBIND",                None, 0xC5000055, "rhi", "DEN0148", "1.0", "unverified", "have the host end peer-to-peer access between two devices", _SCENARIOS, "medium", status=PROVISIONAL, note=_NOTE),
    Function("RHI_DA_VDEV_ABORT",                     None, 0xC5000056, "rhi", "DEN0148", "1.0", "unverified", "abort an operation on a device", _SUITE_AND_DEVICE_PATCHES, "high", status=PROVISIONAL, note=_NOTE),
)
# fmt: on
