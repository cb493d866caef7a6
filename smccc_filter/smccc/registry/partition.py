"""The partition of the 32-bit ID space, Arm DEN0028 tables 6-1 and 6-2: who may define calls where.

A fast call's owner holds 2**24 IDs in each convention, of which only the first 2**16 are calls: bit 16 makes the same
calls with the SVE hint, and bits 23:17 must be zero. Those two rows are derived for every owner; the rest is written
out.
"""

from collections.abc import Iterator

from smccc_filter.smccc.function_id import FUNCTIONS, OWNER_BLOCK, SVE_HINT
from smccc_filter.smccc.registry.rows import Allocation

_HINT = "sve-hint-alias (1.3+) of the range below; MBZ violation before 1.3"
_INVALID = "invalid: bits 23:17 must be zero"
_TABLES = "XINO Tables 6-1/6-2 (v1.6); TFA docs/getting_started/rt-svc-writers-guide.rst Table 1; RFA src/smccc.rs"

# fmt: off
YIELDING: tuple[Allocation, ...] = (
    Allocation(0x00000000, 0x0100FFFF, "yielding", "Reserved for existing APIs (in use by existing Armv7 devices)", "allocated-legacy", "ESRDEC; MORELLO; XEN ARM_SMCCC_RESERVED_RANGE_START/END", "high"),
    Allocation(0x01010000, 0x01FFFFFF, "yielding", "not in the table", "unallocated", "gap in the same tables", "high"),
    Allocation(0x02000000, 0x1FFFFFFF, "yielding", "Trusted OS Yielding Calls", "allocated", "ESRDEC; XINO; MORELLO", "high"),
    Allocation(0x20000000, 0x7FFFFFFF, "yielding", "Reserved for future expansion of Trusted OS Yielding Calls", "reserved", "ESRDEC; XINO; MORELLO", "high", note="In real use anyway: OP-TEE 0x32xxxxxx and Trusty 0x32xxxxxx/0x3Cxxxxxx yielding calls, TSP 0x72xxxxxx, Hyper-V 0x46000001, Qualcomm SCM 0x42xxxxxx (resume/std calls)"),
)

CALLS: tuple[Allocation, ...] = (
    Allocation(0x80000000, 0x8000FFFF, "fast", "Arm Architecture Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0x81000000, 0x8100FFFF, "fast", "CPU Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0x82000000, 0x8200FFFF, "fast", "SiP Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0x83000000, 0x8300FFFF, "fast", "OEM Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0x84000000, 0x8400FFFF, "fast", "Standard Secure Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0x85000000, 0x8500FFFF, "fast", "Standard Hypervisor Service Calls", "allocated", _TABLES, "high", since="after issue A (A lists 5-47 reserved); in issue B-era lists (MORELLO, XEN 2017)"),
    Allocation(0x86000000, 0x8600FFFF, "fast", "Vendor Specific Hypervisor Service Calls", "allocated", _TABLES, "high", since="after issue A; in MORELLO list"),
    Allocation(0x87000000, 0x8700FFFF, "fast", "Vendor Specific EL3 Monitor Service Calls", "allocated", _TABLES, "high", since="1.5 (reserved in 1.4 per ESRDEC; present in DEN0028F per ISLET)"),
    Allocation(0x88000000, 0x8800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x89000000, 0x8900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8A000000, 0x8A00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8B000000, 0x8B00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8C000000, 0x8C00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8D000000, 0x8D00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8E000000, 0x8E00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x8F000000, 0x8F00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x90000000, 0x9000FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x91000000, 0x9100FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x92000000, 0x9200FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x93000000, 0x9300FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x94000000, 0x9400FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x95000000, 0x9500FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x96000000, 0x9600FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x97000000, 0x9700FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x98000000, 0x9800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x99000000, 0x9900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9A000000, 0x9A00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9B000000, 0x9B00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9C000000, 0x9C00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9D000000, 0x9D00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9E000000, 0x9E00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0x9F000000, 0x9F00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA0000000, 0xA000FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA1000000, 0xA100FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA2000000, 0xA200FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA3000000, 0xA300FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA4000000, 0xA400FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA5000000, 0xA500FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA6000000, 0xA600FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA7000000, 0xA700FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA8000000, 0xA800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xA9000000, 0xA900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAA000000, 0xAA00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAB000000, 0xAB00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAC000000, 0xAC00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAD000000, 0xAD00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAE000000, 0xAE00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xAF000000, 0xAF00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xB0000000, 0xB000FFFF, "fast", "Trusted Application Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB1000000, 0xB100FFFF, "fast", "Trusted Application Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB2000000, 0xB200FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB3000000, 0xB300FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB4000000, 0xB400FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB5000000, 0xB500FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB6000000, 0xB600FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB7000000, 0xB700FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB8000000, 0xB800FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xB9000000, 0xB900FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBA000000, 0xBA00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBB000000, 0xBB00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBC000000, 0xBC00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBD000000, 0xBD00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBE000000, 0xBE00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xBF000000, 0xBF00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC0000000, 0xC000FFFF, "fast", "Arm Architecture Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC1000000, 0xC100FFFF, "fast", "CPU Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC2000000, 0xC200FFFF, "fast", "SiP Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC3000000, 0xC300FFFF, "fast", "OEM Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC4000000, 0xC400FFFF, "fast", "Standard Secure Service Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xC5000000, 0xC500FFFF, "fast", "Standard Hypervisor Service Calls", "allocated", _TABLES, "high", since="after issue A (A lists 5-47 reserved); in issue B-era lists (MORELLO, XEN 2017)"),
    Allocation(0xC6000000, 0xC600FFFF, "fast", "Vendor Specific Hypervisor Service Calls", "allocated", _TABLES, "high", since="after issue A; in MORELLO list"),
    Allocation(0xC7000000, 0xC700FFFF, "fast", "Vendor Specific EL3 Monitor Service Calls", "allocated", _TABLES, "high", since="1.5 (reserved in 1.4 per ESRDEC; present in DEN0028F per ISLET)"),
    Allocation(0xC8000000, 0xC800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xC9000000, 0xC900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCA000000, 0xCA00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCB000000, 0xCB00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCC000000, 0xCC00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCD000000, 0xCD00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCE000000, 0xCE00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xCF000000, 0xCF00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD0000000, 0xD000FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD1000000, 0xD100FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD2000000, 0xD200FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD3000000, 0xD300FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD4000000, 0xD400FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD5000000, 0xD500FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD6000000, 0xD600FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD7000000, 0xD700FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD8000000, 0xD800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xD9000000, 0xD900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDA000000, 0xDA00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDB000000, 0xDB00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDC000000, 0xDC00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDD000000, 0xDD00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDE000000, 0xDE00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xDF000000, 0xDF00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE0000000, 0xE000FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE1000000, 0xE100FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE2000000, 0xE200FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE3000000, 0xE300FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE4000000, 0xE400FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE5000000, 0xE500FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE6000000, 0xE600FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE7000000, 0xE700FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE8000000, 0xE800FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xE9000000, 0xE900FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xEA000000, 0xEA00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xEB000000, 0xEB00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xEC000000, 0xEC00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xED000000, 0xED00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xEE000000, 0xEE00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xEF000000, 0xEF00FFFF, "fast", "Reserved for future use (OEN 8-47)", "reserved", _TABLES, "high"),
    Allocation(0xF0000000, 0xF000FFFF, "fast", "Trusted Application Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF1000000, 0xF100FFFF, "fast", "Trusted Application Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF2000000, 0xF200FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF3000000, 0xF300FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF4000000, 0xF400FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF5000000, 0xF500FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF6000000, 0xF600FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF7000000, 0xF700FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF8000000, 0xF800FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xF9000000, 0xF900FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFA000000, 0xFA00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFB000000, 0xFB00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFC000000, 0xFC00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFD000000, 0xFD00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFE000000, 0xFE00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
    Allocation(0xFF000000, 0xFF00FFFF, "fast", "Trusted OS Calls", "allocated", _TABLES, "high", since="1.0"),
)
# fmt: on


def _with_hint_and_rest(calls: Allocation) -> Iterator[Allocation]:
    """Yield the rows of one owner in one convention: its calls, the same with the hint, and what can't be a call."""
    first, kind, service = calls.first, calls.kind, calls.service
    hint = first + SVE_HINT
    rest = hint + FUNCTIONS
    end = first + OWNER_BLOCK - 1
    yield calls
    yield Allocation(hint, rest - 1, kind, service, _HINT, "ESRDEC; TFA", "high")
    yield Allocation(rest, end, kind, service, _INVALID, "TFA; RFA FunctionId::valid", "high")


PARTITION: tuple[Allocation, ...] = (*YIELDING, *(row for calls in CALLS for row in _with_hint_and_rest(calls)))
"""Every ID once: ascending, without gap or overlap, from 0x00000000 to 0xFFFFFFFF."""
