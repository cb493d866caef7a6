"""Ask a live kernel again what kernels were asked once, and compare line by line.

This proves the harness before it is used to judge the model: answers that agree with those of another program, written
by others, are answers of KVM's. The recordings and what may differ in them: tests/data/kvm_answers/README.md.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from smccc_filter.kvm.hypercalls import SMCCC_ARCH_FEATURES
from smccc_filter.kvm.profiles import KernelVersion, Profile, parse
from tests.programs.live.compare import Ask, Difference, agrees
from tests.programs.live.predict import predict

RECORDING = re.compile(r"[a-z]+-(\d+\.\d+)\.txt")

ARCH_WORKAROUNDS = frozenset({0x8000_3FFF, 0x8000_7FFF, 0x8000_8000})
"""ARCH_WORKAROUND_3, _2 and _1: whether they are there, and are needed, is the CPU model's to say."""

VALUE_VARIES = frozenset(
    {
        *ARCH_WORKAROUNDS,
        *(0x8400_0053, 0xC400_0053),  # TRNG_RND: entropy
        0x8600_0001,  # VENDOR_HYP_KVM_PTP: clocks
    }
)
"""Calls whose results are compared no further than whether KVM answered, denied or forwarded them."""

NOT_SUPPORTED = "ffffffffffffffff"


class Replay(NamedTuple):
    """What came of some recordings."""

    files: list[str]
    compared: int
    differences: list[Difference]


def replay(profile: Profile, folders: Sequence[Path], ask: Ask) -> Replay:
    """Run in one boot, of every folder, the recordings of the nearest release that is not older than the kernel.

    6.16 and later were seen to answer as 7.3 does, not as 6.12. A kernel newer than all recordings gets the newest.
    """
    files = [file for folder in folders for file in _recordings(profile, folder)]
    recorded = [line.partition("|")[::2] for file in files for line in file.read_text(encoding="ascii").splitlines()]
    if not recorded:
        return Replay([], 0, [])
    answers = ask([operation for operation, _ in recorded])
    differences = [
        Difference(operation, expected, answer)
        for (operation, expected), answer in zip(_as_of(profile, recorded), answers, strict=True)
        if not _agrees(operation, expected, answer)
    ]
    return Replay([file.name for file in files], len(recorded), differences)


def _recordings(profile: Profile, folder: Path) -> list[Path]:
    by_version: dict[KernelVersion, list[Path]] = {}
    for file in sorted(folder.glob("*.txt")):
        match = RECORDING.fullmatch(file.name)
        version = parse(match[1]) if match else None
        if version is not None:
            by_version.setdefault(version, []).append(file)
    kernel = parse(profile.name)
    if kernel is None or not by_version:
        return []
    not_older = [version for version in by_version if version[:2] >= kernel[:2]]
    return by_version[min(not_older) if not_older else max(by_version)]


def _as_of(profile: Profile, recorded: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put this release's errno of the empty range at 0, in which stable releases of one series differ."""
    return [
        (line, predict(profile, [line])[0] or answer if line.startswith("F 0 0 ") else answer)
        for line, answer in recorded
    ]


def _agrees(operation: str, expected: str, answer: str) -> bool:
    word, *arguments = operation.split()
    if word in ("P", "S"):
        func_id, about = (int(argument, 16) for argument in [*arguments, "0"][:2])
        if func_id == SMCCC_ARCH_FEATURES and about in ARCH_WORKAROUNDS:
            return expected.split(maxsplit=1)[0] == answer.split(maxsplit=1)[0]
        if func_id in VALUE_VARIES:
            return _outcome(expected) == _outcome(answer)
    return agrees(expected, answer)


def _outcome(answer: str) -> str:
    word, *values = answer.split()
    return f"{word} -1" if word == "ret" and values[0] == NOT_SUPPORTED else word
