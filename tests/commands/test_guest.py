import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.analysis.resolve import resolve
from smccc_filter.guests.beliefs import BeliefTopic
from smccc_filter.guests.discovery import answers
from smccc_filter.guests.linux import boot
from smccc_filter.guests.setup import VmSetup, set_up
from smccc_filter.kvm.machine import Outcome
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.profiles import all_profiles, profile
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import read
from smccc_filter.reports.guest import tree as guest_tree
from smccc_filter.reports.guest.tree import TreeMark, TreeRow, mark_of
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import show
from tests.commands.asked import HEAD, OWN, examine, invoke, path
from tests.conftest import Golden
from tests.policies.shipped import NAMES

GOLDEN = Path(__file__).parent / "golden"
GOLDENS = (*OWN, "kvmtool-psci", "lockdown", "other-hypervisor", "target-impl-cpus", "trng-in-vmm", "vcpu-hotplug")


def text(*arguments: str, policy: str | None = None) -> str:
    result = invoke("guest", *arguments, policy=policy)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout


def as_json(*arguments: str, policy: str | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text("--format", "json", *arguments, policy=policy))
    return document


def setup_of(name: str, kernel: str) -> VmSetup:
    examination, known = examine(name), profile(kernel)
    assert examination.policy
    assert known
    return set_up(examination.policy, known, examination.resolution.actions)


def headings(shown: str) -> list[str]:
    return [line for line in shown.splitlines() if " on Linux " in line]


@pytest.mark.parametrize("name", GOLDENS)
def test_text_is_as_recorded(name: str, golden: Golden) -> None:
    golden(GOLDEN / f"guest-{name}.txt", text(path(name)))


def test_every_golden_belongs_to_a_case() -> None:
    assert {file.name for file in GOLDEN.glob("guest-*")} == {f"guest-{name}.txt" for name in GOLDENS}


@pytest.mark.parametrize("name", [*OWN, *NAMES])
def test_json_has_what_the_model_says(name: str) -> None:
    setup = setup_of(name, "7.3")
    document = as_json(path(name), "--kernel", "7.3")
    assert list(document) == ["version", "kernel", "conduit", "refusals", "boot", "answers"]
    assert document["version"] == 1
    assert document["kernel"] == "7.3"
    assert document["conduit"] == "hvc"
    assert document["refusals"] == []
    assert document["answers"] == [
        {
            "discovery": show(answer.discovery),
            "asked": show(answer.asked),
            "advertised": answer.advertised,
            "call": str(answer.call),
            "consistent": answer.consistent,
            **({"by": "vmm"} if answer.got.by_vmm else {}),
        }
        for answer in answers(setup)
    ]
    walked = boot(setup)
    assert document["boot"]["log"] == list(walked.log)
    assert document["boot"]["beliefs"] == [
        {"topic": str(belief.topic), "value": belief.value, "known": belief.known} for belief in walked.beliefs
    ]


def test_json_answers_as_the_design_shows_it() -> None:
    policy = f"{HEAD}rules: [{{action: forward, calls: [PSCI_CPU_ON]}}]\n"
    document = as_json("-", policy=policy)
    expected = {"discovery": "0x8400000A", "asked": "0x84000003", "advertised": True, "call": "forwarded"}
    assert {**expected, "consistent": True} in document["answers"]


def test_json_of_several_kernels_is_a_list_of_what_each_alone_gives() -> None:
    document = as_json(path("lockdown"))
    assert list(document) == ["version", "guests"]
    alone = [as_json(path("lockdown"), "--kernel", name) for name in ("6.12", "7.3")]
    assert [{"version": 1} | one for one in document["guests"]] == alone


def test_kernels_that_do_the_same_are_shown_once() -> None:
    assert headings(text(path("lockdown"))) == ["lockdown on Linux 6.12 and 7.3"]
    arguments = [f"--kernel={name}" for name in ("6.12", "6.13", "7.3", "6.4")]
    assert headings(text("-", *arguments, policy=HEAD)) == ["a on Linux 6.12 and 6.4", "a on Linux 6.13 and 7.3"]


def test_kernels_that_differ_are_shown_apart() -> None:
    shown = text("-", "--kernel=6.12", "--kernel=7.3", policy=HEAD)
    one, other = (text("-", f"--kernel={name}", policy=HEAD) for name in ("6.12", "7.3"))
    assert shown == f"{one}\n{other}"


def test_a_refusal_is_told() -> None:
    policy = f'{HEAD}target: {{psci: "1.3"}}\nfirmware: {{vendor_hyp_2: [discover_impl_ver]}}\n'
    said = (
        "\nThe kernel refuses psci 0x10003 with EINVAL, vendor_hyp_2 0x1 with ENOENT; what follows is with its default"
    )
    assert said in text("-", "--kernel", "6.12", policy=policy)
    assert said not in text("-", "--kernel", "7.3", policy=policy)
    assert as_json("-", "--kernel", "6.12", policy=policy)["refusals"] == [
        {"key": "psci", "value": "0x10003", "errno": "EINVAL"},
        {"key": "vendor_hyp_2", "value": "0x1", "errno": "ENOENT"},
    ]


def test_a_protected_vm_has_no_filter() -> None:
    policy = f"{HEAD}target: {{protected: true}}\nrules: [{{action: forward, calls: [PSCI_CPU_ON]}}]\n"
    assert "\nThe kernel refuses filter with EINVAL; " in text("-", policy=policy)
    assert as_json("-", policy=policy)["refusals"] == [{"key": "filter", "value": None, "errno": "EINVAL"}]


def test_a_guest_with_el2_calls_by_smc() -> None:
    policy = f"{HEAD}target: {{nested: true}}\n"
    assert "\nA Linux guest finds by SMC\n" in text("-", policy=policy)
    assert "\nA Linux guest finds by HVC\n" in text("-", "--kernel", "6.12", policy=policy)
    assert as_json("-", policy=policy)["conduit"] == "smc"


def test_psci_0_1_is_asked_nothing() -> None:
    shown = text("-", policy=f'{HEAD}target: {{psci: "0.1"}}\n')
    assert "  psci: Using PSCI v0.1 Function IDs from DT\n" in shown
    assert not [line for line in shown.splitlines() if line.strip().startswith("PSCI_")]


def test_a_broken_chain_shows_in_the_log_and_in_the_tree() -> None:
    shown = text(path("no-features"))
    assert "  psci: SMC Calling Convention v1.0\n" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["!", "PSCI_FEATURES", "present", "not_supported:", "filter"] in lines
    assert ["!", "SMCCC_VERSION", "absent", "answered"] in lines


def test_forms_of_a_call_that_differ_are_two_lines() -> None:
    lines = [line.split() for line in text(path("qemu-hotplug"), "--kernel", "7.3").splitlines()]
    assert ["=", "PSCI_CPU_ON/32", "present", "answered"] in lines
    assert ["=", "PSCI_CPU_ON/64", "present", "forwarded"] in lines
    assert ["=", "PSCI_AFFINITY_INFO", "present", "answered"] in lines


def test_a_terminal_gets_lines_that_fit() -> None:
    words = ["-m", "smccc_filter", "guest", path("lockdown")]
    child = pexpect.spawn(sys.executable, words, dimensions=(50, 80), encoding="utf-8")
    seen = child.read()
    assert max(map(len, seen.splitlines())) <= 80
    assert seen.split() == text(path("lockdown")).split()


def test_every_topic_and_every_mark_has_words() -> None:
    assert set(guest_tree.TOPICS) == set(BeliefTopic)
    assert set(guest_tree.MEANINGS) == set(TreeMark)


DISCOVERIES = ("EM_VERSION", "EM_FEATURES", "FFA_FEATURES", "SDEI_VERSION", "MM_VERSION", "OPTEE_CALLS_UID")
POINTS = sorted({*SERVICED, *(ids[0][0] for name in DISCOVERIES if (ids := registry.by_name(name))), 0x840000F2})
FLAGS = ("stolen_time", "protected", "nested", "aarch32")
policies = st.builds(
    lambda rules, default, psci, flags, std, vendor: (
        f"{HEAD}default: {default}\n"
        f"target: {{{psci}{', '.join(f'{flag}: {value}' for flag, value in flags.items())}}}\n"
        f"firmware: {{std: [{std}], vendor_hyp: [{vendor}]}}\n"
        "rules:\n"
        + "".join(f"  - {{action: {action}, ranges: [{show(fid)}]}}\n" for fid, action in rules.items())
        + "  - {action: deny, ranges: [0xFFFFFFFF]}\n"
    ),
    rules=st.dictionaries(
        st.sampled_from([fid for fid in POINTS if fid & 0xBFFF0000 != 0x80000000]),
        st.sampled_from(("handle", "deny", "forward")),
    ),
    default=st.sampled_from(("handle", "deny", "forward")),
    psci=st.sampled_from(("", *(f'psci: "{version}", ' for version in ("0.1", "0.2", "1.0", "1.1")))),
    flags=st.dictionaries(st.sampled_from(FLAGS), st.sampled_from(("true", "false"))),
    std=st.sampled_from(("", "trng")),
    vendor=st.sampled_from(("", "func_feat", "ptp", "func_feat, ptp")),
)


def below(rows: list[TreeRow]) -> list[tuple[str, TreeRow]]:
    """Return every row that is no root, with the call that tells of it."""
    above: list[str] = []
    found = []
    for row in rows:
        del above[row.depth :]
        if above:
            found.append((above[-1], row))
        above.append(row.call)
    return found


def names(fid: int) -> set[str | None]:
    return {registry.name_of(fid), registry.by_id(fid)[0].name}


@settings(max_examples=60, deadline=None)
@given(policies, st.sampled_from(all_profiles()))
def test_the_tree_has_every_answer_that_says_something(policy: str, kernel: Any) -> None:  # noqa: ANN401
    loaded, faults, _ = load(read(policy.encode()))
    assert loaded
    assert not faults
    found = answers(set_up(loaded, kernel, resolve(loaded).actions))
    rows, absent = guest_tree.tree(found)
    shown = below(rows)
    told: set[tuple[str, TreeRow]] = set()
    for answer in found:
        is_absent = answer.advertised is False and answer.call is Outcome.NOT_SUPPORTED
        matching = {
            (above, row)
            for above, row in shown
            if above == registry.name_of(answer.discovery)
            and row.call in names(answer.asked)
            and row.mark is mark_of(answer)
            and row.got.partition(":")[0] == answer.call
        }
        assert len(matching) == 1 or is_absent, (answer, matching)
        told |= matching
    folded = {pair for pair in shown if pair not in told}
    assert all(
        row.mark is TreeMark.TRUE and row.told == "absent" and row.call.endswith(" more calls") for _, row in folded
    )
    assert not set(absent) & {row.call for row in rows}
    assert Counter(row.call for row in rows if row.mark is None) <= Counter({row.call: 1 for row in rows})


def test_json_says_which_calls_the_vmm_answers_and_refuses() -> None:
    document = as_json(path("psci-in-vmm"), "--kernel", "7.3")
    of_features = {row["asked"]: row for row in document["answers"] if row["discovery"] == "0x8400000A"}
    made, refused, kvms = (of_features[asked] for asked in ("0xC4000003", "0xC4000005", "0x80000000"))
    assert (made["advertised"], made["call"], made["by"]) == (True, "answered", "vmm")
    assert (refused["advertised"], refused["call"], refused["by"]) == (False, "not_supported", "vmm")
    assert (kvms["advertised"], kvms["call"]) == (True, "answered")
    assert "by" not in kvms
    by_handler = [row for row in document["answers"] if row["discovery"] == "0x84000050"]
    assert {(row["advertised"], row["call"]) for row in by_handler} == {(None, "answered")}


def test_json_of_a_policy_that_says_nothing_of_its_vmm_is_as_ever() -> None:
    policy = f"{HEAD}rules:\n- action: forward\n  services: [psci]\n"
    assert not any("by" in row for row in as_json("-", "--kernel", "7.3", policy=policy)["answers"])
