from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis.audit.audit import CallEffect, audit
from smccc_filter.analysis.audit.use import call_uses
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.pipeline import examine
from smccc_filter.authoring.learning import LearnedPolicy, LearningWishes, learn
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.uapi import Action
from smccc_filter.traces.recorded import RecordedCall, TraceSource
from smccc_filter.traces.sources import read_traces, trace_files
from tests.paths import DATA

RECORDED = DATA / "linux-7.3-guest-2cpu.trace"
WISHES = LearningWishes("learned", ("6.12", "7.3"))
BASE = """\
version: 1
name: base
# kept word by word
default: deny
rules:
  - name: recorded-psci  # taken already
    action: handle
    calls: [PSCI_VERSION]
  - action: deny
    calls: [TRNG_RND, PSCI_CPU_ON/32]
"""


def trace(*ids: int) -> TraceSource:
    return TraceSource("folder/t", "text", tuple(RecordedCall(func_id, "vm-1", 2, 1.0, 2.0) for func_id in ids))


def learned(*ids: int, wishes: LearningWishes = WISHES, base: str | None = None) -> LearnedPolicy:
    return learn(call_uses([trace(*ids)]), wishes, (base and examine("base.yaml", base.encode())) or None)


def loud(policy: LearnedPolicy) -> list[str]:
    return [d.code for d in policy.examination.diagnostics if d.severity is not Severity.NOTE and d.suppressed is None]


def test_the_recorded_guest_gets_a_clean_policy() -> None:
    sources = read_traces(trace_files([str(RECORDED)]), lambda _: None).sources
    policy = learn(call_uses(sources), WISHES)
    assert loud(policy) == []
    assert {call.name for call in policy.calls if not call.is_recorded} == {
        "PSCI_CPU_SUSPEND", "PSCI_SYSTEM_RESET", "PSCI_SYSTEM_RESET2", "TRNG_FEATURES", "TRNG_GET_UUID", "cpu",
    }  # fmt: skip
    assert policy.refused == ()
    made = audit(policy.examination, sources)
    assert {call.effect for call in made.calls} == {CallEffect.SAME}
    assert "# TRNG_RND: 17 calls by 2 VMs (qemu-system-aar-102 and qemu-system-aar-103)" in policy.text
    assert "PSCI_SYSTEM_RESET: no call recorded, G602 boot-critical asks for it." in policy.text


@given(
    st.sets(st.sampled_from([*SERVICED, 0x8200_0000, 0xC600_0040, 0x8600_1234, 0x0])),
    st.sampled_from(["deny", "forward"]),
)
@settings(deadline=None, max_examples=25)
def test_no_recorded_call_is_newly_denied_and_no_error_is_left(ids: set[int], default: str) -> None:
    policy = learned(*ids, wishes=WISHES._replace(default=Action(default)))
    assert policy.examination.is_understood
    assert audit(policy.examination, [trace(*ids)]).number(CallEffect.NEWLY_DENIED) == 0
    assert not [d for d in policy.examination.diagnostics if d.code in {"F501", "F508", "R201", "R202"}]


def test_a_default_that_handles_needs_no_rules() -> None:
    policy = learned(0xC400_0003, wishes=WISHES._replace(default=Action.HANDLE))
    assert policy.calls == ()
    assert "rules: []" in policy.text


def test_what_a_guest_did_not_ask_for_is_hidden_by_registers() -> None:
    policy = learned(0x8400_0000, 0xC400_0053)
    assert "std: [trng]" in policy.text
    assert "std_hyp: []" in policy.text
    assert "vendor_hyp: []" in policy.text
    assert "stolen_time: false" in policy.text
    assert "vendor_hyp: [func_feat, ptp]" in learned(0x8600_0000, 0x8600_0001).text


def test_calls_that_nobody_answers_are_told_and_stay_refused() -> None:
    policy = learned(0x8400_0000, 0xC500_1234)
    assert [use.func_id for use in policy.refused] == [0xC500_1234]
    assert "# Recorded calls that no specification names: 0xC5001234 (2)." in policy.text


def test_psci_1_3_and_suspend_are_targets_where_they_were_called() -> None:
    assert 'psci: "1.3"' in learned(0xC400_0015).text
    assert "capabilities: [system_suspend]" in learned(0xC400_000E).text


def test_a_base_keeps_its_words_and_what_its_rules_deny() -> None:
    policy = learned(0x8400_0000, 0xC400_0053, 0xC400_0003, 0x8400_0003, 0x8400_0002, base=BASE)
    assert "# kept word by word" in policy.text
    assert "# taken already" in policy.text
    before, after = examine("b", BASE.encode()).resolution, policy.examination.resolution
    assert all(
        after.decisions[start].action is decision.action
        for start, _, decision in before.decisions.segments()
        if decision.claim is not None
    )
    assert after.decisions[0xC400_0003].action is Action.HANDLE
    assert after.decisions[0x8400_0002].action is Action.HANDLE
    assert {use.func_id for use in policy.refused} == {0xC400_0053, 0x8400_0003}
    assert policy.examination.policy
    assert len({rule.name for rule in policy.examination.policy.rules if rule.name}) >= 2


@pytest.mark.parametrize("rules", ["", "rules: []\n", "rules: [{action: deny, calls: [TRNG_RND]}]\n"])
def test_a_base_may_have_its_rules_anyhow(rules: str) -> None:
    policy = learned(0x8400_0000, base=f"version: 1\nname: base\ndefault: deny\n{rules}")
    assert policy.examination.resolution.decisions[0x8400_0000].action is Action.HANDLE


def test_a_base_that_has_all_stays_to_the_letter() -> None:
    assert learned(0x8400_0003, base="{version: 1, name: base}").text == "{version: 1, name: base}"


def test_evidence_names_few_files_and_counts_the_others(tmp_path: Path) -> None:
    sources = [trace(0x8400_0000)._replace(path=str(tmp_path / f"t{n}")) for n in range(5)]
    text = learn(call_uses(sources), WISHES).text
    assert "# PSCI_VERSION: 10 calls by 1 VM (vm-1) in t0, t1, t2 and 2 more." in text
