"""What SMCCC allocates to whom: the owner numbers of fast calls, and the stretches of yielding calls.

A fast call's owner holds 2**24 IDs in each calling convention, of which the first 2**16 are its calls.

Source: Arm DEN0028, tables 6-1 and 6-2.
"""

from typing import NamedTuple

from smccc_filter.smccc.function_id import FAST_CALL, FUNCTIONS, OWNER_BLOCK, SMC64
from smccc_filter.smccc.intervals import Intervals

_CONVENTIONS = (FAST_CALL, FAST_CALL | SMC64)
NOBODY = ("reserved", "unallocated")
"""The statuses of what SMCCC allocates to nobody."""


class OwnerRange(NamedTuple):
    """Neighbouring owner numbers, ``first`` to ``last`` inclusive, that mean the same.

    ``title`` is a short name of the owner, ``calls`` what the tables call the calls. ``status`` is ``allocated`` or
    ``reserved``, ``since`` the SMCCC version that allocated the numbers.
    """

    first: int
    last: int
    title: str
    calls: str
    status: str = "allocated"
    since: str = "1.0"


# fmt: off
OWNERS = (
    OwnerRange(0, 0, "Arm Architecture", "Arm Architecture Calls"),
    OwnerRange(1, 1, "CPU Service", "CPU Service Calls"),
    OwnerRange(2, 2, "Silicon Provider", "SiP Service Calls"),
    OwnerRange(3, 3, "OEM", "OEM Service Calls"),
    OwnerRange(4, 4, "Standard Secure", "Standard Secure Service Calls"),
    OwnerRange(5, 5, "Standard Hypervisor", "Standard Hypervisor Service Calls", since="after issue A (A lists 5-47 reserved); in issue B-era lists (MORELLO, XEN 2017)"),
    OwnerRange(6, 6, "Vendor Hypervisor", "Vendor Specific Hypervisor Service Calls", since="after issue A; in MORELLO list"),
    OwnerRange(7, 7, "Vendor EL3 Monitor", "Vendor Specific EL3 Monitor Service Calls", since="1.5 (reserved in 1.4 per ESRDEC; present in DEN0028F per ISLET)"),
    OwnerRange(8, 47, "reserved", "Reserved for future use (OEN 8-47)", status="reserved", since=""),
    OwnerRange(48, 49, "Trusted Application", "Trusted Application Calls"),
    OwnerRange(50, 63, "Trusted OS", "Trusted OS Calls"),
)
"""Every owner number once, ascending."""

YIELDING: tuple[tuple[int, int, str, str, str, str, str], ...] = (
    (0x00000000, 0x0100FFFF, "Reserved for existing APIs (in use by existing Armv7 devices)", "allocated-legacy", "ESRDEC; MORELLO; XEN ARM_SMCCC_RESERVED_RANGE_START/END", "high", ""),
    (0x01010000, 0x01FFFFFF, "not in the table", "unallocated", "gap in the same tables", "high", ""),
    (0x02000000, 0x1FFFFFFF, "Trusted OS Yielding Calls", "allocated", "ESRDEC; XINO; MORELLO", "high", ""),
    (0x20000000, 0x7FFFFFFF, "Reserved for future expansion of Trusted OS Yielding Calls", "reserved", "ESRDEC; XINO; MORELLO", "high", "In real use anyway: OP-TEE 0x32xxxxxx and Trusty 0x32xxxxxx/0x3Cxxxxxx yielding calls, TSP 0x72xxxxxx, Hyper-V 0x46000001, Qualcomm SCM 0x42xxxxxx (resume/std calls)"),
)
"""Every ID of a yielding call once, ascending: first and last, the tables' name, status, source, confidence, note."""
# fmt: on

UNALLOCATED: Intervals = (
    *((first, last + 1) for first, last, _, status, *_ in YIELDING if status in NOBODY),
    *(
        (convention + owners.first * OWNER_BLOCK, convention + (owners.last + 1) * OWNER_BLOCK)
        for convention in _CONVENTIONS
        for owners in OWNERS
        if owners.status in NOBODY
    ),
)
"""The IDs that SMCCC allocates to nobody, as a canonical set."""


def calls_of(first: int, last: int) -> tuple[tuple[int, int], ...]:
    """Return the calls of the owners ``first`` to ``last``: an inclusive range of IDs each, SMC32 before SMC64."""
    bases = (convention + owner * OWNER_BLOCK for convention in _CONVENTIONS for owner in range(first, last + 1))
    return tuple((base, base + FUNCTIONS - 1) for base in bases)
