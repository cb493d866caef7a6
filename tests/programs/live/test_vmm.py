"""VMMs of generated code without a kernel: what their policies are, what guests ask, and what is predicted."""

from collections import Counter
from random import Random

import pytest

from smccc_filter.guests.discovery import answers
from smccc_filter.kvm.machine import U32_MAX, Outcome, Why
from smccc_filter.kvm.profiles import Profile, profile
from smccc_filter.kvm.uapi import Action
from tests.artefacts.backends.vmm_c import names_of
from tests.programs.live.compare import agrees, kind_of
from tests.programs.live.dispatchers import LANGUAGES, c_source, rust_source
from tests.programs.live.predict import U64_MAX
from tests.programs.live.predict import predict_call as predict_kvms
from tests.programs.live.rust import KEPT
from tests.programs.live.toolchain import HERE
from tests.programs.live.vmm_broken import AARCH32_BUG, MISTAKES, POLICY, UNSEEN, aarch32_vmms, broken_vmms, misfits
from tests.programs.live.vmm_calls import (
    CALLS_EACH,
    KVMS_PAIRS,
    WITH_ARGUMENT,
    discovery_pairs,
    guest_calls,
    predict_call,
)
from tests.programs.live.vmm_live import VmmTest, predictor, vmm_tests
from tests.programs.live.vmm_policies import VmmPolicy, compile_vmm

CLASSES = {
    "features-version-absent",
    "features-bare-numbers",
    "bit30-ignored",
    "trng-word-order",
    "trng-no-zero-fill",
    "trng-n-zero",
    "trng-id-not-checked",
    "stale-x1-x3",
    "no-write-exit-field",
    "pc-twice",
    "smc64-twin-missing",
    "smc64-twin-aarch32",
    "upper-halves",
    "minus-one-not-extended",
    "unknown-ends-vm",
    "unknown-not-minus-one",
    "smccc-version-hidden",
    "features-contradicts-call",
    "off2-type",
    "off2-features-flag",
    "cpu-on-status",
    "cpu-on-mpidr-cut",
    "affinity-mask",
    "affinity-values",
    "affinity-stub",
    "reset-is-off",
    "arch-features-self",
    "filter-not-consulted",
    "enable-twins",
}
"""The bugs that VMMs had, class by class; that -1 was once 0xFFFFFFFF is one of minus-one-not-extended."""


def release(name: str) -> Profile:
    known = profile(name)
    assert known is not None
    return known


NEWEST = release("7.3.4")
PROFILES = [release("6.12.95"), NEWEST]
TESTS = vmm_tests(PROFILES, range(40))
EVERYTHING = compile_vmm("everything", POLICY.encode(), NEWEST)


def predicted(vmm: VmmPolicy, operation: str) -> str:
    assert vmm.compiled.vmm is not None
    return predict_call(vmm.vm, vmm.compiled.vmm, names_of(vmm.compiled), operation)


@pytest.mark.parametrize("known", PROFILES, ids=lambda known: known.name)
def test_every_guest_calls_both_ways_and_meets_every_answer(known: Profile) -> None:
    tests = TESTS.by_kernel[known.name]
    met: Counter[str] = Counter()
    for test in tests:
        operations = test.policy.operations
        for word in "PS":
            assert sum(operation[0] == word for operation in operations) >= CALLS_EACH
        predictions = predictor([test])(known, operations)
        assert not any(prediction is None for prediction in predictions)
        met.update(kind_of(*pair) for pair in zip(operations, map(str, predictions), strict=True))
    assert met["calls answered by the VMM"] > met["calls answered"] > 100
    assert met["calls not supported"] > 100


def test_both_languages_answer_and_kernels_share_code_where_they_can() -> None:
    assert {one.language for one in TESTS.dispatchers} == set(LANGUAGES)
    chosen = [operation for tests in TESTS.by_kernel.values() for test in tests for operation in test.policy.operations]
    named = [operation.split()[1] for operation in chosen if operation[0] == "D"]
    assert set(named) == {one.name for one in TESTS.dispatchers}
    assert len(TESTS.dispatchers) < len(named)


@pytest.mark.parametrize("test", TESTS.by_kernel[NEWEST.name][:20], ids=lambda test: test.policy.label)
def test_every_pair_with_a_part_of_the_vmms_is_asked_and_called(test: VmmTest) -> None:
    vm = test.vmm.vm
    pairs = discovery_pairs(vm, Random(1))  # noqa: S311 - reproducible, not secret
    asked = {(question[0], about) for question, about in pairs}
    concerned = [
        answer for answer in answers(vm) if Action.FORWARD in {vm.actions[answer.told_by], vm.actions[answer.asked]}
    ]
    for answer in concerned:
        if answer.told.why is Why.VMM_REFUSES:
            assert answer.told_by in {told_by for told_by, _ in asked}
        else:
            assert (answer.told_by, answer.asked) in asked
    assert len(asked - {(answer.told_by, answer.asked) for answer in concerned}) <= KVMS_PAIRS
    calls, number = guest_calls(vm, 1)
    made = {int(call.split()[1], 16) & U32_MAX for call in calls}
    assert made >= {fid for pair in asked for fid in pair}
    assert number == len(pairs)


@pytest.mark.parametrize("test", TESTS.by_kernel[NEWEST.name][:8], ids=lambda test: test.policy.label)
def test_predictions_are_what_guest_and_query_say(test: VmmTest) -> None:
    vm = test.vmm.vm
    outcomes = vm.outcomes_for_guest()
    for answer in answers(vm):
        told = predicted(test.vmm, f"P {answer.told_by:x} {answer.asked if answer.told_by in WITH_ARGUMENT else 0:x}")
        if answer.told.registers is not None:
            assert told.split()[-4:] == [f"{word & U64_MAX:x}" for word in answer.told.registers]
        if vm.actions[answer.asked] is Action.FORWARD and answer.asked not in WITH_ARGUMENT:
            refused = predicted(test.vmm, f"P {answer.asked:x} 0").endswith(f" {U64_MAX:x} 0 0 0")
            assert refused is (answer.call is Outcome.NOT_SUPPORTED)
            assert outcomes[answer.asked] is answer.call


def test_the_same_seed_asks_the_same() -> None:
    assert guest_calls(EVERYTHING.vm, 5) == guest_calls(EVERYTHING.vm, 5)
    assert guest_calls(EVERYTHING.vm, 5) != guest_calls(EVERYTHING.vm, 6)


def test_predictions_are_what_the_policy_says() -> None:
    assert predicted(EVERYTHING, "P 84000000 0") == "vmm nr=84000000 flags=0 pc+4 told=0 10001 0 0 0"
    assert predicted(EVERYTHING, "S deadbeef8400000a 84000015") == "vmm nr=8400000a flags=1 pc+4 told=0 1 0 0 0"
    assert predicted(EVERYTHING, "S 84000007 0") == "vmm nr=84000007 flags=1 pc+4 told=0 ffffffffffffffff 0 0 0"
    assert predicted(EVERYTHING, "P 80000000 0") == predict_kvms(EVERYTHING.vm.machine, "P 80000000 0")


def test_a_handler_is_told_what_counts_and_nothing_else() -> None:
    cut = predicted(EVERYTHING, "P 84000003 1 2 3")
    assert predicted(EVERYTHING, "P 84000003 dead00000001 ffff00000002 7700000003") == cut
    assert predicted(EVERYTHING, "P c4000003 1 2 3").partition("told=")[2].split()[0] in cut
    assert predicted(EVERYTHING, "P c4000003 dead00000001 2 3") not in {cut, predicted(EVERYTHING, "P c4000003 1 2 3")}
    assert predicted(EVERYTHING, "P 84000008 0") != predicted(EVERYTHING, "P 84000009 0")
    assert predicted(EVERYTHING, "P 84000053 0").endswith("told=0 fffffffffffffffe 0 0 0")


def test_one_changed_word_is_a_difference() -> None:
    prediction = predicted(EVERYTHING, "P 84000003 1 2 3")
    assert agrees(prediction, prediction)
    assert not agrees(prediction, f"{prediction} changed")
    assert not agrees(prediction, prediction.replace("pc+4", "pc+8"))


def test_every_class_of_bugs_is_broken_or_has_a_reason() -> None:
    vmms = [*broken_vmms(NEWEST), *misfits(NEWEST), *aarch32_vmms(NEWEST, range(1))]
    found = {vmm.bug for vmm in vmms if vmm.bug}
    assert found | UNSEEN.keys() >= CLASSES
    assert not found & UNSEEN.keys()
    assert {*MISTAKES.values(), AARCH32_BUG} <= found
    sound = [vmm.dispatcher.text for vmm in vmms if not vmm.bug]
    for vmm in vmms:
        assert not vmm.dispatcher.is_changed or vmm.dispatcher.text not in sound


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_one_of_the_agents(mistake: str) -> None:
    assert f'"{mistake}",' in (HERE / "vmm.c").read_text(encoding="ascii")


def test_each_handler_is_written_once_in_c_and_for_each_trait_in_rust() -> None:
    by_language = [[one for one in TESTS.dispatchers if one.language == language] for language in LANGUAGES]
    c, rust = c_source(by_language[0]), rust_source(by_language[1])
    assert c.count("static int64_t shared_handle_psci_cpu_on(") == 1
    assert rust.count("impl vmm_") == rust.count("exported!(dispatch_vmm_") == len(by_language[1])
    assert "MODULES" not in rust


def test_of_debians_compiler_what_runs_and_what_a_program_without_std_needs_is_kept() -> None:
    library = "usr/lib/rustlib/aarch64-unknown-linux-gnu/lib"
    for path in ("usr/bin/rustc", "usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libLLVM.so.19.1"):
        assert KEPT.fullmatch(path)
    assert KEPT.fullmatch(f"{library}/libcore-b0ce415cb5710509.rlib")
    for path in (f"{library}/libstd-57503f0b9934e00c.rlib", "usr/share/doc/rustc/copyright", "usr/bin/rustdoc"):
        assert not KEPT.fullmatch(path)
