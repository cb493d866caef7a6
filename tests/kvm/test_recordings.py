"""Every line of every recording, predicted by the model; which kernels the older ones stand for, README tells.

What a line's answer is compared with, and the few values that are the host's to choose: ``recordings``.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES, SMCCC_ARCH_WORKAROUNDS
from smccc_filter.kvm.machine import NOT_SUPPORTED, U32_MAX
from smccc_filter.kvm.profiles import RAN, Profile, profile
from tests.conftest import Golden
from tests.kvm.recordings import ReplayedLine, replay
from tests.paths import ANSWERS

KERNEL = re.compile(r"-([0-9.]+)\.txt")
FILES = sorted(path.name for path in ANSWERS.glob("*.txt"))
STAND_FOR = {
    "6.12": ["6.12", "6.12.43", "6.12.95", "6.12.117"],
    "7.3": ["6.16.12", "6.18.15", "7.0.10", "7.0.13", "7.1.3", "7.1.13", "7.2.6", "7.2.11", "7.3", "7.3.4"],
}
"""The kernels that answered as a recording of the older ones has it; ``insert-*.txt`` is another test's."""
RECORDED_ON = {"6.12": "6.12.95", "7.3": "7.3.4"}
CASES = [
    (file, name)
    for file in FILES
    if not file.startswith("insert-")
    for kernel in KERNEL.findall(file)
    for name in STAND_FOR.get(kernel, [kernel])
]
FEATURES_AND_VERSION = {0x8400_0000, 0x8400_000A, 0x8000_0000, 0x8400_0050, 0x8400_0051, 0xC500_0020, 0x8600_0000}
WORKAROUND_RETURNS = {0, 1, NOT_SUPPORTED & U32_MAX, NOT_SUPPORTED - 1 & U32_MAX}
GOLDEN = Path(__file__).parent / "golden" / "recordings.txt"


def known(name: str) -> Profile:
    found = profile(RECORDED_ON.get(name, name))
    assert found is not None
    return found


@pytest.mark.parametrize(("file", "name"), CASES)
def test_every_line_is_answered_as_the_kernel_did(file: str, name: str) -> None:
    """Of what a host chooses, only the values are left open, and of no FEATURES or VERSION call but ARCH_FEATURES'."""
    kernel = profile(name)
    assert kernel is not None
    replayed = list(replay(file, kernel))
    wrong = [f"{line.operation}|{line.answer} instead of {line.expected}" for line in replayed if not line.agrees()]
    assert wrong == []
    assert len(replayed) == len((ANSWERS / file).read_text(encoding="ascii").splitlines()) > 0
    for line in replayed:
        if line.kind == "host":
            only_a_host_knows(line)


def only_a_host_knows(line: ReplayedLine) -> None:
    word, *numbers = line.operation.split()
    func_id, *arguments = (int(number, 16) & U32_MAX for number in numbers[2 if word == "C" else 0 :])
    assert func_id not in FEATURES_AND_VERSION, line
    if func_id == SMCCC_ARCH_FEATURES:
        assert arguments[0] in SMCCC_ARCH_WORKAROUNDS, line
        assert int(line.answer.split()[2 if word == "C" else 1], 16) & U32_MAX in WORKAROUND_RETURNS, line


def test_what_was_compared_of_each_recording(golden: Golden) -> None:
    """The golden file says how many lines were asked of what, and of how many a value is the host's to choose."""
    rows = []
    for file in FILES:
        kinds = Counter(line.kind for line in replay(file, known(KERNEL.findall(file)[0])))
        counted = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        rows.append(f"{file}: {kinds.total()} lines: {counted}\n")
    golden(GOLDEN, "".join(rows))


def test_every_kernel_of_a_recording_is_known_to_have_run() -> None:
    names = {name for file in FILES for name in KERNEL.findall(file)} | {name for _, name in CASES}
    assert {RECORDED_ON.get(name, name) for name in names} <= RAN
