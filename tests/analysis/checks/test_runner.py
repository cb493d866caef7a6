"""How findings are signed and matched with allowances."""

from smccc_filter.analysis import checks, pipeline
from smccc_filter.analysis.diagnostics import Diagnostic

HEAD = "version: 1\nname: p\n"

NEVER_ALLOWED = {
    *("syntax", "unknown-field", "invalid-value", "unknown-name", "limit"),
    *("no-such-vm", "overlap", "empty-range", "range-wraps"),
    *("reserved-range", "firmware-refused", "psci-refused"),
}
"""What keeps a file from being a policy, or KVM from taking it."""
ASKED_OF_PARTS = {
    *NEVER_ALLOWED,
    *("general-query", "hint-alias", "nonzero-reserved-bits", "reserved-owner", "unknown-function"),
    *("crosses-services", "nested-bypass", "no-filter"),
}
"""What stays true of a policy whatever else it says."""


def _found(policy: str, code: str) -> list[Diagnostic]:
    return [
        finding
        for finding in pipeline.examine("p", (HEAD + policy).encode()).report.diagnostics
        if finding.code == code
    ]


RESERVED_OWNER = """\
rules:
  - action: deny
    ranges: [0x90000000]
    allow: [{code: A301, reason: of the rule}]
  - action: deny
    ranges: [0x91000000]
allow: [{code: A301, reason: of the policy}]
"""


def test_the_rules_allowance_goes_before_the_policys() -> None:
    assert [finding.suppressed for finding in _found(RESERVED_OWNER, "A301")] == ["of the rule", "of the policy"]
    assert not _found(RESERVED_OWNER, "P107")


def test_an_allowance_does_not_reach_another_rule() -> None:
    policy = RESERVED_OWNER.replace("allow: [{code: A301, reason: of the policy}]\n", "")
    assert [finding.suppressed for finding in _found(policy, "A301")] == ["of the rule", None]


def test_the_rules_allowance_holds_for_a_key_as_for_a_value() -> None:
    vmm = "vmm: {implements: all, features: {PSCI_CPU_ON: 0, PSCI_CPU_OFF: 0x1}}"
    rule = f"rules: [{{action: forward, calls: [PSCI_CPU_OFF], {vmm}, allow: [{{code: V706, reason: ours}}]}}]\n"
    assert [finding.suppressed for finding in _found(rule, "V706")] == ["ours", "ours"]
    assert not _found(rule, "P107")


def test_an_allowance_is_allowed_by_another_and_not_by_itself() -> None:
    one, two = "{code: P107, reason: first}", "{code: P107, reason: second}"
    assert [finding.suppressed for finding in _found(f"allow: [{one}]\n", "P107")] == [None]
    assert [finding.suppressed for finding in _found(f"allow: [{one}, {two}]\n", "P107")] == ["second"]


def test_an_allowed_error_does_not_keep_a_policy_from_being_compiled() -> None:
    policy = "rules: []\ntests: [{call: PSCI_CPU_ON, expect: deny}]\nallow: [{code: P106, reason: not yet}]\n"
    (finding,) = _found(policy, "P106")
    assert finding.suppressed == "not yet"
    assert not pipeline.examine("p", (HEAD + policy).encode()).has_errors


def test_what_a_kernel_refuses_cannot_be_allowed() -> None:
    policy = "rules: [{action: deny, ranges: [0x80000000]}]\nallow: [{code: R202, reason: we know better}]\n"
    (finding,) = _found(policy, "R202")
    assert finding.suppressed is None
    assert [found.message for found in _found(policy, "P103")] == ["R202 can't be allowed"]
    assert not _found(policy, "P107")


def test_findings_hold_for_the_target_kernels() -> None:
    policy = "target: {{kernels: {}}}\nrules: [{{action: deny, ranges: [0x80000000]}}]\n"
    cases = {
        '["7.3", "6.12", "7.3"]': ("7.3", "6.12"),
        '["6.3", "6.12"]': ("6.12",),
        '["6.3"]': ("7.3",),
        '["9.9"]': ("7.3",),
    }
    assert {kernels: _found(policy.format(kernels), "R202")[0].kernels for kernels in cases} == cases


def test_a_file_of_which_nothing_can_be_made_concerns_no_kernel() -> None:
    (finding,) = pipeline.examine("p", b"").report.diagnostics
    assert (finding.code, finding.kernels) == ("P103", ())


def test_what_no_reason_makes_right_cannot_be_allowed() -> None:
    assert {check.NAME for check in checks.ALL if not check.ALLOWABLE} == NEVER_ALLOWED


def test_what_depends_on_the_whole_policy_is_not_asked_of_its_parts() -> None:
    assert {check.NAME for check in checks.ALL if not check.WHOLE} == ASKED_OF_PARTS
