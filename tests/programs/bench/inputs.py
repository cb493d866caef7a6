"""The policies that are measured: a shipped one, many of its size, and very large ones."""

from pathlib import Path

from smccc_filter.analysis import pipeline
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.profiles import NEWEST
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.vmm_questions import digest_of, vmm_questions
from tests.paths import POLICIES
from tests.probe.vmm_logs import answerer, made_log

SHIPPED = POLICIES / "kvmtool-psci.smccc.yaml"
WITHOUT_ALLOWANCES = POLICIES / "vcpu-hotplug.smccc.yaml"

FIRST = 0x02000000
"""Trusted OS calls that may be preempted: half a billion IDs of one service, so that nothing is wrong with a rule."""
STRIDE = 0x100


def many_rules(folder: Path, count: int, *, strict: bool = False) -> Path:
    """Write a policy with ``count`` rules as people write them, each with a range of its own.

    Every second rule forwards, or denies as the others do in a ``strict`` policy.
    """
    name = f"{'strict' if strict else 'rules'}-{count}"
    lines = ["version: 1", f"name: {name}", "rules:"]
    for number in range(count):
        first = FIRST + number * STRIDE
        lines += [
            f"  - name: rule-{number}",
            f"    action: {'forward' if number % 2 and not strict else 'deny'}",
            f"    ranges: [0x{first:08X}-0x{first + STRIDE // 2:08X}]",
            "    reason: measured, not used",
        ]
    path = folder / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def without_vmm(folder: Path) -> Path:
    """Write the shipped policy without what it says of its VMM."""
    lines, is_vmm = [], False
    for line in SHIPPED.read_text(encoding="utf-8").splitlines(keepends=True):
        is_vmm = line == "    vmm:\n" or (is_vmm and line.startswith("      "))
        if not is_vmm:
            lines.append(line)
    path = folder / "without-vmm.smccc.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def many_files(folder: Path, count: int) -> Path:
    """Fill a folder with copies of the shipped policy and return it."""
    copies = folder / f"files-{count}"
    copies.mkdir()
    for number in range(count):
        (copies / f"{number:05}.smccc.yaml").write_bytes(SHIPPED.read_bytes())
    return copies


def image_log(policy: Path) -> Path:
    """Write the log of a policy's image, in a VMM that does as the policy says, and return it."""
    examination = pipeline.examine(str(policy), policy.read_bytes())
    resolution = examination.resolution
    if examination.policy is None:
        raise ValueError(policy)
    asked = vmm_questions(resolution)
    header = LogHeader(digest_of(examination.policy, resolution, asked), 0, len(asked.safe), tuple(Conduit))
    vm = set_up(examination.policy, NEWEST, resolution.actions)
    path = policy.with_suffix(".log")
    path.write_text(made_log(header, asked, answerer(vm)), encoding="ascii", newline="")
    return path
