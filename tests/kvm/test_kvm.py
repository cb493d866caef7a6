"""What insertion promises beyond the recorded cases: order of checks, the reserved ranges, and laws against a list."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.kvm.filter import RESERVED, FilteredVm
from smccc_filter.kvm.profiles import NEWEST, Profile, ReservedInserted, all_profiles
from smccc_filter.kvm.uapi import Errno, SmcccFilterAction
from smccc_filter.smccc.function_id import SPACE

DENY = SmcccFilterAction.DENY
HANDLE = SmcccFilterAction.HANDLE
FWD_TO_USER = SmcccFilterAction.FWD_TO_USER
FIXED = NEWEST
BEFORE_FIX = next(p for p in reversed(all_profiles()) if p.empty_range_at_zero.value is Errno.EEXIST)
OLDEST = all_profiles()[0]


class Entry(NamedTuple):
    base: int
    nr_functions: int
    action: int
    pad: int


class Naive:
    """The rules of Documentation/virt/kvm/devices/vm.rst as one would say them, with a plain list of claims."""

    def __init__(self, empty_at_zero: Errno) -> None:
        self.empty_at_zero = empty_at_zero
        self.claims = [(range(0x8000_0000, 0x8001_0000), 0), (range(0xC000_0000, 0xC001_0000), 0)]

    def insert(self, entry: Entry) -> Errno | None:
        if entry.pad != 0 or entry.action not in (0, 1, 2):
            return Errno.EINVAL
        if entry.nr_functions == 0:
            return self.empty_at_zero if entry.base == 0 else Errno.EINVAL
        claim = range(entry.base, entry.base + entry.nr_functions)
        if claim[-1] >= SPACE:
            return Errno.EINVAL
        if any(claim[0] in other or other[0] in claim for other, _ in self.claims):
            return Errno.EEXIST
        self.claims.append((claim, entry.action))
        return None

    def action(self, fid: int) -> int:
        return next((action for claim, action in self.claims if fid in claim), 0)

    def boundaries(self) -> list[int]:
        edges = {edge + step for claim, _ in self.claims for edge in (claim[0], claim[-1]) for step in (-1, 0, 1)}
        return sorted(fid for fid in edges | {0, SPACE - 1} if 0 <= fid < SPACE)


EDGES = [0, 0x7FFF_FFFF, 0x8000_0000, 0x8001_0000, 0x8400_0000, 0xBFFF_FFFF, 0xC000_0000, 0xC001_0000, 0xFFFF_FFFF]
bases = st.one_of(
    st.builds(lambda edge, step: max(0, min(SPACE - 1, edge + step)), st.sampled_from(EDGES), st.integers(-12, 12)),
    st.integers(0, SPACE - 1),
)
counts = st.one_of(st.integers(0, 12), st.sampled_from([1 << bit for bit in range(32)]), st.integers(0, SPACE - 1))
actions = st.one_of(st.integers(0, 2), st.integers(0, 255))
pads = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(0, (1 << 120) - 1))
entries = st.builds(Entry, bases, counts, actions, pads)
profiles = st.sampled_from(all_profiles())


@given(profiles, st.lists(entries, max_size=40))
def test_agrees_with_a_plain_list(profile: Profile, inserted: list[Entry]) -> None:
    vm, naive = FilteredVm(profile), Naive(profile.empty_range_at_zero.value)
    for entry in inserted:
        assert vm.kvm_smccc_set_filter(*entry) == naive.insert(entry)
    for fid in naive.boundaries():
        assert vm.kvm_smccc_filter_get_action(fid) == naive.action(fid)


@given(profiles, st.lists(entries, max_size=20), st.integers(0, SPACE - 1))
def test_an_id_is_its_own_claim_or_handled(profile: Profile, inserted: list[Entry], fid: int) -> None:
    vm = FilteredVm(profile)
    taken = [entry for entry in inserted if vm.kvm_smccc_set_filter(*entry) is None]
    claims = [entry.action for entry in taken if entry.base <= fid < entry.base + entry.nr_functions]
    assert len(claims) <= 1
    assert [vm.kvm_smccc_filter_get_action(fid)] == (claims or [HANDLE])


@given(profiles, st.lists(entries, max_size=20), st.randoms(use_true_random=False))
def test_what_was_taken_is_taken_in_any_order(profile: Profile, inserted: list[Entry], shuffler: random.Random) -> None:
    vm = FilteredVm(profile)
    taken = [entry for entry in inserted if vm.kvm_smccc_set_filter(*entry) is None]
    edges = [fid for entry in taken for fid in (entry.base, entry.base + entry.nr_functions - 1)]
    shuffled = taken.copy()
    shuffler.shuffle(shuffled)
    other = FilteredVm(profile)
    assert all(other.kvm_smccc_set_filter(*entry) is None for entry in shuffled)
    assert [vm.kvm_smccc_filter_get_action(fid) for fid in edges] == [
        other.kvm_smccc_filter_get_action(fid) for fid in edges
    ]


@given(profiles, st.lists(entries, max_size=20), entries)
def test_what_was_taken_is_refused_again(profile: Profile, inserted: list[Entry], last: Entry) -> None:
    vm = FilteredVm(profile)
    for entry in [*inserted, last]:
        if vm.kvm_smccc_set_filter(*entry) is None:
            assert vm.kvm_smccc_set_filter(*entry) is Errno.EEXIST


@given(st.lists(entries.filter(lambda entry: (entry.base, entry.nr_functions) != (0, 0)), max_size=20))
def test_releases_differ_in_the_empty_range_at_zero_alone(inserted: list[Entry]) -> None:
    vms = [FilteredVm(profile) for profile in (OLDEST, BEFORE_FIX, FIXED)]
    for entry in inserted:
        assert len({vm.kvm_smccc_set_filter(*entry) for vm in vms}) == 1


@given(profiles, entries)
def test_after_a_vcpu_ran_nothing_is_taken(profile: Profile, entry: Entry) -> None:
    errno = FilteredVm(profile).kvm_smccc_set_filter(*entry)
    vm = FilteredVm(profile)
    vm.has_ran_once = True
    # The struct is judged before the VM is, the VM before its ranges.
    assert vm.kvm_smccc_set_filter(*entry) is (Errno.EINVAL if errno is Errno.EINVAL else Errno.EBUSY)
    assert not vm.kvm_smccc_filter_configured()


def test_what_a_running_vm_has_it_keeps() -> None:
    vm = FilteredVm(NEWEST)
    assert vm.kvm_smccc_set_filter(0x8400_0000, 0x20, FWD_TO_USER) is None
    vm.has_ran_once = True
    assert vm.kvm_smccc_set_filter(0x8400_0020, 1, DENY) is Errno.EBUSY
    assert vm.kvm_smccc_filter_get_action(0x8400_001F) is FWD_TO_USER
    assert vm.kvm_smccc_filter_get_action(0x8400_0020) is HANDLE


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)
def test_everything_but_the_reserved_ranges_takes_three_entries(profile: Profile) -> None:
    vm = FilteredVm(profile)
    for base, count in ((0, 0x8000_0000), (0x8001_0000, 0x3FFF_0000), (0xC001_0000, 0x3FFF_0000)):
        assert vm.kvm_smccc_set_filter(base, count, DENY) is None
    for start, stop in RESERVED:
        assert {vm.kvm_smccc_filter_get_action(fid) for fid in (start, stop - 1)} == {HANDLE}
        assert {vm.kvm_smccc_filter_get_action(fid) for fid in (start - 1, stop)} == {DENY}
    assert {vm.kvm_smccc_filter_get_action(fid) for fid in (0, SPACE - 1)} == {DENY}


def test_handle_occupies_its_range() -> None:
    vm = FilteredVm(NEWEST)
    assert vm.kvm_smccc_set_filter(0x8400_0000, 0x20, HANDLE) is None
    assert vm.kvm_smccc_set_filter(0x8400_001F, 2, DENY) is Errno.EEXIST
    assert vm.kvm_smccc_set_filter(0x8400_0020, 1, DENY) is None


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)
def test_an_invalid_struct_leaves_the_filter_unconfigured(profile: Profile) -> None:
    vm = FilteredVm(profile)
    for entry in (Entry(0, 1, 3, 0), Entry(1, 0, 1, 0), Entry(0xFFFF_FFFF, 2, 1, 0), Entry(0, 1, 1, 1)):
        assert vm.kvm_smccc_set_filter(*entry) is Errno.EINVAL
    assert not vm.kvm_smccc_filter_configured()
    assert vm.kvm_smccc_filter_get_action(0x8400_0000) is HANDLE


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)
def test_a_refused_overlap_configures_the_filter_where_reserved_ranges_come_late(profile: Profile) -> None:
    vm = FilteredVm(profile)
    assert vm.kvm_smccc_set_filter(0x8000_0000, 1, DENY) is Errno.EEXIST
    late = profile.reserved_inserted.value is ReservedInserted.FIRST_FILTER_CALL
    assert vm.kvm_smccc_filter_configured() is late
    assert vm.kvm_smccc_set_filter(0, 1, DENY) is None
    assert vm.kvm_smccc_filter_configured()


def test_the_empty_range_at_zero_configures_the_filter_between_6_7_and_the_fix() -> None:
    configured = {}
    for profile in all_profiles():
        vm = FilteredVm(profile)
        vm.kvm_smccc_set_filter(0, 0, DENY)
        configured[profile.name] = vm.kvm_smccc_filter_configured()
    assert [name for name, value in configured.items() if not value] == ["6.4", "6.5", "6.6", "7.3"]


@pytest.mark.parametrize(
    "entry",
    [
        Entry(-1, 1, 0, 0),
        Entry(SPACE, 1, 0, 0),
        Entry(0, -1, 0, 0),
        Entry(0, SPACE, 0, 0),
        Entry(0, 1, -1, 0),
        Entry(0, 1, 256, 0),
    ],
)
def test_what_the_struct_cannot_hold_is_a_bug_of_the_caller(entry: Entry) -> None:
    with pytest.raises(ValueError, match="no struct kvm_smccc_filter holds"):
        FilteredVm(NEWEST).kvm_smccc_set_filter(*entry)


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_a_policy_of_the_largest_size_is_taken(order: str) -> None:
    bases = list(range(0, 200_000, 2))
    if order == "descending":
        bases.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(bases)  # noqa: S311 - any order does
    vm = FilteredVm(NEWEST)
    assert all(vm.kvm_smccc_set_filter(base, 1, DENY) is None for base in bases)
    assert [vm.kvm_smccc_filter_get_action(fid) for fid in (0, 1, 199_998, 199_999)] == [DENY, HANDLE, DENY, HANDLE]
