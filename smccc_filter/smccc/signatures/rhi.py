"""Realm Host Interface, Arm DEN0148.

Results go back in the general registers of ``RSI_HOST_CALL``. Errors are positive, but for a call that is not there.
"""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_SUITE = ("ACS val/common/inc/val_rhi.h", "ACS val/host/src/val_host_rhi.c")
_FEATURES = ("ACS plat/common/inc/pal_rhi.h", "ACS val/host/src/val_host_rhi.c")
_SCENARIOS = ("ACS val/common/inc/val_rhi.h", "ACS val/host/src/val_host_rhi.c", "ACS docs/rhi_scenarios.md")
_DEVICE_PATCHES = ("ACS val/common/inc/val_rhi.h", "ACS val/host/src/val_host_rhi.c", "LDA patches 4 to 11")
_HOST_PATCHES = ("ACS val/common/inc/val_rhi.h", "ACS val/host/src/val_host_rhi.c", "LHC arch/arm64/kernel/rhi.c")
_VERSION = CallValue(0, "version", None, 64, "31:16 major, 15:0 minor: 0x00010000")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "unknown call or group: all 64 bits set", "high")
_SESSION_ID = CallValue(1, "session_id", None, 64, "0 on the first OPEN, then the ID it gave")
_SAME_SESSION = CallValue(1, "session_id", None, 64, "the session")
_STATUS = CallValue(0, "status", None, 64, "0 SUCCESS or a positive error")
_STATE = CallValue(2, "state", None, 64, "0 UNCONNECTED, 1 CONNECTION_IN_PROGRESS, 2 CONNECTION_ESTABLISHED, 3 IO_IN_PROGRESS, 4 IO_COMPLETE, 5 BUFFER_SIZE_DETERMINED, 6 CONNECTION_CLOSE_IN_PROGRESS")
_PEER_NOT_AVAILABLE = CallError(1, "PEER_NOT_AVAILABLE", "the peer cannot be reached")
_INVALID_STATE_FOR_OPERATION = CallError(2, "INVALID_STATE_FOR_OPERATION", "the session state forbids the call")
_INVALID_SESSION_ID = CallError(3, "INVALID_SESSION_ID", "not 0 on the first OPEN, or not the current session")
_OFFSET = CallValue(4, "offset", None, 64, "into the buffer")
_ACCESS_FAILED = CallError(4, "ACCESS_FAILED", "buffer IPA is 0, not page-aligned, not shared, or too small")
_BUFFER_FAILED = CallError(8, "ACCESS_FAILED", "buffer IPA not usable")
_VDEV_ID = CallValue(1, "vdev_id", None, 64, "virtual device, the routing ID in Linux")
_OBJECT_TYPE = CallValue(2, "object_type", None, 64, "0 VCA, 1 certificate, 2 measurements, 3 interface report, 4 extension evidence")
_DATA_NOT_AVAILABLE = CallError(2, "DATA_NOT_AVAILABLE", "the object is not cached")
_INVALID_VDEV_ID = CallError(3, "INVALID_VDEV_ID", "unknown device")
_INVALID_OBJECT = CallError(4, "INVALID_OBJECT", "unknown object type, or unknown TDI state in the ACS")
_OBJECT_UNSUPPORTED = CallError(11, "OBJECT_UNSUPPORTED", "known object type, not offered (ACS only)")
_INCOMPLETE = CallError(1, "INCOMPLETE", "go on with VDEV_CONTINUE and the cookie of X1")
_DEVICE = CallError(6, "DEVICE", "the device failed")
_BUSY = CallError(9, "BUSY", "try again")
_COOKIE = CallValue(1, "cookie", None, 64, "for VDEV_CONTINUE, when INCOMPLETE")

SIGNATURES: dict[str, Signature] = {
    "RHI_SESSION_VERSION": Signature(
        arguments=(),
        results=(_VERSION,),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SUITE,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_SESSION_FEATURES": Signature(
        arguments=(),
        results=(
            CallValue(0, "calls", None, 64, "bit 0 OPEN, 1 CLOSE, 2 SEND, 3 RECEIVE"),
            CallValue(1, "connection_modes", None, 64, "bit 0 blocking, bit 1 non-blocking"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_FEATURES,
        remarks=(("encoding", "yes: bitmap, not a status"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_SESSION_OPEN": Signature(
        arguments=(
            _SESSION_ID,
            CallValue(2, "connection_type", None, 64, "exactly one of bit 0 blocking, bit 1 non-blocking"),
        ),
        results=(_STATUS, _SAME_SESSION, _STATE),
        errors=(
            _PEER_NOT_AVAILABLE,
            _INVALID_STATE_FOR_OPERATION,
            _INVALID_SESSION_ID,
            CallError(5, "CONNECTION_TYPE_NOT_SUPPORTED", "neither or both mode bits set"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SCENARIOS,
        remarks=(("note", "Non-blocking: repeat with the session ID until state 2."),),
    ),
    "RHI_SESSION_CLOSE": Signature(
        arguments=(_SESSION_ID,),
        results=(_STATUS, _SAME_SESSION, _STATE),
        errors=(_INVALID_STATE_FOR_OPERATION, _INVALID_SESSION_ID, _NOT_SUPPORTED),
        confidence="medium",
        sources=_SCENARIOS,
    ),
    "RHI_SESSION_SEND": Signature(
        arguments=(
            _SESSION_ID,
            CallValue(2, "buffer_ipa", None, 64, "page-aligned, shared with the host"),
            CallValue(3, "length", None, 64, "bytes"),
            _OFFSET,
        ),
        results=(
            _STATUS,
            _SAME_SESSION,
            _STATE,
            CallValue(3, "sent", None, 64, "bytes sent"),
        ),
        errors=(
            _PEER_NOT_AVAILABLE,
            _INVALID_STATE_FOR_OPERATION,
            _INVALID_SESSION_ID,
            _ACCESS_FAILED,
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SCENARIOS,
        remarks=(("note", "Needs X4: read it with KVM_GET_ONE_REG."),),
    ),
    "RHI_SESSION_RECEIVE": Signature(
        arguments=(
            _SESSION_ID,
            CallValue(2, "buffer_ipa", None, 64, "page-aligned, shared; 0 with size 0 asks for the size"),
            CallValue(3, "buffer_size", None, 64, "bytes"),
            _OFFSET,
        ),
        results=(
            _STATUS,
            _SAME_SESSION,
            _STATE,
            CallValue(3, "length", None, 64, "bytes received, or needed in state 5"),
        ),
        errors=(
            _PEER_NOT_AVAILABLE,
            _INVALID_STATE_FOR_OPERATION,
            _INVALID_SESSION_ID,
            _ACCESS_FAILED,
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SCENARIOS,
    ),
    "RHI_FAL_VERSION": Signature(
        arguments=(),
        results=(_VERSION,),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SUITE,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_FAL_FEATURES": Signature(
        arguments=(),
        results=(CallValue(0, "calls", None, 64, "bit 0 GET_SIZE, 1 READ"),),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_FEATURES,
        remarks=(("encoding", "yes: bitmap, not a status"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_FAL_GET_SIZE": Signature(
        arguments=(),
        results=(CallValue(0, "size", None, 64, "bytes of the firmware activity log: a value, not a status"),),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SUITE,
    ),
    "RHI_FAL_READ": Signature(
        arguments=(
            CallValue(1, "buffer_ipa", None, 64, "page-aligned, shared"),
            CallValue(2, "buffer_size", None, 64, "bytes"),
        ),
        results=(
            CallValue(0, "status", None, 64, "0 SUCCESS"),
            CallValue(1, "copied", None, 64, "bytes copied"),
            CallValue(2, "remaining", None, 64, "bytes left"),
        ),
        errors=(
            CallError(1, "ACCESS_FAILED", "buffer IPA is 0, unaligned or not shared"),
            _NOT_SUPPORTED,
        ),
        confidence="medium",
        sources=_SUITE,
    ),
    "RHI_DA_VERSION": Signature(
        arguments=(),
        results=(_VERSION,),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_DEVICE_PATCHES,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_DA_FEATURES": Signature(
        arguments=(),
        results=(
            CallValue(0, "calls", None, 64, "bit 0 OBJECT_SIZE, 1 OBJECT_READ, 2 VDEV_CONTINUE, 3 VDEV_GET_MEASUREMENTS, 4 VDEV_GET_INTERFACE_REPORT, 5 VDEV_SET_TDI_STATE, 6 VDEV_P2P_UNBIND, 7 VDEV_ABORT"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "ACS plat/common/inc/pal_rhi.h",
            "ACS val/host/src/val_host_rhi.c",
            "LDA patches 4 to 11",
        ),
        remarks=(("encoding", "yes: bitmap, not a status"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_DA_OBJECT_SIZE": Signature(
        arguments=(_VDEV_ID, _OBJECT_TYPE),
        results=(
            _STATUS,
            CallValue(1, "size", None, 64, "bytes"),
        ),
        errors=(
            _DATA_NOT_AVAILABLE,
            _INVALID_VDEV_ID,
            _INVALID_OBJECT,
            _OBJECT_UNSUPPORTED,
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_DEVICE_PATCHES,
    ),
    "RHI_DA_OBJECT_READ": Signature(
        arguments=(
            _VDEV_ID,
            _OBJECT_TYPE,
            CallValue(3, "buffer_ipa", None, 64, "shared buffer"),
            CallValue(4, "max_length", None, 64, "bytes"),
            CallValue(5, "offset", None, 64, "see note"),
        ),
        results=(
            _STATUS,
            CallValue(1, "length", None, 64, "bytes copied"),
        ),
        errors=(
            _DATA_NOT_AVAILABLE,
            _INVALID_VDEV_ID,
            _INVALID_OBJECT,
            CallError(7, "INVALID_OFFSET", "offset or length out of the object"),
            _BUFFER_FAILED,
            _OBJECT_UNSUPPORTED,
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_DEVICE_PATCHES,
        remarks=(
            ("note", "Needs X4 and X5. Linux series before v3 passed X3 = offset, X4 = max length, X5 = buffer: older guests differ."),
        ),
    ),
    "RHI_HOSTCONF_VERSION": Signature(
        arguments=(),
        results=(_VERSION,),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_HOST_PATCHES,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_HOSTCONF_FEATURES": Signature(
        arguments=(),
        results=(CallValue(0, "calls", None, 64, "bit 0 GET_IPA_CHANGE_ALIGNMENT"),),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=(
            "ACS plat/common/inc/pal_rhi.h",
            "ACS val/host/src/val_host_rhi.c",
            "LHC arch/arm64/kernel/rhi.c",
        ),
        remarks=(("encoding", "yes: bitmap, not a status"), ("encoding", "no: -1 (64 bits)")),
    ),
    "RHI_HOSTCONF_GET_IPA_CHANGE_ALIGNMENT": Signature(
        arguments=(),
        results=(
            CallValue(0, "alignment", None, 64, "bytes, a multiple of 4096: a value, not a status; Linux panics or gives up on another value"),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="high",
        sources=_HOST_PATCHES,
    ),
    "RHI_DA_VDEV_CONTINUE": Signature(
        arguments=(
            _VDEV_ID,
            CallValue(2, "cookie", None, 64, "from the call that was INCOMPLETE"),
        ),
        results=(_STATUS,),
        errors=(_INCOMPLETE, _INVALID_VDEV_ID, _DEVICE, _BUSY, _NOT_SUPPORTED),
        confidence="high",
        sources=_DEVICE_PATCHES,
        remarks=(
            ("note", "The ACS document wants DEVICE for a wrong cookie, its host code gives INVALID_VDEV_ID."),
        ),
    ),
    "RHI_DA_VDEV_GET_MEASUREMENTS": Signature(
        arguments=(
            _VDEV_ID,
            CallValue(2, "params_ipa", None, 64, "shared parameter structure"),
        ),
        results=(_STATUS, _COOKIE),
        errors=(_INCOMPLETE, _INVALID_VDEV_ID, _DEVICE, _BUFFER_FAILED, _BUSY, _NOT_SUPPORTED),
        confidence="high",
        sources=_DEVICE_PATCHES,
    ),
    "RHI_DA_VDEV_GET_INTERFACE_REPORT": Signature(
        arguments=(_VDEV_ID,),
        results=(_STATUS, _COOKIE),
        errors=(_INCOMPLETE, _INVALID_VDEV_ID, _DEVICE, _BUSY, _NOT_SUPPORTED),
        confidence="high",
        sources=_DEVICE_PATCHES,
    ),
    "RHI_DA_VDEV_SET_TDI_STATE": Signature(
        arguments=(
            _VDEV_ID,
            CallValue(2, "target_state", None, 64, "0 CONFIG_UNLOCKED, 1 CONFIG_LOCKED, 2 RUN"),
        ),
        results=(_STATUS, _COOKIE),
        errors=(
            _INCOMPLETE,
            _INVALID_VDEV_ID,
            _INVALID_OBJECT,
            CallError(5, "INPUT", "bad input"),
            _DEVICE,
            _BUSY,
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_DEVICE_PATCHES,
    ),
    "RHI_DA_VDEV_P2P_UNBIND": Signature(
        arguments=(
            CallValue(1, "vdev_id_1", None, 64, "first device"),
            CallValue(2, "vdev_id_2", None, 64, "second device"),
        ),
        results=(_STATUS, _COOKIE),
        errors=(_INCOMPLETE, _INVALID_VDEV_ID, _NOT_SUPPORTED),
        confidence="medium",
        sources=_SCENARIOS,
        remarks=(("note", "The ACS marks it as not validated."),),
    ),
    "RHI_DA_VDEV_ABORT": Signature(
        arguments=(_VDEV_ID,),
        results=(_STATUS,),
        errors=(
            _INVALID_VDEV_ID,
            CallError(10, "ABORTED_OPERATION_HAD_COMPLETED", "nothing left to abort"),
            _NOT_SUPPORTED,
        ),
        confidence="high",
        sources=_DEVICE_PATCHES,
    ),
}
# fmt: on
