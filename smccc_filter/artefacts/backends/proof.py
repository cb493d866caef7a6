"""That an artefact decides as the policy does, for each of the 2**32 function IDs.

Merging and writing entries is where a filter can become weaker than its policy without anyone seeing it. So what was
emitted is read back, given entry by entry to the model of KVM, and what the model then decides is compared with the
policy's map wherever either of them can change. What stands around the tables is the decoder's to recognise, byte for
byte: ``frame``.
"""

from typing import NamedTuple

from smccc_filter.artefacts.backends.program import DecodedArtefact, FilterEntry, VmmProgram
from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_ACTION, Action
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.intervals import IntervalMap


class Artefact(NamedTuple):
    """A compiled policy and over how many function IDs it was proved, 0 for a format without a filter.

    Where a rule says what the VMM answers and nothing of that is in it, ``missing`` says why.
    """

    data: bytes
    proved: int
    missing: str = ""


class ProofError(Exception):
    """The artefact does not say what the policy says: a bug of this tool, never of the policy.

    ``fid`` is the first function ID that differs, or the base of the first entry that KVM would refuse, or the ID of a
    register; ``wanted`` is what the policy says of it and ``got`` what the artefact does.
    """

    def __init__(self, fid: int, wanted: str, got: str) -> None:
        super().__init__(f"{show(fid)}: the policy says {wanted}, the artefact {got}")
        self.fid = fid
        self.wanted = wanted
        self.got = got


def prove(
    program_map: IntervalMap[Action],
    decoded: DecodedArtefact,
    registers: tuple[tuple[int, int], ...],
    title: tuple[str | None, str | None] = (None, None),
    vmm: VmmProgram | None = None,
) -> int:
    """Compare ``decoded`` with the policy's map, registers and title; return how many function IDs that proves.

    ``registers`` are pairs of ID and value, ``title`` is the name and the licence, ``vmm`` what the VMM answers where
    the policy says it and the format has it. The number is 2**32, or 0 for a format without entries. Raises ProofError
    for the first difference. O(n log n).
    """
    if (decoded.name, decoded.license) != title:
        raise ProofError(0, f"it is {title}", f"that it is {(decoded.name, decoded.license)}")
    if decoded.registers is not None:
        _compare_registers(decoded.registers, registers)
    if vmm is not None or decoded.vmm is not None:
        from smccc_filter.artefacts.backends.vmm_proof import differences

        for difference in differences(program_map, decoded.vmm, vmm):
            raise ProofError(*difference)
    if decoded.entries is None:
        return 0
    vm = _install(program_map, decoded.entries)
    policy = dict(zip(program_map.starts, program_map.values, strict=True))
    boundaries = {*policy, *(entry.base for entry in decoded.entries)}
    boundaries.update(entry.base + entry.nr_functions for entry in decoded.entries)
    boundaries.discard(SPACE)
    wanted = Action.HANDLE
    for fid in sorted(boundaries):
        wanted = policy.get(fid, wanted)
        got = ACTION_OF_KVM[vm.kvm_smccc_filter_get_action(fid)]
        if got is not wanted:
            raise ProofError(fid, wanted, got)
    return SPACE


def _install(program_map: IntervalMap[Action], entries: tuple[FilterEntry, ...]) -> FilteredVm:
    """Give the entries to KVM in order, which must ascend: the generated ``forwards`` searches them by bisection."""
    vm = FilteredVm(NEWEST)
    last = 0
    for base, nr_functions, action in entries:
        errno = vm.kvm_smccc_set_filter(base, nr_functions, KVM_ACTION[action])
        if errno is not None:
            raise ProofError(base, program_map[base], f"an entry that KVM refuses with {errno}")
        if base < last:
            raise ProofError(base, program_map[base], "an entry out of order")
        last = base
    return vm


def _compare_registers(got: tuple[tuple[int, int], ...], wanted: tuple[tuple[int, int], ...]) -> None:
    for (want_id, want), (got_id, value) in zip(wanted, got, strict=False):
        if got_id != want_id:
            raise ProofError(want_id, f"{want:#x}", f"writes {show(got_id)} in its place")
        if value != want:
            raise ProofError(want_id, f"{want:#x}", f"{value:#x}")
    for want_id, want in wanted[len(got) :]:
        raise ProofError(want_id, f"{want:#x}", "nothing")
    for got_id, value in got[len(wanted) :]:
        raise ProofError(got_id, "nothing", f"{value:#x}")
