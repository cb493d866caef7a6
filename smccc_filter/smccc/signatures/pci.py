"""PCI configuration space access, Arm DEN0115."""

from smccc_filter.smccc.signatures.shape import CallError, CallValue, Signature

# fmt: off
_SOURCES = ("TFA services/std_svc/pci_svc.c", "TFA include/services/pci_svc.h (DEN0115)")
_NOT_SUPPORTED = CallError(-1, "NOT_SUPPORTED", "the function is not implemented")
_ADDRESS = CallValue(1, "address", 32, None, "bits 31:16 segment, 15:8 bus, 7:3 device, 2:0 function")
_OFFSET = CallValue(2, "offset", 32, None, "0 to 4095; offset + size at most 4096")
_SIZE = CallValue(3, "size", 32, None, "1, 2 or 4 bytes")
_STATUS = CallValue(0, "status", 32, None, "0 SUCCESS")
_INVALID_PARAMETER = CallError(-2, "INVALID_PARAMETER", "bad segment, bus, offset, size or reserved argument")
_NOT_IMPLEMENTED = CallError(-3, "NOT_IMPLEMENTED", "the operation is not implemented")

SIGNATURES: dict[str, Signature] = {
    "PCI_VERSION": Signature(
        arguments=(),
        results=(
            CallValue(0, "version", 32, None, "31:16 major, 15:0 minor: 0x00010000"),
            CallValue(1, "", 32, None, "TF-A writes 0", span=3),
        ),
        errors=(_NOT_SUPPORTED,),
        confidence="medium",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0x00010000"), ("encoding", "no: -1")),
    ),
    "PCI_FEATURES": Signature(
        arguments=(CallValue(1, "pci_func_id", 32, None, "full ID"),),
        results=(CallValue(0, "flags", 32, None, "0: implemented"),),
        errors=(CallError(-1, "NOT_SUPPORTED", "absent"),),
        confidence="medium",
        sources=_SOURCES,
        remarks=(("encoding", "yes: 0"), ("encoding", "no: -1")),
    ),
    "PCI_READ": Signature(
        arguments=(
            _ADDRESS,
            _OFFSET,
            _SIZE,
            CallValue(4, "", 32, None, "zero"),
        ),
        results=(
            _STATUS,
            CallValue(1, "data", 32, None, "value read, zero-extended; 0 on error"),
        ),
        errors=(_NOT_SUPPORTED, _INVALID_PARAMETER, _NOT_IMPLEMENTED),
        confidence="medium",
        sources=_SOURCES,
    ),
    "PCI_WRITE": Signature(
        arguments=(
            _ADDRESS,
            _OFFSET,
            _SIZE,
            CallValue(4, "data", 32, None, "value, low bytes used"),
        ),
        results=(_STATUS,),
        errors=(_NOT_SUPPORTED, _INVALID_PARAMETER, _NOT_IMPLEMENTED),
        confidence="medium",
        sources=_SOURCES,
    ),
    "PCI_GET_SEG_INFO": Signature(
        arguments=(
            CallValue(1, "segment", 32, None, "segment group number"),
            CallValue(2, "", 32, None, "zero", span=3),
        ),
        results=(
            _STATUS,
            CallValue(1, "bus_range", 32, None, "7:0 first bus, 15:8 last bus (layout medium)"),
            CallValue(2, "next_segment", 32, None, "next segment that exists, 0 for none"),
        ),
        errors=(_NOT_SUPPORTED, _INVALID_PARAMETER, _NOT_IMPLEMENTED),
        confidence="medium",
        sources=_SOURCES,
    ),
}
# fmt: on
