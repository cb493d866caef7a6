"""What is said of target kernels and of the VM, beside what the kernel model predicts for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Diagnostic, Severity
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.profiles import RELEASES, profile
from smccc_filter.kvm.uapi import PSCI_VERSIONS, Errno
from smccc_filter.smccc.intervals import IntervalMap, Intervals, union
from smccc_filter.smccc.registry import by_name

CALLS = (
    *("PSCI_CPU_ON", "PSCI_MIGRATE", "PSCI_SYSTEM_SUSPEND/64", "PSCI_SYSTEM_OFF2", "PSCI_SYSTEM_RESET2/32"),
    *("KVM_PSCI_0_1_CPU_ON", "KVM_PSCI_0_1_MIGRATE", "TRNG_RND", "PV_TIME_ST", "PV_TIME_FEATURES", "SDEI_VERSION"),
    *("VENDOR_HYP_KVM_PTP", "VENDOR_HYP_KVM_DISCOVER_IMPL_VER", "VENDOR_HYP_KVM_MEM_SHARE"),
)

kernels = st.lists(st.sampled_from(RELEASES), min_size=1, max_size=3, unique=True)
versions = st.sampled_from([None, *PSCI_VERSIONS])
vms = st.sampled_from(["", "stolen_time: true", "capabilities: [system_suspend]"])
firmware = st.sampled_from(["", "firmware: {std: [], std_hyp: [], vendor_hyp: []}\n"])


def _examine(policy: str) -> Examination:
    return pipeline.examine("p", f"version: 1\nname: p\n{policy}".encode())


def _found(examination: Examination, code: str) -> list[Diagnostic]:
    return [finding for finding in examination.report.diagnostics if finding.code == code]


def _outcomes(examination: Examination, name: str) -> IntervalMap[Outcome]:
    known = profile(name)
    assert known is not None
    policy = examination.policy
    assert policy is not None
    if policy.target.stolen_time is None:  # then it is the worse case that is reported
        policy = policy._replace(target=policy.target._replace(stolen_time=False))
    return set_up(policy, known, examination.resolution.actions).outcomes()


def _target(names: list[str], psci: str | None, other: str = "") -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    fields = [f"kernels: [{listed}]", *([f'psci: "{psci}"'] if psci else []), *([other] if other else [])]
    return f"target: {{{', '.join(fields)}}}\n"


@given(st.tuples(kernels, versions, vms).map(lambda vm: (vm[0], _target(*vm))), firmware, st.sampled_from(CALLS))
def test_a_handled_call_is_reported_where_the_guest_gets_not_supported(
    vm: tuple[list[str], str], registers: str, call: str
) -> None:
    """But for a call that the kernel's refusal of the PSCI version takes away: that is K404."""
    names, target = vm
    made = _examine(f"{target}{registers}rules: [{{action: handle, calls: [{call}]}}]\n")
    refused = {name for finding in _found(made, "K404") for name in finding.kernels}
    expected: dict[str, Intervals] = {}
    for name in names:
        outcome = _outcomes(made, name)
        ids = [interval for interval in by_name(call) or () if outcome[interval[0]] is Outcome.NOT_SUPPORTED]
        if ids and not (name in refused and call == "PSCI_SYSTEM_OFF2"):
            expected[name] = union(ids)
    found: dict[str, Intervals] = {}
    for finding in _found(made, "K402"):
        for name in finding.kernels:
            found[name] = union((*found.get(name, ()), *finding.ids))
    assert found == expected


@given(kernels, versions, st.sampled_from(["[]", "[{action: forward, calls: [PSCI_SYSTEM_OFF2/64, TRNG_RND]}]"]))
def test_kernels_disagree_where_their_outcomes_differ(names: list[str], psci: str | None, rules: str) -> None:
    made = _examine(f"{_target(names, psci)}rules: {rules}\n")
    refused = {name for finding in _found(made, "K404") for name in finding.kernels}
    compared = [name for name in names if name not in refused]
    maps = [_outcomes(made, name) for name in compared]
    starts = sorted({start for outcomes in maps for start in outcomes.starts})
    differing = {start for start in starts if len({outcomes[start] for outcomes in maps}) > 1}
    found = _found(made, "K405")
    assert {start for finding in found for start, _ in finding.ids} == differing
    assert all(finding.kernels == tuple(compared) for finding in found)


SYSTEM_OFF2 = "rules: [{action: handle, calls: [PSCI_SYSTEM_OFF2]}]\n"
SUSPEND = "rules: [{action: handle, calls: [PSCI_SYSTEM_SUSPEND]}]\n"
PTP = "rules: [{action: handle, calls: [VENDOR_HYP_KVM_PTP]}]\n"
NEEDED = "calls: [PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET]"
STOLEN = "rules: [{action: handle, calls: [PV_TIME_ST]}]\n"


@pytest.mark.parametrize(
    ("code", "before", "line", "after"),
    [
        ("K402", 'target: {psci: "1.1"}\n' + SYSTEM_OFF2, '`psci: "1.3"`', 'target: {psci: "1.3"}\n' + SYSTEM_OFF2),
        ("K402", SUSPEND, "`target: {capabilities: [system_suspend]}`", None),
        ("K402", STOLEN, "`target: {stolen_time: true}`", None),
        (
            "K402",
            "firmware: {vendor_hyp: [func_feat]}\n" + PTP,
            "`vendor_hyp: [func_feat, ptp]`",
            "firmware: {vendor_hyp: [func_feat, ptp]}\n" + PTP,
        ),
        (
            "K404",
            'target: {kernels: ["6.6", "7.3"], psci: "1.3"}\n',
            '`psci: "1.1"`',
            'target: {kernels: ["6.6", "7.3"], psci: "1.1"}\n',
        ),
        (
            "K405",
            'target: {kernels: ["6.6", "7.3"]}\n',
            '`psci: "1.1"`',
            'target: {kernels: ["6.6", "7.3"], psci: "1.1"}\n',
        ),
        (
            "G602",
            "default: deny\n",
            f"`{{action: handle, {NEEDED}}}`",
            f"default: deny\nrules: [{{action: handle, {NEEDED}}}]\n",
        ),
        (
            "G603",
            "default: deny\n",
            "`{action: handle, services: [cpu]}`",
            "default: deny\nrules: [{action: handle, services: [cpu]}]\n",
        ),
        (
            "G603",
            "rules: [{action: deny, ranges: [0x81000000-0x8200FFFF]}]\n",
            "`except: {services: [cpu]}`",
            "rules: [{action: deny, ranges: [0x81000000-0x8200FFFF], except: {services: [cpu]}}]\n",
        ),
    ],
)
def test_the_line_in_the_hint_settles_it(code: str, before: str, line: str, after: str | None) -> None:
    (finding,) = _found(_examine(before), code)
    assert line in finding.hint
    repaired = _examine(f"{line.strip('`')}\n{before}" if after is None else after)
    assert not [found for found in repaired.report.diagnostics if found.code in {code, "K402", "K403", "K404"}]
    assert repaired.policy is not None


PROTECTED = 'target: {kernels: ["7.0", "7.1", "7.3"], protected: true}\n'
ALLOWED = "allow: [{code: K406, reason: known}]\n"


def test_what_a_protected_vm_refuses_is_an_error_and_no_allowance_reaches_it() -> None:
    found = _found(_examine(f"{PROTECTED}default: deny\n{ALLOWED}"), "K406")
    told = {(finding.severity, finding.errno, finding.kernels, finding.suppressed) for finding in found}
    assert told == {
        (Severity.WARNING, None, ("7.0",), "known"),
        (Severity.ERROR, Errno.EINVAL, ("7.1", "7.3"), None),
        (Severity.WARNING, None, ("7.1", "7.3"), "known"),
    }


def test_a_policy_of_registers_alone_suits_a_protected_vm() -> None:
    policy = 'target: {kernels: ["7.1", "7.3"], protected: true, psci: "1.1"}\nfirmware: {std: []}\n'
    assert not _examine(policy).report.diagnostics
