"""Two programs that answer the same calls: by a generated dispatcher, and by a bare ``switch``."""

import shutil
import subprocess
from pathlib import Path

from smccc_filter.artefacts.backends import c
from smccc_filter.artefacts.backends.program import CompiledPolicy, FilterEntry, VmmAnswerRow, VmmProgram
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from tests.programs.bench.measure import Command

SOURCE = Path(__file__).with_name("dispatch.c")
IMPLEMENTED = (
    *("PSCI_CPU_SUSPEND", "PSCI_CPU_OFF", "PSCI_CPU_ON", "PSCI_AFFINITY_INFO"),
    *("PSCI_SYSTEM_OFF", "PSCI_SYSTEM_RESET"),
)
VERSION, FEATURES = 0x8400_0000, 0x8400_000A


def programs(folder: Path) -> tuple[Command, Command] | None:
    """Build both, as the fastest that a compiler makes of them; ``None`` where there is none."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    handled = sorted(fid for name in IMPLEMENTED for start, _ in registry.by_name(name) or () for fid in [start])
    announced = sorted([0x8000_0000, VERSION, FEATURES, *handled])
    answers = [VmmAnswerRow(VERSION, None, (0x1_0001, 0, 0, 0))]
    answers += [VmmAnswerRow(FEATURES, fid, (0, 0, 0, 0)) for fid in announced]
    entries = tuple(FilterEntry(base, 0x20, Action.FORWARD) for base in (VERSION, 0xC400_0000))
    policy = CompiledPolicy("policy", entries, (), None, VmmProgram(tuple(answers), tuple(handled)))
    (folder / "policy.h").write_bytes(c.emit(policy))
    for name, flags in (("dispatched", ()), ("bare", ("-DBARE",))):
        command = (compiler, "-O2", *flags, f"-I{folder}", str(SOURCE), "-o", str(folder / name))
        subprocess.run(command, check=True)
    return (str(folder / "dispatched"),), (str(folder / "bare"),)
