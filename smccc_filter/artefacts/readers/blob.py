"""Entries out of a blob: one ``struct kvm_smccc_filter`` after the other.

Everything that an entry can hold is read. What no policy can say (an action that KVM does not have, padding in use, a
piece of an entry) is a fault, with the errno that KVM gives for it. Where padding is in use the bytes may be those of
any file, and so none of them is repeated.
"""

from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault
from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import Profile
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_SMCCC_FILTER, Action, Errno, SmcccFilterAction
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.intervals import IntervalMap

ENTRY_BYTES = KVM_SMCCC_FILTER.size
ACTION_AT = 8
PAD_AT = 9
"""Byte of the entry at which the action is, and the padding begins."""

ACTIONS = "0 (HANDLE), 1 (DENY) or 2 (FWD_TO_USER)"


class BlobEntry(NamedTuple):
    """The fields of one entry as a blob has them, whatever they are, and the offset of its first byte."""

    at: int
    base: int
    nr_functions: int
    action: int
    pad: bytes

    @property
    def number(self) -> int:
        """Which entry of the blob it is, from 1."""
        return self.at // ENTRY_BYTES + 1

    @property
    def used_padding(self) -> int | None:
        """The index of the first byte of the padding that is not zero."""
        return next((i for i, byte in enumerate(self.pad) if byte), None)


class BlobFilter(NamedTuple):
    """A blob as KVM takes it: the bytes of each entry, and what they decide.

    ``faults`` has a sentence for each entry that KVM refuses, and for a piece of one; with faults the rest is not the
    whole truth.
    """

    entries: tuple[bytes, ...]
    actions: IntervalMap[Action]
    faults: tuple[str, ...]


def read(data: bytes) -> Reading:
    """Read the entries, 24 bytes each, little endian."""
    entries: list[ReadEntry] = []
    faults: list[ReadingFault] = []
    for entry in fields(data):
        place = f"entry {entry.number} at byte {entry.at}"
        if (used := entry.used_padding) is not None:
            message = f"byte {entry.at + PAD_AT + used} is not 0, and padding must be zero: KVM answers {Errno.EINVAL}"
            hint = f"clear the padding, or check that this is a blob of {ENTRY_BYTES}-byte entries"
            faults.append(ReadingFault(place, message, hint))
            continue
        action = action_of(entry.action)
        if action is None:
            faults.append(ReadingFault(place, *no_action(entry.action, f"byte {entry.at + ACTION_AT}")))
        else:
            entries.append(ReadEntry(entry.base, entry.nr_functions, action, place))
    if rest := len(data) % ENTRY_BYTES:
        whole = len(data) - rest
        place = f"entry {whole // ENTRY_BYTES + 1} at byte {whole}"
        message = (
            f"the file has {len(data):,} bytes, no multiple of {ENTRY_BYTES}: the last entry has {rest} of its bytes"
        )
        faults.append(ReadingFault(place, message, "name another file, or its --format where it is no blob"))
    return Reading("blob", None, tuple(entries), None, tuple(faults))


def filter_of(data: bytes, profile: Profile) -> BlobFilter:
    """Give the entries, in their order, to the model of one kernel's KVM.

    A person who loads a blob has it from a build or another tool, and KVM itself would answer with an errno and no
    place.
    """
    vm = FilteredVm(profile)
    segments = []
    faults = []
    for entry in fields(data):
        base, nr_functions, action, pad = entry[1:]
        errno = vm.kvm_smccc_set_filter(base, nr_functions, action, int.from_bytes(pad))
        if errno is None:
            segments.append((base, base + nr_functions, ACTION_OF_KVM[SmcccFilterAction(action)]))
        else:
            faults.append(f"entry {entry.number} (byte {entry.at}): {_why_refused(entry)}; KVM answers {errno}")
    if rest := len(data) % ENTRY_BYTES:
        whole = len(data) - rest
        faults.append(
            f"entry {whole // ENTRY_BYTES + 1} (byte {whole}): "
            f"{rest} byte{'s' * (rest > 1)} where an entry has {ENTRY_BYTES}; the file is cut off, or no blob"
        )
    return BlobFilter(cut(data), IntervalMap.of(sorted(segments), Action.HANDLE), tuple(faults))


def cut(data: bytes) -> tuple[bytes, ...]:
    """Return the bytes of each whole entry, as ``KVM_SET_DEVICE_ATTR`` takes it."""
    ends = range(ENTRY_BYTES, len(data) + 1, ENTRY_BYTES)
    return tuple(data[end - ENTRY_BYTES : end] for end in ends)


def fields(data: bytes) -> Iterator[BlobEntry]:
    """Yield the fields of each whole entry."""
    whole = len(data) - len(data) % ENTRY_BYTES
    for at, entry in zip(range(0, whole, ENTRY_BYTES), KVM_SMCCC_FILTER.iter_unpack(data[:whole]), strict=True):
        yield BlobEntry(at, *entry)


def action_of(number: int) -> Action | None:
    """Return the action that KVM knows by this number."""
    try:
        return ACTION_OF_KVM[SmcccFilterAction(number)]
    except ValueError:
        return None


def no_action(number: int, where: str) -> tuple[str, str]:
    """Say, as message and hint, that ``number`` is no action."""
    message = f"{where}: the action is {number}, and KVM has {ACTIONS}: it answers {Errno.EINVAL}"
    return message, "correct the action"


def _why_refused(entry: BlobEntry) -> str:
    """Say why KVM refuses an entry, in the order of KVM's own checks."""
    _, base, nr_functions, action, _ = entry
    if (used := entry.used_padding) is not None:
        return f"byte {used} of the padding is not 0 and must be"
    if not nr_functions:
        return f"no functions at {show(base)}"
    if base + nr_functions > SPACE:
        return f"{nr_functions:,} functions from {show(base)} on pass 0xFFFFFFFF"
    if action_of(action) is None:
        choices = ", ".join(f"{known.value} ({ACTION_OF_KVM[known]})" for known in SmcccFilterAction)
        return f"action {action} is none of {choices}"
    return f"{show(base)}+{nr_functions} has IDs that an earlier entry has, or that KVM reserves"
