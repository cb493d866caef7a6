"""The Gunyah hypervisor's calls, in the same vendor range as KVM's.

A VMM that imitates Gunyah on KVM forwards these; nothing in KVM services them.
"""

from smccc_filter.smccc.registry.rows import Function

_HYPERCALL = "Gunyah hypercall"
_NOTE = "Gunyah splits OEN 6 numbers by bits 15:14: 00 platform call, 10 hypercall (fast SMC64 only), 11 service (fast SMC32 only); native form uses HVC immediates 0x6000-0x61FF"

# fmt: off
FUNCTIONS: tuple[Function, ...] = (
    Function("GUNYAH_HYP_IDENTIFY",     None, 0xC6008000, "gunyah", "Gunyah", "API v1", "impl", "Gunyah identification; UID c1d58fcd-a453-5fdb-9265-ce36673d5f14", "GUNL; GUN", "high"),
    Function("GUNYAH_MSGQ_SEND",        None, 0xC600801B, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
    Function("GUNYAH_MSGQ_RECV",        None, 0xC600801C, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
    Function("GUNYAH_ADDRSPACE_MAP",    None, 0xC600802B, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
    Function("GUNYAH_ADDRSPACE_UNMAP",  None, 0xC600802C, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
    Function("GUNYAH_MEMEXTENT_DONATE", None, 0xC6008061, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
    Function("GUNYAH_VCPU_RUN",         None, 0xC6008065, "gunyah", "Gunyah", "API v1", "impl", _HYPERCALL, "GUNL", "high", note=_NOTE),
)
# fmt: on
