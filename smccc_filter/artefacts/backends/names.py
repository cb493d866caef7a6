"""What entries and registers mean, in the words of the specifications, for the comments of generated code."""

from bisect import bisect_left
from itertools import islice

from smccc_filter.artefacts.backends.program import WrittenRegister
from smccc_filter.kvm.uapi import PSCI_REGISTER, REGISTER_OF_ID
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals

SHOWN = 3
"""Names that a comment spells out before it counts the rest."""
WIDTH = 34
"""Columns that they may take, so that a comment stays within 80; one name may take more."""


class CallNames:
    """The names of the known calls of some ranges in the order of their IDs, with ``/32`` and ``/64`` as in a policy.

    Only the tables of the registry that can have calls in the ranges are read.
    """

    __slots__ = ("_ids",)

    def __init__(self, ranges: Intervals) -> None:
        ids = {
            fid
            for function in registry.functions_of(*registry.services_near(ranges))
            for start, stop in registry.function_ids(function)
            for fid in range(start, stop)
        }
        self._ids = sorted(ids)

    def within(self, start: int, stop: int) -> str:
        """Name the calls of ``[start, stop)``, one of the ranges: the first few, and how many more.

        O(log n) and the calls it holds.
        """
        first = bisect_left(self._ids, start)
        names = dict.fromkeys(map(registry.name_of, self._ids[first : bisect_left(self._ids, stop, first)]))
        if not names:
            return f"no known call{_of_service(start, stop)}"
        shown = list(map(str, islice(names, SHOWN)))
        while len(shown) > 1 and len(", ".join(shown)) > WIDTH:
            shown.pop()
        more = len(names) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")


def _of_service(start: int, stop: int) -> str:
    """Say whose IDs these are where one service has both ends."""
    service = registry.service_of(start)
    return f" of {service.name}" if service is not None and service is registry.service_of(stop - 1) else ""


def register_meaning(register: WrittenRegister) -> str:
    """Say what a register's value stands for: a PSCI version, or the bits that are set, by their policy names.

    Raises ValueError for a value that KVM does not know: a caller's bug.
    """
    words = REGISTER_OF_ID[register.id].words_of(register.value)
    if words is None:
        raise ValueError(f"KVM does not know 0x{register.value:X} of {register.macro}")
    meaning = ", ".join(words) or "nothing"
    return f"PSCI {meaning}" if register.id == PSCI_REGISTER.id else meaning
