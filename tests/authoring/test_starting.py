"""Whatever is answered, the policy is clean, canonical, and does what was asked for."""

from functools import cache
from itertools import chain, combinations, pairwise

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.resolve import resolve
from smccc_filter.authoring.starting.kept import HIDDEN, KEPT
from smccc_filter.authoring.starting.taken import SUBSUMED, TAKEN
from smccc_filter.authoring.starting.text import KERNELS, LONGTERM, StartingAnswers, compose, name_scalar
from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.hypercalls import KVM_PSCI_FN_FIRST
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.profiles import NEWEST, RELEASES, profile
from smccc_filter.kvm.uapi import Action
from smccc_filter.language.layout import layout
from smccc_filter.language.policy.load import load
from smccc_filter.language.policy.model import Policy
from smccc_filter.language.source import read
from smccc_filter.smccc import registry
from tests.conftest import Golden
from tests.paths import ROOT
from tests.policies.shipped import unmet

PARTS = {part.name: part for part in TAKEN}
HIDES = [part.name for part in HIDDEN]
FLEET = (RELEASES[0], "6.12", "6.12.112", LONGTERM, NEWEST.name)
"""Kernels on both sides of everything that differs between kernels."""


def subsets(names: list[str]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def is_subsumed(takes: tuple[str, ...]) -> bool:
    return any(inner in takes for whole in takes for inner in SUBSUMED.get(whole, ()))


DISTINCT = [takes for takes in subsets(list(PARTS)) if not is_subsumed(takes)]
"""Every choice of parts that comes to a policy of its own."""
WAYS = [(hides, Action.HANDLE) for hides in subsets(HIDES)] + [((), Action.DENY)]

each_way = pytest.mark.parametrize(
    ("hides", "default"), WAYS, ids=lambda value: value if isinstance(value, str) else "-".join(value) or "nothing"
)


@cache
def examined(answers: StartingAnswers) -> Examination:
    return pipeline.examine("new.yaml", compose(answers).encode())


def policy(answers: StartingAnswers) -> Policy:
    found = examined(answers).policy
    assert found is not None
    return found


def loud(answers: StartingAnswers) -> list[str]:
    found = examined(answers).report.diagnostics
    return [
        f"{answers}: {finding.code} {finding.message}"
        for finding in found
        if finding.severity is not Severity.NOTE and not finding.suppressed
    ]


def ids_of(call: str) -> list[int]:
    intervals = registry.by_name(call) or ((int(call, 16), int(call, 16) + 1),)
    return [fid for start, stop in intervals for fid in range(start, stop)]


def not_forwarded(answers: StartingAnswers) -> list[tuple[str, str]]:
    """List the taken calls that do not come to the VMM in a guest, with the kernel."""
    examination = examined(answers)
    lost = []
    for name in answers.kernels:
        known = profile(name)
        assert known is not None
        setup = set_up(policy(answers), known, examination.resolution.actions)
        assert setup.refusals == ()
        outcomes = setup.outcomes()
        calls = {call for taken in answers.takes for call in PARTS[taken].rules.calls}
        lost += [(call, name) for call in calls for fid in ids_of(call) if outcomes[fid] is not Outcome.FORWARDED]
    return lost


def test_the_parts_are_many() -> None:
    assert len(DISTINCT) == 160
    assert len(WAYS) == 5


@pytest.mark.no_cover
@each_way
def test_every_combination_is_clean(hides: tuple[str, ...], default: Action) -> None:
    assert [
        finding for takes in DISTINCT for finding in loud(StartingAnswers("acme", FLEET, takes, hides, default))
    ] == []


@pytest.mark.no_cover
@each_way
def test_what_is_taken_comes_to_the_vmm(hides: tuple[str, ...], default: Action) -> None:
    assert [
        lost for takes in DISTINCT for lost in not_forwarded(StartingAnswers("acme", FLEET, takes, hides, default))
    ] == []


@pytest.mark.parametrize("kernel", RELEASES)
def test_every_part_is_clean_on_every_kernel_alone(kernel: str) -> None:
    for takes in [(), *((name,) for name in PARTS)]:
        for default in (Action.HANDLE, Action.DENY):
            assert loud(StartingAnswers("acme", (kernel,), takes, (), default)) == []


@pytest.mark.parametrize("default", [Action.HANDLE, Action.DENY])
def test_every_part_that_a_guest_in_aarch32_can_use_is_clean_for_one(default: Action) -> None:
    """SDEI has SMC64 calls alone, so that no such guest uses it."""
    for takes in [(), *((name,) for name in PARTS)]:
        answers = StartingAnswers("acme", FLEET, takes, (), default, aarch32=True)
        assert policy(answers).target.aarch32
        found = examined(answers).report.diagnostics
        codes = {one.code for one in found if one.severity is not Severity.NOTE and not one.suppressed}
        assert codes == ({"F502"} if takes == ("sdei",) else set())


def test_a_part_that_another_one_contains_changes_nothing() -> None:
    for takes in subsets(list(PARTS)):
        if is_subsumed(takes):
            contained = {inner for whole in takes for inner in SUBSUMED.get(whole, ())}
            less = tuple(name for name in takes if name not in contained)
            assert compose(StartingAnswers("acme", takes=takes)) == compose(StartingAnswers("acme", takes=less))


def test_the_order_of_the_answers_does_not_count() -> None:
    names = tuple(PARTS)
    forwards, backwards = (StartingAnswers("acme", takes=order, hides=tuple(HIDES)) for order in (names, names[::-1]))
    assert compose(forwards) == compose(backwards)


def test_what_the_default_denies_need_not_be_hidden() -> None:
    denied = StartingAnswers("acme", default=Action.DENY)
    assert compose(denied) == compose(denied._replace(hides=tuple(HIDES)))


EACH = [
    StartingAnswers("acme", KERNELS, takes, hides, default)
    for takes in DISTINCT
    if len(takes) < 3
    for hides, default in WAYS
]


def test_the_text_is_canonical_and_narrow() -> None:
    for answers in EACH:
        text = compose(answers)
        assert layout(read(text.encode())) == text
        modeline, *lines = text.splitlines()
        assert modeline.startswith("# yaml-language-server: $schema=https://")
        assert [line for line in lines if len(line) > 120 or line != line.rstrip()] == []


def test_what_was_answered_is_what_the_policy_says() -> None:
    for answers in EACH:
        found = policy(answers)
        assert (found.name, found.target.kernels, found.default) == (answers.name, answers.kernels, answers.default)
        assert found.description
        assert all(rule.name and rule.reason for rule in found.rules)
        assert ("std_hyp" in found.firmware) == (answers.default is Action.DENY or "pv-time" in answers.hides)


def test_no_rule_can_go_and_no_default_change_unnoticed() -> None:
    for answers in EACH:
        found = policy(answers)
        for number in range(len(found.rules)):
            weakened = found._replace(rules=found.rules[:number] + found.rules[number + 1 :])
            assert unmet(weakened, resolve(weakened)), (answers, found.rules[number].name)
        for default in set(Action) - {found.default}:
            weakened = found._replace(default=default)
            assert unmet(weakened, resolve(weakened)), (answers, default)


def test_no_call_of_a_rule_can_go_unnoticed() -> None:
    for answers in EACH:
        found = policy(answers)
        for number, rule in enumerate(found.rules):
            for selector in rule.selectors:
                less = rule._replace(selectors=tuple(each for each in rule.selectors if each is not selector))
                weakened = found._replace(rules=(*found.rules[:number], less, *found.rules[number + 1 :]))
                assert unmet(weakened, resolve(weakened)), (answers, rule.name, selector.text)


def test_each_range_of_a_service_is_pinned() -> None:
    for rules in (*(part.rules for part in (*TAKEN, *HIDDEN)), *(kept.rules for kept in KEPT)):
        pinned = {fid for call in rules.calls for fid in ids_of(call)}
        found, _, _ = load(read(f"version: 1\nname: a\nrules:\n{rules.yaml}".encode()))
        assert found
        for rule in found.rules:
            for selector in rule.selectors:
                for start, stop in selector.ids:
                    assert any(start <= fid < stop for fid in pinned), (rule.name, selector.text)


def test_the_vmms_trng_and_psci_leave_kvm_no_other_way_in() -> None:
    """Neither by the register that advertises KVM's TRNG, nor by PSCI 0.1, whose calls have IDs of their own."""
    for answers in EACH:
        is_denied = answers.default is Action.DENY
        actions = examined(answers).resolution.actions
        assert (actions[KVM_PSCI_FN_FIRST] is Action.DENY) is ("psci" in answers.takes or is_denied)
        if is_denied:
            assert policy(answers).firmware["std"] == (() if "trng" in answers.takes else ("trng",))


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        (StartingAnswers("a"), "KVM answers all calls."),
        (StartingAnswers("a", hides=("pv-time",)), "KVM answers all calls, but for stolen time."),
        (StartingAnswers("a", takes=("trng",)), "The VMM answers TRNG. KVM answers all other calls."),
        (
            StartingAnswers("a", default=Action.DENY),
            "KVM answers what a guest needs besides, and all other calls are denied.",
        ),
    ],
)
def test_the_description_says_who_answers(answers: StartingAnswers, sentences: str) -> None:
    assert policy(answers).description == sentences


def test_tests_are_under_a_heading_where_there_are_some() -> None:
    for answers in EACH:
        lines = compose(answers).partition("\ntests:\n")[2].splitlines()
        tests = [line.startswith("  - ") for line in lines]
        assert not tests[0]
        assert tests[-1]
        assert not any(not one and not other for one, other in pairwise(tests))


@pytest.mark.parametrize("name", ["true", "false", "null", "yes", "on", "n", "x-1", "inf", "nan", "e1"])
def test_a_name_stays_a_name(name: str) -> None:
    answers = StartingAnswers(name, default=Action.DENY)
    assert policy(answers).name == name
    assert loud(answers) == []


@pytest.mark.parametrize(("name", "scalar"), [("lockdown", "lockdown"), ("true", '"true"')])
def test_a_name_is_quoted_where_yaml_reads_no_string(name: str, scalar: str) -> None:
    assert f"\nname: {scalar}\n" in compose(StartingAnswers(name))
    assert name_scalar(name) == scalar


def test_the_vmms_duties_are_told_where_it_has_some() -> None:
    assert "KVM_EXIT_HYPERCALL" not in compose(StartingAnswers("acme"))
    assert "KVM_EXIT_HYPERCALL" in compose(StartingAnswers("acme", takes=("psci",)))


def test_the_kernels_by_default_are_known() -> None:
    assert set(KERNELS) <= set(RELEASES)


def test_a_policy_is_as_recorded(golden: Golden) -> None:
    here = ROOT / "tests" / "authoring" / "golden"
    golden(here / "started-handle.yaml", compose(StartingAnswers("acme-vmm", KERNELS, tuple(PARTS)[1:4], tuple(HIDES))))
    golden(here / "started-deny.yaml", compose(StartingAnswers("jail", KERNELS, ("psci", "ffa"), (), Action.DENY)))
    rest = ("sdei", "optee", "sip")
    golden(here / "started-rest.yaml", compose(StartingAnswers("rest", KERNELS, rest, (), Action.DENY)))
