import json
import re
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smccc_filter.guests.setup import set_up
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.kvm.machine import Why
from smccc_filter.kvm.outcomes import SERVICED
from smccc_filter.kvm.profiles import all_profiles
from smccc_filter.language.policy.ranges import parse
from smccc_filter.reports.query import DETAILS
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE, show
from smccc_filter.smccc.registry.aliases import ALIASES
from tests.commands.asked import HEAD, OWN, answered, completions, examine, invoke, path
from tests.conftest import Golden
from tests.policies.shipped import NAMES

GOLDEN = Path(__file__).parent / "golden"
GOLDENS = {
    "vcpu-hotplug": ("vcpu-hotplug", "PSCI_CPU_ON", "PSCI_FEATURES", "PSCI_SYSTEM_OFF2/64", "0x84000016"),
    "qemu-hotplug": ("qemu-hotplug", "PSCI_CPU_ON", "PSCI_CPU_OFF", "PV_TIME_ST"),
    "lockdown": ("lockdown", "TRNG_RND/32", "VENDOR_HYP_CALL_UID", "SMCCC_ARCH_WORKAROUND_1", "0xFFFFFFFF"),
    "psci-in-vmm": ("psci-in-vmm", "PSCI_CPU_ON", "PSCI_SYSTEM_SUSPEND/64", "TRNG_RND/32", "0x8400001F"),
    "stolen-time-off": ("stolen-time-off", "PV_TIME_FEATURES", "PV_TIME_ST"),
    "reasons": (
        *("reasons", "PSCI_CPU_OFF", "PSCI_CPU_ON", "TRNG_VERSION", "TRNG_RND", "VENDOR_HYP_KVM_PTP", "PV_TIME_ST"),
        *(
            "SMCCC_VERSION",
            "SMCCC_ARCH_WORKAROUND_4",
            "SMCCC_ARCH_WORKAROUND_3",
            "PSCI_SYSTEM_SUSPEND/32",
            "0x72000000",
        ),
        *("PSCI_SYSTEM_OFF2/32", "KVM_PSCI_0_1_CPU_ON", "PSCI_MEM_PROTECT", "VENDOR_HYP_KVM_HYP_MEMINFO", "0x00000000"),
    ),
}

BAD_WORDS = {
    "PSCI_CPU_ONN": "no call is called `PSCI_CPU_ONN`; did you mean `PSCI_CPU_ON`",
    "qqqqqqqqqqqq": "no call is called `qqqqqqqqqqqq`; see `smccc-filter list calls`",
    "R201": "no call is called `R201`; see `smccc-filter list calls`",
    "": "no call is called ``; see `smccc-filter list calls`",
    "x" * 10_000: "; see `smccc-filter list calls`",
    "\x1b[31m\u202e": "no call is called `\\x1b[31m\\u202e`; see `smccc-filter list calls`",
    "psci": "`psci` stands for 22 calls; ask for one of `smccc-filter list calls --service psci`",
    "TRNG": "`trng` stands for 4 calls; ask for one of `smccc-filter list calls --service trng`",
    "optee": "`optee` stands for 22 calls; ask for one of `smccc-filter list calls --service optee`",
    "PSCI_CPU_OFF/64": "`PSCI_CPU_OFF` has no form `/64`; write `PSCI_CPU_OFF`, which is 0x84000002",
    "psci_cpu_on/65": "`PSCI_CPU_ON` has no form `/65`; write `PSCI_CPU_ON`, which is 0x84000003 and 0xC4000003",
    "psci_cpu_on/\x1b": "`PSCI_CPU_ON` has no form `/\\x1b`; write `PSCI_CPU_ON`",
    "ARM_SMCCC_TRNG_RND64/64": "`ARM_SMCCC_TRNG_RND64` has no form `/64`; write `ARM_SMCCC_TRNG_RND64`, which is 0xC4",
    "VENDOR_HYP_KVM_FEATURES_2": "`VENDOR_HYP_KVM_FEATURES_2` has no ID; nobody has given it one",
    "2214592515": "decimal function ID 2214592515; write it in hexadecimal: 0x84000003",
    "84000003": "`84000003` is a decimal number, for it has no `0x`; did you mean `0x84000003`, which is PSCI_CPU_"
    "ON/32?",
    "PSCI_CPU_ON_64": "no call is called `PSCI_CPU_ON_64`; did you mean `PSCI_CPU_ON/64`?\n",
    "psci_migrate/SMC64": "no call is called `psci_migrate/SMC64`; did you mean `PSCI_MIGRATE/64`?\n",
    "8400000A": "`8400000A` is not a function ID; did you mean `0x8400000A`, which is PSCI_FEATURES?",
    "C4000003": "no call is called `C4000003`; did you mean `0xC4000003`, which is PSCI_CPU_ON/64?",
    "4294967296": "4294967296 has more than 32 bits; write 0x00000000 to 0xFFFFFFFF",
    "9" * 5000: "has more than 32 bits",
    "0x100000000": "0x100000000 has more than 32 bits",
    "0x84000000-0x8400001F": "`0x84000000-0x8400001F` is a range of 32 IDs; ask for one ID, such as `0x84000000`",
    "0x84000003+1": "`0x84000003+1` is a range of 1 IDs; ask for one ID, such as `0x84000003`",
    "0x2-0x1": "`0x2-0x1` is a range of 0 IDs; ask for one ID, such as `0x00000002`",
    "0x8400000G": "`0x8400000G` is not a function ID; write `0x` and hexadecimal digits, as in 0x84000003",
    "0x": "`0x` is not a function ID; write `0x` and hexadecimal digits, as in 0x84000003",
    "1\n": "`1\\n` is not a function ID; did you mean `0x00000001`?",
    "\u0663": "`\u0663` is not a function ID; did you mean `0x00000003`?",
    "0x84000000+1F": "`1F` in `0x84000000+1F` is not a count; did you mean `0x84000000+0x1F`?",
}


def query(name: str, *words: str) -> str:
    """Ask and check nothing but that there is no bug: what is an error of the policy is not in question here."""
    result = invoke("query", path(name), *words)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout.replace(path(name), f"{name}.yaml")


def results(*arguments: str, policy: str | None = None) -> list[dict[str, Any]]:
    document = json.loads(invoke("query", "--format", "json", *arguments, policy=policy).stdout)
    assert list(document) == ["version", "results", "refusals"]
    assert document["version"] == 1
    found: list[dict[str, Any]] = document["results"]
    return found


def ids(*words: str) -> list[int]:
    return [int(result["id"], 16) for result in results("-", *words, policy=HEAD)]


@pytest.mark.parametrize("case", GOLDENS)
def test_text_is_as_recorded(case: str, golden: Golden) -> None:
    shown = query(*GOLDENS[case])
    if case not in OWN:  # a comment more in a shipped policy is no other answer
        shown = re.sub(r":\d+:\d+$", ":LINE:COLUMN", shown, flags=re.MULTILINE)
    golden(GOLDEN / f"query-{case}.txt", shown)


def test_json_is_as_recorded(golden: Golden) -> None:
    golden(GOLDEN / "query.json", query(*GOLDENS["reasons"], "--format", "json"))


def test_every_golden_belongs_to_a_case() -> None:
    assert {file.name for file in GOLDEN.glob("query*")} == {f"query-{case}.txt" for case in GOLDENS} | {"query.json"}


def test_json_is_as_the_design_shows_it() -> None:
    policy = (
        'version: 1\nname: a\ntarget: {kernels: ["6.12", "7.3"]}\n'
        "rules: [{name: power-control, action: forward, calls: [PSCI_FEATURES, PSCI_CPU_ON]}]\n"
    )
    result = results("-", "PSCI_CPU_ON/32", policy=policy)
    assert result == [
        {
            "id": "0x84000003",
            "name": "PSCI_CPU_ON",
            "action": "forward",
            "rule": "power-control",
            "span": {"start": {"line": 4, "column": 71}, "end": {"line": 4, "column": 82}},
            "outcomes": {"6.12": "forwarded", "7.3": "forwarded"},
            "why": {"6.12": "filter", "7.3": "filter"},
            "conduits": {"6.12": "hvc", "7.3": "hvc"},
        }
    ]
    assert policy.splitlines()[3][70:81] == "PSCI_CPU_ON"


EDGES = sorted(
    {edge for first, stop in (*registry.known_ids(), *RESERVED) for edge in (first - 1, first, stop - 1, stop)}
)
FIDS = st.integers(0, SPACE - 1) | st.sampled_from(EDGES) | st.sampled_from(SERVICED)


@settings(deadline=None)
@given(st.sampled_from((*OWN, *NAMES)), st.sets(st.sampled_from(all_profiles()), min_size=1, max_size=3), st.data())
def test_agrees_with_the_resolution_and_the_model(name: str, kernels: set[Any], data: st.DataObject) -> None:
    examination = examine(name)
    policy, resolution, text = examination.policy, examination.resolution, examination.report.text.splitlines()
    assert policy
    fids = data.draw(
        st.lists(FIDS | st.sampled_from(resolution.decisions.starts), min_size=1, max_size=20, unique=True)
    )
    outcomes = {kernel.name: set_up(policy, kernel, resolution.actions).outcomes_for_guest() for kernel in kernels}
    asked = [f"--kernel={name}" for name in outcomes]
    for fid, result in zip(fids, results(path(name), *asked, *map(show, fids)), strict=True):
        assert result["id"] == show(fid)
        assert result["name"] == (registry.by_id(fid)[0].name if registry.by_id(fid) else None)
        action, claim = resolution.decisions[fid]
        assert result["action"] == action
        assert result["outcomes"] == {kernel: found[fid] for kernel, found in outcomes.items()}
        assert result["why"].keys() == result["outcomes"].keys()
        if claim is None:
            assert result["rule"] is result["span"] is None
            continue
        rule = policy.rules[claim.rule.number]
        assert result["rule"] == (rule.name or f"rule {rule.ordinal}")
        start, end = result["span"]["start"], result["span"]["end"]
        assert start["line"] == end["line"]
        written = text[start["line"] - 1][start["column"] - 1 : end["column"] - 1]
        selector = next(selector for selector in rule.selectors if selector.text == written)
        assert any(first <= fid < stop for first, stop in selector.ids)


@pytest.mark.parametrize("name", registry.all_names())
def test_a_name_is_every_id_it_has(name: str) -> None:
    expected = [fid for start, stop in registry.by_name(name) or () for fid in range(start, stop)]
    assert ids(name) == ids(name.lower()) == expected
    for form in ("32", "64"):
        if (known := registry.by_name(f"{name}/{form}")) is not None:
            assert ids(f"{name}/{form}") == [fid for start, stop in known for fid in range(start, stop)]


@pytest.mark.parametrize("word", ["0x84000003", "0X84000003", "0x8400_0003", "0x00000000084000003"])
def test_an_id_may_be_written_as_in_a_policy(word: str) -> None:
    assert ids(word) == [0x84000003]
    assert parse(word) == (0x84000003, 1)


def test_calls_are_answered_in_order_and_once() -> None:
    assert ids("TRNG_RND", "0x1", "psci_cpu_on/64", "TRNG_RND/32", "0x01") == [0x84000053, 0xC4000053, 1, 0xC4000003]


@pytest.mark.parametrize(("word", "message"), BAD_WORDS.items(), ids=lambda value: ascii(value[:30]))
def test_a_bad_word_is_refused_with_a_hint(word: str, message: str) -> None:
    result = invoke("query", "--", path("lockdown"), word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.startswith("Usage: ")


@pytest.mark.parametrize("call", ["PSCI_CPU_ON", "0xC4000003", "psci_cpu_on_64"])
def test_a_call_before_the_file_gets_the_command_that_was_meant(call: str) -> None:
    file = str(path("lockdown"))
    result = invoke("query", call, file, "TRNG_RND")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"did you mean `smccc-filter query {file} {call} TRNG_RND`?" in result.stderr


def test_bad_words_are_reported_together_before_the_file_is_read() -> None:
    result = invoke("query", "missing.yaml", "PSCI_CPU_ON", "psci", "12", "0x1-0x2")
    assert (result.exit_code, result.stdout) == (2, "")
    for message in ("`psci` stands for 22 calls", "decimal function ID 12", "`0x1-0x2` is a range of 2 IDs"):
        assert message in result.stderr


def test_a_call_is_required() -> None:
    assert invoke("query", path("lockdown")).exit_code == 2


def test_what_an_exception_takes_out_falls_to_the_default() -> None:
    policy = f"{HEAD}rules: [{{action: deny, services: [sip], except: {{ranges: [0x82000001]}}}}]\n"
    assert answered("query", "-", "0x82000000", "0x82000001", policy=policy) == (
        "0x82000000: deny\n  by   rule 1, services: sip, <stdin>:3:35\n  7.3  not_supported: filter\n\n"
        "0x82000001: handle\n  by   the default\n  7.3  not_supported: not in the default-allowed set, "
        "no register gates it either\n"
    )


def test_the_words_of_strangers_are_made_visible() -> None:
    policy = f'{HEAD}rules: [{{action: deny, name: "[red]", ranges: [0x82000001]}}]\n'
    assert "  by   rule `[red]`, ranges: 0x82000001, <stdin>:3:" in answered("query", "-", "0x82000001", policy=policy)
    assert results("-", "0x82000001", policy=policy)[0]["rule"] == "[red]"


def test_refusals_are_told() -> None:
    policy = f'{HEAD}target: {{psci: "1.3"}}\n'
    arguments = ("query", "-", "PSCI_SYSTEM_OFF2/32", "--kernel=6.12", "--kernel=7.3")
    assert invoke(*arguments, policy=policy).stdout.endswith(
        "\n\n  6.12  refuses psci 0x10003 with EINVAL, and keeps its default\n"
    )
    document = json.loads(invoke(*arguments, "--format", "json", policy=policy).stdout)
    assert document["refusals"] == [{"kernel": "6.12", "key": "psci", "value": "0x10003", "errno": "EINVAL"}]
    assert document["results"][0]["outcomes"] == {"6.12": "not_supported", "7.3": "answered"}


def test_a_guest_with_el2_calls_by_smc() -> None:
    policy = f"{HEAD}target: {{nested: true}}\n"
    (result,) = results("-", "SMCCC_ARCH_WORKAROUND_1", "--kernel=6.12", "--kernel=7.3", policy=policy)
    assert result["conduits"] == {"6.12": "hvc", "7.3": "smc"}
    assert result["outcomes"] == {"6.12": "answered", "7.3": "not_supported"}
    assert "  not_supported by SMC: reserved, " in invoke("query", "-", "0x80008000", policy=policy).stdout


def test_every_reason_has_words() -> None:
    assert set(Why) - set(DETAILS) == {Why.REGISTER, Why.PSCI_VERSION}


@pytest.mark.parametrize(
    ("incomplete", "expected"),
    [
        ("psci_cpu_o", ["PSCI_CPU_OFF", "PSCI_CPU_ON"]),
        ("PSCI_CPU_ON/", ["PSCI_CPU_ON/32", "PSCI_CPU_ON/64"]),
        ("ARM_SMCCC_TRNG_RND", ["ARM_SMCCC_TRNG_RND32", "ARM_SMCCC_TRNG_RND64"]),
        ("0xc500002", ["0xC5000020", "0xC5000021"]),
        ("VENDOR_HYP_KVM_FEATURES", ["VENDOR_HYP_KVM_FEATURES"]),
        ("psci-", []),
        ("qqq", []),
    ],
)
def test_completion_offers_what_begins_so(incomplete: str, expected: list[str]) -> None:
    assert completions(incomplete, "query", "p.yaml") == expected
    assert completions(incomplete, "query", "p.yaml", "TRNG_RND") == expected


def test_everything_that_is_offered_is_a_call() -> None:
    offered = completions("", "query", "p.yaml")
    assert not set(offered) & set(ALIASES)
    for incomplete in ("0x8", "PSCI_", "PSCI_CPU_ON/", "VEN_EL3_DEBUGFS/"):
        offered += completions(incomplete, "query", "p.yaml")
    assert ids(*offered)


def test_a_terminal_gets_lines_that_fit() -> None:
    words = ["-m", "smccc_filter", "query", "--kernel=7.3", path("lockdown"), "PSCI_SYSTEM_OFF2", "0x86000002", "0x0"]
    child = pexpect.spawn(sys.executable, words, dimensions=(50, 80), encoding="utf-8")
    seen = child.read()
    assert max(len(line) for line in seen.splitlines() if path("lockdown") not in line) <= 80
    assert seen.split() == invoke(*words[2:]).stdout.split()
