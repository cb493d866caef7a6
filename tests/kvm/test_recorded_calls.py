"""Every call that two real kernels' guests made, and every register write before it, replayed line by line.

``guest-*.txt`` has random filters and registers, ``features-*.txt`` every discovery call about every known function
under every register value. The README beside them explains the notation.
"""

from collections import Counter
from typing import NamedTuple

import pytest

from smccc_filter.kvm.filter import FilteredVm
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import SMCCC_ARCH_WORKAROUNDS, kvm_arm_set_fw_reg
from smccc_filter.kvm.machine import NOT_SUPPORTED, Call, Conduit, Machine, Outcome, Reply
from smccc_filter.kvm.profiles import Profile, profile
from smccc_filter.kvm.uapi import Errno
from tests.paths import ANSWERS

FILES = ["guest-6.12.txt", "guest-7.3.txt", "features-6.12.txt", "features-7.3.txt"]
ERRNO = {"0": None, "2": Errno.ENOENT, "16": Errno.EBUSY, "17": Errno.EEXIST, "22": Errno.EINVAL}
CONDUIT = {"P": Conduit.HVC, "S": Conduit.SMC}
X3 = 0xDEAD_0003
ARCH_FEATURES, TRNG_RND, PTP = 0x8000_0001, (0x8400_0053, 0xC400_0053), 0x8600_0001
FEATURES_AND_VERSION = (0x8400_0000, 0x8400_000A, 0x8000_0000, ARCH_FEATURES, 0x8400_0050, 0x8400_0051, 0xC500_0020)
KVM_FEATURES = 0x8600_0000
WORKAROUND_RETURNS = {0, 1, NOT_SUPPORTED, NOT_SUPPORTED - 1}

# The README: these were asked the same, and differ in nothing that is recorded here.
KERNELS = {
    "6.12": ["6.12", "6.12.43", "6.12.95", "6.12.117"],
    "7.3": ["6.16.12", "6.18.15", "7.0.10", "7.0.13", "7.1.3", "7.1.13", "7.2.6", "7.2.11", "7.3", "7.3.4"],
}
CASES = [(file, name) for file in FILES for series, names in KERNELS.items() if series in file for name in names]


class Replay:
    """One kernel under the recorded operations."""

    def __init__(self, known: Profile) -> None:
        self.known = known
        self.vm = FilteredVm(known)
        self.machine = Machine(known)
        self.compared: Counter[str] = Counter()

    def line(self, line: str) -> None:
        operation, answer = line.split("|")
        word, *numbers = operation.split()
        if word == "V":
            assert (numbers, answer) == ([], "ok")
            self.vm = FilteredVm(self.known)
            self.machine = Machine(self.known, filter=self.vm.kvm_smccc_filter_get_action)
            self.compared["V"] += 1
        elif word == "F":
            base, nr_functions, action, pad = numbers
            errno = self.vm.kvm_smccc_set_filter(int(base, 16), int(nr_functions, 16), int(action), int(pad))
            assert errno == ERRNO[answer], line
            self.compared["F"] += 1
        elif word == "R":
            self.register(int(numbers[0], 16), int(numbers[1], 16), ERRNO[answer], line)
        else:
            self.call(CONDUIT[word], int(numbers[0], 16), int(numbers[1], 16), answer, line)

    def register(self, reg_id: int, value: int, errno: Errno | None, line: str) -> None:
        after = kvm_arm_set_fw_reg(self.machine, reg_id, value)
        if isinstance(after, Machine):
            assert errno is None, line
            self.machine = after
        else:
            assert after is errno, line
        self.compared["R"] += 1

    def call(self, conduit: Conduit, func_id: int, x1: int, answer: str, line: str) -> None:
        reply = call_of(self.machine, conduit, Call(func_id, x1, 0, X3))
        assert reply.event is None, line
        verb, *values = answer.split()
        if verb == "user":
            flags = 1 if conduit is Conduit.SMC else 0
            assert values == [f"nr={func_id:x}", f"flags={flags}", "pc+4"], line
            assert (reply.outcome, reply.registers) == (Outcome.FORWARDED, None), line
            self.compared["forwarded"] += 1
            return
        assert verb == "ret", line
        x0, x1, x2, x3 = (int(value, 16) for value in values)
        assert reply.outcome is not Outcome.FORWARDED, line
        if reply.registers is not None:
            assert reply.registers == (x0, x1, x2, x3), line
        else:
            self.unpredictable(func_id, line, reply, x0)
        kind = "exact" if reply.registers else "host"
        self.compared["denied" if reply.outcome is Outcome.NOT_SUPPORTED else f"answered, {kind}"] += 1

    def unpredictable(self, func_id: int, line: str, reply: Reply, x0: int) -> None:
        assert reply.outcome is Outcome.ANSWERED, line
        asked = int(line.split("|", maxsplit=1)[0].split()[2], 16)
        if func_id == ARCH_FEATURES:
            assert asked in SMCCC_ARCH_WORKAROUNDS, line
            assert x0 in WORKAROUND_RETURNS, line
        else:
            assert func_id in (PTP, *TRNG_RND), line
            assert func_id not in FEATURES_AND_VERSION, line


class Recording(NamedTuple):
    lines: list[str]

    @property
    def words(self) -> Counter[str]:
        return Counter(line[0] for line in self.lines)


def recording(file: str) -> Recording:
    return Recording((ANSWERS / file).read_text(encoding="ascii").splitlines())


@pytest.mark.parametrize(("file", "name"), CASES)
def test_every_line_is_answered_as_the_kernel_did(file: str, name: str) -> None:
    known = profile(name)
    assert known is not None
    recorded = recording(file)
    replay = Replay(known)
    for line in recorded.lines:
        replay.line(line)
    calls = recorded.words["P"] + recorded.words["S"]
    counted = dict(replay.compared)
    assert (
        sum(counted.pop(word, 0) for word in "VFR") == recorded.words["V"] + recorded.words["F"] + recorded.words["R"]
    )
    assert sum(counted.values()) == calls
    assert replay.compared.total() == len(recorded.lines) > 0


@pytest.mark.parametrize("file", FILES)
def test_only_the_hosts_own_values_are_left_open(file: str) -> None:
    """Of the FEATURES and VERSION calls, all but ARCH_FEATURES about a workaround have an exact prediction."""
    series = "6.12" if "6.12" in file else "7.3"
    known = profile({"6.12": "6.12.95", "7.3": "7.3.4"}[series])
    assert known is not None
    replay = Replay(known)
    open_lines, exact = [], 0
    for line in recording(file).lines:
        before = replay.compared["answered, host"]
        replay.line(line)
        word, *numbers = line.split("|")[0].split()
        if word not in CONDUIT or int(numbers[0], 16) not in (*FEATURES_AND_VERSION, KVM_FEATURES):
            continue
        if replay.compared["answered, host"] > before:
            open_lines.append(int(numbers[1], 16))
        else:
            exact += 1
    assert set(open_lines) <= set(SMCCC_ARCH_WORKAROUNDS)
    assert exact > 10 * len(open_lines)


@pytest.mark.parametrize("file", ["guest-6.12.txt", "guest-7.3.txt"])
def test_the_recording_shows_every_kind_of_answer(file: str) -> None:
    known = profile("6.12.95" if "6.12" in file else "7.3.4")
    assert known is not None
    replay = Replay(known)
    for line in recording(file).lines:
        replay.line(line)
    assert set(replay.compared) == {"V", "F", "R", "denied", "forwarded", "answered, exact", "answered, host"}
