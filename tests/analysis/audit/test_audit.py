import pytest

from smccc_filter.analysis.audit.audit import Audit, CallEffect, audit
from smccc_filter.analysis.audit.use import CallUse, call_uses
from smccc_filter.analysis.pipeline import Examination, examine
from smccc_filter.kvm.machine import Outcome
from smccc_filter.traces.recorded import RecordedCall, TraceSource

CPU_ON, FEATURES, RND, UNKNOWN = 0xC400_0003, 0x8400_000A, 0xC400_0053, 0xC600_1234


def policy(text: str) -> Examination:
    return examine("p.yaml", f"version: 1\nname: p\n{text}\n".encode())


def trace(*calls: RecordedCall, path: str = "t") -> TraceSource:
    return TraceSource(path, "text", calls)


def called(func_id: int, number: int = 1, first: float | None = None, last: float | None = None) -> RecordedCall:
    return RecordedCall(func_id, "vm", number, first, last)


def effects(made: Audit) -> dict[int, CallEffect]:
    return {call.use.func_id: call.effect for call in made.calls}


def test_what_is_answered_now_and_denied_then_is_newly_denied_and_comes_first() -> None:
    calls = trace(called(FEATURES, 9), called(CPU_ON), called(UNKNOWN, 5))
    made = audit(policy("rules: [{action: deny, calls: [PSCI_CPU_ON]}, {action: deny, ranges: [0xC6001234]}]"), [calls])
    assert [call.use.func_id for call in made.calls] == [CPU_ON, FEATURES, UNKNOWN]
    assert effects(made) == {
        CPU_ON: CallEffect.NEWLY_DENIED,
        FEATURES: CallEffect.SAME,
        UNKNOWN: CallEffect.SAME,  # to deny what nobody answers changes nothing
    }


def test_a_register_denies_as_well_as_a_rule() -> None:
    made = audit(policy("firmware: {std: []}"), [trace(called(RND))])
    assert effects(made) == {RND: CallEffect.NEWLY_DENIED}
    assert made.calls[0].decision.rule is None


@pytest.mark.parametrize(
    ("vmm", "effect"),
    [
        ("", CallEffect.CHANGED),
        (", vmm: {implements: all}", CallEffect.SAME),
        (", vmm: {implements: [PSCI_CPU_OFF]}", CallEffect.NEWLY_DENIED),
    ],
)
def test_what_the_vmm_refuses_counts_as_refused(vmm: str, effect: CallEffect) -> None:
    made = audit(
        policy(f"rules: [{{action: forward, calls: [PSCI_CPU_ON, PSCI_CPU_OFF]{vmm}}}]"), [trace(called(CPU_ON))]
    )
    assert effects(made) == {CPU_ON: effect}
    assert made.calls[0].is_forwarded
    assert made.calls[0].is_added_exit


def test_one_kernel_that_refuses_is_enough() -> None:
    text = 'target: {{kernels: ["6.12", "7.3"]}}\n{}'
    calls = [trace(called(0xC600_0040))]  # VENDOR_HYP_KVM_DISCOVER_IMPL_VER/64, which a filter can forward anywhere
    rule = "rules: [{action: deny, ranges: [0xC6000040]}]"
    made = audit(policy(text.format(rule)), calls, old=policy("rules: [{action: forward, ranges: [0xC6000040]}]"))
    assert effects(made) == {0xC600_0040: CallEffect.NEWLY_DENIED}
    assert made.kernels == ("6.12", "7.3")
    assert made.calls[0].before == (Outcome.FORWARDED, Outcome.FORWARDED)


def test_a_comparison_is_with_the_old_policy() -> None:
    old = policy("rules: [{action: deny, calls: [PSCI_CPU_ON]}]")
    made = audit(old, [trace(called(CPU_ON))], old=old)
    assert (made.is_comparison, effects(made)) == (True, {CPU_ON: CallEffect.SAME})
    assert effects(audit(policy(""), [trace(called(CPU_ON))], old=old)) == {CPU_ON: CallEffect.CHANGED}


def test_what_nobody_called_is_told_if_somebody_answers() -> None:
    made = audit(
        policy("default: deny\nrules: [{action: handle, calls: [PSCI_CPU_ON, TRNG_RND]}]"), [trace(called(CPU_ON))]
    )
    names = {call.name for call in made.unseen}
    assert {"PSCI_CPU_ON/32", "TRNG_RND/32", "TRNG_RND/64", "SMCCC_VERSION"} <= names
    assert not {"PSCI_CPU_ON/64", "PSCI_CPU_OFF", "TRNG_VERSION"} & names


def test_what_rules_let_through_and_nobody_called_is_unused() -> None:
    text = """rules:
  - {name: a, action: handle, calls: [PSCI_CPU_ON, TRNG_RND, PSCI_CPU_OFF], services: [sdei]}
  - {name: b, action: forward, services: [pv-time], ranges: [0xC2000000+2]}
  - {name: c, action: deny, calls: [TRNG_VERSION]}
"""
    made = audit(policy(text), [trace(called(CPU_ON), called(0xC200_0001))])
    assert [(claim.rule.name, claim.selector.text) for claim in made.unused] == [
        ("a", "TRNG_RND"),
        ("a", "PSCI_CPU_OFF"),
        ("a", "sdei"),
        ("b", "pv-time"),
    ]


def test_rules_that_decided_nothing_are_idle() -> None:
    rules = "rules: [{name: a, action: deny, calls: [PSCI_CPU_ON]}, {name: b, action: deny, calls: [TRNG_RND]}]"
    assert [rule.name for rule in audit(policy(rules), [trace(called(CPU_ON))]).idle] == ["b"]
    assert [rule.name for rule in audit(policy(rules), [trace()]).idle] == ["a", "b"]


def test_rates_are_per_second_of_the_traces_together_and_the_busiest_is_of_one_vm() -> None:
    one = trace(called(RND, 100, 10.0, 20.0), RecordedCall(RND, "other", 300, 11.0, 12.0), path="one")
    two = trace(called(RND, 50, 1000.0, 1040.0), path="two")
    three = trace(called(RND, 7), path="three")
    assert call_uses([one, two, three]) == (
        CallUse(RND, 457, 450 / 50, 30.0, 10.0, 1040.0, ("other", "vm"), ("one", "two", "three")),
    )


@pytest.mark.parametrize(("hot", "codes"), [(10.0, ["G604"]), (10.1, [])])
def test_what_is_forwarded_and_hot_is_a_finding(hot: float, codes: list[str]) -> None:
    forwards = policy("rules: [{action: forward, services: [trng]}]")
    calls = [trace(called(RND, 100, 0.0, 10.0), called(CPU_ON, 10**6, 0.0, 1.0))]
    made = audit(forwards, calls, hot=hot)
    assert [found.code for found in made.findings] == codes
    assert (made.forwarded, made.added_exits) == (10.0, 10.0)
    assert audit(forwards, calls, old=forwards).added_exits == 0.0


def test_an_allowance_covers_a_hot_call() -> None:
    allowed = policy("rules: [{action: forward, services: [trng], allow: [{code: G604, reason: fast}]}]")
    (found,) = audit(allowed, [trace(called(RND, 100, 0.0, 1.0))], hot=1).findings
    assert found.suppressed == "fast"
    assert "P107" not in {found.code for found in allowed.diagnostics}


def test_without_times_there_are_no_rates() -> None:
    made = audit(policy("default: forward"), [trace(called(RND))])
    assert (made.forwarded, made.added_exits, made.calls[0].use.rate, made.findings) == (None, None, None, ())


def test_the_calls_of_a_guest_with_el2_go_past_the_filter() -> None:
    made = audit(
        policy("target: {nested: true}\nrules: [{action: deny, calls: [PSCI_CPU_ON]}]"), [trace(called(CPU_ON))]
    )
    assert made.calls[0].after == (Outcome.GUEST_EL2,)
    assert made.is_nested


def test_what_is_no_policy_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="p holds no policy"):
        audit(examine("p", b""), [])
