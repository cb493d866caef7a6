"""What the VMM answers follows from the policy, and the guest gets what it is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis.resolve import resolve
from smccc_filter.guests.beliefs import ABSENT, PRESENT, BeliefTopic
from smccc_filter.guests.discovery import answers
from smccc_filter.guests.linux import boot
from smccc_filter.guests.relations import kvm_functions, relations
from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.guests.vmm import FEATURES_CALLS, FLAGS, REFUSED, VERSION_CALLS, asked_about
from smccc_filter.guests.vmm_answers import handled_ids, implemented_ids, refused_ids, vmm_answers
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import KVM_UID, VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call, Outcome, Why
from smccc_filter.kvm.psci import PSCI_FEATURES, PSCI_VERSION, SMCCC_VERSION
from smccc_filter.kvm.uapi import PSCI_VERSIONS, Action
from smccc_filter.language.policy.model import Target
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, SVE_HINT
from smccc_filter.smccc.intervals import intersection, union
from tests.guests.policies import kernel
from tests.guests.vmm_policies import Rule, vmm_cases
from tests.language.policy.documents import policy_of

PSCI = {"action": "forward", "services": ["psci"]}
PSCI_1_1 = ["PSCI_VERSION", "PSCI_FEATURES", "PSCI_CPU_ON", "PSCI_CPU_OFF", "PSCI_CPU_SUSPEND"]
UID, BITMAP, PTP = "VENDOR_HYP_CALL_UID", "VENDOR_HYP_KVM_FEATURES", "VENDOR_HYP_KVM_PTP"


def vm(*rules: Rule, name: str = "7.3", target: Target | None = None, default: str = "handle") -> VmSetup:
    policy = policy_of(rules, default)
    policy = policy._replace(target=target or Target(stolen_time=True))
    return set_up(policy, kernel(name), resolve(policy).actions)


def psci(**vmm: object) -> Rule:
    return {**PSCI, "vmm": {"implements": PSCI_1_1, **vmm}}


def forwarding(*calls: str, **vmm: object) -> Rule:
    return {"action": "forward", "calls": list(calls), "vmm": {"implements": "all", **vmm}}


def one(name: str) -> int:
    ((func_id, _),) = registry.by_name(name) or ()
    return func_id


def x0(setup: VmSetup, func_id: int, x1: int = 0) -> int | None:
    registers = setup.reply(Call(func_id, x1)).registers
    return registers and registers[0]


@st.composite
def setups(draw: st.DrawFn) -> VmSetup:
    case = draw(vmm_cases())
    return vm(*case.rules, name=case.kernel, target=case.target)


@settings(deadline=None, max_examples=40)
@given(setups())
def test_the_guest_gets_what_the_vmm_tells_it(setup: VmSetup) -> None:
    speaking_of_each = {relation.discovery for relation in relations() if relation.argument} | {VENDOR_HYP_KVM_FEATURES}
    for answer in answers(setup):
        if answer.told.by_vmm and answer.told_by in speaking_of_each and answer.told.for_guest is Outcome.ANSWERED:
            assert answer.consistent, answer


@settings(deadline=None, max_examples=40)
@given(setups())
def test_a_version_is_false_only_where_a_call_that_it_promises_is_missing(setup: VmSetup) -> None:
    versions = {call.func_id for call in VERSION_CALLS.values()}
    for answer in answers(setup):
        if answer.told.by_vmm and answer.told_by in versions and not answer.consistent:
            hidden = answer.advertised is False and answer.call is Outcome.ANSWERED
            assert answer.call is Outcome.NOT_SUPPORTED or hidden


@settings(deadline=None, max_examples=40)
@given(setups(), st.integers(0, 2**64 - 1))
def test_the_tables_are_the_replies(setup: VmSetup, x1: int) -> None:
    found = vmm_answers(setup)
    assert [answer[:2] for answer in found] == sorted(
        {answer[:2] for answer in found}, key=lambda key: (key[0], key[1] or 0)
    )
    for answer in found:
        high = x1 & ~0xFFFF_FFFF
        reply = setup.reply(Call(answer.func_id, x1 if answer.asked is None else high | answer.asked))
        assert (reply.registers, reply.why) == (answer.registers, Why.VMM_IMPLEMENTS)
    for func_id in {answer.func_id for answer in found if answer.asked is not None}:
        if x1 & 0xFFFF_FFFF not in asked_about(func_id):
            assert setup.reply(Call(func_id, x1)).registers == REFUSED


@settings(deadline=None, max_examples=40)
@given(setups())
def test_every_described_id_is_answered_handled_or_refused(setup: VmSetup) -> None:
    answered = union((answer.func_id, answer.func_id + 1) for answer in vmm_answers(setup) if answer.registers)
    handled, implemented, refused = handled_ids(setup, vmm_answers(setup)), implemented_ids(setup), refused_ids(setup)
    assert union((*answered, *handled)) == implemented
    assert not intersection(implemented, refused)
    for ids, why in ((implemented, Why.VMM_IMPLEMENTS), (refused, Why.VMM_REFUSES)):
        for start, stop in ids:
            for func_id in {start, stop - 1}:
                assert setup.reply(Call(func_id)).why is why
    outcomes = setup.outcomes_for_guest()
    for start in (*outcomes.starts, *setup.outcomes().starts):
        assert outcomes[start] is setup.reply(Call(start)).for_guest


@settings(deadline=None, max_examples=40)
@given(setups())
def test_only_what_nobody_describes_is_unknown(setup: VmSetup) -> None:
    if setup.vmm is None or setup.machine.stolen_time is None:
        return
    forwarded = setup.actions.where(lambda action: action is Action.FORWARD)
    described = union((*implemented_ids(setup), *refused_ids(setup)))
    if forwarded == described:
        assert all(answer.registers is not None for answer in vmm_answers(setup))


def test_without_a_word_of_the_vmm_nothing_is_known() -> None:
    setup = vm(PSCI)
    assert setup.vmm is None
    assert setup.reply(Call(PSCI_VERSION)) == call_of(setup.machine, setup.conduit, Call(PSCI_VERSION))
    assert not vmm_answers(setup)
    assert handled_ids(setup, vmm_answers(setup)) == refused_ids(setup) == ()


def test_what_a_vmm_of_psci_answers() -> None:
    setup = vm(psci(version="1.1", features={"PSCI_CPU_SUSPEND": "0x2"}))
    assert x0(setup, PSCI_VERSION) == PSCI_VERSIONS["1.1"]
    yes = (PSCI_VERSION, PSCI_FEATURES, SMCCC_VERSION, *(one(f"PSCI_CPU_ON/{form}") for form in (32, 64)))
    assert {x0(setup, PSCI_FEATURES, asked) for asked in yes} == {0}
    assert x0(setup, PSCI_FEATURES, one("PSCI_CPU_SUSPEND/64")) == 2
    absent = (PSCI_VERSION | SMC64, one("PSCI_SYSTEM_OFF"), 0, 3, PSCI_VERSION | SVE_HINT, one("TRNG_RND/32"))
    assert {x0(setup, PSCI_FEATURES, asked) for asked in absent} == {REFUSED[0]}
    assert setup.reply(Call(one("PSCI_CPU_ON/64"))) == (Outcome.FORWARDED, Why.VMM_IMPLEMENTS, None, None, False)
    refused = setup.reply(Call(one("PSCI_SYSTEM_OFF")))
    assert (refused.for_guest, refused.registers) == (Outcome.NOT_SUPPORTED, REFUSED)
    assert setup.reply(Call(PSCI_VERSION | SVE_HINT)).registers == REFUSED


def test_of_a_call_that_is_left_to_kvm_the_vmm_says_what_that_kernel_does() -> None:
    rule = forwarding("PSCI_VERSION", "PSCI_FEATURES", version="1.1")
    asked = one("PSCI_SYSTEM_OFF2/64")
    assert x0(vm(rule, name="7.3"), PSCI_FEATURES, asked) == 1
    assert x0(vm(rule, name="6.12"), PSCI_FEATURES, asked) == REFUSED[0]
    suspend = one("PSCI_SYSTEM_SUSPEND/32")
    assert x0(vm(rule), PSCI_FEATURES, suspend) == REFUSED[0]
    assert x0(vm(rule, target=Target(capabilities=("system_suspend",))), PSCI_FEATURES, suspend) == 0


def test_of_a_call_that_another_rule_forwards_in_silence_nobody_knows() -> None:
    setup = vm(forwarding("PSCI_VERSION", "PSCI_FEATURES"), {"action": "forward", "calls": ["PSCI_CPU_ON"]})
    assert x0(setup, PSCI_FEATURES, one("PSCI_CPU_ON/64")) is None
    assert x0(setup, PSCI_FEATURES, one("PSCI_CPU_OFF")) == 0
    assert intersection(handled_ids(setup, vmm_answers(setup)), ((PSCI_FEATURES, PSCI_FEATURES + 1),))


@pytest.mark.parametrize(
    ("service", "version", "answered"),
    [("trng", "1.0", 0x10000), ("sdei", "1.0", 1 << 48), ("sdei", "1.1", 1 << 48 | 1 << 32), ("psci", "0.2", 2)],
)
def test_versions_lie_where_their_specification_has_them(service: str, version: str, answered: int) -> None:
    call = VERSION_CALLS[service].func_id
    name = registry.name_of(call)
    assert name
    assert x0(vm(forwarding(name, version=version)), call) == answered
    assert x0(vm(forwarding(name, version={service: version})), call) == answered
    assert x0(vm(forwarding(name)), call) is None
    assert x0(vm(forwarding(name, version="9.9")), call) is None


def test_the_version_calls_are_the_registrys() -> None:
    for service, call in VERSION_CALLS.items():
        (function,) = registry.by_id(call.func_id)
        assert (function.service, function.name.endswith("_VERSION")) == (service, True)
    for func_id, service in FEATURES_CALLS.items():
        (function,) = registry.by_id(func_id)
        assert (function.service, function.name.endswith("_FEATURES")) == (service, True)
    assert {registry.name_of(func_id): flags for func_id, flags in FLAGS.items()} == {
        **{f"PSCI_CPU_SUSPEND/{form}": 1 << 1 | 1 << 0 for form in (32, 64)},  # layout, OS-initiated mode
        **{f"PSCI_SYSTEM_OFF2/{form}": 1 << 0 for form in (32, 64)},  # hibernation
    }


def test_kvms_bitmap_has_what_the_vmm_and_what_kvm_answers() -> None:
    assert len({func_id & 0x7F for func_id in kvm_functions()}) == len(kvm_functions())
    setup = vm(forwarding(BITMAP, "VENDOR_HYP_KVM_DISCOVER_IMPL_VER", "VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS"))
    assert setup.reply(Call(VENDOR_HYP_KVM_FEATURES)).registers == (3, 0, 3, 0)
    denied = vm(forwarding(BITMAP), {"action": "deny", "calls": [PTP]})
    assert denied.reply(Call(VENDOR_HYP_KVM_FEATURES)).registers == (1, 0, 0, 0)
    assert boot(setup).belief(BeliefTopic.IMPLEMENTATION_CPUS) == (BeliefTopic.IMPLEMENTATION_CPUS, PRESENT, True)


def test_kvms_bitmap_is_unknown_where_a_function_goes_to_a_silent_rule() -> None:
    setup = vm(forwarding(BITMAP), {"action": "forward", "calls": [PTP]})
    assert setup.reply(Call(VENDOR_HYP_KVM_FEATURES)).registers is None
    assert intersection(
        handled_ids(setup, vmm_answers(setup)), ((VENDOR_HYP_KVM_FEATURES, VENDOR_HYP_KVM_FEATURES + 1),)
    )


def test_the_vmm_is_kvm_only_where_somebody_answers_for_kvm() -> None:
    assert vm(forwarding(UID, BITMAP)).reply(Call(VENDOR_HYP_CALL_UID)).registers == KVM_UID
    assert vm(forwarding(UID)).reply(Call(VENDOR_HYP_CALL_UID)).registers == KVM_UID
    other = vm(forwarding(UID), {"action": "deny", "calls": [BITMAP]})
    assert other.reply(Call(VENDOR_HYP_CALL_UID)).registers is None


def test_a_count_is_of_both_conventions_and_of_kvm_and_vmm() -> None:
    count = one("STD_SVC_CALL_COUNT")
    alone = vm(forwarding("STD_SVC_CALL_COUNT"))
    kvms = x0(alone, count)
    more = vm(forwarding("STD_SVC_CALL_COUNT", "SDEI_VERSION"), {"action": "deny", "calls": ["PSCI_CPU_ON"]})
    assert kvms is not None
    assert x0(more, count) == kvms + 1 - 2
    unknown = vm(forwarding("STD_SVC_CALL_COUNT"), {"action": "forward", "calls": ["SDEI_VERSION"]})
    assert x0(unknown, count) is None


def test_a_guest_in_aarch32_is_refused_smc64_calls() -> None:
    setup = vm(psci(version="1.1"), target=Target(aarch32=True))
    assert setup.reply(Call(one("PSCI_CPU_ON/64"))).why is Why.VMM_REFUSES
    assert x0(setup, PSCI_FEATURES, one("PSCI_CPU_ON/64")) == REFUSED[0]
    assert x0(setup, PSCI_FEATURES, one("PSCI_CPU_ON/32")) == 0


def test_what_a_linux_guest_believes_is_sure() -> None:
    walked = boot(vm(psci(version="1.1"), forwarding("TRNG_VERSION", "TRNG_FEATURES", "TRNG_RND", version="1.0")))
    assert walked.belief(BeliefTopic.PSCI) == (BeliefTopic.PSCI, "1.1", True)
    assert walked.belief(BeliefTopic.TRNG) == (BeliefTopic.TRNG, "1.0", True)
    assert "psci: SMC Calling Convention v1.1" in walked.log


@pytest.mark.parametrize(("flags", "value"), [(1, "present"), (0, "absent"), (2, "absent")])
def test_linux_turns_off_with_a_type_only_where_the_vmm_can_hibernate(flags: int, value: str) -> None:
    rule = psci(version="1.3", implements=[*PSCI_1_1, "PSCI_SYSTEM_OFF2"], features={"PSCI_SYSTEM_OFF2": flags})
    assert boot(vm(rule)).belief(BeliefTopic.SYSTEM_OFF2).value == value


@pytest.mark.parametrize(
    ("calls", "value"),
    [(["PV_TIME_FEATURES", "PV_TIME_ST"], PRESENT), (["PV_TIME_FEATURES"], ABSENT), (["PV_TIME_ST"], ABSENT)],
)
def test_a_vmm_that_implements_stolen_time_has_pages_whatever_kvm_has(calls: list[str], value: str) -> None:
    rule: Rule = {"action": "forward", "services": ["pv-time"], "vmm": {"implements": calls}}
    booted = boot(vm(rule, target=Target(stolen_time=None)))
    assert booted.belief(BeliefTopic.STOLEN_TIME) == (BeliefTopic.STOLEN_TIME, value, True)


def test_a_vmm_answers_nothing_where_the_kernel_refuses_the_filter() -> None:
    setup = vm(psci(), target=Target(protected=True))
    call = Call(one("PSCI_CPU_SUSPEND/64"))
    assert setup.vmm is not None
    assert setup.vmm.made[call.func_id]
    assert setup.reply(call) == call_of(setup.machine, setup.conduit, call)
    assert setup.reply(call).outcome is Outcome.ANSWERED
