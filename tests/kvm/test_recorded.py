"""Every insertion that two real kernels were asked for, and what five more are recorded to have answered otherwise."""

from typing import NamedTuple

import pytest

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.profiles import RAN, profile
from smccc_filter.kvm.uapi import Errno
from tests.paths import ANSWERS

ERRNO = {"0": None, "17": Errno.EEXIST, "22": Errno.EINVAL}


class Insertion(NamedTuple):
    base: int
    nr_functions: int
    action: int
    pad: int
    errno: Errno | None


def recorded(file: str) -> list[list[Insertion]]:
    """Return the insertions of each VM, in order; every line of the file must be a V or an F."""
    vms: list[list[Insertion]] = []
    for line in (ANSWERS / file).read_text(encoding="ascii").splitlines():
        operation, answer = line.split("|")
        word, *numbers = operation.split()
        if word == "V":
            assert (numbers, answer) == ([], "ok")
            vms.append([])
        else:
            assert word == "F", line
            base, nr_functions, action, pad = numbers
            vms[-1].append(Insertion(int(base, 16), int(nr_functions, 16), int(action), int(pad), ERRNO[answer]))
    return vms


# The README beside the files, and `python -m tests.programs.live --kernel` for the others: the kernels without a file
# of their own differ from one that has in `F 0 0` alone.
KERNELS = [
    ("6.12", "insert-6.12.txt", Errno.EEXIST),
    ("6.12.43", "insert-6.12.txt", Errno.EEXIST),
    ("6.12.95", "insert-6.12.txt", Errno.EEXIST),
    ("6.12.117", "insert-6.12.txt", Errno.EINVAL),
    ("6.16.12", "insert-7.3.txt", Errno.EEXIST),
    ("6.18.15", "insert-7.3.txt", Errno.EEXIST),
    ("7.0.10", "insert-7.3.txt", Errno.EEXIST),
    ("7.0.13", "insert-7.3.txt", Errno.EEXIST),
    ("7.1.3", "insert-7.3.txt", Errno.EEXIST),
    ("7.1.13", "insert-7.3.txt", Errno.EEXIST),
    ("7.2.6", "insert-7.3.txt", Errno.EEXIST),
    ("7.2.11", "insert-7.3.txt", Errno.EINVAL),
    ("7.3", "insert-7.3.txt", Errno.EINVAL),
    ("7.3.4", "insert-7.3.txt", Errno.EINVAL),
]


def test_every_kernel_that_ran_is_replayed() -> None:
    others = {"6.4.6", "6.6.150", "6.8.1", "6.12.118"}  # recorded later, and replayed with their guests' calls
    assert {name for name, _, _ in KERNELS} - {"6.12", "7.3"} | others == RAN


@pytest.mark.parametrize(("name", "file", "empty_at_zero"), KERNELS)
def test_every_line_is_answered_as_the_kernel_did(name: str, file: str, empty_at_zero: Errno) -> None:
    known = profile(name)
    assert known is not None
    compared = 0
    for insertions in recorded(file):
        vm = FilteredVm(known)
        compared += 1
        for base, nr_functions, action, pad, errno in insertions:
            expected = empty_at_zero if (base, nr_functions) == (0, 0) else errno
            assert vm.kvm_smccc_set_filter(base, nr_functions, action, pad) == expected, (base, nr_functions, action)
            compared += 1
    assert compared == len((ANSWERS / file).read_text(encoding="ascii").splitlines()) > 0


@pytest.mark.parametrize("name", ["6.12.95", "7.3.4"])
def test_the_kernels_with_a_file_need_no_exception(name: str) -> None:
    file = {"6.12.95": "insert-6.12.txt", "7.3.4": "insert-7.3.txt"}[name]
    empty = {i.errno for vm in recorded(file) for i in vm if (i.base, i.nr_functions) == (0, 0)}
    known = profile(name)
    assert known is not None
    assert empty == {known.empty_range_at_zero.value}


@pytest.mark.parametrize("file", ["insert-6.12.txt", "insert-7.3.txt"])
def test_the_recording_holds_every_errno(file: str) -> None:
    assert {i.errno for vm in recorded(file) for i in vm} == {None, Errno.EEXIST, Errno.EINVAL}
