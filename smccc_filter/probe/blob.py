"""A compiled filter read back from its bytes, with everything wrong in it and the entry where that is.

A person who probes a blob has it from a build or another tool, and a message from KVM would be an errno without a
place. So the entries go to the model of KVM first, in their order, as they would go to KVM.
"""

from typing import NamedTuple

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_SMCCC_FILTER, Action, SmcccFilterAction
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.intervals import IntervalMap

ENTRY_BYTES = KVM_SMCCC_FILTER.size


class Filter(NamedTuple):
    """What a blob says: ``entries`` are its bytes, cut; ``actions`` what the filter then decides."""

    entries: tuple[bytes, ...]
    actions: IntervalMap[Action]


class MalformedBlobError(ValueError):
    """A blob that KVM would not take; ``faults`` has a sentence for each thing that is wrong."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def read(data: bytes, profile: Profile) -> Filter:
    """Cut a blob into its entries and give them to the model of KVM. Raises MalformedBlobError."""
    whole = len(data) - len(data) % ENTRY_BYTES
    faults = []
    vm = FilteredVm(profile)
    segments = []
    for at in range(0, whole, ENTRY_BYTES):
        base, nr_functions, action, pad = KVM_SMCCC_FILTER.unpack_from(data, at)
        errno = vm.kvm_smccc_set_filter(base, nr_functions, action, int.from_bytes(pad))
        if errno is None:
            segments.append((base, base + nr_functions, ACTION_OF_KVM[SmcccFilterAction(action)]))
        else:
            where = f"entry {at // ENTRY_BYTES + 1} (byte {at})"
            faults.append(f"{where}: {_fault(base, nr_functions, action, pad)}; KVM answers {errno}")
    if len(data) != whole:
        rest = len(data) - whole
        faults.append(
            f"entry {whole // ENTRY_BYTES + 1} (byte {whole}): "
            f"{rest} byte{'s' * (rest > 1)} where an entry has {ENTRY_BYTES}; the file is cut off, or no blob"
        )
    if faults:
        raise MalformedBlobError(tuple(faults))
    entries = tuple(data[at : at + ENTRY_BYTES] for at in range(0, whole, ENTRY_BYTES))
    return Filter(entries, IntervalMap.of(sorted(segments), Action.HANDLE))


def _fault(base: int, nr_functions: int, action: int, pad: bytes) -> str:
    """Say why KVM refuses an entry, in the order of KVM's own checks."""
    if any(pad):
        index = next(index for index, byte in enumerate(pad) if byte)
        return f"byte {index} of the padding is 0x{pad[index]:02X} and must be 0"
    if not nr_functions:
        return f"no functions at {show(base)}"
    if base + nr_functions > SPACE:
        return f"{nr_functions:,} functions from {show(base)} on pass 0xFFFFFFFF"
    if action not in set(SmcccFilterAction):
        choices = ", ".join(f"{known.value} ({ACTION_OF_KVM[known]})" for known in SmcccFilterAction)
        return f"action {action} is none of {choices}"
    return f"{show(base)}+{nr_functions} has IDs that an earlier entry has, or that KVM reserves"
