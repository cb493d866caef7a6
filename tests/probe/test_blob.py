import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.kvm.profiles import NEWEST, profile
from smccc_filter.kvm.uapi import KVM_SMCCC_FILTER, Action
from smccc_filter.probe.blob import MalformedBlobError, read
from tests.policies.shipped import each_policy, examine


def entry(base: int, nr_functions: int = 1, action: int = 1, pad: bytes = b"") -> bytes:
    return KVM_SMCCC_FILTER.pack(base, nr_functions, action, pad)


GOOD = entry(0x8400_0000, 32, 2)

TAKEN = "has IDs that an earlier entry has, or that KVM reserves"

FAULTS = [
    (GOOD[:-1], ["entry 1 (byte 0): 23 bytes where an entry has 24; the file is cut off, or no blob"]),
    (GOOD * 1 + b"\0", ["entry 2 (byte 24): 1 byte where an entry has 24; the file is cut off, or no blob"]),
    (
        GOOD + entry(0x8600_0000, pad=bytes(14) + b"\7"),
        ["entry 2 (byte 24): byte 14 of the padding is 0x07 and must be 0; KVM answers EINVAL"],
    ),
    (
        entry(0x8600_0000, action=7),
        ["entry 1 (byte 0): action 7 is none of 0 (handle), 1 (deny), 2 (forward); KVM answers EINVAL"],
    ),
    (GOOD + entry(0x8600_0000, 0), ["entry 2 (byte 24): no functions at 0x86000000; KVM answers EINVAL"]),
    (
        entry(0xFFFF_FFFF, 2),
        ["entry 1 (byte 0): 2 functions from 0xFFFFFFFF on pass 0xFFFFFFFF; KVM answers EINVAL"],
    ),
    (
        GOOD + entry(0x8400_001F),
        [f"entry 2 (byte 24): 0x8400001F+1 {TAKEN}; KVM answers EEXIST"],
    ),
    (
        entry(0x8000_0000, 1, 1) + entry(0x1000, action=3) + b"abc",
        [
            f"entry 1 (byte 0): 0x80000000+1 {TAKEN}; KVM answers EEXIST",
            "entry 2 (byte 24): action 3 is none of 0 (handle), 1 (deny), 2 (forward); KVM answers EINVAL",
            "entry 3 (byte 48): 3 bytes where an entry has 24; the file is cut off, or no blob",
        ],
    ),
]


@pytest.mark.parametrize(("data", "faults"), FAULTS)
def test_everything_wrong_is_told_with_its_entry(data: bytes, faults: list[str]) -> None:
    with pytest.raises(MalformedBlobError) as caught:
        read(data, NEWEST)
    assert list(caught.value.faults) == faults


@pytest.mark.parametrize(("kernel", "errno"), [("6.12", "EEXIST"), ("6.12.112", "EINVAL"), ("7.3", "EINVAL")])
def test_the_errno_is_that_of_the_kernel(kernel: str, errno: str) -> None:
    known = profile(kernel)
    assert known is not None
    with pytest.raises(MalformedBlobError, match=f"no functions at 0x00000000; KVM answers {errno}"):
        read(entry(0, 0), known)


@each_policy
def test_a_compiled_policy_reads_back_as_the_policy(name: str) -> None:
    examination = examine(name)
    data = pipeline.build(examination, "blob").data
    found = read(data, NEWEST)
    assert found.actions == examination.resolution.actions
    assert b"".join(found.entries) == data


def test_entries_may_stand_in_any_order_and_say_handle() -> None:
    found = read(entry(0x9000, 16, 2) + entry(0x1000, 16, 0) + entry(0x2000, 1, 1), NEWEST)
    segments = [segment for segment in found.actions.segments() if segment[2] is not Action.HANDLE]
    assert segments == [(0x2000, 0x2001, Action.DENY), (0x9000, 0x9010, Action.FORWARD)]
    assert len(found.entries) == 3


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused_with_reasons(data: bytes) -> None:
    try:
        found = read(data, NEWEST)
    except MalformedBlobError as error:
        found, faults = None, error.faults
    else:
        faults = ()
    assert (found is None) is bool(faults)
    assert found is None or b"".join(found.entries) == data
