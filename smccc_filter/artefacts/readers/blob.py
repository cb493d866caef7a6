"""Entries out of a blob: one ``struct kvm_smccc_filter`` after the other.

Everything that an entry can hold is read; what no policy can say (an action that KVM does not have, padding in use, a
piece of an entry) is a fault, with the errno that KVM gives for it.
"""

from smccc_filter.artefacts.readers.reading import ReadEntry, Reading, ReadingFault
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_SMCCC_FILTER, Action, Errno, SmcccFilterAction

ENTRY_BYTES = KVM_SMCCC_FILTER.size
ACTION_AT = 8
PAD_AT = 9
"""Byte of the entry at which the action is, and the padding begins."""

ACTIONS = "0 (HANDLE), 1 (DENY) or 2 (FWD_TO_USER)"


def read(data: bytes) -> Reading:
    """Cut the bytes into entries of 24 bytes, little endian."""
    entries: list[ReadEntry] = []
    faults: list[ReadingFault] = []
    whole = len(data) - len(data) % ENTRY_BYTES
    for number, (base, nr_functions, action, pad) in enumerate(KVM_SMCCC_FILTER.iter_unpack(data[:whole]), 1):
        at = (number - 1) * ENTRY_BYTES
        place = f"entry {number} at byte {at}"
        if any(pad):
            faults.append(_padding(place, at, pad))
        known = action_of(action)
        if known is None:
            faults.append(ReadingFault(place, *no_action(action, f"byte {at + ACTION_AT}")))
        else:
            entries.append(ReadEntry(base, nr_functions, known, place))
    if len(data) > whole:
        faults.append(_partial(len(data), whole))
    return Reading("blob", None, tuple(entries), None, tuple(faults))


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


def _padding(place: str, at: int, pad: bytes) -> ReadingFault:
    used = next(i for i, byte in enumerate(pad) if byte)
    message = f"byte {at + PAD_AT + used} is 0x{pad[used]:02X}, and padding must be zero: KVM answers {Errno.EINVAL}"
    return ReadingFault(
        place, message, f"clear the padding, or check that this is a blob of {ENTRY_BYTES}-byte entries"
    )


def _partial(size: int, whole: int) -> ReadingFault:
    place = f"entry {whole // ENTRY_BYTES + 1} at byte {whole}"
    message = (
        f"the file has {size:,} bytes, no multiple of {ENTRY_BYTES}: the last entry has {size - whole} of its bytes"
    )
    return ReadingFault(place, message, "name another file, or its --format where it is no blob")
