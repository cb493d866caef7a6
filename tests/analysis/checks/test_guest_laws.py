"""What the checks about guests say is what the model of discovery says, on every kernel, for every policy.

The model is asked by ``guest.answers``, ``guest.boot`` and the map of outcomes, which the checks do not use.
"""

from collections.abc import Iterator

from hypothesis import given, settings

from smccc_filter.guests.beliefs import BeliefTopic
from smccc_filter.guests.discovery import DiscoveryAnswer, answers
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.handle_exit import call_of
from smccc_filter.kvm.hypercalls import GATES, VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES
from smccc_filter.kvm.machine import Call, Outcome, Why
from smccc_filter.kvm.psci import KVM_ARM_PSCI_1_0, PSCI_FEATURES, PSCI_VERSION, SINCE
from smccc_filter.kvm.trng import TRNG_FEATURES, TRNG_VERSION
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SMC64, is_smc64
from tests.analysis.checks.guest_policies import Examined, Source, as_hinted, examine, sources

BEFORE = {TRNG_FEATURES: TRNG_VERSION, VENDOR_HYP_KVM_FEATURES: VENDOR_HYP_CALL_UID}
"""The call without whose answer a guest does not make another. PSCI_FEATURES is not among them: a refused
PSCI_VERSION reads as a high one."""
ROOTS = {PSCI_VERSION, TRNG_VERSION}
FOUND_OTHERWISE = {
    start
    for name in ("PSCI_MIGRATE", "PSCI_MIGRATE_INFO_UP_CPU", "HYPERV_HVCALL")
    for start, _ in registry.by_name(name) or ()
}


def _outcome(vm: VmSetup, func_id: int) -> Outcome:
    return call_of(vm.machine, vm.conduit, Call(func_id)).outcome


def _is_asked(vm: VmSetup, discovery: int) -> bool:
    return discovery not in BEFORE or _outcome(vm, BEFORE[discovery]) is not Outcome.NOT_SUPPORTED


def _kernels(examined: Examined) -> Iterator[tuple[str, VmSetup, tuple[DiscoveryAnswer, ...]]]:
    for kernel, vm in examined.vms.items():
        yield kernel, vm, answers(vm)


@settings(deadline=None)
@given(sources())
def test_a_call_is_reported_where_kvm_announces_and_the_guest_does_not_get_it(source: Source) -> None:
    examined = examine(source)
    for kernel, vm, told in _kernels(examined):
        lies = {
            answer.asked
            for answer in told
            if answer.told.outcome is Outcome.ANSWERED
            and answer.advertised
            and answer.call is Outcome.NOT_SUPPORTED
            and _is_asked(vm, answer.discovery)
        }
        assert examined.ids(kernel, "F501", "F508") == lies - {PSCI_FEATURES}
        assert not examined.ids(kernel, "F501") & examined.ids(kernel, "F508")
        assert PSCI_FEATURES not in lies or examined.on(kernel, "F507")


@settings(deadline=None)
@given(sources())
def test_the_register_is_to_blame_where_the_policy_writes_it(source: Source) -> None:
    examined = examine(source)
    for kernel in examined.vms:
        for finding in examined.on(kernel, "F508"):
            assert finding.span.start.column > examined.examination.report.text.index('"firmware"')
        written = {fid for fid, (key, _) in GATES.items() if key in source["firmware"]}
        assert not examined.ids(kernel, "F501") & written


@settings(deadline=None)
@given(sources())
def test_the_chain_is_broken_where_linux_prints_smccc_1_0(source: Source) -> None:
    examined = examine(source)
    for kernel, vm in examined.vms.items():
        by_vmm = not vm.machine.psci_0_2 and _outcome(vm, PSCI_FEATURES) is Outcome.FORWARDED
        smccc = boot(vm).belief(BeliefTopic.SMCCC)
        broken = smccc.value == "1.0" and smccc.known and not by_vmm
        assert bool(examined.on(kernel, "F507")) == broken


@settings(deadline=None)
@given(sources())
def test_a_forwarded_call_is_hidden_where_nothing_tells_of_it(source: Source) -> None:
    examined = examine(source)
    decisions = examined.examination.resolution.decisions
    for kernel, vm, told in _kernels(examined):
        ways: dict[int, list[DiscoveryAnswer]] = {}
        for answer in told:
            if answer.asked not in ROOTS and answer.asked != answer.discovery:
                ways.setdefault(answer.asked, []).append(answer)
        ffa = {fid for fid in ways if any(function.service == "ffa" for function in registry.by_id(fid))}
        for fid in examined.ids(kernel, "F502") - ffa:
            assert decisions[fid].action is Action.FORWARD
            assert decisions[fid].claim is not None
            for way in ways[fid] if makes(vm, fid) else ():
                refused = way.told.outcome is Outcome.NOT_SUPPORTED
                assert refused or way.advertised is False or not _leads(vm, way.discovery)
        for fid, found in ways.items():
            answered_no = all(way.told.outcome is Outcome.ANSWERED and way.advertised is False for way in found)
            forwarded = decisions[fid].action is Action.FORWARD and decisions[fid].claim is not None
            if not makes(vm, fid):
                waits = registry.by_id(fid ^ SMC64) and decisions[fid ^ SMC64].action is not Action.FORWARD
                assert not (forwarded and waits) or fid in examined.ids(kernel, "F502")
            elif answered_no and forwarded and fid not in FOUND_OTHERWISE and not vm.refusals:
                assert fid in examined.ids(kernel, "F502", "F504", "F507")


def makes(vm: VmSetup, func_id: int) -> bool:
    """Tell whether the guest has the call's convention."""
    return not (vm.machine.aarch32 and is_smc64(func_id))


def _leads(vm: VmSetup, discovery: int) -> bool:
    """Tell whether a guest comes to make a discovery call, as far as the calls before it say."""
    return all(
        answer.advertised is not False and answer.told.outcome is not Outcome.NOT_SUPPORTED
        for answer in answers(vm)
        if answer.asked == discovery and answer.discovery not in {discovery, PSCI_FEATURES, TRNG_FEATURES}
    )


@settings(deadline=None)
@given(sources())
def test_the_vmm_must_know_what_kvm_services_behind_its_answers(source: Source) -> None:
    examined = examine(source)
    for kernel, vm, told in _kernels(examined):
        behind = {
            answer.asked
            for answer in told
            if answer.told.outcome is Outcome.FORWARDED and answer.call is Outcome.ANSWERED
        }
        reported = examined.ids(kernel, "F503")
        if vm.machine.kvm_psci_version() >= KVM_ARM_PSCI_1_0:
            assert reported <= behind
            at_once = {
                answer.asked
                for answer in told
                if answer.discovery in {PSCI_VERSION, PSCI_FEATURES, TRNG_VERSION, VENDOR_HYP_CALL_UID}
                and answer.told.outcome is Outcome.FORWARDED
                and answer.call is Outcome.ANSWERED
            }
            assert at_once <= reported


@settings(deadline=None)
@given(sources())
def test_what_can_not_be_found_is_there_and_its_discovery_refused(source: Source) -> None:
    examined = examine(source)
    for kernel, vm in examined.vms.items():
        for fid in examined.ids(kernel, "F504"):
            assert _outcome(vm, fid) in {Outcome.ANSWERED, Outcome.FORWARDED}
        if _outcome(vm, TRNG_VERSION) is Outcome.NOT_SUPPORTED:
            denied = call_of(vm.machine, vm.conduit, Call(TRNG_VERSION)).why is Why.FILTER
            rnd = registry.by_name("TRNG_RND") or ()
            live = {start for start, _ in rnd if _outcome(vm, start) is not Outcome.NOT_SUPPORTED}
            assert not denied or live <= examined.ids(kernel, "F504")


@settings(deadline=None)
@given(sources())
def test_twins_are_split_where_the_map_of_outcomes_tells_them_apart(source: Source) -> None:
    examined = examine(source)
    for kernel, vm in examined.vms.items():
        outcomes = vm.outcomes()
        split = set()
        for function in registry.functions():
            if function.smc32 is not None and function.smc64 is not None:
                first, *_ = registry.function_ids(function)
                pairs = ((fid, fid | SMC64) for fid in range(*first))
                # An AArch32 guest makes no SMC64 call: one counts that KVM would answer, were it made all the same.
                made = (pair for pair in pairs if not vm.machine.aarch32 or outcomes[pair[1]] is Outcome.ANSWERED)
                split |= {fid for pair in made if len({outcomes[one] for one in pair}) == 2 for fid in pair}
        assert examined.ids(kernel, "F505") == split


@settings(deadline=None)
@given(sources())
def test_a_split_service_has_calls_on_both_sides(source: Source) -> None:
    examined = examine(source)
    actions = examined.examination.resolution.actions
    for kernel in examined.vms:
        for finding in examined.on(kernel, "F506"):
            sides = {actions[fid] for start, stop in finding.ids for fid in range(start, stop)}
            assert sides == {Action.FORWARD, Action.HANDLE}


@settings(deadline=None)
@given(sources())
def test_a_missing_call_is_refused_and_nothing_else_reports_it(source: Source) -> None:
    examined = examine(source)
    for kernel, vm in examined.vms.items():
        missing = examined.ids(kernel, "F509")
        assert {_outcome(vm, fid) for fid in missing} <= {Outcome.NOT_SUPPORTED}
        assert not missing & examined.ids(kernel, "F501", "F508", "F507")


@settings(deadline=None)
@given(sources())
def test_what_a_hint_says_to_write_hides_the_call(source: Source) -> None:
    examined = examine(source)
    for finding in examined.examination.report.diagnostics:
        if finding.code in {"F501", "F508"}:
            hidden = {
                fid
                for start, stop in finding.ids
                for fid in range(start, stop)
                if fid in GATES or SINCE.get(fid, 0) > KVM_ARM_PSCI_1_0
            }
            after = examine(as_hinted(source, finding.hint))
            for kernel in finding.kernels:
                assert not hidden & after.ids(kernel, "F501", "F508")


@settings(deadline=None)
@given(sources())
def test_what_a_hint_says_to_write_announces_the_call(source: Source) -> None:
    examined = examine(source)
    for finding in examined.examination.report.diagnostics:
        if finding.code == "F502" and "write `" in finding.hint:
            after = examine(as_hinted(source, finding.hint))
            before = {fid for start, stop in finding.ids for fid in range(start, stop)}
            for kernel in finding.kernels:
                assert before - after.ids(kernel, "F502")


@settings(deadline=None)
@given(sources())
def test_findings_name_target_kernels_in_their_order(source: Source) -> None:
    order = source["target"]["kernels"]
    for finding in examine(source).examination.report.diagnostics:
        if finding.code.startswith("F"):
            assert finding.kernels
            assert list(finding.kernels) == [kernel for kernel in order if kernel in finding.kernels]
