import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts import readers
from smccc_filter.artefacts.readers.blob import filter_of
from smccc_filter.artefacts.readers.refused import refused_entries
from smccc_filter.kvm.profiles import NEWEST, profile
from smccc_filter.kvm.uapi import ACTION_OF_KVM, KVM_SMCCC_FILTER, Action
from tests.policies.shipped import each_policy, examine


def entry(base: int, nr_functions: int = 1, action: int = 1, pad: bytes = b"") -> bytes:
    return KVM_SMCCC_FILTER.pack(base, nr_functions, action, pad)


def fields_of(data: bytes) -> tuple[int, int, Action]:
    base, nr_functions, action, _ = KVM_SMCCC_FILTER.unpack(data)
    return base, nr_functions, ACTION_OF_KVM[action]


GOOD = entry(0x8400_0000, 32, 2)

TAKEN = "has IDs that an earlier entry has, or that KVM reserves"

FAULTS = [
    (GOOD[:-1], ["entry 1 (byte 0): 23 bytes where an entry has 24; the file is cut off, or no blob"]),
    (GOOD * 1 + b"\0", ["entry 2 (byte 24): 1 byte where an entry has 24; the file is cut off, or no blob"]),
    (
        GOOD + entry(0x8600_0000, pad=bytes(14) + b"\7"),
        ["entry 2 (byte 24): byte 14 of the padding is not 0 and must be; KVM answers EINVAL"],
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
    assert list(filter_of(data, NEWEST).faults) == faults


@pytest.mark.parametrize(("kernel", "errno"), [("6.12", "EEXIST"), ("6.12.112", "EINVAL"), ("7.3", "EINVAL")])
def test_the_errno_is_that_of_the_kernel(kernel: str, errno: str) -> None:
    known = profile(kernel)
    assert known is not None
    (fault,) = filter_of(entry(0, 0), known).faults
    assert fault.endswith(f"no functions at 0x00000000; KVM answers {errno}")


@each_policy
def test_a_compiled_policy_reads_back_as_the_policy(name: str) -> None:
    examination = examine(name)
    data = pipeline.build(examination, "blob").data
    found = filter_of(data, NEWEST)
    assert found.faults == ()
    assert found.actions == examination.resolution.actions
    assert b"".join(found.entries) == data


def test_entries_may_stand_in_any_order_and_say_handle() -> None:
    found = filter_of(entry(0x9000, 16, 2) + entry(0x1000, 16, 0) + entry(0x2000, 1, 1), NEWEST)
    segments = [segment for segment in found.actions.segments() if segment[2] is not Action.HANDLE]
    assert segments == [(0x2000, 0x2001, Action.DENY), (0x9000, 0x9010, Action.FORWARD)]
    assert len(found.entries) == 3


entries = st.builds(entry, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0x1_0000), st.integers(0, 3))


@given(st.binary(max_size=120) | st.lists(entries, max_size=4).map(b"".join))
def test_any_bytes_are_read_or_refused_with_reasons(data: bytes) -> None:
    found = filter_of(data, NEWEST)
    assert b"".join(found.entries) == data[: len(data) // 24 * 24]
    reading = readers.read("-", data, "blob")
    if reading.faults or refused_entries(reading.entries or ()):
        assert found.faults
    else:
        assert found.faults == ()
        assert [fields_of(each) for each in found.entries] == [each[:3] for each in reading.entries or ()]
