import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.guests.relations import relations
from smccc_filter.kvm.machine import NOT_SUPPORTED, Call, Conduit, Outcome, Reply, SystemEvent, Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.uapi import KVM_SMCCC_FILTER, Action
from smccc_filter.probe.observation import CallEnd, Observation, agrees, predicted
from smccc_filter.probe.plan import ACCEPTED, ProbePlan, StepKind, of_policy
from smccc_filter.probe.session import StepResult, run
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import intersection
from tests.policies.shipped import each_policy, examine
from tests.probe.kernels import ModelKernel, known, plan_of, small

PSCI_VERSION, CPU_OFF, SYSTEM_OFF, FEATURES = 0x8400_0000, 0x8400_0002, 0x8400_0008, 0x8400_000A
ARCH_FEATURES, WORKAROUND_1, CPU_ON, TRNG_RND = 0x8000_0001, 0x8000_8000, 0xC400_0003, 0xC400_0053
REFUSED = Observation(CallEnd.RETURNED, (NOT_SUPPORTED, 0, 0, 0))


def plan(text: str, kernel: str = "7.3") -> ProbePlan:
    examination = pipeline.examine("p.yaml", f"version: 1\nname: p\n{text}".encode())
    assert examination.policy is not None
    return of_policy(examination.policy, examination.resolution, known(kernel))


@each_policy
def test_every_boundary_is_asked(name: str) -> None:
    asked = {call.func_id for call in plan_of(name).calls}
    for start, stop, _ in examine(name).resolution.actions.segments():
        assert {start, stop - 1} <= asked


@each_policy
def test_every_named_call_that_the_policy_touches_is_asked(name: str) -> None:
    asked = {call.func_id for call in plan_of(name).calls}
    decided = examine(name).resolution.actions.where(lambda action: action is not Action.HANDLE)
    for start, stop in intersection(decided, registry.known_ids()):
        assert asked.issuperset(range(start, stop))


@each_policy
def test_every_discovery_call_is_asked_about_everything_that_kvm_may_tell(name: str) -> None:
    asked = {(call.func_id, call.x1) for call in plan_of(name).calls}
    for relation in relations():
        assert (relation.discovery, 0) in asked
        if relation.argument and relation.discovery in SERVICED:
            assert asked.issuperset((relation.discovery, about) for about in relation.asked)
    assert {call.func_id for call in plan_of(name).calls} >= set(SERVICED)


@each_policy
def test_calls_ascend_and_none_comes_twice(name: str) -> None:
    calls = plan_of(name).calls
    assert list(calls) == sorted(set(calls))


def test_a_call_that_a_rule_names_to_keep_is_asked() -> None:
    sdei = 0xC400_0021
    assert sdei not in {call.func_id for call in plan("").calls}
    named = plan("rules:\n  - {action: handle, calls: [SDEI_EVENT_REGISTER]}\n")
    assert sdei in {call.func_id for call in named.calls}


def test_steps_are_a_vmms_in_its_order() -> None:
    text = """\
target: {psci: "1.1", capabilities: [system_suspend], stolen_time: true}
firmware: {std: [], vendor_hyp: [func_feat]}
rules:
  - {action: deny, services: [trng, sdei]}
"""
    steps = plan(text).steps
    assert [(step.kind, step.name, step.predicted) for step in steps] == [
        (StepKind.CAPABILITY, "capability system_suspend", ACCEPTED),
        (StepKind.FILTER, "filter of 4 entries", ACCEPTED),
        (StepKind.VCPU, "vCPU", ACCEPTED),
        (StepKind.REGISTER, "KVM_REG_ARM_PSCI_VERSION = 0x10001", ACCEPTED),
        (StepKind.REGISTER, "KVM_REG_ARM_STD_BMAP = 0x0", ACCEPTED),
        (StepKind.REGISTER, "KVM_REG_ARM_VENDOR_HYP_BMAP = 0x1", ACCEPTED),
        (StepKind.STOLEN_TIME, "stolen-time page", ACCEPTED),
    ]
    bases = [KVM_SMCCC_FILTER.unpack(entry)[0] for entry in steps[1].entries]
    assert bases == [0x8400_0020, 0x8400_0050, 0xC400_0020, 0xC400_0050]
    assert steps[2].value == 4


def test_a_refusal_is_predicted() -> None:
    steps = plan('target: {psci: "1.3"}\nfirmware: {vendor_hyp_2: [discover_impl_ver]}\n', "6.12").steps
    assert [(step.name, step.predicted) for step in steps] == [
        ("vCPU", ACCEPTED),
        ("KVM_REG_ARM_PSCI_VERSION = 0x10003", "EINVAL"),
        ("KVM_REG_ARM_VENDOR_HYP_BMAP_2 = 0x1", "ENOENT"),
    ]


def test_psci_0_1_is_a_vcpu_without_the_feature() -> None:
    steps = plan('target: {psci: "0.1"}\n').steps
    assert (steps[0].name, steps[0].value) == ("vCPU without KVM_ARM_VCPU_PSCI_0_2", 0)


@pytest.mark.parametrize(("kernel", "conduits"), [("6.12", ("hvc", "smc")), ("7.3", ("smc",))])
def test_of_a_guest_with_el2_only_smcs_are_asked(kernel: str, conduits: tuple[str, ...]) -> None:
    assert plan("target: {nested: true}\n", kernel).conduits == conduits


@each_policy
@pytest.mark.parametrize("kernel", ["6.4", "6.12.95", "7.3"])
def test_a_kernel_that_does_as_the_model_says_agrees(name: str, kernel: str) -> None:
    asked = plan_of(name, kernel)
    truth = ModelKernel(asked)
    result = run(asked, truth)
    assert result.differing == ()
    assert result.undefined == ()
    assert len(result.probes) == 2 * len(asked.calls) > 200
    assert [(made.conduit, made.call) for made in truth.made[2:]] == [(p.conduit, p.call) for p in result.probes]


def test_a_vm_serves_until_a_call_spoils_it() -> None:
    asked = small(plan(""), (PSCI_VERSION, 0), (CPU_OFF, 0), (SYSTEM_OFF, 0), (FEATURES, 0))
    truth = ModelKernel(asked)
    assert run(asked, truth).differing == ()
    assert [made.vm for made in truth.made[2:]] == [1, 1, 1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(
    ("func_id", "lie"),
    [
        (PSCI_VERSION, Observation(CallEnd.RETURNED, (0x1_0001, 0, 0, 0))),
        (PSCI_VERSION, Observation(CallEnd.RETURNED, (0x1_0003, 0, 0, 0xDEAD_0003))),
        (PSCI_VERSION, Observation(CallEnd.FORWARDED)),
        (PSCI_VERSION, REFUSED),
        (CPU_OFF, REFUSED),
        (CPU_OFF, Observation(CallEnd.FAILED, detail="no end in 5 s")),
        (SYSTEM_OFF, Observation(CallEnd.EVENT, (0, 0, 0, 0), SystemEvent.SHUTDOWN)),
        (CPU_ON, Observation(CallEnd.FORWARDED)),
        (TRNG_RND, REFUSED),
    ],
)
def test_a_lie_is_found(func_id: int, lie: Observation) -> None:
    asked = plan("")
    result = run(asked, ModelKernel(asked, {(Conduit.SMC, func_id): lie}))
    assert {(row.call.func_id, row.conduit) for row in result.probes if not row.agrees} == {(func_id, Conduit.SMC)}
    assert all(row in result.probes for row in result.differing)


def test_no_call_is_made_in_a_vm_that_is_not_the_policys() -> None:
    asked = plan("rules:\n  - {action: deny, services: [sdei]}\n")
    truth = ModelKernel(asked)
    truth.answers = ("EEXIST for entry 2", ACCEPTED)
    result = run(asked, truth)
    assert result.differing == (StepResult("filter of 2 entries", ACCEPTED, "EEXIST for entry 2"),)
    assert (result.probes, truth.made) == ((), [])


def test_smcs_that_the_cpus_do_not_have_are_left_out() -> None:
    asked = plan("")
    truth = ModelKernel(asked, {(Conduit.SMC, 0x8000_0000): Observation(CallEnd.UNDEFINED)})
    result = run(asked, truth)
    assert result.undefined == (Conduit.SMC,)
    assert {row.conduit for row in result.probes} == {Conduit.HVC}
    assert result.differing == ()


SYSTEM_SUSPEND, SYSTEM_RESET2 = 0xC400_000E, 0xC400_0012
FORWARDS = Reply(Outcome.FORWARDED, Why.FILTER, None)
DENIES = Reply(Outcome.NOT_SUPPORTED, Why.FILTER, (NOT_SUPPORTED, 0, 0, 0))
SUSPENDS = Reply(Outcome.ANSWERED, Why.DEFAULT_ALLOWED, None, SystemEvent.SUSPEND)
RESETS = Reply(Outcome.ANSWERED, Why.DEFAULT_ALLOWED, (1, 0, 0, 0), SystemEvent.RESET, flag=True)
OPEN = Reply(Outcome.ANSWERED, Why.DEFAULT_ALLOWED, None)
AGREEMENTS = [
    (CPU_OFF, OPEN, Observation(CallEnd.CPU_OFF), True),
    (CPU_OFF, OPEN, Observation(CallEnd.RETURNED, (0, 0, 0, 0)), False),
    (TRNG_RND, OPEN, Observation(CallEnd.RETURNED, (0, 0, 0, 7)), True),
    (TRNG_RND, OPEN, REFUSED, False),
    (ARCH_FEATURES, OPEN, REFUSED, True),
    (0x8600_0001, OPEN, REFUSED, True),
    (SYSTEM_SUSPEND, SUSPENDS, Observation(CallEnd.EVENT, (1, 2, 3, 4), SystemEvent.SUSPEND), True),
    (SYSTEM_SUSPEND, SUSPENDS, Observation(CallEnd.EVENT, (1, 2, 3, 4), SystemEvent.RESET), False),
    (SYSTEM_SUSPEND, FORWARDS, Observation(CallEnd.FORWARDED), True),
    (SYSTEM_SUSPEND, FORWARDS, REFUSED, False),
    (SYSTEM_SUSPEND, DENIES, REFUSED, True),
    (SYSTEM_SUSPEND, DENIES, Observation(CallEnd.FORWARDED), False),
    (SYSTEM_RESET2, RESETS, Observation(CallEnd.EVENT, (1, 0, 0, 0), SystemEvent.RESET, flag=True), True),
    (SYSTEM_RESET2, RESETS, Observation(CallEnd.EVENT, (1, 0, 0, 0), SystemEvent.RESET), False),
    (SYSTEM_RESET2, RESETS, Observation(CallEnd.EVENT, (2, 0, 0, 0), SystemEvent.RESET, flag=True), False),
]


@pytest.mark.parametrize(("func_id", "reply", "seen", "expected"), AGREEMENTS)
def test_what_agrees(func_id: int, reply: Reply, seen: Observation, expected: bool) -> None:  # noqa: FBT001 - a case
    assert agrees(func_id, predicted(func_id, reply), seen) is expected


@pytest.mark.parametrize(
    ("observation", "text"),
    [
        (REFUSED, "not_supported"),
        (Observation(CallEnd.RETURNED, (0x1_0001, 0, 0, NOT_SUPPORTED)), "0x10001 0 0 -1"),
        (
            Observation(CallEnd.RETURNED, (9, 10, 1 << 63, NOT_SUPPORTED - 4095)),
            "9 0xa 0x8000000000000000 0xfffffffffffff000",
        ),
        (Observation(CallEnd.RETURNED, (NOT_SUPPORTED - 4094, NOT_SUPPORTED - 3, 0, 0)), "-4095 -4 0 0"),
        (Observation(CallEnd.RETURNED), "any answer"),
        (Observation(CallEnd.FORWARDED), "forwarded"),
        (Observation(CallEnd.CPU_OFF), "cpu_off"),
        (Observation(CallEnd.UNDEFINED), "undefined instruction"),
        (Observation(CallEnd.FAILED, detail="exit reason 17"), "failed: exit reason 17"),
        (Observation(CallEnd.EVENT, None, SystemEvent.SUSPEND), "system_event suspend: any answer"),
        (
            Observation(CallEnd.EVENT, (1, 0, 0, 0), SystemEvent.RESET, flag=True),
            "system_event reset (flag): 1 0 0 0",
        ),
    ],
)
def test_an_observation_in_words(observation: Observation, text: str) -> None:
    assert str(observation) == text


def test_the_third_argument_is_seen_again_where_kvm_leaves_it() -> None:
    assert {call.x3 for call in plan("").calls} == {0xDEAD_0003}
    assert Call(WORKAROUND_1, 0, 0, 0xDEAD_0003) in plan("").calls
