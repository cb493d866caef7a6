"""The entries of a file that KVM refuses, where they are installed in the order of the file.

Every format can hold an entry that is empty, wraps, overlaps an earlier one or touches the Arm Architecture ranges.
"""

from collections.abc import Iterable

from smccc_filter.artefacts.readers.reading import ReadEntry, ReadingFault
from smccc_filter.kvm.filter import RESERVED, U32_MAX, FilteredVm
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.kvm.uapi import KVM_ACTION
from smccc_filter.smccc.function_id import show, show_range
from smccc_filter.smccc.intervals import intersection


def refused_entries(entries: Iterable[ReadEntry]) -> tuple[ReadingFault, ...]:
    """Install the entries in order in a model of the newest KVM; return one fault for each that it refuses."""
    vm = FilteredVm(NEWEST)
    taken: list[ReadEntry] = []
    faults = []
    for entry in entries:
        errno = vm.kvm_smccc_set_filter(entry.base, entry.nr_functions, KVM_ACTION[entry.action])
        if errno is None:
            taken.append(entry)
        else:
            message, hint = _why(entry, taken)
            faults.append(ReadingFault(entry.place, f"{message}: KVM answers {errno}", hint, entry.span, entry.file))
    return tuple(faults)


def _why(entry: ReadEntry, taken: list[ReadEntry]) -> tuple[str, str]:
    base, stop = entry.base, entry.base + entry.nr_functions
    if not entry.nr_functions:
        return f"{show(base)} with 0 functions is empty", "give it the number of functions, or leave the entry out"
    if stop - 1 > U32_MAX:
        message = f"{show(base)} with {entry.nr_functions:#x} functions goes past {show(U32_MAX)}"
        return message, f"at most {U32_MAX + 1 - base:#x} functions fit"
    if reserved := intersection(((base, stop),), RESERVED):
        message = f"{show_range(base, stop)} touches {show_range(*reserved[0])}, which KVM reserves"
        return message, "leave the Arm Architecture calls out"
    other = next(e for e in taken if e.base < stop and base < e.base + e.nr_functions)
    common = show_range(max(base, other.base), min(stop, other.base + other.nr_functions))
    return f"{show_range(base, stop)} has {common} in common with {other.place}", "let one entry have each function ID"
