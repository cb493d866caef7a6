"""VMMs that install a policy with mistakes, by the ioctls of the model of KVM, and what the judge says of each."""

from collections.abc import Callable, Sequence

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.backends.program import FilterEntry
from smccc_filter.guests.setup import VmSetup, registers_of, set_up
from smccc_filter.kvm.arm import ArmVm, VcpuFeature
from smccc_filter.kvm.machine import Conduit
from smccc_filter.kvm.uapi import KVM_ACTION, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, Errno
from smccc_filter.probe.diagnosis import LogJudgement, judge
from smccc_filter.probe.judging import CallVerdict
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import digest_of, vmm_questions
from tests.probe.kernels import known
from tests.probe.vmm_logs import answerer, made_log

POLICY = b"""{version: 1, name: own, target: {stolen_time: true, psci: "1.1"}, firmware: {std_hyp: []}, rules: [
{action: deny, ranges: ["0x84000050-0x84000053", "0xC4000053+1"], allow: [{code: F501, reason: tried here}]}]}"""
EXAMINATION = pipeline.examine("own.yaml", POLICY)
ENTRIES = pipeline.program(EXAMINATION).entries

Step = Callable[[ArmVm], list[Errno | None]]
"""What a VMM does, and what it is told by each ioctl."""


def with_entries(entries: Sequence[FilterEntry]) -> Step:
    def install(vm: ArmVm) -> list[Errno | None]:
        structs = [(base, number, KVM_ACTION[action], 0) for base, number, action in entries]
        return [
            vm.kvm_vm_ioctl_set_device_attr(KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, struct)
            for struct in structs
        ]

    return install


def registers(vm: ArmVm) -> list[Errno | None]:
    assert EXAMINATION.policy is not None
    return [vm.kvm_arm_set_reg(0, reg_id, value) for _, reg_id, value in registers_of(EXAMINATION.policy)]


def run(vm: ArmVm) -> list[Errno | None]:
    return [vm.kvm_arch_vcpu_ioctl_run(0)]


def moved(by: int, number: int = 0) -> Step:
    """Install the entries with one that begins so many IDs late, and ends where it did."""
    base, count, action = ENTRIES[number]
    entry = ENTRIES[number]._replace(base=base + by, nr_functions=count - by)
    assert entry.action is action
    return with_entries([entry if each is ENTRIES[number] else each for each in ENTRIES])


FILTER = with_entries(ENTRIES)
NO_FILTER = "The filter was not installed, or too late"
NO_REGISTERS = "The firmware registers have KVM's own values: they were not written, too late"
LATE_BITMAPS = "Of the firmware registers, PSCI's version alone was written: once a vCPU has run"
ALL_LATE = "The policy was installed when a vCPU had run"
NEITHER = "Neither the filter nor the firmware registers are there"
HALF = "The filter is there up to 0xC4000052 only: an entry was refused, and the VM kept"

MISTAKES: dict[str, tuple[tuple[Step, ...], str, list[Errno | None]]] = {
    "no filter": ((registers, run), NO_FILTER, []),
    "late filter": ((registers, run, FILTER), NO_FILTER, [Errno.EBUSY] * 2),
    "half a filter": ((with_entries(ENTRIES[:1]), registers, run), HALF, [None]),
    "no registers": ((FILTER, run), NO_REGISTERS, [None] * 2),
    "late registers": ((FILTER, run, registers), LATE_BITMAPS, [None] * 2),
    "neither": ((run,), NEITHER, []),
    "both late": ((run, FILTER, registers), ALL_LATE, [Errno.EBUSY] * 2),
}
"""What the VMM does, what is said of it, and what the ioctls of the filter say."""


def judged(steps: Sequence[Step]) -> tuple[LogJudgement, dict[Step, list[Errno | None]]]:
    """Judge the log of the image in a VM that was made by these steps."""
    policy, resolution = EXAMINATION.policy, EXAMINATION.resolution
    assert policy is not None
    vm = ArmVm(known("7.3"))
    assert vm.kvm_arch_vcpu_create(0) is None
    assert vm.kvm_arch_vcpu_ioctl_vcpu_init(0, VcpuFeature.PSCI_0_2) is None
    assert vm.kvm_arm_pvtime_set_attr(0) is None
    told = {step: step(vm) for step in steps}
    right = set_up(policy, known("7.3"), resolution.actions)
    asked = vmm_questions(resolution)
    header = LogHeader(digest_of(policy, resolution, asked), 0, len(asked.safe), tuple(Conduit))
    made = VmSetup(vm.machine(0), right.actions, right.conduit, ())
    log = made_log(header, asked, answerer(made))
    return judge(read_log(log.encode()), policy, resolution, asked, (right,)), told


def test_a_vmm_that_does_all_in_time_is_as_predicted() -> None:
    for steps in ((FILTER, registers, run), (registers, FILTER, run)):
        judgement, told = judged(steps)
        assert judgement.is_as_predicted
        assert not judgement.diagnosis
        assert {errno for errnos in told.values() for errno in errnos} == {None}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_the_cause_of_every_difference(name: str) -> None:
    steps, cause, errnos = MISTAKES[name]
    judgement, told = judged(steps)
    assert not judgement.is_as_predicted
    assert judgement.diagnosis[0].startswith(cause)
    assert judgement.diagnosis[0].endswith(": that explains every difference.")
    assert [errno for step, found in told.items() if step not in {registers, run} for errno in found] == errnos
    if name.startswith("late reg") or name == "both late":
        assert Errno.EBUSY in told[registers]


@pytest.mark.parametrize(("by", "func_id"), [(1, 0x8400_0050), (-1, 0x8400_004F)])
def test_an_entry_that_is_off_by_one_is_named_by_its_call(by: int, func_id: int) -> None:
    judgement, _ = judged((moved(by), registers, run))
    differing = {call.question.func_id: call.meaning for call in judgement.of(CallVerdict.DIFFERS)}
    if by > 0:
        assert differing == {func_id: "it is left to KVM: no entry of the filter denies or forwards it"}
    else:
        assert not differing, "what nobody services is refused alike by KVM and by the filter"
